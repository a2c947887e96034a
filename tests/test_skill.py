"""The agents' skill says all that the process guide says, in commands that exist."""

from __future__ import annotations

import re

import pytest

from bep.tasks import catalogue
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden" / "registry"
SKILL = (GOLDEN / ".claude/skills/bep-guide/SKILL.md").read_text()
PAGE = (GOLDEN / "proposals/AGENTS.md").read_text()

# Each rule of the guide in a few words, and how the skill says it.
RULES = {
    # When to write one
    "features across components": "feature that spans several components",
    "architecture": "new architecture, or a refactoring",
    "API design": "design of an API: a breaking change or a significant addition",
    "a subsystem or plugin": "new subsystem or plugin",
    "migrations": "users have to migrate",
    # Workflow
    "a number before the rest": r"2\. \*\*Reserve a number\*\*: `bep reserve .*? takes the next one",
    "numbers from 1000": "from 1000 on",
    "a row in the registry": r"`\| 1046 \| .* \| Draft \|` to the registry in `proposals/README\.md`",
    "an issue, linked": r"`bep issue 1046` creates it in JIRA .* links it under\s+Related Issues",
    "a branch of its own": "the branch `bep/1046-quota-ledger`",
    "the document from the template": r"`bep new .*\s.*all sections, in one file or segmented",
    "a pull request": r"`bep submit 1046`, which commits, pushes and\s+opens the pull request",
    "revised as reviewers ask": "Revise it as reviewers ask",
    "accepted or rejected": r"7\. \*\*Accepted or rejected\*\*: `bep mark`",
    # Metadata
    "the author with address": r"`Author` \| from the beginning: `Your Full Name \(email@example\.com\)`",
    "a status": r"`Status` \| from the beginning",
    "the day": r"`Created` \| from the beginning: `YYYY-MM-DD`",
    "the version it was written at": r"`Created-Version` \| from the beginning: `YY\.Sprint\.Patch`",
    "the version it is meant for": r"`Target-Version` \| when the status becomes Accepted",
    "the version that has it": r"`Implemented-Version` \| when the status becomes Implemented",
    # Sections
    "sections in this order": r"(?s)\| Related Issues .*\| Motivation .*\| Current Design .*\| Proposed"
    r" Design .*\| Migration .*\| Implementation Plan .*\| Decision Log .*\| Open Questions .*\| Ref",
    "issues": r"Related Issues \| 2-5 lines \| The issues",
    "why": r"Motivation \| 10-30 lines \| Why this change is needed",
    "what exists, with code": r"Current Design \| 10-50 lines \| What exists today.*code",
    "the design, specific": r"Proposed Design \| the main body .* specific enough to build from",
    "what breaks": r"Migration / Compatibility \| 10-30 lines \| What breaks",
    "phases": r"Implementation Plan \| 10-30 lines \| The phases in order",
    "decisions with reasons": r"Decision Log .* appended when it is made, with the reason",
    "what is unresolved": r"Open Questions .* not settled yet",
    "related documents": r"References \| 2-10 lines \| Related proposals",
    "an answer becomes a decision": r"`bep decide 1046 .* removes the bullet and\s+appends the row",
    # The form for existing features
    "known by its sections": r"with Goal and Decision Summary\s+or with Goal and Implementation Design",
    "goal for motivation": r"\| Goal \| Motivation \| The problem",
    "state for current design": r"\| Current State & Scope, by Area \| Current Design \| One table per",
    "its design": r"\| Implementation Design \| Proposed Design \| .*responsible for, the core flow",
    "its decisions": r"\| Decision Summary \| Decision Log \|",
    "numbered headings": "Headings may be numbered",
    "a counterpart satisfies a rule": r"applies to its counterpart, and a decision is a\s+row with the",
    # Segments
    "when any criterion holds": r"segmented as soon as one of these is true",
    "by length": "exceeds about 500 lines",
    "by components": "3 or more distinct components",
    "by phases": "3 or more independent phases",
    "by subsystems": "2 or more subsystems",
    "main and directory": r"BEP-XXXX-short-title\.md +# main document",
    "a directory named by the number": r"BEP-XXXX/ +# the number only",
    "migration if complex": r"migration\.md +# if the migration is complex",
    "diagrams": r"diagrams/ +# images, schemas",
    "a short main document": r"overview, motivation, index \(under 200 lines\)",
    "an index": r"\*\*Main document\*\*: .*Document Index",
    "questions in one place": "it has the questions and decisions of all sub-documents too",
    "short sub-documents": r"under 300 lines",
    "a unit of work": "can be implemented on its own",
    "understood alone": "understood without the others",
    "relative links": r"refers to them\s+by relative link",
    "descriptive names": r"file name describes it and does not begin with a number",
    "an overview for large ones": r"\*\*overview\.md\*\*: only for very large .*5 or more",
    "their summary": r"\| Summary \| .*\(1-3 sentences\)",
    "their design": r"(?s)\| Current Design \| What exists .*\| Proposed Design \| The design in detail",
    "their interfaces": r"\| Interface / API \| .*public interfaces, data models, function sig",
    "their notes": r"\| Implementation Notes \| Constraints, .*other components",
    # Context blocks
    "a block in every document": r"Every document begins.*`<!-- context-for-ai … -->`",
    "key and value": "`key: value` lines",
    "main's keys": r"(?s)main \| `type` \| always `master-bep`.*main \| `scope` .*main \| `detail-docs`"
    r" .*main \| `key-constraints` \| Non-goals .*main \| `key-decisions` .*main \| `phases` \| How many",
    "sub-documents' keys": r"(?s)`type` \| always `detail-doc`.*sub-document \| `parent` \| Number and"
    r" title.*sub-document \| `scope` .*sub-document \| `depends-on` .*sub-document \| `key-decisions`",
    # Status
    "transitions": r"\| Draft \| Accepted \| .* `Target-Version` is set \|",
    "where the lifecycle is": r"process page\s+`proposals/README\.md` explains statuses and version",
    # Working patterns
    "main document first": r"`bep context 1046` comes first: context block, motivation",
    "only the relevant part": "Read only the part that the task is about",
    "decisions before choices": "Read the Decision Log before you choose",
    "not all sub-documents": "Don't read other sub-documents until the task needs one",
    "look for related ones": "`bep search` comes first: does a proposal",
    "number, structure, blocks": "reserves the number, chooses one file or segments and writes the context",
    "main first, then one at a time": "then the sub-documents one at a time",
    "the index first": "Write the main document and its index first",
    "reviewable units": r"unit of work that a\s+reviewer can judge alone",
    "edit only the targeted one": "Read and edit only that one",
    "move answered questions": "moves an answered question into the Decision Log",
    "index and status follow": r"(?s)`bep sync 1046` updates index, .* `bep mark` changes the status",
    "a phase's documents only": r"sub-documents of this phase\. Read no others",
    "decisions are settled": r"Keep to the Decision Log\. .*not open for discussion",
    "flag open questions": "touches one of the Open Questions, tell",
    "a task as an example": r'"Implement phase 1 of BEP-1046\. Its Decision Log applies\.',
    # Where the rest is
    "the blank document": r"`BEP-0000-template\.md` only shows what a document contains",
    "scenarios for tests": "`tdd-guide`",
}


def test_every_rule_of_the_guide_is_in_the_skill():
    missing = {
        rule: pattern
        for rule, pattern in RULES.items()
        if not re.search(pattern.replace(" ", r"\s+"), SKILL)
    }

    assert missing == {}


def test_they_are_short():
    assert len(SKILL.splitlines()) < 200
    assert len(PAGE.splitlines()) < 30
    prose = [line for line in SKILL.splitlines()[5:] if not line.startswith(("|", "- **Main"))]
    assert max(map(len, prose)) <= 105


def test_the_page_points_to_the_skill():
    (target,) = re.findall(r"\[bep-guide\]\(([^)]*)\)", PAGE)
    assert (GOLDEN / "proposals" / target).resolve() == GOLDEN / ".claude/skills/bep-guide/SKILL.md"


@pytest.mark.parametrize("text", [SKILL, PAGE], ids=["skill", "page"])
def test_every_command_exists(text: str):
    calls = re.findall(r"`bep ([a-z-]+)([^`]*)`", " ".join(text.split()))
    assert {"context", "search", "new", "ask", "decide", "mark", "check", "sync"} <= {
        name for name, _ in calls
    }
    for name, rest in calls:
        flags = {flag for one in catalogue.task(name).parameters for flag in one.spellings}
        assert set(re.findall(r"(?<=\s)--?[a-z-]+", rest)) <= flags, name
