"""Two doors, one engine: `copier update` and `bep update` give identical bytes."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import copier
import pytest
import yaml
from copier.errors import CopierError, UserMessageError

from tests import samples
from tests.conftest import CORPUS, Call, copy_repository, files_of, pack, run_git
from tests.rendered import EXAMPLES
from tests.series import REVISIONS, revise, template_at_v1

CHANGES = (
    "guidance reworded",
    "section added",
    "metadata key renamed",
    "decision log column added",
    "optional sub-document",
    "answer renamed",
    "process page reworded",
)
SINGLE = "proposals/BEP-1012-idle-checks-per-resource-group.md"
ANSWERS = "proposals/.copier/.copier-answers.BEP-{:04d}.yml"
RENOVATE = {"skip_answered": True, "defaults": True}
PLAIN = {"defaults": True}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = template_at_v1(tmp_path_factory.mktemp("series") / "template")
    edits = [edit for name in CHANGES for edit in REVISIONS[name]]
    # One file of renames holds both.
    merged = [edit for edit in edits if edit.path != "revisions.yml"]
    revise(folder, [*merged, *(e for e in edits if e.path == "revisions.yml")], "v1.1.0")
    pack(folder)
    return folder


@pytest.fixture(scope="module")
def proposals(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with edited proposals of v1.0.0."""
    folder = tmp_path_factory.mktemp("doors") / "repository"
    folder.mkdir()
    run_git(folder, "init", "--quiet")
    for answers in EXAMPLES.values():
        copier.run_copy(
            str(template),
            folder,
            answers,
            vcs_ref="v1.0.0",
            defaults=True,
            quiet=True,
            unsafe=True,
            skip_tasks=True,
            overwrite=True,
        )
    (folder / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    for document in folder.glob("proposals/**/*.md"):
        text = document.read_text()
        document.write_text(re.sub(r"\n\n## (?=[M-R])", "\n\nMine: {{ x }}.\n\n## ", text))
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Proposals")
    pack(folder)
    return folder


def copier_update(folder: Path, number: int, **options: object) -> None:
    """As the command does it, in this process: the template's own revision carries the code."""
    copier.run_update(
        folder,
        answers_file=ANSWERS.format(number),
        overwrite=True,
        unsafe=True,
        quiet=True,
        **options,
    )


def committed(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--allow-empty", "--message=Update")


def by_copier(folder: Path, numbers: list[int], **options: object) -> dict[str, bytes]:
    for number in numbers:
        copier_update(folder, number, **options)
        assert run_git(folder, "ls-files", "-u") == ""
        committed(folder)
    return files_of(folder)


@pytest.mark.sample(1)
@pytest.mark.parametrize("options", [PLAIN, RENOVATE], ids=["plain", "as Renovate calls it"])
def test_both_doors_give_the_same_bytes(options, proposals, call: Call, tmp_path):
    ours, theirs = (
        copy_repository(proposals, tmp_path / "ours"),
        copy_repository(proposals, tmp_path / "theirs"),
    )
    assert call(ours, "update")[0] == 0

    assert by_copier(theirs, [0, 1012, 1046], **options) == files_of(ours)
    assert not list(theirs.rglob("*.rej"))
    assert "Mine: {{ x }}." in (theirs / SINGLE).read_text()
    answers = yaml.safe_load((theirs / ANSWERS.format(1012)).read_text())
    assert answers["summary"] == EXAMPLES["single"]["scope"]
    assert "scope" not in answers


def test_both_doors_give_the_same_bytes_where_git_writes_other_line_endings(
    proposals, call: Call, tmp_path
):
    source = copy_repository(proposals, tmp_path / "source")
    (source / ".gitattributes").write_text("* text=auto eol=crlf\n")
    committed(source)
    shutil.rmtree(source / "proposals")
    run_git(source, "checkout", "--", "proposals")
    ours, theirs = (copy_repository(source, tmp_path / name) for name in ("ours", "theirs"))
    assert call(ours, "update")[0] == 0

    assert by_copier(theirs, [0, 1012, 1046], **PLAIN) == files_of(ours)
    text = (theirs / SINGLE).read_bytes()
    assert text.count(b"\r\n") == text.count(b"\n") > 50


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_both_doors_give_the_same_bytes_for_real_documents(template, call: Call, tmp_path):
    folder = tmp_path / "corpus"
    # Both layouts, both forms, numbered headings.
    wanted = ["BEP-1"] if samples.MANY else ["1041", "1047", "1058"]
    for path in sorted((CORPUS / "proposals").rglob("*")):
        if path.is_file() and ("README" in path.name or any(n in str(path) for n in wanted)):
            target = folder / path.relative_to(CORPUS)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    run_git(tmp_path, "init", "--quiet", str(folder))
    fork = copy_repository(template, tmp_path / "fork")
    run_git(fork, "tag", "--delete", "v1.1.0")
    run_git(fork, "checkout", "--quiet", "v1.0.0")
    (folder / "invoke.yaml").write_text(f"bep:\n  template: {fork}\n")
    call(folder, "adopt", "--all")
    committed(folder)
    run_git(fork, "tag", "v1.1.0", run_git(template, "rev-parse", "v1.1.0"))
    ours, theirs = (
        copy_repository(folder, tmp_path / "ours"),
        copy_repository(folder, tmp_path / "theirs"),
    )
    numbers = [
        int(path.name.split("-")[-1][:4])
        for path in sorted((folder / "proposals/.copier").iterdir())
    ]
    code, _, errors = call(ours, "update")
    assert (code, errors) == (0, "")

    assert by_copier(theirs, numbers, **RENOVATE) == files_of(ours)


def test_an_answer_of_the_call_reaches_the_documents(proposals, tmp_path):
    folder = copy_repository(proposals, tmp_path / "repository")
    copier_update(folder, 1012, data={"title": "Busy Checks"}, defaults=True)
    text = (folder / SINGLE).read_text()
    assert "# Busy Checks\n" in text
    assert "Mine: {{ x }}." in text


def test_a_changed_slug_moves_the_document(proposals, tmp_path):
    folder = copy_repository(proposals, tmp_path / "repository")
    page = folder / "proposals/README.md"
    row = "| [1012](BEP-1012-idle-checks-per-resource-group.md) | Idle Checks | Ada | Draft |\n"
    head = "|--------|-------|--------|--------|\n"
    page.write_text(page.read_text().replace(head, head + row))
    committed(folder)
    copier_update(folder, 1012, data={"slug": "busy-checks"}, defaults=True)
    assert "| [1012](BEP-1012-busy-checks.md) | Idle Checks | Ada | Draft |\n" in page.read_text()
    assert not (folder / SINGLE).exists()
    assert "Mine: {{ x }}." in (folder / "proposals/BEP-1012-busy-checks.md").read_text()


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"layout": "segmented"}, "answer 'layout' is 'segmented' and not 'single'"),
        ({"number": 1013}, "answer 'number' is 1013 and not 1012"),
    ],
)
def test_what_an_update_cannot_change_is_refused_and_nothing_is(data, said, proposals, tmp_path):
    folder = copy_repository(proposals, tmp_path / "repository")
    before = files_of(folder)
    with pytest.raises(UserMessageError, match=said):
        copier_update(folder, 1012, data=data, defaults=True)
    assert files_of(folder) == before


def test_stored_answers_without_their_form_are_told_not_replaced(proposals, tmp_path):
    folder = copy_repository(proposals, tmp_path / "repository")
    file = folder / ANSWERS.format(1012)
    file.write_text(file.read_text().replace("'2026-01-15'", "yesterday"))
    committed(folder)
    before = files_of(folder)
    with pytest.raises(UserMessageError, match="'yesterday' is not a date"):
        copier_update(folder, 1012, **RENOVATE)
    assert files_of(folder) == before


def test_a_document_that_cannot_be_merged_leaves_the_answers_file(proposals, tmp_path):
    folder = copy_repository(proposals, tmp_path / "repository")
    (folder / SINGLE).write_bytes(b"\x00")
    committed(folder)
    before = files_of(folder)
    with pytest.raises(UserMessageError, match="is not text"):
        copier_update(folder, 1012, **PLAIN)
    assert files_of(folder) == before


# Copier leaves a folder open where its rendering is refused.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_recopy_does_not_wipe_documents(proposals, tmp_path):
    folder = copy_repository(proposals, tmp_path / "repository")
    before = files_of(folder)
    with pytest.raises(CopierError):
        copier.run_recopy(
            folder,
            answers_file=ANSWERS.format(1012),
            overwrite=True,
            unsafe=True,
            quiet=True,
            defaults=True,
        )
    assert files_of(folder) == before


# --- Killed ---------------------------------------------------------------------------------------


def test_copier_killed_leaves_whole_documents_and_the_next_update_completes(
    proposals, call: Call, tmp_path
):
    old = files_of(proposals)
    done = copy_repository(proposals, tmp_path / "done")
    call(done, "update", "1012")
    new = files_of(done)
    folder = copy_repository(proposals, tmp_path / "repository")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "copier", "update", "--trust", "--defaults", "--quiet"),
            *("--answers-file", ANSWERS.format(1012), "."),
        ],
        cwd=folder,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Copier writes the answers file, then the migration merges: between the two it is killed.
    answers = folder / ANSWERS.format(1012)
    while process.poll() is None and answers.read_bytes() != new[ANSWERS.format(1012)]:
        pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    now = files_of(folder)
    assert now[SINGLE] in (old[SINGLE], new[SINGLE])

    code, _, errors = call(folder, "update", "1012")
    assert code == 0, errors
    assert files_of(folder) == new
