"""References to issues: keys of a tracker such as BA-1234, and issues of GitHub."""

from __future__ import annotations

import re

from ..markdown.patterns import pattern

_PROJECT = r"[A-Z][A-Z0-9_]*"
_NUMBER = r"[1-9]\d{0,17}"
_REPOSITORY = r"[\w.-]+/[\w.-]+"
_ADDRESS = rf"https://github\.com/({_REPOSITORY})/(?:issues|pull)/({_NUMBER})"

_PROJECT_KEY = pattern(_PROJECT)
# Answers that were taken once stay answers: letters and digits of any script.
_KEY_ANSWER = pattern(rf"(?:{_PROJECT}-)?{_NUMBER}")
_KEY = pattern(rf"(?<![A-Za-z0-9_-])({_PROJECT})-{_NUMBER}(?![A-Za-z0-9_-])", re.ASCII)
# What looks like a key and is none.
_NO_PROJECTS = frozenset(["BEP", "PEP", "RFC", "ISO", "UTF", "SHA"])

_GITHUB_ADDRESS = pattern(_ADDRESS, re.ASCII)
_GITHUB_ANSWER = pattern(rf"(?:{_REPOSITORY})?\#?{_NUMBER}|{_ADDRESS}")
_GITHUB_SHORT = pattern(rf"(?:({_REPOSITORY})(?=\#))?\#?({_NUMBER})", re.ASCII)
_GITHUB_LINK = pattern(rf"\[[^\[\]]*\]\(({_ADDRESS})[^()\s]*\)", re.ASCII)
_GITHUB = pattern(rf"{_ADDRESS}|(?<![\w/.-])(?<!\]\()({_REPOSITORY})?\#({_NUMBER})(?!\w)", re.ASCII)


def is_project_key(text: str) -> bool:
    """Whether `text` is the key of a tracker's project, such as BA."""
    return _PROJECT_KEY.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """Whether `text` is an issue key, or the number of one."""
    return _KEY_ANSWER.fullmatch(text) is not None


def is_github(text: str) -> bool:
    """Whether `text` is a GitHub issue: `12`, `#12`, `owner/name#12` or its address."""
    return _GITHUB_ANSWER.fullmatch(text) is not None


def keys_in(text: str) -> list[str]:
    """The issue keys in Markdown, each once, in order.

    >>> keys_in("Story: [BA-1](https://x.atlassian.net/browse/BA-1), see RFC-9110")
    ['BA-1']
    """
    found = (key[0] for key in _KEY.finditer(text) if key[1] not in _NO_PROJECTS)
    return list(dict.fromkeys(found))


def project_of(key: str) -> str:
    """The project of a whole issue key, '' where `key` is none.

    >>> project_of("BA-12"), project_of("12")
    ('BA', '')
    """
    return key.rpartition("-")[0] if keys_in(key) == [key] else ""


def github_number(issue: str, repository: str) -> int | None:
    """The number of a GitHub issue of `repository`, None for one of another repository.

    >>> github_number("#12", "a/b"), github_number("a/c#12", "a/b")
    (12, None)
    """
    found = _GITHUB_ADDRESS.fullmatch(issue) or _GITHUB_SHORT.fullmatch(issue)
    if found is None or (found[1] or repository).casefold() != repository.casefold():
        return None
    return int(found[2])


def github_in(text: str) -> list[str]:
    """GitHub's issues and pull requests in Markdown, each once; a link counts for its address.

    >>> github_in("[this](https://github.com/a/b/pull/2), #3, a/b#2")
    ['https://github.com/a/b/pull/2', '#3']
    """
    found: dict[tuple[str, str], str] = {}
    for issue in _GITHUB.finditer(_GITHUB_LINK.sub(r" \1 ", text)):
        found.setdefault((issue[1] or issue[3] or "", issue[2] or issue[4]), issue[0])
    return list(found.values())


def issue_link(issue: str) -> str:
    """A GitHub issue as Markdown: an address becomes a link with a short text.

    >>> issue_link("https://github.com/lablup/backend.ai/issues/12")
    '[lablup/backend.ai#12](https://github.com/lablup/backend.ai/issues/12)'
    >>> issue_link("12")
    '#12'
    """
    if address := _GITHUB_ADDRESS.fullmatch(issue):
        return f"[{address[1]}#{address[2]}]({issue})"
    return issue if "#" in issue else f"#{issue}"
