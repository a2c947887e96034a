"""Renders many proposals from one revision of the template: one checkout, one Jinja environment.

Copier makes the environment and reads the questionnaire; asking and writing files are left out. A
test holds the result against Copier's own rendering, byte for byte.

This is the only module that uses names of Copier that are not public. Where a version of Copier
lacks one of them, `copier.run_copy` renders each proposal, with the same result and more slowly.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from types import CodeType
from typing import Any, NamedTuple

import copier
import yaml
from copier.errors import CopierError, UserMessageError
from jinja2 import Environment, StrictUndefined, Template as JinjaTemplate, TemplateError
from jinja2.exceptions import UndefinedError
from plumbum import local

from .. import guide as guides
from ..errors import BepError
from ..guide import Guide
from ..markdown import yaml_data
from ..markdown.yaml_data import Unreadable
from . import git

try:
    from copier._jinja_ext import get_yield_context
    from copier._main import Worker
    from copier._tools import cast_to_bool
except ImportError:
    HAS_PRIVATE_NAMES = False
else:
    HAS_PRIVATE_NAMES = True

_LONGEST_LABEL = 20
_NUMBERS = {"int": int, "float": float}
# The comment lines at the top of an answers file; Copier's own keys follow them.
_HEAD = re.compile(r"(?:#[^\n]*\n)*")
_OWN_KEYS = re.compile(r"(?m)^(?:_commit|_src_path):[^\n]*\n")


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


# Templates of which two revisions have the same text, compiled once.
_COMPILED: dict[tuple[object, ...], CodeType] = {}


def _digest(folder: Path) -> bytes:
    """What decides, besides a template's text, how it is compiled: settings and code."""
    digest = hashlib.sha256()
    for path in sorted((*folder.glob("copier.y*ml"), *folder.rglob("*.py"))):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode(errors="replace"))
        digest.update(content)
    return digest.digest()


def _remember_compiled(environment: Environment, digest: bytes) -> None:
    """Let an environment use what another with the same settings and extensions has compiled."""
    compile_anew: Any = environment.compile
    extensions = tuple(environment.extensions)

    def compiled(source: Any, name: str | None = None, *more: Any, **named: Any) -> Any:
        if not isinstance(source, str) or named or len(more) > 1:
            return compile_anew(source, name, *more, **named)
        key = (digest, extensions, name, source)
        if key not in _COMPILED:
            _COMPILED[key] = compile_anew(source, name, *more)
        return _COMPILED[key]

    environment.compile = compiled  # type: ignore[method-assign]


def stored_questions(data: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The questions by name, without those that are never asked and never stored."""
    return {name: details for name, details in data.items() if details.get("when") is not False}


@contextmanager
def apart_from_repository() -> Iterator[None]:
    """Keep from Copier's calls of git what a hook says of the user's repository, and settings."""
    with local.env():
        for name in git.OF_ONE_REPOSITORY:
            local.env.pop(name, "")
        local.env.update(git.environment_for_template())
        yield


def open_revision(folder: Path, name: str, place: Path) -> Revision:
    """The revision of the template in `folder`, by Copier's public API if there is no other way.

    Raises BepError where Copier cannot read it.
    """
    return (Revision if HAS_PRIVATE_NAMES else PublicRevision)(folder, name, place)


class Revision:
    """A revision of the template, ready to render proposals of the repository at `place`."""

    def __init__(self, folder: Path, name: str, place: Path) -> None:
        """Read the template in `folder`; `name` is how answers files record it.

        Raises BepError where Copier cannot read it.
        """
        self.name, self.folder = name, folder
        self._place = place
        try:
            with apart_from_repository(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                worker = Worker(
                    src_path=str(folder), dst_path=place, unsafe=True, defaults=True, quiet=True
                )
                self._environment = worker.jinja_env
                self.questions = stored_questions(worker.template.questions_data)
                self._subdirectory = worker.template.subdirectory
                self._suffix = worker.template.templates_suffix
                self._answers_path = str(worker.template.answers_relpath)
        except (CopierError, TemplateError, ValueError, yaml.YAMLError, OSError) as error:
            raise BepError(f"the template revision {name}: {_line(error)}") from None
        # The folder belongs to this process: nothing in it changes.
        self._environment.auto_reload = False
        _remember_compiled(self._environment, _digest(folder))
        # Jinja copies the globals for each rendering, from a chain of maps ten times slower.
        chained = self._environment.make_globals
        flat: Any = lambda given: dict(chained(given))  # noqa: E731
        self._environment.make_globals = flat  # type: ignore[method-assign]
        self._strings: dict[str, JinjaTemplate] = {}
        self._trees: dict[str, list[_Source]] = {}

    @cached_property
    def guide(self) -> Guide:
        """The guide of this revision; one of before `guide.yml` has that of the tool.

        Raises BepError where it is malformed.
        """
        path = self.folder / guides.FILE
        if path.exists():
            return guides.read(path.read_text("utf-8", "replace"), f"{self.name}:{guides.FILE}")
        known = guides.own()
        trees = {name: one for name, one in known.layouts.items() if self._has_tree(name)}
        return replace(known, layouts=trees)

    def _has_tree(self, layout: str) -> bool:
        return (self.folder / f"template_{layout}").is_dir()

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
            except (TemplateError, UserMessageError) as error:
                problems[name] = _line(error)
        return Replayed(answers, tuple(unanswered), problems)

    def rendered(
        self, answers: Mapping[str, Any], source: str, *, without: str = ""
    ) -> dict[str, bytes]:
        """The files of a proposal, by their paths from the repository's root.

        `answers` are complete; `source` is the template's address in the answers file. The file
        `without` is left out. Raises BepError where the template cannot render them.
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
            conf["answers_file"] = PurePosixPath(self._render(self._answers_path, context))
            tree = self._render(self._subdirectory, context)
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
        except (CopierError, TemplateError, ValueError) as error:
            raise BepError(f"the template revision {self.name}: {_line(error)}") from None
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
            cast_to_bool(self._value(details.get("ask", True), context)),
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
            return cast_to_bool(value)
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
        if not path.name.endswith(self._suffix):
            return _Source(parts, "", path.read_bytes())
        bare = (*parts[:-1], parts[-1].removesuffix(self._suffix))
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
        looped = get_yield_context(self._environment)
        # Copier's tag refuses a second rendering until this is reset.
        looped.yield_name = looped.yield_iterable = None
        text = self._render(part, context)
        return text, looped.yield_name, [*(looped.yield_iterable or ())]


class PublicRevision(Revision):
    """The same by `copier.run_copy`, for versions of Copier without the names used above."""

    def __init__(self, folder: Path, name: str, place: Path) -> None:
        """Read the template as `Revision` does."""
        self.name, self.folder = name, folder
        self._place = place
        try:
            found = yaml_data.load((folder / "copier.yml").read_text("utf-8"))
        except (OSError, Unreadable) as error:
            raise BepError(f"the template revision {name}: {_line(error)}") from None
        questions = {
            question: details if isinstance(details, dict) else {"default": details}
            for question, details in found.items()
            if not question.startswith("_")
        }
        self.questions = stored_questions(questions)

    def replayed(self, stored: Mapping[str, Any], *, judged: bool = True) -> Replayed:
        """The answers that `stored` ones and the template's defaults give."""
        given = dict(stored)
        problems: dict[str, str] = {}
        while True:
            try:
                with TemporaryDirectory(prefix="bep-") as folder:
                    worker = self._copied(folder, given, pretend=True)
            except (CopierError, ValueError) as error:
                name, _, reason = _line(error).partition(": ")
                if not judged or name not in given:
                    raise BepError(f"the template revision {self.name}: {_line(error)}") from None
                problems[name] = reason
                del given[name]
            else:
                known = worker.answers.combined
                answers = {name: known.get(name, "") for name in self.questions}
                unanswered = tuple(name for name in self.questions if name not in known)
                return Replayed({**answers, **stored}, unanswered, problems)

    def rendered(
        self, answers: Mapping[str, Any], source: str, *, without: str = ""
    ) -> dict[str, bytes]:
        """The files of a proposal, as `Revision` gives them."""
        with TemporaryDirectory(prefix="bep-") as folder:
            try:
                worker = self._copied(folder, answers, pretend=False)
            except (CopierError, ValueError) as error:
                raise BepError(f"the template revision {self.name}: {_line(error)}") from None
            root = Path(folder, "rendering")
            files = {
                path.relative_to(root).as_posix(): path.read_bytes()
                for path in sorted(root.rglob("*"))
                if path.is_file()
            }
            record = worker.answers_relpath.as_posix()
        files[record] = self._recorded(files[record].decode(), source).encode()
        # The process page and the settings name the template's address; Copier knows the checkout.
        here = str(self.folder)
        return {
            path: content.replace(here.encode(), source.encode())
            for path, content in files.items()
            if path != without
        }

    def help_text(self, question: str, answers: Mapping[str, Any]) -> str:
        """The help text of a question."""
        text = str(self.questions[question].get("help", question))
        with TemporaryDirectory(prefix="bep-") as folder:
            environment = self._copied(folder, answers, pretend=True).jinja_env
            shown: str = environment.from_string(text).render(self._context(answers, "prompt"))
        return shown

    def question(self, name: str, answers: Mapping[str, Any]) -> Question:
        """A question, without the choices and conditions that are expressions."""
        is_asked = self.questions[name].get("ask", True) is not False
        return _question(name, self.help_text(name, answers), None, is_asked)

    def _copied(self, folder: str, answers: Mapping[str, Any], *, pretend: bool) -> Any:
        with apart_from_repository(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return copier.run_copy(
                str(self.folder),
                Path(folder, "rendering"),
                {**answers, "_repository": str(self._place), "_revision": self.name},
                defaults=True,
                quiet=True,
                unsafe=True,
                skip_tasks=True,
                pretend=pretend,
            )

    def _recorded(self, text: str, source: str) -> str:
        """An answers file with the revision's name and the template's address in it."""
        own = yaml.safe_dump(
            {"_commit": self.name, "_src_path": source},
            sort_keys=False,
            allow_unicode=True,
            width=2**31,
        )
        text = _OWN_KEYS.sub("", text)
        head = _HEAD.match(text)
        at = head.end() if head else 0
        return text[:at] + own + text[at:]


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
