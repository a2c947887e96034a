"""Unified diffs, as `--dry-run` shows them."""

from __future__ import annotations

import difflib


def unified(path: str, old: str | None, new: str) -> str:
    """The change of a file as a unified diff that `git apply` takes; `old` is None for a new file.

    Lines end at line feeds only, so that other line endings and odd characters show as they are.
    """
    before, after = _lines(old or ""), _lines(new)
    source = "/dev/null" if old is None else f"a/{path}"
    lines = difflib.unified_diff(before, after, source, f"b/{path}")
    body = "".join(map(_ended, lines))
    # An empty new file has no lines to show; its header alone makes it.
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n" if old is None else ""
    return head + body


def removed(path: str, old: str) -> str:
    """The removal of a file as a unified diff that `git apply` takes."""
    lines = difflib.unified_diff(_lines(old), [], f"a/{path}", "/dev/null")
    head = f"diff --git a/{path} b/{path}\ndeleted file mode 100644\n"
    return head + "".join(_ended(line) for line in lines)


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
