"""Renders many proposals from one revision of the template: one checkout, one Jinja environment.

It replays the questionnaire and renders paths and files as Copier does; asking and writing files
are left out. A test holds the result against Copier's own rendering, byte for byte.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from jinja2 import StrictUndefined, Template as JinjaTemplate
from jinja2.exceptions import UndefinedError

from .. import guide_file
from ..errors import BepError
from ..guide import Guide
from ..markdown import yaml_data
from . import template_environment
from .revision_cache import CompiledTemplates
from .template_environment import YieldTag, as_boolean

_LONGEST_LABEL = 20
_NUMBERS = {"int": int, "float": float}


class Replayed(NamedTuple):
    """The answers to all questions of a revision.

    `unanswered` are questions that are new and have no default; `problems` name malformed answers,
    with the reason.
    """

    answers: dict[str, Any]
    unanswered: tuple[str, ...]
    problems: dict[str, str]


class Question(NamedTuple):
    """A question as it is put: `label` names it, `help` explains it, with an example.

    `choices` are pairs of label and answer, none where anything may be answered. `is_asked` says
    whether the answers so far leave anything to ask.
    """

    name: str
    label: str
    help: str
    choices: tuple[tuple[str, Any], ...] = ()
    is_asked: bool = True


class _Source(NamedTuple):
    """A file of a template tree: its name part by part, and its text or bytes."""

    parts: tuple[str, ...]
    template: str
    content: bytes


class Revision:
    """A revision of the template, ready to render proposals of the repository at `place`."""

    def __init__(
        self, folder: Path, name: str, place: Path, compiled: CompiledTemplates | None = None
    ) -> None:
        """Read the template in `folder`; `name` is how answers files record it.

        `compiled` are the compiled templates of its commit, where it is one. Raises BepError if
        the template cannot be read.
        """
        self.name, self.folder = name, folder
        self._place = place
        self._compiled = compiled or CompiledTemplates()
        try:
            self._settings = template_environment.read(folder)
            self._environment = template_environment.environment(folder, self._settings)
            self._yields: Any = self._environment.extensions[YieldTag.identifier]
        except template_environment.unreadable() as error:
            raise BepError(f"the template revision {name}: {_line(error)}") from None
        except Exception as error:
            if template_environment.is_own_refusal(error):
                raise BepError(f"the template revision {name}: {_line(error)}") from None
            raise
        # Without those that are never asked and never stored.
        self.questions = {
            name: details
            for name, details in self._settings.questions.items()
            if details.get("when") is not False
        }
        self._compiled.use(self._environment)
        self._strings: dict[str, JinjaTemplate] = {}
        self._trees: dict[str, list[_Source]] = {}

    @cached_property
    def guide(self) -> Guide:
        """The guide of this revision; one of before `guide.yml` has that of the tool.

        Raises BepError if it is malformed.
        """
        path = self.folder / guide_file.FILE
        if path.exists():
            return guide_file.read(
                path.read_text("utf-8", "replace"), f"{self.name}:{guide_file.FILE}"
            )
        known = guide_file.own()
        trees = {
            name: one
            for name, one in known.layouts.items()
            if (self.folder / f"template_{name}").is_dir()
        }
        return replace(known, layouts=trees)

    def replayed(self, stored: Mapping[str, Any], *, judged: bool = True) -> Replayed:
        """The answers that `stored` ones and the template's defaults give.

        As Copier replays them, but a malformed answer is reported, not replaced, and not even
        looked for unless `judged`.
        """
        context = self._context(stored, "prompt")
        answers: dict[str, Any] = {}
        unanswered: list[str] = []
        problems: dict[str, str] = {}
        for name, details in self.questions.items():
            try:
                known = name in stored
                value = stored[name] if known else self._default(details, context)
                if value is StrictUndefined:
                    unanswered.append(name)
                    value = ""
                else:
                    value = self._cast(details, value, context)
                answers[name] = context[name] = value
                validator = details.get("validator", "")
                if judged and validator and name not in unanswered:
                    problems |= self._judged(name, str(validator), context)
            except (ValueError, TypeError, OverflowError, RecursionError) as error:
                # What Python says where it makes a number of a list, or a list of broken JSON.
                problems[name] = _line(error)
            except template_environment.refusals() as error:
                problems[name] = _line(error)
        return Replayed(answers, tuple(unanswered), problems)

    def rendered(
        self, answers: Mapping[str, Any], source: str, *, without: str = ""
    ) -> dict[str, bytes]:
        """The files of a proposal, by their paths from the repository's root.

        `answers` are complete; `source` is the template's address in the answers file. The file
        `without` is left out. Raises BepError if the template cannot render them.
        """
        context = self._context(answers, "render")
        context["_copier_answers"] = {
            # A template without Git has no revisions.
            **({"_commit": self.name} if self.name else {}),
            "_src_path": source,
            **{name: answers[name] for name in self.questions if _is_json(answers.get(name))},
        }
        try:
            conf = context["_copier_conf"]
            conf["answers_file"] = PurePosixPath(self._render(self._settings.answers_file, context))
            tree = self._render(self._settings.subdirectory, context)
            files: dict[str, bytes] = {}
            for found in self._sources(tree):
                for path, more in self._paths(found.parts, (), context):
                    if path == without:
                        continue
                    if found.template:
                        template = self._environment.get_template(found.template)
                        files[path] = template.render({**context, **more}).encode()
                    else:
                        files[path] = found.content
        except template_environment.unreadable() as error:
            raise BepError(f"the template revision {self.name}: {_line(error)}") from None
        self._compiled.keep()
        return files

    def help_text(self, question: str, answers: Mapping[str, Any]) -> str:
        """The help text of a question."""
        text = str(self.questions[question].get("help", question))
        return self._render(text, self._context(answers, "prompt"))

    def question(self, name: str, answers: Mapping[str, Any]) -> Question:
        """A question as the answers before it make it; its label is what its help begins with."""
        details, context = self.questions[name], self._context(answers, "prompt")
        choices = self._value(details.get("choices", ""), context)
        return _question(
            name,
            self.help_text(name, answers),
            yaml_data.load(choices) if isinstance(choices, str) else choices,
            as_boolean(self._value(details.get("ask", True), context)),
        )

    def _context(self, answers: Mapping[str, Any], phase: str) -> dict[str, Any]:
        return {
            **answers,
            "_external_data": {},
            "_copier_python": sys.executable,
            "_copier_phase": phase,
            "_folder_name": self._place.name,
            "_copier_conf": {
                "data": {},
                "defaults": True,
                "skip_tasks": True,
                "pretend": False,
                "src_path": self.folder,
                "dst_path": self._place,
                "answers_file": "",
            },
        }

    def _default(self, details: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        if "default" not in details:
            return StrictUndefined
        unset = {**context, "UNSET": StrictUndefined("UNSET", exc=_Unset)}
        try:
            return self._value(details["default"], unset)
        except _Unset:
            return StrictUndefined

    def _value(self, value: Any, context: Mapping[str, Any]) -> Any:
        if isinstance(value, list):
            return [self._value(item, context) for item in value]
        return self._render(value, context) if isinstance(value, str) else value

    def _cast(self, details: Mapping[str, Any], value: Any, context: Mapping[str, Any]) -> Any:
        kind = self._render(str(details.get("type", "")), context)
        kind = kind or type(details.get("default")).__name__
        if kind in ("str", "path"):
            return value if isinstance(value, str) else str(value)
        if kind in _NUMBERS:
            return _NUMBERS[kind](value)
        if kind == "bool":
            return as_boolean(value)
        if isinstance(value, str):
            return json.loads(value) if kind == "json" else yaml_data.load(value)
        return value

    def _judged(self, name: str, validator: str, context: Mapping[str, Any]) -> dict[str, str]:
        found = self._render(validator, context).strip()
        return {name: found} if found else {}

    def _render(self, text: str, context: Mapping[str, Any]) -> str:
        if "{" not in text:
            return text
        if text not in self._strings:
            self._strings[text] = self._environment.from_string(text)
        return self._strings[text].render(context)

    def _sources(self, tree: str) -> list[_Source]:
        if tree not in self._trees:
            root = self.folder / tree
            paths = [path for path in sorted(root.rglob("*")) if path.is_file()]
            self._trees[tree] = [self._source(root, path) for path in paths]
        return self._trees[tree]

    def _source(self, root: Path, path: Path) -> _Source:
        parts = path.relative_to(root).parts
        if not path.name.endswith(self._settings.suffix):
            return _Source(parts, "", path.read_bytes())
        bare = (*parts[:-1], parts[-1].removesuffix(self._settings.suffix))
        return _Source(bare, path.relative_to(self.folder).as_posix(), b"")

    def _paths(
        self, parts: tuple[str, ...], before: tuple[str, ...], context: Mapping[str, Any]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """The paths that a templated one expands to, with what its `yield` gives each of them."""
        if not parts:
            yield "/".join(before), {}
            return
        text, name, values = self._part(parts[0], context)
        if name is None:
            if text:
                yield from self._paths(parts[1:], (*before, text), context)
            return
        for value in values:
            inner = {**context, name: value}
            text, _, _ = self._part(parts[0], inner)
            if text:
                for path, more in self._paths(parts[1:], (*before, text), inner):
                    yield path, {name: value, **more}

    def _part(self, part: str, context: Mapping[str, Any]) -> tuple[str, str | None, list[Any]]:
        """A part of a path, and the name and values of the `yield` tag in it."""
        text = self._render(part, context)
        name, values = self._yields.taken() or (None, ())
        return text, name, [*values]


def _question(name: str, text: str, choices: Any, is_asked: bool) -> Question:
    label, colon, rest = text.strip().partition(":")
    if not colon or "\n" in label or len(label) > _LONGEST_LABEL:
        label, rest = name.replace("_", " ").capitalize(), text.strip()
    pairs = (
        choices.items() if isinstance(choices, dict) else ((str(one), one) for one in choices or ())
    )
    return Question(name, label, rest.strip(), tuple(pairs), is_asked)


class _Unset(UndefinedError):
    """A default that says that the question needs an answer."""


def _line(error: Exception) -> str:
    text = getattr(error, "message", None) or str(error)
    return " ".join(str(text).removeprefix("bep: ").split()) or type(error).__name__


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except TypeError:
        return False
    return True
