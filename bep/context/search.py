"""`search`: proposals that match some words (guide: check existing BEPs)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .. import names
from ..errors import BepError
from ..guide import Guide
from ..proposal import metadata, registry_table, title as titles
from ..proposal.registry_table import Registry, Row
from ..system import branch_proposals
from ..system.repository import Repository, decode
from . import search_score
from .search_score import Place, Score, Word

_BEST_LINES = 3
# A place that is not a line.
_IN_FILE_NAME = 0
_LONGEST_LINE = 160
LIMIT = 20


class Match(NamedTuple):
    """A line that contains some of the words."""

    path: str
    line: int
    text: str


class Found(NamedTuple):
    """A proposal with the lines that contain the words, the best one first.

    `status` is None if nothing says it, `main` if there is no document. `where` is as `list`
    has it, and `place` says it where that is not the working tree.
    """

    number: int
    title: str
    status: str | None
    main: str | None
    matches: tuple[Match, ...]
    where: str | None
    place: str

    def data(self) -> dict[str, Any]:
        """The proposal as `search --json` prints it."""
        data = {**self._asdict(), "matches": [match._asdict() for match in self.matches]}
        del data["place"]
        return data


class Result(NamedTuple):
    """The proposals that were found, the best ones first; `more` are those beyond the limit."""

    found: tuple[Found, ...]
    more: int
    remarks: tuple[str, ...]


class _Candidate(NamedTuple):
    """A proposal, or a number that has only a row, and how well it fits.

    `places` hold its words in titles, scopes and headings, the best first;
    `in_text` are the words that only its text holds. `texts` are its documents by path.
    """

    number: int
    row: Row | None
    score: float
    words: int
    places: tuple[Place, ...]
    in_text: tuple[Word, ...]
    texts: tuple[tuple[str, str], ...]
    where: str | None = None
    place: str = ""

    @property
    def main(self) -> str | None:
        return self.texts[0][0] if self.texts else None


def limit_of(text: str) -> int:
    """The number that `--limit` gives. Raises BepError for other text."""
    if not text.strip():
        return LIMIT
    if not re.fullmatch(r"\s*[1-9][0-9]{0,5}\s*", text):
        raise BepError(f"{text!r} is not a number of proposals", f"write --limit {LIMIT}")
    return int(text)


def search(repository: Repository, text: str, limit: int = LIMIT) -> Result:
    """The proposals that contain words of `text`, the best matches first.

    A word counts most in a title, then in a scope, then in a heading, least in the text. Raises
    BepError if `text` holds no word, and if there is neither a proposal nor a registry.
    """
    wanted = search_score.words(text)
    if not wanted:
        raise BepError("there is nothing to search for", "give some words: `bep search quota`")
    registry, remarks = _registry(repository)
    every = [*_candidates(repository, wanted, registry)]
    if registry is None and not every:
        repository.read_registry()
    candidates = [one for one in every if one.words]
    # A proposal with only one of two words, or two of four, is a weak match.
    needed = max((one.words for one in candidates), default=0) / 2
    candidates = [one for one in candidates if one.words > needed]
    candidates.sort(key=lambda one: (-one.words, -one.score, one.number, one.main or ""))
    guide = repository.guide
    found = tuple(_found(guide, one) for one in candidates[:limit])
    return Result(found, len(candidates) - len(found), remarks)


def _registry(repository: Repository) -> tuple[Registry | None, tuple[str, ...]]:
    """The registry; a broken one does not prevent a search, and is remarked."""
    try:
        return repository.read_registry(), ()
    except BepError as error:
        return None, (str(error),)


def _candidates(
    repository: Repository, wanted: Sequence[Word], registry: Registry | None
) -> Iterator[_Candidate]:
    page = repository.relative(repository.registry_page)
    folders = _folders(repository)
    # A path taken apart for each of thousands of documents costs as much as reading it.
    below = repository.settings.proposals
    documents = {
        (number, f"{below}/{path.name}"): path for number, path in repository.main_documents()
    }
    row_of = registry_table.rows_of_documents(registry, documents) if registry else lambda *_: None
    shown: set[int] = set()
    branches = branch_proposals.find(repository)
    for (number, place), path in documents.items():
        row = row_of(number, place)
        if row:
            shown.add(row.line)
        texts = [(place, _text(repository, path), 1.0)]
        texts += [
            (
                f"{below}/{sub.parent.name}/{sub.name}",
                _text(repository, sub),
                search_score.IN_SUB_DOCUMENT,
            )
            for sub in folders.get(number, ())
        ]
        titles = _titles(page, row, path, place)
        found = _candidate(number, row, wanted, titles, texts)
        yield found._replace(where=branches.where(place))
    yield from _on_branches(repository, wanted, branches)
    elsewhere = {one.number for one in branches.only_elsewhere}
    for row in registry.rows if registry else ():
        if row.number is None or row.number in elsewhere or row.line in shown:
            continue
        titles = [Place(search_score.TITLE, row.line, row.title, page)]
        found = _candidate(row.number, row, wanted, titles, [])
        yield found._replace(where=branch_proposals.RESERVED if row.author else None)


def _on_branches(
    repository: Repository, wanted: Sequence[Word], branches: branch_proposals.Found
) -> Iterator[_Candidate]:
    """The proposals that the working tree does not have."""
    proposals = branches.only_elsewhere
    contents = branch_proposals.texts(
        repository, (blob for one in proposals for blob in one.documents.values())
    )
    for one in proposals:
        texts = [
            (
                path,
                decode(contents.get(blob, b"")),
                1.0 if path == one.main else search_score.IN_SUB_DOCUMENT,
            )
            for path, blob in one.documents.items()
        ]
        titles = _titles("", None, Path(one.main), one.main)
        found = _candidate(one.number, None, wanted, titles, texts)
        yield found._replace(where=branches.named(one.branch), place=branches.place(one))


def _titles(page: str, row: Row | None, path: Path, place: str) -> list[Place]:
    """The title in the registry, and number and title in the file's name."""
    bep, number, *slug = path.name.removesuffix(".md").split("-")
    words = " ".join([f"{bep}-{number}", number, *slug])
    named = [Place(search_score.SCOPE, _IN_FILE_NAME, words, place)]
    return [Place(search_score.TITLE, row.line, row.title, page), *named] if row else named


def _folders(repository: Repository) -> dict[int, list[Path]]:
    """The sub-documents of each number that has a directory."""
    found = {}
    for entry in repository.tree.entries(repository.proposals):
        number = names.number_of_directory(entry.name) if entry.is_folder else None
        if number is not None:
            folder = repository.proposals / entry.name
            found[number] = repository.tree.files(folder, ".md")
    return found


def _text(repository: Repository, path: Path) -> str:
    """The text of a document, '' if it cannot be read."""
    try:
        return decode(repository.tree.read(path))
    except (OSError, BepError):
        return ""


def _candidate(
    number: int,
    row: Row | None,
    wanted: Sequence[Word],
    titles: Sequence[Place],
    texts: Sequence[tuple[str, str, float]],
) -> _Candidate:
    """A proposal with its score; a word that is in no title, scope or heading counts in the text.

    The structure of a document is read only if it contains one of the words.
    """
    folded: list[str] = []
    seen: list[tuple[str, str]] = []
    given = list(titles)
    for place, text, weight in texts:
        shown, low = text, search_score.fold(text)
        if any(word.shortest in low for word in wanted):
            shown = search_score.without_comments(text)
            low = search_score.fold(shown)
            places = search_score.places(shown, weight, wanted)
            given += [one._replace(path=place) for one in places]
        folded.append(low)
        seen.append((place, shown))
    found: Score = search_score.score(wanted, given)
    in_text = [
        word
        for word in wanted
        if word.text not in found.words and any(search_score.stands_in(word, low) for low in folded)
    ]
    return _Candidate(
        number,
        row,
        found.total + search_score.TEXT * len(in_text),
        len(found.words) + len(in_text),
        found.places,
        tuple(in_text),
        tuple(seen),
    )


def _found(guide: Guide, candidate: _Candidate) -> Found:
    """A candidate as it is shown: with its best lines, and those with its other words."""
    # One in which no word is still has its comments.
    source = search_score.without_comments(candidate.texts[0][1]) if candidate.texts else ""
    row, heading = candidate.row, _heading(source)
    lines: dict[tuple[str, int], str] = {}
    for one in candidate.places:
        shown = heading if one.line == _IN_FILE_NAME else one
        if len(lines) < _BEST_LINES:
            lines.setdefault((one.path, shown.line), shown.text or one.path.rpartition("/")[2])
    for word in candidate.in_text:
        for place, text in candidate.texts:
            if first := search_score.first_line(word, text):
                lines.setdefault((place, first.line), first.text)
                break
    return Found(
        candidate.number,
        (row.title if row else "")
        or titles.shown(heading.text.lstrip("# "), candidate.number)
        or names.proposal_name(candidate.number),
        _status(guide, source) or (row.status if row else "") or None,
        candidate.main,
        tuple(Match(path, line, _shown(text)) for (path, line), text in lines.items()),
        candidate.where,
        candidate.place,
    )


def _heading(source: str) -> Place:
    """The title of a document; its first line, without a text, where it has none."""
    places = search_score.places(source)
    return next((one for one in places if one.weight == search_score.TITLE), Place(0, 1, ""))


def _status(guide: Guide, source: str) -> str:
    return metadata.read(search_score.front_matter(source), guide.metadata).value("status")


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE].rstrip()}…"
