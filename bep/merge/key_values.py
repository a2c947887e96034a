"""The merge of `key: value` lines: front matter (guide: Step 4) and context blocks.

By key, lists by element, comments with their key. What an author wrote stays; `kept` names the
keys whose new value in the template gave way to it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..markdown import blocks, edits
from ..markdown.escapes import comment_value
from ..proposal import key_values
from ..proposal.key_values import Item, Keyed
from .order import arranged, told_apart

_WORD = re.compile(r"[^ \t\r\n]+")
_REMARK = re.compile(r"(?:(?<=[ \t])|^)#[^\r\n]*", re.MULTILINE)


class MergedKeys(NamedTuple):
    """The merged lines, and the keys whose new value in the template gave way."""

    text: str
    kept: tuple[str, ...]


def merge(base: str, ours: str, theirs: str, renames: Mapping[str, str]) -> MergedKeys:
    """Merge three texts of `key: value` lines; `renames` maps old keys to new ones."""
    if theirs == base:
        return MergedKeys(ours, ())
    if ours == base:
        return MergedKeys(theirs, ())
    sides = _Sides(key_values.read(base), key_values.read(ours), key_values.read(theirs), renames)
    return sides.merged()


class _Sides:
    """The three texts with their items by identity: a key's name in the new revision."""

    def __init__(self, base: Keyed, ours: Keyed, theirs: Keyed, renames: Mapping[str, str]) -> None:
        self._names = {old.casefold(): new.casefold() for old, new in renames.items()}
        self.theirs = _by_key(theirs.items, {})
        self.base = _by_key(base.items, self._renamed_to)
        self.ours = _by_key(ours.items, self._renamed_to)
        self.repeated = _repeated(self.base, self.ours)
        self.rests = (base.rest, ours.rest, theirs.rest)
        self.head = ours.head
        self.kept: list[str] = []

    @property
    def _renamed_to(self) -> Mapping[str, str]:
        # A rename counts where the new revision has the new key.
        return {old: new for old, new in self._names.items() if new in self.theirs}

    def merged(self) -> MergedKeys:
        own = {key: self._item(key, item) for key, item in self.ours.items()}
        stays = [key for key, item in own.items() if item is not None]
        order = arranged(list(self.base), stays, list(self.theirs))
        items = [own.get(key) or self.theirs[key] for key in order]
        lines = "".join(_ended(item.comment + item.own) for item in items)
        # Comments of the author stay, even if their key is gone.
        left = "".join(
            _left_comments(gone, self.ours[key])
            for key, item in own.items()
            if item is None and (gone := self._removed(key))
        )
        base_rest, ours_rest, theirs_rest = self.rests
        text = (
            self.head + lines + left + (theirs_rest if _same(base_rest, ours_rest) else ours_rest)
        )
        return MergedKeys(text, tuple(self.kept))

    def _item(self, key: str, ours: Item) -> Item | None:
        """The author's item as it comes out; None if the template takes it away."""
        base, theirs = self.base.get(key), self.theirs.get(key)
        if _first(key) in self.repeated:
            # Which of the lines is the template's, only their author knows.
            if base and not (theirs and _same(base.own, theirs.own)):
                self.kept.append(ours.key)
            return ours
        if theirs is None:
            removed = self._removed(key)
            if removed and _means_same(removed.value, ours.value):
                return None
            if base:
                self.kept.append(ours.key)
            return ours
        own = self._own(base, ours, theirs)
        comment = ours.comment
        if base is not None and _same(base.comment, ours.comment):
            comment = theirs.comment
        return ours._replace(own=own, comment=comment)

    def _removed(self, key: str) -> Item | None:
        """The template's item that it takes away; the author may have repeated its line."""
        first = _first(key)
        return self.base.get(key) or (None if first in self.theirs else self.base.get(first))

    def _own(self, base: Item | None, ours: Item, theirs: Item) -> str:
        own = self._with_value(base, ours, theirs)
        if base is not None and ours.key == base.key and own.startswith(ours.key):
            # Where the author left the key's name, it follows a rename.
            return theirs.key + own[len(ours.key) :]
        return own

    def _with_value(self, base: Item | None, ours: Item, theirs: Item) -> str:
        old = key_values.meaning(base.value) if base else None
        mine, new = key_values.meaning(ours.value), key_values.meaning(theirs.value)
        if new in (old, mine):
            return ours.own
        are_lists = all(isinstance(one, list) or one is None for one in (old, mine, new))
        is_as_written = base is not None and _same(ours.own, base.own)
        is_block = ours.value.lstrip()[:1] in ("-", "#")
        if base is not None and mine == old and (is_as_written or not (are_lists and is_block)):
            return _with_remarks(theirs.own, base.value, ours.value)
        if are_lists:
            had = base.value if base else ""
            written = _merged_list(ours, had, old or [], mine or [], new or [])
            if written is not None:
                return written
        if base is not None and mine == old:
            return _with_remarks(theirs.own, base.value, ours.value)
        self.kept.append(ours.key)
        return ours.own


def _left_comments(base: Item, ours: Item) -> str:
    """The comments of the author at a key that the template took away, a line each."""
    ending = edits.usual_ending(ours.own)
    own = "" if _same(ours.comment, base.comment) else ours.comment
    return own + "".join(f"{remark}{ending}" for remark in _new_remarks(base.value, ours.value))


def _new_remarks(base: str, ours: str) -> list[str]:
    had = _REMARK.findall(base)
    return [remark for remark in _REMARK.findall(ours) if remark not in had]


def _with_remarks(new: str, base: str, ours: str) -> str:
    """The template's new lines with the comments that the author put after the old value."""
    remarks = _new_remarks(base, ours)
    if not remarks:
        return new
    body = new.rstrip("\r\n")
    ending = new[len(body) :] or "\n"
    if len(remarks) == 1 and "\n" not in body:
        return f"{body}  {remarks[0]}{ending}"
    return "".join(f"{remark}{ending}" for remark in remarks) + new


def _by_key(items: Sequence[Item], renamed: Mapping[str, str]) -> dict[str, Item]:
    """Items by their key; repeated keys are kept apart, so that no line gets lost."""
    names = [item.key.casefold() for item in items]
    keys = told_apart(renamed.get(name, name) for name in names)
    return dict(zip(keys, items, strict=True))


def _first(key: str) -> str:
    """The key of the first item with that name."""
    return key.partition("\0")[0]


def _repeated(base: Mapping[str, Item], ours: Mapping[str, Item]) -> set[str]:
    """The keys that the author repeated, and not with empty values only."""
    more = Counter(map(_first, ours)) - Counter(map(_first, base))
    return {
        first
        for key, item in ours.items()
        if (first := _first(key)) in base and first in more and item.value.strip()
    }


def _same(one: str, other: str) -> bool:
    """Whether two texts differ in blanks and line endings only."""
    return _WORD.findall(one) == _WORD.findall(other)


def _means_same(one: str, other: str) -> bool:
    return one == other or bool(key_values.meaning(one) == key_values.meaning(other))


def _ended(text: str) -> str:
    return text if text.endswith(("\n", "\r")) else f"{text}\n"


def _merged_list(
    ours: Item, base: str, old: list[Any], mine: list[Any], new: list[Any]
) -> str | None:
    """The author's list with what the template added and without what it took out.

    `base` is the value that the template wrote. None if its lines cannot be told apart.
    """
    keys = {repr(element): element for element in [*old, *mine, *new]}
    gone = {repr(one) for one in old} - {repr(one) for one in new}
    stays = [key for key in dict.fromkeys(map(repr, mine)) if key not in gone]
    order = arranged([*map(repr, old)], stays, [*dict.fromkeys(map(repr, new))], keeps_order=True)
    if order == [*map(repr, mine)]:
        return ours.own
    if len(mine) != len({*map(repr, mine)}):
        return None
    written = ours.value.strip()
    if not written.startswith("-") and not edits.LINE_ENDING.search(written):
        if mine and not written.startswith("["):
            return None
        head = ours.own[: len(ours.own) - len(ours.value)]
        ending = ours.value[len(ours.value.rstrip("\r\n")) :]
        line = f"{head} {comment_value([keys[key] for key in order])}{ending}"
        return _with_remarks(line, base, ours.value)
    return _block(ours, base, keys, order)


def _block(ours: Item, base: str, keys: Mapping[str, Any], order: Sequence[str]) -> str | None:
    """A list with an element a line (or more), whose lines stay as they are written."""
    lines = [ours.own[start:after] for start, _, after in blocks.lines(ours.own)]
    first = next((line for line in lines[1:] if line.lstrip().startswith("- ")), None)
    if first is None:
        return None
    indent = first[: len(first) - len(first.lstrip())]
    ending = lines[0][len(lines[0].rstrip("\r\n")) :] or "\n"
    chunks: list[str] = []
    head = lines[0]
    for line in lines[1:]:
        if line.startswith(f"{indent}- "):
            chunks.append(line)
        elif chunks:
            chunks[-1] += line
        else:
            head += line
    mine = [repr(element) for element in key_values.meaning(ours.value) or []]
    if len(chunks) != len(mine):
        return None
    written = dict(zip(mine, chunks, strict=True))
    rows = [
        _ended(written[key]) if key in written else f"{indent}- {comment_value(keys[key])}{ending}"
        for key in order
    ]
    # Of an element that goes, what the author remarked stays.
    gone = "".join(written[key] for key in written if key not in order)
    rows += [f"{indent}{remark}{ending}" for remark in _new_remarks(base, gone)]
    return head + "".join(rows)
