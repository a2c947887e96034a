"""Rules about the skill that tells AI agents how to work with proposals."""

from __future__ import annotations

from collections.abc import Iterator

from ...proposal import skill
from ...questionnaire import revision_notes
from .rule import WARNING, Hit, RuleSet
from .snapshot import Skill, Snapshot

RULES = RuleSet("AI agents")


@RULES.of_snapshots(
    WARNING,
    "docs/agents.md: The skill",
    example="""
        ---
        name: bep-guide
        version: v1.0.0
        ---

        where proposals come from v1.2.0.""",
    remedy="Bring it up to date with `bep update 0`; `bep adopt 0` records one written by hand.",
)
def skill_outdated(snapshot: Snapshot) -> Iterator[Hit]:
    """The agents' skill is recorded, and comes from the template revision of the proposals.

    An agent follows its instructions, even if the process has changed since. Updates do not reach a
    skill that no answers file records.
    """
    for one in snapshot.skills:
        entry = skill.version(one.document)
        message = _outdated(one, entry.value if entry else "")
        if message:
            at = entry.start if entry else 0
            yield Hit(one.document, at, message, text=entry.value if entry else "")


def _outdated(one: Skill, version: str) -> str | None:
    """Return why a skill of that version is outdated, or None if it is not."""
    if one.recorded is None:
        return "no answers file records it, so no update reaches it; `bep adopt 0` records it"
    newer = [other for other in one.revisions if revision_notes.is_older(one.recorded, other)]
    if newer:
        return (
            f"it comes from {one.recorded}, and a proposal from {newer[0]};"
            " `bep update 0` brings it up to date"
        )
    if not one.is_adopted and revision_notes.is_older(version, one.recorded):
        return (
            f"it is of {version}, and {one.recorded} is recorded; restore that,"
            " or delete the file and call `bep init --agents`"
        )
    return None
