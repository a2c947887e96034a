"""Sections that become the template's in an update because the call names them."""

from __future__ import annotations

from collections.abc import Sequence

from .. import names
from ..errors import BepError, suggestion
from ..markdown.heading_text import normalise
from .proposal_update import CarriedFile


def meant(named: Sequence[str], files: Sequence[CarriedFile], number: int) -> frozenset[str]:
    """The headings of the kept sections that a call names, whatever the letter case.

    Raises BepError if a name fits no section that was kept, or one that cannot be taken.
    """
    kept = [one for file in files for one in file.wanted]
    headings = {normalise(one.section): one.section for one in kept if one.can_be_taken}
    found = set()
    for name in named:
        heading = headings.get(normalise(name))
        if heading is None:
            raise _refusal(name, list(headings.values()), number)
        found.add(heading)
    return frozenset(found)


def _refusal(name: str, headings: list[str], number: int) -> BepError:
    problem = f"this update of {names.proposal_name(number)} keeps no section {name!r}"
    nothing = "leave --take out: there is nothing to take"
    return BepError(problem, suggestion(name, headings) if headings else nothing)


def too_late(number: int, revision: str) -> BepError:
    """The refusal to take sections of a proposal that has the revision already."""
    return BepError(
        f"{names.proposal_name(number)} has the template revision {revision} already, so there is"
        " nothing to take",
        "name sections in the update that keeps them, or after it, before it is committed",
    )
