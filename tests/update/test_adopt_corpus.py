"""The whole corpus: adopted, completed, and carried over three template revisions.

The counter here shares no code with `bep`: headings come from markdown-it-py, lines from Python.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import copier
import pytest
from markdown_it import MarkdownIt

from tests import samples
from tests.conftest import CORPUS, Call, run_git, state
from tests.series import GUIDE, REVISIONS, Edit, revise, template_at_v1

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")

THREE = ("guidance reworded", "section added", "decision log column added")
PARSER = MarkdownIt("commonmark", {"html": True}).enable("table").disable("inline")


@cache
def lines_by_section(text: str) -> Counter[tuple[tuple[str, ...], str]]:
    """Each line that is not blank, with the headings under which it stands."""
    text = text.removeprefix("\ufeff")
    front = re.match(r"---\n.*?\n---\n", text, re.DOTALL)
    skipped = front[0].count("\n") if front else 0
    lines = text.split("\n")
    headings = {}
    tokens = PARSER.parse("\n".join(lines[skipped:]))
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0:
            headings[token.map[0] + skipped] = (int(token.tag[1]), inline.content)
    found: Counter[tuple[tuple[str, ...], str]] = Counter()
    path: list[tuple[int, str]] = []
    for at, line in enumerate(lines):
        if at in headings:
            level, title = headings[at]
            path = [one for one in path if one[0] < level] + [(level, title)]
        if line.strip():
            found[tuple(title for _, title in path), line] += 1
    return found


def documents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in sorted((folder / "proposals").rglob("*.md"))
    }


def lost(before: str, after: str) -> list[tuple[tuple[str, ...], str]]:
    """Lines that are gone or stand under another heading; a row may have got an empty cell."""
    found = lines_by_section(after)
    missing = lines_by_section(before) - found
    return [
        (path, line)
        for path, line in missing
        if not ("|" in line and any(where == path and _widened(line, new) for where, new in found))
    ]


def _widened(line: str, new: str) -> bool:
    cells = [cell.strip() for cell in line.strip("| ").split("|")]
    return [cell.strip() for cell in new.strip("| ").split("|")][: len(cells)] == cells


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The corpus as a repository, and its template at v1.0.0."""
    return repository_of(tmp_path_factory.mktemp("corpus"))


def repository_of(folder: Path) -> tuple[Path, Path]:
    template = template_at_v1(folder / "template")
    repository = folder / "repository"
    shutil.copytree(CORPUS / "proposals", repository / "proposals")
    (repository / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    run_git(repository, "init", "--quiet")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Corpus")
    return repository, template


def test_the_corpus_is_adopted_completed_and_updated_without_losing_a_line(
    adopted: tuple[Path, Path], call: Call
):
    repository, template = adopted
    original = documents(repository)

    code, table, errors = call(repository, "adopt", "--all")
    assert code == 1
    assert "BEP-1026-email-notification-channel.md: has the same number as" in errors
    assert "Traceback" not in errors
    assert table.count("  adopted  ") == 32
    assert documents(repository) == original
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Adopt")

    call(repository, "adopt", "--all", "--complete", "--status", "draft")
    completed = documents(repository)
    changed = [path for path in original if completed[path] != original[path]]
    assert len(changed) > 15
    for path in original:
        assert lost(original[path], completed[path]) == [], path
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Complete")
    before = state(repository)
    call(repository, "adopt", "--all", "--complete", "--status", "draft")
    assert state(repository) == before

    for at, name in enumerate(THREE, 1):
        revise(template, REVISIONS[name], f"v1.{at}.0")
        code, out, errors = call(repository, "update", "--final")
        assert (code, errors) == (0, "")
        assert "32 merged" in out or "merged" in out
        run_git(repository, "add", "--all")
        run_git(repository, "commit", "--quiet", f"--message={name}")
    updated = documents(repository)
    for path in original:
        assert lost(original[path], updated[path]) == [], path
        assert "<<<<<<<" not in updated[path]
    before = state(repository)
    assert call(repository, "update", "--final")[0] == 0
    assert state(repository) == before
    assert "## Alternatives" in updated["proposals/BEP-1046-unified-service-discovery.md"]


# --- Three revisions that a process really took: the seed, what to avoid, the tech spec ----------


def without(text: str, *identifiers: str) -> str:
    """The guide without these sections, documents and layouts."""
    for identifier in identifiers:
        text, count = re.subn(rf"(?m)^  {identifier}:\n(?:    .*\n|\n(?=    ))+", "", text)
        assert count, identifier
    return text


def test_the_revisions_that_a_process_took_lose_and_move_no_line_by_either_door(
    tmp_path: Path, call: Call
):
    template = template_at_v1(tmp_path / "template")
    last = (template / GUIDE).read_text()
    forms = ("goal", "current-state", "implementation-design", "decision-summary", "tech-spec")
    noted = without(last, *forms)
    seed = re.sub(r"(?m)^    avoid: .*\n", "", noted)
    assert seed != noted
    revise(template, [Edit(GUIDE, last, seed)], "v1.1.0")
    repository = tmp_path / "repository"
    shutil.copytree(CORPUS / "proposals", repository / "proposals")
    (repository / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    run_git(repository, "init", "--quiet")
    call(repository, "adopt", "--all")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Corpus")
    original = documents(repository)
    other = tmp_path / "other"
    shutil.copytree(repository, other)
    files = sorted((other / "proposals/.copier").glob(".copier-answers.*.yml"))
    # One by one, Copier takes seconds for each.
    by_copier = samples.some(files, 2)

    for tag, edit in (
        ("v1.2.0", Edit(GUIDE, seed, noted)),
        ("v1.3.0", Edit(GUIDE, noted, last)),
    ):
        revise(template, [edit], tag)
        assert call(repository, "update", "--final")[0] == 0
        run_git(repository, "add", "--all")
        run_git(repository, "commit", "--quiet", f"--message={tag}")
        for file in by_copier:
            copier.run_update(
                other,
                answers_file=file.relative_to(other),
                defaults=True,
                quiet=True,
                unsafe=True,
                overwrite=True,
            )
            run_git(other, "add", "--all")
            run_git(other, "commit", "--quiet", "--allow-empty", f"--message={tag}")

    updated, one_by_one = documents(repository), documents(other)
    for path in original:
        assert lost(original[path], updated[path]) == [], path
        assert one_by_one[path] in (updated[path], original[path]), path
    done = {name for file in by_copier if (name := file.name.split(".")[2])}
    status = re.compile(r"^Status: *(?:Implemented|Rejected|Superseded)", re.MULTILINE)
    final = {path.split("/")[1][:8] for path, text in original.items() if status.search(text)}
    for path in original:
        name = path.split("/")[1][:8]
        if name in done:
            # Copier's door leaves history alone.
            expected = original if name in final else updated
            assert one_by_one[path] == expected[path], path
    before = state(repository)
    assert call(repository, "update", "--final")[0] == 0
    assert state(repository) == before


PLACEHOLDER = re.compile(r"XXXX|One-line summary|Your Full Name|^[+]phases: 0$", re.MULTILINE)


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("named", "parts"),
    [(("--all",), ""), (("1001-1099",), "metadata,context,index,sections")],
    ids=["usual parts", "all parts"],
)
def test_completing_adds_nothing_that_check_reports(
    named: tuple[str, ...], parts: str, tmp_path: Path, call: Call
):
    repository, _ = repository_of(tmp_path)
    original = documents(repository)
    complete = f"--complete={parts}" if parts else "--complete"
    assert "Traceback" not in call(repository, "adopt", *named, complete)[2]

    assert "Nothing to report." in call(repository, "check", "--since", "HEAD")[1]
    completed = documents(repository)
    for path in original:
        assert lost(original[path], completed[path]) == [], path
    # What the process page says about numbers has them.
    diff = run_git(repository, "diff", "--unified=0", "--", ":!proposals/README.md")
    added = [line for line in diff.split("\n") if line.startswith("+") and line[:3] != "+++"]
    assert not PLACEHOLDER.findall("\n".join(added))
    assert sum(line.startswith("+scope: ") for line in added) > 25
    assert "+## Document Index" in added
    assert "+| [Entity Edge Catalog](./BEP-1048/entity-edge-catalog.md) | " in "\n".join(added)

    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Complete")
    before = state(repository)
    call(repository, "adopt", *named, complete)
    assert state(repository) == before
