"""How `new` comes to its answers: given ones, a data file, questions on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ..errors import BepError, unknown
from ..guide import Guide
from ..markdown import escapes, yaml_data
from ..markdown.yaml_data import Unreadable
from ..questionnaire.answers import segmentation_reasons
from ..system import chosen_proposals
from ..system.copier_api import Rendering

# What only the author knows. The rest follows from the repository and from these.
_ASKED = (
    "title",
    "scope",
    "jira",
    "github",
    "estimated_lines",
    "components",
    "phases",
    "subsystems",
)
_ONLY_FOR_LAYOUT = ("estimated_lines", "subsystems")
# Set by the repository, not by an author.
_HIDDEN = ("proposals", "first_number", "issue_prefix", "status", "invoke_tasks", "adopted")
# Worked out anew for each proposal; in a data file they are comments.
_DERIVED = ("number", "slug", "layout", "created")


class Render(Protocol):
    """Renders the template with final answers, asking for some, suggesting others."""

    def __call__(
        self,
        answers: Mapping[str, Any],
        ask: tuple[str, ...] = ...,
        suggestions: Mapping[str, Any] | None = ...,
    ) -> Rendering: ...


def given_answers(
    flags: Mapping[str, str],
    pairs: Sequence[str],
    data_file: Path | None,
) -> dict[str, Any]:
    """The answers given in the call; flags take precedence over `-d`, and `-d` over the data file.

    Raises BepError where a pair or the file cannot be read.
    """
    given: dict[str, Any] = _read_data_file(data_file) if data_file else {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise BepError(
                f"-d {pair!r} is not an answer", "write -d NAME=VALUE, as in -d slug=my-title"
            )
        given[name.strip()] = value
    given |= {name: value for name, value in flags.items() if value}
    if "number" in given:
        given["number"] = chosen_proposals.one_number(str(given["number"]))
    return given


def _read_data_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode()
        content = yaml_data.load(text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BepError(f"cannot be read ({reason})", "name a YAML file", str(path)) from None
    except UnicodeDecodeError:
        raise BepError("is not UTF-8 text", "name a YAML file", str(path)) from None
    except Unreadable as error:
        raise BepError(error.said, "correct it", str(path), error.line) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise BepError("contains no answers", "write one `name: value` per line", str(path), 1)
    return {str(name): value for name, value in content.items()}


def refuse_unknown(given: Mapping[str, Any], rendered: Rendering) -> None:
    """Raise BepError for an answer to which the template has no question."""
    if strange := sorted(given.keys() - rendered.questions.keys()):
        known = [name for name in rendered.questions if name not in _HIDDEN]
        choices = f"the questions are {', '.join(known)}"
        raise unknown("question", strange[0], known, choices=choices)


def converse(
    guide: Guide,
    render: Render,
    given: Mapping[str, Any],
    suggestions: Mapping[str, Any],
    edit: Callable[[Mapping[str, str], str], str],
) -> Rendering:
    """Ask for what matters, then offer the rest for editing until it is accepted.

    `guide` says why a layout is recommended. `edit` shows answers and a remark, and returns the
    names of those to change, '' to accept.
    """
    ask = tuple(
        name
        for name in _ASKED
        if name not in given and not (name in _ONLY_FOR_LAYOUT and "layout" in given)
    )
    rendered = render(given, ask, suggestions)
    remark = ""
    while True:
        rest = {
            name: _shown(guide, name, value, rendered.answers)
            for name, value in rendered.answers.items()
            if name not in (*_ASKED, *_HIDDEN)
        }
        wanted = tuple(name for part in edit(rest, remark).split(",") if (name := part.strip()))
        if not wanted:
            return rendered
        unknown = [name for name in wanted if name not in rendered.questions]
        remark = f"Unknown question {unknown[0]!r}." if unknown else ""
        if unknown:
            continue
        kept = {name: value for name, value in rendered.answers.items() if name not in wanted}
        old = {name: rendered.answers[name] for name in wanted}
        rendered = render(kept, wanted, old)


def _shown(guide: Guide, name: str, value: Any, answers: Mapping[str, Any]) -> str:
    if name == "layout":
        reasons = segmentation_reasons(guide, answers)
        return f"{value}  ({'; '.join(reasons) or 'none of the four criteria for segments holds'})"
    if value in (None, "", []):
        return "-"
    return str(value) if isinstance(value, str | int) else escapes.yaml_value(value)


def print_answers(render: Render, given: Mapping[str, Any]) -> str:
    """The questionnaire as commented YAML, with the defaults that this repository gives.

    Answers that are worked out anew for each proposal are comments.
    """
    titled = "title" in given
    rendered = render(given if titled else {**given, "title": "Title"})
    refuse_unknown(given, rendered)
    lines = ["# Answers for `bep new --data-file FILE`; leave out what the default should decide."]
    for name, text in rendered.questions.items():
        if name in _HIDDEN:
            continue
        value = rendered.answers[name]
        lines += ["", *(f"# {part}" for part in _wrapped(text))]
        written = escapes.yaml_value(
            "" if value is None or (name in ("title", "scope") and not titled) else value
        )
        comment = "# " if name in _DERIVED and name not in given else ""
        lines.append(f"{comment}{name}: {written}")
    return "\n".join(lines) + "\n"


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > 96:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines
