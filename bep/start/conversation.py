"""The questionnaire of `new` at a terminal: one line for each question, a way back, a review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..guide import Guide
from ..markdown import escapes
from ..questionnaire.answers import recommended_layout, segmentation_reasons, stored
from ..system.renderer import Question, Replayed
from .form import Form

# What only the author knows, in the order in which it is asked. The rest follows from the
# repository and from these; it is shown in the review.
_ASKED = ("title", "scope", "jira", "estimated_lines", "components", "phases", "subsystems")
_ONLY_FOR_LAYOUT = ("estimated_lines", "subsystems")
# Nothing that an author would change.
HIDDEN = frozenset(
    ["proposals", "first_number", "issue_prefix", "status", "invoke_tasks", "skills", "adopted"]
)
_HELP, _BACK, _EMPTY = "?", "<", "-"
_NEEDED = "this needs an answer"
_NO_REASON = "no criterion for segments holds"
_KEYS = f"Enter accepts the [answer] shown; {_HELP} explains, {_BACK} goes back, {_EMPTY} empties."

# The reason why a number cannot be a new proposal's, or None.
NumberProblem = Callable[[int], str | None]


class Screen(Protocol):
    """What somebody reads and types at."""

    def show(self, text: str, hanging: int = 0) -> None:
        """Show a text; what is too long for a line goes on `hanging` columns further right."""

    def ask(self, question: str, answer: str) -> str:
        """The line that is typed after a question, `answer` being the one it has by now."""


class Conversation:
    """Fills in a form with what somebody types; `answers` are those typed by now.

    `given` answers are final, `suggested` ones are defaults in place of the form's own. An answer
    that is only confirmed is not among `answers`, so it changes if it depends on others that do.
    """

    def __init__(
        self,
        form: Form,
        guide: Guide,
        screen: Screen,
        given: Mapping[str, Any],
        suggested: Mapping[str, Any],
        answers: Mapping[str, Any],
        problem_of_number: NumberProblem,
    ) -> None:
        self._form, self._guide, self._screen = form, guide, screen
        self._given, self._suggested = given, suggested
        self._problem_of_number = problem_of_number
        self.answers = dict(answers)

    def run(self) -> dict[str, Any]:
        """Ask, then show all answers until they are accepted; the answers that are not defaults.

        Raises EOFError or KeyboardInterrupt if somebody ends it.
        """
        self._screen.show(_KEYS)
        asked = [name for name in self._asked() if name not in self.answers]
        at = 0
        while at < len(asked):
            forward = self._put(asked[at], f"{at + 1}/{len(asked)} ", can_go_back=at > 0)
            at += 1 if forward else -1
        while name := self._reviewed():
            self._put(name, "", can_go_back=True)
        return {**self._suggested, **self._given, **self.answers}

    def _asked(self) -> list[str]:
        """The questions that are put one after the other."""
        # Git may not know who writes.
        nobody = ["author_name"] if self._filled().get("author_name") == "" else []
        layout_given = "layout" in self._given
        return [
            name
            for name in dict.fromkeys((*_ASKED, *nobody, *self._unanswered()))
            if name in self._form.names
            and name not in self._given
            and not (layout_given and name in _ONLY_FOR_LAYOUT)
        ]

    def _put(self, name: str, counter: str, *, can_go_back: bool) -> bool:
        """Put a question until it is answered; whether it was, and nobody wants to go back."""
        typed = ""
        while True:
            filled = self._filled()
            question = self._question(name, filled)
            now = typed or shown(filled[name], question)
            self._show_choices(question)
            line = self._screen.ask(f"{counter}{question.label}", now).strip()
            if line == _HELP:
                self._screen.show(_explanation(question))
            elif line == _BACK and can_go_back:
                return False
            elif not line and not typed:
                missing = _NEEDED if name in self._unanswered() else None
                if problem := self._problem(name, filled[name]) or missing:
                    self._screen.show(f"  {problem}")
                else:
                    return True
            else:
                value = "" if line == _EMPTY else _chosen(line or typed, question)
                problem = self._problem(name, value)
                if not problem:
                    self.answers |= stored({name: value})
                    return True
                typed = line or typed
                self._screen.show(f"  {problem}")

    def _show_choices(self, question: Question) -> None:
        for at, (label, _) in enumerate(question.choices, start=1):
            self._screen.show(f"  {at} {label}")

    def _problem(self, name: str, value: Any) -> str | None:
        """What is wrong with an answer, or None."""
        found = self._form.filled({**self._suggested, **self._given, **self.answers, name: value})
        if name in found.problems:
            return found.problems[name]
        if name in found.unanswered or (name == "title" and not str(value).strip()):
            return _NEEDED
        return self._problem_of_number(found.answers[name]) if name == "number" else None

    def _reviewed(self) -> str:
        """Show all answers; the question that somebody wants to change, '' to accept."""
        filled = self._filled()
        questions = [
            question
            for name in self._form.names
            if name not in HIDDEN and (question := self._question(name, filled)).is_asked
        ]
        width = max(len(question.label) for question in questions)
        lines = [
            f"{at:<2} {question.label:<{width}}  {self._explained(question, filled)}".rstrip()
            for at, question in enumerate(questions, start=1)
        ]
        # So an answer of several lines is one block beside the labels.
        self._screen.show("\n".join(["", *lines]), hanging=width + len("10   "))
        by_word = {str(at): one.name for at, one in enumerate(questions, start=1)}
        by_word |= {
            word.casefold(): one.name for one in questions for word in (one.name, one.label)
        }
        while True:
            line = self._screen.ask("Enter makes it; a number changes that answer", "").strip()
            if not line:
                return self._wrong(questions, filled)
            if name := by_word.get(line.casefold()):
                return name
            self._screen.show(f"  {line!r} is not in the list; type a number of it, or Enter.")

    def _wrong(self, questions: list[Question], filled: Mapping[str, Any]) -> str:
        """The first question whose answer is wrong, '' if all are right."""
        missing = self._unanswered()
        for question in questions:
            if question.name in missing or self._problem(question.name, filled[question.name]):
                return question.name
        return ""

    def _explained(self, question: Question, filled: Mapping[str, Any]) -> str:
        text = shown(filled[question.name], question) or "-"
        if question.name != "layout":
            return text
        name, _, _ = text.partition(" - ")
        why = "; ".join(segmentation_reasons(self._guide, filled)) or _NO_REASON
        recommended = recommended_layout(self._guide, filled)
        if recommended == filled["layout"]:
            return f"{name}: {why}"
        label, _, _ = self._guide.layouts[recommended].label.partition(" - ")
        return f"{name}; the guide recommends {label}: {why}"

    def _question(self, name: str, filled: Mapping[str, Any]) -> Question:
        """A question as the answers before it make it."""
        names = self._form.names
        before = {one: filled[one] for one in names[: names.index(name)]}
        return self._form.question(name, {**self._given, **before})

    def _filled(self) -> dict[str, Any]:
        return self._replayed().answers

    def _unanswered(self) -> tuple[str, ...]:
        """The questions that have neither an answer nor a default."""
        return self._replayed().unanswered

    def _replayed(self) -> Replayed:
        return self._form.filled({**self._suggested, **self._given, **self.answers})


def _explanation(question: Question) -> str:
    """The help text, which begins in the middle of a sentence, as a block of its own."""
    text = question.help
    return "\n".join(f"  {line}" for line in f"{text[:1].upper()}{text[1:]}".splitlines())


def shown(value: Any, question: Question) -> str:
    """An answer as it is typed."""
    for label, choice in question.choices:
        if choice == value:
            return label
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, "", []):
        return ""
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(map(str, value))
    return str(value) if isinstance(value, str | int) else escapes.yaml_value(value)


def _chosen(line: str, question: Question) -> Any:
    """The answer that a line means: a choice may be typed as its place, label or value."""
    for at, (label, value) in enumerate(question.choices, start=1):
        if line.casefold() in (str(at), label.casefold(), str(value).casefold()):
            return value
    return line
