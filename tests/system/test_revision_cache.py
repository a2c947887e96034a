"""Revisions that are kept: what is rendered from them is as right as without, whatever happens."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import jinja2
import pytest

from bep.system import compiled_code, revision_cache, template, template_environment
from bep.system.template import Template
from bep.system.template_revisions import TemplateRevisions
from tests.conftest import run_git

SETTINGS = """\
_jinja_extensions:
  - copier_template_extensions.TemplateExtensionLoader
  - ext.py:Saying
_subdirectory: tree
title: {type: str, default: T}
"""
EXTENSION = """\
from jinja2 import nodes
from jinja2.ext import Extension

class Saying(Extension):
    tags = {"say"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        return nodes.Output([self.call_method("said")], lineno=line)

    def said(self):
        return "SAID"
"""


def commit(folder: Path, said: str) -> str:
    """A commit of a small template whose extension says something."""
    (folder / "tree").mkdir(parents=True, exist_ok=True)
    (folder / "copier.yml").write_text(SETTINGS)
    (folder / "ext.py").write_text(EXTENSION.replace("SAID", said))
    (folder / "tree/a.txt.jinja").write_text("{% say %} {{ title }}")
    if not (folder / ".git").exists():
        run_git(folder, "init", "--quiet")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", f"--message={said}")
    return run_git(folder, "rev-parse", "HEAD")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the revisions."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield tmp_path / "cache/bep/revisions"
    while revision_cache._in_use:
        os.close(revision_cache._in_use.pop())


@pytest.fixture
def source(tmp_path: Path) -> Template:
    commit(tmp_path / "template", "one")
    return template.open_template(str(tmp_path / "template"), tmp_path)


def rendered(source: Template, place: Path, name: str = "HEAD") -> bytes:
    """What a revision renders, by a process that has just begun."""
    place.mkdir(parents=True, exist_ok=True)
    revisions = TemplateRevisions(source, Path(place), place, tool="")
    files = revisions.at(revisions.wanted(name)).rendered({"title": "T"}, "gh:a/b")
    (content,) = files.values()
    return content


def without_exports(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commits that are exported from now on."""
    seen: list[str] = []
    export = template.export

    def noted(opened: Template, found: template.RecordedRevision, target: Path) -> Path:
        seen.append(found.commit)
        return export(opened, found, target)

    monkeypatch.setattr(template, "export", noted)
    return seen


def the_revision(cache: Path) -> Path:
    (found,) = (path for path in cache.iterdir() if path.is_dir())
    return found


def test_a_revision_is_exported_and_compiled_once(
    source: Template, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    exports = without_exports(monkeypatch)
    compiled: list[str] = []
    compile_anew = jinja2.Environment.compile

    def noted(self: jinja2.Environment, text: str, *more: object, **named: object) -> object:
        compiled.append(text)
        return compile_anew(self, text, *more, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(jinja2.Environment, "compile", noted)

    assert {rendered(source, tmp_path / str(at)) for at in range(3)} == {b"one T"}

    assert len(exports) == 1
    assert compiled.count("{% say %} {{ title }}") == 1
    assert list(cache.rglob("*.pyc")) == [*the_revision(cache).rglob("__pycache__/ext.*.pyc")]


def test_each_commit_has_its_own_code(source: Template, cache: Path, tmp_path: Path):
    first = run_git(source.folder, "rev-parse", "HEAD")
    second = commit(source.folder, "two")
    for name, said in ((first, b"one"), (second, b"two"), (first, b"one")):
        assert rendered(source, tmp_path / "place", name) == said + b" T"


@pytest.mark.parametrize("mode", [0o700, 0o777], ids=["private", "others can write it"])
def test_bytecode_of_what_the_last_revision_has_too_is_taken_from_it(
    source: Template, cache: Path, tmp_path: Path, mode: int
):
    rendered(source, tmp_path / "place")
    first = the_revision(cache)
    first.chmod(mode)
    (source.folder / "tree/b.txt").write_text("more")
    run_git(source.folder, "add", "--all")
    run_git(source.folder, "commit", "--quiet", "--message=Templates")
    commit = run_git(source.folder, "rev-parse", "HEAD")

    revision_cache.exported(commit, lambda folder: shutil.copytree(source.folder, folder))

    taken = [path.read_bytes() for path in (cache / commit).rglob("*.pyc")]
    known = [path.read_bytes() for path in first.rglob("*.pyc")]
    assert taken == (known if mode == 0o700 else [])
    rendered_files = TemplateRevisions(source, tmp_path, tmp_path, tool="")
    files = rendered_files.at(rendered_files.wanted("HEAD")).rendered({"title": "T"}, "gh:a/b")
    assert files == {"a.txt": b"one T", "b.txt": b"more"}


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a template changed": lambda at: (at / "files/tree/a.txt.jinja").write_text("other"),
    "the code changed": lambda at: (at / "files/ext.py").write_text("import os"),
    "a file cut short": lambda at: (at / "files/copier.yml").write_bytes(b""),
    "a file is gone": lambda at: (at / "files/ext.py").unlink(),
    "a file too many": lambda at: (at / "files/tree/b.txt").write_text("b"),
    "a link": lambda at: (at / "files/tree/b").symlink_to("/"),
    "no list of files": lambda at: (at / "manifest.json").unlink(),
    "half a list of files": lambda at: (at / "manifest.json").write_text('{"a'),
    "a list of nothing": lambda at: (at / "manifest.json").write_text("{}"),
    "no files": lambda at: (at / "files").rename(at / "elsewhere"),
    "others can write it": lambda at: at.chmod(0o777),
    "a file in its place": lambda at: (at.rename(at.with_name("x")), at.write_text("")),
    "a link in its place": lambda at: (at.rename(at.with_name("x")), at.symlink_to("x")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_not_as_it_was_exported_is_not_taken(
    damage: str, source: Template, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    rendered(source, tmp_path / "place")
    # The process that made it has ended.
    os.close(revision_cache._in_use.pop())
    exports = without_exports(monkeypatch)

    DAMAGES[damage](the_revision(cache))

    assert rendered(source, tmp_path / "place") == b"one T"
    assert exports


@pytest.mark.parametrize("garbage", [b"", b"x" * 31, b"x" * 99])
def test_damaged_compiled_templates_are_compiled_anew(
    garbage: bytes, source: Template, cache: Path, tmp_path: Path
):
    rendered(source, tmp_path / "place")
    (path,) = cache.glob("*.compiled")
    good = path.stat().st_size
    path.write_bytes(garbage)
    assert rendered(source, tmp_path / "place") == b"one T"
    assert path.stat().st_size == good


@pytest.mark.parametrize("change", ["Python", "Jinja", "tool"])
def test_another_version_compiles_anew(
    change: str, source: Template, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    rendered(source, tmp_path / "place")
    if change == "Python":
        monkeypatch.setattr(sys, "version", "3.99")
    elif change == "Jinja":
        monkeypatch.setattr(jinja2, "__version__", "99")
    else:
        (tmp_path / "code.py").write_text("")
        monkeypatch.setattr(template_environment, "__file__", str(tmp_path / "code.py"))
    assert rendered(source, tmp_path / "place") == b"one T"
    assert len(list(cache.glob("*.compiled"))) == 2


def no_home(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "~nobody-of-this-name/cache")


def read_only(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not even root writes into a file, as if it were a folder.
    cache.parent.mkdir(parents=True)
    cache.write_text("")


def shared(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o777)


def shared_above(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir(parents=True)
    cache.parents[1].chmod(0o777)


@pytest.mark.parametrize("place", [no_home, read_only, shared, shared_above])
def test_without_a_place_of_ones_own_nothing_is_kept(
    place: Callable[[Path, pytest.MonkeyPatch], None],
    source: Template,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    place(cache, monkeypatch)
    exports = without_exports(monkeypatch)
    for _ in range(2):
        assert rendered(source, tmp_path / "place" / str(len(exports))) == b"one T"
    assert len(exports) == 2
    assert not list(cache.parent.rglob("*.jinja"))


def test_on_a_full_disk_nothing_is_kept(source: Template, cache: Path, tmp_path: Path):
    cache.mkdir(parents=True, mode=0o700)
    (tmp_path / "template/tree/large.txt").write_bytes(b"x" * 3_000_000)
    run_git(source.folder, "add", "--all")
    run_git(source.folder, "commit", "--quiet", "--message=Large")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(OSError, match="large"):
            # The cache was left out, and the temporary folder is on the same disk.
            rendered(source, tmp_path / "place")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list(cache.iterdir()) == []


def test_a_clock_that_goes_back_changes_nothing(source: Template, cache: Path, tmp_path: Path):
    rendered(source, tmp_path / "place")
    for path in (cache, *cache.rglob("*")):
        os.utime(path, (2**31, 2**31))
    second = commit(source.folder, "two")
    assert rendered(source, tmp_path / "place", second) == b"two T"
    for path in cache.rglob("*"):
        os.utime(path, (0, 0))
    assert rendered(source, tmp_path / "place", second) == b"two T"


def test_old_revisions_are_removed_and_those_in_use_are_not(
    source: Template, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(revision_cache, "MOST", 1)
    monkeypatch.setattr(compiled_code, "MOST", 1)
    commits = [commit(source.folder, str(at)) for at in range(3)]
    for name in commits:
        rendered(source, tmp_path / "place", name)
    assert {path.name for path in cache.iterdir() if path.is_dir()} == set(commits)

    while revision_cache._in_use:
        os.close(revision_cache._in_use.pop())
    rendered(source, tmp_path / "place", commit(source.folder, "last"))
    assert len([path for path in cache.iterdir() if path.is_dir()]) == 1
    assert len(list(cache.glob("*.compiled"))) == 1


WRITER = """
import sys
from pathlib import Path
from bep.system import compiled_code, revision_cache, template
from bep.system.template_revisions import TemplateRevisions

source, place = sys.argv[1:]
opened = template.open_template(source, Path(place))
revisions = TemplateRevisions(opened, Path(place), Path(place), tool="")
(content,) = revisions.at(revisions.wanted("HEAD")).rendered({"title": "T"}, "gh:a/b").values()
print(content.decode())
"""


def writer(source: Template, place: Path) -> subprocess.Popen[str]:
    place.mkdir()
    call = [sys.executable, "-c", WRITER, str(source.folder), str(place)]
    return subprocess.Popen(call, stdout=subprocess.PIPE, text=True)


def test_writers_at_once_all_render_and_leave_one_revision(
    source: Template, cache: Path, tmp_path: Path
):
    writers = [writer(source, tmp_path / str(at)) for at in range(4)]
    assert [one.communicate()[0] for one in writers] == ["one T\n"] * 4
    assert len(list(cache.iterdir())) == 2


def test_a_killed_writer_leaves_nothing_that_is_taken(
    source: Template, cache: Path, tmp_path: Path
):
    """Wherever it is killed: its folder gets the revision's name last."""
    began, begin = os.pipe()
    child = os.fork()
    if not child:

        def hang(target: Path) -> None:
            target.mkdir()
            (target / "copier.yml").write_text("_subdirectory: other\n")
            os.write(begin, b"x")
            signal.pause()

        revision_cache.exported(run_git(source.folder, "rev-parse", "HEAD"), hang)
    os.read(began, 1)
    (unfinished,) = cache.iterdir()
    # While it lives, nobody removes what it writes.
    assert rendered(source, tmp_path / "place") == b"one T"
    assert unfinished.exists()

    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert rendered(source, tmp_path / "place", commit(source.folder, "two")) == b"two T"
    assert not unfinished.exists()
