"""The sub-documents that a proposal's answers file records, and how it forgets one.

A sub-document is removed by deleting its file; what the answers say of it is derived from then on.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from ..guide import Guide
from ..markdown.edits import Splice
from ..questionnaire import answers as answer_forms
from ..questionnaire.answers import AnswerProblem
from . import stored_answers


def read(guide: Guide, text: str) -> dict[str, str]:
    """The sub-documents by file name, with what the Document Index was made to say of them.

    Empty for a proposal in one file, and where the answers file cannot be read.
    """
    answers = stored_answers.read(text)
    try:
        answer_forms.phases(answers.get("phases"))
        return {one.file: one.scope for one in answer_forms.sub_documents(guide, answers)}
    except AnswerProblem:
        return {}


def without(guide: Guide, text: str, gone: Set[str]) -> list[Splice]:
    """The edits of the answers file after which it does not record the files `gone`.

    Other components and phases do not name them any more either.
    """
    lost = {file.removesuffix(".md") for file in gone}
    answers = stored_answers.read(text)
    new: dict[str, Any] = {
        form.asked: False for form in guide.sub_document_forms if form.asked and form.file in gone
    }
    components = [
        _without(one, "depends_on", lost)
        for one in answer_forms.answer_list(answers.get("components"))
        if _name(one) not in lost
    ]
    phases = [
        _without(one, "components", lost) for one in answer_forms.answer_list(answers.get("phases"))
    ]
    new |= {"components": components, "phases": phases}
    changed = {name: value for name, value in new.items() if answers.get(name, []) != value}
    return stored_answers.replaced(text, changed)


def _name(component: Any) -> str:
    return str(component.get("name") if isinstance(component, dict) else component)


def _without(entry: Any, key: str, lost: Set[str]) -> Any:
    """A component or phase that names none of the lost ones."""
    if not isinstance(entry, dict) or key not in entry:
        return entry
    named = answer_forms.text_list(entry[key])
    kept = [name for name in named if name.removesuffix(".md") not in lost]
    if kept == named:
        return entry
    rest = {name: value for name, value in entry.items() if name != key}
    return {**rest, key: kept} if kept else _bare(rest)


def _bare(entry: dict[str, Any]) -> Any:
    return entry["name"] if list(entry) == ["name"] else entry
