"""The pages of the site: what each shows, filled into the templates beside this module."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .. import names
from ..guide import Guide
from ..maintain import relation_graph
from ..maintain.proposal_list import Entry
from ..maintain.proposal_times import Times
from ..markdown.plain_text import visible
from ..proposal import metadata, relations
from ..proposal.relations import Kind, Relation
from ..proposal.times import whole_days
from ..words import counted
from . import markup, timeline
from .addresses import INDEX, Addresses, Place
from .generator import WebPage
from .images import Images
from .markup import Body, Heading
from .proposals import Content, Page, Proposal
from .timeline import Change

QUESTIONS, DECISIONS, RELATIONS, HISTORY = (
    "questions.html",
    "decisions.html",
    "relations.html",
    "history.html",
)
# The pages that each page links to.
TABS = {
    "Proposals": INDEX,
    "Open questions": QUESTIONS,
    "Decisions": DECISIONS,
    "Relations": RELATIONS,
    "Over the years": HISTORY,
}
_KINDS = {
    Kind.SUPERSEDED_BY: "superseded by",
    Kind.BUILDS_ON: "builds on",
    Kind.MENTIONS: "mentions",
}
_NAMING = {
    Kind.SUPERSEDED_BY: "is superseded by this one",
    Kind.BUILDS_ON: "builds on this one",
    Kind.MENTIONS: "",
}
# More neighbours make a picture of lines.
_MOST_NEIGHBOURS = 25
_UNDATED = "Without a date"
_MAIN = "Main document"
_NO_STATUS = "no status"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Past(NamedTuple):
    """The times of main documents, by their commits ('' for the working tree) and paths.

    `problem` says why there are none.
    """

    times: Mapping[tuple[str, str], Times] = MappingProxyType({})
    problem: str = ""

    def of(self, proposal: Proposal) -> Times | None:
        """The times of a proposal, None if they are not known."""
        return self.times.get((proposal.entry.tip, proposal.entry.main or ""))

    @property
    def is_cut_off(self) -> bool:
        """Whether some began before what Git has here, as in a shallow clone."""
        return any(one.history.is_since_at_least for one in self.times.values())


@dataclass(frozen=True)
class Writer:
    """Writes the pages of a repository's proposals."""

    guide: Guide
    proposals: Sequence[Proposal]
    addresses: Addresses
    images: Images
    past: Past
    title: str
    _headings: dict[str, list[Heading]] = field(default_factory=dict)

    def pages(self) -> Iterator[WebPage]:
        """All pages; those of documents come first, as the others show what these say."""
        for one in self.proposals:
            yield from self._of_proposal(one)
        yield self._index()
        yield self._questions()
        yield self._decisions()
        yield self._relations()
        yield self._history()

    # --- Documents --------------------------------------------------------------------------------

    def _of_proposal(self, proposal: Proposal) -> Iterator[WebPage]:
        for at, page in enumerate(proposal.pages):
            place = self._place(proposal, page, page.address)
            body = self._body(page.content, place)
            self._headings[page.address] = body.headings
            title = page.content.title or page.name if at else self.title_of(proposal)
            title = names.title_in(title, proposal.entry.number)
            yield WebPage(
                page.address,
                f"{proposal.name} {title}",
                self._render("document.html", page=self._document(proposal, at, place, body)),
            )

    def _place(self, proposal: Proposal, page: Page, address: str) -> Place:
        """The place of a document's text on the page at an address."""
        own = {one.content.path: one.address for one in proposal.pages}
        return Place(self.addresses, page.content.path, address, own, proposal.branch)

    def _body(self, content: Content, place: Place) -> Body:
        return markup.body(content.text, place, self._images_of(place), content.issues)

    def _images_of(self, place: Place) -> markup.Images:
        return lambda destination: self.images.find(destination, place)

    def _document(
        self,
        proposal: Proposal,
        at: int,
        place: Place,
        body: Body,
    ) -> dict[str, Any]:
        """What the template of a document's page shows."""
        page, content = proposal.pages[at], proposal.pages[at].content
        is_main = at == 0
        problems = [*(proposal.problems if is_main else ()), *body.problems]
        if content.problem:
            problems.append(content.problem)
        title = _without_number(body.title, proposal.entry.number)
        entry = proposal.entry
        return {
            "is_main": is_main,
            "number": proposal.name,
            "status": entry.status or "",
            "status_kind": self._kind(entry.status),
            "where": proposal.branch,
            "main": {
                "address": place.relative(proposal.pages[0].address),
                "title": self.title_of(proposal),
            },
            "title": title or (self.title_of(proposal) if is_main else page.name),
            "anchor": body.anchor,
            "scope": markup.plain(content.scope, place),
            "problems": problems,
            "metadata": [*self._metadata(content, place)],
            "segments": self._segments(proposal, at, place),
            "questions": self._questions_of(proposal, page, place),
            "decisions": self._decisions_of(page, place),
            **(self._related(proposal, place) if is_main else _NOT_RELATED),
            "history": [*self._periods(proposal)] if is_main else [],
            "text": body.text,
            "path": content.path,
            "source": self.addresses.source(content.path, proposal.branch),
            "before": self._turn(proposal, at - 1, place) if at else None,
            "after": self._turn(proposal, at + 1, place),
        }

    def _periods(self, proposal: Proposal) -> Iterator[dict[str, Any]]:
        """The statuses that a proposal had, from the first on."""
        known = self.past.of(proposal)
        for at, one in enumerate(known.history.periods if known else ()):
            days = whole_days(one.until - one.since) if one.until else None
            is_cut_off = at == 0 and known is not None and known.history.is_since_at_least
            yield {
                "since": _day(one.since),
                "at_least": is_cut_off,
                "status": one.status,
                "kind": self._kind(one.status),
                "days": "" if days is None else counted(days, "day"),
            }

    def _metadata(self, content: Content, place: Place) -> Iterator[dict[str, Any]]:
        shown_above = content.metadata.entry("status")
        for entry in content.metadata.entries:
            if entry.value and entry != shown_above:
                value = markup.plain(entry.value, place, are_issues=True)
                yield {"key": entry.key.replace("-", " "), "value": value}

    def _segments(self, proposal: Proposal, here: int, place: Place) -> list[dict[str, Any]]:
        if len(proposal.pages) == 1:
            return []
        found = []
        for at, page in enumerate(proposal.pages):
            found.append(
                {
                    "name": page.content.title or page.name if at else _MAIN,
                    "address": place.relative(page.address),
                    "is_here": at == here,
                    "scope": page.about,
                }
            )
        return found

    def _turn(self, proposal: Proposal, at: int, place: Place) -> dict[str, str] | None:
        if at >= len(proposal.pages):
            return None
        page = proposal.pages[at]
        name = page.content.title or page.name if at else _MAIN
        return {"address": place.relative(page.address), "name": name}

    def _questions_of(self, proposal: Proposal, page: Page, place: Place) -> list[dict[str, Any]]:
        """The open questions of a document, whose page was written before."""
        known = self.past.of(proposal)
        since = {one.question.start: one.since for one in known.asked} if known else {}
        return [
            {
                "text": markup.inline(one.text, place, self._images_of(place)),
                "address": f"#{self._anchor_above(page, one.line - 1)}",
                "since": _day(since[one.start]) if one.start in since else "",
            }
            for one in page.content.questions
        ]

    def _anchor_above(self, page: Page, line: int) -> str:
        """The anchor of the heading above a line of a document, from 0."""
        return markup.anchor_above(self._headings[page.address], line - page.content.line)

    def _decisions_of(self, page: Page, place: Place) -> list[dict[str, Any]]:
        images = self._images_of(place)
        return [
            {
                "date": one.date,
                "text": markup.inline(one.text, place, images),
                "rationale": markup.inline(one.rationale, place, images),
            }
            for one in page.content.decisions
        ]

    def _related(self, proposal: Proposal, place: Place) -> dict[str, Any]:
        """What a proposal builds on and mentions, and what names it."""
        builds_on, mentions, named_by = [], [], []
        number = proposal.entry.number
        for one in relations.neighbours(self._touching.get(number, ()), number):
            other = self._by_number.get(one.number)
            shown = {
                "number": names.proposal_name(one.number),
                "title": self.title_of(other) if other else "",
                "address": place.relative(other.pages[0].address) if other and other.pages else "",
                "kind": "",
            }
            if not one.is_named:
                named_by.append({**shown, "kind": _NAMING[one.kind]})
            elif one.kind is Kind.MENTIONS:
                mentions.append(shown)
            else:
                is_successor = one.kind is Kind.SUPERSEDED_BY
                builds_on.append({**shown, "kind": "replaces this one" if is_successor else ""})
        count = len(builds_on) + len(mentions) + len(named_by)
        return {
            "builds_on": builds_on,
            "mentions": mentions,
            "named_by": named_by,
            "relation_count": count,
            "diagram": self._flowchart(self._touching[proposal.entry.number])
            if 1 < count <= _MOST_NEIGHBOURS
            else "",
        }

    # --- Pages about all proposals ----------------------------------------------------------------

    def _index(self) -> WebPage:
        place = Place(self.addresses, "", INDEX)
        rows = [self._row(one, place) for one in self.proposals]
        known = [*self.guide.status_names, *sorted({one["status"] for one in rows})]
        counts = {
            name: sum(one["status"] == name for one in rows)
            for name in dict.fromkeys(known)
            if name
        }
        statuses = [
            {"name": name, "kind": self._kind(name), "count": count}
            for name, count in counts.items()
            if count
        ]
        authors = {name for one in rows for name in one["authors"].split("\n") if name}
        filters = [
            ("Status", "status", [one["name"] for one in statuses]),
            ("Author", "author", sorted(sorted(authors), key=str.casefold)),
            ("Layout", "layout", _known(one["layout"] for one in rows)),
        ]
        html = self._render(
            "index.html",
            title=self.title,
            problems=[*self._limits_of_past()],
            statuses=statuses,
            filters=[dict(zip(("label", "name", "choices"), one, strict=True)) for one in filters],
            columns=self._columns(),
            rows=rows,
        )
        return WebPage(INDEX, "", html, has_contents=False)

    def _columns(self) -> list[dict[str, str]]:
        created = self.guide.metadata.get("created")
        return [
            {"key": "number", "label": "Number"},
            {"key": "title", "label": "Title"},
            {"key": "status", "label": "Status"},
            {"key": "author", "label": "Author"},
            {"key": "layout", "label": "Layout"},
            {"key": "created", "label": created.key if created else "Since"},
            {"key": "changed", "label": "Changed"},
            {"key": "questions", "label": "Questions"},
        ]

    def _row(self, proposal: Proposal, place: Place) -> dict[str, Any]:
        entry, main = proposal.entry, proposal.main
        people = metadata.author_names(entry.authors)
        layout = self.guide.layouts.get(entry.layout or "")
        known = self.past.of(proposal)
        where = f"on {proposal.branch}" if proposal.branch else "" if main else entry.where or ""
        return {
            "number": proposal.name,
            "order": f"{entry.number}",
            "title": self.title_of(proposal),
            "address": place.relative(main.address) if main else "",
            "status": entry.status or "",
            "kind": self._kind(entry.status),
            "author": entry.author or "",
            "authors": "\n".join(people or ([entry.author] if entry.author else [])),
            "layout": layout.label if layout else "",
            "created": (main.content.metadata.value("created") if main else "")
            or (_day(known.history.created) if known else ""),
            "changed": _day(known.history.changed) if known else "",
            "questions": len(main.content.questions) if main else 0,
            "where": where,
            "problem": "cannot be read" if entry.problem else "",
        }

    def _questions(self) -> WebPage:
        groups = []
        for one in self.proposals:
            if one.main is None or not one.main.content.questions:
                continue
            place = self._place(one, one.main, QUESTIONS)
            asked = self._questions_of(one, one.main, place)
            for question in asked:
                question["address"] = place.relative(f"{one.main.address}{question['address']}")
            groups.append(
                {
                    "anchor": one.main.address.removesuffix(".html").lower(),
                    "address": place.relative(one.main.address),
                    "number": one.name,
                    "title": self.title_of(one),
                    "status": one.entry.status or "",
                    "kind": self._kind(one.entry.status),
                    "questions": asked,
                }
            )
        count = sum(len(one["questions"]) for one in groups)
        html = self._render("questions.html", groups=groups, count=count)
        return WebPage(QUESTIONS, "Open questions", html)

    def _decisions(self) -> WebPage:
        days: dict[str, list[dict[str, Any]]] = {}
        for one in self.proposals:
            if one.main:
                place = self._place(one, one.main, DECISIONS)
                for decision in self._decisions_of(one.main, place):
                    day = _DAY.search(decision["date"])
                    decision["number"] = one.name
                    decision["address"] = place.relative(one.main.address)
                    days.setdefault(day[0] if day else _UNDATED, []).append(decision)
        names_of_days = sorted(days.keys() - {_UNDATED}, reverse=True)
        names_of_days += [_UNDATED] if _UNDATED in days else []
        html = self._render(
            "decisions.html",
            days=[
                {
                    "name": name,
                    "anchor": name.lower().replace(" ", "-"),
                    "decisions": days[name],
                }
                for name in names_of_days
            ],
            count=sum(map(len, days.values())),
        )
        return WebPage(DECISIONS, "Decisions", html)

    def _relations(self) -> WebPage:
        place = Place(self.addresses, "", RELATIONS)
        rows = []
        for one in self._strongest:
            other, to = self._by_number.get(one.number), self._by_number.get(one.to)
            rows.append(
                {
                    "number": names.proposal_name(one.number),
                    "title": self.title_of(other) if other else "",
                    "address": place.relative(other.pages[0].address) if other else "",
                    "kind": _KINDS[one.kind],
                    "to": names.proposal_name(one.to),
                    "to_title": self.title_of(to) if to else "no proposal has this number",
                    "to_address": place.relative(to.pages[0].address) if to and to.pages else "",
                }
            )
        shown = self._strongest
        remark = ""
        if len(shown) > relation_graph.MOST_ARROWS:
            shown = [one for one in shown if one.kind is not Kind.MENTIONS]
            remark = "The picture leaves out mentions: there are too many of them."
        is_drawn = 0 < len(shown) <= relation_graph.MOST_ARROWS
        html = self._render(
            "relations.html",
            rows=rows,
            remark=remark,
            diagram=self._flowchart(shown) if is_drawn else "",
            too_many="There are too many relations for a picture.",
        )
        return WebPage(RELATIONS, "Relations", html, has_contents=False)

    def _history(self) -> WebPage:
        months = timeline.months(
            [Change(one.since.date(), one.status or _NO_STATUS) for one in known.history.periods]
            for known in self.past.times.values()
        )
        every = {status for month in months for status in month.counts}
        ordered = [name for name in self.guide.status_names if name in every]
        ordered += sorted(every.difference(ordered))
        kinds = {status: self._kind(status) for status in ordered}
        last = {month.first.year: month for month in months}
        html = self._render(
            "history.html",
            problems=[*self._limits_of_past()],
            picture=timeline.picture(months, kinds),
            statuses=[{"name": name, "kind": kind} for name, kind in kinds.items()],
            months=[
                {"name": month.name, "counts": [month.counts.get(one, 0) for one in kinds]}
                for month in last.values()
            ],
        )
        return WebPage(HISTORY, "Over the years", html, has_contents=False)

    def _limits_of_past(self) -> Iterator[str]:
        if self.past.problem:
            yield self.past.problem
        if self.past.is_cut_off:
            yield (
                "This is a shallow clone: Git does not know here when some proposals were made and"
                " changed. The dates from Git are the earliest that it knows."
            )

    # --- What pages share -------------------------------------------------------------------------

    def title_of(self, proposal: Proposal) -> str:
        """The title of a proposal as text, without its number."""
        title = visible(proposal.entry.title or "")
        return names.title_in(title, proposal.entry.number)

    def _kind(self, status: str | None) -> str:
        found = self.guide.status_of(status or "")
        if found is None:
            return "unknown"
        if found.settled:
            return "done" if found.final else "agreed"
        return "over" if found.final else "open"

    def _flowchart(self, found: Sequence[Relation]) -> str:
        """The picture of some relations between proposals."""
        numbers = dict.fromkeys(number for one in found for number in (one.number, one.to))
        entries = [entry for number in numbers for entry in self._entries.get(number, ())]
        return relation_graph.flowchart(self.guide, relation_graph.graph(entries, found))

    @cached_property
    def _entries(self) -> Mapping[int, list[Entry]]:
        found: dict[int, list[Entry]] = {}
        for one in self.proposals:
            found.setdefault(one.entry.number, []).append(one.entry)
        return found

    @cached_property
    def _by_number(self) -> Mapping[int, Proposal]:
        """The first proposal of each number, and one with a document before others."""
        found: dict[int, Proposal] = {}
        for one in self.proposals:
            before = found.setdefault(one.entry.number, one)
            if one.pages and not before.pages:
                found[one.entry.number] = one
        return found

    @cached_property
    def _strongest(self) -> list[Relation]:
        return relations.strongest(
            relation
            for one in self.proposals
            for page in one.pages
            for relation in page.content.relations
        )

    @cached_property
    def _touching(self) -> Mapping[int, list[Relation]]:
        """The relations that begin or end at each proposal, in their order."""
        found: dict[int, list[Relation]] = {}
        for one in self._strongest:
            found.setdefault(one.number, []).append(one)
            found.setdefault(one.to, []).append(one)
        return found

    def _render(self, template: str, **values: Any) -> str:
        return _environment().get_template(template).render(**values)


_NOT_RELATED: Mapping[str, Any] = {
    "builds_on": [],
    "mentions": [],
    "named_by": [],
    "relation_count": 0,
    "diagram": "",
}


def _day(time: dt.datetime) -> str:
    return time.date().isoformat()


def _known(values: Iterable[str]) -> list[str]:
    return sorted({one for one in values if one})


def _without_number(title: Markup, number: int) -> Markup:
    """A title without the number that it may begin with."""
    rest = re.sub(rf"^\s*{names.proposal_name(number)}\s*[:–—-]+\s*", "", title)
    return Markup(rest)  # noqa: S704  # the end of what was clean before


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(__package__ or ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
