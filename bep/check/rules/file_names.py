"""Rules about file and directory names (guide: Segmented Structure, Sub-Document Guidelines)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ... import names
from ...proposal.document import Document
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Names")

_SOURCE = "guide: Segmented Structure"

_LIKE_A_PROPOSAL = re.compile(r"[_ ]?bep[-_ ]?(?:(\d+)|x+)(?!\d)", re.IGNORECASE)
_NUMBERED = re.compile(r"\d+(?:[-_. ]|\.md$)")
_KEBAB = re.compile(r"[^\W_A-Z]+(?:[-.][^\W_A-Z]+)*\.md")


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="proposals/bep-1046.md",
    remedy="Name the file `BEP-1046-short-title.md`.",
)
def document_name(snapshot: Snapshot) -> Iterator[Hit]:
    """A main document is a file named `BEP-XXXX-short-title.md`.

    Tools do not see a proposal under another name.
    """
    for name, is_directory in _entries(snapshot):
        if is_directory and names.number_of_document(name) is not None:
            message = f"{name} is a directory; a main document is a file, its directory BEP-XXXX"
            yield _hit(snapshot, name, message)
        elif (
            not is_directory
            and name.lower().endswith((".md", ".markdown"))
            and names.number_of_document(name) is None
            and _LIKE_A_PROPOSAL.match(name)
        ):
            message = f"{name} is not named like a main document: BEP-XXXX-short-title.md"
            yield _hit(snapshot, name, message)


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="proposals/BEP-1046-discovery/",
    remedy="Name the directory `BEP-1046`, with the number of its main document and nothing else.",
)
def directory_name(snapshot: Snapshot) -> Iterator[Hit]:
    """A proposal's directory is named only by its number, and has a main document beside it.

    Tools do not find sub-documents in other directories.
    """
    for name, is_directory in _entries(snapshot):
        number = names.number_of_directory(name)
        if not is_directory or number == 0:
            continue
        if number is not None:
            if number not in snapshot.by_number:
                yield _hit(snapshot, name, f"{name}/ belongs to no main document")
        elif _LIKE_A_PROPOSAL.match(name) and names.number_of_document(name) is None:
            message = f"the directory {name}/ is not named by its number alone, as in BEP-1046/"
            yield _hit(snapshot, name, message)


@RULES.of_proposals(
    WARNING,
    "guide: Sub-Document Guidelines",
    example="proposals/BEP-1046/01-tables.md",
    remedy="Rename the file, and the links to it; the {section[document-index]} gives the order.",
    needs_text=False,
)
def sub_document_name(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A sub-document's file name describes it: lower case, hyphens, and no leading number.

    For example `data-model.md`. Numbers would change whenever a document is inserted.
    """
    for document in proposal.parts:
        name = document.names[-1]
        if name == names.REGISTRY_PAGE:
            continue
        if _NUMBERED.match(name):
            yield Hit(document, 0, f"{name} begins with a number; name what the document describes")
        elif not _KEBAB.fullmatch(name):
            message = f"{name} is not written in lower case with hyphens, as in data-model.md"
            yield Hit(document, 0, message)


def _entries(snapshot: Snapshot) -> Iterator[tuple[str, bool]]:
    """Yield the names in the proposals' folder in order, and whether each is a directory."""
    start = len(snapshot.folder) + 1
    seen = ""
    for path in snapshot.below(snapshot.folder):
        name, slash, _ = path[start:].partition("/")
        if name != seen:
            yield name, bool(slash)
        seen = name


def _hit(snapshot: Snapshot, name: str, message: str) -> Hit:
    """A hit about a file or directory of the proposals folder, as an empty document."""
    document = Document("", f"{snapshot.folder}/{name}", guide=snapshot.guide)
    match = _LIKE_A_PROPOSAL.match(name)
    return Hit(document, 0, message, number=int(match[1]) if match and match[1] else None)
