"""The rule of `check --only`: a change of a proposal stays in the sections that it was given."""

from __future__ import annotations

from collections.abc import Iterator

from ...markdown import edits
from ...proposal.document import Role
from . import outside_text
from .rule import ERROR, Hit, RuleSet
from .snapshot import FileChange, Guarded, Snapshot

RULES = RuleSet("Changes")

_LINK = "120000"
_ADVICE = ", and all of it counts; --since names a commit that has it (`--since HEAD`)"


@RULES.of_guarded(
    ERROR,
    "docs/checking.md: Guard the rest of a proposal",
    example="`bep check --only {section[motivation]}`, and the change also adds a row to the"
    " {section[decision-log]}",
    remedy="Undo the changes outside, or name their sections with `--only` too.",
)
def touched_outside(guarded: Guarded) -> Iterator[Hit]:
    """With `--only`, a change touches only the named sections of a proposal.

    Everything else stays as it was, byte for byte: other sections and documents, metadata, context
    block, title, the headings of the named sections, files in the proposal's directory, its answers
    file, its row of the registry; and no file is added, removed, renamed or given another mode. The
    rule runs only with `--only` or `--only-document`; no setting and no comment silences it.
    """
    for file in guarded.files:
        yield from _in_file(file)
    yield from _in_registry(guarded)


def _in_file(file: FileChange) -> Iterator[Hit]:
    before, after = file.before, file.after
    if after is None:
        if before is not None:
            yield Hit(before.with_source(""), 0, "the file is gone")
        return
    if before is None:
        if file.inside is not None:
            yield Hit(after, 0, f"the file is new{_ADVICE if after.role is Role.MAIN else ''}")
        return
    if before.path != after.path:
        yield Hit(after, 0, f"the file was renamed; it was {before.path}")
    if file.modes and _LINK in file.modes:
        kind = "a symbolic link" if file.modes[1] == _LINK else "no longer a symbolic link"
        yield Hit(after, 0, f"the file is {kind}")
        return
    if file.modes:
        yield Hit(after, 0, f"the file's mode changed from {file.modes[0]} to {file.modes[1]}")
    if before.source == after.source or file.inside is None:
        return
    if after.role is Role.OTHER:
        yield Hit(after, _first_difference(before.source, after.source), "the file changed")
        return
    for one in outside_text.differences(before, after, file.inside):
        yield Hit(after, one.at, one.message)


def _first_difference(old: str, new: str) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (was, now) in pairs if was != now), min(len(old), len(new)))


def _in_registry(guarded: Guarded) -> Iterator[Hit]:
    old, new = guarded.before, guarded.after
    page = new.process_page or old.process_page
    first, last = guarded.numbers
    was, now = _rows(old, first or last), _rows(new, last or first)
    if page is None or [text for _, text in was] == [text for _, text in now]:
        return
    if new.process_page is None:
        page = page.with_source("")
    name = f"the row of {last or first}"
    if any(side.registry_error for side in (old, new)):
        yield Hit(page, 0, f"{name} cannot be compared, as the registry cannot be read")
        return
    kind = "changed" if was and now else "is new" if now else "is gone"
    table = new.registry.table.start if new.registry else 0
    yield Hit(page, now[0][0] if now else table, f"{name} {kind}")


def _rows(side: Snapshot, number: int | None) -> list[tuple[int, str]]:
    """Return the rows of a number, each with its offset and its line."""
    registry = side.registry
    return [
        (row.start, registry.source[row.start : edits.line_end(registry.source, row.start)])
        for row in (registry.rows if registry else ())
        if registry and row.held == number
    ]
