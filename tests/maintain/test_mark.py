"""`bep mark`: the status lifecycle, in the document and in the registry together."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from tests import schemas
from tests.conftest import PAGE, run_git, state

STATUSES = ["Draft", "Accepted", "Implemented", "Rejected", "Superseded"]
MAIN = "proposals/BEP-1002-quota-ledger.md"
ROW = "| [1002](BEP-1002-quota-ledger.md) | Quota Ledger | Grace Hopper | {} |\n"

# The way out of each transition that the lifecycle doesn't have.
REOPEN = "make it Draft first: `bep mark 1002 draft`"
REPLACE = "from there, only `bep mark 1002 superseded --by M` leads on"
CANCEL = "make it Rejected first: `bep mark 1002 rejected --reason R`"
ANEW = "begin a new proposal with `bep new`"
NO_WAY = {
    ("Accepted", "Draft"): CANCEL,
    ("Implemented", "Draft"): REPLACE,
    ("Implemented", "Accepted"): REPLACE,
    ("Implemented", "Rejected"): REPLACE,
    ("Rejected", "Accepted"): REOPEN,
    ("Rejected", "Implemented"): REOPEN,
    ("Rejected", "Superseded"): REOPEN,
    ("Superseded", "Draft"): ANEW,
    ("Superseded", "Accepted"): ANEW,
    ("Superseded", "Implemented"): ANEW,
    ("Superseded", "Rejected"): ANEW,
}
OPTIONS = {
    "Draft": [],
    "Accepted": ["--target-version", "26.9.0"],
    "Implemented": ["--version", "26.9.1"],
    "Rejected": ["--reason", "Too dear"],
    "Superseded": ["--by", "1001"],
}


def today() -> str:
    return dt.datetime.now().astimezone().date().isoformat()


def front(status: str, more: str = "") -> str:
    """The metadata of the proposal; `more` are lines behind its status."""
    return (
        f"---\n# Author: written by hand\nAuthor: Grace B. Hopper (grace@example.com)\n"
        f"Status: {status} # as of now\n{more}Created:\nCreated-Version:\nTarget-Version:\n"
        "# filled when implemented\nImplemented-Version:\n---\n"
    )


BODY = "\n# Quota Ledger  \n\n## Motivation\n\nQuotas are counted twice.\udcff\n"
LOG = "\n## Decision Log\n\n| Date | Decision | Rationale |\n|------|----------|-----------|\n"


def write(repository: Path, status: str, text: str | None = None) -> None:
    """Give the proposal a status, in the document and in its row."""
    text = front(status) + BODY if text is None else text
    (repository / MAIN).write_bytes(text.encode("utf-8", "surrogateescape"))
    page = repository / PAGE
    page.write_text(re.sub(r"(\| Grace Hopper \|) \w+ ", rf"\1 {status} ", page.read_text()))


def main_of(repository: Path) -> str:
    return (repository / MAIN).read_bytes().decode("utf-8", "surrogateescape")


# --- The transitions ----------------------------------------------------------------------------


def marked(before: str, after: str) -> str:
    """The document after the transition, written out."""
    head = front(after)
    if after in ("Accepted", "Implemented"):
        target = "26.9.0" if after == "Accepted" else "26.9.1"
        head = head.replace("Target-Version:", f"Target-Version: {target}")
    if after == "Implemented":
        head = head.replace("Implemented-Version:", "Implemented-Version: 26.9.1")
    if after == "Superseded":
        head = front(after, "Superseded-By: BEP-1001\n")
    told = "Proposal rejected" if before == "Draft" else "Implementation cancelled"
    log = f"{LOG}| {today()} | {told} | Too dear |\n" if after == "Rejected" else ""
    return head + BODY + log


@pytest.mark.parametrize("after", STATUSES)
@pytest.mark.parametrize("before", STATUSES)
def test_each_pair_is_a_transition_or_refused_with_the_way_out(repository, call, before, after):
    write(repository, before)
    there = state(repository)

    code, out, err = call(repository, "mark", "1002", after.upper(), *OPTIONS[after])

    way_out = NO_WAY.get((before, after))
    if before == after:
        # Options that would change the document are refused, and nothing is changed.
        differs = after in ("Accepted", "Implemented", "Superseded")
        assert code == int(differs)
        assert f"already {after}" in err + out
        assert ("is empty; change it in the metadata" in err) == differs
        assert state(repository) == there
    elif way_out is None:
        assert code == 0
        assert err.startswith("Next: `bep ") or not err
        assert out.startswith(f"BEP-1002 is now {after}, it was {before}")
        assert main_of(repository) == marked(before, after)
        assert ROW.format(after) in (repository / PAGE).read_text()
        changed = run_git(repository, "diff", "--numstat", PAGE).split()
        assert changed[:2] == ([] if after == "Draft" else ["1", "1"])
    else:
        problem = f"there is no transition from {before} to {after}"
        assert (code, out, err) == (1, "", f"bep: {MAIN}:4: {problem}; {way_out}\n")
        assert state(repository) == there


def test_what_a_transition_requires(repository, call):
    for before, after, required in (
        ("Draft", "accepted", "Accepted needs Target-Version; give --target-version V"),
        ("Accepted", "implemented", "Implemented needs Target-Version; give --target-version V"),
        ("Draft", "implemented", "Implemented needs Target-Version; give --target-version V"),
        ("Draft", "rejected", "Rejected needs a reason; give --reason R"),
        ("Accepted", "rejected", "Rejected needs a reason; give --reason R"),
        ("Draft", "superseded", "Superseded needs Superseded-By; give --by M"),
    ):
        write(repository, before)
        there = state(repository)

        got = call(repository, "mark", "1002", after)

        assert got == (1, "", f"bep: {MAIN}:4: {required}\n")
        assert state(repository) == there


def test_what_the_document_says_already_is_enough(repository, call):
    text = (front("Draft") + BODY).replace("Target-Version:", "Target-Version: 26.7.0")
    write(repository, "Draft", text)

    assert call(repository, "mark", "1002", "accepted")[0] == 0
    assert main_of(repository) == text.replace("Draft", "Accepted")

    got = call(repository, "mark", "1002", "implemented")
    assert got[2] == f"bep: {MAIN}:4: Implemented needs Implemented-Version; give --version V\n"

    code, out, _ = call(repository, "mark", "1002", "implemented", "--version", "26.8.0")
    assert (code, out) == (0, "BEP-1002 is now Implemented, it was Accepted.\n")
    assert main_of(repository) == text.replace("Draft", "Implemented").replace(
        "Implemented-Version:", "Implemented-Version: 26.8.0"
    )


def test_both_steps_at_once_say_what_became_of_the_target(repository, call):
    write(repository, "Draft")

    code, out, _ = call(repository, "mark", "1002", "implemented", "--version", "26.8.0")

    assert (code, out) == (
        0,
        "BEP-1002 is now Implemented, it was Draft; the empty Target-Version became 26.8.0.\n",
    )


def test_a_version_that_is_replaced_is_told(repository, call):
    write(repository, "Draft", front("Draft").replace("Target-Version:", "Target-Version: soon"))

    got = call(repository, "mark", "1002", "accepted")
    assert (got[0], got[2].split(": ")[1:3]) == (
        1,
        [f"{MAIN}:7", "Target-Version 'soon' is not a version"],
    )

    code, out, _ = call(repository, "mark", "1002", "accepted", "--target-version", "26.9.0")
    assert (code, out) == (0, "BEP-1002 is now Accepted, it was Draft; Target-Version was soon.\n")


def test_a_missing_key_is_added_at_its_place(repository, call):
    write(repository, "Draft", "---\r\nStatus: Draft\r\n# end\r\n---\r\n# T")

    code, _, err = call(repository, "mark", "1002", "implemented", "--version", "26.8.0")

    assert code == 0
    assert err.startswith("Next: `bep ") or not err
    assert main_of(repository) == (
        "---\r\nStatus: Implemented\r\nTarget-Version: 26.8.0\r\nImplemented-Version: 26.8.0\r\n"
        "# end\r\n---\r\n# T"
    )


# --- Reasons and open questions -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "row"),
    [
        (LOG, "| {} | Proposal rejected | a \\| b |"),
        (
            "\n## Decision Summary\n\n| Decision | Content |\n|---|---|\n",
            "| Proposal rejected | a \\| b |",
        ),
        (
            "\n## Decision Log\n\n|Why|Date|Decision|By|\n|---|---|---|---|\n",
            "| a \\| b | {} | Proposal rejected | |",
        ),
    ],
)
def test_the_reason_of_a_rejection_is_a_row_of_the_log_that_is_there(repository, call, log, row):
    write(repository, "Draft", front("Draft") + BODY + log)

    code, out, _ = call(repository, "mark", "1002", "rejected", "--reason", " a | b ")

    assert (code, out) == (
        0,
        "BEP-1002 is now Rejected, it was Draft; the Decision Log says 'Proposal rejected'.\n",
    )
    assert main_of(repository) == front("Rejected") + BODY + log + row.format(today()) + "\n"


QUESTIONS = "\n## Open Questions\n\n- Which **cache**?\n- ~~Old~~\n- How `many`?\n"


@pytest.mark.parametrize("step", [["accepted", "--target-version"], ["implemented", "--version"]])
def test_acceptance_with_open_questions_is_refused_or_recorded(repository, call, step):
    write(repository, "Draft", front("Draft") + BODY + LOG + QUESTIONS)
    there = state(repository)
    arguments = ["mark", "1002", *step, "26.9.0"]

    assert call(repository, *arguments) == (
        1,
        "",
        (
            f"bep: {MAIN}:25: 2 open questions are left, the first is 'Which cache?';"
            " settle them with `bep decide`, or give --despite-open-questions\n"
        ),
    )
    assert state(repository) == there

    code, _, _ = call(repository, *arguments, "--despite-open-questions")
    assert code == 0
    row = f"| {today()} | Accepted with 2 open questions | Still open: Which cache?; How many? |\n"
    assert main_of(repository).endswith(BODY + LOG + row + QUESTIONS)


def test_the_reason_of_such_an_acceptance_can_be_given(repository, call):
    write(
        repository, "Draft", front("Draft") + BODY + LOG + QUESTIONS.replace("- How `many`?\n", "")
    )
    arguments = ["mark", "1002", "accepted", "--target-version", "26.9.0", "--reason", "Can wait"]

    assert call(repository, *arguments)[0] == 2
    assert call(repository, *arguments, "--despite-open-questions")[0] == 0

    assert f"| {today()} | Accepted with 1 open question | Can wait |\n" in main_of(repository)


def test_without_open_questions_nothing_is_recorded(repository, call):
    write(repository, "Draft", front("Draft") + BODY + LOG + "\n## Open Questions\n\nNone.\n")

    code, out, _ = call(
        repository,
        "mark",
        "1002",
        "accepted",
        "--target-version",
        "26.9.0",
        "--despite-open-questions",
    )

    assert (code, out) == (0, "BEP-1002 is now Accepted, it was Draft.\n")
    assert main_of(repository).endswith(BODY + LOG + "\n## Open Questions\n\nNone.\n")


def test_questions_that_are_left_at_the_end_are_told(repository, call):
    text = front("Accepted").replace("Target-Version:", "Target-Version: 26.7.0")
    write(repository, "Accepted", text + BODY + QUESTIONS)

    code, out, _ = call(repository, "mark", "1002", "implemented", "--version", "26.8.0")

    assert code == 0
    assert out == "BEP-1002 is now Implemented, it was Accepted; 2 open questions are left.\n"
    assert main_of(repository).endswith(BODY + QUESTIONS)


def test_a_reason_that_nobody_could_read_is_refused(repository, call):
    write(repository, "Draft", front("Draft") + BODY + "\n```\nnever closed\n")
    there = state(repository)

    code, out, err = call(repository, "mark", "1002", "rejected", "--reason", "R")

    assert (code, out) == (1, "")
    assert err.startswith(
        f"bep: {MAIN}:4: the reason would not be read as a row of the Decision Log;"
    )
    assert state(repository) == there


# --- Which proposals ----------------------------------------------------------------------------


def other(repository: Path, number: int, status: str) -> Path:
    path = repository / f"proposals/BEP-{number}-other.md"
    path.write_text(
        f"---\nAuthor: Ada (a@example.com)\nStatus: {status}\n---\n\n# Other {number}\n"
    )
    return path


def test_several_proposals_change_together(repository, call):
    write(repository, "Draft")
    other(repository, 1010, "Draft")
    other(repository, 1012, "Accepted")

    code, out, err = call(
        repository, "mark", "1002,1010-1019,BEP-1010", "implemented", "--version", "26.8.0"
    )

    assert (code, err) == (0, "")
    assert [line.split(";")[0] for line in out.splitlines()] == [
        "BEP-1002 is now Implemented, it was Draft",
        "BEP-1010 is now Implemented, it was Draft",
        "BEP-1012 is now Implemented, it was Accepted",
    ]
    page = (repository / PAGE).read_text()
    assert ROW.format("Implemented") in page
    for number in (1010, 1012):
        link = f"[{number}](BEP-{number}-other.md)"
        assert f"\n| {link} | Other {number} | Ada | Implemented |\n" in page


def test_one_that_is_refused_holds_all_back_and_each_is_told(repository, call):
    write(repository, "Draft")
    other(repository, 1010, "Rejected")
    other(repository, 1011, "Maybe")
    other(repository, 1012, "")
    there = state(repository)

    code, out, err = call(
        repository, "mark", "1002,1010-1012", "implemented", "--version", "26.8.0"
    )

    assert (code, out) == (1, "")
    assert err.splitlines() == [
        (
            "bep: proposals/BEP-1010-other.md:3: there is no transition from Rejected to"
            " Implemented; make it Draft first: `bep mark 1010 draft`"
        ),
        (
            "bep: proposals/BEP-1011-other.md:3: the status 'Maybe' is unknown; write one of Draft,"
            " Accepted, Implemented, Rejected, Superseded"
        ),
        (
            "bep: proposals/BEP-1012-other.md:3: there is no status; write `Status: Draft` into the"
            " metadata"
        ),
    ]
    assert state(repository) == there


def test_the_branch_says_which_proposal_is_meant(repository, call):
    assert call(repository, "mark", "rejected", "--reason", "R") == (
        2,
        "",
        (
            "bep: it is not clear which proposal is meant, and main does not name one; give its"
            " number, or switch to its branch\n"
        ),
    )
    run_git(repository, "switch", "--quiet", "--create", "bep/1002-quota-ledger")

    assert call(repository, "mark", "rejected", "--reason", "R")[0] == 0
    assert call(repository, "mark", "--status", "draft")[0] == 0
    assert "\nStatus: Draft\n" in main_of(repository)


def test_of_two_documents_with_one_number_the_path_says_which(repository, call):
    second = other(repository, 1002, "Draft")

    code, _, err = call(repository, "mark", "1002", "rejected", "--reason", "R")
    assert (code, err) == (
        1,
        (
            "bep: proposals/BEP-1002-other.md: the number 1002 has two documents, this one and"
            f" {MAIN}; name the one that is meant by its path\n"
        ),
    )
    page, first = (repository / PAGE).read_bytes(), main_of(repository)

    place = str(second.relative_to(repository))
    assert call(repository, "mark", place, "rejected", "--reason", "R")[0] == 0

    assert "\nStatus: Rejected\n" in second.read_text()
    assert ((repository / PAGE).read_bytes(), main_of(repository)) == (page, first)


def test_the_successor_is_a_known_proposal_and_another_one(repository, call):
    for by, message, code in (
        ("4711", "there is no proposal 4711; `bep list` shows all numbers", 2),
        ("x", "'x' is not a proposal; write 1046, BEP-1046 or a path of the proposal", 2),
        ("1002", f"{MAIN}: BEP-1002 cannot replace itself; give another number", 1),
    ):
        assert call(repository, "mark", "1002", "superseded", "--by", by) == (
            code,
            "",
            f"bep: {message}\n",
        )
    assert call(repository, "mark", "1002", "superseded", "--by", "BEP-1005")[0] == 0
    assert "\nStatus: Superseded\nSuperseded-By: BEP-1005\n" in main_of(repository)


# --- Calls and documents that are wrong ---------------------------------------------------------


GIVEN = f"STATUS: {', '.join(STATUSES).lower()}"
KNOWN = f"use one of {', '.join(STATUSES)}"
NO_VERSION = "is not a version: a version has the form YY.Sprint.Patch, as in 26.8.0; correct it"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["1002"],
            f"mark needs STATUS; write `bep mark [NUMBER...] STATUS`; {GIVEN}",
        ),
        (["accept"], f"unknown status 'accept'; did you mean 'Accepted'? {KNOWN}"),
        (["accepted", "1002"], "the number '1002' comes first; write `bep mark 1002 accepted`"),
        (["1002", "done"], f"unknown status 'done'; {KNOWN}"),
        (["1002", "accepted", "--target-version", "9"], f"--target-version '9' {NO_VERSION}"),
        (["1002", "implemented", "--version", "26.08.0"], f"--version '26.08.0' {NO_VERSION}"),
        (
            ["1002", "accepted", "--version", "26.8.0"],
            "--version cannot be given with Accepted; leave it out",
        ),
        (["1002", "draft", "--reason", "R"], "--reason cannot be given with Draft; leave it out"),
        (
            ["1002", "rejected", "--despite-open-questions"],
            "--despite-open-questions cannot be given with Rejected; leave it out",
        ),
        (["1002", "accepted", "--by", "1001"], "--by cannot be given with Accepted; leave it out"),
        (
            ["1002", "rejected", "--reason", "a\nb"],
            (
                "reason 'a\\nb' has the control character U+000A; one line of text; write it on"
                " one line"
            ),
        ),
        (["1002", "rejected", "--reason", " "], "the reason is empty; give it with --reason"),
        (
            ["1005", "rejected", "--reason", "R"],
            "the number 1005 has no document; `bep list` shows all numbers and documents",
        ),
        (["1050-1059", "draft"], "there is no proposal 1050-1059; `bep list` shows all numbers"),
        ([" , ", "draft"], "' , ' names no proposal; write 1046, BEP-1046 or a path of it"),
        (["x", "draft"], "'x' is not a proposal; write 1046, BEP-1046 or a path of the proposal"),
    ],
)
def test_a_wrong_call_is_refused_in_one_line(repository, call, arguments, message):
    there = state(repository)

    assert call(repository, "mark", *arguments) == (2, "", f"bep: {message}\n")
    assert state(repository) == there


NO_STATUS = ":1: there is no status; write `Status: Draft` into the metadata"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", NO_STATUS),
        ("\n\x00\xff\n" * 9, ": is not text: NUL bytes in line 2; save it as UTF-8"),
        ("---\nStatus: Draft\n", NO_STATUS),
        (
            "---\nStatus: Draft\nStatus: Draft\n---\n",
            ":3: the key Status appears twice; remove one of the lines",
        ),
        (
            "---\nStatus: Draft\n  or so\n---\n",
            ":2: the value of Status continues below; write it on one line",
        ),
        (
            "---\nStatus: Draft\ntarget-version:\n---\n",
            ":3: the key target-version is not one of the guide's; write Target-Version",
        ),
    ],
)
def test_a_broken_document_is_refused_with_its_line(repository, call, text, message):
    write(repository, "Draft", text)
    there = state(repository)

    got = call(repository, "mark", "1002", "accepted", "--target-version", "26.9.0")

    assert got == (1, "", f"bep: {MAIN}{message}\n")
    assert state(repository) == there


def test_a_broken_registry_and_a_document_in_conflict_are_refused(repository, call):
    page = repository / PAGE
    page.write_text(page.read_text() + "\n<<<<<<< HEAD\n")
    there = state(repository)
    assert call(repository, "mark", "1002", "rejected", "--reason", "R")[0] == 1
    assert state(repository) == there
    run_git(repository, "checkout", "--quiet", PAGE)

    run_git(repository, "switch", "--quiet", "--create", "other")
    write(repository, "Draft", "theirs")
    run_git(repository, "commit", "--quiet", "--all", "--message=theirs")
    run_git(repository, "switch", "--quiet", "main")
    write(repository, "Draft", "ours")
    run_git(repository, "commit", "--quiet", "--all", "--message=ours")
    with pytest.raises(AssertionError):
        run_git(repository, "merge", "other")

    assert call(repository, "mark", "1002", "rejected", "--reason", "R") == (
        1,
        "",
        f"bep: {MAIN}: is in conflict after a merge; resolve it and `git add` it\n",
    )


def test_a_dry_run_shows_the_plan_and_changes_nothing(repository, call):
    write(repository, "Draft", front("Draft") + "\n# T")
    there = state(repository)

    code, out, err = call(repository, "mark", "1002", "rejected", "--reason", "R", "--dry-run")

    assert (code, err) == (
        0,
        (
            "BEP-1002 would become Rejected, it was Draft;"
            " the Decision Log says 'Proposal rejected'.\n"
        ),
    )
    assert state(repository) == there
    plan = repository / "plan"
    plan.write_text(out)
    run_git(repository, "apply", "plan")
    plan.unlink()
    planned = state(repository)
    run_git(repository, "checkout", "--quiet", PAGE)
    write(repository, "Draft", front("Draft") + "\n# T")
    call(repository, "mark", "1002", "rejected", "--reason", "R")
    assert state(repository) == planned


def test_json_says_what_changed_and_nothing_else(repository, call):
    write(repository, "Draft")

    code, out, err = call(
        repository, "mark", "1002", "implemented", "--version", "26.8.0", "--json"
    )

    assert (code, err) == (0, "")
    schemas.of("mark").validate(json.loads(out))
    assert json.loads(out) == [
        {
            "number": 1002,
            "main": MAIN,
            "from": "Draft",
            "to": "Implemented",
            "remarks": ["the empty Target-Version became 26.8.0"],
        }
    ]


def test_a_symbolic_link_and_a_directory_named_like_a_document(repository, call):
    (repository / "proposals/BEP-1010-folder.md").mkdir()
    assert call(repository, "mark", "1010", "rejected", "--reason", "R")[0] == 2
    real = other(repository, 1011, "Draft").rename(repository / "real.md")
    (repository / "proposals/BEP-1011-link.md").symlink_to("../real.md")

    assert call(repository, "mark", "1011", "rejected", "--reason", "R")[0] == 0

    assert "Status: Rejected" in real.read_text()
    assert (repository / "proposals/BEP-1011-link.md").is_symlink()


def test_a_missing_row_is_the_one_that_sync_writes(repository, call):
    page, main = repository / PAGE, repository / MAIN
    lines = page.read_text().splitlines(keepends=True)
    page.write_text("".join(line for line in lines if "Quota Ledger" not in line))
    main.write_text(main.read_text().replace("# Quota Ledger", "# BEP-1002: Quota *Ledger*"))
    assert "# BEP-1002: Quota *Ledger*" in main.read_text()

    assert call(repository, "mark", "1002", "rejected", "--reason", "Too dear")[0] == 0

    written = page.read_text()
    assert "[1002](BEP-1002-quota-ledger.md) | Quota Ledger | " in written
    call(repository, "sync", "1002")
    assert page.read_text() == written
