"""Open questions of a main document: which they are, how one is added and how one leaves."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import example, given, settings, strategies as st
from markdown_it.token import Token

from bep.markdown import edits as splices
from bep.proposal import open_questions, question_edits
from bep.proposal.document import Document
from bep.proposal.open_questions import Form, Question
from bep.proposal.question_edits import NoPlace
from tests import samples
from tests.conftest import CORPUS
from tests.rendered import MARKDOWN, visible

HEAD = "# Title\n\n## Motivation\n\nWhy?\n\n"
TAIL = "\n## References\n\nNone?\n"


def found(source: str) -> tuple[Question, ...]:
    return open_questions.find(Document(source))


def texts(body: str) -> list[str]:
    """What the open questions ask where `body` stands below Open Questions."""
    return [one.text for one in found(f"{HEAD}## Open Questions\n\n{body}\n{TAIL}")]


def after_ask(source: str, text: str) -> str:
    return splices.applied(source, question_edits.add(Document(source), text))


def after_removal(source: str, at: int) -> str:
    document = Document(source)
    return splices.applied(
        source, question_edits.remove(document, open_questions.find(document)[at])
    )


# --- Which they are -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ("", []),
        ("<!-- What is not settled yet? -->", []),
        ("- One?\n- **Two** and\n  a half\n", ["One?", "**Two** and a half"]),
        ("1. One\n   - detail?\n\n2. Two\n", ["One", "Two"]),
        ("- [ ] One\n- [x] Two\n", ["One"]),
        ("- Is [ ] right, or [x] Two?\n", ["Is [ ] right, or [x] Two?"]),
        ("- ~~One~~: told\n- **~~Two~~**\n- Should ~~we~~ they?\n", ["Should ~~we~~ they?"]),
        ("- One (resolved)\n- [Answered] Two\n- Decided: three\n- ✅ Four\n- Five\n", ["Five"]),
        ("- Decided by whom?\n- Closed loops: how?\n", ["Decided by whom?", "Closed loops: how?"]),
        ("### One\n\nWhy it matters.\n\n### 2. Two\n", ["One", "2. Two"]),
        (
            "".join(
                f"- {one}\n"
                for one in (
                    "Closed (closed source or open source)?",
                    "Which? (decided by the team next week)",
                    "Is it (answered by the registry)",
                    "One (resolved in #12)",
                    "Two [decided: Redis]",
                    "Three (closed 2026-01-02).",
                    "어떤 캐시? (해결됨)",
                    "Four (closed)?",
                )
            ),
            [
                "Closed (closed source or open source)?",
                "Which? (decided by the team next week)",
                "Is it (answered by the registry)",
                "Four (closed)?",
            ],
        ),
        ("### ~~One~~\n\n### Two [closed]\n\n### Three\n", ["Three"]),
        ("1. Now\n\n### Resolved Items\n\n- Long ago\n", ["Now"]),
        ("### Resolved\n\n1. Old\n\n### Unresolved\n\n1. New\n2. Newer\n", ["New", "Newer"]),
        ("- One\n\n### Decision Log\n\n- Two\n", ["One"]),
        ("Do we need it?\n\nMore words.\n", ["Do we need it?"]),
        ("What is open?\n\n- This\n", ["This"]),
        ("> - An example\n", ["An example"]),
        ("- <!-- hidden? -->\n- <!-- a note -->\n  Seen?\n", ["Seen?"]),
        ("```\n- code\n```\n", ["code"]),
    ],
)
def test_what_is_an_open_question(body, asked):
    assert texts(body) == asked


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (
            "| # | Question | Owner |\n|---|---|---|\n| 1 | Which cache | Ada |\n| 2 | - | |\n",
            ["Which cache"],
        ),
        (
            "| Question | Answer |\n|---|---|\n| One | Yes |\n| Two | TBD |\n| Three | |\n",
            ["Two", "Three"],
        ),
        ("| Question | Status |\n|---|---|\n| One | Closed |\n| Two | open |\n", ["Two"]),
        ("| ~~One~~ | x |\n|---|---|\n| ~~Two~~ | |\n| Three | |\n", ["Three"]),
        ("> Which cache?\n", ["Which cache?"]),
        ("> **One** and\n> more\n", ["**One** and more"]),
        ("**One**\n\n**Two**\n", ["**One**", "**Two**"]),
        ("**One?**\n\n**Option A**: text\n\n**Two?**\n", ["**One?**", "**Two?**"]),
        (
            "**One?** We could wait.\n\n- wait\n- go\n\n**Two?**\n",
            ["**One?** We could wait.", "**Two?**"],
        ),
        ("Q1: size\n\nQ2: age\n", ["Q1: size", "Q2: age"]),
        (
            "**Q1. Which cache?** Redis or Valkey.\n\n**Q2. Which queue?** To be measured.\n",
            ["**Q1. Which cache?** Redis or Valkey.", "**Q2. Which queue?** To be measured."],
        ),
        (
            "**Which cache?** One.\n\n**Which queue?** Two.\n\n**Recommendation**: both.\n",
            ["**Which cache?** One.", "**Which queue?** Two."],
        ),
        (
            "**Q1. Which cache?**\n\nIt has to last. The candidates:\n\n- Redis\n- Valkey\n",
            ["**Q1. Which cache?**"],
        ),
        (
            "Q1: Which cache?\n\nThese:\n\n| Name |\n|---|\n| Redis |\n\nSo far.\n\nQ2: Why\n",
            ["Q1: Which cache?", "Q2: Why"],
        ),
        (
            "**Q1. Which cache?**\n\nThese, too:\n\n- Which queue?\n- Which store?\n",
            ["**Q1. Which cache?**", "Which queue?", "Which store?"],
        ),
        (
            "**Q1. Which cache?**\n\n| Question |\n|---|\n| Which queue |\n",
            ["**Q1. Which cache?**", "Which queue"],
        ),
        ("캐시는 어디에 두는가？\n", ["캐시는 어디에 두는가？"]),
        ("هل نحتاجه؟\n", ["هل نحتاجه؟"]),
        ("Should it? We think so.\n", ["Should it? We think so."]),
        ("The size of the cache is not settled.\n", ["The size of the cache is not settled."]),
        ("These are open:\n\n| Question |\n|---|\n| One |\n", ["One"]),
        ("See below.\n\n### One\n", ["One"]),
        (
            "- Decision: determine later\n- Resolved: TBD\n- Resolved: yes\n",
            ["Decision: determine later", "Resolved: TBD"],
        ),
        ('---\n\n<a id="x"></a>\n', []),
        (
            "<ul><li>Which <b>cache</b>?</li><li>Which queue?</li></ul>\n",
            ["Which cache? Which queue?"],
        ),
        ("<table><tr><td>Cache</td></tr></table>\n", ["Cache"]),
        ("- Which cache?\n\n<p>Which queue?</p>\n", ["Which cache?", "Which queue?"]),
        ("- Which cache?\n\n<p>Redis is one.</p>\n\n```\nWhich?\n```\n", ["Which cache?"]),
        ("    Which cache?\n", ["Which cache?"]),
        ("~~~ text\nWhich cache?\n~~~\n", ["Which cache?"]),
        ("<p>None.</p>\n", []),
        ("```\nNone\n```\n", []),
        (
            "<details><summary>Which?</summary>\n\n- Redis\n- Valkey\n\n</details>\n\n- Queue\n",
            ["Which?", "Queue"],
        ),
        (
            "<details><summary>More</summary>\n\n- Which cache\n- Which queue\n\n</details>\n",
            ["Which cache", "Which queue"],
        ),
    ],
)
def test_questions_are_read_in_the_forms_in_which_they_are_written(body, asked):
    assert texts(body) == asked


@pytest.mark.parametrize(
    "statement",
    [
        *("None", "None.", "(none)", "*None*", "N/A", "Nothing yet.", "No open questions."),
        *("None at this time.", "No questions remain", "_None currently._", "none — all settled"),
        *("All questions are resolved.", "No further issues known", "None; see the Decision Log."),
        *("There are no open questions at this time.", "There are none.", "—", "없음", "해당 없음"),
        *("All open questions have been answered.", "All of these are now closed", "현재 없음"),
        *(
            "없습니다.",
            "현재 없습니다.",
            "해당 사항 없음.",
            "현재 미결 사항 없음",
            "미해결 질문 없음.",
        ),
        *("None identified.", "None raised so far.", "Not at this time.", "Not yet.", "N.A."),
        *("Not applicable.", "No known open questions.", "Nothing is open.", "(empty)", "_Empty._"),
    ],
)
@pytest.mark.parametrize("form", ["{}", "- {}", "* {}", "1. {}"])
def test_a_statement_that_there_is_none_is_no_question(statement, form):
    assert texts(form.format(statement)) == []


@pytest.mark.parametrize(
    "question",
    [
        *("None of the options scales, what now", "No questions asked login?", "None, or one?"),
        *("There are none, or are there?", "All have been asked", "-- no-cache or not"),
        *("Nothing but names is stored", "All issues are resolved when?", "Nonetheless: why"),
        *("Nothing is stored", "None used by clients is removed", "Not yet decided: the size"),
        *("Not applicable to clients", "Empty lines: what of them", "Not (yet) clear: the size"),
    ],
)
def test_what_only_begins_like_that_is_one(question):
    assert texts(f"- {question}") == [question]


@pytest.mark.parametrize(
    "heading",
    ["## Open Questions", "## 5. Open Questions", "## Open Issues", "## Open questions (v2)"],
)
def test_the_section_is_known_under_its_other_names(heading):
    assert [one.text for one in found(f"{HEAD}{heading}\n\n- One\n{TAIL}")] == ["One"]


def test_a_question_is_found_with_its_detail_and_place():
    source = (
        f"{HEAD}## Open Questions\n\n2. **One** of\n   two?\n   - a\n\n     b\n\n### H\n\nc\n{TAIL}"
    )

    item, heading = found(source)

    assert item[:4] == ("2.", "**One** of two?", ("- a", "  b"), Form.ITEM)
    assert (source[item.start : item.end], item.line) == (
        "2. **One** of\n   two?\n   - a\n\n     b\n",
        9,
    )
    assert heading[:4] == ("###", "H", ("c",), Form.HEADING)
    assert source[heading.start : heading.end] == "### H\n\nc\n"


def test_what_explains_a_question_is_its_detail():
    (question,) = found(
        f"{HEAD}## Open Questions\n\n**Q1. Which?**\n\nThese last:\n\n- Redis\n- Valkey\n{TAIL}"
    )

    assert question.detail == ("These last:", "- Redis", "- Valkey")


DETAILS = "<details>\n<summary>{}?</summary>\n\nWe could *wait*.\n\n</details>\n"


@pytest.mark.parametrize("between", ["", "\n"])
def test_the_text_below_a_summary_that_asks_is_its_detail_and_leaves_with_it(between):
    one, other = DETAILS.format("Which <i>cache</i>"), DETAILS.format("Which queue")
    source = f"{HEAD}## Open Questions\n\n{one}{between}{other}"

    first, second = found(source)

    assert (first.text, first.detail) == ("Which cache?", ("We could *wait*.",))
    assert (second.text, second.line) == ("Which queue?", 15 + bool(between))
    assert after_removal(source, 0) == f"{HEAD}## Open Questions\n\n{other}"
    assert after_removal(source, 1).rstrip() == f"{HEAD}## Open Questions\n\n{one}".rstrip()


def test_details_that_are_folded_away_below_a_question_are_its_detail():
    folded = DETAILS.format("Measured").replace("?", "")

    (question,) = found(f"{HEAD}## Open Questions\n\n**Which cache?**\n\n{folded}")

    assert question.detail == tuple(line for line in folded.splitlines() if line)


GROUPS = "### For the API\n\n- Which format?\n- Which limits?\n\n### 2. Data\n\n{}"
ASKING = (
    "| # | Question | Answer |\n|---|---|---|\n| 1 | Which store? | Redis |\n| 2 | How big? | |\n"
)


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (GROUPS.format(ASKING), ["Which format?", "Which limits?", "How big?"]),
        ("### Data\n\n- ~~Which store~~\n- [x] How big\n- How old?\n", ["How old?"]),
        # What is chosen from, not what is asked.
        ("### Data\n\n- Redis: fast enough?\n- Valkey\n", ["Data"]),
        ("### Data\n\nTwo ways:\n\n- Redis?\n- Valkey?\n", ["Data"]),
        ("### Which store?\n\n- Redis?\n- Valkey?\n", ["Which store?"]),
        ("### Data\n\n- Decision: Redis\n", ["Data"]),
    ],
)
def test_a_heading_that_groups_questions_is_none(body, asked):
    assert texts(body) == asked


def test_a_heading_that_groups_questions_leaves_with_the_last_one():
    source = f"{HEAD}## Open Questions\n\n{GROUPS.format('- How big?')}\n{TAIL}"

    source = after_removal(source, 0)
    assert "### For the API\n\n- Which limits?\n\n### 2. Data" in source
    source = after_removal(source, 0)
    assert source == f"{HEAD}## Open Questions\n\n### 2. Data\n\n- How big?\n{TAIL}"
    assert after_removal(source, 0) == f"{HEAD}## Open Questions\n{TAIL}"


def oracle(source: str) -> list[int]:
    """The lines of the items of top-level lists below Open Questions, as an outsider sees them.

    Left out are items below a heading with "Resolved", struck ones, and those that say none.
    """
    front = re.match(r"---\n.*?\n---\n", source, re.DOTALL)
    skipped = source[: front.end()].count("\n") if front else 0
    tokens = MARKDOWN.parse(source[front.end() :] if front else source)
    lines: list[int] = []
    inside, resolved = False, False
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = visible(tokens[at + 1]).lower()
            if token.tag in ("h1", "h2"):
                inside = "open questions" in heading
            resolved = token.tag not in ("h1", "h2") and heading.startswith("resolved")
        if token.type == "list_item_open" and token.level == 1 and inside and not resolved:
            told = tokens[at + 2]
            if not is_struck(told) and visible(told).strip("() ").lower() != "none" and token.map:
                lines.append(token.map[0] + skipped + 1)
    return lines


def is_struck(token: Token) -> bool:
    kinds = [child.type for child in token.children or [] if child.content or child.nesting]
    return kinds[:1] == ["s_open"]


def test_the_open_questions_of_the_real_documents():
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    forms = set()
    for path in sorted(CORPUS.rglob("BEP-*.md")):
        source = path.read_bytes().decode()
        items = [one for one in found(source) if one.form is Form.ITEM]
        assert [one.line for one in items] == oracle(source), path
        forms.update(one.marker[-1] for one in items)
        other = [one for one in found(source) if one.form is not Form.ITEM]
        assert not other or path.name == "BEP-0000-template.md", path
    assert forms == {"-", "."}


# --- One is named -------------------------------------------------------------------------------

KNOWN = found(
    f"{HEAD}## Open Questions\n\n- Which **cache**\n  holds it?\n- Cache\n- Scope\n"
    "  - of the cache\n- 2026 or 2027\n- Seven\n- 70\n"
)


@pytest.mark.parametrize(
    ("wanted", "positions"),
    [
        ("1", [1]),
        (" 4 ", [4]),
        ("which cache HOLDS", [1]),
        ("cache", [2]),
        ("`Cache`", [2]),
        ("ach", [1, 2]),
        ("of the", [3]),
        ("2026 or", [4]),
        ("2026", []),
        ("0", []),
        ("5", [5]),
        ("70", [6]),
        ("7", []),
        ("else", []),
        ("", []),
        ("**", []),
        ("9" * 5000, []),
    ],
)
def test_a_question_is_named_by_position_or_by_a_part_of_its_text(wanted, positions):
    assert [KNOWN.index(one) + 1 for one in open_questions.matching(KNOWN, wanted)] == positions


# --- One is added -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "new"),
    [
        ("- One\n", "- One\n- Q\n"),
        ("* One\n\n* Two\n", "* One\n\n* Two\n\n* Q\n"),
        ("1. One\n2. Two\n   - x\n", "1. One\n2. Two\n   - x\n3. Q\n"),
        ("- One\n  ```\n  ```\nText\n---\n", "- One\n  ```\n  ```\n- Q\n\nText\n---\n"),
        ("1) One\n1) Two\n", "1) One\n1) Two\n1) Q\n"),
        (" - One\n", " - One\n - Q\n"),
        ("### One\n\nText.\n", "### One\n\nText.\n\n### Q\n"),
        ("### 1. One\n", "### 1. One\n\n### 2. Q\n"),
        ("### 4.2 One\n", "### 4.2 One\n\n### Q\n"),
        ("- None\n", "- Q\n"),
        ("1. (none)\n", "1. Q\n"),
        ("None.\n", "- Q\n"),
        ("None; see the log.\n", "None; see the log.\n\n- Q\n"),
        ("- ~~One~~\n", "- ~~One~~\n- Q\n"),
        ("Not settled.\n", "Not settled.\n\n- Q\n"),
        (
            "| # | Question |\n|---|---|\n| 1 | One |\n",
            "| # | Question |\n|---|---|\n| 1 | One |\n| 2 | Q |\n",
        ),
        ("| Question | Owner |\n|---|---|\n", "| Question | Owner |\n|---|---|\n| Q | |\n"),
        ("<!-- What? -->\n", "<!-- What? -->\n\n- Q\n"),
        ("- One\n\n### Resolved\n\n- Two\n", "- One\n- Q\n\n### Resolved\n\n- Two\n"),
        ("### Resolved\n\n- Two\n", "- Q\n\n### Resolved\n\n- Two\n"),
        ("### Resolved\n\n### Open\n\nx\n", "### Resolved\n\n### Open\n\nx\n\n- Q\n"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_question_is_added_in_the_form_that_stands_there(body, new, ending):
    before, after = (
        f"\ufeff{HEAD}## Open Questions\n\n{text}{TAIL}".replace("\n", ending)
        for text in (body, new)
    )

    assert after_ask(before, "Q") == after
    assert after_ask(before.removesuffix(TAIL.replace("\n", ending)), "Q") == after.removesuffix(
        TAIL.replace("\n", ending)
    )


def test_a_missing_section_is_added_at_its_place():
    source = "# T\n\n## Decision Log\n\nx\n\n## Own\n\ny\n\n## 7. References\n\nz"

    new = after_ask(source, "Q")

    assert new == source.replace("## 7.", "## Open Questions\n\n- Q\n\n## 7.")
    assert after_ask("# T\n\ntext", "Q") == "# T\n\ntext\n\n## Open Questions\n\n- Q"
    assert after_ask("", "Q") == "## Open Questions\n\n- Q\n"


def test_a_paragraph_is_followed_by_a_paragraph_that_asks():
    source = f"{HEAD}## Open Questions\n\nIs it?\n"

    assert after_ask(source, "Is it not?") == f"{source}\nIs it not?\n"
    detailed = f"{source}\nWe do not know.\n\n    code\n"
    assert after_ask(detailed, "Is it not?") == f"{detailed}\nIs it not?\n"
    with pytest.raises(NoPlace):
        after_ask(source, "Whether it is")


def test_a_numbered_row_goes_below_those_that_are_settled():
    rows = (
        "| # | Question | Status |\n|---|---|---|\n| 1 | Who? | open |\n| 2 | When? | Resolved |\n"
    )
    source = f"{HEAD}## Open Questions\n\n{rows}{TAIL}"

    assert after_ask(source, "Why?") == source.replace(rows, f"{rows}| 3 | Why? | |\n")


BLOCKS = [
    *("- x", "1. x", "12) x", "# x", "> x", "```", "~~~ x", "<div>", "<!-- x", "---", "* * *"),
    *("[a]: b", "[ ] x", "+", "| a | b |"),
]


@pytest.mark.parametrize("text", BLOCKS)
@pytest.mark.parametrize("body", ["", "- One\n", "3. One\n", "### One\n"])
def test_a_text_that_looks_like_a_block_stays_one_question(text, body):
    source = f"{HEAD}## Open Questions\n\n{body}{TAIL}"

    new = after_ask(source, text)

    assert len(found(new)) == len(found(source)) + 1
    shown = [visible(token).strip() for token in MARKDOWN.parse(new) if token.type == "inline"]
    assert text in shown or text.replace("`", "") in shown


# --- One leaves ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "at", "new"),
    [
        ("- One\n", 0, ""),
        ("- One\n- Two\n- Three\n", 1, "- One\n- Three\n"),
        ("- One\n\n- Two\n\n- Three\n", 2, "- One\n\n- Two\n"),
        ("1. One\n2. Two\n3. Three\n", 0, "1. Two\n3. Three\n"),
        ("1. One\n2. Two\n3. Three\n", 1, "1. One\n3. Three\n"),
        ("1. One\n   - x\n\n2. Two\n", 0, "1. Two\n"),
        ("1. One\n1. Two\n", 0, "1. Two\n"),
        ("1. ~~One~~\n2. Two\n3. Three\n", 0, "1. ~~One~~\n3. Three\n"),
        ("- One\n\n### Resolved\n\n- Two\n", 0, "### Resolved\n\n- Two\n"),
        ("### One\n\ntext\n\n### Two\n", 0, "### Two\n"),
        ("### One\n\ntext\n\n### Two\n", 1, "### One\n\ntext\n"),
        ("Is it?\n\nMore.\n", 0, ""),
        ("Is it?\n\nMore.\n\nIs that?\n", 0, "Is that?\n"),
        ("| Q | B |\n|---|---|\n| one | |\n| two | |\n", 1, "| Q | B |\n|---|---|\n| one | |\n"),
        ("text\n- One\n2. ~~Two~~\n", 0, "text\n\n2. ~~Two~~\n"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_question_leaves_with_the_blank_lines_that_set_it_apart(body, at, new, ending):
    before, after = (
        f"{HEAD}## Open Questions\n\n{text}{TAIL if text else TAIL[1:]}".replace("\n", ending)
        for text in (body, new)
    )

    assert after_removal(before, at) == after


def test_a_document_without_final_line_ending_stays_one():
    assert after_removal("## Open Questions\n\n- One\n- Two", 1) == "## Open Questions\n\n- One"
    assert after_removal("## Open Questions\n\n- One", 0) == "## Open Questions"


# --- For all documents --------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        *("## Open Questions", "### Resolved", "### One", "### 2. Two", "## Decision Log", "# T"),
        *("- a", "- b\udc80", "* c", "1. d", "2. e", "3) f", "- ~~g~~", "- None"),
        *("- h\n  - i", "1. j\n   more", "- k\nlazy"),
        *("Is it?", "None.", "text", "", "", "<!-- x -->", "```", "| a | b |", "|---|---|", "> q"),
    ]
)
SOURCES = st.builds(
    lambda lines, ending, final: ending.join("\n".join(lines).split("\n")) + ending * final,
    st.lists(LINES, max_size=14),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
ASKED = st.one_of(
    st.sampled_from(["Is it new?", "x | y?", "# z ##?"]),
    st.text(
        st.characters(codec="ascii", categories=["L", "P", "S", "Zs"]), min_size=1, max_size=9
    ).map(lambda text: f"{text.strip()} q?"),
)


@settings(max_examples=samples.examples(200))
@given(SOURCES, ASKED)
@example("## Open Questions\n- ~~g~~", "q?")
def test_asking_adds_one_and_keeps_every_byte(source, text):
    before = open_questions.clear(Document(source))
    edits = question_edits.add(Document(source), text)
    new = splices.applied(source, edits)

    (edit,) = edits
    replaced = source[edit.start : edit.end]
    assert re.fullmatch(r"\W*(none\W*)?", replaced, re.IGNORECASE)
    assert new == source[: edit.start] + edit.text + source[edit.end :]
    # Inside of code that was left open nothing reads as a question; `ask` refuses that.
    if "```" not in source:
        assert len(open_questions.clear(Document(new))) == len(before) + 1


@settings(max_examples=samples.examples(200))
@given(SOURCES, st.data())
def test_a_question_takes_only_its_own_lines_along(source, data):
    before = found(source)
    if not before:
        return
    at = data.draw(st.integers(0, len(before) - 1))
    gone = before[at]

    new = after_removal(source, at)

    left = Counter(one.text for one in found(new))
    others = Counter(one.text for one in (*before[:at], *before[at + 1 :]))
    assert others <= left
    # What introduced a list asks on its own when the list is gone, or is text of its own.
    unclear = {one.text for one in found(new) if one.form is Form.TEXT}
    assert all("Is it?" in text or text in unclear for text in left - others)
    kept = (source[: gone.start] + source[gone.end :]).splitlines()
    numberless = [re.sub(r"^\d+", "1", line) for line in kept if line.strip()]
    assert [re.sub(r"^\d+", "1", line) for line in new.splitlines() if line.strip()] == numberless
    assert new.endswith(("\n", "\r")) == source.endswith(("\n", "\r")) or not new
