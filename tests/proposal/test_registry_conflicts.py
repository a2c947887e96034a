"""Settling a registry: both sides' rows after a merge, in order, one row per number."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from bep import guide_file
from bep.errors import WRONG_DOCUMENTS, BepError
from bep.guide import Guide
from bep.proposal import registry_conflicts, registry_table
from bep.proposal.registry_conflicts import Clash, Settled
from tests import samples
from tests.conftest import CORPUS, FIXTURES, ROOT, run_git

HEAD = "| Number | Title | Author | Status |\n|---|---|---|---|\n"
A = "| [1001](BEP-1001-a.md) | A | Ada | Draft |"
C = "| 1003 | C | Cy | Draft |"
D = "| 1004 | D | Di | Draft |"
E = "| 1005 | E | Ed | Draft |"
NEXT = "| _next_ | | | |"
STYLES = ["merge", "diff3", "zdiff3"]


def settle(source: str, path: str, guide: Guide = guide_file.own()) -> Settled:  # noqa: B008
    """What becomes of a page, by the tool's own guide."""
    return registry_conflicts.settle(source, path, guide)


def page(*lines: str) -> str:
    return f"# Page\n\n{HEAD}" + "".join(f"{line}\n" for line in lines) + "\nThe end.\n"


def hunk(ours: list[str], theirs: list[str], base: list[str] | None = None) -> list[str]:
    middle = [] if base is None else ["||||||| 1234567", *base]
    return ["<<<<<<< HEAD", *ours, *middle, "=======", *theirs, ">>>>>>> other"]


def settled(*lines: str) -> Settled:
    """The page of these lines, settled; what must hold for every page is asked here."""
    source = page(*lines)
    result = settle(source, "README.md")
    assert settle(result.text, "README.md").text == result.text
    assert result.text.startswith(f"# Page\n\n{HEAD}")
    assert result.text.endswith("\n\nThe end.\n")
    registry_table.read(result.text, "README.md")
    return result


def rows(result: Settled) -> list[str]:
    return result.text.removeprefix(f"# Page\n\n{HEAD}").removesuffix("\n\nThe end.\n").split("\n")


def refusal(source: str) -> str:
    with pytest.raises(BepError) as refused:
        settle(source, "README.md")
    assert refused.value.code == WRONG_DOCUMENTS
    return str(refused.value)


def real_page() -> str:
    path = CORPUS / "proposals" / "README.md"
    if not path.exists():
        pytest.skip("the corpus is not here")
    return path.read_bytes().decode()


# --- Conflicts that Git made --------------------------------------------------------------------


def merged(folder: Path, base: str, ours: str, theirs: str, style: str = "merge") -> str:
    """What `git merge` leaves of the page where one branch made `ours` of it, one `theirs`."""
    folder.mkdir()
    file = folder / "README.md"
    run_git(folder, "init", "--quiet")
    run_git(folder, "config", "merge.conflictStyle", style)
    for branch, text in (("main", base), ("theirs", theirs), ("ours", ours)):
        if branch != "main":
            run_git(folder, "checkout", "--quiet", "-b", branch, "main")
        file.write_bytes(text.encode())
        run_git(folder, "add", "README.md")
        run_git(folder, "commit", "--quiet", "--allow-empty", f"--message={branch}")
    command = ["git", "merge", "--quiet", "theirs"]
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return file.read_bytes().decode()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_rows_that_two_branches_added_at_one_place_are_all_there(tmp_path, style, ending):
    base, ours, theirs, wanted = (
        page(*lines, NEXT).replace("\n", ending) for lines in ([A], [A, C, E], [A, D], [A, C, D, E])
    )

    for name, sides in (("one", (ours, theirs)), ("other", (theirs, ours))):
        conflict = merged(tmp_path / name, base, *sides, style)

        assert "<<<<<<< HEAD" in conflict
        result = settle(conflict, "README.md")
        assert result == (wanted, (), ("joined 1 conflicting part",))


@pytest.mark.parametrize("style", STYLES)
def test_a_status_changed_beside_an_added_row_stays_changed(tmp_path, style):
    accepted = C.replace("Draft", "Accepted")
    base, ours, theirs = page(A, C), page(A, accepted), page(A, C, D)

    for name, sides in (("one", (ours, theirs)), ("other", (theirs, ours))):
        conflict = merged(tmp_path / name, base, *sides, style)

        assert "<<<<<<<" in conflict
        assert settle(conflict, "README.md").text == page(A, accepted, D)


@pytest.mark.parametrize("style", STYLES)
def test_one_number_taken_on_two_branches_is_a_clash_of_both(tmp_path, style):
    other = "| 1003 | Quite Another | Di | Draft |"
    for name, ours, theirs in (("one", C, other), ("other", other, C)):
        conflict = merged(tmp_path / name, page(A), page(A, ours), page(A, theirs), style)

        result = settle(conflict, "README.md")

        assert result.text == page(A, ours, theirs)
        lines = conflict.split("\n")
        assert [clash.number for clash in result.clashes] == [1003]
        assert [lines[line - 1] for line, _ in result.clashes[0].rows] == [ours, theirs]
        assert {title for _, title in result.clashes[0].rows} == {"C", "Quite Another"}


@pytest.mark.parametrize("style", ["diff3", "zdiff3"])
def test_a_row_that_one_branch_gave_back_does_not_return(tmp_path, style):
    for name, ours, theirs in (("one", [A], [A, C, D]), ("other", [A, C, D], [A])):
        conflict = merged(tmp_path / name, page(A, C), page(*ours), page(*theirs), style)
        assert "<<<<<<<" in conflict

        result = settle(conflict, "README.md")

        assert result.text == page(A, D)
        assert "1003: left out, as one side deleted it" in result.remarks


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_pages_that_end_in_a_row_without_line_ending(tmp_path, style, ending):
    def ends_bare(*lines: str) -> str:
        return (HEAD + "\n".join(lines)).replace("\n", ending)

    conflict = merged(tmp_path / "it", ends_bare(A), ends_bare(A, E), ends_bare(A, D), style)
    assert "<<<<<<<" in conflict

    text = settle(conflict, "README.md").text

    assert text.splitlines() == [*HEAD.splitlines(), A, D, E]


@pytest.mark.parametrize("style", STYLES)
def test_two_branches_that_both_added_the_table(tmp_path, style):
    base = "# Page\n\nThe end.\n"

    conflict = merged(tmp_path / "it", base, page(A, C), page(A, D), style)

    assert settle(conflict, "README.md").text == page(A, C, D)


@pytest.mark.parametrize("style", STYLES)
def test_conflicts_made_on_the_real_page(tmp_path, style):
    base = real_page()
    found = registry_table.read(base, "README.md")
    last = max(found.numbers())
    first = next(row for row in found.rows if row.status == "Draft")
    assert first.number is not None
    ours = registry_table.add_row(found, last + 1, "Ours", "Ada", "Draft", "")
    theirs = registry_table.add_row(found, last + 2, "Theirs", "Bo", "Draft", "")
    changed = registry_table.set_row(
        registry_table.read(theirs, "README.md"),
        first.number,
        first.title,
        first.author,
        "Accepted",
        first.link,
    )

    conflict = merged(tmp_path / "it", base, ours, changed, style)
    assert "<<<<<<<" in conflict

    both = registry_table.add_row(
        registry_table.read(changed, "README.md"), last + 1, "Ours", "Ada", "Draft", ""
    )
    assert settle(conflict, "README.md") == (both, (), ("joined 1 conflicting part",))


# --- Pages in order -----------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_page_in_order_stays_byte_for_byte(ending):
    for source in (page(A, C, NEXT), (FIXTURES / "registry.md").read_text(), HEAD, HEAD[:-1]):
        text = source.replace("\n", ending)
        assert settle(text, "README.md") == (text, (), ())


def test_the_real_page_stays_byte_for_byte():
    assert settle(real_page(), "README.md") == (real_page(), (), ())


def test_odd_but_ordered_rows_keep_their_bytes():
    lines = ("|[1001](a.md)|A ", "  |  1002 | x\\|y |\t\u3000| Draft | more |", "1003 | C")
    assert settled(*lines) == (page(*lines), (), ())


def test_a_heading_underlined_by_seven_marks_is_no_conflict():
    source = "Process\n=======\n\n" + page(A)
    assert settle(source, "README.md").text == source


# --- Order --------------------------------------------------------------------------------------


def test_rows_ascend_and_the_remark_says_what_was_moved():
    result = settled(A, E, C, NEXT)

    assert rows(result) == [A, C, E, NEXT]
    assert result.remarks == ("moved 1003 after 1001",)


def test_a_row_that_belongs_first_is_moved_to_the_top():
    result = settled(C, D, A)

    assert (rows(result), result.remarks) == ([A, C, D], ("moved 1001 to the top",))


def test_rows_without_a_number_go_with_the_row_above_them():
    note = "| | _(of the team)_ | | |"
    foot = "| | _(all of 2026)_ | | |"

    assert rows(settled(note, E, note, C, D, foot)) == [note, C, D, E, note, foot]


def test_next_is_moved_to_the_end():
    result = settled(A, NEXT, C)

    assert (rows(result), result.remarks) == ([A, C, NEXT], ("moved _next_ to the end",))


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_last_line_without_ending_gets_one_where_it_is_moved(ending):
    source = (HEAD + f"{D}\n{C}").replace("\n", ending)

    assert settle(source, "README.md").text == (HEAD + f"{C}\n{D}").replace("\n", ending)


def test_moved_lines_keep_their_own_endings():
    assert settle(f"{HEAD}{D}\r\n{C}\n", "README.md").text == f"{HEAD}{C}\n{D}\r\n"


def test_rows_below_a_blank_line_come_back():
    result = settled(A, D, "", C, "", "", E)

    assert rows(result) == [A, C, D, E]
    assert result.remarks == (
        "joined 2 rows found below the table",
        "moved 1003 after 1001",
    )


@pytest.mark.parametrize(
    "text", ["| x | y |", f"{C}\ntext", "| a | b | c | d |\n|---|---|---|---|"]
)
def test_what_is_no_row_stays_below_the_table(text):
    source = page(A, "", *text.split("\n"))

    assert settle(source, "README.md").text == source


# --- One row per number -------------------------------------------------------------------------


def test_equal_rows_become_one():
    result = settled(A, C, C, C)

    assert (rows(result), result.remarks) == ([A, C], ("1003: three equal rows became one",))


def test_rows_of_one_title_become_one_by_what_they_say():
    linked = "| [1003](BEP-1003-c.md) | c | Cy | Draft |"
    result = settled(A, C.replace("Draft", "Accepted"), linked)

    assert rows(result) == [A, "| [1003](BEP-1003-c.md) | C | Cy | Accepted |"]
    assert result.remarks == ("1003: two rows of one title became one",)


def test_rows_that_stood_as_a_clash_before_are_reported_and_stay():
    other = "| 1003 | Z | Cy | Draft |"
    result = settled(A, C, other)

    assert rows(result) == [A, C, other]
    assert result.clashes == (Clash(1003, ((6, "C"), (7, "Z"))),)


def test_clashing_rows_come_next_to_each_other():
    other = "| 1003 | Z \\| `a` | Cy | Draft |"
    result = settled(A, *hunk([C, D], [E, other]))

    assert rows(result) == [A, C, other, D, E]
    assert result.clashes == (Clash(1003, ((7, "C"), (11, "Z | `a`"))),)


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted"),
    [
        ("| 1003 | C | Cy | Draft |", "|1003|c|Cy|Draft|", "| 1003 | C | Cy | Draft |"),
        ("| 1003 | C | Cy | Draft |", "| [1003](c.md) | C | Cy | Draft |", None),
        ("| [1003](c.md) | C | Cy | Draft |", "| [1003](d.md) | C | Cy | Draft |", ""),
        ("| 1003 | C | Cy | Draft |", "| 1003 | C | Cy | Accepted |", None),
        ("| 1003 | C | Cy | Rejected |", "| 1003 | C | Cy | Accepted |", ""),
        ("| 1003 | C | Cy | Rejected |", "| 1003 | C | Cy | Implemented |", ""),
        ("| 1003 | C | Cy | whatever |", "| 1003 | C | Cy | Draft |", None),
        ("| 1003 | C | Cy | Draft |", "| 1003 | C | Di | Draft |", ""),
        ("| 1003 | C | | Draft |", "| 1003 | C | Cy | Draft |", None),
        ("| 1003 | C |", "| 1003 | C | Cy | Draft |", None),
        ("| [1003](c.md) | C |", "| 1003 | C | Cy | Draft |", "| [1003](c.md) | C | Cy | Draft |"),
        ("|1003|C||Accepted|", "|1003|C|Cy|Draft|", "|1003|C| Cy |Accepted|"),
        ("| 1003 | a_b | | |", "| 1003 | a\\_b | | |", ""),
    ],
)
def test_two_rows_of_one_number_and_title(ours, theirs, wanted):
    """`wanted`: '' is ours, None is theirs."""
    wanted = {"": ours, None: theirs}.get(wanted, wanted)

    result = settled(A, *hunk([ours], [theirs]))

    assert (rows(result), result.clashes) == ([A, wanted], ())


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        # A status set back on purpose wins over the unchanged one that is further along.
        ("| 1003 | C | Cy | Draft |", "| 1003 | C | Cy | Accepted |", None),
        ("| 1003 | C | Di | Accepted |", "| 1003 | C | Cy | Rejected |", "Di | Rejected |"),
        ("| 1003 | C | | Accepted |", "| 1003 | C | Cy | Accepted |", None),
        ("| 1003 | New | Cy | Accepted |", "| 1003 | C | Cy | Accepted |", None),
    ],
)
def test_what_differs_from_the_base_wins(one, other, wanted, swapped):
    base = "| 1003 | C | Cy | Accepted |"
    sides = [[other], [one]] if swapped else [[one], [other]]

    result = settled(A, *hunk(*sides, base=[base]))

    assert rows(result) == [A, f"| 1003 | C | {wanted}" if wanted else one]
    assert result.clashes == ()


def test_a_row_that_one_side_deleted_and_one_changed_stays():
    changed = C.replace("Draft", "Accepted")

    assert rows(settled(A, *hunk([], [changed], [C]))) == [A, changed]
    assert rows(settled(A, *hunk([changed], [], [C]))) == [A, changed]


def test_a_base_that_was_a_conflict_itself_counts_for_nothing():
    base = ["<<<<<<<<< x", C, "||||||||| y", "=========", ">>>>>>>>> z"]

    assert rows(settled(A, *hunk([C, D], [E], base))) == [A, C, D, E]
    source, before = page(A, *hunk([C, D], [E])), page(A, *base).encode()
    result = registry_conflicts.settle(source, "README.md", guide_file.own(), before)
    assert rows(result) == [A, C, D, E]


# --- Conflicts of other forms -------------------------------------------------------------------


def test_several_conflicts_and_rows_between_them():
    result = settled(*hunk([A], [E]), C, *hunk([NEXT], [D, NEXT]))

    assert rows(result) == [A, C, D, E, NEXT]
    assert result.remarks == ("joined 2 conflicting parts", "moved 1005 after 1004")


def test_next_on_both_sides_is_one():
    assert rows(settled(A, *hunk([C, NEXT], [D, NEXT]))) == [A, C, D, NEXT]


def test_blank_lines_at_the_edge_of_a_conflict():
    text = f"{HEAD}{A}\n" + "\n".join(hunk([C, ""], [D])) + "\nText.\n"

    assert settle(text, "README.md").text == f"{HEAD}{A}\n{C}\n{D}\n\nText.\n"


def test_the_header_inside_of_a_conflict():
    head = HEAD.splitlines()
    wide = [head[0].replace(" | ", "   | "), "|-----|-----|-----|-----|"]
    text = "# Page\n\n" + "\n".join(hunk([*head, A], [*wide, C])) + "\n\nThe end.\n"

    assert settle(text, "README.md").text == page(A, C)


def test_markers_without_labels_and_with_any_line_ending():
    lines = ["<<<<<<<", D, "|||||||", "=======", C, ">>>>>>>"]
    for ending in ("\n", "\r\n", "\r"):
        source, wanted = (page(*some).replace("\n", ending) for some in (lines, [C, D]))
        assert settle(source, "README.md").text == wanted


# --- Refusals -----------------------------------------------------------------------------------

OUTSIDE = "merge-conflict markers outside the registry table; resolve them by hand"
UNPAIRED = "a merge-conflict marker without the others that belong to it"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("\n".join(hunk(["a"], ["b"])) + "\n\n" + page(A), 1),
        ("\n".join(hunk(["| 1 | 2 |"], ["| 3 |"])) + "\n\n" + page(A), 1),
        (page(A) + "\n".join(hunk(["a"], ["b"])), 8),
        (page(A) + "\n".join(hunk([C], [D])), 8),
        (page(A) + "\n".join(hunk([], [""])), 8),
        (page(A, *hunk([C, "", "Text"], [D])), 6),
        (page(A, *hunk([C, "", "| x | y |", "|---|---|"], [D])), 6),
        ("# Page\n\n" + "\n".join([*hunk([*HEAD.splitlines(), A], [C]), ""]), 3),
        (page(*hunk([C], [D])) + "\n".join(hunk(["a"], ["b"])), 12),
    ],
)
def test_markers_elsewhere_are_refused(source, line):
    assert refusal(source) == f"README.md:{line}: {OUTSIDE}"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (["<<<<<<< x", C], 6),
        (["<<<<<<< x", C, "======="], 6),
        (["<<<<<<< x", C, ">>>>>>> y"], 8),
        ([C, ">>>>>>> y"], 7),
        ([C, "=======", D], 7),
        ([C, "||||||| x", D], 7),
        (["<<<<<<< x", "<<<<<<< y", "=======", ">>>>>>> z"], 7),
        (["<<<<<<< x", "=======", C, "=======", ">>>>>>> z"], 9),
        (["", "======="], 7),
    ],
)
def test_markers_that_do_not_pair_are_refused(lines, line):
    assert refusal(page(A, *lines)).startswith(f"README.md:{line}: {UNPAIRED}; ")


def test_a_page_without_a_registry_is_refused():
    message = "the registry table is missing (Number | Title | Author | Status); restore its"
    assert refusal("").startswith(f"README.md:1: {message}")
    assert refusal("a\n" + "\n".join(hunk([C], [D]))).startswith(f"README.md:2: {message}")


def test_two_registries_are_refused():
    text = page(*hunk([A], [C])) + "\n" + HEAD
    assert refusal(text).startswith("README.md:13: there is a second registry table here")


# --- For all pages ------------------------------------------------------------------------------

numbers = st.integers(1001, 1008)
titles = st.sampled_from(["A", "a", "B", "x \\| y", "`z`", ""])
authors = st.sampled_from(["Ada", "Bo", ""])
states = st.sampled_from(["Draft", "Accepted", "Implemented", "Rejected", ""])
row_lines = st.one_of(
    st.builds("| {} | {} | {} | {} |".format, numbers, titles, authors, states),
    st.builds("|[{0}](BEP-{0}.md)|{1}|{2}|{3}|".format, numbers, titles, authors, states),
    st.sampled_from([NEXT, "| | _(note)_ | | |", "| 1011 | _(skipped)_ | | |", "| 1003 |"]),
)
row_lists = st.lists(row_lines, max_size=6)
hunks = st.builds(hunk, row_lists, row_lists, st.none())
based_hunks = st.builds(hunk, row_lists, row_lists, row_lists)
endings = st.sampled_from(["\n", "\r\n", "\r"])


def pages(conflicts: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    parts = st.lists(st.one_of(row_lists, conflicts), max_size=4)
    return parts.map(lambda found: [line for part in found for line in part])


def read_rows(lines: list[str]) -> list[registry_table.Row]:
    return list(registry_table.read(HEAD + "\n".join(lines), "").rows)


def key(row: registry_table.Row) -> tuple[int | None, str]:
    return row.number, row.title.casefold()


@given(pages(hunks))
@settings(max_examples=samples.examples(300))
def test_every_row_of_either_side_is_there_in_order(lines):
    given_rows = read_rows([line for line in lines if line.startswith("|")])

    found = read_rows(rows(settled(*lines)))

    numbered = [row for row in found if row.number is not None]
    assert {key(row) for row in numbered} == {key(row) for row in given_rows if row.number}
    assert len({key(row) for row in numbered}) == len(numbered)
    assert [row.number for row in numbered] == sorted(row.number for row in numbered)
    for row in numbered:
        same = [one for one in given_rows if key(one) == key(row)]
        assert bool(row.link) == any(one.link for one in same)
        assert row.author in {one.author for one in same}
        assert row.status in {one.status for one in same}
    texts = {row.cells[0].text for row in given_rows if row.number is None}
    assert {row.cells[0].text for row in found if row.number is None} == texts
    if NEXT in lines:
        assert found[-1].number is None


@given(pages(hunks))
@settings(max_examples=samples.examples(100))
def test_clashes_are_the_numbers_of_several_titles(lines):
    given_rows = read_rows([line for line in lines if line.startswith("|")])
    result = settled(*lines)

    found: dict[int, set[str]] = {}
    for number, title in map(key, given_rows):
        if number is not None:
            found.setdefault(number, set()).add(title)
    several = {number: titles for number, titles in found.items() if len(titles) > 1}
    assert {
        clash.number: {title.casefold() for _, title in clash.rows} for clash in result.clashes
    } == several
    source = page(*lines).split("\n")
    for clash in result.clashes:
        for line, title in clash.rows:
            assert key(read_rows([source[line - 1]])[0]) == (clash.number, title.casefold())


@given(pages(based_hunks))
@settings(max_examples=samples.examples(120))
def test_with_a_base_nothing_comes_that_no_side_has(lines):
    sides = [line for line in without_base(lines) if line.startswith("|")]

    found = read_rows(rows(settled(*lines))) if lines else []

    keys = {key(row) for row in read_rows(sides)}
    assert {key(row) for row in found} <= keys


def without_base(lines: list[str]) -> list[str]:
    kept, inside = [], False
    for line in lines:
        inside = line.startswith("|||||||") or (inside and line != "=======")
        if not inside:
            kept.append(line)
    return kept


@given(row_lists, row_lists, st.lists(row_lines, max_size=3))
@settings(max_examples=samples.examples(100))
def test_both_orders_give_the_same_numbers_and_titles(ours, theirs, plain):
    one, other = (
        read_rows(rows(settled(*plain, *hunk(*sides))))
        for sides in ((ours, theirs), (theirs, ours))
    )

    assert {key(row) for row in one} == {key(row) for row in other}


@given(st.lists(numbers, unique=True).map(sorted), st.data(), endings)
@settings(max_examples=samples.examples(100))
def test_a_page_in_order_is_unchanged(chosen, data, ending):
    lines = []
    for number in chosen:
        lines.append(f"| {number} | {data.draw(titles)} | Ada | {data.draw(states)} |")
        if data.draw(st.booleans()):
            lines.append(data.draw(st.sampled_from(["| | note | | |", "| ... |", "text"])))
    source = page(*lines, NEXT).replace("\n", ending)
    bare = source[: source.index(NEXT) + len(NEXT)]

    assert settle(source, "README.md") == (source, (), ())
    assert settle(bare, "README.md") == (bare, (), ())


any_lines = st.one_of(
    row_lines,
    st.sampled_from(
        [
            *hunk([], [], []),
            *HEAD.splitlines(),
            *(
                "",
                " ",
                "text",
                "# H",
                "```",
                "- x",
                "> q",
                "    | 1 | 2 | 3 | 4 |",
                "=======",
                "\f",
            ),
            *("<!--", "-->", "|", "||", "1007 | x", "\ufeff", "[1001]: x", "| 1 | 2\x85 | 3 | 4 |"),
        ]
    ),
    st.text(max_size=8),
)


@example(
    before=[],
    after=[
        "| 1001 | A | Ada | Draft |",
        "",
        "| 1001 | A | Ada | Draft |",
        "| 1001 | A | Ada | Draft |",
        "| 1001 | A | Ada | Draft |",
        "|---|---|---|---|",
    ],
    ending="\n",
    ends_bare=False,
)
@given(st.lists(any_lines, max_size=12), st.lists(any_lines, max_size=12), endings, st.booleans())
@settings(max_examples=samples.examples(300))
def test_any_page_is_settled_for_good_or_refused(before, after, ending, ends_bare):
    source = ending.join([*before, "", *HEAD.splitlines(), *after]) + ("" if ends_bare else ending)
    message, text = "", source
    try:
        text = settle(source, "README.md").text
    except BepError as refused:
        message = str(refused)

    assert "\n" not in message
    assert not message or message.startswith("README.md:")
    assert message or settle(text, "README.md").text == text


def test_a_conflict_of_thousands_of_rows_in_a_backward_order():
    lines = [f"| {number} | T{number} | A | Draft |" for number in range(9000, 1000, -1)]

    result = settled(*hunk(lines[::2], lines[1::2]))

    assert rows(result) == lines[::-1]


# --- Markers of another length ------------------------------------------------------------------


def resized(lines: list[str], size: int) -> list[str]:
    """The lines with markers of another length, as an attribute `conflict-marker-size` says."""
    marks = {mark * 7: mark * size for mark in "<=>|"}
    return [marks[line[:7]] + line[7:] if line[:7] in marks else line for line in lines]


@pytest.mark.parametrize("size", [3, 4, 6, 8, 10, 32])
@pytest.mark.parametrize("base", [None, [], [E]], ids=["merge", "diff3", "with a row"])
def test_markers_of_any_length_give_way_to_the_rows_of_both_sides(size, base):
    conflict = hunk([D], [C], base)

    assert settled(A, *resized(conflict, size)) == settled(A, *conflict)
    assert C in settled(A, *resized(conflict, size)).text


@pytest.mark.parametrize("size", [8, 10])
@pytest.mark.parametrize("gone", [0, 2, 4], ids=["first", "middle", "last"])
def test_longer_markers_that_do_not_pair_are_refused(size, gone):
    conflict = resized(hunk([D], [C]), size)
    del conflict[gone]

    with pytest.raises(BepError):
        settle(page(A, *conflict), "README.md")


def test_conflicts_of_different_lengths_are_all_joined():
    text = settled(A, *resized(hunk([D], [C]), 9), *hunk([E], [])).text

    assert [line for line in text.splitlines() if line in (A, C, D, E)] == [A, C, D, E]


def test_of_two_statuses_the_guide_says_which_is_further_on(tmp_path):
    text = (ROOT / "guide.yml").read_text().replace("name: Implemented\n", "name: In Use\n")
    guide = guide_file.read(text, "guide.yml")
    in_use = C.replace("Draft", "In Use")
    conflict = merged(tmp_path / "one", page(A), page(A, C), page(A, in_use), "merge")

    assert settle(conflict, "README.md", guide).text == page(A, in_use)
