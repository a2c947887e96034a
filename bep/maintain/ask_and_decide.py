"""`ask` and `decide`: an open question is added, and moves into the Decision Log when answered."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import edits as splices
from ..markdown.edits import Splice
from ..markdown.heading_text import normalise
from ..proposal import (
    context_block,
    decision_log,
    open_questions,
    question_edits,
)
from ..proposal.context_block import Unclear
from ..proposal.decision_log import Decision
from ..proposal.document import Document
from ..proposal.open_questions import Question
from ..proposal.question_edits import NoPlace
from ..questionnaire import validation
from ..system import chosen_proposals, file_transaction
from ..system.chosen_proposals import Main
from ..system.file_transaction import Change
from ..system.repository import Repository, encode
from ..words import counted

_LISTED = 9
_KEY = "key-decisions"


class Asked(NamedTuple):
    """A question that was added to a proposal, and its position among the open ones."""

    number: int
    change: Change
    position: int


class Decided(NamedTuple):
    """A question that moved into the Decision Log; `lines` are those it had in the document."""

    number: int
    change: Change
    question: Question
    lines: str
    remarks: tuple[str, ...]


def ask(repository: Repository, named: str, text: str, *, dry_run: bool = False) -> Asked:
    """Add an open question, one line of Markdown, to the main document that `named` means.

    Raises BepError for a text that is not one line or is already open, and if the document has no
    place for it; then nothing has changed.
    """
    text = chosen_proposals.one_line(text, "question")
    with file_transaction.alone(repository.tree):
        main = chosen_proposals.single(repository, named)
        before = open_questions.clear(main.document)
        # A question that is a heading may have a number in front.
        name = normalise(text)
        same = [at for at, one in enumerate(before, 1) if normalise(one.text) == name]
        if same:
            line = before[same[0] - 1].line
            raise _wrong(main, f"this question is already open, as number {same[0]}", "", line)
        try:
            edits = question_edits.add(main.document, text)
        except NoPlace as reason:
            raise _wrong(main, str(reason), "end it with one", before[-1].line) from None
        new = splices.applied(main.document.source, edits)
        if len(open_questions.clear(main.document.with_source(new))) != len(before) + 1:
            raise _wrong(
                main,
                f"{text!r} would not be read as an open question there",
                "rephrase it, or close the code or comment above the open questions",
                _line_of(main.document),
            )
        change = _written(repository, main, new, dry_run)
    return Asked(main.number, change, len(before) + 1)


def decide(
    repository: Repository,
    named: str,
    wanted: str,
    decision: str,
    rationale: str,
    *,
    day: str = "",
    key: bool = False,
    drop_detail: bool = False,
    dry_run: bool = False,
) -> Decided:
    """Move an open question of the main document that `named` means into the Decision Log.

    `wanted` is its position, from 1 on, or a part of its text; the text also finds a question that
    is marked as settled but still listed. `day` is today if left out. With `key` the decision is
    also added to the context block's `key-decisions`. Raises BepError if no or several questions
    are found, if the question has detail that a row cannot contain and that may not be dropped, and
    if log or context block cannot be edited; then nothing has changed.
    """
    decision = chosen_proposals.one_line(decision, "decision")
    rationale = chosen_proposals.one_line(rationale, "rationale")
    if found := validation.problem("created", day, {}):
        raise BepError(found, "correct --date")
    today = dt.datetime.now().astimezone().date().isoformat()
    with file_transaction.alone(repository.tree):
        main = chosen_proposals.single(repository, named)
        document = main.document
        question = _question(main, wanted)
        _refuse_repeated(main, question, decision, rationale)
        if question.detail and not drop_detail:
            lines_of_detail = f"{counted(len(question.detail), 'line')} of detail"
            raise _wrong(
                main,
                f"{open_questions.headline(question)!r} has {lines_of_detail},"
                f" which a row of the {document.heading_of(decision_log.SECTION)} cannot contain",
                "move what matters to another section, then give --drop-detail",
                question.line,
            )
        added = decision_log.add(document, Decision(day or today, decision, rationale))
        edits = [*question_edits.remove(document, question), added.splice]
        if key:
            edits += _key_decision(main, decision)
        new = splices.applied(document.source, edits)
        _refuse_misread(main, question, main.document.with_source(new))
        change = _written(repository, main, new, dry_run)
    remarks = [f"the column {name} is empty" for name in added.left_empty]
    if day and not added.dated:
        remarks.append("the table has no column for the date")
    gone = question_edits.leaving(document, question)
    lines = document.source[gone.start : gone.end].rstrip("\r\n")
    return Decided(main.number, change, question, lines, tuple(remarks))


def _question(main: Main, wanted: str) -> Question:
    """The one open question that is meant; a settled one that is still listed, by its text."""
    known = open_questions.find(main.document)
    if found := open_questions.matching(known, wanted):
        return _only(main, wanted, found, known)
    settled = [one.question for one in open_questions.settled(main.document)]
    if not wanted.strip().isdecimal() and (found := open_questions.matching(settled, wanted)):
        return _only(main, wanted, found, known)
    if not known:
        raise _wrong(main, "there is no open question", "", _line_of(main.document))
    listed = _listed(enumerate(known, 1), len(known))
    problem, remedy = f"no open question says {wanted!r}", f"name it by its position: {listed}"
    if open_questions.is_position(wanted):
        there = "there is 1" if len(known) == 1 else f"there are {len(known)}"
        problem, remedy = f"no open question {wanted.strip()}", f"{there}: {listed}"
    raise _wrong(main, problem, remedy, known[0].line)


def _refuse_repeated(main: Main, question: Question, decision: str, rationale: str) -> None:
    """Refuse a decision that was recorded before, if the question is marked as settled.

    The call that recorded it may have been about an open question with the same text.
    """
    known = decision_log.decisions(main.document)
    if question not in open_questions.find(main.document) and any(
        (one.text, one.rationale) == (decision, rationale) for one in known
    ):
        log = main.document.heading_of(decision_log.SECTION)
        raise _wrong(
            main,
            f"{open_questions.headline(question)!r} is already settled: the {log} has it",
            "remove the question if it is the same",
            question.line,
        )


def _only(
    main: Main, wanted: str, found: Sequence[Question], known: Sequence[Question]
) -> Question:
    """The question that was found; raises BepError if there are several."""
    if len(found) == 1:
        return found[0]
    if found[0] in known:
        positions = ((known.index(one) + 1, one) for one in found)
        remedy = f"name it by its position: {_listed(positions, len(found))}"
    else:
        remedy = f"give more of its text: {_listed(enumerate(found, 1), len(found))}"
    kind = "open" if found[0] in known else "settled"
    raise _wrong(main, f"several {kind} questions say {wanted!r}", remedy, found[0].line)


def _listed(found: Iterable[tuple[int, Question]], count: int) -> str:
    shown = ", ".join(
        f"{at} {open_questions.headline(one)!r}" for at, one in islice(found, _LISTED)
    )
    return f"{shown} and {count - _LISTED} more" if count > _LISTED else shown


def _key_decision(main: Main, decision: str) -> list[Splice]:
    context = main.document.context
    if context is None:
        raise _wrong(main, "there is no context block for the decision", "leave out --key", None)
    try:
        block = context.block
        entries = context_block.entries(main.document.source, block.start, block.end)
        return context_block.append(
            main.document.source, entries, main.document.context_form.keys, _KEY, decision
        )
    except Unclear as unclear:
        raise _wrong(main, str(unclear), "correct it, or leave out --key", block.line) from None


def _refuse_misread(main: Main, gone: Question, after: Document) -> None:
    """Raise BepError if the edits would not remove this question and add its decision."""
    there, left = (
        Counter(one.question.text for one in open_questions.all_of(document))
        for document in (main.document, after)
    )
    log = main.document.heading_of(decision_log.SECTION)
    more = decision_log.row_count(after) - decision_log.row_count(main.document)
    if there - left != Counter([gone.text]) or more != 1:
        raise _wrong(
            main,
            "the document would not lose one question and gain one decision",
            f"put blank lines around the question and the {log}; close open code blocks",
            _line_of(main.document),
        )


def _line_of(document: Document) -> int | None:
    section = document.find(open_questions.SECTION)
    return section.heading.line if section and section.heading else None


def _wrong(main: Main, problem: str, remedy: str, line: int | None) -> BepError:
    return BepError(problem, remedy, main.place, line, WRONG_DOCUMENTS)


def _written(repository: Repository, main: Main, source: str, dry_run: bool) -> Change:
    change = Change(main.path, encode(source))
    if not dry_run:
        file_transaction.write(repository.tree, [change])
    return change
