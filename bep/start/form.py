"""The questionnaire of a template revision, as a new proposal fills it in.

Copier's own prompts are left out: what is asked, and how, is `bep.start.conversation`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import BepError, suggestion, unknown
from ..questionnaire import validation
from ..questionnaire.answers import stored
from ..system import template, template_address
from ..system.renderer import Question, Replayed, Revision
from ..system.template_revisions import TemplateRevisions
from .rendering import Rendering

# A template without these questions is not one for proposals.
_NEEDED = frozenset(["number", "title", "slug", "layout"])


class Form:
    """A template revision's questions; `source` is the template's address in answers files.

    `remarks` are what a user should know of the template: that it is an old copy or has uncommitted
    changes, or that others cannot update from it.
    """

    def __init__(self, revision: Revision, source: str, remarks: tuple[str, ...]) -> None:
        self._revision, self._source = revision, source
        self.remarks = remarks

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all questions, in their order."""
        return tuple(self._revision.questions)

    def question(self, name: str, answers: Mapping[str, Any]) -> Question:
        """A question as these answers make it."""
        return self._revision.question(name, answers)

    def filled(self, answers: Mapping[str, Any]) -> Replayed:
        """All answers, those left out being the defaults, with what is wrong with them."""
        return self._revision.replayed(answers)

    def rendered(self, answers: Mapping[str, Any]) -> Rendering:
        """The files of a proposal with these answers, those left out being the defaults.

        Raises BepError for unknown questions, malformed answers, and if one is missing.
        """
        self.refuse_unknown(answers)
        found = self.filled(answers)
        for name, problem in [*found.problems.items(), *self._other_problems(answers)]:
            raise BepError(f"{name}: {problem}")
        for name, value in answers.items():
            if isinstance(value, list | dict) and isinstance(found.answers[name], str):
                raise BepError(f"{name}: {value!r} is not text")
        # Questions of a proposal are not those of the process page.
        for name in found.unanswered if found.answers["layout"] != validation.REGISTRY else ():
            raise BepError(f"{name} is missing", f"give it, as with -d {name}='...'")
        files = self._revision.rendered(found.answers, self._source)
        return Rendering(files, stored({name: found.answers[name] for name in self.names}))

    def _other_problems(self, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The given answers that are malformed although a replay accepts them, with the reasons."""
        questions, known = self._revision.questions, self._revision.guide.status_names
        truths = {name for name in given if questions[name].get("type") == "bool"}
        for name in truths.intersection(validation.QUESTIONS):
            if problem := validation.problem(name, given[name], given):
                yield name, problem
        status = str(given.get("status", known[0]))
        if status not in known:
            yield "status", f"status {status!r} is unknown; {suggestion(status, known)}"

    def refuse_unknown(self, answers: Mapping[str, Any]) -> None:
        """Raise BepError for an answer to which the template has no question."""
        if strange := sorted(answers.keys() - set(self.names)):
            choices = f"the questions are {', '.join(self.names)}"
            raise unknown("question", strange[0], self.names, choices=choices)


@contextmanager
def opened(address: str, root: Path, revision: str = "", *, drafts: bool = False) -> Iterator[Form]:
    """The form of a revision of the template at `address`, for the repository at `root`.

    `revision` is a tag or commit; left out, the newest release. With `drafts`, it is the local
    template as it is, uncommitted changes included. Raises BepError if the template cannot be
    fetched, has no such revision or is not one for proposals.
    """
    with tempfile.TemporaryDirectory(prefix="bep-") as folder:
        place = Path(folder).resolve()
        found, remarks = _revision(address, root, place, revision, drafts=drafts)
        if not set(found.questions) >= _NEEDED:
            shown = template_address.without_password(address)
            raise BepError(
                f"the template {shown} renders no proposals", "name one that asks for a number"
            )
        source = template_address.recorded_address(address, found.name)
        remarks.append(template_address.remark(address, source, found.name))
        yield Form(found, source, tuple(filter(None, remarks)))


def _revision(
    address: str, root: Path, place: Path, name: str, *, drafts: bool
) -> tuple[Revision, list[str]]:
    """The revision, and what is to be said of it."""
    if template.is_plain_folder(address):
        return Revision(Path(address).expanduser().resolve(), "", root), []
    opened = template.open_template(address, place)
    revisions = TemplateRevisions(opened, place, root, __version__)
    wanted = revisions.wanted("HEAD" if drafts else name)
    if drafts and template.has_drafts(opened):
        return revisions.draft(wanted), [
            "the template has changes that are not committed; this rendering includes them"
        ]
    return revisions.at(wanted), [opened.remark]
