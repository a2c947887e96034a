"""The packages of `bep/`: imports go down only, and each tool has its one user."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.package_imports import (
    MODULES,
    PACKAGE,
    PATHS,
    PICTURE,
    ROOT,
    arrows,
    imports_of,
    imports_within,
    modules_used_by,
    name_of,
    package_of,
    with_picture,
)

# What plain Copier has: the code that a template revision runs needs no more than this.
WITH_COPIER = {
    *("copier", "copier_template_extensions", "jinja2", "packaging", "plumbum"),
    *("pydantic_core", "yaml"),
}

# From the lowest floor to the highest; packages of one floor do not import each other.
FLOORS = [
    {"bep", "errors", "interrupts", "names", "words"},
    {"markdown"},
    {"guide"},
    {"guide_file"},
    {"questionnaire"},
    {"proposal"},
    {"check.rules", "merge"},
    {"system", "output"},
    {"start"},
    {"check", "context", "maintain", "update"},
    {"segment", "share", "template_hooks"},
    {"site", "template_api"},
    {"tasks"},
    {"entry_point"},
    {"__main__"},
]
# Values in, values out. In the other packages the module that bears the task's name opens files.
VALUES = {"markdown", "questionnaire", "proposal", "check.rules", "merge"}
DIGESTS = {"decision_changes", "digest", "digest_text", "section_changes"}
OF_VALUES = sorted(
    path
    for path in MODULES
    if package_of(name_of(path)) in VALUES
    or (
        package_of(name_of(path)) in {"context", "segment"}
        and path.stem not in {"context", "search", "governs", "segment", "add_document"}
    )
    or (package_of(name_of(path)) == "share" and path.stem in DIGESTS)
)


def outer_imports(path: Path) -> set[str]:
    """The packages besides `bep` and the standard library that a module imports."""
    roots = {name.split(".")[0] for name in imports_of(path)}
    return roots - {"bep", ""} - set(sys.stdlib_module_names)


class Called(NamedTuple):
    """What a module calls by a plain name, and the last names of what it calls by others."""

    names: frozenset[str]
    attributes: frozenset[str]


@cache
def called_by(path: Path) -> Called:
    nodes = ast.walk(ast.parse(path.read_text()))
    functions = [node.func for node in nodes if isinstance(node, ast.Call)]
    return Called(
        frozenset(one.id for one in functions if isinstance(one, ast.Name)),
        frozenset(one.attr for one in functions if isinstance(one, ast.Attribute)),
    )


@pytest.mark.parametrize("package", sorted({package_of(name) for name in PATHS}))
def test_imports_go_down_only(package):
    floors = [floor for floor in FLOORS if package in floor]
    assert len(floors) == 1, "a package of a floor that the design does not know"

    below = set().union(*FLOORS[: FLOORS.index(floors[0])])
    assert arrows()[package] <= below


def test_the_floors_are_those_of_the_design():
    assert set(arrows()) == set().union(*FLOORS)


def test_the_picture_of_the_packages_is_true():
    page = PICTURE.read_text()
    assert page == with_picture(page), "invoke picture writes it"


def test_the_page_has_a_line_for_each_package():
    page = PICTURE.read_text()
    for package in arrows().keys() - {"bep", "__main__"}:
        assert f"| `{package.replace('.', '/')}` |" in page, package


def test_no_module_imports_itself_by_way_of_others():
    TopologicalSorter({name: modules_used_by(path) for name, path in PATHS.items()}).prepare()


@pytest.mark.parametrize("path", OF_VALUES, ids=name_of)
def test_what_takes_values_gives_values(path):
    forbidden = {"os", "subprocess", "pathlib", "shutil", "io", "tempfile", "socket", "glob"}
    roots = {name.split(".")[0] for name in imports_of(path)}

    assert not roots & forbidden
    assert outer_imports(path) <= {"yaml"}
    assert "system" not in {package_of(name) for name in modules_used_by(path)}
    assert not called_by(path).names & {"open", "print", "input", "exec", "eval", "__import__"}


def test_what_takes_values_does_not_read_the_clock():
    for path in OF_VALUES:
        assert not called_by(path).attributes & {"now", "today", "utcnow", "uuid4", "getenv"}, path


def importers_of(root: str) -> set[str]:
    return {
        name_of(path)
        for path in MODULES
        if any(name.split(".")[0] == root for name in imports_of(path))
    }


GIT = "bep.system.git_process"


def test_each_tool_has_its_one_place():
    assert importers_of("subprocess") == {"bep.output.pager", "bep.share.gh", GIT}
    assert importers_of("copier") == {
        "bep.system.template_environment",
        "bep.template_hooks",
    }
    assert importers_of("jira") == importers_of("requests") == {"bep.share.jira"}
    assert importers_of("invoke") == {"bep.tasks.invoke_collection"}
    assert importers_of("click") == {"bep.tasks.program"}
    assert importers_of("mcp") == importers_of("anyio") == {"bep.tasks.mcp"}
    assert importers_of("mkdocs") == importers_of("material") == {"bep.site.generator"}
    assert importers_of("markdown_it") == importers_of("nh3") == {"bep.site.markup"}
    assert importers_of("rich") == {"bep.output.progress_bar", "bep.output.tables"}


def test_one_module_runs_git():
    for path in MODULES:
        text = path.read_text()
        runs = '"git"' in text and [
            node
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.List)
            and node.elts
            and isinstance(node.elts[0], ast.Constant)
            and node.elts[0].value == "git"
        ]
        assert bool(runs) == (name_of(path) == GIT), path
        assert not called_by(path).attributes & {"system", "popen", "execv", "execvp", "spawnv"}, (
            path
        )


OPENING = {
    *("read_bytes", "read_text", "write_bytes", "write_text", "open", "glob", "rglob", "iterdir"),
    *("scandir", "exists", "is_dir", "is_symlink", "stat", "unlink", "mkdir", "touch"),
}
# What these open is not in the working tree, or named in the call: notes in the Git directory, the
# template, the tool itself, a file of answers, a report, the folder of the site.
OPENING_BY_THEMSELVES = {
    "bep.check.kept_verdicts",
    "bep.guide_file",
    "bep.start.claim_refs",
    "bep.start.given_answers",
    "bep.start.kept_answers",
    "bep.template_api",
    "bep.template_hooks",
    "bep.maintain.move_journal",
    "bep.site.generator",
    "bep.site.output_folder",
    "bep.tasks.mcp",
    "bep.tasks.update",
}


def test_files_of_a_working_tree_are_opened_in_one_place():
    """A document may be a link out of the repository: `WorkingTree` decides that, once."""
    found = {
        name_of(path)
        for path in MODULES
        if package_of(name_of(path)) not in {*VALUES, "system", "output"}
        if called_by(path).attributes & OPENING
    }

    assert found == OPENING_BY_THEMSELVES


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
        text = path.read_text()
        tree = ast.parse(text if "yaml" in text or "getattr" in text else "")
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


def test_tasks_import_operations_when_they_run():
    """So that `--help` answers at once: importing the program loads neither Copier nor Git."""
    light = {"bep.errors", "bep.names", "bep.words", "bep.output", "bep.interrupts"}
    light |= {"bep.system", "bep.system.effects"}
    for path in (PACKAGE / "tasks").glob("*.py"):
        at_once = ast.Module(
            [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ImportFrom)],
            type_ignores=[],
        )
        used = {name for name in imports_within(at_once, path) if name in PATHS} - {"bep"}

        assert {name for name in used if package_of(name) != "tasks"} <= light, path


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


# What a template revision runs of `bep`, in whatever environment Copier has.
IN_A_REVISION = {
    *(
        "template_api",
        "template_hooks",
        "errors",
        "names",
        "guide",
        "guide_file",
        "markdown",
        "questionnaire",
    ),
    *("proposal", "merge", "system", "start", "update"),
}


def test_what_a_template_revision_loads_needs_only_what_copier_brings():
    """Follows the imports from the module that the extension loads."""
    todo, seen = {"bep.template_api"}, set()
    while todo:
        name = todo.pop()
        seen.add(name)
        assert outer_imports(PATHS[name]) <= WITH_COPIER, name
        # The package itself is not loaded, only its modules: it has no version there.
        assert "bep.__version__" not in set(imports_of(PATHS[name])), name
        todo |= modules_used_by(PATHS[name]) - seen - {"bep"}
    assert {package_of(name) for name in seen} == IN_A_REVISION


def test_every_package_is_shipped():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shipped = set(project["tool"]["setuptools"]["packages"])
    assert shipped == {name_of(path) for path in MODULES if path.name == "__init__.py"}


def test_every_text_beside_the_modules_is_shipped():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shipped = {
        str(path.relative_to(ROOT))
        for package, patterns in project["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".py")
    there = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}
    assert there == shipped


def test_every_extension_that_the_template_names_is_there():
    settings = yaml.safe_load((ROOT / "copier.yml").read_text())
    for entry in settings["_jinja_extensions"]:
        path, colon, name = entry.partition(":")
        if colon:
            defined = [
                target.id
                for node in ast.parse((ROOT / path).read_text()).body
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            ]
            assert name in defined
