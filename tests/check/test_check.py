"""`bep check`: what it looks at, how it says what it finds, and what it mends."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bep.check import report
from bep.check.rules.finding import Finding
from bep.check.rules.rule import Severity
from tests.conftest import PAGE, ROOT, Call, files_of, run_git, state

QUOTA = "proposals/BEP-1002-quota-ledger.md"
NEW = "proposals/BEP-1010-relay.md"
METADATA = (
    "---\nAuthor: Ada Lovelace (ada@example.com)\nStatus: Draft\nCreated: 2026-01-15\n"
    "Created-Version: 26.1.0\nTarget-Version:\nImplemented-Version:\n---\n"
)
DEAD = "\n[gone](gone.md)\n"


def check(call: Call, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """The findings as JSON; the exit code says whether there is an error."""
    code, out, err = call(folder, "check", *arguments, "--json")
    findings: list[dict[str, Any]] = json.loads(out)
    assert code == int(any(one["severity"] == "error" for one in findings)), err
    return findings


def named(findings: list[dict[str, Any]], *rules: str) -> list[tuple[str, str, int]]:
    """Rule, file and line of the findings of some rules, or of all."""
    return [
        (one["rule"], one["path"].removeprefix("proposals/"), one["line"])
        for one in findings
        if not rules or one["rule"] in rules
    ]


def commit(folder: Path, message: str = "Change") -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", f"--message={message}")


def append(folder: Path, path: str, text: str) -> None:
    (folder / path).write_text((folder / path).read_text() + text)


# --- What it says -------------------------------------------------------------------------------


def test_text_is_grouped_by_document_with_a_summary_by_rule(repository, call):
    append(repository, QUOTA, DEAD)

    code, out, err = call(repository, "check", "1002")

    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[0] == "Checked everything (on main), of 1002 only."
    assert lines[1:3] == ["", QUOTA]
    assert "  17: error: the link gone.md does not exist [link-missing]" in lines
    assert "  1  error  link-missing" in lines
    assert re.fullmatch(r"2 errors, \d+ warnings", lines[-3])


def test_nothing_to_report_is_said(repository, call):
    code, out, _ = call(repository, "check", "--since", "HEAD")

    assert code == 0
    assert out.splitlines()[1:] == ["Nothing to report."]


def test_json_has_the_documented_keys_and_order(repository, call):
    append(repository, QUOTA, DEAD)

    findings = check(call, repository)

    keys = ["rule", "severity", "path", "line", "message", "fixable"]
    assert all(list(one) == keys for one in findings)
    order = [(one["path"], one["line"], one["rule"]) for one in findings]
    assert order == sorted(order)
    assert {one["severity"] for one in findings} == {"error", "warning"}
    assert check(call, repository, "--format", "json") == findings


def test_json_stands_alone_on_stdout(repository, call):
    _, out, err = call(repository, "check", "--json")

    assert out.startswith("[")
    assert err == "Checked everything (on main).\n"


def finding(path: str, message: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(
        path=path,
        line=7,
        rule="link-missing",
        severity=severity,
        message=message,
        text="",
        number=None,
        edits=(),
    )


def test_annotations_are_escaped_as_the_runner_reads_them_errors_first():
    found = [
        finding("proposals/a, b:c.md", "50% of it\r\nis: gone, really", Severity.WARNING),
        finding("proposals/x.md", "the link y does not exist"),
    ]

    error, warning = report.annotated(found)

    assert error == (
        "::error file=proposals/x.md,line=7,title=link-missing::the link y does not exist"
    )
    assert warning == (
        "::warning file=proposals/a%2C b%3Ac.md,line=7,title=link-missing::"
        "50%25 of it%0D%0Ais: gone, really"
    )


def test_a_rule_is_explained_anywhere(tmp_path, call):
    code, out, err = call(tmp_path, "check", "--explain", "link-missing")

    assert (code, err) == (0, "")
    assert out.startswith("link-missing (error; ")
    assert "Breaks it:" in out
    assert "Remedy: " in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--explain", "link-mising"],
            "unknown rule 'link-mising'; did you mean 'link-missing'\\?",
        ),
        (["--format", "xml"], "unknown format 'xml'; use one of text, concise, json, git"),
        (["--json", "--format", "github"], "contradict"),
        (["--all", "--since", "HEAD"], "contradict"),
        (["--since", "nowhere"], "unknown revision 'nowhere'"),
        (["--since=--output=x"], "unknown revision '--output=x'"),
        (["--since", "HEAD:proposals"], "unknown revision"),
        (["--dry-run"], "--fix"),
        (["1999"], "there is no proposal 1999"),
        (["src/main.py"], "'src/main.py' is not a proposal"),
        (["../elsewhere/notes.md"], "is not a proposal"),
        (["--fixx"], "has no option '--fixx'; did you mean '--fix'"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(repository, call, arguments, said):
    before = state(repository)

    code, out, err = call(repository, "check", *arguments)

    assert (code, out) == (2, "")
    assert re.fullmatch(rf"bep: [^\n]*{said}[^\n]*\n", err)
    assert state(repository) == before


def test_a_folder_without_proposals_is_told_how_to_begin(tmp_path, call):
    run_git(tmp_path, "init", "--quiet")

    code, out, err = call(tmp_path, "check")

    assert (code, out) == (2, "")
    assert re.fullmatch(r"bep: proposals/README\.md: [^\n]*`bep init`[^\n]*\n", err)


# --- What it looks at ---------------------------------------------------------------------------


def test_numbers_lists_ranges_and_paths(repository, call):
    whole = check(call, repository)

    def paths(*arguments: str) -> set[str]:
        return {one["path"] for one in check(call, repository, *arguments)}

    assert paths("1002") == {QUOTA, PAGE} & {one["path"] for one in whole}
    assert paths(QUOTA) == paths("1002")
    assert paths("1001-1002") == paths("1001,BEP-1002")
    assert check(call, repository, "1005") == []


@pytest.fixture
def branch(repository: Path) -> Path:
    """The repository on a branch of its own, with old findings on main."""
    append(repository, QUOTA, DEAD)
    commit(repository, "An old finding")
    run_git(repository, "switch", "--quiet", "--create", "bep/1010-relay")
    return repository


def test_a_branch_that_changes_nothing_finds_nothing(branch, call):
    code, out, _ = call(branch, "check")

    base = run_git(branch, "rev-parse", "--short=9", "main")
    assert code == 0
    assert out.splitlines() == [
        f"Checked what bep/1010-relay changes against main ({base}).",
        "Nothing to report.",
    ]


def test_lines_that_only_moved_are_old(branch, call):
    text = (branch / QUOTA).read_text()
    (branch / QUOTA).write_text(text.replace("# Quota Ledger\n", "# Quota Ledger\n\nMore.\n\n"))

    assert check(call, branch) == []
    commit(branch)
    assert check(call, branch) == []


def test_a_second_finding_like_an_old_one_is_new(branch, call):
    append(branch, QUOTA, DEAD)

    assert named(check(call, branch)) == [("link-missing", "BEP-1002-quota-ledger.md", 19)]


@pytest.mark.parametrize("how", ["new", "staged", "committed"])
def test_what_a_branch_adds_is_found(branch, call, how):
    (branch / NEW).write_text(METADATA + "\n# Relay\n" + DEAD)
    if how != "new":
        run_git(branch, "add", "--all")
    if how == "committed":
        commit(branch)

    findings = check(call, branch)

    assert ("link-missing", "BEP-1010-relay.md", 12) in named(findings)
    assert {one["path"] for one in findings} == {NEW}


def test_a_link_that_the_change_breaks_is_found_where_it_stands(branch, call):
    append(branch, PAGE, "\nSee [the ledger](BEP-1002-quota-ledger.md).\n")
    commit(branch)
    run_git(branch, "switch", "--quiet", "--create", "bep/1011-cleaning", "HEAD")
    run_git(branch, "branch", "--force", "main", "HEAD")
    (branch / QUOTA).unlink()

    assert named(check(call, branch), "link-missing", "registry-link") == [
        ("registry-link", "README.md", 18),
        ("link-missing", "README.md", 27),
    ]


@pytest.mark.parametrize("what", ["renamed", "deleted", "made a link", "left alone"])
def test_an_anchor_of_a_page_elsewhere_is_that_of_each_side(branch, call, what):
    page = branch / "docs" / "setup.md"
    run_git(branch, "switch", "--quiet", "main")
    page.parent.mkdir()
    page.write_text("# Setup\n\n## First Steps\n")
    append(branch, QUOTA, "\n[here](../docs/setup.md#first-steps), [old](../docs/setup.md#gone)\n")
    commit(branch)
    run_git(branch, "switch", "--quiet", "--create", "other")
    append(branch, "VERSION", "\n")
    if what == "renamed":
        page.write_text("# Setup\n\n## Steps\n")
    elif what != "left alone":
        page.unlink()
    if what == "made a link":
        page.symlink_to("../VERSION")
    commit(branch)

    found = [one["message"] for one in check(call, branch)]

    expected = {
        "renamed": ["setup.md has no anchor #first-steps"],
        "deleted": [
            f"the link ../docs/setup.md#{one} does not exist" for one in ("first-steps", "gone")
        ],
        "made a link": ["setup.md has no anchor #first-steps"],
        "left alone": [],
    }
    assert found == expected[what]


def test_the_branch_leaves_what_main_did_since_alone(branch, call):
    run_git(branch, "switch", "--quiet", "main")
    (branch / QUOTA).write_text((branch / QUOTA).read_text().removesuffix(DEAD))
    commit(branch, "Main mends it")
    run_git(branch, "switch", "--quiet", "bep/1010-relay")
    append(branch, "VERSION", "# touched\n")
    commit(branch)

    assert check(call, branch) == []
    assert named(check(call, branch, "--all"), "link-missing") == [
        ("link-missing", "BEP-1002-quota-ledger.md", 17)
    ]


def test_since_and_all_say_so_in_the_first_line(branch, call):
    base = run_git(branch, "rev-parse", "--short=9", "HEAD~1")
    _, since, _ = call(branch, "check", "--since", "HEAD~1")
    _, everything, _ = call(branch, "check", "--all")

    assert since.splitlines()[0] == f"Checked what changed since HEAD~1 ({base})."
    assert "[link-missing]" in since
    assert everything.splitlines()[0] == "Checked everything."


def test_on_main_and_on_a_detached_head_everything_is_looked_at(branch, call):
    for switch, said in ((["main"], "(on main)"), (["--detach", "main"], "(on a detached HEAD;")):
        run_git(branch, "switch", "--quiet", *switch)
        _, out, _ = call(branch, "check")
        assert out.startswith(f"Checked everything {said}")
        assert "[link-missing]" in out


def test_without_a_commit_everything_is_new(repository, call, tmp_path):
    folder = tmp_path / "unborn"
    run_git(tmp_path, "init", "--quiet", "unborn")
    (folder / "proposals").mkdir()
    (folder / PAGE).write_bytes((repository / PAGE).read_bytes())

    code, out, _ = call(folder, "check")
    assert (code, out.splitlines()[0]) == (1, "Checked everything (there is no commit yet).")
    code, out, _ = call(folder, "check", "--since", "HEAD")
    assert code == 1
    assert out.splitlines()[0] == "Checked what is new: there is no commit yet."


def test_a_renamed_document_keeps_its_old_findings_old(branch, call):
    run_git(branch, "mv", QUOTA, "proposals/BEP-1002-ledger-of-quotas.md")

    findings = named(check(call, branch))

    assert findings == [("registry-link", "README.md", 18)]


def test_a_renumbered_proposal_keeps_its_old_findings_old(branch, call):
    code, _, err = call(branch, "renumber", "1002", "--to", "1020")
    assert code == 0, err
    run_git(branch, "add", "--all")

    assert [one for one in named(check(call, branch)) if one[0] != "number-unclaimed"] == []


def test_a_status_that_changes_is_judged_by_what_it_requires(branch, call):
    path = branch / QUOTA
    path.write_text(path.read_text().replace("Status: Draft", "Status: Accepted"))

    assert named(check(call, branch), "target-version-missing", "registry-status") == [
        ("target-version-missing", "BEP-1002-quota-ledger.md", 7),
        ("registry-status", "README.md", 18),
    ]


def test_ignored_files_are_left_alone(repository, call):
    (repository / ".gitignore").write_text("proposals/BEP-1010-*\n")
    (repository / NEW).write_text("")

    assert NEW not in {one["path"] for one in check(call, repository)}


# --- A clone of depth 2 -------------------------------------------------------------------------


@pytest.fixture
def pull_request(branch: Path, tmp_path: Path) -> Path:
    """A clone of depth 2 on the merge of a branch into main, as CI checks a pull request out."""
    append(branch, "VERSION", "# one\n")
    commit(branch, "First")
    (branch / NEW).write_text(METADATA + "\n# Relay\n" + DEAD)
    commit(branch, "Second")
    run_git(branch, "switch", "--quiet", "main")
    append(branch, "VERSION", "# main\n")
    append(branch, PAGE, "\n[dead on main](nowhere.md)\n")
    run_git(branch, "checkout", "--quiet", "HEAD", "--", "VERSION")
    commit(branch, "Main goes on")
    run_git(branch, "switch", "--quiet", "--detach", "main")
    run_git(branch, "merge", "--quiet", "--no-edit", "bep/1010-relay")
    run_git(branch, "update-ref", "refs/heads/merge", "HEAD")
    clone = tmp_path / "clone"
    run_git(tmp_path, "init", "--quiet", str(clone))
    run_git(clone, "remote", "add", "origin", branch.as_uri())
    run_git(clone, "fetch", "--quiet", "--depth=2", "origin", "merge")
    run_git(clone, "checkout", "--quiet", "--detach", "FETCH_HEAD")
    assert run_git(clone, "rev-list", "--count", "HEAD") == "3"
    return clone


def test_a_pull_request_is_held_against_its_base(pull_request, call):
    findings = check(call, pull_request, "--since", "HEAD^1")

    assert ("link-missing", "BEP-1010-relay.md", 12) in named(findings)
    assert {one["path"] for one in findings} == {NEW}


def test_a_missing_merge_base_is_said(pull_request, call):
    run_git(pull_request, "checkout", "--quiet", "-B", "bep/1010-relay", "HEAD^2")
    run_git(pull_request, "fetch", "--quiet", "--depth=1", "origin", "+main:refs/heads/main")

    code, out, _ = call(pull_request, "check")

    assert code == 1
    tip = run_git(pull_request, "rev-parse", "--short=9", "main")
    assert out.splitlines()[0] == (
        "Checked what bep/1010-relay changes against main"
        f" (the merge base is not here: compared with main itself, {tip})."
    )
    assert "BEP-1010-relay.md" in out
    assert "BEP-1002" not in out, "an old finding of both sides"


def run_action(
    clone: Path, folder: Path, since: str, step: str = "Check", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as the runner does; its first step makes this environment."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    place = folder / "bep" / "bin"
    place.mkdir(parents=True)
    script = folder / "step.sh"
    (found,) = (one for one in action["runs"]["steps"] if one["name"] == step)
    script.write_text(found["run"])
    (place / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (place / "python").chmod(0o755)
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=clone,
        env={**os.environ, "RUNNER_TEMP": str(folder), "SINCE": since, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_action_annotates_a_pull_request(pull_request, tmp_path):
    done = run_action(pull_request, tmp_path / "runner", "HEAD^1")

    assert done.returncode == 1, done.stderr
    commands = [line for line in done.stdout.splitlines() if line.startswith("::")]
    missing = rf"::error file={NEW},line=12,col=\d+,endColumn=\d+,title=link-missing::.* gone.md .*"
    assert any(re.fullmatch(missing, line) for line in commands)
    form = (
        r"::(error|warning) file=[^,:]+,line=\d+(,col=\d+(,endColumn=\d+)?)?,title=[a-z-]+::[^\n]+"
    )
    assert all(re.fullmatch(form, line) for line in commands)


def test_the_action_refuses_a_checkout_that_is_not_the_merge(pull_request, tmp_path):
    run_git(pull_request, "checkout", "--quiet", "--detach", "HEAD^2")
    run_git(pull_request, "commit", "--quiet", "--allow-empty", "--message=Another one")

    done = run_action(pull_request, tmp_path / "runner", "HEAD^1")

    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout == (
        "::error title=bep check::HEAD is not the merge of the pull request; check it out with"
        " fetch-depth: 2 and without ref, or give since\n"
    )
    assert "checked" in run_action(pull_request, tmp_path / "other", "HEAD^").stdout.casefold()


def test_the_summary_is_there_where_the_comment_cannot_be_written(pull_request, tmp_path):
    summary = tmp_path / "summary.md"
    programs = tmp_path / "programs"
    programs.mkdir()
    for program in ("bash", "git"):
        (programs / program).symlink_to(shutil.which(program))

    done = run_action(
        pull_request,
        tmp_path / "runner",
        "HEAD^1",
        "Review",
        COMMENT="--comment",
        GITHUB_STEP_SUMMARY=str(summary),
        GITHUB_REF="refs/pull/1/merge",
        GITHUB_REPOSITORY="acme/api",
        PATH=str(programs),
    )

    assert done.returncode == 0
    assert done.stderr.startswith("bep: gh is not installed; ")
    assert done.stdout == (
        "::warning title=bep review::The comment was not written;"
        " the job's summary has the digest\n"
    )
    assert "### BEP-1010: Relay\n" in summary.read_text()


def test_the_action_of_a_push_looks_at_everything(pull_request, tmp_path):
    done = run_action(pull_request, tmp_path / "runner", "")

    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("Checked everything.\n")


def test_the_hook_of_pre_commit_finds_what_the_commit_introduces(branch, bep):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    entry = [*hook["entry"].removeprefix("python -I -m ").split(), *hook["args"]]
    program, *arguments = entry
    assert (program, hook["pass_filenames"], hook["always_run"]) == ("bep", False, True)

    clean = bep(branch, *arguments)
    append(branch, QUOTA, "\n[dead](nowhere.md)\n")
    run_git(branch, "add", "--all")
    dirty = bep(branch, *arguments)

    assert (clean.returncode, clean.stderr) == (0, "")
    assert dirty.returncode == 1
    assert "nowhere.md does not exist" in dirty.stdout
    assert "gone.md" not in dirty.stdout


# --- Severities and silence ---------------------------------------------------------------------


def test_settings_change_severities_and_switch_rules_off(repository, call):
    append(repository, QUOTA, DEAD)
    append(
        repository,
        "invoke.yaml",
        "  check: {link-missing: warning, context-missing: error, section-missing: off}\n",
    )

    findings = check(call, repository, "1002")

    severities = {one["rule"]: one["severity"] for one in findings}
    assert severities["link-missing"] == "warning"
    assert severities["context-missing"] == "error"
    assert "section-missing" not in severities


def test_a_setting_for_a_rule_that_there_is_not_is_told(repository, call):
    append(repository, "invoke.yaml", "  check: {no-such-rule: off}\n")

    _, _, err = call(repository, "check")

    assert "bep: the setting 'check': unknown rule 'no-such-rule'; it has no effect\n" in err


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("<!-- bep-check: ignore link-missing: comes with the code -->", True),
        ("<!-- A note. --> <!-- bep-check: ignore link-missing: comes\nlater -->", True),
        ("<!-- bep-check: ignore link-missing -->", False),
        ("<!-- bep-check: ignore link-missing: -->", False),
        ("<!-- bep-check: ignore anchor-missing: because -->", False),
        ("```\n<!-- bep-check: ignore link-missing: in code -->\n```", False),
    ],
)
def test_a_comment_with_a_reason_silences_one_rule_in_its_document(
    repository, call, comment, silent
):
    append(repository, QUOTA, f"{DEAD}\n{comment}\n")
    append(repository, "proposals/BEP-1001-event-journal.md", DEAD)

    found = {path for rule, path, _ in named(check(call, repository)) if rule == "link-missing"}

    expected = {"BEP-1001-event-journal.md"} | (set() if silent else {"BEP-1002-quota-ledger.md"})
    assert found == expected


# --- Mending ------------------------------------------------------------------------------------

CROOKED = (
    "---\r\n"
    "# who\r\n"
    "status: draft  # for now\r\n"
    "Author:Ada Lovelace (ada@example.com)\r\n"
    "created: 2026/1/5\r\n"
    "---\r\n"
    "\r\n"
    "# Relay  \r\n"
    "\r\n"
    '![x](./1010/x.png "x") and [Quota](BEP-1002-old.md#motivation)\t\r\n'
    "caf\udce9, no newline at the end"
)
STRAIGHT = (
    "---\r\n"
    "Author: Ada Lovelace (ada@example.com)\r\n"
    "# who\r\n"
    "Status: Draft  # for now\r\n"
    "Created: 2026-01-05\r\n"
    "Created-Version:\r\n"
    "Target-Version:\r\n"
    "Implemented-Version:\r\n"
    "---\r\n"
    "\r\n"
    "# Relay  \r\n"
    "\r\n"
    '![x](./BEP-1010/x.png "x") and [Quota](BEP-1002-quota-ledger.md#motivation)\t\r\n'
    "caf\udce9, no newline at the end"
)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "byte order mark"])
def test_fix_touches_only_what_it_mends(branch, call, mark):
    (branch / "proposals/BEP-1010").mkdir()
    (branch / "proposals/BEP-1010/x.png").write_bytes(b"PNG")
    (branch / NEW).write_bytes(encoded(mark + CROOKED))
    before = files_of(branch)

    code, out, _ = call(branch, "check", "--fix")

    assert code == 1, "the row and the claim are still missing"
    after = files_of(branch)
    assert after.pop(NEW) == encoded(mark + STRAIGHT)
    assert after == {path: data for path, data in before.items() if path != NEW}
    assert f"{NEW}:5: fixed: " in out
    assert not any(one["fixable"] for one in check(call, branch))
    again = state(branch)
    call(branch, "check", "--fix")
    assert state(branch) == again


def test_fix_leaves_old_lines_alone(repository, call):
    path = repository / QUOTA
    path.write_text(path.read_text().replace("Status: Draft", "Status: draft"))
    commit(repository)
    run_git(repository, "switch", "--quiet", "--create", "bep/1010-relay")
    path.write_text(path.read_text().replace("Created:\n", "Created: 2026/1/5\n"))

    code, out, err = call(repository, "check", "--fix")

    assert (code, err) == (0, "")
    assert "Status: draft\nCreated: 2026-01-05\n" in path.read_text()
    assert out.splitlines()[-1] == "Nothing to report."


@pytest.mark.parametrize("form", ["json", "sarif", "concise", "github"])
def test_a_dry_run_that_prints_data_says_what_could_be_fixed(branch, call, form):
    (branch / NEW).write_bytes(encoded(CROOKED))
    commit(branch)
    there = state(branch)
    said = call(branch, "check", "--format", form)

    assert call(branch, "check", "--format", form, "--fix", "--dry-run") == said
    assert said[0] == 1
    assert state(branch) == there
    assert call(branch, "check", "--json", "--explain")[0] == 2


def test_a_dry_run_shows_a_diff_that_git_takes_and_changes_nothing(branch, call):
    crooked, straight = (
        encoded(text.replace("\udce9", "\u00e9").replace("1010/x.png", "BEP-1002-quota-ledger.md"))
        for text in (CROOKED, STRAIGHT.replace("BEP-1010/x.png", "1010/x.png"))
    )
    (branch / NEW).write_bytes(crooked.replace(b"./BEP-", b"BEP-"))
    commit(branch)
    before = state(branch)

    code, diff, err = call(branch, "check", "--fix", "--dry-run")

    assert code == 1
    assert state(branch) == before
    assert f"{NEW}:5: would be fixed: " in err
    (branch / "plan.diff").write_bytes(encoded(diff))
    run_git(branch, "apply", "plan.diff")
    assert (branch / NEW).read_bytes() == straight.replace(b"./BEP-", b"BEP-")


def test_a_file_that_cannot_be_written_is_one_line_and_nothing_changes(branch, call):
    for number in ("1010-a", "1011-b"):
        text = METADATA.replace("Draft", "draft") + "\n# T\n"
        (branch / f"proposals/BEP-{number}.md").write_text(text)
    blocked = branch / "proposals/BEP-1011-b.md"
    blocked.chmod(stat.S_IRUSR)
    if os.access(blocked, os.W_OK):
        pytest.skip("root writes everything")
    before = files_of(branch)

    code, out, err = call(branch, "check", "--fix")

    assert (code, out) == (2, "")
    assert re.fullmatch(r"bep: proposals/BEP-1011-b\.md: [^\n]+\n", err)
    assert files_of(branch) == before


# --- Claims -------------------------------------------------------------------------------------


@pytest.fixture
def shared(repository: Path, tmp_path: Path) -> Path:
    """The repository on a branch, with a remote that has its main branch."""
    remote = tmp_path / "remote.git"
    run_git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    run_git(repository, "remote", "add", "origin", str(remote))
    run_git(repository, "push", "--quiet", "origin", "main")
    run_git(repository, "switch", "--quiet", "--create", "bep/1010-relay")
    return repository


def unclaimed(call: Call, folder: Path) -> list[str]:
    found = check(call, folder)
    return [one["message"] for one in found if one["rule"] == "number-unclaimed"]


def test_a_number_that_was_copied_by_hand_is_found(shared, call):
    (shared / NEW).write_text(METADATA + "\n# Relay\n")

    (told,) = unclaimed(call, shared)
    assert told.startswith("the document is new, and 1010 is not claimed; `bep renumber 1010 --to")


def test_a_number_that_was_reserved_passes_in_any_clone(shared, call, tmp_path):
    code, number, err = call(shared, "reserve", "Relay", "--author", "Ada Lovelace")
    assert code == 0, err
    path = f"proposals/BEP-{number.strip()}-relay.md"
    (shared / path).write_text(METADATA + "\n# Relay\n")
    assert unclaimed(call, shared) == []

    commit(shared)
    run_git(shared, "push", "--quiet", "origin", "bep/1010-relay")
    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "--quiet", "--branch=bep/1010-relay", "remote.git", str(clone))
    assert unclaimed(call, clone) == []
    (clone / path).write_text(METADATA.replace("Ada Lovelace", "Grace Hopper") + "\n# Quotas\n")
    (told,) = unclaimed(call, clone)
    assert told.startswith(
        f"{number.strip()} is claimed by Ada Lovelace for 'Relay'; `bep renumber"
    )


def test_a_row_that_stood_on_main_before_counts_as_a_claim(shared, call):
    run_git(shared, "switch", "--quiet", "--create", "bep/1005-relay-in-sessions")
    (shared / "proposals/BEP-1005-relay-in-sessions.md").write_text(
        METADATA.replace("Ada Lovelace", "Edsger Dijkstra") + "\n# Relay in Sessions\n"
    )

    assert unclaimed(call, shared) == []


def test_a_claim_that_was_made_offline_is_told_as_such(shared, call):
    code, number, err = call(shared, "reserve", "Relay", "--offline")
    assert code == 0, err
    (shared / f"proposals/BEP-{number.strip()}-relay.md").write_text(METADATA + "\n# Relay\n")

    assert unclaimed(call, shared) == [
        f"{number.strip()} is claimed in this clone only; `bep sync` publishes it"
    ]


def test_a_remote_that_does_not_answer_is_skipped_and_said(shared, call):
    (shared / NEW).write_text(METADATA + "\n# Relay\n")
    run_git(shared, "remote", "set-url", "origin", str(shared / "nowhere"))

    code, out, err = call(shared, "check")

    assert code == 1, "the row is missing"
    assert "number-unclaimed" not in out
    assert re.search(r"bep: the check for claims of new numbers was skipped \(1010\): ", err)


def test_nobody_is_asked_where_nothing_is_added(shared, call):
    append(shared, QUOTA, DEAD)
    run_git(shared, "remote", "set-url", "origin", str(shared / "nowhere"))

    _, _, err = call(shared, "check")

    assert err == ""


# --- After the other tasks ----------------------------------------------------------------------


def test_what_the_other_tasks_make_has_no_errors(template, tmp_path, call):
    folder = tmp_path / "made"
    run_git(tmp_path, "init", "--quiet", str(folder))
    (folder / "VERSION").write_text(f"{dt.datetime.now(dt.UTC):%y}.8.0\n")

    for arguments in (
        ["init", "--template", str(template)],
        ["new", "One File", "--defaults", "--template", str(template)],
        ["new", "In Segments", "--defaults", "-d", "components=a-part,other,third"],
        ["reserve", "Kept for Later"],
        ["renumber", "1001", "--to", "1044"],
        ["sync"],
    ):
        code, _, err = call(folder, *arguments)
        assert code == 0, err
        findings = check(call, folder)
        assert [one for one in findings if one["severity"] == "error"] == [], arguments
    run_git(folder, "add", "--all")
    assert {one["rule"] for one in check(call, folder, "--since", "HEAD")} <= {"placeholder"}


# --- Odd files ----------------------------------------------------------------------------------


def test_odd_files_are_findings_and_no_traceback(repository, call, tmp_path):
    proposals = repository / "proposals"
    (proposals / "BEP-1020-dangling.md").symlink_to("nowhere")
    (proposals / "BEP-1021-circle.md").symlink_to("BEP-1021-circle.md")
    (tmp_path / "outside.md").write_text("secret")
    (proposals / "BEP-1022-outside.md").symlink_to(tmp_path / "outside.md")
    (proposals / "BEP-1023-device.md").symlink_to("/dev/zero")
    (proposals / "BEP-1024-folder.md").mkdir()
    (proposals / "BEP-1024-folder.md" / "x.md").write_text("x")
    (proposals / "BEP-1025-binary.md").write_bytes(bytes(range(256)) * 4)
    (proposals / "BEP-1026-utf-16.md").write_bytes("# Title\n".encode("utf-16"))
    (proposals / "BEP-1027-latin.md").write_bytes(METADATA.encode() + b"\n# Caf\xe9\n")
    (proposals / "BEP-1028-inside.md").symlink_to("BEP-1002-quota-ledger.md")
    os.mkfifo(proposals / "BEP-1029-pipe.md")
    unreadable = proposals / "BEP-1030-locked.md"
    unreadable.write_text("x")
    unreadable.chmod(0)

    findings = check(call, repository)

    problems = {
        one["path"].removeprefix("proposals/BEP-")[:4]: one["message"].split(";")[0]
        for one in findings
        if one["rule"] in ("document-unreadable", "document-name", "document-encoding")
    }
    if not os.access(unreadable, os.R_OK):
        assert problems.pop("1030") == "the file cannot be read (permission denied)"
    assert problems == {
        "1020": "the file is a link that leads nowhere",
        "1021": "the file is a circle of links",
        "1022": "the file is a link that leads out of the repository",
        "1023": "the file is a link that leads out of the repository",
        "1024": "BEP-1024-folder.md is a directory",
        "1025": "the file is not UTF-8 text: it contains NUL bytes",
        "1026": "the file is not UTF-8 text: it contains NUL bytes",
        "1027": "the byte 0xE9 is not UTF-8",
    }
    assert "secret" not in json.dumps(findings)


@pytest.mark.sample(10)
@pytest.mark.parametrize(
    "text",
    [
        "---\n",
        "---\n---\n",
        "---\n---\n---\n",
        "\ufeff---\nStatus: Draft\n---\n# T\n",
        "---\rStatus: Draft\r---\r# T\r",
        "---\nStatus: [\n---\n# T\n",
        "---\nStatus: &a [*a]\n---\n# T\n",
        "---\n? [a]\n: b\n---\n",
        "---\nCreated: 2026-99-99\n---\n<!-- context-for-ai\nscope: 2026-99-99\n-->\n# T\n",
        "<!-- context-for-ai\n- a\n-->\n",
        "<!-- context-for-ai\ntype: [x\nscope:\n-->\n",
        "<!-- context-for-ai\n",
        "<!-- context-for-ai\nkey-decisions: {a: b}\ndetail-docs: 7\nphases: true\n-->\n",
        "#\n##\n## Decision Log\n|a|\n|-|\n||\n|\n",
        "## Decision Log\n| Date | Decision | Rationale |\n|-|-|-|\n|x\n||\n| | | |\n",
        "## Open Questions\n- \n-\n  - ~~\n1)\n",
        "[x](%zz#%) [](<>) [a](..//../) [b](/) [c](?) [d](#) [e](BEP-1002/#x)\n",
        "<<<<<<< \n=======\n>>>>>>> \n",
        "```\nnever closed",
        "\x0b\x0c\x1c\u2028\u2029\x85",
    ],
)
def test_odd_documents_are_findings_and_no_traceback(repository, call, text):
    (repository / "proposals/BEP-1010").mkdir()
    (repository / NEW).write_text(text, newline="")
    (repository / "proposals/BEP-1010/part.md").write_text(text, newline="")

    for arguments in ([], ["--since", "HEAD"], ["--fix", "--dry-run"]):
        code, out, err = call(repository, "check", *arguments)
        assert code == 1
        assert "Checked " in out + err
        assert "Traceback" not in err
    assert NEW in {one["path"] for one in check(call, repository)}


def test_a_document_that_would_keep_everybody_waiting_is_a_finding_and_the_rest_is_done(
    repository, call
):
    with (repository / NEW).open("w") as file:
        file.write("# X\n")
        file.truncate(5_000_001)
    run_git(repository, "add", "--all")
    said = f"{NEW}: is 5.0 MB large; the limit is 5 MB; split it"

    found = check(call, repository)
    (found,) = [one for one in found if one["rule"] == "document-unreadable"]
    assert found["path"] == NEW
    assert "the file is 5.0 MB large; the limit is 5 MB; split it" in found["message"]
    for task in (["status", "1010"], ["context", "1010"], ["sync"], ["ask", "1010", "Why?"]):
        code, out, err = call(repository, *task)
        assert code in (1, 2)
        assert said in out + err, task
    assert "1010" in call(repository, "list")[1]
    assert call(repository, "search", "relay")[0] == 0


HEADER = b"| Number | Title | Author | Status |\n|---|---|---|---|\n"


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"\0",
        b"# No table\n",
        (HEADER + b"\n") * 2,
        HEADER + b"|\n||||\n| [1](x) |\n| 99999999999 |||\n",
    ],
)
def test_odd_registries_are_findings_and_no_traceback(repository, call, page):
    (repository / PAGE).write_bytes(page)

    assert PAGE in {one["path"] for one in check(call, repository)}


PIECES = [
    "a [x](y.md) `b` BEP-9999 ",
    "- ~~q~~\n",
    "| 2026-01-01 | a | |\n",
    "> - [x](BEP-1099-a.md#b)\n",
    "x.md#y",
    "<!-- ",
    "<!-- bep-check: ignore x: y -->\n",
    "## Decision Log\n\n| Date | Decision | Rationale |\n|-|-|-|\n| x | y | |\n",
    "## Motivation\n",
    "<a id='x'>",
    "[`",
    "#" * 7 + "_",
    "<<<<<<< x\n",
    "    ",
]


@pytest.mark.sample(3)
@pytest.mark.parametrize("piece", PIECES, ids=range(len(PIECES)))
def test_a_long_document_costs_no_more_than_its_length(repository, call, piece):
    path = repository / NEW

    def seconds(size: int) -> float:
        path.write_text(METADATA + "\n# T\n\n## Open Questions\n\n" + piece * (size // len(piece)))
        start = os.times().user
        code, _, err = call(repository, "check", "--all")
        assert code in (0, 1), err
        return os.times().user - start

    short, long = seconds(10_000), seconds(80_000)

    # Eight times the length: quadratic work would cost 64 times as much.
    assert long < max(24 * short, 0.5)
