"""The tasks around numbers and registry: `list`, `renumber`, `retitle`, `sync`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import WRONG_DOCUMENTS, BepError
from ..names import proposal_name
from ..output import (
    Cell,
    Column,
    Painted,
    has_screen,
    has_terminal,
    note,
    print_json,
    remark,
    say,
    say_wrapped,
    table,
    write,
)
from .command import Exit, command
from .terminal import (
    DRY_RUN,
    MANY,
    ONE,
    confirm,
    open_repository,
    painted_status,
    print_diff,
)

if TYPE_CHECKING:
    from ..guide import Guide
    from ..maintain.branch_name import Branch
    from ..maintain.proposal_list import Entry
    from ..maintain.proposal_times import Times
    from ..system.repository import Repository


@command(
    paged=True,
    positions=["number"],
    lists=["number"],
    values={"author": "NAME", "since": "DATE", "sort": "ORDER"},
    sources={"author": "author", "sort": "order"},
    help={
        "number": MANY,
        "status": "Only proposals with this status.",
        "author": "Only proposals with this text in an author's name or mail address.",
        "since": "Only proposals that changed since a date such as 2026-01-31, or within an age"
        " such as 30d or 6w.",
        "sort": "The order: number, title, author, status, created or changed (newest first).",
        "attention": "Only proposals that need attention, and why.",
        "times": "Show from Git's history when each proposal was created, and how many days it has"
        " been in each status, unchanged (Idle), and with its oldest open question (Asked).",
        "graph": "Print a Mermaid flowchart of relations: builds on, superseded by, mentions.",
        "json": "Print JSON: a list of objects with number, title, author, status, layout, main,"
        " documents and template_revision; with --attention also attention, a list of reasons; with"
        " --times also times; with --graph a list of relations with number, path, line, kind, to"
        " and known.",
    },
    examples=[
        "bep list --status draft --attention",
        "bep list --times --author ada --since 30d",
        "bep list --graph 1046",
    ],
)
def list_(
    number: Sequence[str] = (),
    status: str = "",
    author: str = "",
    since: str = "",
    sort: str = "",
    attention: bool = False,
    times: bool = False,
    graph: bool = False,
    json: bool = False,
) -> None:
    """List the registry with what the documents say.

    Shows number, status, layout, author and title; numbers without a document are shown as
    reserved, with the age of their claim. On a terminal they are grouped by status, unless --sort
    gives an order. --attention lists proposals accepted without target version, reserved without a
    document, with another status in the registry, with an older template revision or with questions
    open for over 30 days, drafts that nobody has changed for 90 days (the setting untouched_days),
    drafts and superseded proposals that code cites, and the like. Works offline: it shows the
    remote's claims as `sync` last saw them, and when that was.
    """
    from ..maintain import proposal_list
    from ..start import claim_refs
    from ..system import chosen_proposals

    _refuse_together(graph=graph, attention=attention, times=times)
    repository = open_repository(writing=False)
    every = proposal_list.entries(repository)
    found = every
    if chosen := chosen_proposals.listed(repository, number):
        found = chosen_proposals.selected(repository, found, chosen, lambda entry: entry.number)
    if status:
        chosen_proposals.known_status(repository.guide, status)
        found = [one for one in found if (one.status or "").casefold() == status.casefold()]
    timed = _selected(repository, found, author, since, sort, with_times=times)
    found = [entry for entry, _ in timed]
    if graph:
        _show_graph(repository, every, found, as_data=json)
        return
    for one in found:
        # Where reasons are shown, this is one of them.
        if one.problem and not attention:
            remark(one.problem)
    if attention:
        from ..maintain import attention as attentions

        looked_at = attentions.reasons(repository, found, every)
        if json:
            print_json([{**entry.data(), "attention": why} for entry, why in looked_at])
            return
        _show_attention(looked_at)
    elif json:
        print_json([_data(entry, known, with_times=times) for entry, known in timed])
        return
    elif times:
        _show_times(repository.guide, timed)
    else:
        _show_entries(repository.guide, found, is_sorted=bool(sort))
    _, when = claim_refs.seen(repository)
    if when:
        name = repository.settings.remote
        note(f"Claims of {name} as of {when:%Y-%m-%d %H:%M}; `bep sync` asks again.")


def _refuse_together(**flags: bool) -> None:
    given = [f"--{name}" for name, is_given in flags.items() if is_given]
    if len(given) > 1:
        raise BepError(
            f"{given[0]} and {given[1]} cannot be given together", "leave one of them out"
        )


def _selected(
    repository: Repository,
    entries: Sequence[Entry],
    author: str,
    since: str,
    sort: str,
    *,
    with_times: bool,
) -> list[tuple[Entry, Times | None]]:
    """The entries that are asked for, in order, with their times where something needs them."""
    import datetime as dt

    from ..maintain import list_selection

    now = dt.datetime.now(dt.UTC)
    start = list_selection.moment(since, now) if since else None
    order = list_selection.known_order(sort) if sort else ""
    if author:
        entries = [one for one in entries if list_selection.is_by(one, author)]
    known: list[Times | None] = [None] * len(entries)
    if with_times or since or order in list_selection.OF_TIMES:
        from ..maintain import proposal_times

        known = proposal_times.of_entries(repository, entries, now=now)
    timed = [*zip(entries, known, strict=True)]
    if start:
        timed = [one for one in timed if list_selection.has_changed_since(one[1], start)]
    return list_selection.in_order(repository.guide, timed, order) if order else timed


def _data(entry: Entry, times: Times | None, *, with_times: bool) -> dict[str, Any]:
    return entry.data() | ({"times": times and times.data()} if with_times else {})


_ENTRIES = (
    Column("Number"),
    Column("Status"),
    Column("Layout", left_out=1),
    Column("Author", can_be_cut=True, left_out=2),
    Column("Where", can_be_cut=True, left_out=3),
    Column("Title", can_be_cut=True),
)


def _show_entries(guide: Guide, entries: Sequence[Entry], *, is_sorted: bool) -> None:
    """Print a table; on a terminal by status, where there are several and no other order."""
    from ..maintain import list_selection

    groups = [] if is_sorted or not has_screen() else list_selection.groups(guide, entries)
    if len(groups) < 2:
        table(_ENTRIES, [_entry_row(guide, one) for one in entries])
        return
    titles: dict[int, Cell] = {}
    rows: list[tuple[Cell, ...]] = []
    for group in groups:
        style = painted_status(guide, group.title).style if group.is_status else "dim"
        titles[len(rows)] = Painted(f"{group.title} ({len(group.entries)})", style)
        rows += [_entry_row(guide, one) for one in group.entries]
    # The titles say the status.
    at = _ENTRIES.index(Column("Status"))
    table(
        (*_ENTRIES[:at], *_ENTRIES[at + 1 :]),
        [(*row[:at], *row[at + 1 :]) for row in rows],
        titles=titles,
    )


def _entry_row(guide: Guide, entry: Entry) -> tuple[Cell, ...]:
    return (
        str(entry.number),
        painted_status(guide, entry.status) if entry.status else "",
        entry.layout or "",
        entry.author or "",
        Painted(entry.standing, "" if entry.main else "dim"),
        entry.title or "",
    )


def _show_times(guide: Guide, timed: Sequence[tuple[Entry, Times | None]]) -> None:
    """Print the times of those that have a document: days, and when each was created."""
    known = [(entry, times) for entry, times in timed if times]
    used = {status for _, times in known for status in times.days}
    statuses = [name for name in guide.status_names if name in used]
    # What is over for good changes no more: that is left out first.
    over = [name for name in statuses if (one := guide.status_of(name)) and one.final]
    columns = [
        Column("Number"),
        Column("Status"),
        Column("Created", left_out=len(over) + 1),
        *(
            Column(
                name, left_out=len(over) - over.index(name) if name in over else 0, of_numbers=True
            )
            for name in statuses
        ),
        Column("Idle", of_numbers=True),
        Column("Asked", of_numbers=True),
        Column("Title", can_be_cut=True),
    ]
    table(columns, [_times_row(guide, entry, times, statuses) for entry, times in known])
    if any(times.history.is_since_at_least for _, times in known):
        note(
            "The history is cut off here, as in a shallow clone: `+` and `<=` mean at least and"
            " at the latest. `git fetch --unshallow` brings the rest."
        )


def _times_row(
    guide: Guide, entry: Entry, times: Times, statuses: Sequence[str]
) -> tuple[Cell, ...]:
    history = times.history
    first = history.periods[0].status if history.periods else ""
    days = {
        status: f"{count}+" if history.is_since_at_least and status == first else str(count)
        for status, count in times.days.items()
    }
    oldest = times.oldest_question_days
    return (
        str(entry.number),
        painted_status(guide, entry.status) if entry.status else "",
        f"{'<=' if history.is_since_at_least else ''}{history.created:%Y-%m-%d}",
        *(days.get(status, "") for status in statuses),
        str(times.untouched_days),
        "" if oldest is None else str(oldest),
        entry.title or "",
    )


def _show_graph(
    repository: Repository, every: Sequence[Entry], found: Sequence[Entry], *, as_data: bool
) -> None:
    """Print the relations of the proposals that were `found`, or of all."""
    from ..maintain import relation_graph, relation_reader

    chosen = {one.number for one in found}
    around = None if chosen == {one.number for one in every} else chosen
    known = relation_reader.of_repository(repository, around=around)
    remark(*known.problems)
    drawn = relation_graph.graph(every, known.found, around)
    if drawn.unknown:
        many = "the number" if len(drawn.unknown) == 1 else "the numbers"
        remark(f"no proposal has {many} {', '.join(map(str, drawn.unknown))}")
    if as_data:
        print_json(drawn.data())
        return
    write(relation_graph.flowchart(repository.guide, drawn))
    if not drawn.relations:
        note("No relations.")
    elif len(drawn.relations) > relation_graph.MOST_ARROWS:
        remark(
            f"the picture has {len(drawn.relations)} arrows, and Mermaid draws"
            f" {relation_graph.MOST_ARROWS} unless `maxEdges` allows more; name some proposals"
        )


def _show_attention(looked_at: Sequence[tuple[Entry, Sequence[str]]]) -> None:
    for entry, why in looked_at:
        number, title = Painted(str(entry.number), "bold"), entry.title or entry.main or ""
        say(number, f"  {title}".rstrip(), fitting=True)
        for reason in why:
            say_wrapped("      ", Painted(reason, "yellow"))


@command(
    positions=["number"],
    of_branch=True,
    values={"to": "NUMBER"},
    help={
        "number": "The proposal: 1046, BEP-1046, or the path of its main document; default: the"
        " branch's.",
        "to": "The new number; default: the next one. The proposal's own number claims that one.",
        "dry_run": DRY_RUN,
    },
    examples=["bep renumber 1046", "bep renumber 1046 --to 1050"],
)
def renumber(number: str = "", to: str = "", dry_run: bool = False) -> None:
    """Move a proposal to another number.

    Moves documents, directory and answers file, and rewrites the registry row, context blocks,
    headings that contain the number and links from other proposals. The claim moves too, and so
    does the name of the local branch. Text elsewhere that mentions the old number is listed with
    path and line, but not changed. To keep the number of a document without a claim, such as one
    from a pull request opened before this tool was introduced, give that number as --to: it is
    claimed, and its row is added.
    """
    from ..maintain import renumber as renumbering
    from ..system import chosen_proposals

    repository = open_repository(writing=not dry_run, finishing=False)
    wanted = chosen_proposals.one_number(to) if to else None
    number = number.strip() or chosen_proposals.of_branch(repository)
    if wanted is not None and wanted == chosen_proposals.one_number(number):
        _claim_own_number(repository, number, dry_run=dry_run)
        return
    plan, done = renumbering.renumber(repository, number, wanted, dry_run=dry_run)
    if dry_run:
        print_diff(repository, plan.changes)
    show = note if dry_run else say_wrapped
    for old, new in plan.moves:
        show(f"{old} -> {new}")
    name = proposal_name(plan.number)
    for mention in plan.mentions:
        show(f"{mention.path}:{mention.line}: still mentions {name}: {mention.text}")
    _show_branch(plan.branch, done.branch_problem, dry_run=dry_run)
    verb = "would become" if dry_run else "is now"
    show(f"{name} {verb} {proposal_name(plan.to)}.")
    if done.given_back:
        show(f"The number {plan.number} is free again.")
    if done.number_problem:
        remark(f"{done.number_problem}; `bep unreserve {plan.number}` gives it back later")


def _claim_own_number(repository: Repository, number: str, *, dry_run: bool) -> None:
    from ..maintain import claimed_number

    done = claimed_number.claim(repository, number, dry_run=dry_run)
    name = proposal_name(done.number)
    if dry_run:
        print_diff(repository, [done.change] if done.change else [])
    verb = "would be" if dry_run else "is now" if done.is_new else "was already"
    row = f"; its row is new in {repository.relative(done.change.path)}" if done.change else ""
    (note if dry_run else say)(f"{name} {verb} claimed{'' if dry_run else row}.")


@command(
    positions=["number", "title"],
    of_branch=True,
    number_first=True,
    required=["title"],
    help={
        "number": ONE,
        "title": "The new title, in one line.",
        "slug": "The short title in the file name; default: derived from the title.",
        "yes": "Do not ask on a terminal.",
        "dry_run": DRY_RUN,
    },
    examples=["bep retitle 1046 'Session Relay'"],
)
def retitle(
    number: str = "",
    title: str = "",
    slug: str = "",
    yes: bool = False,
    dry_run: bool = False,
) -> None:
    """Give a proposal another title.

    Rewrites the heading, the registry row, the parent in context blocks of sub-documents, title and
    slug in the answers, the file name and the links to it, and renames the local branch if its name
    contains the old title. On a terminal it shows the change and asks. Text elsewhere that mentions
    the old file or title is listed with path and line, but not changed.
    """
    from .. import names
    from ..maintain import retitle as retitling

    repository = open_repository(writing=not dry_run)
    plan = retitling.plan(repository, number, title, slug)
    name = names.proposal_name(plan.number)
    show = note if dry_run else say_wrapped
    if not plan.changes and not plan.moves:
        show(f"{name} already has the title {plan.title!r}; nothing to change.")
        return
    if dry_run or (has_terminal() and not yes):
        print_diff(repository, plan.changes)
        if not dry_run:
            confirm(f"Give {name} the title {plan.title!r}?")
    problem = "" if dry_run else retitling.apply(repository, plan)
    for old, new in plan.moves:
        show(f"{old} -> {new}")
    for mention in plan.mentions:
        show(f"{mention.path}:{mention.line}: still has the old name: {mention.text}")
    _show_branch(plan.branch, problem, dry_run=dry_run)
    verb = "would have" if dry_run else "has"
    show(f"{name} {verb} the title {plan.title!r}.")


def _show_branch(branch: Branch | None, problem: str, *, dry_run: bool) -> None:
    """Say what happens to the branch of a proposal that moves, or why it keeps its name."""
    if problem:
        remark(problem)
    elif branch:
        for line in _branch_lines(branch, dry_run=dry_run):
            (note if dry_run else say)(line)


def _branch_lines(branch: Branch, *, dry_run: bool) -> Iterator[str]:
    """What happens to the branch that has the old number or title in its name."""
    old, new = branch.old, branch.new
    if not branch.remotes:
        yield f"The branch {old} {'would be' if dry_run else 'is now'} {new}."
        return
    yield (
        f"The branch {old} keeps its name: it is on {' and '.join(branch.remotes)},"
        " where a pull request may be open. To rename it too, which closes that:"
    )
    quoted_old, quoted_new = shlex.quote(old), shlex.quote(new)
    yield f"  git branch --move {quoted_old} {quoted_new}"
    for remote in map(shlex.quote, branch.remotes):
        yield f"  git push --set-upstream {remote} {quoted_new}"
        yield f"  git push {remote} --delete {quoted_old}"


@command(
    resumable=True,
    positions=["number"],
    lists=["number"],
    values={"author": "SIDE"},
    help={
        "number": MANY,
        "author": "Which is right if the authors of row and document differ: document or registry.",
        "dry_run": DRY_RUN,
    },
    examples=["bep sync", "bep sync 1046 --dry-run"],
)
def sync(number: Sequence[str] = (), author: str = "", dry_run: bool = False) -> None:
    """Update the registry, derived text and claims made offline.

    Joins the rows of both sides of a merge conflict in the registry table and sorts them. Derives
    status, author and link of the rows, Document Index, detail-docs and phases from their sources;
    only lines that differ change. If row and document name different authors, both are reported,
    and the row is changed only with --author. Publishes claims made offline and fetches the
    remote's. Reports what only a person can decide; then the exit code is 1.
    """
    from ..maintain import sync as syncing
    from ..system import chosen_proposals

    repository = open_repository(writing=not dry_run)
    chosen = chosen_proposals.listed(repository, number)
    result = syncing.sync(repository, chosen, author=author, dry_run=dry_run)
    if dry_run:
        print_diff(repository, result.changes)
    show = note if dry_run else say_wrapped
    for line in result.remarks:
        show(line)
    remark(*result.problems)
    if result.refusal:
        remark(result.refusal)
    if result.problems:
        raise Exit(code=WRONG_DOCUMENTS)
    if result.refusal:
        raise Exit(code=result.refusal.code)
    if not result.remarks:
        show("Nothing to settle.")
    elif result.changes and not dry_run:
        say("Next: look at the change, `git add` it and commit.")
