"""`add-document`: one more sub-document of a segmented proposal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..guide import Guide
from ..markdown import edits as splices
from ..merge import merge
from ..merge.merge import Rules, Unmergeable
from ..proposal import context_block
from ..proposal.context_block import Unclear
from ..proposal.document import Document, Role
from ..questionnaire import answers as answer_forms
from ..system import chosen_proposals, file_transaction
from ..system.chosen_proposals import Main
from ..system.file_transaction import Change
from ..system.repository import Repository, encode
from ..system.template_trust import TrustedTemplate
from ..update.rendered_proposal import Recorded, Rendered
from . import main_document


class Wish(NamedTuple):
    """The sub-document to add: its name without `.md`, its scope, what it builds on."""

    name: str
    scope: str
    depends_on: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The name of its file."""
        return names.document_name(self.name)


class Added(NamedTuple):
    """The new sub-document's path, the changes with it, and what only a person can settle."""

    path: str
    changes: tuple[Change, ...]
    remarks: tuple[str, ...]


def wish(guide: Guide, name: str, scope: str, depends_on: Sequence[str] = ()) -> Wish:
    """What `--name`, `--scope` and `--depends-on` ask for.

    Raises BepError for a name that is not a descriptive file name, or a scope that is not one line.
    """
    stem = names.component_name(name.strip())
    problem = names.component_problem(stem, ())
    if problem and names.document_name(stem) not in guide.layout_files:
        raise BepError(problem, "give it with --name")
    scope = chosen_proposals.one_line(scope, "scope")
    needed = (names.component_name(one.strip()) for text in depends_on for one in text.split(","))
    return Wish(stem, scope, tuple(dict.fromkeys(filter(None, needed))))


def add(
    repository: Repository,
    named: str,
    wanted: Wish,
    trusted: TrustedTemplate,
    place: Path,
    *,
    dry_run: bool = False,
) -> Added:
    """Write the sub-document from the template, with index, context block and answers.

    `place` takes a checkout of the template. Raises BepError if the proposal is one file, where
    the document already exists, or where it would depend on one that does not.
    """
    main = chosen_proposals.single(repository, named)
    recorded = Recorded(repository, main, trusted, place)
    with file_transaction.alone(repository.tree):
        _refuse(repository, main, recorded.answers, wanted)
        added = _added(
            repository, chosen_proposals.read(repository, main.number, main.path), recorded, wanted
        )
        if not dry_run:
            file_transaction.write(repository.tree, added.changes)
    return added


def _refuse(repository: Repository, main: Main, answers: Mapping[str, Any], wanted: Wish) -> None:
    layout = main.document.guide.layouts.get(str(answers.get("layout")))
    if layout is None or not layout.sub_documents:
        raise BepError(
            "the proposal is one file",
            "`bep segment` divides it into main document and sub-documents",
            main.place,
            code=WRONG_DOCUMENTS,
        )
    directory = repository.directory(main.number)
    path = directory / wanted.file
    if repository.tree.has(path):
        raise BepError(
            "already exists",
            "give the new document another name",
            repository.relative(path),
            code=WRONG_DOCUMENTS,
        )
    there = [one.stem for one in repository.sub_documents(main.number)]
    for name in wanted.depends_on:
        if name not in there:
            known = f"there are {', '.join(there)}" if there else "there are none yet"
            raise BepError(f"there is no sub-document {name!r} to depend on", known)


def _added(repository: Repository, main: Main, recorded: Recorded, wanted: Wish) -> Added:
    before = recorded.rendered(recorded.answers)
    after = recorded.rendered(_answers(main.document.guide, recorded.answers, wanted))
    directory = repository.directory(main.number)
    path = directory / wanted.file
    new = replace(main.document, path=repository.relative(path), role=Role.SUB)
    text = _as_wished(new.with_source(after.files[new.path]), wanted)
    merged = _merged(main, before, after)
    subs = {one.name: repository.read(one) for one in repository.sub_documents(main.number)}
    completed = main_document.completed(
        main.document, merged, after.main_document(main.number), {**subs, wanted.file: text}
    )
    changes = [Change(path, encode(text))]
    if completed.text != main.document.source:
        changes.insert(0, Change(main.path, encode(completed.text)))
    changes.append(after.answers)
    return Added(repository.relative(path), tuple(changes), (*recorded.remarks, *completed.remarks))


def _merged(main: Main, before: Rendered, after: Rendered) -> str:
    """The main document with what the template writes there for one more sub-document."""
    source = main.document.source
    old, new = (one.main_document(main.number) for one in (before, after))
    try:
        return merge.merge(
            old, source, new, Rules(section_of=main.document.guide.main_names.family)
        ).text
    except Unmergeable as error:
        raise BepError(str(error), "correct the file", main.place, code=WRONG_DOCUMENTS) from None


def _answers(guide: Guide, answers: Mapping[str, Any], wanted: Wish) -> dict[str, Any]:
    question = guide.sub_document_form(wanted.file).asked
    if question:
        return {**answers, question: True}
    known = answer_forms.components(answers.get("components"))
    # One of that name whose document was removed by hand is described anew.
    kept = [
        one
        for one in answer_forms.answer_list(answers.get("components"))
        if answer_forms.components([one])[0].name != wanted.name
    ]
    there = {one.name for one in known} - {wanted.name}
    needs = [name for name in wanted.depends_on if name in there]
    entry: dict[str, Any] = {"name": wanted.name, "scope": wanted.scope}
    return {**answers, "components": [*kept, {**entry, "depends_on": needs} if needs else entry]}


def _as_wished(rendered: Document, wanted: Wish) -> str:
    """The text of a rendered document with the values for its context block."""
    text, context, order = rendered.source, rendered.context, rendered.context_form.keys
    if context is None:
        return text
    files_needed = [names.document_name(name) for name in wanted.depends_on]
    try:
        entries = context_block.entries(text, context.block.start, context.block.end)
        edits = context_block.set_names(text, entries, order, "depends-on", files_needed, str)
        edits += context_block.set_text(text, entries, "scope", wanted.scope)
    except Unclear:
        return text
    return splices.applied(text, edits)
