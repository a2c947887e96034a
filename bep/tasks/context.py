"""The tasks that read: `context`, `search` and `governs`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..output import Painted, has_screen, note, print_json, remark, say, say_wrapped, write
from ..words import counted
from .command import command
from .terminal import ONE, open_repository, painted_status

if TYPE_CHECKING:
    from ..context.governs import Governing
    from ..context.search import Found, Match
    from ..guide import Guide


@command(
    paged=True,
    positions=["number"],
    of_branch=True,
    values={"document": "FILE", "budget": "TOKENS", "phase": "PHASE"},
    help={
        "number": ONE,
        "phase": "Include what belongs to this phase of the plan, by number or name.",
        "document": "Include this sub-document, by file name, and those that it depends on.",
        "section": "Include this section, by heading, of the main document or of --document.",
        "path": "Use the proposal that this file or folder cites, and include the parts that share"
        " its terms. If it cites several, they are listed: name one.",
        "budget": "At most this many tokens, at four bytes each; what does not fit is listed.",
        "json": "Print JSON: an object with warning, number, title, status, context, decisions,"
        " open_questions, phase, documents, omitted, tokens and notes.",
    },
    examples=[
        "bep context 1046",
        "bep context 1046 --phase 2",
        "bep context --path src/manager/session.py",
    ],
)
def context(
    number: str = "",
    phase: str = "",
    document: str = "",
    section: str = "",
    budget: str = "",
    path: str = "",
    json: bool = False,
) -> None:
    """Print what a task needs to know about a proposal, and no more.

    The output is Markdown. It always includes metadata, context block, motivation, the whole
    Decision Log, the open questions and the Implementation Plan. For a segmented proposal, --phase
    or --document adds the sub-documents that belong to it by the plan's links, the index or
    depends-on; for the others, name, length and scope are listed. For a proposal in one file, it
    includes the design, or the parts that --phase or --section names. If the plan links nothing, a
    phase gets the parts that share its terms. The template's own text is omitted. Open questions
    that touch the task come first: flag them before you continue. The end lists what was omitted
    and how to get it; the length is printed on stderr.
    """
    from ..context import briefing_text, context as contexts, governs as governing

    limit = contexts.budget_of(budget)
    repository = open_repository(writing=False)
    cited = governing.governs(repository, [path]) if path else None
    if cited and not number.strip():
        one = governing.only_one(cited, as_data=json)
        if one is None:
            _show_governing(repository.guide, cited.found)
            call = "`bep context NUMBER --path PATH` reads one of them"
            remark(f"{cited.subject} cites several; {call}")
            return
        number = str(one.number)
    given = contexts.context(
        repository, number, phase=phase, part=document, section=section, budget=limit, cited=cited
    )
    if json:
        print_json(briefing_text.data(given))
        said = (given.place, briefing_text.warning_of(given), *briefing_text.notes_of(given))
        remark(*filter(None, said))
        return
    write(briefing_text.text(given))
    length, whole = contexts.lengths(given, repository)
    note(f"About {length} tokens; all documents of the proposal are about {whole}.")


@command(
    paged=True,
    positions=["words"],
    required=["words"],
    lists=["words"],
    values={"limit": "COUNT"},
    help={
        "words": "What to look for, in one or several words.",
        "limit": "At most this many proposals; default: 20.",
        "json": "Print JSON: a list of objects with number, title, status, main and matches; these"
        " have path, line and text.",
    },
    examples=["bep search session relay"],
)
def search(words: Sequence[str] | None = None, limit: str = "", json: bool = False) -> None:
    """Find the proposals that match some words, best matches first.

    Searches titles, scopes, headings and, with less weight, the text of all proposals and their
    sub-documents, and the registry. Letter case is ignored, and related forms of a word are found
    too. Shows number, status, title and the lines that contain the words.
    """
    from ..context import search as searching

    most = searching.limit_of(limit)
    repository = open_repository(writing=False)
    text = " ".join(words or ())
    result = searching.search(repository, text, most)
    remark(*result.remarks)
    if json:
        print_json([one.data() for one in result.found])
    elif not result.found:
        say(f"No proposal matches {text!r}; `bep list` shows all of them.")
    else:
        _show_found(repository.guide, result.found)
    if result.more:
        count = len(result.found) + result.more
        note(f"{result.more} more: add a word, or --limit {count}.")


_USUAL_WIDTH = 12


def _show_found(guide: Guide, found: Sequence[Found]) -> None:
    width = _width(one.status for one in found)
    for one in found:
        status = painted_status(guide, one.status or "-", width)
        say(Painted(f"{one.number}", "bold"), "  ", status, one.title, fitting=True)
        if one.place:
            say(f"      {one.place}")
        (_show_below if has_screen() else _show_matches)(one.matches)


def _width(statuses: Iterable[str | None]) -> int:
    """The width of a column of statuses, with two blanks after the longest one."""
    return max([_USUAL_WIDTH, *(len(status or "") + 2 for status in statuses)])


def _show_matches(matches: Sequence[Match]) -> None:
    for match in matches:
        say(f"      {match.path}:{match.line}: {match.text}")


def _show_below(matches: Sequence[Match]) -> None:
    """Show the lines below their paths, which leave little of them beside each other."""
    for path in dict.fromkeys(match.path for match in matches):
        say("      ", Painted(path, "dim"), fitting=True)
        for match in matches:
            if match.path == path:
                say(Painted(f"{match.line:>10}:", "dim"), f" {match.text}", fitting=True)


@command(
    paged=True,
    positions=["path"],
    lists=["path"],
    values={"path": "PATH"},
    help={
        "path": "A file or a folder; default: what the branch changes compared with the main"
        " branch.",
        "json": "Print JSON: a list of objects with number, title, status, superseded_by, scope,"
        " main, branch, places, commits, decisions and open_questions.",
    },
    examples=["bep governs src/manager/session.py", "bep governs src tests", "bep governs"],
)
def governs(path: Sequence[str] = (), json: bool = False) -> None:
    """Find the proposals that files cite, and their decisions.

    A file cites a proposal if it names it, as BEP-1046 or by a link, or if a commit that changed
    the file names it in its message. Shows status, title, the places, and the decisions and open
    questions that mention a term or the path of the files. Numbers that no proposal has are listed
    as unknown. Searches text files that Git tracks or would add, outside the folder of proposals.
    """
    from ..context import governs as governing

    repository = open_repository(writing=False)
    result = governing.governs(repository, path)
    remark(*result.remarks)
    if json:
        print_json([one.data() for one in result.found])
    elif not result.found:
        say(f"No proposal is cited in {result.subject}.")
    else:
        _show_governing(repository.guide, result.found)


_MOST_PLACES = 5


def _show_governing(guide: Guide, found: Sequence[Governing]) -> None:
    width = _width(one.status for one in found)
    for one in found:
        status = painted_status(guide, one.status or ("-" if one.title else "unknown"), width)
        title = one.title or "no proposal has this number"
        say(Painted(f"{one.number}", "bold"), "  ", status, title, fitting=True)
        if one.superseded_by:
            say(f"      superseded by {one.superseded_by}")
        if one.place:
            say(f"      {one.place}")
        for cited in one.places[:_MOST_PLACES]:
            say(f"      cited in {cited.path}:{cited.line}")
        _show_more(len(one.places), "place")
        for commit in one.commits[:_MOST_PLACES]:
            say(
                "      cited by ", Painted(commit.id[:9], "dim"), f" {commit.subject}", fitting=True
            )
        _show_more(len(one.commits), "commit")
        for kind, entries in (("decision", one.decisions), ("open question", one.questions)):
            for entry in entries:
                place = f"{one.main}:{entry.line}"
                say_wrapped("      ", Painted(kind, "yellow"), f" {place}: {_in_line(entry.text)}")


def _show_more(count: int, what: str) -> None:
    if count > _MOST_PLACES:
        more = count - _MOST_PLACES
        say(f"      and {counted(more, f'more {what}')}; --json lists all")


def _in_line(text: str) -> str:
    """An entry of a document on one line; the borders of a table's row say nothing."""
    return " ".join(text.split()).strip("| ")
