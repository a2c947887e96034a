"""Documents in all the odd forms that authors use, and what each writing task may do to them.

A case is made from its number alone. The document is one that the template rendered and an author
edited; a task is called twice on it, and nothing may be lost, garbled or changed by the second
call.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.conftest import run_git

NUMBER = 1006
MAIN = f"proposals/BEP-{NUMBER}-relay.md"
PAGE = "proposals/README.md"
ANSWERS = f"proposals/.copier/.copier-answers.BEP-{NUMBER}.yml"
DIRECTORY = f"proposals/BEP-{NUMBER}"

LABELS = (
    '<a name="here"></a>',
    "<!-- omit in toc -->",
    '<a id="here"></a>\n',
    "<!-- markdownlint-disable\n     MD024 -->",
    '<a name="one"></a> <a name="two"></a>\n<!-- both -->',
)
QUESTIONS = (
    "- Which cache?\n- **How** many\n  entries\n",
    "1. Which cache?\n2. Who cleans up?\n   - daily\n",
    "| # | Question | Owner |\n|---|---|---|\n| 1 | Which cache | Ada |\n| 2 | How many | |\n",
    "> Which cache?\n",
    "**Which cache?**\n\nRedis, or one of our own.\n\n**How many?**\n",
    "캐시는 어디에 두는가？\n",
    "### Which cache?\n\nText.\n\n### How many?\n",
    "None at this time.\n",
    "Nobody knows the size of the cache.\n",
    "- ~~Which cache?~~\n- Decision: determine later\n",
)
TEXTS = (
    "See [the details](#details) and [here](#here).\n",
    "```markdown\n## Open Questions\n\n- What?\n```\n",
    "> ## Quoted\n>\n> text\nlazy\n",
    "| Date | Decision | Rationale |\n|---|---|---|\n| 2026-01-02 | One \\| two | why |\n",
    "- item\n\n  ```\n  ## not a heading\n  ```\n",
    "[spec]: https://example.com/x 'Spec'\n[spec]\n",
    "Words with `code`, <b>html</b>, [^1] and  two blanks  \n\n[^1]: a note\n",
    "<details>\n<summary>More</summary>\n\ninside\n\n</details>\n",
    "***\n\nBelow a line.\n",
    "\u00a0no-break\u2028separator\t\n",
    "Scope: what it covers\nStatus: Draft\n",
)
HEADINGS = ("Details", "Option", "Option 1", "4.2 Limits", "\U0001f680 Launch", "Risks (open)")
VALUES = (
    "Author: [Ada Lovelace, Grace Hopper]",
    "Author:\n  - Ada Lovelace (ada@example.com)\n  - Grace Hopper",
    "Author: >-\n  Ada Lovelace,\n  Grace Hopper",
    "Author: -",
    "Author: 'Ada Lovelace'  # first",
    "Status: draft",
    'Created: "2026-02-03"',
)


class Case(NamedTuple):
    """A task and its arguments.

    `files` says which files it may change, `may_lose` which lines of the author it may take away.
    """

    name: str
    arguments: list[str]
    files: Callable[[str], bool]
    may_lose: Callable[[str], bool]


# --- The document -------------------------------------------------------------------------------


def write(chance: random.Random, folder: Path) -> None:
    """Edit the proposal in `folder` as an author would, and commit it."""
    path = folder / MAIN
    text = path.read_text()
    for edit in chance.choices(EDITS, k=chance.randint(2, 7)):
        text = edit(chance, text)
    for form in chance.sample(FORMS, k=chance.choice((0, 0, 1, 2))):
        text = form(text)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--allow-empty", "--message=Odd")


def _headings(text: str) -> list[re.Match[str]]:
    return list(re.finditer(r"(?m)^##+ .*\n", text))


def _label(chance: random.Random, text: str) -> str:
    at = chance.choice(_headings(text)).start()
    return f"{text[:at]}{chance.choice(LABELS)}\n{text[at:]}"


def _own_section(chance: random.Random, text: str) -> str:
    at = chance.choice(_headings(text)).start()
    level = "#" * chance.choice((2, 2, 3, 4))
    body = "".join(f"{level} {chance.choice(HEADINGS)}\n\n{chance.choice(TEXTS)}\n" for _ in "ab")
    return f"{text[:at]}{body}{text[at:]}"


def _prose(chance: random.Random, text: str) -> str:
    at = chance.choice(_headings(text)).end()
    return f"{text[:at]}\n{chance.choice(TEXTS)}{text[at:]}"


def _questions(chance: random.Random, text: str) -> str:
    found = re.search(r"(?m)^(?:\d+\. )?## Open Questions\n|^## .*Open Questions\n", text)
    if found is None:
        return text
    following = re.search(r"(?m)^(?:<a|<!-- omit|## |# )", text[found.end() :])
    at = found.end() + following.start() if following else len(text)
    return f"{text[:at].rstrip()}\n\n{chance.choice(QUESTIONS)}\n{text[at:]}"


def _decision(chance: random.Random, text: str) -> str:
    row = f"| 2026-02-0{chance.randint(1, 9)} | Use {chance.choice(HEADINGS)} | a \\| b |\n"
    return re.sub(r"(?m)^(\|------\|.*\n)", lambda found: found[1] + row, text, count=1)


def _further_title(chance: random.Random, text: str) -> str:
    at = chance.choice([*(one.start() for one in _headings(text)), len(text)])
    return f"{text[:at]}# Appendix\n\n## More\n\n{chance.choice(TEXTS)}\n{text[at:]}"


def _without_section(chance: random.Random, text: str) -> str:
    found = [one.start() for one in _headings(text)]
    at = chance.randrange(len(found))
    return text[: found[at]] + text[found[at + 1] :] if at + 1 < len(found) > 2 else text


def _value(chance: random.Random, text: str) -> str:
    value = chance.choice(VALUES)
    key = value.partition(":")[0]
    return re.sub(rf"(?m)^{key}:.*$", lambda _: value, text, count=1)


def _renamed(chance: random.Random, text: str) -> str:
    found = chance.choice(_headings(text))
    title = found[0].lstrip("# ").rstrip("\n")
    marks = found[0][: len(found[0]) - len(found[0].lstrip("#"))]
    form = chance.choice(("{}:", "**{}** ##", "\U0001f680 {}", "[{}](#x)", "My {}"))
    return f"{text[: found.start()]}{marks} {form.format(title)}\n{text[found.end() :]}"


EDITS = (
    _label,
    _label,
    _own_section,
    _own_section,
    _prose,
    _prose,
    _questions,
    _questions,
    _decision,
    _further_title,
    _without_section,
    _value,
    _renamed,
)


def _numbered(text: str) -> str:
    count = iter(range(1, 1000))
    return re.sub(r"(?m)^## (?=\S)", lambda _: f"## {next(count)}. ", text)


def _underlined(text: str) -> str:
    return re.sub(r"(?m)^## ((?:[A-Z])[^\n#]*)$", r"\1\n---", text, count=2)


def _without_blank_lines(text: str) -> str:
    head, mark, body = text.partition("\n# ")
    return head + mark + re.sub(r"\n{2,}(?=[#<\w])", "\n", body)


FORMS: tuple[Callable[[str], str], ...] = (
    _numbered,
    _underlined,
    _without_blank_lines,
    lambda text: text.replace("\n", "\r\n"),
    lambda text: f"\ufeff{text}",
    lambda text: text.rstrip("\n"),
    lambda text: f"{text}\n\n",
)


# --- The tasks ----------------------------------------------------------------------------------


def case(chance: random.Random) -> Case:
    """A task to call; those that render the template, which takes a while, come less often."""
    return chance.choice(chance.choices((CHEAP, RENDERING), (9, 1))[0])


def _nothing(line: str) -> bool:
    return False


def _is_key(line: str) -> bool:
    return re.match(r"\ufeff?[ \t]*[-A-Za-z]+:|[ \t]+- ", line) is not None


def _is_key_or_row(line: str) -> bool:
    return _is_key(line) or "|" in line


def _main_or_page(path: str) -> bool:
    return path in (MAIN, PAGE)


def _of_proposal(path: str) -> bool:
    return path in (MAIN, PAGE, ANSWERS) or path.startswith(f"{DIRECTORY}/")


def _any(path: str) -> bool:
    return path.startswith("proposals/")


def _is_none(line: str) -> bool:
    return line.startswith(("None at this time", "- None"))


ASKED = "Is it so?"
CHEAP = (
    Case("ask", ["ask", str(NUMBER), "--question", ASKED], lambda path: path == MAIN, _is_none),
    Case(
        "decide",
        [
            *("decide", str(NUMBER), "--question", "Which cache", "--decision", "Ours"),
            *("--rationale", "It is there"),
        ],
        lambda path: path == MAIN,
        # The question goes with its explanation, and is printed.
        lambda line: "cache" in line or line == "Redis, or one of our own.",
    ),
    Case(
        "mark",
        ["mark", str(NUMBER), "rejected", "--reason", "No"],
        _main_or_page,
        _is_key_or_row,
    ),
    Case(
        "accept",
        ["mark", str(NUMBER), "accepted", "--target-version", "26.9.0"],
        _main_or_page,
        _is_key_or_row,
    ),
    Case("sync", ["sync"], _of_proposal, _is_key_or_row),
    Case(
        "retitle",
        ["retitle", str(NUMBER), "Another title"],
        _any,
        lambda line: _is_key_or_row(line) or "Relay" in line,
    ),
    Case(
        "fix", ["check", "--fix", "--all"], _any, lambda line: _is_key_or_row(line) or "](" in line
    ),
)
RENDERING = (
    Case("update", ["update"], _any, _nothing),
    Case("adopt", ["adopt", str(NUMBER), "--complete"], _of_proposal, _is_key),
    Case("segment", ["segment", str(NUMBER)], _any, _is_key),
    Case("renumber", ["renumber", str(NUMBER), "--to", "1071"], _any, _nothing),
)


# --- What must hold -----------------------------------------------------------------------------


def problems(
    case: Case, code: int, before: Mapping[str, bytes], after: Mapping[str, bytes], base: str
) -> list[str]:
    """What is wrong with the files after a call; `base` is the document as it was rendered."""
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    found = []
    if code and changed and case.name not in ("sync", "fix", "update", "adopt"):
        found.append(f"refused, and changed {sorted(changed)}")
    if other := sorted(path for path in changed if not case.files(_old(path))):
        found.append(f"changed {other}")
    gone = _lines(before) - _lines(after)
    own = gone - Counter(map(_bare, base.splitlines()))
    if lost := [line for line in own.elements() if not case.may_lose(line)]:
        found.append(f"lost {lost}")
    if case.name in ("ask", "decide", "mark", "accept") and not code:
        found += _unchanged_lines(before[MAIN], after[MAIN])
    return found


def _old(path: str) -> str:
    return path.replace("1071", str(NUMBER))


def _lines(files: Mapping[str, bytes]) -> Counter[str]:
    """The lines that hold something in all documents, without what a task may write otherwise."""
    found: Counter[str] = Counter()
    for path, content in files.items():
        if path.endswith(".md"):
            text = content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
            found.update(filter(None, map(_bare, re.split(r"\r\n|\r|\n", text))))
    return found


def _bare(line: str) -> str:
    """A line without the marks of a heading, destinations of links, numbers and blanks around."""
    line = re.sub(r"^#+ +(?:\d+\. )?", "", line.replace("1071", str(NUMBER)))
    line = re.sub(r"^\d+\. ", "1. ", line)
    line = "---" if re.fullmatch(r"=+|-+", line.strip()) else line
    return re.sub(r"\]\([^()]*\)", "]", line).strip()


def _unchanged_lines(before: bytes, after: bytes) -> list[str]:
    """Lines that are there before and after have the same bytes, their endings included."""
    old, new = (Counter(text.splitlines(keepends=True)) for text in (before, after))
    endings = {line[len(line.rstrip(b"\r\n")) :] for line in old} - {b""}
    odd = {line[len(line.rstrip(b"\r\n")) :] for line in new} - {b""} - endings
    return [f"line endings from nowhere: {odd}"] if odd and endings else []
