"""The texts of a pull request: title, body, commit message, news fragment, from a proposal.

They are templates in the settings with plain fields such as `{name}`: a word in braces. Its value
is inserted as it is; braces in a value are text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .. import names
from ..markdown import escapes, plain_text
from ..proposal import decision_log, open_questions, related_issues, sub_documents
from ..proposal.document import Document
from ..questionnaire import issue_references
from ..system.settings import PullRequest

# GitHub takes 65,536 characters of a body and 256 of a title.
_LONGEST_BODY = 60_000
_LONGEST_TITLE = 250
_LONGEST_ITEM = 300
_MOST_ITEMS = 40

_FIELD = re.compile(r"(?P<open>[(\[]?)\{(?P<name>[a-z_]+)\}(?P<close>[)\]]?)")

# A body is the tool's between two marks; what a person writes around them stays.
_END = "<!-- end of bep submit -->"
_TITLE = re.compile(r"^<!-- title: (.*) -->$", re.MULTILINE)
_UNSEEN = "\u200b"


class Subject(NamedTuple):
    """What a pull request is about: a proposal's main document and where it is.

    `pages` are its documents' paths with the addresses of their pages on the forge, '' if these
    are not known. `is_new` says that the main branch has no such document, `is_first` that the
    branch has none yet.
    """

    number: int
    document: Document
    slug: str
    branch: str
    pages: Sequence[tuple[str, str]]
    is_new: bool
    is_first: bool


class Texts(NamedTuple):
    """The texts of one pull request; `fragment` is the news fragment's path, '' for none."""

    title: str
    body: str
    commit: str
    fragment: str
    news: str


def texts(subject: Subject, settings: PullRequest) -> Texts:
    """The texts that the settings make of a proposal."""
    fields = _fields(subject)
    title = _on_one_line(filled(settings.title, fields))
    title = title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
    body = filled(settings.body, {**fields, **_parts(subject)})
    return Texts(
        title,
        _body(body, fields["name"], title),
        _on_one_line(filled(settings.commit, {**fields, "action": _action(subject.is_first)})),
        filled(settings.news_fragment, fields),
        f"{fields['action'].capitalize()} {fields['name']}: {fields['title']}",
    )


def filled(template: str, fields: Mapping[str, str]) -> str:
    """A template with its fields filled in; brackets around an empty field go with it.

    >>> filled("docs({jira}): add {name}", {"jira": "", "name": "BEP-1046"})
    'docs: add BEP-1046'
    """

    def value(found: re.Match[str]) -> str:
        name, opening, closing = found["name"], found["open"], found["close"]
        if name not in fields:
            return found[0]
        text = fields[name]
        return "" if not text and opening and closing else f"{opening}{text}{closing}"

    return _FIELD.sub(value, template)


def updated_body(there: str, ours: str) -> str:
    """The body of a pull request with the proposal's part as `ours` has it now.

    It stays as it is where it has no such part: somebody who deletes the marks keeps the body for
    themselves, and a branch of two proposals has the part of one.
    """
    there = there.replace("\r\n", "\n")
    begin = ours.partition("\n")[0]
    part = re.compile(rf"{re.escape(begin)}\n.*?{re.escape(_END)}", re.DOTALL)
    return part.sub(lambda _: ours, there, count=1)


def made_title(body: str) -> str:
    """The title that a pull request with this body got when the body was written, '' if unknown."""
    found = _TITLE.search(body.replace("\r\n", "\n"))
    return found[1].replace(_UNSEEN, "") if found else ""


def _fields(subject: Subject) -> dict[str, str]:
    document = subject.document
    return {
        "number": str(subject.number),
        "name": names.proposal_name(subject.number),
        "title": _on_one_line(document.shown_title),
        "slug": subject.slug,
        "jira": next(iter(jira_keys(document)), ""),
        "status": document.metadata.value("status"),
        "author": document.metadata.value("author"),
        "action": _action(subject.is_new),
        "branch": subject.branch,
        "path": document.path,
    }


def _action(is_new: bool) -> str:
    return "add" if is_new else "update"


def jira_keys(document: Document) -> list[str]:
    """The keys of issues that a proposal names under Related Issues."""
    return issue_references.keys_in(related_issues.text(document))


def _parts(subject: Subject) -> dict[str, str]:
    """The fields of a body that are paragraphs, each '' if there is nothing to say."""
    document = subject.document
    pages = [f"- [{path}]({page})" if page else f"- `{path}`" for path, page in subject.pages]
    asked = [one.text for one in open_questions.find(document)]
    decided = [" — ".join(filter(None, one)) for one in decision_log.decisions(document)]
    return {
        "scope": _shown(sub_documents.scope(document)),
        "index": _list("Documents", pages),
        "questions": _list(document.heading_of(open_questions.SECTION), map(_item, asked)),
        "decisions": _list(document.heading_of(decision_log.SECTION), map(_item, decided)),
        "issues": _issues(document),
    }


def _issues(document: Document) -> str:
    related = related_issues.text(document)
    keys = ", ".join(issue_references.keys_in(related))
    numbers = [one for one in issue_references.github_in(related) if "/pull/" not in one]
    if not numbers:
        return keys
    links = ", ".join(f"resolves {one}" for one in numbers)
    return f"{links} ({keys})" if keys else links


def _list(heading: str, items: Sequence[str] | map[str]) -> str:
    shown = list(items)
    if not shown:
        return ""
    left = len(shown) - _MOST_ITEMS
    more = [f"- … and {left} more"] if left > 0 else []
    return "\n".join([f"## {heading}", "", *shown[:_MOST_ITEMS], *more])


def _item(markdown: str) -> str:
    """What a reader sees of an author's Markdown, as an item of a list: see `_shown`."""
    return f"- {_shown(plain_text.visible(markdown))}"


def _shown(text: str) -> str:
    """A text as Markdown on one line that notifies nobody and links to nothing."""
    text = _on_one_line(text)
    text = text if len(text) <= _LONGEST_ITEM else f"{text[:_LONGEST_ITEM].rstrip()}…"
    return escapes.quoted_text(text)


def _body(text: str, name: str, title: str) -> str:
    inside = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
    if len(inside) > _LONGEST_BODY:
        inside = f"{inside[:_LONGEST_BODY].rpartition(chr(10))[0]}\n\n… the rest is too long"
    begin = f"<!-- bep submit {name}: each call writes anew what is above the end mark -->"
    # Two hyphens could end the comment.
    kept = title.replace("--", f"-{_UNSEEN}-")
    return f"{begin}\n<!-- title: {kept} -->\n{inside}\n{_END}"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
