"""A revision of the process is an edit of `guide.yml`, and every command follows it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import copier
import pytest

from tests import forks, samples
from tests.conftest import CORPUS, Call, copy_repository, pack, run_git
from tests.rendered import EXAMPLES, TECH_SPEC
from tests.series import GUIDE, Edit, revise, template_at_v1

SINGLE = "proposals/BEP-1012-idle-checks-per-resource-group.md"
SKILL = ".claude/skills/bep-guide/SKILL.md"
SPEC = "proposals/BEP-1058-impersonation-by-super-admins.md"
REAL = ("BEP-1041-scope-based-graphql-api-naming", "BEP-1055-preemption-scheduler-mechanics")
RENAMES = "revisions.yml"

WISHES: dict[str, list[Edit]] = {
    "a section": [
        Edit(GUIDE, "  decision-log:\n    heading", "  alternatives:\n    heading: Alternatives\n    guidance: What else was considered.\n\n  decision-log:\n    heading"),
        Edit(GUIDE, "      - decision-log\n", "      - alternatives\n      - decision-log\n"),
    ],
    "a renamed section": [
        Edit(GUIDE, "    heading: Implementation Plan\n    aliases:\n", "    heading: Delivery\n    aliases:\n      - Implementation Plan …\n"),
        Edit(GUIDE, "      - Implementation Plan …\n      - Implementation Plan …\n", "      - Implementation Plan …\n"),
        Edit(RENAMES, "  sections: []", '  sections:\n    - {since: SINCE, from: "Implementation Plan", to: "Delivery"}'),
    ],
    "guidance with a list": [
        Edit(GUIDE, "      Related proposals, documents and discussions, as links.\n", "      What a reader needs besides:\n\n      - proposals\n      - documents and discussions\n"),
    ],
    "a key": [
        Edit(GUIDE, "  status:\n    key: Status\n", "  reviewers:\n    key: Reviewers\n    needed-in: [accepted, implemented]\n  status:\n    key: Status\n"),
    ],
    "a column": [
        Edit(GUIDE, "rationale: Rationale}", "rationale: Rationale, owner: Owner}"),
    ],
    "a renamed column": [
        Edit(GUIDE, "rationale: Rationale", "rationale: Because"),
        Edit(GUIDE, "        rationale: [Reason,", "        rationale: [Rationale, Reason,"),
        Edit(RENAMES, "  columns: []", '  columns:\n    - {since: SINCE, from: "Rationale", to: "Because"}'),
    ],
    "a status": [
        Edit(GUIDE, "  superseded:\n    name", "  withdrawn:\n    name: Withdrawn\n    meaning: Taken back by its author\n    final: true\n  superseded:\n    name"),
        Edit(GUIDE, "  - {from: rejected, to: draft,", "  - {from: draft, to: withdrawn, when: Its author takes it back, logged: Proposal withdrawn}\n  - {from: rejected, to: draft,"),
    ],
    "a length and a limit": [
        Edit(GUIDE, "    length: 10-30 lines\n    minimum: true\n    avoid: the solution", "    length: 1-3 lines\n    minimum: true\n    avoid: the solution"),
        Edit(GUIDE, "      - references\n  main:", "      - references\n    lines: 60\n  main:"),
        Edit(GUIDE, "  lines: 500\n  components", "  lines: 60\n  components"),
    ],
    "a layout": [
        Edit(GUIDE, "  overview:\n    file", "  brief:\n    sections: [motivation, proposed-design, decision-log, open-questions]\n    lines: 100\n  overview:\n    file"),
        Edit(GUIDE, "\n# When a proposal is segmented", "  brief:\n    label: Brief\n    main: brief\n    marks: []\n\n# When a proposal is segmented"),
    ],
}  # fmt: skip


# The revision with all wishes; each of them alone is v1.1.0 and so on, a change of v1.0.0.
ALL = f"v2.{len(WISHES)}.0"
ALONE = {wish: f"v1.{at}.0" for at, wish in enumerate(WISHES, 1)}


class World(NamedTuple):
    """A template with all revisions, and a repository with proposals of v1.0.0."""

    template: Path
    repository: Path
    findings: Counter[tuple[str, str, str]]


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    folder = tmp_path_factory.mktemp("process")
    template = template_at_v1(folder / "template")
    repository = folder / "repository"
    repository.mkdir()
    run_git(repository, "init", "--quiet")
    for answers in (EXAMPLES["registry"], *EXAMPLES.values(), TECH_SPEC):
        if answers["layout"] != "registry" or not (repository / "proposals").exists():
            copier.run_copy(
                str(template), repository, answers, defaults=True, quiet=True, unsafe=True
            )
    commit(repository, "Made")
    _with_real_proposals(repository, template)
    edit(repository, SINGLE, "## Motivation\n", "## Motivation\n\nIdle sessions cost money.\n")
    edit(
        repository,
        SINGLE,
        "|-----------|\n",
        "|-----------|\n| 2026-02-01 | Use events | Less load |\n",
    )
    edit(repository, SKILL, "## Segments\n", "## Who to ask\n\nThe committee.\n\n## Segments\n")
    commit(repository, "Written")
    for wish, tag in ALONE.items():
        run_git(template, "checkout", "--quiet", "v1.0.0")
        revise(template, WISHES[wish], tag)
    run_git(template, "checkout", "--quiet", "v1.0.0")
    for at, wish in enumerate(WISHES.values(), 1):
        revise(template, wish, f"v2.{at}.0")
    pack(template)
    pack(repository)
    return World(template, repository, findings(repository))


def _with_real_proposals(repository: Path, template: Path) -> None:
    if not CORPUS.is_dir():
        return
    for name in REAL:
        shutil.copy(CORPUS / "proposals" / f"{name}.md", repository / "proposals")
    numbers = ",".join(name.split("-")[1] for name in REAL)
    called(repository, "sync")
    called(repository, "adopt", numbers, "--template", str(template))
    commit(repository, "Adopted")


def called(repository: Path, *arguments: str) -> None:
    done = forks.run("bep", repository, *arguments)
    assert done.returncode == 0, (done.stdout, done.stderr)


def commit(repository: Path, message: str) -> None:
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", f"--message={message}")


def updated(world: World, folder: Path, tag: str) -> Path:
    """The repository after an update to a revision, which brought nothing that `check` finds."""
    repository = copy_repository(world.repository, folder)
    update = ("update", "--to", tag, "--template", str(world.template))
    called(repository, *update)
    commit(repository, "Updated")
    assert findings(repository, "--since", "HEAD~1") == Counter()
    brought = findings(repository) - world.findings
    assert [one for one in brought if one[0] not in ("section-length", "single-lines")] == []
    called(repository, *update)
    assert run_git(repository, "status", "--porcelain") == ""
    return repository


@pytest.fixture(scope="module")
def _revised(world: World, tmp_path_factory) -> Path:
    return updated(world, tmp_path_factory.mktemp("revised") / "repository", ALL)


@pytest.fixture
def revised(_revised: Path, tmp_path: Path) -> Path:
    """The repository after an update to the revision with all wishes."""
    return copy_repository(_revised, tmp_path / "repository")


def edit(repository: Path, path: str, old: str, new: str) -> None:
    text = (repository / path).read_text()
    assert old in text
    (repository / path).write_text(text.replace(old, new, 1))


def findings(repository: Path, *arguments: str) -> Counter[tuple[str, str, str]]:
    done = forks.run("bep", repository, "check", "--json", *(arguments or ("--all",)))
    found: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    return Counter((one["rule"], one["path"], one["message"]) for one in found)


def documents(repository: Path) -> Iterator[Path]:
    yield from (repository / "proposals").glob("BEP-1*.md")


@pytest.mark.sample(1)
@pytest.mark.parametrize("wish", WISHES)
def test_each_wish_alone_is_carried_to_every_proposal(world: World, tmp_path: Path, wish):
    repository = updated(world, tmp_path / "repository", ALONE[wish])

    # A new proposal is made by the new guide, too.
    revision = ("--to", ALONE[wish], "--template", str(world.template))
    called(repository, "new", "Born later", "--defaults", *revision)
    new = findings(repository, "1059")
    assert not {rule for rule, _, _ in new} & {
        *("metadata-key-unknown", "metadata-key-missing", "metadata-order", "section-missing"),
        *("section-order", "decision-log-form", "context-key-missing", "status-unknown"),
    }


def test_all_wishes_together_are_what_every_command_works_by(revised: Path, world, call: Call):
    text = (revised / SINGLE).read_text()
    lines = text.splitlines()
    assert lines[2] == "Reviewers:"
    assert "## Alternatives" in lines
    assert "## Delivery" in lines
    assert "## Implementation Plan" not in lines
    assert "\n- documents and discussions\n\nLength: 2-10 lines. -->\n" in text
    assert "| Date | Decision | Because | Owner |" in lines
    assert "| 2026-02-01 | Use events | Less load |  |" in lines
    assert "Idle sessions cost money." in lines

    skill = (revised / SKILL).read_text()
    for told in (
        "| Alternatives | as needed | What else was considered. |\n| Decision Log |",
        "| Delivery | 10-30 lines |",
        "| Motivation | 1-3 lines |",
        "| `Reviewers` | when the status becomes Accepted |",
        "| Draft | Withdrawn | Its author takes it back | The reason is in the document |",
        "- it exceeds about 60 lines,",
        "\nBrief:\n`bep new --layout brief`.\nHeadings may be numbered.",
        "\n## Who to ask\n\nThe committee.\n\n## Segments\n",
        f"\nversion: {ALL}\n",
    ):
        assert told in skill, told
    assert skill.count("| Section | Instead of |") == 1  # the tech-spec's

    assert call(revised, "ask", "1012", "--question", "Who pays?")[0] == 0
    decided = ("--question", "1", "--decision", "The group", "--rationale", "It idles")
    assert call(revised, "decide", "1012", *decided)[0] == 0
    assert "| The group | It idles | |" in (revised / SINGLE).read_text()
    code, _, err = call(revised, "mark", "1012", "accepted", "--target-version", "26.9.0")
    assert (code, "Accepted needs Reviewers" in err) == (1, True)
    edit(revised, SINGLE, "Reviewers:", "Reviewers: Grace Hopper")
    assert call(revised, "mark", "1012", "accepted", "--target-version", "26.9.0")[0] == 0
    assert call(revised, "mark", "1058", "withdrawn", "--reason", "Not needed")[0] == 0
    assert "| Proposal withdrawn | Not needed |" in (revised / SPEC).read_text()
    _, out, _ = call(revised, "context", "1058")
    assert out.startswith("**Withdrawn: BEP-1058 is not to be built")
    _, out, _ = call(revised, "list", "--status", "withdrawn", "--json")
    assert [one["number"] for one in json.loads(out)] == [1058]
    _, out, _ = call(revised, "context", "1012", "--section", "Delivery")
    assert "## Delivery" in out

    made = ("--layout", "brief", "--defaults", "--template", str(world.template))
    assert call(revised, "new", "Short one", *made)[0] == 0
    (brief,) = (revised / "proposals").glob("BEP-1059-*.md")
    headings = [line for line in brief.read_text().splitlines() if line.startswith("## ")]
    assert headings == [
        "## Motivation",
        "## Proposed Design",
        "## Decision Log",
        "## Open Questions",
    ]


def test_the_diagram_of_the_lifecycle_has_a_name_for_a_status_with_blanks(
    world: World, tmp_path: Path, call: Call
):
    template = tmp_path / "template"
    run_git(tmp_path, "clone", "--quiet", str(world.template), str(template))
    run_git(template, "checkout", "--quiet", "v1.0.0")
    revise(template, [Edit(GUIDE, "    name: Superseded\n", "    name: Set Aside\n")], "v9.0.0")
    folder = tmp_path / "repository"
    folder.mkdir()
    run_git(folder, "init", "--quiet")

    assert call(folder, "init", "--template", str(template))[0] == 0

    diagram = (folder / "proposals/README.md").read_text().split("```")[1]
    assert '\n    state "Set Aside" as Set_Aside\n' in diagram
    assert "\n    Accepted --> Set_Aside\n" in diagram


def test_both_doors_give_the_same(revised: Path, tmp_path: Path, call: Call):
    other = tmp_path / "by-copier"
    shutil.copytree(tmp_path / "repository", other, symlinks=True)
    run_git(other, "reset", "--quiet", "--hard", "HEAD~1")
    files = sorted((other / "proposals/.copier").glob(".copier-answers.*.yml"))
    chosen = samples.some(files, 3)
    for path in chosen:
        copier.run_update(
            other,
            answers_file=path.relative_to(other),
            defaults=True,
            quiet=True,
            unsafe=True,
            overwrite=True,
        )
        run_git(other, "add", "--all")
        run_git(other, "commit", "--quiet", "--allow-empty", f"--message={path.name}")

    names = {path.name.split(".")[2] for path in chosen}
    for path in documents(revised):
        if path.name[:8] not in names or "Status: Implemented" in path.read_text():
            continue  # `bep update` leaves history alone; Copier was asked for it by name.
        assert (other / path.relative_to(revised)).read_text() == path.read_text(), path.name
    for path in ("proposals/.copier/guide.yml", SKILL, "proposals/AGENTS.md"):
        assert (other / path).read_text() == (revised / path).read_text()


def test_documents_by_hand_are_adopted_and_segmented_by_the_new_guide(
    revised: Path, world, call: Call
):
    template = str(world.template)
    text = "".join(
        f"\n## {heading}\n\n{body}\n"
        for heading, body in (
            ("Motivation", "Quotas are counted twice."),
            ("Proposed Design", "### Ledger\n\nOne table.\n\n### Counter\n\nOne query."),
            ("Delivery", "1. Phase 1: all"),
        )
    )
    file = revised / "proposals/BEP-1061-quota-ledger.md"
    file.write_text(
        f"---\nAuthor: Ada (ada@example.com)\nStatus: Withdrawn\n---\n\n# Quotas\n{text}"
    )
    run_git(revised, "add", "--all")

    assert call(revised, "adopt", "1061", "--template", template)[0] == 0
    answers = (revised / "proposals/.copier/.copier-answers.BEP-1061.yml").read_text()
    assert "status: Withdrawn" in answers
    assert "- all" in answers
    run_git(revised, "add", "--all")
    run_git(revised, "commit", "--quiet", "--message=Adopted")
    code, _, err = call(revised, "segment", "1061", "--template", template, "--yes")
    if code:
        code, _, err = call(revised, "segment", "1061", "--template", template)
    assert code == 0, err
    assert (revised / "proposals/BEP-1061/ledger.md").exists()
    assert "## Delivery" in file.read_text()


def test_a_guide_that_was_edited_by_hand_is_kept_and_reported(world: World, tmp_path, call: Call):
    repository = copy_repository(world.repository, tmp_path / "repository")
    edit(repository, "proposals/.copier/guide.yml", "heading: References", "heading: Sources")
    commit(repository, "By hand")
    revision = ("--to", ALONE["a column"], "--template", str(world.template))

    code, out, _ = call(repository, "update", *revision)

    assert code == 0
    assert "proposals/.copier/guide.yml: current; kept: (the whole file)" in out
    assert "heading: Sources" in (repository / "proposals/.copier/guide.yml").read_text()


def test_check_says_that_the_guide_is_older_than_the_proposals(world: World, tmp_path, call: Call):
    repository = copy_repository(world.repository, tmp_path / "repository")
    revision = ("--to", ALONE["a column"], "--template", str(world.template))
    assert call(repository, "update", "1012", *revision)[0] == 0

    _, _, err = call(repository, "check", "--all")

    assert "guide.yml is of v1.0.0, and 1 proposal has a newer revision; `bep update`" in err
    assert call(repository, "update", *revision)[0] == 0
    assert "newer revision" not in call(repository, "check", "--all")[2]
