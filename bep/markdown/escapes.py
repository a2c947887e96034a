r"""Answers and names meet four grammars; their escaping functions are here.

| grammar | function |
|---|---|
| Markdown text (heading, list item) | `markdown_text` |
| a cell of a Markdown table | `table_cell` |
| somebody's text in an issue, a pull request or a summary of a forge | `quoted_text` |
| a YAML value in front matter | `yaml_value` |
| a YAML value inside an HTML comment (context block) | `comment_value` |
| a Markdown link | `link` |

Paths are the fourth: `bep.names` makes and judges them.
All of them take and return one line.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

import yaml

from . import terminal_text

_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_SPECIAL = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~]|$)         # a backslash that would escape
      | [*\[`]                          # emphasis, links, half a code span
      | (?<![^\W_])_ | _(?![^\W_])      # an underscore at the edge of a word
      | <(?=[A-Za-z/!?]|[^\s<>@]+@)     # HTML, comments, autolinks
      | &(?=\#?\w+;)                    # character references
      | (?<=[ \t])\#+(?=\s*$) | ^\#+(?=\s*$)   # a heading's closing marks
    """,
    re.VERBOSE,
)
_WRITTEN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])|(?<!(?<!\\)`)(?P<marks>`++).+?(?<!`)(?P=marks)(?!`)"
)
_NO_ADDRESS = re.compile(r"(?![\w./~-])[\x20-\x7e]")
# What marks something inside a line, what does at its beginning, and what refers to something.
_MARKS = re.compile(r"[\\`*_\[\]<>|~$]")
_BEGINNING = re.compile(r"\A(?:[0-9]+(?=[.)])|(?=[-+=]))")
_REFERENCES = re.compile(
    r"[@#]|\bGH-(?=\d)|\b(?:https?|ftp|mailto|xmpp):|\bwww(?=\.)", re.IGNORECASE
)
_COMMENT_END = re.compile(r"(--!?)>")


def markdown_text(text: str) -> str:
    r"""`text` as inline Markdown that shows exactly its characters.

    Code spans stay code spans, everything else that Markdown would read is escaped.

    >>> print(markdown_text("Use `<b>` for <b> in C #"))
    Use `<b>` for \<b> in C \#
    """
    pieces: list[str] = []
    end = 0
    for span in _CODE_SPAN.finditer(text):
        pieces += [_escaped(text[end : span.start()]), span[0]]
        end = span.end()
    return "".join(pieces) + _escaped(text[end:])


def _escaped(text: str) -> str:
    escaped = _SPECIAL.sub(lambda match: "".join(f"\\{mark}" for mark in match[0]), text)
    # Two tildes strike out what is between them; a single one ("~500 lines") is harmless.
    return escaped.replace("~", "\\~") if escaped.count("~") > 1 else escaped


def plain_text(markdown: str) -> str:
    r"""What `markdown_text` was given: backslash escapes outside code spans are undone.

    >>> print(plain_text(r"Use `\d` for \<b>"))
    Use `\d` for <b>
    """
    if "\\" not in markdown:
        return markdown
    return _WRITTEN.sub(lambda found: found["escaped"] or found[0], markdown)


def link(text: str, path: str) -> str:
    """A Markdown link that shows `text` and leads to the file at `path`, relative, `/` between.

    >>> print(link("data model", "./BEP-1046/data model.md"))
    [data model](./BEP-1046/data%20model.md)
    """
    address = _NO_ADDRESS.sub(lambda char: quote(char[0]), path)
    # A bracket of the text would end it.
    shown = markdown_text(text).replace("]", "\\]")
    return f"[{shown}]({address})"


def table_cell(text: str) -> str:
    r"""`text` as the content of a table cell.

    A pipe ends a cell even inside a code span, so each one is escaped; a line break cannot
    be in a cell and becomes a blank.

    >>> print(table_cell("Name | 이름"))
    Name \| 이름
    """
    return markdown_text(re.sub(r"[\r\n]+", " ", text).strip()).replace("|", "\\|")


def quoted_text(text: str) -> str:
    r"""`text` as inline Markdown in which a forge finds nothing: no mark, mention or reference.

    A blank of no width separates what would notify a person or refer to an issue.

    >>> print(quoted_text("@team: see #12\n<!-- `x` -->"))
    @&#8203;team: see #&#8203;12 \<!-- \`x\` --\>
    """
    line = terminal_text.line(" ".join(text.split())).replace("&", "&amp;")
    line = _BEGINNING.sub(lambda found: f"{found[0]}\\", _MARKS.sub(r"\\\g<0>", line))
    return _REFERENCES.sub(lambda found: f"{found[0]}&#8203;", line)


def yaml_value(value: object) -> str:
    """`value` as YAML on one line: plain where YAML reads it back unchanged, else quoted.

    Takes a string, a number, a truth value or a list of them (written as a flow list).

    >>> print(yaml_value("a: b"), yaml_value(["x.md", "y, z"]))
    'a: b' [x.md, 'y, z']
    """
    return _text_on_one_line(value) if type(value) is str else _on_one_line(value)


def _on_one_line(value: object) -> str:
    dumped = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=2**31)
    return dumped.removesuffix("\n").removesuffix("\n...")


# An update writes the same authors, dates and statuses into many documents.
_text_on_one_line = lru_cache(maxsize=1024)(_on_one_line)


def comment_value(value: object) -> str:
    r"""`value` as YAML on one line that cannot end the HTML comment around it.

    >>> print(comment_value("a --> b"))
    "a --\x3e b"
    """
    written = yaml_value(value)
    if not _COMMENT_END.search(written):
        return written
    if isinstance(value, list):
        return f"[{', '.join(map(comment_value, value))}]"
    quoted = yaml.safe_dump(
        value, default_flow_style=True, default_style='"', allow_unicode=True, width=2**31
    )
    return _COMMENT_END.sub(r"\1\\x3e", quoted.removesuffix("\n"))
