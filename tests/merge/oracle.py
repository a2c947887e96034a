"""What must hold of every merge (design: The merge), by an oracle that shares no code with it.

`problems` gives a line for each thing that is wrong, and none where all is well. Documents are read
by `reading`. What holds of all lines is in `lines`, of keys and tables in
`values`, of a text that both changed in `texts`, of the order of sections in
`places`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from tests.merge.lines import bytes_problems, lines_of, lines_problems
from tests.merge.places import (
    SectionOf,
    Siblings,
    author_moved,
    author_numbered,
    crowd,
    order_problems,
    pairs,
    siblings,
)
from tests.merge.reading import (
    Document,
    Lines,
    Node,
    filled,
    is_numbered,
    keys,
    normalise,
    number_of,
    read,
    trimmed,
    without_number,
)
from tests.merge.texts import Texts, tables_of
from tests.merge.values import keys_problems, table_problems

Path = tuple[str, ...]


class Case(NamedTuple):
    """What a merge is given; `sections` and `keys` are the template's renames, old to new."""

    base: str
    ours: str
    theirs: str
    sections: Mapping[str, str]
    keys: Mapping[str, str]
    section_of: SectionOf


class Merged(Protocol):
    """What a merge gives."""

    @property
    def text(self) -> str: ...

    @property
    def kept(self) -> tuple[str, ...]: ...


Merge = Callable[[str, str, str], Merged]


def judge(case: Case, merge: Merge) -> list[str]:
    """All that is wrong with a merge of the case, seen in several runs."""
    result = merge(case.base, case.ours, case.theirs)
    found = problems(case, result.text, result.kept)
    if merge(case.base, result.text, case.theirs).text != result.text:
        found.append("a second update changes something")
    untouched = merge(case.base, case.base, case.theirs)
    if (untouched.text, untouched.kept) != (case.theirs, ()):
        found.append("an untouched document is not the new rendering")
    unrevised = merge(case.base, case.ours, case.base)
    if (unrevised.text, unrevised.kept) != (case.ours, ()):
        found.append("a template that did not change changes something")
    return found


def problems(case: Case, result: str, kept: Sequence[str]) -> list[str]:
    """All that is wrong with the result of a merge."""
    return list(_Judge(case, result).run(kept))


class _Judge:
    def __init__(self, case: Case, result: str) -> None:
        self.case = case
        self.text = result
        self.base, self.ours = read(case.base), read(case.ours)
        self.theirs, self.result = read(case.theirs), read(result)
        self.renamed = {normalise(old): normalise(new) for old, new in case.sections.items()}
        self.open = self.ours.open
        # Names of sections of which one must, or any may, be reported.
        self.must: list[set[str]] = []
        self.may: set[str] = set()
        # Lines of tables that count by their cells, because the template changed the table.
        self.rows: set[str] = set()

    def run(self, kept: Sequence[str]) -> Iterator[str]:
        for part in ("front", "context"):
            documents = (self.base, self.ours, self.theirs, self.result)
            four = [getattr(document, part) for document in documents]
            yield from (f"{part}: {told}" for told in keys_problems(*four, self.case.keys))
            # That a value of the template's gave way may be reported under its key.
            self.may |= {normalise(key.name) for lines in four[::2] for key in keys(lines or ())}
        yield from self.heads()
        titles = [one.title for one in (self.base, self.ours, self.theirs, self.result)]
        if any(self.strays()):
            yield from self.scattered()
        else:
            yield from self.siblings(*(title.children for title in titles), "second level")
        yield from bytes_problems(self.case[:3], self.text, self.rows)
        yield from lines_problems(self.case[:3], self.text, self.rows)
        yield from self.paths_stand()
        yield from self.reported({normalise(heading) for heading in kept})

    # --- Lines ----------------------------------------------------------------------------------

    def paths_stand(self) -> Iterator[str]:
        """Each line of the author's stands under the section it stood under, as often."""
        there: Counter[tuple[Path, str]] = Counter()
        need: Counter[tuple[Path, str]] = Counter()
        for path, node in self.paths(self.result):
            there.update((path, line) for line in lines_of(node))
        for path, node in self.paths(self.ours):
            need.update((path, line) for line in lines_of(node) if line not in self.rows)
        for path, node in self.paths_in_base():
            need.subtract((path, line) for line in lines_of(node))
        if lost := +need - there:
            yield f"lines are not under their section any more: {sorted(lost)}"

    def paths(self, document: Document) -> Iterator[tuple[Path, Node]]:
        """All sections with the names from the top down, the new ones of renamed sections."""
        tops = [document.lead, *document.above, document.title, *document.further]
        branch = [((self.top_name(document, node),), node) for node in reversed(tops)]
        while branch:
            path, node = branch.pop()
            yield path, node
            branch += [((*path, self.new_name(one)), one) for one in node.children]

    def paths_in_base(self) -> Iterator[tuple[Path, Node]]:
        """The template's old sections under the names that the author has for them."""
        yield ("",), self.base.lead
        branch = [(("#",), self.base.title, self.ours.title)]
        # A template's section that is not below the title may be taken for the same one or not.
        for path, node in self.strays():
            same = (one for one in self.base.title.children if self.is_same(one, node))
            branch += [((*path, self.new_name(node)), one, node) for one in same]
        while branch:
            path, base, ours = branch.pop()
            yield path, base
            old = pairs(base.children, ours.children, self.renamed, self.aliases(len(path) == 1))
            for at, node in old.items():
                name = self.new_name(ours.children[at])
                branch.append(((*path, name), node, ours.children[at]))

    def top_name(self, document: Document, node: Node) -> str:
        if node is document.lead or (node is document.title and not node.heading):
            return "#" if not self.ours.has_title and node is document.title else ""
        return "#" if node is document.title else self.new_name(node)

    def new_name(self, node: Node) -> str:
        return self.renamed.get(node.name, node.name)

    def aliases(self, second_level: bool) -> SectionOf:
        return self.case.section_of if second_level else lambda _: None

    def is_same(self, one: Node, other: Node) -> bool:
        section = self.case.section_of(one.name)
        return one.name == other.name or (
            section is not None and section == self.case.section_of(other.name)
        )

    # --- Parts ----------------------------------------------------------------------------------

    def heads(self) -> Iterator[str]:
        """What stands above the title, the title with its own text, and further titles."""
        base, ours, theirs, result = self.base, self.ours, self.theirs, self.result
        if ours.has_title != result.has_title:
            yield "the title came or went"
        if any(node in ours.above for _, node in self.strays()):
            return
        yield from self.heading(base.title, ours.title, theirs.title, result.title)
        if ours.has_title:
            yield from self.own(base.title, ours.title, theirs.title, result.title)
            expected = _three_way(base.lead.own, ours.lead.own, theirs.lead.own)
            if filled(result.lead.own) != filled(expected):
                yield f"above the title: {filled(result.lead.own)}"
        if [node.heading for node in ours.above] != [node.heading for node in result.above]:
            yield "sections above the title changed"
        if [node.heading for node in ours.further] != [node.heading for node in result.further]:
            yield "further titles changed"
        for before, after in zip(ours.further, result.further, strict=False):
            known = any(
                self.is_same(one, two) for one in base.title.children for two in before.children
            )
            if not known and trimmed(before.lines) != trimmed(after.lines):
                yield f"the part {before.heading} changed"

    def heading(self, base: Node, ours: Node, theirs: Node, result: Node) -> Iterator[str]:
        expected = theirs.heading if ours.heading == base.heading else ours.heading
        if base.heading not in (ours.heading, theirs.heading):
            self.may |= {base.name, ours.name, theirs.name}
        if filled(result.labels) != filled(_three_way(base.labels, ours.labels, theirs.labels)):
            yield f"above {ours.heading} is {filled(result.labels)}"
        if result.heading != expected:
            yield f"the heading {ours.heading} became {result.heading}, not {expected}"

    def own(self, base: Node, ours: Node, theirs: Node, result: Node) -> Iterator[str]:
        """A section's own text, by the design's table."""
        b, o, t, r = (trimmed(node.own) for node in (base, ours, theirs, result))
        where = f"{ours.heading}: "
        if o == b == () and ours.level > 1 and ours.name not in (base.name, theirs.name):
            # Another name and no text: nothing shows that it is the template's section.
            if r:
                yield f"{where}the template's {r} is in the author's own section"
            self.may.add(ours.name)
        elif o == b and r != t:
            yield f"{where}left alone by the author, it is {r}, not the template's {t}"
        elif t == b and r != o:
            yield f"{where}left alone by the template, it is {r}, not the author's {o}"
        if o in (b, t) or t == b:
            return
        tables = tables_of(base, ours, theirs, result)
        if base.tables and theirs.tables and base.tables[0].lines != theirs.tables[0].lines:
            self.may |= {ours.name, base.name, theirs.name}
        if tables:
            yield from (where + told for told in table_problems(*tables))
            if tables[0].lines != tables[2].lines:
                self.rows.update(tables[1].lines, tables[3].lines)
        told = Texts(base, ours, theirs, result, tables)
        if told.result not in told.expected():
            yield f"{where}changed by both, it is {told.result}"
        if told.gave_way() or told.separator:
            self.must.append({ours.name, base.name, theirs.name})
            self.may |= self.must[-1]
        elif told.might_give_way():
            self.may |= {ours.name, base.name, theirs.name}

    def strays(self) -> Iterator[tuple[Path, Node]]:
        """The template's sections above the author's title or below further ones of the author's.

        The former is so where the author removed the title and a later heading looks like one.
        """
        below = [
            ((self.new_name(top),), node) for top in self.ours.further for node in top.children
        ]
        for path, node in [*(((), node) for node in self.ours.above), *below]:
            if any(self.is_same(one, node) for one in self.base.title.children):
                yield path, node

    def scattered(self) -> Iterator[str]:
        """Which of the sections are the same is open; nothing is lost or doubled all the same."""
        self.may |= {node.name for one in (self.ours, self.theirs) for node in one.nodes()}
        for document in (self.ours, self.result):
            for node in document.nodes():
                self.rows.update(line for table in node.tables for line in table.lines)
        names = [Counter(node.name for node in one.nodes()) for one in (self.ours, self.result)]
        allowed = names[0] + Counter(self.new_name(node) for node in self.theirs.nodes())
        if names[1] - allowed:
            yield f"sections are there too often: {sorted(names[1] - allowed)}"
        if self.ours.further and names[1].total() > names[0].total():
            yield "a section was added to a document of several titles"

    # --- Sections -------------------------------------------------------------------------------

    def siblings(
        self, base: list[Node], ours: list[Node], theirs: list[Node], result: list[Node], where: str
    ) -> Iterator[str]:
        """The sections under one parent that all versions but perhaps the old one have."""
        second_level = where == "second level"
        aliases = self.aliases(second_level)
        group = siblings(base, ours, theirs, result, self.renamed, aliases)
        moved = author_moved(group) or (second_level and author_numbered(group))
        yield from self.fates(group)
        yield from self.gone(group)
        yield from order_problems(group, moved or bool(self.ours.further), self.open)

    def fates(self, group: Siblings) -> Iterator[str]:
        """What became of each of the author's sections."""
        crowded = crowd(group)
        for at, ours in enumerate(group.ours):
            old, new = group.old.get(at), group.new.get(at)
            names = {ours.name, new.name} if old and new else {ours.name}
            found = [node for node in group.result if node.name in names]
            if names & crowded:
                yield from self.in_acrowd(group, ours, old, new)
            elif old and not new and filled(ours.lines) == filled(old.lines):
                # Whether blank lines alone are a change is open.
                self.may.add(ours.name)
                if found and trimmed(ours.lines) == trimmed(old.lines):
                    yield f"{ours.heading}, removed and left alone, is still there"
            elif len(found) != 1:
                yield f"{ours.heading} is there {len(found)} times"
            elif old and new:
                yield from self.heading(old, ours, new, found[0])
                yield from self.own(old, ours, new, found[0])
                yield from self.below(old, ours, new, found[0])
            elif old:
                yield from self.removed(old, ours, found[0])
            elif new:
                self.may.add(ours.name)
                if trimmed(found[0].lines) != trimmed(ours.lines):
                    yield f"{ours.heading}, which the template has now too, changed"
            elif trimmed(found[0].lines) != trimmed(ours.lines):
                yield f"the author's section {ours.heading} changed: {found[0].lines}"

    def below(self, old: Node, ours: Node, new: Node, result: Node) -> Iterator[str]:
        lists = (old.children, ours.children, new.children, result.children)
        yield from self.siblings(*lists, f"below {ours.heading}")

    def removed(self, old: Node, ours: Node, result: Node) -> Iterator[str]:
        """A section that the template dropped and the author changed stands and is reported."""
        self.may |= {node.name for node in (*ours.walk(), *old.walk())}
        if trimmed(ours.below_heading) != trimmed(old.below_heading):
            self.must.append({node.name for node in ours.walk()})
        if trimmed(ours.own) != trimmed(old.own) and trimmed(result.own) != trimmed(ours.own):
            yield f"{ours.heading}, removed by the template, changed"

    def in_acrowd(
        self, group: Siblings, ours: Node, old: Node | None, new: Node | None
    ) -> Iterator[str]:
        """A section among several of its name: the author's own ones stand as they are."""
        self.may |= {node.name for node in ours.walk()} | {node.name for node in (old, new) if node}
        for node in (*group.ours, *group.result):
            if node.name == ours.name or (new and node.name == new.name):
                self.rows.update(line for table in node.tables for line in table.lines)
        if old or new or any(ours.name in (one.name, self.new_name(one)) for one in group.base):
            return
        text = trimmed(ours.lines)
        before = sum(trimmed(node.lines) == text for node in group.ours)
        if sum(trimmed(node.lines) == text for node in group.result) < before:
            yield f"one of the author's sections {ours.heading} changed"

    def gone(self, group: Siblings) -> Iterator[str]:
        """What the author removed stays away; what the template added is there once."""
        crowded = crowd(group)
        mine = Counter(node.name for node in group.ours)
        there = Counter(node.name for node in group.result)
        paired = set(map(id, group.old.values()))
        for node in group.base:
            if id(node) not in paired and not {node.name, self.new_name(node)} & crowded:
                for name in {node.name, self.new_name(node)} - {one.name for one in group.added}:
                    if there[name] > mine[name]:
                        yield f"{node.heading}, removed by the author, came back"
        yield from self.added(group)
        for at, node in group.new.items():
            mine[node.name] += node.name != group.ours[at].name and at in group.old
        mine.update(node.name for node in group.added)
        if doubled := there - mine:
            yield f"sections are there too often: {sorted(doubled)}"
        known = {self.new_name(one) for one in (*group.ours, *group.theirs)} | set(mine)
        if set(there) - known:
            yield f"sections from nowhere: {set(there) - known}"

    def added(self, group: Siblings) -> Iterator[str]:
        """What is new in the template is there once, but not in a document of several titles."""
        crowded = crowd(group)
        mine = Counter(node.name for node in group.ours)
        for node in group.added:
            found = [one for one in group.result if one.name == node.name]
            if self.ours.further:
                self.must.append({node.name})
                self.may.add(node.name)
                if len(found) > mine[node.name]:
                    yield f"{node.heading} was added to a document of several titles"
                continue
            if self.open and not found:
                self.may.add(node.name)
                continue
            if node.name not in crowded and len(found) != 1:
                yield f"the added {node.heading} is there {len(found)} times"
            elif not any(self.is_added(group, one, node) for one in found):
                yield f"the added {node.heading} is not as the template has it"

    def is_added(self, group: Siblings, result: Node, new: Node) -> bool:
        """Whether a section is the template's new one, which has a number among numbered ones."""
        if trimmed(result.below_heading) != trimmed(new.below_heading):
            return False
        if result.heading == new.heading:
            return True
        numbers = [number_of(one.heading) for one in group.result]
        return (
            without_number(result.heading) == new.heading
            and any(is_numbered(one) for one in group.ours)
            and numbers.count(number_of(result.heading)) == 1
        )

    def reported(self, kept: Collection[str]) -> Iterator[str]:
        for names in self.must:
            if not names & set(kept):
                yield f"not reported as kept: {sorted(names)}"
        if set(kept) - self.may:
            yield f"reported as kept: {sorted(set(kept) - self.may)}"


def _three_way(base: Lines, ours: Lines, theirs: Lines) -> Lines:
    return theirs if filled(ours) == filled(base) else ours
