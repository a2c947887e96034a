"""The form of each answer of the questionnaire.

Judges form only, never the state of a repository: Copier runs these rules again at every replay
of stored answers, so they never get stricter. '' and [] are "not known" and always pass where
the question can go without an answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Any

from .. import guide_file, names
from ..errors import suggestion
from . import issue_references, product_version
from .answers import (
    TEXT_LISTS,
    TRUE,
    AnswerProblem,
    components,
    is_adopted,
    line_problem,
    one_line,
    phases,
    text_list,
)

REGISTRY = "registry"

_ADDRESS = re.compile(r"[^\s@()<>,;:\"\[\]\\|]+@[^\s@()<>,;:\"\[\]\\|]+")
# The folder is named like the skill, in the letters that agents take for a name.
_SKILL = re.compile(r"(?:\.?[\w-][\w.-]*/)*[a-z0-9]+(?:-[a-z0-9]+)*/SKILL\.md")
_FOLDER_PART = re.compile(r"[\w-][\w. -]*(?<![. ])")


# The answer that lets a proposal keep the names of documents that were there first.
ADOPTED: Mapping[str, Any] = MappingProxyType({"adopted": True})
# What Copier takes for a truth value.
_TRUTHS = TRUE | {"false", "no", "n", "off", "f", "0"}


def problem(question: str, value: Any, answers: Mapping[str, Any]) -> str | None:
    """Return why `value` is not an answer to `question`, or None if it is one.

    `answers` are the answers known so far: `phases` may only name known `components`, the number
    0 belongs to the process page alone, and an `adopted` proposal keeps the file names it has.
    """
    try:
        if question in TEXT_LISTS:
            for item in text_list(value):
                _RULES[question](item, answers)
        else:
            _RULES[question](value, answers)
    except AnswerProblem as found:
        return str(found)
    return None


def _judge_title(value: Any, answers: Mapping[str, Any]) -> None:
    if not one_line(value, "title"):
        raise AnswerProblem("the title must not be empty; say what is proposed in one line")


def _judge_line(question: str) -> Callable[[Any, Mapping[str, Any]], None]:
    def judge(value: Any, answers: Mapping[str, Any]) -> None:
        one_line(value, question)

    return judge


def _judge_number(value: Any, answers: Mapping[str, Any]) -> None:
    registry = answers.get("layout") == REGISTRY
    first = answers.get("first_number") or 1
    if not re.fullmatch(r"-?[0-9]{1,9}", str(value)):
        raise AnswerProblem(f"number {value!r} is not a whole number, such as {first}")
    number = int(str(value))
    if registry and number != 0:
        raise AnswerProblem(f"number {number} is for a proposal; the process page has the number 0")
    if not registry and number < int(first):
        raise AnswerProblem(f"number {number} is too low; numbers start from {first}")
    if number > names.LARGEST_NUMBER:
        raise AnswerProblem(f"number {number} is too high; at most {names.LARGEST_NUMBER}")


def _judge_slug(value: Any, answers: Mapping[str, Any]) -> None:
    if value is None:
        raise AnswerProblem("slug has no value; leave it out for the default")
    text = str(value)
    if not text or not (found := names.slug_problem(text)):
        return
    if is_adopted(answers):
        found = line_problem(text, "") or names.file_name_problem(text)
    if found:
        raise AnswerProblem(f"slug {found.strip()}")


def _judge_author_name(value: Any, answers: Mapping[str, Any]) -> None:
    if re.search(r"[()<>@]", one_line(value, "author name")):
        raise AnswerProblem(
            f"author name {value!r} has ( ) < > or @; the address is asked separately"
        )


def _judge_address(value: Any, answers: Mapping[str, Any]) -> None:
    text = one_line(value, "address")
    if text and not _ADDRESS.fullmatch(text):
        raise AnswerProblem(f"{value!r} is not a mail address, such as name@example.com")


def _judge_co_author(value: str, answers: Mapping[str, Any]) -> None:
    text = one_line(value, "co-author")
    match = re.fullmatch(r"([^()<>@]*[^()<>@\s]) \(([^()]*)\)", text)
    if not match or not _ADDRESS.fullmatch(match[2]):
        raise AnswerProblem(f"co-author {value!r} is malformed; write Full Name (name@example.com)")


def _judge_status(value: Any, answers: Mapping[str, Any]) -> None:
    known = guide_file.own().status_names
    if value != "" and value not in known:
        raise AnswerProblem(f"status {value!r} is unknown; {suggestion(str(value), known)}")


def _judge_date(value: Any, answers: Mapping[str, Any]) -> None:
    text = str(value or "")
    try:
        if text and date.fromisoformat(text).isoformat() != text:
            raise ValueError
    except ValueError:
        raise AnswerProblem(f"{text!r} is not a date in the form YYYY-MM-DD") from None


def _judge_version(value: Any, answers: Mapping[str, Any]) -> None:
    if value and not product_version.is_version(str(value)):
        raise AnswerProblem(f"{value!r} is not a version: {product_version.RULE}")


def _judge_first_number(value: Any, answers: Mapping[str, Any]) -> None:
    if not re.fullmatch(r"[1-9][0-9]{0,4}", str(value)):
        raise AnswerProblem(f"first number {value!r} is not a number from 1 to 99999, such as 1000")


def _judge_issue_prefix(value: Any, answers: Mapping[str, Any]) -> None:
    if not issue_references.is_project_key(str(value)):
        raise AnswerProblem(f"issue prefix {value!r} is not a project key, such as BA")


def _judge_jira(value: str, answers: Mapping[str, Any]) -> None:
    if not issue_references.is_key(value):
        prefix = answers.get("issue_prefix") or "BA"
        raise AnswerProblem(f"{value!r} is not an issue key, such as {prefix}-1234")


def _judge_github(value: str, answers: Mapping[str, Any]) -> None:
    if not issue_references.is_github(value):
        raise AnswerProblem(
            f"{value!r} is not a GitHub issue: write #1234, owner/name#1234 or its address"
        )


def _judge_lines(value: Any, answers: Mapping[str, Any]) -> None:
    if value in (None, ""):
        return
    if isinstance(value, bool) or not re.fullmatch(r"0|[1-9]\d{0,5}", str(value)):
        raise AnswerProblem(f"{value!r} is not a number of lines, such as 300")


def _judge_components(value: Any, answers: Mapping[str, Any]) -> None:
    adopted = is_adopted(answers)
    found = components(value, adopted=adopted)
    known: set[str] = set()
    judge = names.kept_component_problem if adopted else names.component_problem
    layouts = guide_file.own().layout_files
    for component in found:
        if reason := judge(component.name, layouts):
            raise AnswerProblem(reason)
        if component.name in known:
            raise AnswerProblem(f"component {component.name!r} appears twice; each has one file")
        known.add(component.name)
    for component in found:
        for other in component.depends_on:
            if other not in known:
                raise AnswerProblem(
                    f"component {component.name!r} depends on {other!r}, which is not a component;"
                    f" the components are {', '.join(sorted(known))}"
                )
    try:
        TopologicalSorter({one.name: one.depends_on for one in found}).prepare()
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise AnswerProblem(f"components depend on each other in a circle: {circle}") from None


def _judge_phases(value: Any, answers: Mapping[str, Any]) -> None:
    adopted = is_adopted(answers)
    found = phases(value, adopted=adopted)
    repeated = [name for name, count in Counter(phase.name for phase in found).items() if count > 1]
    if repeated:
        raise AnswerProblem(f"phase {repeated[0]!r} appears twice; each is one step")
    if "components" not in answers:
        return
    try:
        known = [component.name for component in components(answers["components"], adopted=adopted)]
    except AnswerProblem:
        return
    for phase in found:
        for name in phase.components:
            if name not in known:
                raise AnswerProblem(
                    f"phase {phase.name!r} names the unknown component {name!r};"
                    f" the components are {', '.join(known) or 'none'}"
                )


def _judge_layout(value: Any, answers: Mapping[str, Any]) -> None:
    known = guide_file.own().layouts
    if value not in (*known, REGISTRY):
        raise AnswerProblem(f"layout {value!r} is unknown; {suggestion(str(value), known)}")


def _judge_truth(value: Any, answers: Mapping[str, Any]) -> None:
    if str(value).lower() not in _TRUTHS:
        raise AnswerProblem(f"{value!r} is neither true nor false")


def _judge_folder(value: Any, answers: Mapping[str, Any]) -> None:
    parts = str(value).split("/")
    if not all(_FOLDER_PART.fullmatch(part) for part in parts):
        raise AnswerProblem(
            f"{value!r} is not a folder inside the repository, such as proposals or docs/proposals"
        )


def _judge_skill(value: str, answers: Mapping[str, Any]) -> None:
    in_git = ".git" in value.casefold().split("/")
    if in_git or not _SKILL.fullmatch(value):
        raise AnswerProblem(
            f"{value!r} is not the path of a skill, such as .claude/skills/bep-guide/SKILL.md"
        )


_RULES: dict[str, Callable[[Any, Mapping[str, Any]], None]] = {
    "proposals": _judge_folder,
    "first_number": _judge_first_number,
    "issue_prefix": _judge_issue_prefix,
    "number": _judge_number,
    "title": _judge_title,
    "slug": _judge_slug,
    "author_name": _judge_author_name,
    "author_email": _judge_address,
    "co_authors": _judge_co_author,
    "status": _judge_status,
    "created": _judge_date,
    "created_version": _judge_version,
    "jira": _judge_jira,
    "github": _judge_github,
    "scope": _judge_line("scope"),
    "estimated_lines": _judge_lines,
    "components": _judge_components,
    "phases": _judge_phases,
    "subsystems": _judge_line("subsystem"),
    "layout": _judge_layout,
    "key_constraints": _judge_line("constraint"),
    "migration_document": _judge_truth,
    "overview_document": _judge_truth,
    "diagrams": _judge_truth,
    "invoke_tasks": _judge_truth,
    "skills": _judge_skill,
    "adopted": _judge_truth,
}

# All questions, in the order in which answers are stored.
QUESTIONS = tuple(_RULES)
