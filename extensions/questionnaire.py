"""What the questionnaire asks of the world and of answers; runs from its own template revision.

Defaults may read the repository (the next number, Git's user, the product's version, today);
documents may not. Rules judge form only. What depends on the repository is refused at the gate,
which only `copier copy` passes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib
import json
import sys
from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml
from copier.errors import UserMessageError
from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

# What stands for a proposal's answers in the process page and the blank document.
_OF_THE_REGISTRY = {
    "number": 0,
    "title": "Title",
    "slug": "template",
    "scope": "",
    "author_name": "",
    "author_email": "",
    "created": "",
    "created_version": "",
}


def revision_module(name: str) -> ModuleType:
    """The module `bep.NAME` of the template revision that this file belongs to."""
    package = Path(__file__).resolve().parents[1] / "bep"
    alias = f"bep_{hashlib.sha256(bytes(package)).hexdigest()[:16]}"
    if alias not in sys.modules:
        sys.modules[alias] = ModuleType(alias)
        sys.modules[alias].__path__ = [str(package)]
    # Copier throws its checkout away; bytecode written there would only cost time.
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return importlib.import_module(f"{alias}.{name}")
    finally:
        sys.dont_write_bytecode = writes_none


class Questionnaire(Extension):
    """Functions for `copier.yml`; `name` is a question's name.

    - `asked(relevant)`: whether to ask; refuses, in one line, bad values given with `-d`.
    - `problem(name)`: why the answer has not its form, '' where it has.
    - `suggested(name)`: the default that the repository suggests.
    - `type_of(name)`: Copier's type for text, and for a list that may be typed with commas.
    - `layout_choices()`, `layout_reasons()`: for the question of that name.
    - `greeting()`, `gate(operation)`: refuse a repository that cannot take the proposal.
    - `register(operation)`: after a copy, takes the number and writes the registry row; false.
    - `farewell()`: what to do next.
    - `earlier(name, otherwise)`: the default of a question that was renamed: the answer that is
      stored under an earlier name (`revisions.yml`).
    - `carry(stage, revisions)`: in an update, merges the documents after Copier has written the
      answers file; false.
    - `carried()`: what `carry` did.
    - `stored_answers(answers)`: the text of the answers file.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._worlds: dict[Path, _World] = {}
        self._judged: set[str] = set()
        self._said = ""
        self._operation = ""
        self._keep_compiled(environment)
        environment.globals.update(
            asked=self._asked,
            problem=self._problem,
            suggested=self._suggested,
            type_of=self._type_of,
            layout_choices=self._layout_choices,
            layout_reasons=self._layout_reasons,
            greeting=self._greeting,
            gate=self._gate,
            register=self._register,
            farewell=self._farewell,
            carry=self._carry,
            carried=self._carried,
            earlier=self._earlier,
            stored_answers=self._stored_answers,
        )

    def _keep_compiled(self, environment: Environment) -> None:
        """Copier compiles each setting of a question anew whenever it needs it; once is enough.

        Its `yield` tag works while it is compiled, and the next string that is preprocessed ends
        it: so strings with it are not kept, and all others are still preprocessed.
        """
        compile_anew = environment.from_string
        kept = lru_cache(maxsize=None)(compile_anew)

        def from_string(source: Any) -> Any:
            if not isinstance(source, str) or "yield" in source:
                return compile_anew(source)
            environment.preprocess(source)
            return kept(source)

        environment.from_string = from_string  # type: ignore[assignment, method-assign]

    @cached_property
    def _rules(self) -> ModuleType:
        return revision_module("questionnaire.validation")

    @cached_property
    def _answers(self) -> ModuleType:
        return revision_module("questionnaire.answers")

    @pass_context
    def _asked(self, context: Context, relevant: bool = True) -> bool:
        self._judge_given(context)
        return relevant and context.get("layout") != self._rules.REGISTRY

    def _judge_given(self, context: Context) -> None:
        """Refuse bad answers of the call before Copier does, which shows a traceback for them."""
        conf = context["_copier_conf"]
        given, unattended = conf["data"], conf["defaults"]
        waiting = [name for name in self._rules.QUESTIONS if name in given.keys() - self._judged]
        if not waiting and "title" in context:
            return
        known = {**self._settings(context), **context.get_all()}
        if unattended:
            known.setdefault("components", "")
        for name in waiting:
            # The components that phases name may still be answered.
            if name == "phases" and "components" not in known:
                continue
            self._judged.add(name)
            if found := self._rules.problem(name, given[name], known):
                raise UserMessageError(f"{name}: {found}")
        untitled = "title" not in known and known.get("layout") != self._rules.REGISTRY
        if untitled and unattended and not self._world(context).title:
            raise UserMessageError("title: say what is proposed, with -d title='...'")

    def _settings(self, context: Context) -> dict[str, Any]:
        world = self._world(context)
        return {name: getattr(world, name) for name in ("first_number", "issue_prefix")}

    def _known(self, context: Context) -> dict[str, Any]:
        """All answers so far, as they are stored."""
        known = {name: context[name] for name in self._rules.QUESTIONS if name in context}
        stored: dict[str, Any] = self._answers.stored(known)
        return stored

    @pass_context
    def _problem(self, context: Context, name: str) -> str:
        found: str = self._rules.problem(name, context.get(name), context)
        return found

    @pass_context
    def _suggested(self, context: Context, name: str) -> Any:
        if context.get("layout") == self._rules.REGISTRY and name in _OF_THE_REGISTRY:
            return _OF_THE_REGISTRY[name]
        if name in ("slug", "scope"):
            title = context["title"]
            return revision_module("names").slug(title) if name == "slug" else title
        if name == "layout":
            return self._answers.recommended_layout(context)
        return _refusing(lambda: getattr(self._world(context), name))

    def _world(self, context: Context) -> _World:
        # `bep new` renders into a folder of its own and names the repository that it is for.
        place = Path(context.get("_repository") or context["_copier_conf"]["dst_path"]).absolute()
        if place not in self._worlds:
            self._worlds[place] = _World(place)
        return self._worlds[place]

    @pass_context
    def _type_of(self, context: Context, name: str) -> str:
        # What is typed is text: as YAML, `#12` would be a comment and `a: b` a mapping. A data file
        # gives lists, dates and nulls, which only Copier's YAML type takes as they are.
        return "str" if isinstance(context.get(name, ""), str) else "yaml"

    @pass_context
    def _layout_choices(self, context: Context) -> str:
        if context.get("layout") == self._rules.REGISTRY:
            choices = {"Process page and blank document": self._rules.REGISTRY}
        else:
            choices = {
                "One file": "single",
                "Segmented - main document and a directory of sub-documents": "segmented",
            }
        dumped: str = yaml.safe_dump(choices)
        return dumped

    @pass_context
    def _layout_reasons(self, context: Context) -> str:
        reasons = self._answers.segmentation_reasons(context)
        if reasons:
            return f"The guide recommends segments here: {', '.join(reasons)}."
        return "The guide recommends one file here: none of its four criteria for segments holds."

    @pass_context
    def _greeting(self, context: Context) -> str:
        given = context["_copier_conf"]["data"]
        world = self._world(context)
        _refusing(lambda: world.refuse_unready(given.get("layout") == self._rules.REGISTRY))
        return ""

    @pass_context
    def _gate(self, context: Context, operation: str) -> str:
        conf = context["_copier_conf"]
        self._operation = operation
        if operation == "copy" and not conf["skip_tasks"] and "_repository" not in context:
            world = self._world(context)
            _refusing(lambda: world.refuse(self._known(context)))
        if operation == "update":
            # Copier writes the answers file by itself, through whatever link there is.
            _refusing(lambda: self._world(context).refuse_led_away(conf["answers_file"]))
        return ""

    @pass_context
    def _register(self, context: Context, operation: str) -> bool:
        if operation == "copy" and not context["_copier_conf"]["pretend"]:
            world = self._world(context)
            _refusing(lambda: world.register(self._known(context)))
        return False

    @pass_context
    def _farewell(self, context: Context) -> str:
        if context["_copier_conf"]["pretend"]:
            return ""
        creation = revision_module("start.new")
        farewell: str = creation.farewell(self._world(context).repository, self._known(context))
        return farewell

    @pass_context
    def _earlier(self, context: Context, name: str, otherwise: Any = "") -> Any:
        revisions = revision_module("questionnaire.revision_notes")
        file = Path(__file__).resolve().parents[1] / revisions.FILE
        known = revisions.read(file.read_text("utf-8"))
        for old in known.earlier("answers", name):
            if old in context:
                value = context[old]
                # Copier reads a default as text; JSON is YAML too.
                return json.dumps(value) if isinstance(value, list | dict) else value
        return otherwise

    @pass_context
    def _carry(self, context: Context, stage: str, recorded: str, new: str) -> bool:
        conf = context["_copier_conf"]
        if stage == "after" and not conf["pretend"]:
            migrating = revision_module("update.copier_migration")
            self._said = _refusing(
                lambda: migrating.migrate(
                    Path(conf["dst_path"]).absolute(),
                    Path(__file__).resolve().parents[1],
                    Path(conf["answers_file"]).as_posix(),
                    (recorded, new),
                    context.get_all(),
                    set(conf["data"]),
                )
            )
        return False

    def _carried(self) -> str:
        return self._said

    @pass_context
    def _stored_answers(self, context: Context, answers: dict[str, Any]) -> str:
        # Copier leaves out what is no JSON, such as a date from a data file.
        kept = {**self._known(context), **self._answers.stored(answers)}
        order = {
            name: at for at, name in enumerate(["_commit", "_src_path", *self._rules.QUESTIONS])
        }
        kept = dict(
            sorted(kept.items(), key=lambda item: (order.get(item[0], len(order)), item[0]))
        )
        # What an answers file records is shared already; one more step would leave a clone's clone.
        if "_src_path" in kept and self._operation == "copy":
            source = revision_module("system.template_address")
            kept["_src_path"] = source.shared_address(kept["_src_path"])
        dumped: str = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=2**31)
        return dumped


def _refusing(work: Callable[[], Any]) -> Any:
    """What `work` returns; what it refuses becomes Copier's error of one line."""
    try:
        return work()
    except revision_module("errors").BepError as error:
        raise UserMessageError(f"bep: {error}") from None


class _World:
    """What the repository at `place` suggests; each value is read once and only when asked for."""

    def __init__(self, place: Path) -> None:
        self._place = place

    @cached_property
    def repository(self) -> Any:
        """The repository at `place`; raises BepError where `place` is in none."""
        return revision_module("system.repository").find(self._place)

    @cached_property
    def _repository(self) -> Any:
        """The repository, None where `place` is in none: Copier replays in temporary folders."""
        try:
            return self.repository
        except revision_module("errors").BepError:
            return None

    @cached_property
    def _settings(self) -> Any:
        if self._repository is None:
            return revision_module("system.settings").Settings()
        return self._repository.settings

    @property
    def proposals(self) -> Any:
        return self._settings.proposals

    @property
    def first_number(self) -> Any:
        return self._settings.first_number

    @property
    def issue_prefix(self) -> Any:
        return self._settings.issue_prefix

    @cached_property
    def _reserved(self) -> Any:
        """The reservation that the current branch names and that has no document yet."""
        if self._repository is None:
            return None
        return revision_module("start.reserved_numbers").reserved_by_branch(self._repository)

    @cached_property
    def number(self) -> int:
        if self._repository is None:
            return int(self.first_number)
        if self._reserved is not None:
            return int(self._reserved.number)
        return int(revision_module("start.claims").next_number(self._repository))

    @cached_property
    def title(self) -> str:
        return str(self._reserved.title) if self._reserved is not None else ""

    @cached_property
    def _author(self) -> Any:
        return revision_module("start.author").suggested(self._repository, self._place)

    @property
    def author_name(self) -> Any:
        return self._author.name

    @property
    def author_email(self) -> Any:
        return self._author.address

    @cached_property
    def created_version(self) -> str:
        if self._repository is None:
            return ""
        path = self._repository.root / self._settings.version_file
        try:
            content = self._repository.read(path)
        except revision_module("errors").BepError:
            return ""
        found: str = revision_module("questionnaire.product_version").from_version_file(content)
        return found

    @property
    def created(self) -> str:
        return dt.datetime.now().astimezone().date().isoformat()

    def refuse_unready(self, registry: bool) -> None:
        gate = revision_module("start.preconditions")
        gate.refuse_unready(self.repository, self._place, registry)

    def refuse(self, answers: dict[str, Any]) -> None:
        self.refuse_unready(answers["layout"] == "registry")
        revision_module("start.preconditions").refuse_taken(self.repository, answers)

    def refuse_led_away(self, path: Path) -> None:
        if self._repository is not None:
            self._repository.tree.resolved(self._repository.root / path)

    def register(self, answers: dict[str, Any]) -> None:
        revision_module("start.new").register_copy(self.repository, answers)
