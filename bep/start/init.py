"""`init`: a repository is made ready; what exists is touched only where that is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .. import names
from ..errors import BepError
from ..markdown import edits, yaml_data
from ..proposal import agents_page
from ..system import git_clone, git_files, git_remotes, settings
from ..system.file_transaction import Change
from ..system.repository import Repository, decode, encode
from . import contradictions
from .contradictions import Contradiction
from .form import Form

_SETTINGS = "invoke.yaml"
_PAGES = ("*.md", "*.mdc", "*.rst", "*.txt")


# The files of a template revision, with the agents' skill at these paths.
Render = Callable[[Sequence[str]], Mapping[str, bytes]]


class Outcome(NamedTuple):
    """What became of a file: `made`, `equal`, or left as it is because it `differs` or is `kept`.

    An answers file that exists is kept, or `extended` by the skill: it records what the files come
    from. Files of the skill that it cannot record are `made alone` or `unrecorded`. Of the page for
    agents only the marked block is the tool's: it is `current`, `added` or `updated`.
    """

    path: str
    state: str


class Plan(NamedTuple):
    """What `init` does, file by file, and what it noticed.

    `corrected` are the changes of `contradictions` that are asked for; `changes` are all.
    `missing` says what a first proposal still needs.
    """

    outcomes: tuple[Outcome, ...]
    contradictions: tuple[Contradiction, ...]
    corrected: tuple[Change, ...]
    changes: tuple[Change, ...]
    missing: tuple[str, ...]


def plan(
    repository: Repository,
    render: Render,
    *,
    skills: Sequence[str] = (),
    recorded: Sequence[str] = (),
    apply: bool = False,
) -> Plan:
    """Those of the rendered files that are missing, with the agents' `skills` and page if asked.

    `recorded` are the files of the skill that the answers file names. With `apply`, lines of
    existing pages that contradict the tool are changed too. The answers file, which records that
    the files come from the template, is made only where they do. Raises BepError if a file
    cannot be read, or the block of the page for agents is broken.
    """
    answers = f"{repository.settings.proposals}/{names.answers_file(0)}"
    rendered = dict(render(skills))
    page = rendered.pop(f"{repository.settings.proposals}/{names.AGENTS_PAGE}", None)
    states = _states(repository, rendered)
    known = [one for one in skills if one in recorded or states[one] in ("made", "equal")]
    if len(known) < len(skills):
        rendered[answers] = render(known)[answers]
        states[answers] = _state(repository, repository.root / answers, rendered[answers])
    if states[answers] == "made" and _has_foreign(repository, set(states) - {answers}, states):
        del states[answers]
        known = []
    elif states[answers] == "differs":
        states[answers] = "extended" if set(known) - set(recorded) else "kept"
    made = [
        Change(repository.root / path, rendered[path])
        for path, state in states.items()
        if state in ("made", "extended")
    ]
    own = {path for path, state in states.items() if state in ("made", "equal")}
    for path in set(skills) - set(known):
        states[path] = _state_alone(repository, path, states[path])
    if page is not None:
        outcome, content = _page_for_agents(repository, decode(page), is_recorded=bool(recorded))
        states[outcome.path] = outcome.state
        if outcome.state not in ("current", "kept"):
            made.append(Change(repository.root / outcome.path, content))
        rendered[outcome.path] = page
    new = {repository.relative(path): content for path, content in made}
    pages = _pages(repository, new, own)
    found = _contradictions(pages, rendered)
    corrected = _corrected(repository, pages, found) if apply else []
    changes = {change.path: change for change in (*made, *corrected)}
    return Plan(
        tuple(Outcome(*item) for item in sorted(states.items())),
        tuple(found),
        tuple(corrected),
        tuple(changes.values()),
        tuple(_missing(repository, rendered)),
    )


def refuse_without_skill(form: Form, recorded: str) -> None:
    """Raise BepError if the form's revision, perhaps `recorded` already, knows no skill."""
    if "skills" in form.names:
        return
    if recorded:
        raise BepError(
            f"the process page comes from {recorded}, which has no skill for agents",
            "bring it up to date first, with `bep update 0`",
        )
    raise BepError("the template has no skill for agents", "name another one with --template")


def _states(repository: Repository, rendered: Mapping[str, bytes]) -> dict[str, str]:
    """What becomes of each rendered file."""
    states = {
        path: _state(repository, repository.root / path, content)
        for path, content in rendered.items()
    }
    if settings.file_name(repository.tree) not in ("", _SETTINGS):
        # A second file of settings would hide the first one.
        del states[_SETTINGS]
    return states


def _has_foreign(repository: Repository, paths: Collection[str], states: Mapping[str, str]) -> bool:
    """Whether one of the files in the folder of proposals is not the template's."""
    folder = f"{repository.settings.proposals}/"
    return any(states[path] == "differs" and path.startswith(folder) for path in paths)


def _state_alone(repository: Repository, path: str, state: str) -> str:
    """What becomes of a file of the skill that the answers file cannot record."""
    if state == "made":
        return "made alone"
    return "unrecorded" if repository.tree.is_file(repository.root / path) else "no file"


def _page_for_agents(
    repository: Repository, block: str, *, is_recorded: bool
) -> tuple[Outcome, bytes]:
    """What becomes of the page for agents, and its new content.

    A block that is recorded is brought up to date by an update alone, which keeps edits.
    """
    file = repository.proposals / names.AGENTS_PAGE
    path = repository.relative(file)
    is_new = not repository.tree.has(file)
    old = "" if is_new else repository.read(file)
    new = agents_page.with_block(old, block, path)
    had_block = agents_page.has_block(old)
    if new == old:
        state = "current"
    elif had_block and is_recorded:
        state = "kept"
    else:
        state = "made" if is_new else "updated" if had_block else "added"
    return Outcome(path, state), encode(new)


def _state(repository: Repository, path: Path, content: bytes) -> str:
    tree = repository.tree
    if not tree.has(path):
        return "made"
    return "equal" if tree.is_file(path) and tree.read(path) == content else "differs"


def _pages(
    repository: Repository, new: Mapping[str, bytes], own: Collection[str]
) -> dict[str, str]:
    """The texts of the pages about BEPs that are not the tool's `own`, by their paths.

    Some of them get a `new` content. A proposal is no such page, whatever it says.
    """
    found = {}
    for path in sorted({*git_files.files(repository.root, *_PAGES), *new} - set(own)):
        if _is_of_proposal(repository, path):
            continue
        try:
            text = decode(new.get(path) or repository.tree.read(repository.root / path))
        except (OSError, BepError):
            continue
        if "BEP" in text:
            found[path] = text
    return found


def _is_of_proposal(repository: Repository, path: str) -> bool:
    inside = path.removeprefix(f"{repository.settings.proposals}/")
    folder = inside.partition("/")[0]
    number = names.number_of_directory(folder) or names.number_of_document(inside)
    return inside != path and bool(number)


def _contradictions(pages: Mapping[str, str], rendered: Mapping[str, bytes]) -> list[Contradiction]:
    """The lines of the pages that contradict the tool and are not the template's own."""
    own = {line for content in rendered.values() for line in decode(content).split("\n")}
    return [
        one
        for path, text in pages.items()
        for one in contradictions.find(path, text, own, _span_of_block(text))
    ]


def _span_of_block(text: str) -> tuple[int, int]:
    found = agents_page.block(text)
    return (found.start, found.end) if found else (0, 0)


def _corrected(
    repository: Repository, pages: Mapping[str, str], found: Sequence[Contradiction]
) -> list[Change]:
    """The pages with the edits of what contradicts the tool there."""
    changes = []
    for path, text in pages.items():
        splices = [edit for one in found if one.path == path for edit in one.edits]
        if splices:
            new = encode(edits.applied(text, splices))
            changes.append(Change(repository.root / path, new))
    return changes


def _missing(repository: Repository, rendered: Mapping[str, bytes]) -> Iterator[str]:
    """What a first proposal still needs, each with what gives it."""
    file = settings.file_name(repository.tree)
    if file not in ("", _SETTINGS) and not repository.settings.template:
        template = yaml_data.load(decode(rendered[_SETTINGS]))["bep"]["template"]
        yield f"the template, in [tool.bep] of {file}: `template = {json.dumps(template)}`"
    name, address = git_clone.identity(repository.root)
    if not name:
        yield 'your name, for Git: `git config --global user.name "Your Name"`'
    if not address:
        yield "your address, for Git: `git config --global user.email you@example.com`"
    if not git_remotes.remotes(repository.root):
        yield (
            "a remote; without one, numbers are reserved in this repository only:"
            " `git remote add origin ADDRESS`, then `bep sync`"
        )
