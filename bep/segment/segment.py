"""`segment`: a proposal in one file becomes a main document and sub-documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..guide import Guide
from ..markdown import blocks, edits as splices, links, terminal_text
from ..markdown.blocks import Kind
from ..questionnaire import answers
from ..system import chosen_proposals, file_transaction, git_files
from ..system.file_transaction import Change
from ..system.repository import Repository, encode
from ..system.template_trust import TrustedTemplate
from ..update.rendered_proposal import Recorded, Rendered
from . import main_document
from .division import Divided, Division
from .moved_links import Relinking
from .plan import Planner, Segment, Wanted


class Segmented(NamedTuple):
    """The result of segmenting a proposal: the changes, its answers file last.

    `main` and `directory` are paths from the root; `lines` is how many the main document has, and
    `too_long` a remark if these are too many. `relinked` are other documents whose links lead
    to what moved, `remarks` what a person has to do.
    """

    number: int
    main: str
    lines: int
    too_long: str
    directory: str
    segments: tuple[Segment, ...]
    relinked: tuple[str, ...]
    changes: tuple[Change, ...]
    remarks: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        """What became of it, as `segment --json` prints it."""
        return {
            "number": self.number,
            "main": self.main,
            "documents": [
                {"path": f"{self.directory}/{one.file}", "heading": one.heading.text}
                for one in self.segments
            ],
            "relinked": list(self.relinked),
            "remarks": list(self.remarks),
        }


class Segmenter:
    """Segments the proposal that `named` means; `place` takes a checkout of the template.

    Raises BepError if the proposal cannot be read or already has segments.
    """

    def __init__(
        self, repository: Repository, named: str, trusted: TrustedTemplate, place: Path
    ) -> None:
        self._repository = repository
        self._main = chosen_proposals.single(repository, named)
        self._directory = repository.directory(self._main.number)
        self._refuse_segmented()
        self._recorded = Recorded(repository, self._main, trusted, place)
        layout = self._main.document.guide.layouts.get(str(self._recorded.answers.get("layout")))
        if layout is None:
            raise self._wrong("its answers name an unknown layout", "see `layout` there")
        if layout.sub_documents:
            raise self._wrong("its answers say that it already has segments", "see `layout` there")
        base = self._recorded.rendered(self._recorded.answers)
        self._guidance = _comments(base)
        self._planner = Planner(self._main.document, self._recorded.answers, self._guidance)

    @property
    def guide(self) -> Guide:
        """The guide that names the documents."""
        return self._main.document.guide

    @property
    def number(self) -> int:
        """The proposal's number."""
        return self._main.number

    @property
    def place(self) -> str:
        """The path of its main document from the root."""
        return self._main.place

    @property
    def directory(self) -> str:
        """The path of the directory that takes its sub-documents."""
        return self._repository.relative(self._directory)

    def plan(
        self, asked: Sequence[Wanted] | None = None, staying: Set[str] = frozenset()
    ) -> tuple[Segment, ...]:
        """The sub-documents that there will be; `asked` are the components, if given.

        `staying` are files that long sections do not become. Raises BepError for a plan that the
        document does not allow.
        """
        found = self._planner.plan(asked, staying)
        for one in found:
            path = self._directory / one.file
            if self._repository.tree.has(path):
                raise BepError(
                    "already exists",
                    "move it away, or give the component another file name",
                    self._repository.relative(path),
                    code=WRONG_DOCUMENTS,
                )
        return found

    def segment(self, plan: Sequence[Segment], *, dry_run: bool = False) -> Segmented:
        """Divide the document as planned; all files are written, or none.

        Raises BepError if the document cannot be divided, or changed since it was read.
        """
        if dry_run:
            return self._segmented(plan)
        with file_transaction.alone(self._repository.tree):
            if self._repository.read(self._main.path) != self._main.document.source:
                raise self._wrong("changed since the plan was made", "try again")
            segmented = self._segmented(plan)
            file_transaction.write(self._repository.tree, segmented.changes)
        return segmented

    def _segmented(self, plan: Sequence[Segment]) -> Segmented:
        rendered = self._recorded.rendered(self._answers(plan))
        divided = self._divided(plan, rendered)
        shell = rendered.main_document(self.number)
        main = main_document.completed(self._main.document, divided.main, shell, divided.subs)
        changes = [Change(self._main.path, encode(main.text))]
        changes += [
            Change(self._directory / file, encode(text)) for file, text in divided.subs.items()
        ]
        elsewhere = list(self._elsewhere(divided.relinking))
        changes += [*elsewhere, rendered.answers]
        document = self._main.document.with_source(main.text)
        return Segmented(
            self.number,
            document.path,
            document.line_count,
            main_document.too_long(document),
            self.directory,
            tuple(plan),
            tuple(self._repository.relative(one.path) for one in elsewhere),
            tuple(changes),
            (*self._recorded.remarks, *main.remarks),
        )

    def _divided(self, plan: Sequence[Segment], rendered: Rendered) -> Divided:
        folder = self._repository.relative(self._directory)
        shells = {one.file: rendered.files[f"{folder}/{one.file}"] for one in plan}
        division = Division(self._main.document, plan, shells, self._guidance)
        return division.divided()

    def _answers(self, plan: Sequence[Segment]) -> dict[str, Any]:
        """The answers from which the segmented proposal is rendered."""
        stored = self._recorded.answers
        known = {one.name: one for one in answers.components(stored.get("components"))}
        guide = self._main.document.guide
        own = {form.file: form.asked for form in guide.sub_document_forms if form.asked}
        made = [one for one in plan if one.file not in own]
        names_made = {one.file.removesuffix(".md") for one in made}
        components = [_component(one, known, names_made) for one in made]
        plain = {one["name"] for one in components}
        phases = [_phase(one, plain) for one in answers.phases(stored.get("phases"))]
        documents_made = {one.file for one in plan}
        return {
            **stored,
            "scope": stored.get("scope") or stored.get("title", ""),
            "layout": guide.segmentation.layout,
            "components": components,
            "phases": phases,
            **{question: file in documents_made for file, question in own.items()},
            "diagrams": self._repository.tree.is_folder(self._directory / "diagrams"),
        }

    def _elsewhere(self, relinking: Relinking) -> Iterator[Change]:
        """Documents whose links lead to what moved."""
        repository = self._repository
        name = encode(self._main.path.name)
        for listed in git_files.files(repository.root):
            path = repository.root / listed
            if not listed.endswith(".md") or path == self._main.path:
                continue
            if not repository.tree.is_own_file(path):
                continue
            content = repository.content(path)
            if name not in content and links.written(self._main.path.name).encode() not in content:
                continue
            text = repository.read(path)
            place = tuple(listed.split("/"))
            edits = [
                splices.Splice(link.start, link.end, new)
                for link in links.links(text)
                if (new := relinking.from_elsewhere(link.destination, place)) != link.destination
            ]
            if edits:
                yield Change(path, encode(splices.applied(text, edits)))

    def _refuse_segmented(self) -> None:
        tree = self._repository.tree
        there = self._repository.sub_documents(self._main.number)
        if there:
            shown = self._repository.relative(there[0])
            raise self._wrong(
                f"the proposal already has segments, such as {shown}",
                "move it away if it is not one; `bep add-document` adds another one",
            )
        if tree.has(self._directory) and not tree.is_folder(self._directory):
            shown = self._repository.relative(self._directory)
            raise self._wrong(f"{shown} is not a directory", "move it away")

    def _wrong(self, message: str, remedy: str) -> BepError:
        return BepError(message, remedy, self._main.place, code=WRONG_DOCUMENTS)


def rows(plan: Sequence[Segment], directory: str) -> list[str]:
    """The sub-documents with what goes to each, as lines of text."""
    paths = [terminal_text.line(f"{directory}/{one.file}") for one in plan]
    width = max(map(len, paths))
    return [
        f"{path:<{width}}  {one.lines:>4} {'line ' if one.lines == 1 else 'lines'}  {one.title}"
        for path, one in zip(paths, plan, strict=True)
    ]


def _comments(rendered: Rendered) -> frozenset[str]:
    """The template's guidance for one file."""
    return frozenset(
        text[block.start : block.end].strip()
        for path, text in rendered.files.items()
        if path.endswith(".md")
        for block in blocks.blocks(text)
        if block.kind is Kind.COMMENT
    )


def _component(
    segment: Segment, known: Mapping[str, answers.Component], made: set[str]
) -> dict[str, Any]:
    """The answer for a segment; what the answers said about it before stays."""
    name = segment.file.removesuffix(".md")
    before = known.get(name)
    title = answers.line(segment.title)
    scope = before.scope if before else ""
    if not scope and title != names.document_title(name):
        scope = title
    needs = [one for one in before.depends_on if one in made] if before else []
    found: dict[str, Any] = {"name": name}
    if scope:
        found["scope"] = scope
    if needs:
        found["depends_on"] = needs
    return found


def _phase(phase: answers.Phase, made: set[str]) -> dict[str, Any] | str:
    built = [name for name in phase.components if name in made]
    return {"name": phase.name, "components": built} if built else phase.name
