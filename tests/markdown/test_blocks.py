"""What `blocks` and `section_tree` promise, and that they see the blocks that CommonMark sees."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bep.markdown import blocks as scanner
from bep.markdown.blocks import (
    Block,
    Heading,
    Kind,
    Table,
    blocks,
    head_of_document,
    line_of,
    lines,
)
from bep.markdown.heading_text import normalise
from bep.markdown.section_tree import Section, sections
from tests import samples

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
DOCUMENTS = sorted(CORPUS.rglob("*.md")) if CORPUS.is_dir() else []

# --- Documents ----------------------------------------------------------------------------------

PREFIXES = ["", "", "", "", " ", "  ", "   ", "    ", "      ", "\t", " \t", "> ", ">", ">  ",
            ">\t", "- ", "* ", "+ ", "-   ", "-\t", "1. ", "2. ", "3) "]  # fmt: skip
FRAGMENTS = """
text|text  |a b|# h|## h ##|#h|###### h #|####### h|#|## \t##|-|--|---|***|* * *|- - -|_ _ _|
===|=|= =|```|```py|````|``` a`b|~~~|~~~ `x`|~~~~|*|+|1.|2.|10. x|0. y|- i|1) a|-x|<div>|</div>|
<!-- c -->|<!-- open|end -->|<?php|?>|<!DOCTYPE|<![CDATA[|]]>|<pre>|</pre>|<script>x</script>|
<style|<b>|</b>|<b>x|<a href='x'>|<a b = c/>|<b|[f]: /u|[f]: /u 't'|[f]:|/u|'t'|[f]: <a b>|
[f]: (|[f|\\|{{ x }}|{% x %}|x\\|**b**|<details>|<https://x.y>||||  |\t
""".replace("|\n", "|").strip("\n").split("|")  # fmt: skip
TABLE_LINES = ["a | b", "| a | b |", "--- | ---", "|---|---|", "| c | d | e |", "|x|", ":-:|:-",
               "| \\| | `a\\|b` |", "|", "||", "| |", "|-", "-|"]  # fmt: skip

markdown_lines = st.builds(
    lambda prefixes, fragment: "".join(prefixes) + fragment,
    st.lists(st.sampled_from(PREFIXES), max_size=3),
    st.sampled_from(FRAGMENTS + TABLE_LINES),
)
markdown_documents = st.builds(
    lambda body, ending, last: ending.join(body) + (ending if last else ""),
    st.lists(markdown_lines, min_size=1, max_size=12),
    st.sampled_from(["\n", "\n", "\r\n", "\r"]),
    st.booleans(),
)
any_text = st.text(st.characters(exclude_categories=())) | st.text(
    "\r\n\t\f\x1c\u2028\ufeff\0-#|> "
)

# --- The oracle ---------------------------------------------------------------------------------

ORACLE = MarkdownIt("commonmark", {"maxNesting": 200}).enable("table").disable("inline")
KINDS = {
    "heading_open": Kind.HEADING,
    "fence": Kind.FENCE,
    "code_block": Kind.INDENTED_CODE,
    "table_open": Kind.TABLE,
    "bullet_list_open": Kind.LIST,
    "ordered_list_open": Kind.LIST,
    "blockquote_open": Kind.QUOTE,
    "hr": Kind.RULE,
    "paragraph_open": Kind.PARAGRAPH,
}
# Kind, first line, line behind the last, and what a heading or a table contains.
Seen = tuple[Kind, int, int, object]
Definitions = list[tuple[int, int]]


def oracle_blocks(source: str) -> tuple[list[Seen], Definitions]:
    source = re.sub(r"\r\n?", "\n", source)
    if not source.endswith("\n"):
        source += "\n"  # without it the oracle drops a last line of blanks, and may even raise
    env: dict = {}
    tokens = ORACLE.parse(source, env)
    texts = source.split("\n")
    seen: list[Seen] = []
    for at, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0:
            kind, (first, stop) = oracle_kind(token), token.map
            while kind in (Kind.LIST, Kind.QUOTE) and not texts[stop - 1].strip(" \t"):
                stop -= 1  # the oracle counts the blank lines behind a container to it
            seen.append((kind, first, stop, oracle_content(kind, tokens[at:])))
    # The oracle gives no token for a link reference definition; here it is a paragraph.
    references = [*env.get("references", {}).values(), *env.get("duplicate_refs", [])]
    definitions = [tuple(reference["map"]) for reference in references]
    top = [d for d in definitions if not any(s[1] <= d[0] < s[2] for s in seen)]
    return joined(seen + [(Kind.PARAGRAPH, *d, None) for d in top]), definitions


def oracle_kind(token: Token) -> Kind:
    comment = token.content.lstrip(" \t").startswith("<!--")
    return KINDS.get(token.type) or (Kind.COMMENT if comment else Kind.HTML)


def oracle_content(kind: Kind, tokens: list[Token]) -> object:
    if kind is Kind.HEADING:
        # The oracle keeps the indentation of later lines for its inline parser to remove.
        return int(tokens[0].tag[1]), [line.strip() for line in tokens[1].content.split("\n")]
    if kind is not Kind.TABLE:
        return None
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.content)
        elif token.type == "table_close":
            break
    return rows


def own_blocks(source: str) -> list[Seen]:
    source = re.sub(r"\r\n?", "\n", source)
    seen: list[Seen] = []
    for block in blocks(source):
        if block.kind is not Kind.BLANK:
            text = source[block.start : block.end]
            stop = block.line - 1 + len(list(lines(text)))
            seen.append((block.kind, block.line - 1, stop, own_content(block)))
    return seen


def own_content(block: Block) -> object:
    if isinstance(block, Heading):
        return block.level, [line.strip() for line in block.text.split("\n")]
    if not isinstance(block, Table):
        return None
    # The oracle pads and cuts the rows to the width of the header.
    width = len(block.header.cells)
    rows = [[cell.text for cell in row.cells] for row in (block.header, *block.rows)]
    return [row[:width] + [""] * (width - len(row)) for row in rows]


def joined(seen: list[Seen]) -> list[Seen]:
    """Make one paragraph of a definition and the text under it."""
    result: list[Seen] = []
    for kind, first, stop, content in sorted(seen, key=lambda s: s[1]):
        last = result[-1] if result else None
        if last and kind is last[0] is Kind.PARAGRAPH and last[2] == first:
            result[-1] = (kind, last[1], stop, None)
        else:
            result.append((kind, first, stop, content))
    return result


# --- Where the oracle is not CommonMark ---------------------------------------------------------

OPENER = re.compile(r"[-+*>#`~<_|:]|\d+[.)]")
DELIMITER = re.compile(r"[ \t>]*[-:|][-:| \t]*\Z")


def disagreement(source: str) -> tuple[list[Seen], list[Seen]] | None:
    """Give both views where they differ and the oracle is not known to be wrong."""
    theirs, definitions = oracle_blocks(source)
    ours = joined(own_blocks(source))
    if ours == theirs:
        return None
    texts = re.split(r"\r\n?|\n", source)
    parted = first_difference(ours, theirs, len(texts))
    blocks_there = [s for s in ours + theirs if s[1] <= parted and parted - 1 < s[2]]
    first = min((s[1] for s in blocks_there), default=parted)
    for at in range(first, parted + 1):
        if oracle_errs(texts, at, first, definitions):
            return None
    return ours, theirs


def first_difference(ours: list[Seen], theirs: list[Seen], count: int) -> int:
    def owners(seen: list[Seen]) -> list[Seen | None]:
        return [next(((*s[:2], 0, s[3]) for s in seen if s[1] <= n < s[2]), None) for n in numbers]

    numbers = range(count)
    pairs = zip(numbers, owners(ours), owners(theirs), strict=True)
    return next((n for n, our, their in pairs if our != their), 0)


def oracle_errs(texts: list[str], at: int, first: int, definitions: Definitions) -> bool:
    text, body = texts[at], texts[at].strip(" \t")
    below = texts[at + 1] if at + 1 < len(texts) else ""
    after = texts[at + 1 :]
    indented = re.match(r" {0,3}\t| {4}", text) is not None
    return (
        # Takes a mark at four columns or more for the start of a block where, the containers
        # before it not being entered, it is the text of a lazy line or indented code.
        (at > first and indented and OPENER.match(body) is not None)
        or (at > first and re.search(r">(?: *\t| {5})[ \t]*[^ \t]", text) is not None)
        # Takes a line that starts a block, or a lazy line, for the header of a table.
        or ("|" in text and DELIMITER.match(below) and (at > first or OPENER.match(body)))
        # Takes an underline for the delimiter row of a table.
        or ("|" in text and re.fullmatch(r"[ \t>]*-+[ \t]*", below) is not None)
        # Ends a paragraph at the end of a definition, and reads an underline into one.
        or any(stop == at and body.strip("> \t") for _, stop in definitions)
        or any(d[0] <= at < d[1] and re.fullmatch(r"=+|-+", below.strip()) for d in definitions)
        # Ends a list at an empty item with two blank lines below it.
        or (
            re.search(r"(?:[-+*]|\d[.)])[ \t]*\Z", text) is not None
            and len(after) > 1
            and not "".join(after[:2]).strip(" \t")
        )
    )


# --- Properties ---------------------------------------------------------------------------------


def assert_tiles(source: str) -> None:
    found = blocks(source)
    assert "".join(source[block.start : block.end] for block in found) == source
    for block in found:
        assert block.start < block.end
        assert block.line == line_of(source, block.start)
        if isinstance(block, Heading) and block.line == line_of(source, block.text_end):
            assert source[block.text_start : block.text_end] == block.text
        if isinstance(block, Table):
            rows = [block.header, block.delimiter, *block.rows]
            assert (
                "".join(source[row.start : row.end] for row in rows)
                == source[block.start : block.end]
            )
            for cell in (cell for row in rows for cell in row.cells):
                assert source[cell.start : cell.end].replace("\\|", "|") == cell.text


def assert_nested(section: Section, end: int) -> None:
    starts = [child.start for child in section.children]
    assert section.start <= section.own_end == [*starts, end][0]
    assert section.end == end
    for child, child_end in zip(section.children, [*starts[1:], end], strict=False):
        assert child.level > section.level
        assert child.path[:-1] == section.path
        assert_nested(child, child_end)
    paths = [child.path for child in section.children]
    assert len(set(paths)) == len(paths)


@given(markdown_documents, st.integers(1, 60))
@example("---\nA: b\n---\n# T\n\nText.\n", 6)
@example("```\n# No\n", 9)
@example("<!--\n# No\n", 9)
@example("T\n=\nText\n", 6)
def test_the_head_of_a_document_is_how_it_begins(source: str, near: int) -> None:
    whole = blocks(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "_NEAR", (near, 2 * near))
        head = head_of_document(source)
    assert head == whole[: len(head)]
    title = next((one for one in whole if isinstance(one, Heading) and one.level == 1), None)
    assert head == whole if title is None else title in head


@given(any_text)
@settings(max_examples=samples.examples(400))
def test_blocks_of_any_text_tile_it(source: str) -> None:
    assert_tiles(source)
    assert_nested(sections(source), len(source))


@given(markdown_documents)
@settings(max_examples=samples.examples(1000))
def test_blocks_of_markdown_tile_it(source: str) -> None:
    assert_tiles(source)
    assert_nested(sections(source), len(source))


@given(markdown_documents.filter(lambda source: not source.startswith("---")))
@settings(max_examples=samples.examples(2500), suppress_health_check=[HealthCheck.filter_too_much])
def test_blocks_of_markdown_are_those_of_the_oracle(source: str) -> None:
    assert disagreement(source) is None


@pytest.mark.skipif(not DOCUMENTS, reason="the corpus is not here")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(CORPUS)))
def test_blocks_of_real_documents_are_those_of_the_oracle(path: Path) -> None:
    source = path.read_bytes().decode()
    assert_tiles(source)
    assert_nested(sections(source), len(source))
    found = blocks(source)
    if found and found[0].kind is Kind.FRONT_MATTER:
        source = source[found[0].end :]
    assert joined(own_blocks(source)) == oracle_blocks(source)[0]


@given(st.text())
def test_normalise_never_gives_nul(text: str) -> None:
    assert "\0" not in normalise(text)


@given(any_text)
def test_lines_tile_the_source_and_agree_with_line_of(source: str) -> None:
    found = list(lines(source))
    assert "".join(source[start:end] for start, _, end in found) == source
    for number, (start, stop, end) in enumerate(found, 1):
        assert {line_of(source, offset) for offset in range(start, end)} == {number}
        assert not set(source[start:stop]) & {"\r", "\n"}


# --- Each shape by hand -------------------------------------------------------------------------


def shape(source: str) -> list[tuple[str, str]]:
    return [(block.kind.value, source[block.start : block.end]) for block in blocks(source)]


def kinds(source: str) -> list[str]:
    return [block.kind.value for block in blocks(source) if block.kind is not Kind.BLANK]


def headings(source: str) -> list[tuple[int, str]]:
    return [(b.level, b.text) for b in blocks(source) if isinstance(b, Heading)]


def table(source: str) -> Table:
    (found,) = (block for block in blocks(source) if isinstance(block, Table))
    return found


def test_a_document() -> None:
    source = "---\na: 1\n---\n\n# T\ntext\n\n<!-- c\n\nd -->\n- a\n\n  b\n\n> q\n\n---\n"
    assert shape(source) == [
        ("front_matter", "---\na: 1\n---\n"),
        ("blank", "\n"),
        ("heading", "# T\n"),
        ("paragraph", "text\n"),
        ("blank", "\n"),
        ("comment", "<!-- c\n\nd -->\n"),
        ("list", "- a\n\n  b\n"),
        ("blank", "\n"),
        ("quote", "> q\n"),
        ("blank", "\n"),
        ("rule", "---\n"),
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", []),
        ("\ufeff", [("blank", "\ufeff")]),
        ("\n\r\n \t", [("blank", "\n\r\n \t")]),
        ("\ufeff# T", [("heading", "\ufeff# T")]),
        ("\ufeff---\n--- \n", [("front_matter", "\ufeff---\n--- \n")]),
        ("--- \t\r\na: b\r\n---\r\nx", [("front_matter", "--- \t\r\na: b\r\n---\r\n"),
                                       ("paragraph", "x")]),
        ("---\na: b\n", [("rule", "---\n"), ("paragraph", "a: b\n")]),
        (" ---\na\n\n---\n", [("rule", " ---\n"), ("paragraph", "a\n"), ("blank", "\n"),
                             ("rule", "---\n")]),
        ("a\r# b\r\rc", [("paragraph", "a\r"), ("heading", "# b\r"), ("blank", "\r"),
                         ("paragraph", "c")]),
        ("a\x0b# b\x1c# c\u2028# d\x85# e", [("paragraph", "a\x0b# b\x1c# c\u2028# d\x85# e")]),
        ("# a\0b\ud800", [("heading", "# a\0b\ud800")]),
        ("```\n# x\n\n", [("fence", "```\n# x\n\n")]),
        ("~~~ a`\n```\n~~~~ \nx", [("fence", "~~~ a`\n```\n~~~~ \n"), ("paragraph", "x")]),
        ("```\n    ```\n ```\n", [("fence", "```\n    ```\n ```\n")]),
        ("    a\n\n\tb\n\nc", [("indented_code", "    a\n\n\tb\n"), ("blank", "\n"),
                               ("paragraph", "c")]),
        ("a\n    b\n", [("paragraph", "a\n    b\n")]),
        ("- a\n* b\n", [("list", "- a\n"), ("list", "* b\n")]),
        ("1. a\n2. b\n3) c\n", [("list", "1. a\n2. b\n"), ("list", "3) c\n")]),
        ("- ```\n  # x\n\n  # y\n  ```\n# z", [("list", "- ```\n  # x\n\n  # y\n  ```\n"),
                                              ("heading", "# z")]),
        ("- # x\n\n  | a |\n  |---|\n\n\nb", [("list", "- # x\n\n  | a |\n  |---|\n"),
                                             ("blank", "\n\n"), ("paragraph", "b")]),
        ("> a\nb\n> # c\nd\n", [("quote", "> a\nb\n> # c\n"), ("paragraph", "d\n")]),
        ("> | a |\n> |---|\n| b |\n", [("quote", "> | a |\n> |---|\n"), ("paragraph", "| b |\n")]),
        ("> ```\nb\n", [("quote", "> ```\n"), ("paragraph", "b\n")]),
        ("a\n2. b\n", [("paragraph", "a\n2. b\n")]),
        ("a\n1. b\n", [("paragraph", "a\n"), ("list", "1. b\n")]),
        ("a\n*\n", [("paragraph", "a\n*\n")]),
        ("-\n\n  a\n", [("list", "-\n"), ("blank", "\n"), ("paragraph", "  a\n")]),
        ("-\n  a\n", [("list", "-\n  a\n")]),
        ("- a\n- - -\n", [("list", "- a\n"), ("rule", "- - -\n")]),
        ("a\n---\n***\n", [("heading", "a\n---\n"), ("rule", "***\n")]),
        ("a\n<div>\n*b*\n\nc", [("paragraph", "a\n"), ("html", "<div>\n*b*\n"), ("blank", "\n"),
                                ("paragraph", "c")]),
        ("a\n<b>\n", [("paragraph", "a\n<b>\n")]),
        ("<b>\n# x\n\n# y", [("html", "<b>\n# x\n"), ("blank", "\n"), ("heading", "# y")]),
        ("<details>\n<summary>x</summary>\n\n# y\n\n</details>\n",
         [("html", "<details>\n<summary>x</summary>\n"), ("blank", "\n"), ("heading", "# y\n"),
          ("blank", "\n"), ("html", "</details>\n")]),
        ("<script>\n\n# x\n</script> y\nz", [("html", "<script>\n\n# x\n</script> y\n"),
                                            ("paragraph", "z")]),
        ("<!-- a --> b\nc", [("comment", "<!-- a --> b\n"), ("paragraph", "c")]),
        ("<!-- # a\n\n# b", [("comment", "<!-- # a\n\n# b")]),
        ("[a]: /b\n===\nc", [("paragraph", "[a]: /b\n===\nc")]),
        ("[a]: /b 'c'\nd\n===\n", [("paragraph", "[a]: /b 'c'\n"), ("heading", "d\n===\n")]),
        ("[a]: /b(\n===\n", [("heading", "[a]: /b(\n===\n")]),
        ("{{ a }}\n{% b %}\n", [("paragraph", "{{ a }}\n{% b %}\n")]),
        ("x\n| a |\n|---|\n| b |\n\ny", [("paragraph", "x\n"),
                                        ("table", "| a |\n|---|\n| b |\n"), ("blank", "\n"),
                                        ("paragraph", "y")]),
        ("a | b\n-|-\nc\n> d\n", [("table", "a | b\n-|-\nc\n"), ("quote", "> d\n")]),
        ("| a | b |\n|---|\n", [("paragraph", "| a | b |\n|---|\n")]),
        ("a | b\n-|-\n[^1]: c\n", [("table", "a | b\n-|-\n"), ("paragraph", "[^1]: c\n")]),
        ("a | b\n-|-\n[1]: c\n", [("table", "a | b\n-|-\n[1]: c\n")]),
        ("> a | b\n> -|-\n> [^1]: c\nd\n", [("quote", "> a | b\n> -|-\n> [^1]: c\nd\n")]),
    ],
)  # fmt: skip
def test_the_blocks_of(source: str, expected: list[tuple[str, str]]) -> None:
    assert shape(source) == expected


ONE_COLUMN = ["| a |\n|---|", "| a |\n---|", "| a |\n|---", "|a\n:--", "a|\n--:", "| a |\n:-:|",
              "a\n---", "a\n:--", "a\n|---|", "a\n-", "| a |\n-", "| a |\n==="]  # fmt: skip


@pytest.mark.parametrize("source", ONE_COLUMN)
def test_a_table_of_one_column_is_one_to_the_oracle_too(source: str) -> None:
    kinds = [kind for kind, *_ in own_blocks(f"{source}\ntext\n")]
    assert kinds == [kind for kind, *_ in oracle_blocks(f"{source}\ntext\n")[0]]


@pytest.mark.parametrize("source", ["| a |\n---", "|a\n--", "a|\n-----  "])
def test_a_line_of_hyphens_underlines_a_heading_as_github_has_it(source: str) -> None:
    assert [block.kind for block in blocks(source)] == [Kind.HEADING]


@pytest.mark.parametrize(
    ("source", "level", "text", "span"),
    [
        ("# a", 1, "a", "a"),
        ("   ###\t a b  ## \n", 3, "a b", "a b"),
        ("# a#\n", 1, "a#", "a#"),
        ("# a \\#\n", 1, "a \\#", "a \\#"),
        ("###### #\n", 6, "", ""),
        ("#\n", 1, "", ""),
        ("\ufeff# a\r\n", 1, "a", "a"),
        (" a \r\n  b\t\r\n-- \r\n", 2, "a \nb", "a \r\n  b"),
        ("a\n=", 1, "a", "a"),
    ],
)
def test_the_text_of_a_heading(source: str, level: int, text: str, span: str) -> None:
    (heading,) = blocks(source)
    assert isinstance(heading, Heading)
    assert (heading.level, heading.text) == (level, text)
    assert source[heading.text_start : heading.text_end] == span


@pytest.mark.parametrize(
    "source",
    ["#a", "####### a", "    # a", "\\# a", "> # a", "- # a", "```\n# a\n```", "<!--\n# a\n-->",
     "<pre>\n# a\n</pre>", "> a\n===", "- a\n  - ```\n    # b\n\n    # c\n", "1. a\n\n   # b"],
)  # fmt: skip
def test_no_heading_at_the_top_level(source: str) -> None:
    assert headings(source) == []


def test_a_mark_before_the_text_of_an_empty_heading() -> None:
    (heading,) = blocks("## ##\n")
    assert isinstance(heading, Heading)
    assert (heading.text_start, heading.text_end) == (3, 3)


def test_the_cells_of_a_table() -> None:
    source = "\ufeff  a | `b\\|c` |\r\n:--|--:\r\n| 1 |\r\n||2|3|\r\n"
    found = table(source)
    assert [c.text for c in found.header.cells] == ["a", "`b|c`"]
    assert [c.text for c in found.delimiter.cells] == [":--", "--:"]
    assert [[c.text for c in row.cells] for row in found.rows] == [["1"], ["", "2", "3"]]
    assert [row.line for row in found.rows] == [3, 4]
    cell = found.header.cells[1]
    assert source[cell.start : cell.end] == "`b\\|c`"


def test_an_empty_cell_stands_behind_one_blank() -> None:
    source = "| a | b |\n|---|---|\n|  ||\n"
    first, second = table(source).rows[0].cells
    assert (source[: first.start][-2:], first.text, first.end) == ("| ", "", first.start)
    assert (source[: second.start][-1:], second.text, second.end) == ("|", "", second.start)


def test_sections_are_a_tree_of_slices() -> None:
    source = "intro\n\n# A\na\n### B\nb\n## C\n# D\n"
    root = sections(source)
    assert (root.heading, root.level, root.path) == (None, 0, ())
    assert source[: root.own_end] == "intro\n\n"
    a, d = root.children
    assert a.heading is not None
    assert source[a.heading.end : a.own_end] == "a\n"
    assert source[a.start : a.end] == "# A\na\n### B\nb\n## C\n"
    assert [child.path for child in a.children] == [("a", "b"), ("a", "c")]
    assert (d.path, d.start, d.end) == (("d",), source.index("# D"), len(source))


def test_repeated_headings_are_told_apart() -> None:
    source = "# T\n" + "## Risks\n" * 3 + "## 1. *risks*:\n## Risks (2)\n# T\n## Risks\n"
    first, second = sections(source).children
    assert [child.path[-1] for child in first.children] == [
        "risks",
        "risks\0(2)",
        "risks\0(3)",
        "risks\0(4)",
        "risks (2)",
    ]
    assert second.path == ("t\0(2)",)
    assert second.children[0].path == ("t\0(2)", "risks")


def test_sections_take_the_blocks_that_were_found() -> None:
    source = "# a\n## b\n"
    assert sections(source, blocks(source)) == sections(source)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4. Decision Summary", "decision summary"),
        ("4) Goal", "goal"),
        ("2.1 Goal", "goal"),
        ("2.1. **Goal** :", "goal"),
        ("3 ways out", "3 ways out"),
        ("IV. Goal", "goal"),
        ("Support of 2.1 and 3. more", "support of 2.1 and 3. more"),
        ("4.", "4."),
        ("2.1", "2.1"),
        ("`user_id`  and\n__more__", "user_id and more"),
        ("~~Straße~~", "strasse"),
        ("a\0b", "a\ufffdb"),
        ("", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_line_of_counts_each_ending_once() -> None:
    source = "a\r\nb\rc\n"
    assert [line_of(source, n) for n in range(-1, 10)] == [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 4]


# --- No input is too large ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        ">" * 10_000 + "\nx\n",
        "- " * 10_000 + "x\n",
        "".join("  " * depth + "- x\n" for depth in range(300)),
        "> " * 500 + "```\n" + "> " * 500 + "# x\n",
    ],
)
def test_deep_nesting_is_one_block(source: str) -> None:
    assert kinds(source) in (["quote"], ["list"])
    assert_tiles(source)


@pytest.mark.parametrize(
    "line",
    ["[a]: (\n===\n", "<a " + "b=c " * 50 + "\n", "|" + "-" * 500 + "x\n", "# " + " #" * 500 + "\n",
     "-\n\n", "| a |\n|---|\n\n", "<!--\n", "- ```\n", "_" * 500 + "a\n", "[a\n"],
)  # fmt: skip
def test_many_hostile_lines_are_read(line: str) -> None:
    source = line * 2_000
    assert sum(block.end - block.start for block in blocks(source)) == len(source)
