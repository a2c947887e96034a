"""GitHub through its own command `gh`, which has the credentials: requests to its REST interface.

This module is the only one that runs `gh`. It stores and prints no token.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from ..errors import BepError

# So long a request may take, in seconds; gh itself would wait for ever.
TIMEOUT = 60
_PAGE = 100
_MOST_PAGES = 20
_NOT_LOGGED_IN = 4
_UNATTENDED = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "GH_SPINNER_DISABLED": "1",
    "NO_COLOR": "1",
}
# In so short a call, collecting garbage takes a fifth of the time.
_QUICK = {"GOGC": "400"}
# What would print the request, or change what is printed.
_UNWANTED = ("GH_DEBUG", "DEBUG", "CLICOLOR_FORCE", "GH_FORCE_TTY")
_LONGEST_REASON = 300
NOT_ALLOWED = (403, 404)
# Who writes with the token of a workflow, which may not ask for its own name.
_WORKFLOW_USER = "github-actions[bot]"


@dataclass
class GitHubRefusal(BepError):
    """An answer of GitHub that is not a success; `status` is its HTTP status."""

    status: int = 0


class _Answer(NamedTuple):
    """What GitHub answered: status, headers by lower-case names, and the text of the body."""

    status: int
    headers: Mapping[str, str]
    body: str


def is_installed() -> bool:
    """Whether there is a `gh` to run."""
    return shutil.which("gh") is not None


def is_logged_in(host: str) -> bool:
    """Whether `gh` has credentials for a host; False without `gh`."""
    if not is_installed():
        return False
    return _run("auth", "token", "--hostname", host).returncode == 0


def path(*parts: str | int) -> str:
    """The path of a request, each part escaped.

    >>> path("repos", "lablup", "a b", "issues", 7)
    'repos/lablup/a%20b/issues/7'
    """
    return "/".join(quote(str(part), safe="") for part in parts)


def get(host: str, where: str, **query: str | int) -> Any:
    """What is at a path, as data. Raises BepError, of which GitHubRefusal is the refused one."""
    return _asked(host, "GET", f"{where}?{urlencode(query)}" if query else where)


def every(host: str, where: str, **query: str | int) -> list[Any]:
    """All elements of the list at a path, of however many pages, up to 2,000. Raises as `get`."""
    found: list[Any] = []
    for page in range(1, _MOST_PAGES + 1):
        elements = get(host, where, **query, per_page=_PAGE, page=page)
        found += elements
        if len(elements) < _PAGE:
            break
    return found


def post(host: str, where: str, **body: Any) -> Any:
    """Make something at a path; returns what was made. Raises as `get`."""
    return _asked(host, "POST", where, body)


def patch(host: str, where: str, **body: Any) -> Any:
    """Change what is at a path; returns it. Raises as `get`."""
    return _asked(host, "PATCH", where, body)


def user(host: str) -> str:
    """The account that asks; a workflow's own may not ask who it is. Raises as `get`."""
    try:
        with reading(host):
            return str(get(host, "user")["login"])
    except GitHubRefusal as refusal:
        if refusal.status not in NOT_ALLOWED:
            raise
        return _WORKFLOW_USER


@contextmanager
def reading(host: str) -> Iterator[None]:
    """Raise BepError if what a host answered lacks what is read from it."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        raise BepError(f"{host} answered something unexpected", "try again later") from None


def _asked(host: str, method: str, where: str, body: Mapping[str, Any] | None = None) -> Any:
    call = ["api", "--include", "--hostname", host, "--method", method, where]
    given = "" if body is None else json.dumps(body)
    done = _run(*call, *([] if body is None else ["--input", "-"]), given=given)
    answer = _answer(done.stdout)
    if answer is None:
        raise _failure(host, done)
    if not 200 <= answer.status < 300:
        raise _refusal(host, where, answer)
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise BepError(f"{host} answered something that is not JSON", "try again later") from None


def _run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if name not in _UNWANTED}
    try:
        return subprocess.run(
            ["gh", *arguments],
            input=given,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env={**_QUICK, **kept, **_UNATTENDED},
            timeout=TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        raise BepError(
            "gh is not installed", "install GitHub's command line from https://cli.github.com"
        ) from None
    except subprocess.TimeoutExpired:
        raise BepError(
            f"GitHub did not answer within {TIMEOUT} seconds", "try again later"
        ) from None


def _answer(printed: str) -> _Answer | None:
    """Read the answer that `gh api --include` prints; None if there was none."""
    head, _, body = printed.replace("\r\n", "\n").partition("\n\n")
    lines = head.split("\n")
    status = re.match(r"HTTP/[\d.]+ (\d{3})\b", lines[0])
    if not status:
        return None
    pairs = (line.partition(": ") for line in lines[1:])
    return _Answer(int(status[1]), {name.lower(): value for name, _, value in pairs}, body)


def _failure(host: str, done: subprocess.CompletedProcess[str]) -> BepError:
    """The error where GitHub was not reached."""
    if done.returncode == _NOT_LOGGED_IN:
        return BepError(f"gh is not logged in to {host}", f"run `gh auth login --hostname {host}`")
    lines = [line.strip() for line in done.stderr.split("\n") if line.strip()]
    said = [line for line in lines if not line.lower().startswith(("warning", "!"))] or lines
    if not done.returncode:
        return BepError(
            f"`gh` does not print what {host} answers", "check that it is GitHub's command line"
        )
    reason = said[0] if said else f"gh exited with {done.returncode}"
    if "unknown flag" in reason or "unknown command" in reason:
        return BepError(f"this gh is too old ({reason})", "update it: https://cli.github.com")
    return BepError(f"{host} cannot be reached ({reason})", "try again when it can")


def _refusal(host: str, where: str, answer: _Answer) -> GitHubRefusal:
    """The error for an answer that is not a success."""
    reason = _reason(answer)
    status = answer.status
    if status == 401:
        return GitHubRefusal(
            f"{host} does not accept gh's credentials ({reason})",
            f"run `gh auth login --hostname {host}`",
            status=status,
        )
    if status == 429 or (status == 403 and _is_limited(answer)):
        return GitHubRefusal(
            f"{host} accepts no more requests for now ({reason})", _wait(answer), status=status
        )
    if status in (403, 404):
        return GitHubRefusal(
            f"{host} refuses {where.partition('?')[0]} ({reason})",
            "check the remote's address, and that gh's account may do this",
            status=status,
        )
    if 300 <= status < 400:
        return GitHubRefusal(
            f"{host} says that the repository has moved ({reason})",
            "set the remote's address with `git remote set-url`",
            status=status,
        )
    remedy = "try again later" if status >= 500 else "correct what it names, then try again"
    return GitHubRefusal(f"{host} answered {status} ({reason})", remedy, status=status)


def _reason(answer: _Answer) -> str:
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        return f"status {answer.status}, no JSON"
    if not isinstance(data, dict):
        return f"status {answer.status}"
    details = data.get("errors")
    told = [str(data.get("message") or f"status {answer.status}")]
    for one in details if isinstance(details, list) else []:
        if isinstance(one, dict):
            told.append(str(one.get("message") or f"{one.get('field')}: {one.get('code')}"))
        else:
            told.append(str(one))
    return ": ".join(dict.fromkeys(told))[:_LONGEST_REASON]


def _is_limited(answer: _Answer) -> bool:
    return answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers


def _wait(answer: _Answer) -> str:
    reset = answer.headers.get("x-ratelimit-reset", "")
    if reset.isdecimal() and len(reset) < 12:
        return f"try again after {datetime.fromtimestamp(int(reset)).astimezone():%H:%M}"
    seconds = answer.headers.get("retry-after", "")
    return f"try again in {seconds} seconds" if seconds.isdecimal() else "try again later"
