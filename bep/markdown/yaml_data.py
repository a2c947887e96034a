"""YAML as values and nodes: the only place that reads it, and the limits of what is read.

YAML comes from authors and from pull requests. Whatever a text holds, reading it ends soon: with
what it says, or with one reason. There are no tags, and limits of length, depth and aliases.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import yaml

# More than any context block, answers file or settings file has; each still takes no second.
LONGEST = 100_000
_DEEPEST = 100
# What aliases may add to a text, in characters: they can turn a few lines into gigabytes.
_REPEATED = 100_000
# Python neither reads nor writes a number of many thousand digits.
_LONGEST_NUMBER = 1_000

# YAML 1.1 reads these as octal and as base 60: 01046 as 550, and 1:30 as 90.
_AMBIGUOUS = re.compile(r"[-+]?(?:0[0-9_]|[0-9_]+:)")

# Of the parser: what a text means can depend on it.
VERSION: str = yaml.__version__
_PREFIX = "tag:yaml.org,2002:"
# PyYAML's own test; its two parsers name the place of such a character differently.
_NOT_ALLOWED = yaml.reader.Reader.NON_PRINTABLE


class Unreadable(ValueError):
    """Text that is not YAML, or exceeds a limit.

    `reason` says why in a few words, `said` in a whole message; `line` is where, counted from 1.
    """

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"line {line}: {reason}")
        self.reason, self.line = reason, line
        self.said = f"cannot be read as YAML ({reason})"


def load(text: str) -> Any:
    """What `text` says, None if it says nothing; raises Unreadable.

    A number with a leading zero or a colon is text: it is rarely meant as octal or in base 60.
    """
    return _read(text, _loaded)


def compose(text: str) -> yaml.Node | None:
    """The node that `text` is, None if it says nothing; raises Unreadable.

    Marks count characters from the start of the text. An alias cannot be read: its place in the
    text is not that of the node that it refers to.
    """
    node: yaml.Node | None = _read(text, _composed)
    return node


# The parser in C, where PyYAML was built with it: ten times as fast.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's safe loader, which names the line of a number or date that cannot be."""


def _checked(kind: str, words: str) -> None:
    construct = yaml.SafeLoader.yaml_constructors[_PREFIX + kind]

    def constructed(loader: Any, node: yaml.ScalarNode) -> Any:
        if len(node.value) <= _LONGEST_NUMBER:
            try:
                return construct(loader, node)
            except (ValueError, OverflowError):
                pass
        raise Unreadable(f"{_cut(node.value)!r} is not a {words}", node.start_mark.line + 1)

    _Loader.add_constructor(_PREFIX + kind, constructed)


def _text_of_ambiguous_numbers() -> None:
    construct = _Loader.yaml_constructors[_PREFIX + "int"]

    def constructed(loader: Any, node: yaml.ScalarNode) -> Any:
        return node.value if _AMBIGUOUS.match(node.value) else construct(loader, node)

    _Loader.add_constructor(_PREFIX + "int", constructed)


_checked("int", "readable number")
_text_of_ambiguous_numbers()
_checked("float", "readable number")
_checked("timestamp", "calendar date")


def _read(text: str, work: Callable[[Any], Any]) -> Any:
    if len(text) > LONGEST:
        line = text.count("\n", 0, LONGEST) + 1
        raise Unreadable(f"it is longer than {LONGEST} characters", line)
    if found := _NOT_ALLOWED.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise Unreadable(f"it contains the character U+{ord(found[0]):04X}", line)
    loader = _Loader(text)
    try:
        return work(loader)
    except Unreadable:
        raise
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # A ValueError is an escape of a character that does not exist.
        mark = getattr(error, "problem_mark", None) or loader
        reason = " ".join((getattr(error, "problem", None) or str(error)).split())
        raise Unreadable(reason, getattr(mark, "line", 0) + 1) from None
    finally:
        loader.dispose()


def _composed(loader: Any) -> Any:
    return _Composer(loader, aliases=False).document()


def _loaded(loader: Any) -> Any:
    node = _Composer(loader).document()
    return None if node is None else loader.construct_document(node)


class _Open(NamedTuple):
    """A list or mapping whose end is still to come.

    `before` is the size of all above it, `depth` that of the deepest part so far.
    """

    node: Any
    anchor: str | None
    before: int
    depth: int = 0


class _Anchored(NamedTuple):
    """What an alias refers to, its size when all aliases in it are written out, and its depth."""

    node: Any
    size: int
    depth: int


class _Composer:
    """Makes a document's node from its events, as PyYAML does, but without recursion.

    PyYAML's own way ends the process where a text is nested deeply. Raises Unreadable at the
    first event that goes beyond a limit.
    """

    def __init__(self, loader: Any, *, aliases: bool = True) -> None:
        self._loader, self._aliases = loader, aliases
        self._roots: list[Any] = []
        self._siblings = self._roots
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._size = self._repeated = 0

    def document(self) -> Any:
        """The node of the one document, None if there is none."""
        while True:
            event = self._loader.get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._add_scalar(event)
            elif kind is yaml.MappingStartEvent:
                self._open_collection(event, yaml.MappingNode)
            elif kind is yaml.SequenceStartEvent:
                self._open_collection(event, yaml.SequenceNode)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close_collection(event)
            elif kind is yaml.AliasEvent:
                self._add_alias(event)
            elif kind is yaml.DocumentStartEvent and self._roots:
                raise _refusal("it contains more than one document", event)
            elif kind is yaml.StreamEndEvent:
                return self._roots[0] if self._roots else None

    def _add_scalar(self, event: Any) -> None:
        value = event.value
        node = yaml.ScalarNode(
            self._tag(event, yaml.ScalarNode, value),
            value,
            event.start_mark,
            event.end_mark,
            style=event.style,
        )
        self._siblings.append(node)
        size = len(value) + 1
        self._size += size
        if event.anchor is not None:
            self._name(event, _Anchored(node, size, 0))

    def _open_collection(self, event: Any, kind: type[yaml.CollectionNode]) -> None:
        tag = self._tag(event, kind, None)
        node = kind(tag, [], event.start_mark, None, flow_style=event.flow_style)
        self._siblings.append(node)
        if event.anchor is not None:
            self._name(event, None)
        self._open.append(_Open(node, event.anchor, self._size))
        self._refuse_deep(0, event)
        self._size += 1
        self._siblings = node.value

    def _close_collection(self, event: Any) -> None:
        node, anchor, before, depth = self._open.pop()
        node.end_mark = event.end_mark
        if isinstance(node, yaml.MappingNode):
            node.value = list(zip(node.value[::2], node.value[1::2], strict=True))
        if anchor is not None:
            self._anchors[anchor] = _Anchored(node, self._size - before, depth + 1)
        self._holds(depth + 1)
        self._siblings = self._open[-1].node.value if self._open else self._roots

    def _add_alias(self, event: Any) -> None:
        name = f"the alias *{_cut(event.anchor)}"
        if not self._aliases:
            raise _refusal(f"it has {name}, and aliases are not read here", event)
        if event.anchor not in self._anchors:
            raise _refusal(f"{name} refers to no anchor above it", event)
        known = self._anchors[event.anchor]
        if known is None:
            raise _refusal(f"{name} refers to a part that contains it", event)
        self._refuse_deep(known.depth, event)
        self._holds(known.depth)
        self._siblings.append(known.node)
        self._size += known.size
        self._repeated += known.size
        if self._repeated > _REPEATED:
            raise _refusal(f"its aliases repeat more than {_REPEATED} characters", event)

    def _refuse_deep(self, depth: int, event: Any) -> None:
        """Refuse what has `depth` levels where it is added."""
        if len(self._open) + depth > _DEEPEST:
            raise _refusal(f"it is nested deeper than {_DEEPEST} levels", event)

    def _holds(self, depth: int) -> None:
        """Note that the innermost open collection has a part of `depth` levels."""
        if self._open:
            self._open[-1] = self._open[-1]._replace(depth=max(self._open[-1].depth, depth))

    def _name(self, event: Any, known: _Anchored | None) -> None:
        if event.anchor in self._anchors:
            raise _refusal(f"it has the anchor &{_cut(event.anchor)} twice", event)
        self._anchors[event.anchor] = known

    def _tag(self, event: Any, kind: type[yaml.Node], value: str | None) -> str:
        """The tag that the form of a value gives it."""
        if event.tag is not None:
            shown = _cut(event.tag.replace(_PREFIX, "!!", 1))
            raise _refusal(f"it has the tag {shown!r}, and tags are not read", event)
        tag: str = self._loader.resolve(kind, value, event.implicit)
        return tag


def _refusal(reason: str, event: Any) -> Unreadable:
    return Unreadable(reason, event.start_mark.line + 1)


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
