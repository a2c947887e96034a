"""Running the rules: from values to findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ... import names
from ...markdown.edits import Splice
from ...proposal.document import Document
from . import file_names, whole_document
from .catalogue import BY_NAME, OF_CHANGES, OF_PAGES, OF_PROPOSALS, OF_WORLDS
from .ignore_comments import silenced
from .rule import Hit, Rule, Severity
from .snapshot import Change, World

# Of a document that cannot be read, or holds nothing, nothing else is said.
_EVEN_THEN: tuple[Rule[Any], ...] = (
    whole_document.document_unreadable,
    whole_document.document_empty,
    file_names.sub_document_name,
    *OF_WORLDS,
    *OF_CHANGES,
)
_OF_ANY = frozenset(one.name for one in _EVEN_THEN)


class Finding(NamedTuple):
    """A place where a rule does not hold; `number` is the proposal's, None for the page as such.

    `text` is what is wrong as it is written, `edits` mend it.
    """

    path: str
    line: int
    rule: str
    severity: Severity
    message: str
    text: str
    number: int | None
    edits: tuple[Splice, ...]

    def data(self) -> dict[str, Any]:
        """The finding as `check --format json` prints it."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "path": self.path,
            "line": self.line,
            "message": self.message,
            "fixable": bool(self.edits),
        }


class Severities:
    """The severity of each rule: its own, unless the settings give another one.

    `set_by_user` maps rules to "error", "warning" or "off".
    """

    def __init__(self, set_by_user: Mapping[str, str]) -> None:
        self._set = set_by_user

    def of(self, one: Rule[Any]) -> Severity | None:
        """The severity, None for a rule that is switched off."""
        wanted = self._set.get(one.name)
        if wanted is None:
            return one.severity
        return None if wanted == "off" else Severity(wanted)


def unknown_rules(set_by_user: Mapping[str, str]) -> list[str]:
    """The names in the settings that no rule has."""
    return sorted(set_by_user.keys() - BY_NAME.keys())


def findings(
    world: World, severities: Severities, numbers: frozenset[int] | None = None
) -> list[Finding]:
    """What the rules find in a repository; with `numbers`, in these proposals only.

    In the order of path, line and rule.
    """
    return _sorted(_of_world(world, severities, numbers), severities, numbers)


def _of_world(
    world: World, severities: Severities, numbers: frozenset[int] | None
) -> Iterator[tuple[Rule[Any], Hit]]:
    proposals = [one for one in world.proposals if numbers is None or one.number in numbers]
    pages = [page for one in proposals for page in one.pages]
    if numbers is None:
        pages += [*world.strays, *([world.process_page] if world.process_page else [])]
    for of_page in OF_PAGES:
        if severities.of(of_page):
            for page in pages:
                yield from ((of_page, hit) for hit in of_page.find(page, world))
    for of_proposal in OF_PROPOSALS:
        if severities.of(of_proposal):
            for one in proposals:
                yield from ((of_proposal, hit) for hit in of_proposal.find(one, world))
    for of_world in OF_WORLDS:
        if severities.of(of_world):
            yield from ((of_world, hit) for hit in of_world.find(world))


def introduced(
    change: Change, severities: Severities, numbers: frozenset[int] | None = None
) -> list[Finding]:
    """What a change introduced: findings that were not there before it, and what it did wrong.

    A finding was there before if its rule found the same text in the same document, wherever the
    lines stand now; of as many as before, the last ones are new.
    """
    before = Counter((one.rule, one.path, one.text) for one in findings(change.before, severities))
    new = []
    for one in findings(change.after, severities, numbers):
        key = (one.rule, change.renamed.get(one.path, one.path), one.text)
        if before[key] <= 0:
            new.append(one)
        before[key] -= 1
    done = ((rule, hit) for rule in OF_CHANGES if severities.of(rule) for hit in rule.find(change))
    return sorted([*new, *_sorted(done, severities, numbers)], key=_order)


def _order(one: Finding) -> tuple[str, int, str, str]:
    return one.path, one.line, one.rule, one.message


def _sorted(
    hits: Iterable[tuple[Rule[Any], Hit]],
    severities: Severities,
    numbers: frozenset[int] | None,
) -> list[Finding]:
    quiet: dict[Document, frozenset[str]] = {}
    found = []
    for one, hit in hits:
        page = hit.page
        if (page.problem or page.is_empty) and one.name not in _OF_ANY:
            continue
        if page not in quiet:
            quiet[page] = silenced(page)
        severity = severities.of(one)
        number = hit.number if hit.number is not None else _number(page)
        if severity is None or one.name in quiet[page]:
            continue
        if numbers is not None and number not in numbers:
            continue
        line = page.line(hit.at)
        finding = Finding(
            page.path, line, one.name, severity, hit.message, hit.text, number, hit.edits
        )
        found.append(finding)
    return sorted(found, key=_order)


def _number(page: Document) -> int | None:
    number = names.number_of_document(page.names[-1])
    return number if number is not None else names.number_of_directory(page.names[-2])
