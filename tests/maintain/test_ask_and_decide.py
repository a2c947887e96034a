"""`bep ask` and `bep decide`: questions come, and leave for the Decision Log when answered."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.conftest import run_git, state

MAIN = "proposals/BEP-1002-quota-ledger.md"
HEAD = """---
Author: Grace B. Hopper (grace@example.com)
Status: Draft
---

<!-- context-for-ai
type: master-bep
key-decisions: []
phases: 2
-->

# Quota Ledger
"""
LOG = """
## 3. Decision Log

| Date | Decision | Rationale |
|------|----------|-----------|
| 2026-01-02 | One ledger | Two drift apart |
"""
QUESTIONS = """
## 4. Open Questions

1. **Which cache**
   - in memory?
   - on disk?
2. How many
   entries?
3. Who cleans up?
"""


def write(repository: Path, *parts: str) -> None:
    """Give the proposal a text; what is not UTF-8 may be among it."""
    text = "".join(parts)
    (repository / MAIN).write_bytes(text.encode("utf-8", "surrogateescape"))


def main_of(repository: Path) -> str:
    return (repository / MAIN).read_bytes().decode("utf-8", "surrogateescape")


def decide(question: str, *more: str) -> list[str]:
    return [
        *("decide", "1002", "--question", question, "--decision", "Use `a|b`"),
        *("--rationale", "It is **there**", *more),
    ]


# --- ask ----------------------------------------------------------------------------------------


def test_a_question_is_added_to_those_that_stand_there(repository, call):
    write(repository, HEAD, LOG, QUESTIONS, "\n## 5. References\n")

    got = call(repository, "ask", "1002", "--question", "  Is it | `fast`? ")

    assert got == (0, f"{MAIN}: this is open question 4.\n", "")
    new = "4. Is it | `fast`?\n"
    assert main_of(repository) == f"{HEAD}{LOG}{QUESTIONS}{new}\n## 5. References\n"


def test_the_branch_says_to_which_proposal_it_belongs(repository, call):
    run_git(repository, "switch", "--quiet", "--create", "bep/1002-quota-ledger")

    assert call(repository, "ask", "--question", "Is it fast?")[0] == 0

    assert main_of(repository).endswith("\n\n## Open Questions\n\n- Is it fast?\n")


@pytest.mark.parametrize("number", [[], ["1002"], [MAIN], ["--number", "1002"]])
def test_the_question_stands_behind_the_number_or_alone(repository, call, number):
    run_git(repository, "switch", "--quiet", "--create", "bep/1002-quota-ledger")
    write(repository, HEAD, LOG)
    reasons = ["--decision", "d", "--rationale", "r"]

    assert call(repository, "ask", *number, "Is it fast?")[0] == 0
    assert main_of(repository).endswith("\n- Is it fast?\n")
    assert call(repository, "decide", *number, "is it", *reasons)[0] == 0
    assert "Is it fast?" not in main_of(repository)


def test_on_its_branch_a_question_is_named_by_its_position_alone(repository, call):
    run_git(repository, "switch", "--quiet", "--create", "bep/1002-quota-ledger")
    write(repository, HEAD, LOG, QUESTIONS)
    reasons = ["--decision", "d", "--rationale", "r"]

    assert call(repository, "decide", "3", *reasons)[0] == 0

    assert "Who cleans up?" not in main_of(repository)
    code, _, err = call(repository, "decide", "2", "--question", "1", *reasons)
    assert (code, "the number 2 has no document" in err) == (2, True)


def test_a_number_alone_is_no_question(repository, call):
    code, out, err = call(repository, "ask", "1002")

    assert (code, out) == (2, "")
    assert err == "bep: ask needs QUESTION; write `bep ask [NUMBER] QUESTION`\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "2 the question is empty; give it with --question"),
        (" \t", "2 the question is empty; give it with --question"),
        ("a\nb", "2 question 'a\\nb' has the control character U+000A"),
        ("\u202eevil", "2 question '\\u202eevil' contains the direction override U+202E"),
        ("WHO cleans up?", "1 {}:27: this question is already open, as number 3"),
        ("None.", "1 {}:20: 'None.' would not be read as an open question there; rephrase it"),
        ("~~Old~~", "1 {}:20: '~~Old~~' would not be read as an open question there; rephrase it"),
    ],
)
def test_what_is_no_new_question_is_refused(repository, call, text, message):
    write(repository, HEAD, LOG, QUESTIONS)
    there = state(repository)

    code, out, err = call(repository, "ask", "1002", "--question", text)

    assert out == ""
    assert f"{code} {err}".startswith(message.format(MAIN).replace(" ", " bep: ", 1))
    assert err.count("\n") == 1
    assert state(repository) == there


def test_a_question_that_is_a_numbered_heading_is_open_already(repository, call):
    write(repository, HEAD, "\n## Open Questions\n\n### 1. Which cache?\n")
    assert call(repository, "ask", "1002", "--question", "Is it fast?")[0] == 0
    assert main_of(repository).endswith("\n### 2. Is it fast?\n")

    code, _, err = call(repository, "ask", "1002", "--question", "Is it fast?")

    assert (code, "this question is already open, as number 2" in err) == (1, True)


@pytest.mark.parametrize("opened", ["```\n", "<!-- \n", "    code\n\n<details\n"])
def test_a_question_inside_of_something_left_open_is_refused(repository, call, opened):
    write(repository, HEAD, "\n## Motivation\n\n", opened)
    there = state(repository)

    code, out, err = call(repository, "ask", "1002", "--question", "Is it?")

    if "<details" in opened:
        assert code == 0  # A blank line closes it.
        return
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"bep: {MAIN}: 'Is it?' would not be read as an open question there;")
    assert state(repository) == there


# --- decide -------------------------------------------------------------------------------------


def test_a_question_moves_into_the_log(repository, call):
    write(repository, HEAD, LOG, QUESTIONS, "\udcff")

    code, out, err = call(repository, *decide("how many entries", "--date", "2026-02-03"))

    assert code == 0
    assert err.startswith("Next: `bep ") or not err
    assert out == f"{MAIN}: is decided. No longer in Open Questions:\n2. How many\n   entries?\n"
    assert main_of(repository) == "".join(
        [
            HEAD,
            LOG,
            "| 2026-02-03 | Use `a\\|b` | It is **there** |\n",
            QUESTIONS.replace("2. How many\n   entries?\n", ""),
            "\udcff",
        ]
    )


def test_the_heading_of_a_group_leaves_with_its_last_question_and_is_printed(repository, call):
    write(repository, HEAD, LOG, QUESTIONS, "\n### Later\n\n- How old?\n")

    _, out, _ = call(repository, *decide("how old"))

    assert out.endswith("No longer in Open Questions:\n### Later\n\n- How old?\n")
    assert main_of(repository).endswith(QUESTIONS)


def test_without_a_date_it_is_today(repository, call):
    write(repository, HEAD, LOG, QUESTIONS)

    assert call(repository, *decide("3"))[0] == 0

    today = dt.datetime.now().astimezone().date().isoformat()
    assert f"\n| {today} | Use `a\\|b` | It is **there** |\n" in main_of(repository)


def test_detail_below_a_question_keeps_it_until_it_may_be_dropped(repository, call):
    write(repository, HEAD, LOG, QUESTIONS)
    there = state(repository)

    assert call(repository, *decide("1")) == (
        1,
        "",
        (
            f"bep: {MAIN}:22: 'Which cache' has 2 lines of detail, which a row of the Decision Log"
            " cannot contain; move what matters to another section, then give --drop-detail\n"
        ),
    )
    assert state(repository) == there

    code, out, _ = call(repository, *decide("1", "--drop-detail"))
    assert code == 0
    assert out.endswith(":\n1. **Which cache**\n   - in memory?\n   - on disk?\n")
    assert main_of(repository).endswith("\n\n1. How many\n   entries?\n3. Who cleans up?\n")


def test_a_decision_becomes_a_key_decision_on_demand(repository, call):
    write(repository, HEAD, LOG, QUESTIONS)

    assert call(repository, *decide("3", "--key", "--date", "2026-02-03"))[0] == 0

    assert main_of(repository) == "".join(
        [
            HEAD.replace("key-decisions: []", "key-decisions:\n  - Use `a|b`"),
            LOG,
            "| 2026-02-03 | Use `a\\|b` | It is **there** |\n",
            QUESTIONS.replace("3. Who cleans up?\n", ""),
        ]
    )


def test_columns_that_stay_empty_and_a_date_without_column_are_told(repository, call):
    table = "\n## Decision Summary\n\n| Decision | Content | Owner |\n|---|---|---|\n"
    write(repository, HEAD, table, QUESTIONS)

    code, out, _ = call(repository, *decide("3", "--date", "2026-02-03"))

    assert code == 0
    assert out.startswith(
        f"{MAIN}: is decided; the column Owner is empty; the table has no column for the date."
    )
    assert f"{table}| Use `a\\|b` | It is **there** | |\n" in main_of(repository)


def test_the_last_question_and_a_missing_log(repository, call):
    write(repository, HEAD, "\n## Open Questions\n\n<!-- What? -->\n\n- Who?")

    assert call(repository, *decide("who", "--date", "2026-02-03"))[0] == 0

    assert main_of(repository) == (
        f"{HEAD}\n## Decision Log\n\n"
        "| Date | Decision | Rationale |\n|------|----------|-----------|\n"
        "| 2026-02-03 | Use `a\\|b` | It is **there** |\n\n## Open Questions\n\n<!-- What? -->"
    )


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            "nothing",
            (
                ":22: no open question says 'nothing'; name it by its position: 1 'Which cache',"
                " 2 'How many entries?', 3 'Who cleans up?'"
            ),
        ),
        (
            "",
            (
                ":22: no open question says ''; name it by its position: 1 'Which cache',"
                " 2 'How many entries?', 3 'Who cleans up?'"
            ),
        ),
        (
            "h",
            (
                ":22: several open questions say 'h'; name it by its position: 1 'Which cache',"
                " 2 'How many entries?', 3 'Who cleans up?'"
            ),
        ),
        (
            "S",
            (
                ":25: several open questions say 'S'; name it by its position:"
                " 2 'How many entries?', 3 'Who cleans up?'"
            ),
        ),
        ("4", ":22: no open question 4; there are 3: 1 'Which cache', 2 'How many entries?',"),
    ],
)
def test_a_question_that_is_not_found_or_not_one_lists_the_candidates(
    repository, call, question, message
):
    write(repository, HEAD, LOG, QUESTIONS)
    there = state(repository)

    code, out, err = call(repository, *decide(question))

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"bep: {MAIN}{message}")
    assert state(repository) == there


SETTLED = """
## Open Questions

- ~~Events or polling?~~ Decided: events
- [x] Which port for events?
- Who cleans up?

### Resolved

- Scope is a filter
"""


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("events or polling", "- ~~Events or polling?~~ Decided: events\n"),
        ("port", "- [x] Which port for events?\n"),
        ("Scope", "\n- Scope is a filter\n"),
    ],
)
def test_a_settled_question_that_was_left_there_is_found_by_its_text(repository, call, part, line):
    """`check` reports it and says that `decide` moves it."""
    write(repository, HEAD, LOG, SETTLED)

    code, out, _ = call(repository, *decide(part, "--date", "2026-02-03"))

    assert code == 0
    assert line.strip() in out
    row = "| 2026-02-03 | Use `a\\|b` | It is **there** |\n"
    assert main_of(repository) == f"{HEAD}{LOG}{row}{SETTLED.replace(line, '')}"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (
            "events",
            (
                ":22: several settled questions say 'events'; give more of its text:"
                " 1 'Events or polling? Decided: events', 2 'Which port for events?'"
            ),
        ),
        ("2", ":24: no open question 2; there is 1: 1 'Who cleans up?'"),
    ],
)
def test_a_settled_question_has_no_position(repository, call, part, message):
    write(repository, HEAD, LOG, SETTLED)

    code, out, err = call(repository, *decide(part))

    assert (code, out) == (1, "")
    assert err == f"bep: {MAIN}{message}\n"


def test_a_second_call_leaves_a_settled_question_with_the_same_text(repository, call):
    write(repository, HEAD, LOG, "## Open Questions\n\n- Which cache?\n- ~~Which cache?~~\n")
    assert call(repository, *decide("Which cache?"))[0] == 0
    after = main_of(repository)

    code, out, err = call(repository, *decide("Which cache?"))

    assert (code, out) == (1, "")
    assert "'Which cache?' is already settled: the Decision Log has it" in err
    assert main_of(repository) == after


def test_of_many_candidates_some_are_listed(repository, call):
    many = "".join(f"- Question {at}\n" for at in range(1, 13))
    write(repository, HEAD, "\n## Open Questions\n\n", many)

    _, _, err = call(repository, *decide("Question"))

    assert err.endswith("9 'Question 9' and 3 more\n")


@pytest.mark.parametrize(
    ("arguments", "parts", "message"),
    [
        (["--decision", " "], [LOG, QUESTIONS], "2 the decision is empty; give it with --decision"),
        (["--rationale", ""], [LOG, QUESTIONS], "2 the rationale is empty; give it with"),
        (["--rationale", "a\rb"], [LOG, QUESTIONS], "2 rationale 'a\\rb' has the control"),
        (["--date", "2026-2-3"], [LOG, QUESTIONS], "2 '2026-2-3' is not a date in the form"),
        (["--date", "2026-02-30"], [LOG, QUESTIONS], "2 '2026-02-30' is not a date in the form"),
        ([], [LOG], "1 {}: there is no open question"),
        ([], [LOG, "\n## Open Questions\n\n- None\n"], "1 {}:20: there is no open question"),
        (
            [],
            [LOG.replace("Rationale", "Owner"), QUESTIONS],
            "1 {}:16: the Decision Log has no column for the reason; add a column Rationale to the",
        ),
    ],
)
def test_a_wrong_call_or_document_is_refused_in_one_line(
    repository, call, arguments, parts, message
):
    write(repository, HEAD, *parts)
    there = state(repository)
    given = {"--question": "3", "--decision": "D", "--rationale": "R"}
    given |= dict(zip(arguments[::2], arguments[1::2], strict=True))

    code, out, err = call(
        repository, "decide", "1002", *(word for pair in given.items() for word in pair)
    )

    assert (out, err.count("\n")) == ("", 1)
    assert f"{code} {err}".startswith(message.format(MAIN).replace(" ", " bep: ", 1))
    assert state(repository) == there


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<!-- context", "<!-- other", ": there is no context block for the decision; leave out"),
        ("key-decisions: []", "key-decisions: x", ":6: the value of key-decisions in the context"),
        (
            "key-decisions: []",
            "key-decisions: [",
            ":6: the context block is not YAML with keys and",
        ),
    ],
)
def test_a_key_decision_without_a_place_is_refused(repository, call, old, new, message):
    write(repository, HEAD.replace(old, new), LOG, QUESTIONS)
    there = state(repository)

    code, out, err = call(repository, *decide("3", "--key"))

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"bep: {MAIN}{message}")
    assert state(repository) == there


def test_a_question_whose_leaving_would_change_its_neighbours_is_refused(repository, call):
    write(repository, HEAD, LOG, "\n## Open Questions\n\n- ~~Old~~\n1. New\n  - Next\n")
    there = state(repository)

    code, out, err = call(repository, *decide("new"))

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"bep: {MAIN}:20: the document would not lose one question")
    assert state(repository) == there


def test_several_proposals_at_once_are_refused(repository, call):
    for call_of in (
        ["ask", "1001,1002", "--question", "Q"],
        ["ask", "1001-1002", "--question", "Q"],
    ):
        code, _, err = call(repository, *call_of)
        assert (code, err) == (
            2,
            f"bep: {call_of[1]!r} means 2 proposals; give one number\n",
        )


@pytest.mark.parametrize("task", [["ask", "1002", "--question", "New?"], decide("3")])
def test_a_dry_run_shows_the_plan_and_changes_nothing(repository, call, task):
    write(repository, HEAD, LOG, QUESTIONS)
    run_git(repository, "commit", "--quiet", "--all", "--message=Questions")
    there = state(repository)

    code, out, _ = call(repository, *task, "--dry-run")

    assert code == 0
    assert state(repository) == there
    (repository / "plan").write_text(out)
    run_git(repository, "apply", "plan")
    (repository / "plan").unlink()
    planned = main_of(repository)
    run_git(repository, "checkout", "--quiet", MAIN)
    assert call(repository, *task)[0] == 0
    assert main_of(repository) == planned


def test_sections_and_columns_may_have_korean_names(repository, call):
    log = "\n## 2. 결정 사항\n\n| 날짜 | 결정 | 이유 |\n|---|---|---|\n| 2026-01-02 | 하나 | 왜 |\n"
    asked = "\n## 3. 미해결 질문\n\n1. 캐시는 무엇인가?\n"
    write(repository, HEAD, log, asked)

    assert call(repository, "mark", "1002", "accepted", "--target-version", "26.9.0")[0] == 1
    assert call(repository, "ask", "1002", "무엇을?")[0] == 0
    reasons = ["--decision", "하나", "--rationale", "왜", "--date", "2026-02-03"]
    assert call(repository, "decide", "1002", "1", *reasons)[0] == 0

    settled = f"{log}| 2026-02-03 | 하나 | 왜 |\n"
    assert main_of(repository) == f"{HEAD}{settled}\n## 3. 미해결 질문\n\n1. 무엇을?\n"
