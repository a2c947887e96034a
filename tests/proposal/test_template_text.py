"""What only the template says in a document: guidance, and sections that hold nothing else."""

from __future__ import annotations

import pytest

from bep.proposal import template_text
from bep.proposal.document import Document

QUESTIONS = """\
<!-- What is not settled yet, one bullet each, including questions about sub-documents. When a
question is answered, it moves from this list to the decisions.

Avoid: questions that have an answer. -->
"""
REFERENCES = (
    "<!-- Related proposals, documents and discussions, as links. Length: 2-10 lines. -->\n"
)
TABLE = "| Date | Decision | Rationale |\n|---|---|---|\n"


def kept(source: str) -> str:
    """A document without what only the template says."""
    found, at = "", 0
    for start, end in template_text.spans(Document(source)):
        found, at = found + source[at:start], end
    return found + source[at:]


@pytest.mark.parametrize(
    "body",
    [
        f"## Open Questions\n\n{QUESTIONS}\n",
        f"## Open Questions\r\n\r\n{QUESTIONS}".replace("\r\n", "\n").replace("\n", "\r\n"),
        f"## Open Questions\n{' '.join(QUESTIONS.split())}\n",
        "## Open Questions\n\n",
        f"## Open Questions\n\n{QUESTIONS}\n## References\n\n{REFERENCES}\n",
        f"## Decision Log\n\n{TABLE}\n",
    ],
)
def test_a_section_with_nothing_of_an_author_is_the_templates(body):
    assert kept(f"# T\n\n{body}## Design\n\nx\n") == "# T\n\n## Design\n\nx\n"


@pytest.mark.parametrize(
    "body",
    [
        "<!-- What is not settled yet -->\n",
        QUESTIONS.replace("yet", "still"),
        "<!-- Mine. -->\n",
        "### A heading that asks\n",
        "| My | own | table |\n|---|---|---|\n",
    ],
)
def test_what_an_author_wrote_stays(body):
    source = f"# T\n\n## Open Questions\n\n{body}\n## References\n\n- x\n"

    assert kept(source) == source
    assert kept(source.replace("- x", f"{REFERENCES}\n- x")) == source


def test_a_document_is_unwritten_until_something_besides_answers_is_in_it():
    fresh = (
        "# T\n\n## Related Issues\n\n- JIRA: BA-1\n\n## Motivation\n\n"
        f"## Open Questions\n\n{QUESTIONS}\n"
        "## Implementation Plan\n\n1. Phase 1: A\n2. Phase 2: B\n"
    )
    assert template_text.is_unwritten(Document(fresh))
    for written in ("## Motivation\n\nIt is slow.", "## Motivation\n\n<!-- Later. -->"):
        assert not template_text.is_unwritten(Document(fresh.replace("## Motivation", written)))
    assert not template_text.is_unwritten(
        Document(fresh.replace("Phase 1: A", "Phase 1: A\n   - x"))
    )
    assert not template_text.is_unwritten(Document(""))
