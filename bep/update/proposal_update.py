"""One proposal carried from one template revision to another; nothing is written here.

`update` and the template's own migration both come here, so that they give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..guide import Guide
from ..markdown import edits as splices
from ..markdown.heading_text import normalise
from ..merge import author_lines, merge
from ..merge.merge import Rules, Unmergeable, Wanted, no_section
from ..proposal import agents_page, registry_table, skill
from ..questionnaire import answers as answer_forms
from ..questionnaire.revision_notes import Revisions
from ..system import file_transaction, git_merge, git_objects, git_process
from ..system.file_transaction import Change
from ..system.renderer import Revision
from ..system.repository import Repository, decode, encode
from . import answers_file as records, renamed_anchors
from .answers_file import Record


class FileOutcome(StrEnum):
    """What becomes of a file in an update."""

    CURRENT = "current"
    UPDATED = "updated"
    MERGED = "merged"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


Reader = Callable[[str], bytes | None]


# What `kept` says of a file that is not merged.
_WHOLE = ("(the whole file)",)


class CarriedFile(NamedTuple):
    """What becomes of a file.

    `path` is its path afterwards, `before` its path now ('' for a new one). `content` is None if it
    is removed. `kept` names the sections whose new template text gave way to the author's, and
    `wanted` has that text; `lines` counts the author's lines before and after. `renamed` are titles
    of sections, before and after.
    """

    path: str
    before: str
    outcome: FileOutcome
    content: bytes | None
    kept: tuple[str, ...] = ()
    lines: tuple[int, int] = (0, 0)
    wanted: tuple[Wanted, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()


class Proposal(NamedTuple):
    """A proposal as its author has it.

    `folder` holds the proposals. `content` is the answers file as it was committed, `record` what
    it says. `read` gives a file by its path from the root, None if there is none; `documents`
    are the paths of main documents that carry the number.
    """

    folder: str
    number: int
    content: bytes
    record: Record
    read: Reader
    documents: Sequence[str]

    @property
    def answers_file(self) -> str:
        """The path of the answers file."""
        return f"{self.folder}/{names.answers_file(self.number)}"


class Carried(NamedTuple):
    """What becomes of a proposal's files, the answers file last.

    `unanswered` are new questions without a default; `dropped` are answers to no question.
    """

    files: list[CarriedFile]
    unanswered: tuple[str, ...]
    dropped: tuple[str, ...]


def carry(
    proposal: Proposal,
    old: Revision,
    new: Revision,
    changes: Revisions,
    given: Mapping[str, Any] | None = None,
    take: frozenset[str] = frozenset(),
) -> Carried:
    """A proposal with what the template changed from `old` to `new`; nothing is written.

    `given` are answers that replace the stored ones. `changes` are the template's renames. `take`
    are headings of sections for which the template's text is taken where it would give way.
    Raises BepError if answers or documents cannot be carried.
    """
    path, record = proposal.answers_file, proposal.record
    # Rules never get stricter: what is malformed now always was.
    then = old.replayed(record.answers, judged=False)
    renamed = changes.names("answers", record.revision)
    stored = {renamed.get(name, name): value for name, value in record.answers.items()}
    now = new.replayed({**stored, **(given or {})})
    for replayed in (then, now):
        records.refuse_problems(replayed.problems, proposal.content, path)
    _refuse_other_layout(then.answers, now.answers, proposal)
    files = _documents(
        proposal,
        old.rendered(then.answers, record.source, without=path),
        new.rendered(now.answers, record.source),
        Rules(
            changes.names("sections", record.revision),
            changes.names("metadata", record.revision),
            columns_of=_columns_of(new.guide, changes.names("columns", record.revision)),
            take=take,
        ),
        new.guide,
        answer_forms.skill_files(now.answers),
    )
    unknown = record.answers.keys() - old.questions.keys() - new.questions.keys()
    return Carried(files, now.unanswered, tuple(sorted(unknown - renamed.keys())))


def _columns_of(guide: Guide, renamed: Mapping[str, str]) -> Callable[[str], Mapping[str, str]]:
    """What names of columns mean the same in the section with a normalised heading."""
    later = {normalise(old): normalise(new) for old, new in renamed.items()}

    def names(heading: str) -> Mapping[str, str]:
        known = guide.column_names(guide.main_names.family(heading))
        return {**{old: known.get(new, new) for old, new in later.items()}, **known}

    return names


def _refuse_other_layout(
    then: Mapping[str, Any], now: Mapping[str, Any], proposal: Proposal
) -> None:
    """An update moves no proposal to another number, folder or layout."""
    for name, remedy in (
        ("layout", "`bep segment` makes segments of one file"),
        ("number", "`bep renumber` gives another number"),
        ("proposals", "move the folder and change the setting"),
    ):
        expected = proposal.number if name == "number" else then.get(name)
        if now.get(name) != expected or then.get(name) != expected:
            raise BepError(
                f"answer {name!r} is {now.get(name)!r} and not {expected!r}; an update cannot"
                " change it",
                remedy,
                proposal.answers_file,
                records.line_of(proposal.content, name),
                WRONG_DOCUMENTS,
            )


def _documents(
    proposal: Proposal,
    old_files: Mapping[str, bytes],
    new_files: Mapping[str, bytes],
    rules: Rules,
    guide: Guide,
    skills: Collection[str],
) -> list[CarriedFile]:
    answers, read = proposal.answers_file, proposal.read
    # What Git writes with other line endings than the template has keeps them.
    new_files = {
        path: _as_written(content, proposal.content)
        if path == answers or path.endswith(".md")
        else content
        for path, content in new_files.items()
    }
    old, new = (
        {path: text for path, text in files.items() if _is_document(path, proposal)}
        for files in (old_files, new_files)
    )
    old_main, new_main = _main(old, proposal.number), _main(new, proposal.number)
    main = _main_of_author(old_main, new_main, proposal)
    found: list[CarriedFile | None] = []
    if main is not None and new_main is not None:
        target = new_main if main == old_main else main
        named = rules._replace(section_of=guide.main_names.family)
        before = old.get(old_main or "")
        found.append(_carried(main, target, (before, read(main), new[new_main]), named))
    for path in dict.fromkeys([*old, *new]):
        if path not in (old_main, new_main):
            named = rules._replace(section_of=_sections(guide, path, proposal.number))
            base, ours, theirs = old.get(path), read(path), new.get(path)
            if path in skills and base and ours:
                # Which revision it comes from is for the template to say, under whatever name.
                ours = encode(skill.with_version_of(decode(ours), decode(base)))
            is_page = path == f"{proposal.folder}/{names.AGENTS_PAGE}"
            carry_file = _carried_block if is_page else _carried
            found.append(carry_file(path, path, (base, ours, theirs), named))
    outcome = FileOutcome.CURRENT if new_files[answers] == read(answers) else FileOutcome.UPDATED
    found.append(CarriedFile(answers, answers, outcome, new_files[answers]))
    return _with_moved_anchors([carried for carried in found if carried is not None])


def _with_moved_anchors(files: list[CarriedFile]) -> list[CarriedFile]:
    """The files; a link to a section of the proposal leads to it by its new title."""
    moved = {
        tuple(one.path.split("/")): renamed_anchors.of(decode(one.content), one.renamed)
        for one in files
        if one.renamed and one.content is not None
    }
    return [_relinked_within(one, moved) for one in files] if any(moved.values()) else files


def _relinked_within(one: CarriedFile, moved: renamed_anchors.Moved) -> CarriedFile:
    if one.content is None or not one.path.endswith(".md"):
        return one
    content = encode(
        renamed_anchors.relinked(decode(one.content), tuple(one.path.split("/")), moved)
    )
    if content == one.content:
        return one
    is_current = one.outcome is FileOutcome.CURRENT
    return one._replace(content=content, outcome=FileOutcome.MERGED if is_current else one.outcome)


def _is_document(path: str, proposal: Proposal) -> bool:
    # Settings and tasks are made once and belong to the repository from then on.
    is_ours = path.startswith(f"{proposal.folder}/") or path.endswith(".md")
    return is_ours and path != proposal.answers_file


def _main(files: Mapping[str, bytes], number: int) -> str | None:
    return next(
        (path for path in files if names.number_of_document(path.split("/")[-1]) == number), None
    )


def _sections(guide: Guide, path: str, number: int) -> Callable[[str], str | None]:
    if f"/{names.proposal_name(number)}/" in path:
        return guide.sub_names.family
    return no_section


def _main_of_author(old: str | None, new: str | None, proposal: Proposal) -> str | None:
    """Where the author has the main document; a moved one is found by its number."""
    for path in (old, new):
        if path is not None and proposal.read(path) is not None:
            return path
    documents = proposal.documents
    if len(documents) > 1:
        raise BepError(
            f"has the same number as {documents[0]}",
            "`bep renumber PATH` gives the one that is not on the main branch another",
            documents[1],
            code=WRONG_DOCUMENTS,
        )
    if documents:
        return documents[0]
    if old is not None and old.endswith(names.main_document(0, "template")):
        # The blank document may be deleted; the process page lives without it.
        return None
    raise BepError(
        "the main document of this answers file is gone",
        "restore it, or delete the answers file",
        proposal.answers_file,
        code=WRONG_DOCUMENTS,
    )


def _carried(
    path: str,
    target: str,
    versions: tuple[bytes | None, bytes | None, bytes | None],
    rules: Rules,
) -> CarriedFile | None:
    """The versions of one file: base, ours, theirs; None if its author has deleted it."""
    base, ours, theirs = versions
    if ours is None:
        return (
            CarriedFile(path, "", FileOutcome.ADDED, theirs)
            if base is None and theirs is not None
            else None
        )
    if theirs is None:
        if _same(ours, base):
            return CarriedFile(path, path, FileOutcome.REMOVED, None)
        return CarriedFile(path, path, FileOutcome.CURRENT, ours, _WHOLE)
    if not path.endswith(".md"):
        content = ours
        if _same(ours, base):
            content = theirs if ours == base else _as_written(theirs, ours)
        outcome = FileOutcome.UPDATED if content != ours else FileOutcome.CURRENT
        kept = () if _same(ours, base) or theirs in (base, ours) else _WHOLE
        return CarriedFile(path, path, outcome, content, kept)
    return _merged(path, target, base or b"", ours, theirs, rules)


def _carried_block(
    path: str,
    target: str,
    versions: tuple[bytes | None, bytes | None, bytes | None],
    rules: Rules,
) -> CarriedFile | None:
    """The versions of the page for agents, of which only the block is the template's."""
    if None in versions:
        return _carried(path, target, versions, rules)
    base, ours, theirs = (decode(one or b"") for one in versions)
    old, mine, new = map(agents_page.block, (base, ours, theirs))
    if not (old and mine and new):
        # The author has removed the block, or one of its marks.
        return CarriedFile(path, path, FileOutcome.CURRENT, encode(ours))
    before, now, after = (
        encode(text[span.text_start : span.text_end])
        for text, span in ((base, old), (ours, mine), (theirs, new))
    )
    carried = _merged(path, target, before, now, after, rules)
    mark = splices.with_ending(theirs[new.start : new.text_start], splices.usual_ending(ours))
    text = ours[: mine.start] + mark + decode(carried.content or b"") + ours[mine.text_end :]
    return carried._replace(content=encode(text))


def _merged(
    path: str, target: str, base: bytes, ours: bytes, theirs: bytes, rules: Rules
) -> CarriedFile:
    old, mine, new = decode(base), decode(ours), decode(theirs)
    try:
        merged = merge.merge(old, mine, new, rules)
    except Unmergeable as error:
        raise BepError(str(error), "correct the file", path, code=WRONG_DOCUMENTS) from None
    before = author_lines.written(old, mine).total()
    gone = author_lines.lost(old, mine, merged.text) if merged.text != mine else []
    if wrong := [*(Counter(gone) - author_lines.written("", "\n".join(merged.given_up)))]:
        # Never observed; but no template revision is worth the loss of a line that an author wrote.
        raise BepError(
            f"the update would lose the line {wrong[0].strip()!r}",
            "please report this; nothing was changed",
            path,
            code=WRONG_DOCUMENTS,
        )
    content = encode(merged.text)
    outcome = FileOutcome.UPDATED if _same(ours, base) else FileOutcome.MERGED
    if content == ours:
        outcome = FileOutcome.CURRENT
    if target != path:
        outcome = FileOutcome.MOVED
    counted = (before, before - len(gone))
    return CarriedFile(
        target, path, outcome, content, merged.kept, counted, merged.wanted, merged.renamed
    )


def _same(one: bytes, other: bytes | None) -> bool:
    """Whether two files are the same but for their line endings."""
    return other is not None and splices.same_lines(decode(one), decode(other))


def _as_written(content: bytes, other: bytes) -> bytes:
    """A text with the line ending that most lines of another one have."""
    return encode(splices.with_ending(decode(content), splices.usual_ending(decode(other))))


def write(repository: Repository, carried: Sequence[CarriedFile]) -> None:
    """Write what becomes of a proposal's files, all or nothing.

    Raises BepError if a file cannot be written.
    """
    root = repository.root
    changes = [
        Change(root / one.path, one.content)
        for one in carried
        if one.content is not None and content_of(repository, one.path) != one.content
    ]
    gone = [root / one.before for one in carried if one.before and one.content is None]
    gone += [root / one.before for one in carried if one.before not in ("", one.path)]
    changes += _relinked(repository, carried)
    removals = [path for path in dict.fromkeys(gone) if repository.tree.has(path)]
    if changes or removals:
        file_transaction.write(repository.tree, changes, removals=removals)


def _relinked(repository: Repository, carried: Sequence[CarriedFile]) -> list[Change]:
    """The registry page if its row leads to a main document that moves, and if it can be read."""
    moved: dict[str | None, str] = {
        one.before: one.path.rpartition("/")[2]
        for one in carried
        if one.before not in ("", one.path) and one.content is not None
    }
    if not moved:
        return []
    try:
        page = repository.read_registry()
    except BepError:
        return []
    edits = [
        edit
        for row in page.rows
        if row.number is not None and (name := moved.get(registry_table.target_of(page.path, row)))
        for edit in registry_table.cell_splices(
            page, row, {"Number": registry_table.number_cell(row.number, name)}
        )
    ]
    text = splices.applied(page.source, edits)
    return [Change(repository.registry_page, encode(text))] if edits else []


def content_of(repository: Repository, path: str) -> bytes | None:
    """The content of a file at a path from the root, None if there is none.

    Raises BepError if it cannot be read.
    """
    try:
        return repository.tree.read(repository.root / path)
    except FileNotFoundError:
        return None
    except OSError:
        # It says why.
        return repository.content(repository.root / path)


def committed(repository: Repository, path: str) -> bytes | None:
    """The content of a file in HEAD, None if it has none; raises BepError if Git refuses."""
    try:
        return git_objects.contents_at_head(repository.root, path)
    except git_process.GitRefusal as refusal:
        raise BepError(f"cannot be read from HEAD ({refusal})", "see `git status`", path) from None


def refuse_unmerged(repository: Repository) -> None:
    """Raise BepError if a merge is not finished."""
    unmerged = sorted(git_merge.unmerged(repository.root))
    if unmerged:
        raise BepError("is in conflict", "finish the merge first", unmerged[0])
