"""Rules about links and mentions (guide: Sub-Document Guidelines; process page)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache, partial
from urllib.parse import quote

from ... import names
from ...markdown import links
from ...markdown.edits import Splice
from ...markdown.links import Link
from ...markdown.patterns import pattern
from ...proposal import document_index, relations
from ...proposal.derived_text import Part
from ...proposal.document import Document, Role
from ...proposal.lifecycle import SUPERSEDED_BY
from .derived_fixes import edits_by_line
from .finding import own_number
from .metadata_values import place_of
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Snapshot

RULES = RuleSet("Links")

_SOURCE = "guide: Sub-Document Guidelines"

# What a forge has beside the files of a branch: GitHub, GitLab (below `-/`) and others. Names that
# folders of code often have, such as `src`, are left out: a wrong path is reported.
_PAGES = """
    actions activity blame blob boards branches commit commits compare deployments discussions forks
    graphs issues labels merge_requests milestone milestones pipelines projects pull pull-requests
    pulls pulse raw releases security snippets stargazers tags tree watchers wiki wikis
"""
# A relative link that climbs out of the repository's files can lead to one of them, also to that of
# another repository or owner.
_OF_THE_FORGE = pattern(
    rf"(?:\./)?(?:\.\./)+(?:[\w.-]+/){{0,3}}(?:{'|'.join(_PAGES.split())})(?=[/?#]|\Z)"
)
_LINES = pattern(r"L\d+(?:C\d+)?(?:-L?\d+(?:C\d+)?)?")


@RULES.of_documents(
    ERROR,
    _SOURCE,
    example="![Flow](./1046/flow.png), and the image is in BEP-1046/",
    remedy="Correct the path. `bep check --fix` does this if only one file can be meant: one of"
    " this name in the proposal's directory, or the main document of this number, but never the"
    " document itself. It also removes a row of the {section[document-index]} that has nothing"
    " besides its link.",
)
def link_missing(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A relative link leads to a file or directory of the repository, letter case included.

    The same goes for images. A reader who follows a broken link finds nothing. A link that leads
    out of the repository to a page of the forge (`../../../actions`) is ignored.
    """
    out_of_index = cache(partial(_out_of_index, document, snapshot))
    for link, target in _broken(document, snapshot):
        if target is None:
            if not _OF_THE_FORGE.match(link.destination):
                message = f"{link.destination} leads out of the repository"
                yield Hit(document, link.start, message, text=link.destination)
        elif _standing(target, snapshot) is None:
            meant = _meant(document, target, snapshot)
            remedy = f"; {_relative(document, meant)} does" if meant else ""
            what = "the image" if _is_image(document, link) else "the link"
            message = f"{what} {link.destination} does not exist{remedy}"
            edits: tuple[Splice, ...] = ()
            if meant:
                edits = (_towards(document, link, meant),)
            elif document_index.may_list(document, target):
                edits = out_of_index().get(document.line(link.start), ())
            yield Hit(document, link.start, message, text=link.destination, edits=edits)


@RULES.of_documents(
    WARNING,
    "how numbers are reserved (docs/reservation.md)",
    example="[BEP-1050](BEP-1050-relay.md), and that document is on the branch bep/1050-relay",
    remedy="Wait until that proposal is merged, or merge this one after it. If its document gets"
    " another name until then, correct the link.",
)
def proposal_not_on_main(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A proposal that a document links, or names as its successor, is on the main branch.

    If it is only on a branch, fetched or local, or only reserved, readers of the main branch cannot
    open it yet.
    """
    for link, target in _broken(document, snapshot):
        if target and (place := _standing(target, snapshot)):
            message = f"{link.destination} does not exist here: {place}"
            yield Hit(document, link.start, message, text=link.destination)
    for number in relations.successors(document):
        if place := snapshot.standing(number):
            at = place_of(document, SUPERSEDED_BY)
            yield Hit(document, at, place, text=names.proposal_name(number))


def _standing(target: tuple[str, ...], snapshot: Snapshot) -> str | None:
    """Return where the target of a link is that does not exist here, or None if nobody knows it."""
    path = "/".join(target)
    if path in snapshot.elsewhere or not path.startswith(f"{snapshot.folder}/"):
        return snapshot.elsewhere.get(path)
    first = path.removeprefix(f"{snapshot.folder}/").partition("/")[0]
    number = names.number_of_directory(first)
    if number is not None and not path.endswith(".md"):
        return snapshot.standing(number)
    number = number or names.number_of_document(first)
    # Nobody knows yet what the document of a reserved number will be called.
    return None if number is None else snapshot.reserved(number)


def _out_of_index(document: Document, snapshot: Snapshot) -> Mapping[int, tuple[Splice, ...]]:
    """Return the edits that remove rows of the Document Index which lead nowhere, by line."""
    for proposal in snapshot.by_number.get(own_number(document) or 0, []):
        if proposal.main is document:
            return edits_by_line(proposal, Part.INDEX)
    return {}


def _is_image(document: Document, link: Link) -> bool:
    return document.source[max(link.text_start - 2, 0) : link.text_start] == "!["


def _meant(document: Document, target: tuple[str, ...], snapshot: Snapshot) -> str | None:
    """Return the one file that a broken link can mean, or None if there is none or several.

    A document does not link itself.
    """
    found = set(_candidates(document, target, snapshot)) if target else set()
    found.discard(document.path)
    return found.pop() if len(found) == 1 else None


def _candidates(document: Document, target: tuple[str, ...], snapshot: Snapshot) -> Iterator[str]:
    """Yield the files that a broken link can mean.

    For a link into the proposals' folder these are files of its name in the directory of the
    proposal that the path names, or else of the document's own. If the name begins with a number,
    they are files of the rest of the name in that number's directory, and its main documents: one
    of that very name, or any if the link leads to where they are.
    """
    *folders, name = target
    folder = "/".join(folders)
    if f"{folder}/".startswith(f"{snapshot.folder}/"):
        numbers = [one for one in map(_number_of, folders) if one is not None]
        yield from _of_name(name, numbers[-1] if numbers else own_number(document), snapshot)
    if number := names.number_of_document(name):
        yield from _of_name(name.split("-", 2)[2], number, snapshot)
        for one in snapshot.by_number.get(number, []):
            if folder == snapshot.folder or one.main.names[-1] == name:
                yield one.main.path


def _number_of(folder: str) -> int | None:
    """Return the number in the name of a directory, or in what its author took for that."""
    number = names.number_of_directory(folder)
    return number if number is not None else names.number_in_digits(folder)


def _of_name(name: str, number: int | None, snapshot: Snapshot) -> Iterator[str]:
    """Yield the files of a name in the directory of a proposal."""
    if number is not None:
        for path in snapshot.below(f"{snapshot.folder}/{names.proposal_name(number)}"):
            if path.rpartition("/")[2] == name:
                yield path


def _relative(document: Document, path: str) -> str:
    """Return `path` relative to a document, as the destination of a link."""
    here, there = document.names[:-1], tuple(path.split("/"))
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    parts = [".."] * (len(here) - shared) + list(there[shared:])
    return quote("/".join(parts).encode("utf-8", "surrogateescape"))


def _towards(document: Document, link: Link, path: str) -> Splice:
    """Return the edit that makes a link lead to `path`; its query and fragment stay."""
    written = re.match(r"[^#?]*", link.destination)
    end = link.start + len(written[0] if written else "")
    dotted = "./" if link.destination.startswith("./") else ""
    new = _relative(document, path)
    return Splice(link.start, end, new if new.startswith("..") else f"{dotted}{new}")


@RULES.of_documents(
    ERROR,
    _SOURCE,
    example="[the schema](config-schema.md#instance-id), and the heading is `instance_id Strategy`",
    remedy="Write the heading in lower case, with hyphens for spaces and without punctuation, as"
    " GitHub does.",
)
def anchor_missing(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """The `#fragment` of a link to a document is an anchor there.

    Anchors are `<a id="…">` and those that GitHub makes from headings. With a wrong one, a reader
    lands at the top of a long document.
    """
    for link, target in _local(document, snapshot):
        written = links.fragment(link.destination)
        if not written or not target:
            continue
        fragment = links.anchor(written)
        known = snapshot.anchors_of("/".join(target))
        if known is None or fragment.startswith(":~:") or _LINES.fullmatch(fragment):
            continue
        if fragment.casefold() not in known and fragment != "top":
            where = "this document" if target == document.names else target[-1]
            message = f"{where} has no anchor #{written}"
            yield Hit(document, link.start, message, text=link.destination)


@RULES.of_documents(
    WARNING,
    "process page: Registry link rule",
    example="[BEP-1046](BEP-1046/)",
    remedy="Link the main document; `bep check --fix` does this.",
)
def link_directory(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A link to another proposal leads to its main document, not to its directory.

    A directory shows a list of files, but not what they are about.
    """
    for link, target in _local(document, snapshot):
        number = names.number_of_directory(target[-1]) if target else None
        if not target or number is None or number == own_number(document):
            continue
        path = "/".join(target)
        if path.rpartition("/")[0] != snapshot.folder or path not in snapshot.directories:
            continue
        for proposal in snapshot.by_number.get(number, [])[:1]:
            message = f"{link.destination} is a directory; link {proposal.main.names[-1]}"
            edits = (_towards(document, link, proposal.main.path),)
            yield Hit(document, link.start, message, text=link.destination, edits=edits)


@RULES.of_documents(
    WARNING,
    "guide: Cross-References",
    example="As BEP-1099 proposes …",
    remedy="Correct the number, or reserve it if the proposal is still to be written.",
)
def proposal_unknown(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A proposal that the text mentions exists: a document, a row of the registry or a claim.

    The first mention of each number in a document is reported. Code and links are ignored (broken
    links have their own rule), and so are the process page, which gives examples, and a proposal
    that the document links at another address.
    """
    if document.role is Role.PROCESS:
        return
    unknown = [one for one in document.mentions if not snapshot.is_known(one.number)]
    if not unknown:
        return
    known_as_broken = {
        names.number_of_document(target[-1]) for _, target in _broken(document, snapshot) if target
    }
    seen = {own_number(document), *known_as_broken, *relations.numbers_elsewhere(document)}
    for one in unknown:
        if one.number not in seen:
            seen.add(one.number)
            message = f"there is no {one.text}: no document, no row of the registry"
            yield Hit(document, one.start, message, text=one.text)


# A link to a path, with its target, which is None if the path leaves the repository.
_Local = tuple[Link, tuple[str, ...] | None]


# Several rules in a row ask for the links of the same document.
@lru_cache(maxsize=1)
def _broken(document: Document, snapshot: Snapshot) -> list[_Local]:
    """Return the links to paths that are not a file or directory of the repository."""
    return [
        (link, target)
        for link, target in _local(document, snapshot)
        if target is None or not snapshot.holds("/".join(target))
    ]


@lru_cache(maxsize=1)
def _local(document: Document, snapshot: Snapshot) -> list[_Local]:
    """Return the links to paths; the rules of the registry judge its numbers."""
    found = []
    registry = snapshot.registry if document.role is Role.PROCESS else None
    of_numbers = [row.cells[0] for row in registry.rows if row.link] if registry else []
    starts = [cell.start for cell in of_numbers]
    for link, target in zip(document.links, document.link_targets, strict=True):
        if not link.destination or links.is_elsewhere(link.destination):
            continue
        at = bisect_right(starts, link.start) - 1
        if at >= 0 and link.start < of_numbers[at].end:
            continue
        if link.text_start == link.end and not links.may_be_path(link.destination):
            continue
        found.append((link, target))
    return found
