"""When proposals were created, changed and had which status, from histories with given dates."""

from __future__ import annotations

import datetime as dt
import os
import random
import re
from pathlib import Path

import pytest

from bep.errors import BepError
from bep.proposal.times import History
from bep.system import history, repository
from bep.system.history import Place
from tests.conftest import CORPUS, ROOT, run_git
from tests.histories import Commit, day, main, text, write

NOW = 100
GOLDEN = ROOT / "tests/golden/times.txt"


def of_proposals(repo: repository.Repository, now: dt.datetime | None = None) -> dict[str, History]:
    """The histories of the main documents in the working tree, by their paths."""
    mains = [history.Place("", repo.relative(path)) for _, path in repo.main_documents()]
    return {place.path: found for place, found in history.of_places(repo, mains, now).items()}


def histories(folder: Path, now: float = NOW) -> dict[str, History]:
    return of_proposals(repository.find(folder), day(now))


def only(folder: Path, now: float = NOW) -> History:
    """The history of the only proposal."""
    (found,) = histories(folder, now).values()
    return found


def periods(found: History) -> list[tuple[str, float, float | None]]:
    """Status, and the days since and until when."""
    return [
        (one.status, in_days(one.since), None if one.until is None else in_days(one.until))
        for one in found.periods
    ]


def in_days(time: dt.datetime) -> float:
    return (time - day(0)).total_seconds() / 86400


# --- Linear histories ---------------------------------------------------------------------------


def test_created_changed_and_days_in_each_status(tmp_path):
    write(
        tmp_path,
        [
            Commit(1, {main(1001): text("Draft")}),
            Commit(11, {main(1001): text("Accepted")}),
            Commit(12, {"src/relay.py": "# elsewhere\n"}),
            Commit(40, {main(1001): text("Accepted", more="More.\n")}),
            Commit(45.5, {main(1001): text("Implemented", more="More.\n")}),
            Commit(60, {main(1001): text("Implemented", more="Even more.\n")}),
        ],
    )
    found = only(tmp_path)

    assert periods(found) == [
        ("Draft", 1, 11),
        ("Accepted", 11, 45.5),
        ("Implemented", 45.5, None),
    ]
    assert (found.created, found.changed) == (day(1), day(60))
    assert found.days(day(NOW)) == {"Draft": 10, "Accepted": 34, "Implemented": 54}
    assert not found.is_since_at_least


def test_a_status_that_comes_back_has_the_days_of_all_its_periods(tmp_path):
    statuses = ["Draft", "Rejected", "Draft", "Accepted"]
    write(tmp_path, [Commit(10 * at, {main(1001): text(said)}) for at, said in enumerate(statuses)])
    found = only(tmp_path)

    assert [one.status for one in found.periods] == statuses
    assert found.days(day(NOW)) == {"Draft": 20, "Rejected": 10, "Accepted": 70}


def test_statuses_compare_by_the_guide_and_others_are_as_written(tmp_path):
    said = ["draft", "Draft", "DRAFT", "Drfat", "", "accepted"]
    write(tmp_path, [Commit(at, {main(1001): text(one)}) for at, one in enumerate(said)])

    assert periods(only(tmp_path)) == [
        ("Draft", 0, 3),
        ("Drfat", 3, 4),
        ("", 4, 5),
        ("Accepted", 5, None),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\0",
        b"<<<<<<< HEAD\n---\nStatus: Draft\n",
        b"---\nStatus: [\n---\n",
        b"---\n" * 4000,
    ],
    ids=["empty", "binary", "conflict", "broken", "rules"],
)
def test_a_content_that_is_no_proposal_does_not_stop_the_others(tmp_path, content):
    write(
        tmp_path,
        [
            Commit(1, {main(1001): text("Draft"), main(1002): text("Draft")}),
            Commit(2, {main(1001): content}),
            Commit(3, {main(1001): text("Accepted")}),
        ],
    )
    found = histories(tmp_path)

    first, *_, last = periods(found[main(1001)])
    assert (first, last) == (("Draft", 1, 2), ("Accepted", 3, None))
    assert periods(found[main(1002)]) == [("Draft", 1, None)]


def test_a_status_of_bytes_that_are_no_utf8_is_kept(tmp_path):
    write(tmp_path, [Commit(1, {main(1001): b"---\r\nStatus: Dr\xe4ft\r\n---\r\n"})])

    assert only(tmp_path).periods[0].status == "Dr\udce4ft"


def test_clocks_that_are_wrong_make_no_negative_days(tmp_path):
    for name, days, created in (("back", [5, 3, 90, 20], 3), ("future", [5, 400, 500, 20], 5)):
        said = ["Draft", "Accepted", "Draft", "Implemented"]
        commits = zip(days, said, strict=True)
        write(tmp_path / name, [Commit(at, {main(1001): text(one)}) for at, one in commits])
        found = only(tmp_path / name)

        assert found.created == day(created)
        assert found.changed == day(20)
        assert all(one.since <= (one.until or day(NOW)) for one in found.periods)
        assert sum(found.days(day(NOW)).values()) <= NOW - created
    # Commits from after the present were made now.
    assert only(tmp_path / "back", now=1).days(day(1)) == {
        "Draft": 0,
        "Accepted": 0,
        "Implemented": 0,
    }


# --- Files that move ----------------------------------------------------------------------------


@pytest.mark.parametrize("new", [main(1001, "other"), main(1044, "relay")], ids=["title", "number"])
def test_a_renamed_document_keeps_its_history(tmp_path, new):
    write(
        tmp_path,
        [
            Commit(1, {main(1001): text("Draft")}),
            Commit(10, {main(1001): None, new: text("Draft", more="Renamed.\n")}),
            Commit(20, {new: text("Accepted", more="Renamed.\n")}),
        ],
    )
    found = only(tmp_path)

    assert periods(found) == [("Draft", 1, 20), ("Accepted", 20, None)]


def test_two_documents_can_change_places(tmp_path):
    first, second = text("Draft", number=1001), text("Accepted", number=1002, more="x\n" * 90)
    write(
        tmp_path,
        [
            Commit(1, {main(1001): first}),
            Commit(2, {main(1002): second}),
            Commit(3, {main(1001): None, main(1002): None, main(1003): second}),
            Commit(4, {main(1002): first}),
        ],
    )
    found = histories(tmp_path)

    assert periods(found[main(1003)]) == [("Accepted", 2, None)]
    assert periods(found[main(1002)])[-1] == ("Draft", 4, None)


def test_a_document_that_is_rewritten_and_renamed_keeps_its_history_by_its_number(tmp_path):
    write(
        tmp_path,
        [
            Commit(1, {main(1001): text("Draft")}),
            Commit(10, {main(1001): None, main(1001, "new"): "---\nStatus: Draft\n---\n# X\n"}),
        ],
    )

    assert periods(only(tmp_path)) == [("Draft", 1, None)]


def test_a_folder_of_proposals_that_moved_keeps_its_histories(tmp_path):
    def at(folder: str, status: str) -> dict[str, str]:
        return {f"{folder}/BEP-{one}-relay.md": text(status, number=one) for one in (1001, 1002)}

    gone = dict.fromkeys(at("rfcs", ""), None)
    write(
        tmp_path,
        [
            Commit(1, {**at("rfcs", "Draft"), "README.md": "x"}),
            Commit(5, {**gone, **at("docs/beps", "Draft")}),
            Commit(9, {**dict.fromkeys(at("docs/beps", "")), **at("proposals", "Accepted")}),
        ],
    )

    assert [periods(one) for one in histories(tmp_path).values()] == [
        [("Draft", 1, 9), ("Accepted", 9, None)]
    ] * 2


def test_one_file_that_becomes_segments_keeps_its_history_and_changes_with_them(tmp_path):
    write(
        tmp_path,
        [
            Commit(1, {main(1001): text("Draft", more="x\n" * 200)}),
            Commit(10, {main(1001): text("Draft"), "proposals/BEP-1001/api.md": "x\n" * 200}),
            Commit(20, {"proposals/BEP-1001/api.md": "y\n"}),
            Commit(30, {"proposals/BEP-10/api.md": "y\n", "proposals/README.md": "y\n"}),
        ],
    )
    found = only(tmp_path)

    assert periods(found) == [("Draft", 1, None)]
    assert found.changed == day(20)


def test_a_copy_begins_with_itself(tmp_path):
    write(
        tmp_path,
        [
            Commit(1, {main(1001): text("Accepted")}),
            Commit(10, {main(1002): text("Draft")}),
        ],
    )

    assert periods(histories(tmp_path)[main(1002)]) == [("Draft", 10, None)]


def test_a_document_that_was_removed_for_a_while_has_a_gap(tmp_path):
    write(
        tmp_path,
        [
            Commit(1, {main(1001): text("Draft"), "README.md": "x"}),
            Commit(10, {main(1001): None}),
            Commit(30, {main(1001): text("Draft")}),
        ],
    )
    found = only(tmp_path)

    assert periods(found) == [("Draft", 1, 10), ("Draft", 30, None)]
    assert found.days(day(NOW)) == {"Draft": 79}


# --- Branches and merges ------------------------------------------------------------------------


def test_a_draft_counts_from_its_first_commit_on_its_branch(tmp_path):
    write(
        tmp_path,
        [
            Commit(0, {main(1001): text("Draft")}),
            Commit(3, {main(1002): text("Draft")}, "side"),
            Commit(5, {main(1001): text("Accepted")}),
            Commit(20, {main(1002): text("Draft")}, merges="side"),
        ],
    )
    found = histories(tmp_path)

    assert periods(found[main(1001)]) == [("Draft", 0, 5), ("Accepted", 5, None)]
    assert periods(found[main(1002)]) == [("Draft", 3, None)]
    assert found[main(1002)].changed == day(3)


@pytest.mark.parametrize("branch", ["main", "side"])
def test_a_status_counts_from_the_side_that_gave_it_where_both_sides_wrote(tmp_path, branch):
    other = {"main": "side", "side": "main"}[branch]
    write(
        tmp_path,
        [
            Commit(0, {main(1001): text("Draft")}),
            Commit(1, {"README.md": "side"}, "side"),
            Commit(5, {main(1001): text("Accepted")}, branch),
            Commit(8, {main(1001): text("Draft", more="More.\n")}, other),
            Commit(10, {main(1001): text("Accepted", more="More.\n")}, merges="side"),
        ],
    )
    found = only(tmp_path)

    assert periods(found) == [("Draft", 0, 5), ("Accepted", 5, None)]
    assert found.changed == day(10)


def test_what_a_merge_left_out_has_not_happened(tmp_path):
    write(
        tmp_path,
        [
            Commit(0, {main(1001): text("Draft")}),
            Commit(1, {"README.md": "side"}, "side"),
            Commit(5, {main(1001): text("Rejected")}, "side"),
            Commit(6, {main(1001): text("Accepted")}),
            Commit(7, {main(1001): text("Accepted")}, merges="side"),
        ],
    )

    assert periods(only(tmp_path)) == [("Draft", 0, 6), ("Accepted", 6, None)]


def test_a_status_that_only_the_merge_has_counts_from_the_merge(tmp_path):
    write(
        tmp_path,
        [
            Commit(0, {main(1001): text("Draft")}),
            Commit(1, {main(1001): text("Draft", more="Side.\n")}, "side"),
            Commit(6, {main(1001): text("Draft", more="Main.\n")}),
            Commit(7, {main(1001): text("Accepted", more="Both.\n")}, merges="side"),
        ],
    )

    assert periods(only(tmp_path)) == [("Draft", 0, 7), ("Accepted", 7, None)]


def test_a_document_that_one_side_renamed_while_the_other_wrote_is_followed(tmp_path):
    new = main(1001, "renamed")
    write(
        tmp_path,
        [
            Commit(0, {main(1001): text("Draft")}),
            Commit(2, {main(1001): None, new: text("Draft")}, "side"),
            Commit(6, {main(1001): text("Accepted")}),
            Commit(7, {main(1001): None, new: text("Accepted")}, merges="side"),
        ],
    )

    assert periods(only(tmp_path)) == [("Draft", 0, 6), ("Accepted", 6, None)]


@pytest.mark.parametrize("merges", [1, 2, 3])
def test_merges_of_branches_while_main_changed_no_proposal(tmp_path, merges):
    commits = [Commit(0, {main(1000): text("Draft", number=1000)})]
    for number in range(1001, 1001 + merges):
        files = {main(number): text("Draft", number=number)}
        commits += [
            Commit(number - 1000, files, f"side-{number}"),
            Commit(number - 1000 + 0.1, {"README.md": str(number)}),
            Commit(number - 1000 + 0.5, files, merges=f"side-{number}"),
        ]
    write(tmp_path, commits)

    found = histories(tmp_path)

    assert {path: in_days(one.created) for path, one in found.items()} == {
        main(number): number - 1000 for number in range(1000, 1001 + merges)
    }


def test_what_another_branch_has_is_found_in_its_history(tmp_path):
    part = "proposals/BEP-1001/api.md"
    write(
        tmp_path,
        [
            Commit(0, {main(1001): text("Draft")}),
            Commit(2, {main(1002): text("Draft")}, "side"),
            Commit(4, {main(1001): text("Accepted"), part: "x"}, "side"),
            Commit(6, {main(1002): text("Accepted")}, "side"),
            Commit(7, {"README.md": "x"}),
        ],
    )
    there = repository.find(tmp_path)
    tip = run_git(tmp_path, "rev-parse", "side")
    wanted = [Place("", main(1001)), *(Place(tip, main(number)) for number in (1001, 1002, 1003))]
    found = history.of_places(there, wanted, day(NOW))

    assert {one: periods(each) for one, each in found.items()} == {
        Place("", main(1001)): [("Draft", 0, None)],
        Place(tip, main(1001)): [("Draft", 0, 4), ("Accepted", 4, None)],
        Place(tip, main(1002)): [("Draft", 2, 6), ("Accepted", 6, None)],
    }
    assert found[Place("", main(1001))].changed == day(0)
    assert found[Place(tip, main(1001))].changed == day(4)


# --- What Git does not know ---------------------------------------------------------------------


def test_what_is_not_committed_is_of_now(tmp_path):
    write(tmp_path, [Commit(1, {main(1001): text("Draft"), main(1002): text("Draft")})])
    (tmp_path / main(1001)).write_text(text("Accepted"))
    (tmp_path / main(1003)).write_text(text("Draft"))
    (tmp_path / "proposals/BEP-1002").mkdir()
    (tmp_path / "proposals/BEP-1002/api.md").write_text("new\n")
    found = histories(tmp_path)

    assert periods(found[main(1001)]) == [("Draft", 1, NOW), ("Accepted", NOW, None)]
    assert periods(found[main(1003)]) == [("Draft", NOW, None)]
    assert found[main(1002)].created == day(1)
    assert [one.changed for one in found.values()] == [day(NOW)] * 3


@pytest.mark.parametrize("is_staged", [True, False])
def test_a_rename_that_is_not_committed_is_followed(tmp_path, is_staged):
    write(tmp_path, [Commit(1, {main(1001): text("Draft")})])
    (tmp_path / main(1001)).rename(tmp_path / main(1001, "renamed"))
    if is_staged:
        run_git(tmp_path, "add", "--all")

    assert periods(only(tmp_path)) == [("Draft", 1, None)]


def test_a_repository_without_commits_has_proposals_of_now(tmp_path):
    run_git(tmp_path, "init", "--quiet")
    (tmp_path / "proposals").mkdir()
    (tmp_path / main(1001)).write_text(text("Draft"))

    for _ in range(2):
        assert periods(only(tmp_path)) == [("Draft", NOW, None)]
        run_git(tmp_path, "add", "--all")


def test_a_repository_without_proposals_has_no_histories(tmp_path):
    write(tmp_path, [Commit(1, {"README.md": "x"})])

    assert histories(tmp_path) == {}


def test_a_document_that_git_ignores_is_of_now(tmp_path):
    write(tmp_path, [Commit(1, {".gitignore": "proposals/\n"})])
    (tmp_path / "proposals").mkdir()
    (tmp_path / main(1001)).write_text(text("Draft"))

    assert periods(only(tmp_path)) == [("Draft", NOW, None)]


def test_a_shallow_clone_says_since_at_least(tmp_path):
    source = write(
        tmp_path / "source",
        [
            Commit(1, {main(1001): text("Draft")}),
            Commit(5, {main(1001): text("Draft", more="More.\n")}),
            Commit(9, {main(1002): text("Draft")}),
        ],
    )
    run_git(tmp_path, "clone", "--quiet", "--depth=2", source.as_uri(), "clone")
    found = histories(tmp_path / "clone")

    assert periods(found[main(1001)]) == [("Draft", 5, None)]
    assert found[main(1001)].is_since_at_least
    assert not found[main(1002)].is_since_at_least


def test_a_partial_clone_asks_its_remote_for_nothing(tmp_path):
    source = write(
        tmp_path / "source",
        [
            Commit(1, {main(1001): text("Draft")}),
            Commit(5, {main(1001): None, main(1001, "new"): text("Accepted")}),
        ],
    )
    run_git(source, "config", "uploadpack.allowFilter", "true")
    clone = ("clone", "--quiet", "--filter=blob:none", source.as_uri(), "clone")
    run_git(tmp_path, *clone)
    source.rename(tmp_path / "away")
    found = only(tmp_path / "clone")

    # The status that it had before cannot be read.
    assert periods(found) == [("Accepted", 1, None)]
    assert found.is_since_at_least


def test_a_clone_without_folders_says_what_brings_them(tmp_path):
    commits = [Commit(at, {main(1001): text("Draft", more=str(at))}) for at in (1, 5)]
    source = write(tmp_path / "source", commits)
    run_git(source, "config", "uploadpack.allowFilter", "true")
    run_git(tmp_path, "clone", "--quiet", "--filter=tree:0", source.as_uri(), "clone")

    with pytest.raises(BepError) as caught:
        only(tmp_path / "clone")
    assert caught.value.remedy == "`git log --raw -- proposals` fetches what this clone left out"

    run_git(tmp_path / "clone", "log", "--raw", "--", "proposals")
    assert periods(only(tmp_path / "clone")) == [("Draft", 1, None)]


def test_settings_of_the_user_change_nothing(tmp_path):
    write(
        tmp_path,
        [
            Commit(1, {main(1001): text("Draft")}),
            Commit(5, {main(1001): None, main(1001, "new"): text("Accepted")}),
        ],
    )
    usual = only(tmp_path)
    for setting in (
        "log.showRoot=false",
        "log.follow=true",
        "log.diffMerges=off",
        "log.showSignature=true",
        "log.decorate=full",
        "diff.renames=false",
        "diff.renameLimit=1",
        "diff.relative=true",
        "diff.noprefix=true",
        "core.quotePath=true",
        "diff.ignoreSubmodules=all",
        "diff.external=false",
    ):
        run_git(tmp_path, "config", *setting.split("="))

    assert only(tmp_path) == usual
    assert periods(usual) == [("Draft", 1, 5), ("Accepted", 5, None)]


def test_a_broken_history_is_one_line(tmp_path):
    write(tmp_path, [Commit(1, {main(1001): text("Draft")}), Commit(2, {"a": "b"})])
    oldest = run_git(tmp_path, "rev-list", "--max-parents=0", "HEAD")
    # So few objects are not packed.
    (tmp_path / ".git/objects" / oldest[:2] / oldest[2:]).unlink()

    with pytest.raises(BepError, match="Git cannot read the history") as caught:
        histories(tmp_path)
    assert "\n" not in str(caught.value)


# --- Day for day --------------------------------------------------------------------------------


class Model:
    """What is known of a generated history, without Git: for each proposal a status each day."""

    def __init__(self, seed: int) -> None:
        self.chosen = random.Random(seed)
        self.commits: list[Commit] = []
        self.days: dict[int, dict[int, str]] = {}
        self.slugs: dict[int, str] = {}
        self.first: dict[int, int] = {}
        self.changed: dict[int, int] = {}
        self.next = 1001

    def step(self, at: int) -> None:
        """One day: perhaps a new proposal, another status, name, number or text, or nothing."""
        files: dict[str, str | bytes | None] = {}
        action = self.chosen.choice(["new", "status", "status", "rename", "renumber", "text", ""])
        if action == "new" or not self.days:
            number, self.next = self.next, self.next + 1
            self.days[number], self.slugs[number] = {at: "Draft"}, "relay"
            self.first[number] = number
            self.put(files, number, at)
        elif action:
            number = self.chosen.choice(sorted(self.days))
            said = list(self.days[number].values())[-1]
            if action == "status":
                said = self.chosen.choice(["Draft", "Accepted", "Implemented", "Rejected"])
            self.days[number][at] = said
            if action in ("rename", "renumber"):
                files[main(number, self.slugs[number])] = None
            if action == "rename":
                self.slugs[number] = f"relay-{at}"
            elif action == "renumber":
                self.days[self.next] = self.days.pop(number)
                self.slugs[self.next] = self.slugs.pop(number)
                self.first[self.next] = self.first.pop(number)
                number, self.next = self.next, self.next + 1
            self.put(files, number, at)
        else:
            files["src/other.py"] = f"# {at}\n"
        self.commits.append(Commit(at, files))

    def put(self, files: dict[str, str | bytes | None], number: int, at: int) -> None:
        said = list(self.days[number].values())[-1]
        path = main(number, self.slugs[number])
        files[path] = text(said, number=self.first[number], more=f"Day {at}.\n")
        self.changed[number] = at

    def status_on(self, number: int, at: int) -> str | None:
        known = [said for since, said in self.days[number].items() if since <= at]
        return known[-1] if known else None


def test_every_day_of_a_generated_history_has_its_status(tmp_path):
    model = Model(seed=19)
    for at in range(300):
        model.step(at)
    write(tmp_path, model.commits)
    found = histories(tmp_path, now=300)

    assert len(found) == len(model.days) > 30
    for number, slug in model.slugs.items():
        one = found[main(number, slug)]
        assert (one.created, one.changed) == (
            day(min(model.days[number])),
            day(model.changed[number]),
        )
        for at in range(300):
            noon = day(at + 0.5)
            there = [
                each.status
                for each in one.periods
                if each.since <= noon and (each.until is None or noon < each.until)
            ]
            expected = model.status_on(number, at)
            assert there == ([expected] if expected else []), (number, at)
        assert sum(one.days(day(300)).values()) == 300 - min(model.days[number])


# --- Real proposals -----------------------------------------------------------------------------


def test_the_real_proposals(tmp_path):
    """Each is a draft for 200 days, then what it is; parts come last. A golden file has the days.

    `UPDATE_GOLDEN=1` writes it anew.
    """
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    files = {
        path.relative_to(CORPUS).as_posix(): path.read_bytes()
        for path in sorted((CORPUS / "proposals").rglob("*.md"))
    }
    mains = {path: content for path, content in files.items() if path.count("/") == 1}
    drafts = {
        path: re.sub(rb"^Status:.*$", b"Status: Draft", content, count=1, flags=re.MULTILINE)
        for path, content in mains.items()
    }
    commits = [
        *(Commit(at, {path: content}) for at, (path, content) in enumerate(drafts.items())),
        *(Commit(200 + at, {path: content}) for at, (path, content) in enumerate(mains.items())),
        Commit(300, {path: content for path, content in files.items() if path not in mains}),
    ]
    there = repository.find(write(tmp_path, commits))
    found = of_proposals(there, day(400))
    documents = [(there.document(tmp_path / path), one) for path, one in found.items()]
    lines = [
        f"{path.split('-')[1]}: created {in_days(one.created):g}, changed {in_days(one.changed):g};"
        f" {', '.join(f'{status} {days}' for status, days in one.days(day(400)).items())};"
        f" questions {' '.join(f'{each.days(day(400))}' for each in asked) or 'none'}\n"
        for (path, one), asked in zip(found.items(), history.asked(there, documents), strict=True)
    ]

    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text("".join(lines))
    assert "".join(lines) == GOLDEN.read_text()


# --- Open questions -----------------------------------------------------------------------------


def questions(*lines: str) -> str:
    return "\n## Open Questions\n\n" + "".join(f"{line}\n" for line in lines)


def question_days(folder: Path) -> list[float]:
    there = repository.find(folder)
    ((path, found),) = of_proposals(there, day(NOW)).items()
    (found_ones,) = history.asked(there, [(there.document(folder / path), found)])
    return [in_days(one.since) for one in found_ones]


def test_a_question_is_as_old_as_its_line(tmp_path):
    write(
        tmp_path,
        [
            Commit(1, {main(1001): text("Draft", more=questions("1. First?", "2. Which cache?"))}),
            Commit(5, {main(1001): text("Draft", more=questions("1. Which cache?", "2. New?"))}),
            Commit(
                9, {main(1001): None, main(1002): text("Draft", more=questions("- Which cache?"))}
            ),
        ],
    )
    path = tmp_path / main(1002)
    path.write_text(text("Draft", more=questions("- Newer?", "- Which cache?")))

    assert question_days(tmp_path) == [NOW, 1]


def test_a_question_that_came_back_is_new(tmp_path):
    with_it, without = questions("- Which?", "- Old?"), questions("- Old?")
    texts = [with_it, without, with_it]
    write(
        tmp_path,
        [Commit(at, {main(1001): text("Draft", more=one)}) for at, one in enumerate(texts)],
    )

    assert question_days(tmp_path) == [2, 0]


def test_questions_of_a_document_that_git_does_not_know_are_of_now(tmp_path):
    write(tmp_path, [Commit(1, {"README.md": "x"})])
    (tmp_path / "proposals").mkdir()
    (tmp_path / main(1001)).write_text(text("Draft", more=questions("- Which?")))

    assert question_days(tmp_path) == [NOW]
