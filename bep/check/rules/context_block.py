"""Rules about the context block that AI agents read first (guide: AI Context Block)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from ...proposal import context_block
from ...proposal.context_block import OPENING, Unclear
from ...proposal.document import Context, Document, Role
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Context block")

_SOURCE = "guide: AI Context Block"

_FILE = re.compile(r"(?<![^\s()\[\]#])[^\s()\[\]#]+\.md\b")
_NAME = re.compile(r"[\w.-]*\w[\w.-]*")
_NOTHING = frozenset(["none", "nothing", "tbd", "na"])


def texts(value: Any) -> list[str]:
    """Return a value of the context block, whatever its form, as a list of texts."""
    items = value if isinstance(value, list) else [value]
    found = (str(item).strip() for item in items if item is not None)
    return [text for text in found if text]


def files(value: Any) -> list[str]:
    """Return the file names in a value of the context block, without words that name no file.

    >>> files(["data-model", "./api.md (queries)", "none", "the main document"])
    ['data-model.md', 'api.md']
    """
    found = []
    for text in texts(value):
        named = _FILE.search(text)
        if named:
            found.append(named[0].rpartition("/")[2])
        elif _NAME.fullmatch(text) and text.casefold() not in _NOTHING:
            found.append(f"{text}.md")
    return found


def contexts(proposal: Proposal) -> Iterator[tuple[Document, Context, Mapping[str, Any]]]:
    """Yield the documents whose context block can be read, with the block and its keys."""
    for document in proposal.documents:
        if document.context and document.context.keys is not None:
            yield document, document.context, document.context.keys


@RULES.of_documents(
    WARNING,
    _SOURCE,
    example="A document that goes from its metadata to its title.",
    remedy="Add the block below the metadata; documents made by `bep new` have one.",
)
def context_missing(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """Every document has a context block: `<!-- context-for-ai … -->`.

    An agent learns scope and constraints from it without reading the whole document.
    """
    if document.role is not Role.PROCESS and document.context is None:
        yield Hit(document, document.title_start, f"the context block is missing ({OPENING} … -->)")


@RULES.of_documents(
    ERROR,
    _SOURCE,
    example="""
        <!-- context-for-ai
        type: master-bep
        scope: Service discovery: one catalog
        -->""",
    remedy="Write `key: value` lines; quote a value that contains `: ` or begins with a sign.",
)
def context_unreadable(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """The context block begins with `<!-- context-for-ai` and contains YAML.

    Tools that cannot read it find nothing.
    """
    if document.context and document.context.keys is None:
        block = document.context.block
        found = context_block.problem(document.text_of(block))
        why, below = (f" ({found.reason})", found.line - 1) if found else ("", 0)
        message = f"the context block is not `key: value` YAML{why}; quote unusual values"
        line = min(document.line(block.start) + below, document.line(block.end - 1))
        yield Hit(document, document.line_start(line), message)


@RULES.of_proposals(
    ERROR,
    _SOURCE,
    example="""
        proposals/BEP-1046/data-model.md:
        type: master-bep""",
    remedy="Write `type: master-bep` in a main document, `type: detail-doc` in a sub-document.",
)
def context_type(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The block's type says what the document is: `master-bep` or `detail-doc`.

    Tools rely on it.
    """
    for document, context, keys in contexts(proposal):
        wanted = document.context_form.type
        if keys.get("type") not in (None, wanted):
            message = f"type is {keys['type']!r}; a {document.role.value} is a {wanted}"
            yield Hit(document, context.place("type"), message)


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="""
        <!-- context-for-ai
        type: master-bep
        scope: Service discovery for all components
        -->""",
    remedy="Add the key, as in `key-decisions: []` if there is nothing yet.",
    spares_history=True,
)
def context_key_missing(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The block has all keys of the guide's table for its kind of document.

    A proposal in one file may leave `detail-docs` out, and one without an
    {section[implementation-plan]} `phases`.
    """
    for document, context, keys in contexts(proposal):
        for key in document.context_form.keys.values():
            if key.of_section and document.find(key.of_section) is None:
                continue
            if key.id not in keys and (proposal.parts or not key.of_segments):
                message = f"the key {key.id} is missing"
                yield Hit(document, context.block.start, message, text=key.id)


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="key-desicions: []",
    remedy="Correct a misspelled key; move what does not belong in the block into the text.",
    spares_history=True,
)
def context_key_unknown(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The block has only the guide's keys.

    An agent that looks for `key-decisions` does not see `key-desicions`. Keys that the guide has
    for the other kind of document are accepted.
    """
    known = [key for form in proposal.guide.context.values() for key in form.keys]
    for document, context, keys in contexts(proposal):
        for key in keys:
            if key not in known:
                own = [*document.context_form.keys]
                close = get_close_matches(str(key).casefold(), own, 1, 0.75)
                remedy = f"; write {close[0]}" if close else ""
                message = f"the guide has no key {key} in a context block{remedy}"
                yield Hit(document, context.place(str(key)), message, text=str(key))


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="""
        key-decisions:
          - Storage: Redis""",
    remedy="Quote what is text: `- 'Storage: Redis'`.",
)
def context_list(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The elements of a list are text.

    In YAML, `- Storage: Redis` is a mapping with the key `Storage`: tools that expect text skip it,
    or fail. Mappings in braces, or with several keys, are considered intended.
    """
    for document, context, _ in contexts(proposal):
        block = context.block
        try:
            found = list(context_block.read_as_mappings(document.source, block.start, block.end))
        except Unclear:
            continue
        for key, start, end in found:
            text = document.source[start:end]
            message = f"{text!r} in {key} is a mapping in YAML; put it in quotes"
            yield Hit(document, start, message, text=text)


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="scope:",
    remedy="Say in one line what the document covers.",
)
def context_scope(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The scope is one line of text.

    Lists and searches show it.
    """
    for document, context, keys in contexts(proposal):
        if "scope" not in keys:
            continue
        scope = keys["scope"]
        place = context.place("scope")
        if isinstance(scope, list | dict):
            message = "scope is not text; say in one line what the document covers"
            yield Hit(document, place, message)
        elif not texts(scope):
            yield Hit(document, place, "scope is empty; say in one line what the document covers")
        elif "\n" in str(scope).strip():
            message = "scope has several lines; say in one line what the document covers"
            yield Hit(document, place, message)
