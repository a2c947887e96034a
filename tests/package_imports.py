"""What the modules of `bep/` import, read from their syntax, and the picture of its packages."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "bep"
MODULES = sorted(PACKAGE.rglob("*.py"))
PICTURE = ROOT / "docs" / "architecture.md"
FENCE = "```mermaid\n"


def name_of(path: Path) -> str:
    """The dotted name of the module at `path`."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {name_of(path): path for path in MODULES}
_PACKAGES = {name_of(path) for path in MODULES if path.name == "__init__.py"} - {"bep"}


def package_of(name: str) -> str:
    """The package of a module without `bep.`, as `check.rules`; a module outside is its own."""
    parts = name.split(".")
    while parts and ".".join(parts) not in _PACKAGES:
        parts.pop()
    return ".".join(parts[1:]) or name.removeprefix("bep.")


@cache
def imports_of(path: Path) -> list[str]:
    """The full names of all that a module imports, also inside functions and for types only."""
    return [*imports_within(ast.parse(path.read_text()), path)]


def imports_within(tree: ast.Module, path: Path) -> Iterator[str]:
    """The full names of all that `tree` imports, as a part of the module at `path`."""
    name = name_of(path) + (".__init__" if path.name == "__init__.py" else "")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = name.split(".")[: -node.level] if node.level else []
            module = ".".join(filter(None, [*base, node.module or ""]))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


@cache
def modules_used_by(path: Path) -> set[str]:
    """The modules of `bep` that the module at `path` imports; the root only for its own names."""
    # A package that imports its own modules names itself.
    found = {name for name in imports_of(path) if name in PATHS} - {name_of(path)}
    return found if "bep.__version__" in set(imports_of(path)) else found - {"bep"}


def needed_by(names: Iterable[str]) -> set[str]:
    """Return these modules, all that they import, directly or not, and the packages they are in."""
    found: set[str] = set()
    waiting = [*names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            parts = name.split(".")
            waiting += (".".join(parts[:end]) for end in range(2, len(parts)))
            waiting += modules_used_by(PATHS[name])
    return found


@cache
def arrows() -> dict[str, set[str]]:
    """The packages that each package imports."""
    found: dict[str, set[str]] = {}
    for path in MODULES:
        package = package_of(name_of(path))
        used = {package_of(name) for name in modules_used_by(path)} - {package}
        found.setdefault(package, set()).update(used)
    return found


def picture() -> str:
    """The packages and the imports between them, in Mermaid.

    An arrow that follows from two others is left out, and so are the modules that all may use.
    """
    graph = {package: used - EVERYWHERE for package, used in arrows().items()}
    lines = ["flowchart TD"]
    for package in sorted(graph.keys() - EVERYWHERE):
        direct = {
            used
            for used in graph[package]
            if not any(used in _reached(graph, other) for other in graph[package] - {used})
        }
        name = package.replace(".", "_")
        lines.append(f'    {name}["{package}"]')
        lines += [f"    {name} --> {used.replace('.', '_')}" for used in sorted(direct)]
    return "\n".join(lines) + "\n"


# Small, and used by most: arrows to them would hide the others.
EVERYWHERE = {"bep", "errors", "names", "words"}


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        for used in graph[todo.pop()]:
            if used not in found:
                found.add(used)
                todo.append(used)
    return found


def with_picture(page: str) -> str:
    """The text of the page with the picture of today in it."""
    before, fence, rest = page.partition(FENCE)
    assert fence, f"{PICTURE}: no fence ```mermaid for the picture"
    return before + fence + picture() + rest[rest.index("```") :]
