"""A pull request full of links: nothing is read or written where they lead.

Links come from a commit, as a stranger would bring them; every task of `bep` runs on them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PAGE, Call, files_of, run_git

SECRET = "TOPSECRETWORD"
HOOK = "../.git/hooks/pre-commit"
ANSWERS = "proposals/.copier/.copier-answers.BEP-1007.yml"
NAME = "proposals/BEP-1007-hook.md"

TASKS = {
    "list": ["list"],
    "list as data": ["list", "--json"],
    "attention": ["list", "--attention"],
    "graph": ["list", "--graph"],
    "check": ["check", "--all"],
    "check what changed": ["check", "--since", "HEAD~1"],
    "fix": ["check", "--all", "--fix"],
    "review": ["review", "HEAD~1", "--format", "markdown"],
    "search": ["search", SECRET.lower()],
    "governs": ["governs", "."],
    "context": ["context", "1007"],
    "context of the healthy one": ["context", "1001"],
    "ask": ["ask", "1007", "--question", "Who?"],
    "decide": ["decide", "1007", "--question", "1", "--decision", "d", "--rationale", "r"],
    "mark": ["mark", "1007", "accepted"],
    "sync": ["sync"],
    "renumber": ["renumber", "1007", "--to", "1050"],
    "retitle": ["retitle", "1007", "Parcel Relay"],
    "reserve": ["reserve", "A title", "--no-branch"],
    "issue": ["issue", "1007", "--dry-run"],
}
# Each of these renders the template, which takes its time.
RENDERING = {
    "adopt": ["adopt", "--all"],
    "complete": ["adopt", "--all", "--complete"],
    "update": ["update"],
    "update it": ["update", "1007"],
    "segment": ["segment", "1007"],
    "add-document": ["add-document", "1007", "--name", "api", "--scope", "s"],
    "init": ["init", "--agents", "--apply"],
    "new": ["new", "A title", "--defaults", "-d", "scope=s"],
}
FOR_RENDERING = (
    "a document into the hooks",
    "a directory of segments",
    "the folder of answers files",
)
LINKS = {
    "a document into the hooks": [(NAME, HOOK)],
    "a document into the settings of Git": [(NAME, "../.git/config")],
    "a document out of the repository": [(NAME, "../../secret.md")],
    "a document to a device": [(NAME, "/dev/zero")],
    "a document to the standard input": [(NAME, "/dev/stdin")],
    "an answers file into the settings of Git": [(ANSWERS, "../../.git/config")],
    "a directory of segments": [("proposals/BEP-1007", "../.git/hooks")],
    "a sub-document": [("proposals/BEP-1007/a.md", "../../../secret.md")],
    "the folder of answers files": [("proposals/.copier", "../.git")],
    "the process page": [(PAGE, "../../secret.md")],
    "the page for agents": [("proposals/AGENTS.md", HOOK)],
    "the settings": [("invoke.yaml", "../secret.md")],
    "the whole folder": [("proposals", ".git/hooks")],
    "a version file": [("VERSION", "../secret.md")],
    "a chain": [("docs.md", "../secret.md"), (NAME, "../docs.md")],
}
ANSWERS_TEXT = """\
_commit: v1.0.0
_src_path: {template}
adopted: true
layout: single
number: 1007
proposals: proposals
scope: $(touch {marker})
slug: hook
title: Hook
"""


@pytest.fixture
def pull_request(released: Path, template: Path) -> Callable[..., Path]:
    """Commits links, and an answers file that adopts the document 1007, to a repository."""

    def commit(*links: tuple[str, str]) -> Path:
        (released.parent / "secret.md").write_text(f"# {SECRET}\n\n{SECRET}\n")
        answers = released / ANSWERS
        answers.parent.mkdir()
        marker = released.parent / "marker"
        answers.write_text(ANSWERS_TEXT.format(template=template, marker=marker))
        with (released / "invoke.yaml").open("a") as settings:
            settings.write("  jira:\n    url: http://127.0.0.1:1\n")
        for place, target in links:
            path = released / place
            if path.is_dir():
                run_git(released, "mv", "-k", place, "elsewhere")
                subprocess.run(["rm", "-rf", str(path)], check=True)
            path.unlink(missing_ok=True)
            path.parent.mkdir(exist_ok=True)
            path.symlink_to(target)
        run_git(released, "add", "--all")
        run_git(released, "commit", "--quiet", "--message=Pull request")
        return released

    return commit


def gits_own(root: Path) -> dict[str, bytes]:
    """What somebody could want to change in a Git directory, and the secret beside it."""
    git = root / ".git"
    found = {"config": (git / "config").read_bytes()}
    hooks = git / "hooks"
    found |= files_of(hooks) if hooks.is_dir() else {}
    return found | {"secret": (root.parent / "secret.md").read_bytes()}


@pytest.mark.sample(4)
@pytest.mark.parametrize("kind", LINKS)
def test_no_task_reads_or_writes_where_a_link_leads(pull_request, call: Call, kind):
    root = pull_request(*LINKS[kind])
    before = gits_own(root)
    tasks = TASKS | RENDERING if kind in FOR_RENDERING else TASKS

    for arguments in tasks.values():
        code, out, errors = call(root, *arguments)

        assert code in (0, 1, 2)
        assert SECRET not in out + errors, arguments
        assert "repositoryformatversion" not in out + errors, arguments
        assert "Traceback" not in errors
        assert gits_own(root) == before, arguments
        for line in errors.splitlines():
            assert len(line) < 500
        run_git(root, "checkout", "--quiet", "--force", "--detach", "main")
        run_git(root, "clean", "--quiet", "-fd")


def test_a_document_that_is_a_link_into_the_hooks_gives_no_hook(pull_request, bep):
    root = pull_request((NAME, HOOK))
    (root / ".git" / "hooks").mkdir(exist_ok=True)

    done = bep(root, "adopt", "--all", "--complete")
    (root / "more").write_text("more")
    run_git(root, "add", "more")
    run_git(root, "commit", "--quiet", "--message=The next commit")

    assert done.returncode == 1
    assert (
        f"bep: {NAME}: is a link that leads into the Git directory; make it a file inside"
        in done.stderr
    )
    assert not any((root / ".git" / "hooks").iterdir())
    assert not (root.parent / "marker").exists()


def test_the_other_proposals_go_on(pull_request, call: Call):
    root = pull_request((NAME, "../../secret.md"), ("proposals/BEP-1001", "../.git"))

    _, out, errors = call(root, "list")
    assert "1002" in out
    assert "Quota" in out
    assert errors.count("\n") == 2
    _, out, errors = call(root, "adopt", "--all")
    assert "1002    adopted" in out


# Copier leaves a folder open where a template refuses.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_plain_copier_refuses_places_that_lead_away(pull_request, template):
    """Copier writes its files itself; the template refuses before it does."""
    from copier import run_copy
    from copier.errors import UserMessageError

    root = pull_request(("proposals/BEP-1050", "../.git/hooks"))
    before = gits_own(root)
    data = {"title": "T", "number": 1050, "layout": "segmented", "components": "a", "scope": "s"}

    with pytest.raises(UserMessageError, match="leads into the Git directory"):
        run_copy(str(template), root, data, defaults=True, unsafe=True, quiet=True)

    assert gits_own(root) == before
    assert run_git(root, "status", "--porcelain") == ""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_plain_copier_update_refuses_an_answers_file_that_leads_away(pull_request, template):
    from copier import run_update
    from copier.errors import UserMessageError

    link = "proposals/.copier/.copier-answers.BEP-1008.yml"
    root = pull_request((link, "../../.git/answers.yml"))
    (root / ".git" / "answers.yml").write_bytes((root / ANSWERS).read_bytes())
    before = (root / ".git" / "answers.yml").read_bytes()

    with pytest.raises(UserMessageError, match="leads into the Git directory"):
        run_update(root, answers_file=link, defaults=True, unsafe=True, overwrite=True, quiet=True)

    assert (root / ".git" / "answers.yml").read_bytes() == before
