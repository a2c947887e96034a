"""The answers that a call of `new` gives: flags, `-d`, a data file, and the form as such a file."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import BepError, reason_of
from ..markdown import escapes, yaml_data
from ..markdown.yaml_data import Unreadable
from ..questionnaire.validation import REGISTRY
from ..system import chosen_proposals
from .conversation import HIDDEN
from .form import Form

# Worked out anew for each proposal; in a data file they are comments.
_DERIVED = ("number", "slug", "scope", "layout", "created")


def read(
    flags: Mapping[str, str],
    pairs: Sequence[str],
    data_file: Path | None,
) -> dict[str, Any]:
    """The answers given in the call; flags take precedence over `-d`, and `-d` over the data file.

    Raises BepError if a pair or the file cannot be read, or means no proposal.
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
    if given.get("layout") == REGISTRY:
        raise BepError(f"layout: {REGISTRY!r} is that of the process page", "`bep init` makes it")
    if "number" in given:
        given["number"] = chosen_proposals.one_number(str(given["number"]))
    return given


def _read_data_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode()
        content = yaml_data.load(text)
    except OSError as error:
        problem = f"cannot be read ({reason_of(error)})"
        raise BepError(problem, "name a YAML file", str(path)) from None
    except UnicodeDecodeError:
        raise BepError("is not UTF-8 text", "name a YAML file", str(path)) from None
    except Unreadable as error:
        raise BepError(error.said, "correct it", str(path), error.line) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise BepError("contains no answers", "write one `name: value` per line", str(path), 1)
    return {str(name): value for name, value in content.items()}


def as_data_file(form: Form, given: Mapping[str, Any]) -> str:
    """The questionnaire as commented YAML, with the defaults that this repository gives.

    Answers that are worked out anew for each proposal are comments. Raises BepError for `given`
    answers that are unknown or malformed.
    """
    titled = "title" in given
    answers = form.rendered(given if titled else {**given, "title": "Title"}).answers
    lines = ["# Answers for `bep new --data-file FILE`; leave out what the default should decide."]
    for name in form.names:
        if name in HIDDEN:
            continue
        question = form.question(name, answers)
        explained = f"{question.label}: {question.help}" if question.help else question.label
        value = answers[name]
        lines += ["", *_comment(explained)]
        written = escapes.yaml_value(
            "" if value is None or (name in ("title", "scope") and not titled) else value
        )
        comment = "# " if name in _DERIVED and name not in given else ""
        lines.append(f"{comment}{name}: {written}")
    return "\n".join(lines) + "\n"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        98,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
