"""Decisions and questions of two versions: what is the same, whatever it looks like."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from bep.proposal.decision_log import Decision
from bep.proposal.document import Document
from bep.share import decision_changes

ROWS = (
    Decision("2026-01-05", "Use Redis for sessions", "It is there already"),
    Decision("2026-01-09", "Expire after an hour", "Long enough for an upload"),
    Decision("2026-02-01", "One table for all kinds", "Fewer joins, see [the plan](plan.md)"),
)


def log(rows: Sequence[Decision], *, heading: str = "Decision Log") -> Document:
    body = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return table(f"| Date | Decision | Rationale |\n|---|---|---|\n{body}", heading=heading)


def table(text: str, *, heading: str = "Decision Log") -> Document:
    return Document(f"# Title\n\n## {heading}\n\n{text}")


def asked(*questions: str, rows: Sequence[Decision] = ()) -> Document:
    items = "".join(f"- {one}\n" for one in questions)
    return Document(f"{log(rows).source}\n## Open Questions\n\n{items}")


def test_added_altered_and_removed_are_told_apart():
    altered = ROWS[1]._replace(rationale="Uploads take longer")
    new = Decision("2026-03-01", "Keys rotate daily", "As the auditors ask")

    found = decision_changes.decisions(log(ROWS), log([altered, ROWS[2], new]))

    assert found.added == (new,)
    assert found.altered == ((ROWS[1], altered),)
    assert found.removed == (ROWS[0],)


@pytest.mark.parametrize(
    "change",
    [
        {"date": "2026-01-06"},
        {"text": "Use Valkey for sessions"},
        {"text": "~~Use Redis for sessions~~"},
        {"text": "Do not use Redis for sessions"},
        {"rationale": "It is not there already"},
        {"rationale": ""},
    ],
)
def test_a_changed_cell_alters_a_decision(change):
    new = ROWS[0]._replace(**change)

    found = decision_changes.decisions(log(ROWS), log([new, *ROWS[1:]]))

    assert found == ((), ((ROWS[0], new),), ())


@pytest.mark.parametrize(
    "text",
    [
        "| Decision | Rationale | Date |\n|---|---|---|\n"
        + "".join(f"|{one.text}|{one.rationale}|{one.date}|\n" for one in ROWS),
        "| Date | Owner | Decision | Rationale | Area |\n|:-:|---|---|---|---|\n"
        + "".join(f"| {a} | Ada | {b} | {c} | |\n" for a, b, c in ROWS),
        "| When | Decisions | Why |\n|---|---|---|\n"
        + "".join(f"| {' | '.join(one)} |\n" for one in reversed(ROWS)),
        "Date | Decision | Rationale\n---|---|---\n"
        + "".join(f"{a} | **{b}**   | *{c}*\n" for a, b, c in ROWS),
        "| Date | Decision | Rationale |\r\n|---|---|---|\r\n"
        + "".join(f"| {' | '.join(one)} |\r\n" for one in ROWS),
        "| Date | Decision | Rationale |\n|---|---|---|\n"
        + "".join(
            f"| {' | '.join(one)} |\n".replace("[the plan](plan.md)", "[the plan][1]")
            for one in ROWS
        )
        + "\n[1]: plan.md\n",
    ],
    ids=["columns", "a column more", "names and order", "marks", "CRLF", "links"],
)
def test_what_merely_looks_different_is_the_same(text):
    assert not any(decision_changes.decisions(log(ROWS), table(text)))


def test_a_decision_is_the_same_in_two_tables_and_under_another_heading():
    text = log(ROWS[:2]).source + "\n### Storage\n\n" + log(ROWS[2:]).source.partition("Log\n\n")[2]

    assert not any(decision_changes.decisions(log(ROWS), Document(text)))
    assert not any(decision_changes.decisions(log(ROWS), log(ROWS, heading="Key Decisions")))


@pytest.mark.parametrize("mark", ["- ", "### ", ""])
def test_decisions_without_a_table_are_compared_as_they_are_written(mark):
    before = table(f"{mark}Use Redis for sessions\n\n{mark}Expire after an hour\n")
    same = table(before.source.partition("Log\n\n")[2].replace("Redis for", "**Redis**  for"))
    other = table(f"{mark}Use Redis for sessions\n\n{mark}Expire after a day\n")

    assert not any(decision_changes.decisions(before, same))
    (altered,) = decision_changes.decisions(before, other).altered
    assert (altered.before.text, altered.after.text) == (
        "Expire after an hour",
        "Expire after a day",
    )


def test_a_row_without_text_is_no_decision():
    assert not any(decision_changes.decisions(log(ROWS), log([*ROWS, Decision("", "", "")])))


def test_many_rows_are_compared_in_time():
    old = [Decision("2026-01-01", f"Decision {at} of many words", "Because") for at in range(3000)]
    new = [one._replace(rationale="For another reason") for one in old]

    assert len(decision_changes.decisions(log(old), log(new)).altered) == 3000


# --- Questions ----------------------------------------------------------------------------------


def test_questions_are_opened_answered_and_removed():
    answer = Decision("2026-03-01", "The index on name serves the lookup", "Measured")

    found = decision_changes.questions(
        asked("Which index serves the lookup?", "Should clients cache?"),
        asked("Who pays?"),
        [answer],
    )

    assert found.opened == ("Who pays?",)
    assert found.answered == (("Which index serves the lookup?", answer),)
    assert found.removed == ("Should clients cache?",)


def test_a_question_that_is_settled_in_place_is_answered():
    found = decision_changes.questions(asked("Which hash?"), asked("~~Which hash?~~ Argon2"), [])

    assert found == ((), (("Which hash?", None),), ())


def test_one_decision_answers_the_one_question_that_goes():
    answer = Decision("2026-03-01", "Argon2", "Slow")

    found = decision_changes.questions(asked("Which hash?"), asked(), [answer])

    assert found.answered == (("Which hash?", answer),)


@pytest.mark.parametrize("text", ["* Who **pays**?\n", "1. Who\n   pays?\n", "- [ ] Who pays?\r\n"])
def test_a_question_that_merely_looks_different_is_the_same(text):
    other = Document(f"# Title\n\n## Open Questions\n\n{text}")

    assert not any(decision_changes.questions(asked("Who pays?"), other, []))


# --- Any log ------------------------------------------------------------------------------------

WORDS = st.text("abcdeé이 .,;:!?()-+'0123456789", min_size=1, max_size=30).map(
    lambda text: " ".join(text.split())
)
TEXTS = WORDS.filter(lambda text: text and text[0] not in "-+:.|" and any(map(str.isalnum, text)))
DECISIONS = st.lists(st.builds(Decision, st.dates().map(str), TEXTS, TEXTS), min_size=1, max_size=6)


def reformatted(rows: Sequence[Decision], chance: random.Random) -> str:
    """A log of the same decisions that looks different in each way that says nothing."""
    names = ["Date", "Decision", "Rationale", *chance.sample(["Owner", "Area", "#"], 2)]
    order = chance.sample(range(len(names)), len(names))
    lines = [[names[at] for at in order], ["---"] * len(names)]
    for row in chance.sample(list(rows), len(rows)):
        cells = [*row, chance.choice(["", "Ada"]), ""]
        marked = [chance.choice([" {} ", "  {}", "**{}**", "_{}_", "[{}](x.md)"]) for _ in cells]
        lines.append(
            [
                mark.format(cells[at]) if cells[at] else ""
                for at, mark in zip(order, marked, strict=True)
            ]
        )
    ending = chance.choice(["\n", "\r\n"])
    return ending.join(f"|{'|'.join(line)}|" for line in lines) + ending


@given(DECISIONS, st.integers())
def test_harmless_changes_alter_and_remove_nothing(rows, seed):
    again = table(reformatted(rows, random.Random(seed)))

    assert not any(decision_changes.decisions(log(rows), again))
    assert not any(decision_changes.decisions(again, log(rows)))


@given(DECISIONS, DECISIONS)
def test_every_decision_is_in_one_place(old, new):
    found = decision_changes.decisions(log(old), log(new))

    assert len(found.added) + len(found.altered) <= len(new)
    assert len(found.removed) + len(found.altered) <= len(old)
    assert len(new) - len(found.added) == len(old) - len(found.removed)
