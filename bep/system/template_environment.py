"""A template's settings and its Jinja environment, as Copier makes them, without loading Copier.

Loading Copier takes as long as updating dozens of proposals, and rendering needs only Jinja. A test
holds the rendering against Copier's, byte for byte.
"""

from __future__ import annotations

import importlib.metadata
import itertools
import re
import sys
import warnings
from collections.abc import Callable, Iterable
from functools import cached_property
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple

import yaml
from jinja2 import StrictUndefined, TemplateNotFound, Undefined, nodes
from jinja2.exceptions import UndefinedError
from jinja2.ext import Extension
from jinja2.loaders import FileSystemLoader
from jinja2.parser import Parser
from jinja2.sandbox import SandboxedEnvironment
from packaging.version import Version

from ..errors import BepError
from ..markdown import yaml_data
from ..markdown.yaml_data import Unreadable

_FILE = re.compile(r"copier\.ya?ml", re.IGNORECASE)
_UNDEFINED = {"jinja2.Undefined": Undefined, "jinja2.StrictUndefined": StrictUndefined}
_PATHS = {"posix": PurePosixPath, "windows": PureWindowsPath, "native": PurePath}
# Every environment of Copier has this one.
_ALWAYS = "jinja2_ansible_filters.AnsibleCoreFiltersExtension"
_TRUE = {"y", "yes", "t", "true", "on"}
_FALSE = {"", "n", "no", "f", "false", "off", "~", "null", "none"}
_counter = itertools.count()


class TemplateSettings(NamedTuple):
    """What `copier.yml` says of questions and rendering."""

    questions: dict[str, dict[str, Any]]
    subdirectory: str
    suffix: str
    answers_file: str
    extensions: tuple[str, ...]
    environment: dict[str, Any]


def read(folder: Path) -> TemplateSettings:
    """The settings of the template in `folder`.

    Raises ValueError, OSError or Copier's own error if they cannot be read.
    """
    files = [path for path in folder.glob("copier.*") if _FILE.fullmatch(path.name)]
    if len(files) > 1:
        raise ValueError(f"it has {' and '.join(sorted(path.name for path in files))}")
    data = _data(files[0]) if files else {}
    _refuse_newer(data.get("_min_copier_version"))
    questions = {
        name: details if isinstance(details, dict) else {"default": details}
        for name, details in data.items()
        if not name.startswith("_")
    }
    suffix = data.get("_templates_suffix")
    return TemplateSettings(
        questions,
        str(data.get("_subdirectory", "")),
        ".jinja" if suffix is None else str(suffix),
        str(data.get("_answers_file", ".copier-answers.yml")),
        tuple(data.get("_jinja_extensions", ())),
        {"keep_trailing_newline": True, **data.get("_envops", {})},
    )


def _data(path: Path) -> dict[str, Any]:
    text = path.read_text("utf-8")
    if "!include" not in text:
        try:
            found = yaml_data.load(text)
        except Unreadable as error:
            raise ValueError(f"{path.name}:{error.line}: {error.reason}") from None
    else:
        # Files that include others are read by Copier itself.
        from copier._template import load_template_config

        found = load_template_config(path)
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} is not a mapping")
    return found


def _refuse_newer(wanted: Any) -> None:
    installed = importlib.metadata.version("copier")
    if wanted and Version(installed) < Version(str(wanted)):
        raise ValueError(f"it requires Copier {wanted} or newer; {installed} is installed")


def environment(folder: Path, settings: TemplateSettings) -> SandboxedEnvironment:
    """The Jinja environment of the template in `folder`; runs the template's extensions."""
    options = dict(settings.environment)
    if "undefined" in options:
        options["undefined"] = _UNDEFINED[options["undefined"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = _Environment(
            loader=_Loader(folder.resolve()),
            extensions=[_ALWAYS, YieldTag, *_extensions(folder, settings.extensions)],
            # Nothing in the folder changes while this process runs.
            auto_reload=False,
            **options,
        )
    if "to_json" in made.filters:
        to_json: Callable[..., str] = made.filters["to_json"]
        made.filters["to_json"] = lambda value, **named: to_json(
            value, **{"default": _jsonable, **named}
        )
    made.globals["pathjoin"] = lambda *path, mode="posix": str(_PATHS[mode](*path))
    return made


class _Loader(FileSystemLoader):
    """Finds templates; which ones there are is looked up once, as most are optional."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._names = frozenset(self.list_templates())

    def load(self, environment: Any, name: str, globals: Any = None) -> Any:  # noqa: A002
        if name not in self._names:
            raise TemplateNotFound(name)
        return super().load(environment, name, globals)


class _Environment(SandboxedEnvironment):
    def make_globals(self, d: Any) -> Any:
        # Jinja makes a chain of maps for each rendering, which is ten times slower.
        return {**self.flat_globals, **d} if d else self.flat_globals

    @cached_property
    def flat_globals(self) -> dict[str, Any]:
        return dict(self.globals)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        # It leads to a module, and from there everywhere.
        hidden = isinstance(obj, PurePath) and attr == "parser"
        return not hidden and super().is_safe_attribute(obj, attr, value)


def _extensions(folder: Path, listed: Iterable[str]) -> Iterable[str | type[Extension]]:
    """What Jinja loads by name, and what the loader of copier-template-extensions loads by path."""
    for name in listed:
        path, colon, kind = name.partition(":")
        if colon:
            yield _class_at(folder / path, kind)
        elif not name.endswith(".TemplateExtensionLoader"):
            yield name


def _class_at(path: Path, name: str) -> type[Extension]:
    spec = spec_from_file_location(f"bep_template_{next(_counter)}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ValueError(f"the extension {path.name} is missing")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    # Compiled templates name their extensions, whose own module has the folder's name in it.
    return type(name, (getattr(module, name),), {"__module__": path.name})


def _jsonable(value: Any) -> Any:
    if isinstance(value, PurePath):
        return str(value)
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value)


class YieldTag(Extension):
    """Copier's tag `{% yield item from list %}`, by which one path yields several."""

    tags: set[str] = {"yield"}  # noqa: RUF012 (Jinja declares it so)

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.found: tuple[str, Iterable[Any]] | None = None

    def taken(self) -> tuple[str, Iterable[Any]] | None:
        """The name and the values of the tag in what was rendered last, None if there is none."""
        found, self.found = self.found, None
        return found

    def parse(self, parser: Parser) -> nodes.Node:
        """Read a tag; called by Jinja."""
        line = next(parser.stream).lineno
        name = parser.parse_assign_target(name_only=True)
        parser.stream.expect("name:from")
        values = parser.parse_expression()
        body = parser.parse_statements(("name:endyield",), drop_needle=True)
        call = self.call_method("_note", [nodes.Const(name.name), values])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _note(self, name: str, values: Iterable[Any], caller: Callable[[], str]) -> str:
        self.found = name, values
        try:
            return caller()
        except UndefinedError:
            return ""


# The same in whatever package this module is loaded, as compiled templates name it.
YieldTag.identifier = "YieldTag"


def as_boolean(value: Any) -> bool:
    """What Copier takes as true: numbers and YAML's words, else what Python takes as true."""
    try:
        return bool(float(value))
    except (TypeError, ValueError):
        pass
    word = value.strip().lower() if isinstance(value, str) else None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    return bool(value)


def refusals(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """The errors by which a template refuses something, Jinja's and Copier's, and `others`.

    Written after `except`, this loads Copier only once something has gone wrong.
    """
    from copier.errors import CopierError
    from jinja2 import TemplateError

    return (CopierError, TemplateError, *others)


def unreadable() -> tuple[type[Exception], ...]:
    """The errors of a template that cannot be read or rendered, whatever is wrong in its code."""
    return refusals(
        *(ValueError, LookupError, AttributeError, TypeError, ArithmeticError, NameError),
        *(OSError, ImportError, SyntaxError, RecursionError, yaml.YAMLError),
    )


def is_own_refusal(error: Exception) -> bool:
    """Whether a template's own copy of the package refuses something, such as its guide."""
    return type(error).__name__ == BepError.__name__
