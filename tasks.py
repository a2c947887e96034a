"""The Invoke tasks of this checkout: those of users, and those of maintainers."""

from __future__ import annotations

import shlex
import sys
import tomllib
from pathlib import Path

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from bep.system.git_process import GitRefusal
from bep.tasks import namespace as users

# The one that has the tools, whether or not its environment is activated.
PYTHON = shlex.quote(sys.executable)


@task
def test(context: Context) -> None:
    """Run all tests, the linters among them."""
    context.run(f"{PYTHON} -m pytest", pty=True)


@task
def lint(context: Context) -> None:
    """Run ruff and mypy alone."""
    tools = ("ruff check .", "ruff format --check .", "mypy")
    context.run(" && ".join(f"{PYTHON} -m {tool}" for tool in tools), pty=True)


@task
def lock(context: Context, upgrade: bool = False) -> None:
    """Write the three files of locked versions from pyproject.toml; needs `uv` on the PATH.

    requirements.lock has a version for everything, requirements-action.lock the same versions,
    with hashes, of what bep needs when it runs and of the backend that builds it, and
    requirements-site.lock also of what `bep site` needs.
    """
    with Path("pyproject.toml").open("rb") as file:
        backend = tomllib.load(file)["build-system"]["requires"]
    command = (
        "uv pip compile --quiet --universal --python-version 3.11 --no-annotate"
        " --custom-compile-command 'invoke lock'"
    )
    newest = "--upgrade" if upgrade else ""
    context.run(f"{command} {newest} --extra dev pyproject.toml -o requirements.lock")
    for extra, name in (("", "action"), ("--extra site", "site")):
        context.run(
            f"printf '%s\\n' {shlex.join(backend)} | {command} --generate-hashes"
            f" --constraints requirements.lock {extra} pyproject.toml - -o requirements-{name}.lock"
        )


@task
def nightly(context: Context) -> None:
    """Run all tests with many more cases: each of them, each moment of a kill, each document.

    `tests/samples.py` and the tests say how many.
    """
    context.run(f"{PYTHON} -m pytest", env={"BEP_NIGHTLY": "1"}, pty=True)


@task
def merge_cases(context: Context, count: int = 100_000) -> None:
    """Try the merge on so many generated cases, and all changes on all real documents."""
    files = "tests/merge/test_properties.py tests/merge/test_corpus.py"
    context.run(
        f"{PYTHON} -m pytest --dist=load {files}",
        env={"BEP_MERGE_CASES": str(count)},
        pty=True,
    )


@task
def fuzz(context: Context, count: int = 20_000, first: int = 0) -> None:
    """Call all tasks so many times on repositories with odd bytes, and on odd documents.

    `first` is the first case.
    """
    context.run(
        f"{PYTHON} -m pytest --dist=load tests/test_fuzz.py tests/test_odd_documents.py",
        env={
            "BEP_FUZZ_CALLS": str(count),
            "BEP_ODD_CASES": str(count),
            "BEP_FUZZ_FIRST": str(first),
        },
        pty=True,
    )


@task(help={"tag": "The revision, as v1.2.3."})
def release(context: Context, tag: str = "") -> None:
    """Make a template revision from the current commit; push nothing."""
    import release as releases

    try:
        branch = releases.make(tag)
    except (releases.Refused, GitRefusal) as refused:
        raise Exit(f"release: {refused}", code=2) from None
    print(f"Made {tag}; `git ls-tree -r --name-only {tag}` lists its files.")
    print(f"Next: `git push --atomic origin {branch} {tag}`")


@task
def rules(context: Context) -> None:
    """Write docs/rules.md from the definitions of the rules."""
    from bep.check.rules import catalogue

    Path("docs/rules.md").write_text(catalogue.page())


@task
def picture(context: Context) -> None:
    """Write the picture of the packages into docs/architecture.md."""
    from tests.package_imports import PICTURE, with_picture

    PICTURE.write_text(with_picture(PICTURE.read_text()))


@task
def schemas(context: Context) -> None:
    """Write what `bep mcp` says of its outputs from docs/schemas."""
    from tests import tool_schemas

    tool_schemas.FILE.write_text(tool_schemas.text())


@task
def context_sizes(context: Context, corpus: str = "../shared/corpus") -> None:
    """Write docs/evidence/context-sizes.md: the length of `bep context` for a corpus."""
    done = context.run(f"{PYTHON} benchmarks/context_sizes.py {shlex.quote(corpus)}", hide="stdout")
    Path("docs/evidence/context-sizes.md").write_text(done.stdout if done else "")


@task(help={"only": "Names of benchmarks, separated by commas; left out, all of the page."})
def evidence(context: Context, only: str = "") -> None:
    """Run benchmarks, and write what they print into docs/evidence/speed.md."""
    from benchmarks import evidence as measured

    for name in only.split(",") if only else measured.names(measured.PAGE.read_text()):
        done = context.run(f"{PYTHON} benchmarks/{shlex.quote(name)}.py", hide="stdout")
        if done:
            page = measured.PAGE.read_text()
            measured.PAGE.write_text(measured.with_measured(page, name, done.stdout))


namespace = Collection(
    *users.tasks.values(),
    test,
    lint,
    lock,
    nightly,
    merge_cases,
    fuzz,
    release,
    rules,
    picture,
    schemas,
    context_sizes,
    evidence,
)
