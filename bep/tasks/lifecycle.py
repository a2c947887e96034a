"""The tasks of a proposal's life: `mark`, `ask`, `decide`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import WRONG_DOCUMENTS
from ..names import proposal_name
from ..output import has_terminal, note, print_json, remark, say_wrapped
from .command import Exit, command
from .terminal import DRY_RUN, MANY, ONE, confirm, note_next, open_repository, print_diff

if TYPE_CHECKING:
    from ..guide import Status
    from ..system.repository import Repository


@command(
    positions=["number", "status"],
    of_branch=True,
    lists=["number"],
    number_first=True,
    required=["status"],
    sources={"by": "number"},
    values={"target_version": "VERSION", "by": "NUMBER"},
    help={
        "number": f"{MANY[:-1]}; default: the branch's.",
        "status": "The new status, such as accepted; `draft` reopens a rejected proposal.",
        "version": "For implemented: the version that includes it.",
        "target_version": "For accepted: the version that it is planned for.",
        "by": "For superseded: the proposal that replaces it.",
        "reason": "For rejected: why; for accepted: why open questions do not prevent it.",
        "despite_open_questions": "Accept although questions are open, and record that in the"
        " decision log.",
        "json": "Print what changed as JSON, and nothing else on stdout.",
        "dry_run": DRY_RUN,
    },
    examples=[
        "bep mark 1046 accepted --target-version 26.9.0",
        "bep mark 1046 1050-1053 implemented --version 26.9.0",
        "bep mark 1046 superseded --by 1050",
    ],
)
def mark(
    number: Sequence[str] = (),
    status: str = "",
    version: str = "",
    target_version: str = "",
    by: str = "",
    reason: str = "",
    despite_open_questions: bool = False,
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Move proposals to another status.

    The process page shows the allowed transitions; from the first status, `implemented` takes two
    of them at once. Changes the metadata, the registry row and, if a reason is required, the
    decision log, for all given proposals or for none.
    """
    from ..maintain import mark as marking
    from ..system import chosen_proposals

    repository = open_repository(writing=not dry_run)
    chosen = chosen_proposals.listed(repository, number)
    wish = marking.wish(
        repository,
        status,
        version=version,
        target_version=target_version,
        by=by,
        reason=reason,
        despite_open_questions=despite_open_questions,
    )
    asks = has_terminal() and not (json or dry_run)
    is_acceptance = wish.status.settled and not wish.status.final
    # What is refused anyway needs no answer.
    if asks and is_acceptance and not marking.mark(repository, chosen, wish, dry_run=True).refusals:
        _confirm_unready(repository, chosen, wish.status)
    result = marking.mark(repository, chosen, wish, dry_run=dry_run)
    remark(*result.refusals)
    if result.refusals:
        raise Exit(code=WRONG_DOCUMENTS)
    if json:
        print_json([step.data() for step in result.steps])
        return
    if dry_run:
        print_diff(repository, result.changes)
    show = note if dry_run else say_wrapped
    verb = "would become" if dry_run else "is now"
    for step in result.steps:
        remarks = "; ".join(("", *step.marked.remarks))
        before, after = step.marked.before, step.marked.after
        if before == after:
            show(f"{proposal_name(step.number)} is already {after}{remarks}.")
            continue
        show(f"{proposal_name(step.number)} {verb} {after}, it was {before}{remarks}.")
    if len(result.steps) == 1 and not dry_run:
        note_next(repository, result.steps[0].main)


def _confirm_unready(repository: Repository, number: str, status: Status) -> None:
    """Ask at the terminal if something is unwritten, unresolved or broken."""
    from ..share import status as standings
    from ..system import chosen_proposals

    found = [
        reason
        for main in chosen_proposals.meant(repository, number)
        for reason in standings.blocking(repository, main, status)
    ]
    if not found:
        return
    for reason in found:
        note(reason)
    confirm(f"Make it {status.name} all the same?")


@command(
    positions=["number", "question"],
    of_branch=True,
    number_first=True,
    required=["question"],
    help={
        "number": ONE,
        "question": "What is not settled, in one line of Markdown.",
        "dry_run": DRY_RUN,
    },
    examples=["bep ask 1046 'Do we need a queue?'"],
)
def ask(number: str = "", question: str = "", dry_run: bool = False) -> None:
    """Add an open question to a proposal's main document.

    It is added after the existing ones, in their form: a bullet, a number, a heading.
    """
    from ..maintain import ask_and_decide

    repository = open_repository(writing=not dry_run)
    result = ask_and_decide.ask(repository, number, question, dry_run=dry_run)
    if dry_run:
        print_diff(repository, [result.change])
    show = note if dry_run else say_wrapped
    place = repository.relative(result.change.path)
    verb = "would be" if dry_run else "is"
    show(f"{place}: this {verb} open question {result.position}.")


@command(
    positions=["number", "question"],
    of_branch=True,
    number_first=True,
    required=["question", "decision", "rationale"],
    help={
        "number": ONE,
        "question": "The question: its position among the open ones, or part of its text.",
        "decision": "What was decided, in one line of Markdown.",
        "rationale": "Why, in one line of Markdown.",
        "date": "The day of the decision, YYYY-MM-DD; default: today.",
        "key": "Also add the decision to key-decisions in the context block.",
        "drop_detail": "Discard what is below the question: bullets, paragraphs, code.",
        "dry_run": DRY_RUN,
    },
    examples=["bep decide 1046 queue --decision 'No queue' --rationale 'One consumer'"],
)
def decide(
    number: str = "",
    question: str = "",
    decision: str = "",
    rationale: str = "",
    date: str = "",
    key: bool = False,
    drop_detail: bool = False,
    dry_run: bool = False,
) -> None:
    """Move an open question into the decision log.

    Removes the question from the open ones and adds a row with date, decision and rationale to the
    log's table. If there is detail below the question, which does not fit into a row, --drop-detail
    is required.
    """
    from ..maintain import ask_and_decide

    repository = open_repository(writing=not dry_run)
    result = ask_and_decide.decide(
        repository,
        number,
        question,
        decision,
        rationale,
        day=date.strip(),
        key=key,
        drop_detail=drop_detail,
        dry_run=dry_run,
    )
    if dry_run:
        print_diff(repository, [result.change])
    show = note if dry_run else say_wrapped
    place = repository.relative(result.change.path)
    done = "; ".join((f"{place}: {'would be' if dry_run else 'is'} decided", *result.remarks))
    asked = repository.guide.sections["open-questions"].heading
    show(f"{done}. No longer in {asked}:")
    for line in result.lines.splitlines():
        show(line)
    if not dry_run:
        note_next(repository, place)
