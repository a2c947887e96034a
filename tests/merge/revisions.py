"""What a new revision of a template changes in its document, one small change a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.merge.template import CONTEXT, Pairs, Section, Template, Value


class Revision(NamedTuple):
    """A template and how its names came from those of the old revision: old to new."""

    template: Template
    sections: dict[str, str]
    keys: dict[str, str]


Changed = Callable[[Revision, int], Revision]

_WORDS = ("Name one user.", "Be specific:\nnumbers, not adjectives.", "Say so if nothing does.")
_NEW_SECTIONS = (
    "Decision Log",
    "Open Questions",
    "Implementation Plan",
    "Security",
    "Alternatives",
)
_NEW_KEYS = (("Reviewers", ""), ("Kind", "Feature"), ("Discussion", "'#1: to be opened'"))
_NEW_CONTEXT = (("owner", "nobody"), ("related", ("BEP-1001", "BEP-1002")), ("risks", ()))
_NEW_NAMES = {"Motivation": "Goal", "References": "Further Reading"}


def _with(revision: Revision, **parts: object) -> Revision:
    return revision._replace(template=revision.template._replace(**parts))  # type: ignore[arg-type]


def _put(found: tuple, at: int, *new: object) -> tuple:
    """`found` with the element at a place replaced by what is new."""
    at %= len(found)
    return (*found[:at], *new, *found[at + 1 :])


def _insert(found: tuple, at: int, new: object) -> tuple:
    at %= len(found) + 1
    return (*found[:at], new, *found[at:])


def _section(change: Callable[[Section, int], Section | None]) -> Changed:
    """A change of one section, at whichever place; of the next one that can have it."""

    def changed(revision: Revision, at: int) -> Revision:
        sections = revision.template.sections
        for place in range(at, at + len(sections)):
            section = sections[place % len(sections)]
            if (new := change(section, at // len(sections))) is not None:
                return _with(revision, sections=_put(sections, place, new))
        return revision

    return changed


def _part(change: Callable[[Section, int], Section | None]) -> Changed:
    """A change of a third-level section."""

    def changed(section: Section, at: int) -> Section | None:
        if not section.parts:
            return None
        new = change(section.parts[at % len(section.parts)], at)
        return section._replace(parts=_put(section.parts, at, *([new] if new else [])))

    return _section(changed)


def _reword(section: Section, at: int) -> Section | None:
    if not section.guidance:
        return None
    words = _WORDS[at % len(_WORDS)]
    kept = section.guidance if at % 2 else section.guidance.split(".")[0] + "."
    return section._replace(guidance=f"{kept} {words}")


def _drop_guidance(section: Section, at: int) -> Section | None:
    return section._replace(guidance="") if section.guidance else None


def _change_line(section: Section, at: int) -> Section | None:
    if not section.text:
        return None
    lines = _put(section.text, -1, f"{section.text[-1]}, as of revision {at % 3}")
    return section._replace(text=lines)


def _add_line(section: Section, at: int) -> Section:
    return section._replace(
        text=(*section.text, *([""] if section.text else []), f"To do: {at % 3}")
    )


def _add_part(section: Section, at: int) -> Section | None:
    names = {one.name for one in section.parts}
    name = ("Data Model", "API", "Client", "Agent")[at % 4]
    if not section.parts or name in names:
        return None
    new = Section(name, "" if at % 2 else "What it is.", (f"Scope: The {name.lower()}",))
    return section._replace(parts=_insert(section.parts, at, new))


def _table(change: Callable[[tuple, int], tuple | None]) -> Changed:
    def changed(section: Section, at: int) -> Section | None:
        table = change(section.table, at) if section.table else None
        return section._replace(table=table) if table else None

    return _section(changed)


def _add_column(table: tuple, at: int) -> tuple | None:
    if "By" in table[0]:
        return None
    place = 1 + at % len(table[0])
    return tuple(_insert(row, place, "By" if row is table[0] else "") for row in table)


def _remove_column(table: tuple, at: int) -> tuple | None:
    if len(table[0]) < 3:
        return None
    return tuple(_put(row, 1 + at % (len(table[0]) - 1)) for row in table)


def _add_row(table: tuple, at: int) -> tuple | None:
    name = ("cli", "events", "client-pool")[at % 3]
    if table[0][0] != "Document" or any(row[0].startswith(f"[{name}]") for row in table):
        return None
    row = (f"[{name}](./BEP-1046/{name}.md)", f"The {name}", *[""] * (len(table[0]) - 2))
    return (table[0], *_insert(table[1:], at, row))


def _change_row(table: tuple, at: int) -> tuple | None:
    if len(table) < 2:
        return None
    place = 1 + at % (len(table) - 1)
    return _put(table, place, _put(table[place], 1, f"Revised {at % 3}"))


def _remove_row(table: tuple, at: int) -> tuple | None:
    return _put(table, 1 + at % (len(table) - 1)) if len(table) > 2 else None


def _add_section(revision: Revision, at: int) -> Revision:
    sections = revision.template.sections
    known = (
        {one.name for one in sections} | set(revision.sections) | set(revision.sections.values())
    )
    names = [name for name in _NEW_SECTIONS if name not in known]
    if not names:
        return revision
    name = names[at % len(names)]
    parts = (Section("Threats", "Who.", ("None.",)),) if name == "Security" and at % 2 else ()
    new = Section(
        name, f"What belongs to {name}.", (f"- {name}: none",) if at % 3 else (), (), parts
    )
    return _with(revision, sections=_insert(sections, at // 7, new))


def _remove_section(revision: Revision, at: int) -> Revision:
    sections = revision.template.sections
    return _with(revision, sections=_put(sections, at)) if len(sections) > 3 else revision


def _rename_section(revision: Revision, at: int) -> Revision:
    sections = revision.template.sections
    section = sections[at % len(sections)]
    name = _NEW_NAMES.get(section.name, f"About {section.name}")
    if section.name in revision.sections.values() or name in revision.sections:
        return revision
    renamed = _with(revision, sections=_put(sections, at, section._replace(name=name)))
    return renamed._replace(sections=revision.sections | {section.name: name})


def _move_section(revision: Revision, at: int) -> Revision:
    sections = revision.template.sections
    moved = sections[at % len(sections)]
    return _with(revision, sections=_insert(_put(sections, at), at // len(sections), moved))


def _split_section(revision: Revision, at: int) -> Revision:
    """The last line of a section becomes a section of its own."""
    sections = revision.template.sections
    for place in range(at, at + len(sections)):
        section = sections[place % len(sections)]
        name = f"Details of {section.name}"
        if section.text and all(one.name != name for one in sections):
            first = section._replace(text=section.text[:-1], guidance=f"{section.guidance} Brief.")
            second = Section(name, "The details.", section.text[-1:])
            return _with(revision, sections=_put(sections, place, first, second))
    return revision


def _pairs(block: str, change: Callable[[Pairs, int], Pairs | None]) -> Changed:
    """A change of the front matter or the context block, where the template has it."""

    def changed(revision: Revision, at: int) -> Revision:
        pairs = getattr(revision.template, block)
        new = change(pairs, at) if pairs else None
        return _with(revision, **{block: new}) if new else revision

    return changed


def _add_key(new: Pairs) -> Callable[[Pairs, int], Pairs | None]:
    def added(pairs: Pairs, at: int) -> Pairs | None:
        key = new[at % len(new)]
        return None if key[0] in dict(pairs) else _insert(pairs, at // 3, key)

    return added


def _remove_key(pairs: Pairs, at: int) -> Pairs | None:
    return _put(pairs, at) if len(pairs) > 2 else None


def _change_value(pairs: Pairs, at: int) -> Pairs:
    key, value = pairs[at % len(pairs)]
    new: Value = f"revised {at % 3}"
    if isinstance(value, tuple):
        new = value if new in value else (*value, new)
    return _put(pairs, at, (key, new))


def _remove_element(pairs: Pairs, at: int) -> Pairs | None:
    places = [
        place for place, (_, value) in enumerate(pairs) if value and not isinstance(value, str)
    ]
    if not places:
        return None
    key, value = pairs[places[at % len(places)]]
    return _put(pairs, places[at % len(places)], (key, value[1:]))


def _list_of_phases(pairs: Pairs, at: int) -> Pairs | None:
    names = ("Foundation", "Registration: all at once", "Consumers")[: 1 + at % 3]
    value = tuple(f"'{name}'" for name in names)
    return tuple((key, value if key == "phases" else old) for key, old in pairs)


def _rename_key(block: str) -> Changed:
    def renamed(revision: Revision, at: int) -> Revision:
        pairs = getattr(revision.template, block)
        if not pairs:
            return revision
        key, value = pairs[at % len(pairs)]
        new = "Target-Release" if key == "Target-Version" else f"Proposal-{key}"
        if key in revision.keys.values() or key in dict(_NEW_KEYS + _NEW_CONTEXT):
            return revision
        changed = _with(revision, **{block: _put(pairs, at, (new, value))})
        return changed._replace(keys=revision.keys | {key: new})

    return renamed


CHANGES: dict[str, Changed] = {
    "guidance reworded": _section(_reword),
    "guidance dropped": _section(_drop_guidance),
    "line changed": _section(_change_line),
    "line added": _section(_add_line),
    "section added": _add_section,
    "section removed": _remove_section,
    "section renamed": _rename_section,
    "section moved": _move_section,
    "section split": _split_section,
    "subsection added": _section(_add_part),
    "subsection changed": _part(_change_line),
    "subsection removed": _part(lambda section, at: None),
    "column added": _table(_add_column),
    "column removed": _table(_remove_column),
    "row added": _table(_add_row),
    "row changed": _table(_change_row),
    "row removed": _table(_remove_row),
    "key added": _pairs("metadata", _add_key(_NEW_KEYS)),
    "key removed": _pairs("metadata", _remove_key),
    "key renamed": _rename_key("metadata"),
    "default changed": _pairs("metadata", _change_value),
    "comments reworded": lambda revision, at: _with(
        revision, commented=revision.template.commented and f"as the guide says ({at % 3})"
    ),
    "context key added": _pairs("context", _add_key(_NEW_CONTEXT)),
    "context key removed": _pairs("context", _remove_key),
    "context key renamed": _rename_key("context"),
    "context value changed": _pairs("context", _change_value),
    "context element removed": _pairs("context", _remove_element),
    "phases become a list": _pairs("context", _list_of_phases),
    "context block added": lambda revision, at: (
        revision if revision.template.context else _with(revision, context=CONTEXT)
    ),
    "title changed": lambda revision, at: _with(revision, title=f"Another Title {at % 3}"),
    "lead changed": lambda revision, at: _with(revision, lead=f"Another lead {at % 3}."),
}


def revised(template: Template, changes: tuple[tuple[str, int], ...]) -> Revision:
    """The template after the changes, one upon the other."""
    revision = Revision(template, {}, {})
    for kind, at in changes:
        revision = CHANGES[kind](revision, at)
    return revision


def changed_sections(template: Template, revision: Revision) -> set[str]:
    """The names of old sections and subsections that the revision changed or removed."""
    now = {one.name: one for one in _all(revision.template)}
    found = set()
    for section in _all(template):
        new = now.get(revision.sections.get(section.name, section.name))
        if new is None or new._replace(name=section.name, parts=()) != section._replace(parts=()):
            found.add(section.name)
    return found


def _all(template: Template) -> list[Section]:
    return [one for section in template.sections for one in (section, *section.parts)]
