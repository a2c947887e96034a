"""A repository whose authors try everything: each script in it would write into the page."""

from __future__ import annotations

import base64
from pathlib import Path

RUN = "document.documentElement.dataset.owned=1"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="{RUN}">'
    f'<script>{RUN}</script><rect width="9" height="9"/></svg>'
)
TITLE = f'<script>{RUN}</script> {{{{ 7*7 }}}} {{% raw %}} <img src=x onerror={RUN}> & "quotes"'
HEAD = (
    "---\nAuthor: Eve <script>{run}</script> (eve@example.com)\nStatus: {status}\n"
    "Created: 2026-01-15\nCreated-Version: 26.1.0\nTarget-Version:\nImplemented-Version:\n---\n\n"
)
BODY = f"""
# {TITLE}

## Related Issues

- JIRA: BA-12, GitHub: #34, acme/other#5

## Motivation

A [link](javascript:{RUN}), [data](data:text/html,x), a [file](file:///etc/passwd).

<script>{RUN}</script>
<img src="x.png" onerror="{RUN}">
<a href="javascript:{RUN}">raw link</a> <a href="JaVaScRiPt&#58;{RUN}">entity</a>
<svg onload="{RUN}"></svg> <math href="javascript:{RUN}">x</math>
<iframe src="https://evil.example/"></iframe> <object data="https://evil.example/"></object>
<form action="https://evil.example/"><input name="words" type="text"><button>go</button></form>
<style>body {{ display: none }}</style> <link rel="stylesheet" href="https://evil.example/x.css">
<meta http-equiv="refresh" content="0;url=https://evil.example/">
<base href="https://evil.example/">
<p style="position:fixed;inset:0;background:url(https://evil.example/x)" onclick="{RUN}">styled</p>
<a id="__config">clobbered</a> <a name="__search">clobbered</a>
<div class="md-overlay">covered</div>
<details open ontoggle="{RUN}"><summary>Folded</summary>

Inside, with <kbd>Ctrl</kbd> and H<sub>2</sub>O.<br>Next line. <!-- a comment -->

</details>

{{{{ config.site_name }}}} {{% include "x" %}} --8<-- "/etc/passwd"

!!! danger "no admonition"
    text

[attributes](https://example.com){{: onclick="{RUN}" }} and *em*{{: .md-overlay }}

![remote](https://evil.example/x.png) ![missing](gone.png) ![big](BEP-1001/big.png)
![vector](BEP-1001/drawn.svg) ![pixel](BEP-1001/pixel.png) ![secret](BEP-1001/secret.png)
![liar](BEP-1001/liar.png) ![out](../../outside.png) ![git](../.git/HEAD)

[out](../../outside.md) [gone](gone.md) [source](../src/main.py) [other](BEP-1002-plain.md#design)
[registry](README.md) [absolute](/src/main.py) [lines](../src/main.py#L3)

BEP-1002 and BEP-1001 and BEP-4711, `BEP-1002` in code, BA-77 and owner/name#8.

## __config

```mermaid
graph TD
  A["<img src=x onerror={RUN}>"] --> B
  click A href "javascript:{RUN}"
  click B call alert()
```

```mermaid
%%{{init: {{"securityLevel": "loose", "theme": "forest"}}}}%%
flowchart TD
  C["<script>{RUN}</script>"] -- "`**x** <b onclick={RUN}>`" --> D
```

```mermaid
this is no diagram <script>{RUN}</script>
```

## Open Questions

- Is <img src=x onerror={RUN}> open?

## Decision Log

| Date | Decision | Rationale |
|---|---|---|
| 2026-02-01 | Take <script>{RUN}</script> {{{{ 1 }}}} | Because \\| <b onclick="{RUN}">bold</b> |
| soon | Undated | – |

<div title="

```js
" onmouseover="{RUN}
```
"""
PLAIN = """
# Plain

## Motivation

Builds nothing. See BEP-1001.

## Design

- one
  - two
    - three

| a | b |
|:--|--:|
| 1 | 2 |

> [!WARNING]
> Careful.

- [x] done
- [ ] open

Note[^1]. ~~gone~~ https://example.com/bare

[^1]: The note.

```python
def relay() -> None: ...
```
"""


def write(root: Path) -> None:
    """Write the files of the repository."""
    proposals = root / "proposals"

    def put(name: str, content: str | bytes) -> None:
        path = proposals / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    rows = "\n".join(
        f"| [{number}](BEP-{number}-{slug}.md) | {title} | Eve | Draft |"
        for number, slug, title in (
            (1001, "evil", "Evil <b onclick=x>&amp; {{ 7*7 }}"),
            (1002, "plain", "Plain"),
            (1003, "plain", "Same name"),
            (1004, "broken", "Broken"),
        )
    )
    put(
        "README.md",
        "# BEPs\n\n## BEP Number Registry\n\n| Number | Title | Author | Status |\n"
        f"|---|---|---|---|\n{rows}\n| 1009 | Reserved <i>one</i> | Eve | Draft |\n",
    )
    put("BEP-1001-evil.md", HEAD.format(run=RUN, status="Draft") + BODY)
    put(
        "BEP-1001/part.md",
        "---\nlayout: x\ntitle: {{ 7*7 }}\n---\n\n# Part {{ 7*7 }}\n\nText.\n",
    )
    put("BEP-1001/Part (1).md", "# Other part\n\n[back](../BEP-1001-evil.md) [part](part.md)\n")
    put("BEP-1001/pixel.png", PIXEL)
    put("BEP-1001/big.png", PIXEL + bytes(50_000_000))
    put("BEP-1001/drawn.svg", SVG)
    put("BEP-1001/liar.png", f"<script>{RUN}</script>")
    put("BEP-1002-plain.md", HEAD.format(run="", status="Accepted") + PLAIN)
    put("BEP-1002-twice.md", HEAD.format(run="", status="Draft") + "# Twice\n")
    put("BEP-1003-plain.md", HEAD.format(run="", status="No such status") + "# Same name\n")
    put(
        "BEP-1004-broken.md",
        b"---\nStatus: [Draft\n---\n\n# Broken \xff\xfe\n\n## Motivation\n\xff\n",
    )
    put("BEP-1005-empty.md", "")
    put("BEP-1006-half.md", "---\nAuthor: Eve\n")
    (proposals / "BEP-1007-link.md").symlink_to("/etc/passwd")
    (proposals / "BEP-1001" / "secret.png").symlink_to("/etc/hostname")
    (root / "src").mkdir()
    (root / "src" / "main.py").write_text("# See BEP-1001\n")
