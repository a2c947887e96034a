"""What a proposal written by hand says, as answers of the questionnaire.

Nothing is guessed: an answer that the documents do not give is stored as "not known".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..guide import Guide
from ..proposal import (
    context_block,
    implementation_plan,
    metadata,
    related_issues,
    sub_documents,
    title as titles,
)
from ..proposal.document import Document, Role
from ..proposal.registry_table import Row
from ..proposal.sub_documents import Mentions
from ..questionnaire import answers, issue_references, product_version, validation

# What the template writes in place of what an author has to add.
_NO_TITLE = "Title"
# The answers that a reader of an answers file would miss where the documents do not give them.
_MISSED = (
    "author_name",
    "author_email",
    "status",
    "created",
    "created_version",
    "jira",
    "scope",
    "phases",
)


class Read(NamedTuple):
    """Answers in their stored form, and the names of those that could not be read.

    The answers are all of the questionnaire's but `proposals`, `first_number` and `issue_prefix`,
    which are the repository's.
    """

    answers: dict[str, Any]
    unread: tuple[str, ...]


def answers_of(
    main: str,
    file_name: str,
    subs: Mapping[str, str],
    row: Row | None,
    guide: Guide,
    *,
    diagrams: bool,
) -> Read:
    """The answers that the documents of a proposal give.

    `main` is the text of the main document, `file_name` its name, `subs` the texts of the files
    `BEP-NNNN/*.md` by file name, `row` the row of this document in the registry, `diagrams`
    whether its directory has one of that name. A title, author or status that the document lacks
    is the row's. `guide` is the one of the repository.

    Raises BepError if an adopted proposal cannot keep the main document's file name.
    """
    number, slug = _number_and_slug(file_name)
    document = Document(main, file_name, guide=guide)
    named = sub_documents.mentions(document, subs.keys())
    entries = document.metadata
    (author, address), co_authors = _authors(_filled(document, "author"), row)
    issues = related_issues.text(document)
    documents = {file: Document(text, file, Role.SUB, guide=guide) for file, text in subs.items()}
    components = sub_documents.components(document, named, documents)
    read = {
        "number": number,
        "title": title(document.title_text, number, row) or names.document_title(slug),
        "slug": slug,
        "author_name": author,
        "author_email": address,
        "co_authors": [one for one in co_authors if one],
        "status": _status(guide, entries.value("status"), row),
        "created": _fitting("created", entries.value("created")),
        "created_version": _version(entries.value("created-version")),
        "jira": issue_references.keys_in(issues),
        "github": issue_references.github_in(issues),
        "scope": sub_documents.scope(document),
        "estimated_lines": "",
        "components": components,
        "phases": _phases(document, named, {component["name"] for component in components}),
        "subsystems": [],
        "layout": guide.layout_with(document.layout, has_sub_documents=bool(subs)).id,
        "key_constraints": _key_constraints(document),
        **{form.asked: form.file in subs for form in guide.sub_document_forms if form.asked},
        "diagrams": diagrams,
        "invoke_tasks": False,
        "adopted": True,
    }
    missed = [name for name in _MISSED if read[name] in ("", [])]
    if "phases" in missed and implementation_plan.SECTION not in document.form.sections:
        missed.remove("phases")
    if not all(co_authors):
        missed.append("co_authors")
    if len(components) < len(subs.keys() - {form.file for form in guide.sub_document_forms}):
        missed.append("components")
    return Read(answers.stored(read), tuple(missed))


def with_scopes(stored: list[Any], read: list[Any]) -> list[Any]:
    """The stored components, those without a scope with the one that was read for them."""
    scopes = {one["name"]: one["scope"] for one in read if isinstance(one, dict) and "scope" in one}
    found = []
    for one in stored:
        entry = one if isinstance(one, dict) else {"name": one}
        name = entry.get("name")
        scope = scopes.get(name) if isinstance(name, str) and not entry.get("scope") else None
        found.append({"name": name, "scope": scope, **entry} if scope else one)
    return found


def _number_and_slug(file_name: str) -> tuple[int, str]:
    number = names.number_of_document(file_name)
    slug = "" if number is None else file_name.removesuffix(".md").split("-", 2)[2]
    remedy = "rename the file to BEP-NNNN-short-title.md"
    if number is None or names.main_document(number, slug) != file_name:
        problem = "the file name is not that of a main document"
        raise BepError(problem, remedy, file_name, code=WRONG_DOCUMENTS)
    for question, value in (("number", number), ("slug", slug)):
        if found := validation.problem(question, value, validation.ADOPTED):
            raise BepError(found, remedy, file_name, code=WRONG_DOCUMENTS)
    return number, slug


def _fitting(question: str, value: str) -> str:
    """`value` if it is a well-formed answer to `question`, else ''."""
    return "" if validation.problem(question, value, validation.ADOPTED) else value


def _key_constraints(document: Document) -> list[str]:
    texts = context_block.texts(document.context_lines, "key-constraints")
    return [line for text in texts if (line := answers.line(text))]


# --- Title and metadata -------------------------------------------------------------------------


def title(heading: str, number: int, row: Row | None) -> str:
    """The heading without the proposal's number; the row's title if the heading says nothing."""
    title = answers.line(titles.shown(heading, number))
    if title in ("", _NO_TITLE):
        return answers.line(row.title) if row else ""
    return title


def _authors(written: str, row: Row | None) -> tuple[tuple[str, str], list[str]]:
    """The first author, and the others in the questionnaire's form or '' for those without it."""
    found = [_author(name, address) for name, address in metadata.authors(written)]
    first, *others = found or [("", "")]
    if not first[0] and row:
        first = (_fitting("author_name", answers.line(row.author)), first[1])
    forms = (f"{name} ({address})" for name, address in others)
    return first, [
        "" if validation.problem("co_authors", [form], validation.ADOPTED) else form
        for form in forms
    ]


def _author(name: str, address: str) -> tuple[str, str]:
    if "@" in name and not address:
        name, address = "", name
    return _fitting("author_name", answers.line(name)), _fitting("author_email", address)


def _filled(document: Document, key: str) -> str:
    """The value of a metadata key, '' for the placeholder of the guide."""
    value, known = document.metadata.value(key), document.guide.metadata.get(key)
    return "" if known and value == known.placeholder else value


def _status(guide: Guide, written: str, row: Row | None) -> str:
    found = guide.status_of(written) or (guide.status_of(row.status) if row else None)
    return found.name if found else ""


def _version(written: str) -> str:
    """The version as the field asks for it; of `v26.8.0rc1` its numbers."""
    return _fitting("created_version", written) or product_version.from_version_file(written)


# --- Phases -------------------------------------------------------------------------------------


def _phases(
    document: Document, named: Mentions, components: set[str]
) -> list[dict[str, Any] | str]:
    """The phases of the plan, with the components that are named where they are described."""
    phases = implementation_plan.phases(document)
    labels = _unique(answers.line(one.name) or f"Phase {at}" for at, one in enumerate(phases, 1))
    found: list[dict[str, Any] | str] = []
    for name, phase in zip(labels, phases, strict=True):
        files = named.between(phase.start, phase.end)
        built = [part for file in files if (part := file.removesuffix(".md")) in components]
        found.append({"name": name, "components": built} if built else name)
    return found


def _unique(labels: Iterable[str]) -> Iterator[str]:
    """The labels, repeated ones with a count."""
    counts: Counter[str] = Counter()
    for label in labels:
        unique = label
        while counts[unique]:
            counts[label] += 1
            unique = f"{label} ({counts[label]})"
        counts[unique] += 1
        yield unique
