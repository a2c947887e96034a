"""The three floors of `bep/`: imports go down only, and each tool has one user."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

PACKAGE = ROOT / "bep"
MODULES = sorted(PACKAGE.rglob("*.py"))
TOP = {"tasks", "program", "commands", "output", "positions", "start", "__main__"}
# What plain Copier has: the code that a template revision runs needs no more than this.
WITH_COPIER = {"copier", "copier_template_extensions", "jinja2", "packaging", "plumbum", "yaml"}


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(name: str) -> str:
    """`model`, `outside`, `operations`, `tasks` for all of the top, or `errors`."""
    if name == "bep":
        return "bep"
    part = name.split(".")[1]
    return "tasks" if part in TOP else part


def imports_of(path: Path) -> Iterator[str]:
    """The full names of all that a module imports, also inside functions and for types only."""
    name = name_of(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")
            start = ".".join(base[: len(base) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [start, node.module or ""]))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def outer_imports(path: Path) -> set[str]:
    """The packages besides `bep` and the standard library that a module imports."""
    roots = {name.split(".")[0] for name in imports_of(path)}
    return roots - {"bep", ""} - set(sys.stdlib_module_names)


def calls_of(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def every(floor: str) -> list[Path]:
    found = [path for path in MODULES if floor_of(name_of(path)) == floor]
    assert found
    return found


BELOW = {
    "bep": set(),
    "errors": set(),
    "model": {"model", "errors"},
    "outside": {"outside", "model", "errors"},
    "operations": {"operations", "outside", "model", "errors"},
    "tasks": {"tasks", "operations", "outside", "model", "errors", "bep"},
}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_down_only(path):
    floor = floor_of(name_of(path))

    used = {floor_of(name) for name in imports_of(path) if name.startswith("bep.")}
    known = {part for part in used if part in BELOW}

    assert floor in BELOW, "a module of a floor that the design does not know"
    assert known <= BELOW[floor]


def test_the_floors_are_those_of_the_design():
    assert {floor_of(name_of(path)) for path in MODULES} == set(BELOW)


@pytest.mark.parametrize("path", every("model"), ids=name_of)
def test_the_model_takes_values_and_gives_values(path):
    forbidden = {"os", "subprocess", "pathlib", "shutil", "io", "tempfile", "socket", "glob"}
    roots = {name.split(".")[0] for name in imports_of(path)}

    assert not roots & forbidden
    assert outer_imports(path) <= {"yaml"}
    names = {call.func.id for call in calls_of(path) if isinstance(call.func, ast.Name)}
    assert not names & {"open", "print", "input", "exec", "eval", "__import__"}


def test_no_module_of_the_model_reads_the_clock():
    for path in every("model"):
        called = {call.func.attr for call in calls_of(path) if isinstance(call.func, ast.Attribute)}
        assert not called & {"now", "today", "utcnow", "uuid4", "getenv"}, path


def importers_of(root: str) -> set[str]:
    return {
        name_of(path)
        for path in MODULES
        if any(name.split(".")[0] == root for name in imports_of(path))
    }


def test_each_tool_has_its_one_place():
    assert importers_of("subprocess") == {"bep.outside.git"}
    assert importers_of("copier") == {"bep.outside.rendering", "bep.outside.revision"}
    assert {floor_of(name) for name in importers_of("invoke")} == {"tasks"}


def test_only_git_py_runs_git():
    for path in MODULES:
        runs = [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.List)
            and node.elts
            and isinstance(node.elts[0], ast.Constant)
            and node.elts[0].value == "git"
        ]
        assert bool(runs) == (name_of(path) == "bep.outside.git"), path
        called = {call.func.attr for call in calls_of(path) if isinstance(call.func, ast.Attribute)}
        assert not called & {"system", "popen", "execv", "execvp", "spawnv"}, path


OPENING = {
    *("read_bytes", "read_text", "write_bytes", "write_text", "open", "glob", "rglob", "iterdir"),
    *("scandir", "exists", "is_dir", "is_symlink", "stat", "unlink", "mkdir", "touch"),
}
# What these open is not in the working tree, or named in the call: notes in the Git directory, the
# template, a file of answers, a report.
OPENING_BY_THEMSELVES = {
    "bep.operations.attention",
    "bep.operations.claims",
    "bep.operations.conversation",
    "bep.operations.template_revisions",
    "bep.operations.template_trust",
    "bep.operations.unfinished",
    "bep.tasks.revising",
}


def test_files_of_a_working_tree_are_opened_in_one_place():
    """A document may be a link out of the repository: `WorkingTree` decides that, once."""
    found = {
        name_of(path)
        for path in [*every("operations"), *every("tasks")]
        for call in calls_of(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr in OPENING
    }

    assert found - {"bep.start", "bep.output"} == OPENING_BY_THEMSELVES


# PyYAML's functions and classes that read; those that write may be used anywhere.
READING_YAML = {
    *("load", "load_all", "full_load", "full_load_all", "safe_load", "safe_load_all"),
    *("unsafe_load", "unsafe_load_all", "compose", "compose_all", "parse", "scan"),
    *("BaseLoader", "FullLoader", "Loader", "SafeLoader", "UnsafeLoader"),
    *("CBaseLoader", "CFullLoader", "CLoader", "CSafeLoader", "CUnsafeLoader"),
}


def test_only_one_module_reads_yaml():
    """It alone keeps the limits without which a text ends the process, or never ends."""
    for path in [*MODULES, *sorted((ROOT / "extensions").glob("*.py"))]:
        tree = ast.parse(path.read_text())
        named = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "yaml"
        }
        # No other name for the functions: not imported one by one, not looked up as text.
        named |= {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "yaml"
            for alias in node.names
        }
        named |= {
            str(one.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr"
            for one in node.args
            if isinstance(one, ast.Constant)
        }
        assert bool(named & READING_YAML) == (path.stem == "yaml_data"), path


def test_only_the_top_floor_prints():
    for path in [*every("model"), *every("outside"), *every("operations")]:
        names = {call.func.id for call in calls_of(path) if isinstance(call.func, ast.Name)}
        assert not names & {"print", "input"}, path


def test_tasks_import_operations_when_they_run():
    """So that `--help` answers at once: importing the program loads neither Copier nor Git."""
    for path in (PACKAGE / "tasks").glob("*.py"):
        tree = ast.parse(path.read_text())
        at_once = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.level]
        above = {node.module for node in at_once if node.level > 1}

        assert above <= {"commands", "errors", "output"}, path


@pytest.mark.parametrize(
    "path", sorted((ROOT / "extensions").glob("*.py")), ids=lambda path: path.name
)
def test_an_extension_stands_alone(path):
    """Copier executes it from a checkout: neither the installed `bep` nor a sibling is imported."""
    names = {name.split(".")[0] for name in _absolute_imports(path)}

    assert names - set(sys.stdlib_module_names) <= WITH_COPIER
    relative = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def _absolute_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_what_a_template_revision_loads_needs_only_what_copier_brings():
    """Follows the imports from the modules that the extensions name."""
    named = {
        node.args[0].value
        for path in (ROOT / "extensions").glob("*.py")
        for node in calls_of(path)
        if isinstance(node.func, ast.Name)
        and node.func.id == "revision_module"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert named
    todo, seen = {f"bep.{name}" for name in named}, set()
    known = {name_of(path): path for path in MODULES}
    while todo:
        name = todo.pop()
        seen.add(name)
        path = known[name]
        assert outer_imports(path) <= WITH_COPIER, name
        # The package itself is not loaded, only its modules: it has no version there.
        assert "bep.__version__" not in set(imports_of(path)), name
        todo |= {one for one in imports_of(path) if one in known} - seen - {"bep"}
    assert not {name for name in seen if floor_of(name) == "tasks"}


def test_every_package_is_shipped():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shipped = set(project["tool"]["setuptools"]["packages"])
    assert shipped == {name_of(path) for path in MODULES if path.name == "__init__.py"}


def test_every_extension_that_the_template_names_is_there():
    settings = yaml.safe_load((ROOT / "copier.yml").read_text())
    for entry in settings["_jinja_extensions"]:
        path, colon, name = entry.partition(":")
        if colon:
            classes = [
                node.name
                for node in ast.parse((ROOT / path).read_text()).body
                if isinstance(node, ast.ClassDef)
            ]
            assert name in classes
