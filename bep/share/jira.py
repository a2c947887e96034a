"""JIRA through the package `jira`: issues are found, made and linked.

This module is the only one that speaks to JIRA, and to the address in the settings only. The
credentials are those of the environment or netrc; it stores and prints none.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from ..errors import BepError
from ..proposal import related_issues
from ..questionnaire import answers as answer_forms, issue_references
from ..system.settings import Settings
from .tracker import Draft

if TYPE_CHECKING:
    from jira import JIRA
    from requests import PreparedRequest, Response, Session

# How long JIRA may take to accept a connection, and be silent after that, in seconds.
TIMEOUT = (10.0, 30.0)
# So long a request may take in all; an answer may come byte by byte.
DEADLINE = 60.0
_CLOUD = "Cloud"
_CLOUD_HOST = ".atlassian.net"
_LONGEST_REASON = 300
# What wiki markup reads: braces, brackets, images, tables, emphasis; hyphens inside words are text.
_MARKUP = re.compile(r"[{}\[\]|!*_^~+?]|(?<!\w)-|-(?!\w)")
_CREDENTIALS = (
    "set JIRA_USER and JIRA_API_TOKEN (Cloud), JIRA_API_TOKEN alone (Data Center), or add a line to"
    " ~/.netrc"
)


@dataclass
class JiraRefusal(BepError):
    """An answer of JIRA that is not a success; `status` is its HTTP status."""

    status: int = 0


class _Credentials(NamedTuple):
    """A user and a token from the environment, '' for what is not set."""

    user: str
    token: str

    @property
    def secrets(self) -> list[str]:
        """What must not be printed."""
        basic = base64.b64encode(f"{self.user}:{self.token}".encode()).decode()
        return [self.token, basic] if self.token else []


def wiki_text(text: str) -> str:
    r"""`text`, one line that is not at the start of one, as wiki markup that shows it.

    >>> print(wiki_text("{html} a-b [~x]"))
    \{html\} a-b \[\~x\]
    """
    return _MARKUP.sub(r"\\\g<0>", text.replace("\\", "&#92;"))


class Jira:
    """The project of the settings; the first question to it opens the connection."""

    name = related_issues.JIRA
    answer = "jira"

    def __init__(self, settings: Settings) -> None:
        """Raise BepError if the settings name no address, or a project that none can be."""
        if not settings.jira.url:
            raise BepError(
                "there is no setting jira.url",
                "add `jira: {url: https://example.atlassian.net}` to invoke.yaml, below `bep:`",
            )
        self.url = settings.jira.url
        self.project = settings.jira.project or settings.issue_prefix
        if issue_references.project_of(f"{self.project}-1") != self.project:
            raise BepError(
                f"in documents, {self.project}-1 is not an issue of JIRA",
                "set jira.project to the key of a project in JIRA",
            )
        self.unknown = f"{self.project}-NEW"
        self._issue_type = settings.jira.issue_type
        self._host = urlsplit(self.url).netloc

    @property
    def place(self) -> str:
        return f"{self.project} at {self._host}"

    def in_text(self, text: str) -> list[str]:
        return self._own(issue_references.keys_in(text))

    def recorded(self, answers: Sequence[str]) -> list[str]:
        return self._own(answer_forms.issue_keys(answers, self.project))

    def _own(self, keys: Sequence[str]) -> list[str]:
        ours = (key for key in keys if issue_references.project_of(key) == self.project)
        return list(dict.fromkeys(ours))

    def page(self, key: str) -> str:
        return f"{self.url}/browse/{key}"

    # --- Questions and orders -------------------------------------------------------------------

    def existing(self, named: str) -> str:
        key = f"{self.project}-{named}" if named.isdecimal() else named
        project = issue_references.project_of(key)
        if not project:
            raise BepError(f"{named!r} is not an issue key", f"write one such as {self.project}-12")
        self._refuse_other_project(key)
        try:
            with self._answering():
                found = str(self._client.issue(key, fields="summary").key)
        except JiraRefusal as refusal:
            if refusal.status != 404:
                raise
            raise BepError(
                f"there is no issue {key} at {self._host}, or you may not see it",
                f"correct --key; {_CREDENTIALS}" if self._is_anonymous else "correct --key",
            ) from None
        # JIRA answers with the new key of an issue that was moved.
        self._refuse_other_project(found)
        return found

    def _refuse_other_project(self, key: str) -> None:
        if issue_references.project_of(key) != self.project:
            raise BepError(
                f"{key} is not in the project {self.project}",
                "give an issue of that project, or correct the setting jira.project",
            )

    def find(self, mark: str) -> str:
        query = f'project = "{self.project}" AND description ~ "{mark}" ORDER BY created ASC'
        with self._answering():
            found: Any = self._client.search_issues(query, fields="description", json_result=True)
            with_mark = (
                str(one["key"])
                for one in found["issues"]
                if mark in json.dumps(one["fields"]["description"])
            )
            key = next(with_mark, "")
        return self._refused_if_odd(key) if key else ""

    def make(self, draft: Draft) -> str:
        with self._answering():
            describe = _document if self._client.deploymentType == _CLOUD else _wiki
            made = self._client.create_issue(
                fields={
                    "project": {"key": self.project},
                    "issuetype": {"name": self._issue_type},
                    "summary": draft.summary,
                    "description": describe(draft),
                },
                prefetch=False,
            )
            key = str(made.key)
        return self._refused_if_odd(key)

    def _refused_if_odd(self, key: str) -> str:
        """The key, which goes into documents; raises BepError if it is not one of our keys."""
        if issue_references.project_of(key) != self.project:
            raise BepError(
                f"{self._host} answered the key {key[:40]!r}", "look there for what was made"
            )
        return key

    def link(self, key: str, url: str, title: str) -> str:
        try:
            with self._answering():
                there = [one.raw["object"]["url"] for one in self._client.remote_links(key)]
                if url not in there:
                    self._client.add_simple_link(key, {"url": url, "title": title})
        except JiraRefusal as refusal:
            # Where links are switched off or not allowed, no later call could add one.
            if refusal.status not in (400, 403, 404):
                raise
            return refusal.message
        return ""

    # --- The connection -------------------------------------------------------------------------

    @cached_property
    def _credentials(self) -> _Credentials:
        found = [os.environ.get(name, "").strip() for name in ("JIRA_USER", "JIRA_API_TOKEN")]
        if not all(text.isascii() and text.isprintable() for text in found):
            raise BepError(
                "JIRA_USER or JIRA_API_TOKEN has a character that no request can hold",
                "set it again, in ASCII and on one line",
            )
        return _Credentials(*found)

    @property
    def _is_anonymous(self) -> bool:
        return not self._credentials.token and self._of_netrc() is None

    def _of_netrc(self) -> _Credentials | None:
        from requests.utils import get_netrc_auth

        found = get_netrc_auth(self.url)
        return _Credentials(*found) if found else None

    def _secrets(self) -> list[str]:
        """What must not be printed: the credentials that a request may have had."""
        known = filter(None, [self._credentials, self._of_netrc()])
        return [secret for one in known for secret in one.secrets]

    @cached_property
    def _client(self) -> JIRA:
        client = self._opened("3" if self._host.endswith(_CLOUD_HOST) else "2")
        kind = client.server_info().get("deploymentType")
        if kind == _CLOUD and not self._host.endswith(_CLOUD_HOST):
            client = self._opened("3")
        client.deploymentType = kind
        return client

    def _opened(self, version: str) -> JIRA:
        from jira import JIRA

        user, token = self._credentials
        client = JIRA(
            self.url,
            options={"rest_api_version": version},
            basic_auth=(user, token) if user and token else None,
            token_auth=token if token and not user else None,
            get_server_info=False,
            logging=False,
            max_retries=0,
            timeout=TIMEOUT,
        )
        # Another host, or a page that asks for a login, has nothing to say here.
        client._session.max_redirects = 0  # noqa: SLF001 (there is no option for it)
        _set_deadline(client._session)  # noqa: SLF001
        return client

    # --- What goes wrong ------------------------------------------------------------------------

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Turn all that JIRA and the network do wrong into BepError."""
        try:
            import requests
            from jira import JIRAError
        except ImportError:
            raise BepError(
                "the package jira is not installed", "run `pip install 'bep-templates[jira]'`"
            ) from None
        try:
            yield
        except JIRAError as error:
            status = error.status_code or 0
            # A success that is none: the client misses something in it.
            is_odd = 200 <= status < 300
            raise self._odd() if is_odd else self._refusal(status, error.response) from None
        except requests.TooManyRedirects as error:
            raise self._redirected(error.response) from None
        except requests.Timeout:
            raise self._unreached("no answer in time") from None
        except requests.exceptions.SSLError:
            raise self._unreached("its certificate is not accepted") from None
        except requests.ConnectionError as error:
            # The text names objects of Python; the system's reason is in it.
            reason = re.search(r"\[Errno -?\d+\] ([\w ]+)", str(error))
            raise self._unreached(reason[1].lower() if reason else "no connection") from None
        except (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.InvalidProxyURL,
        ):
            raise BepError(
                f"no request can be sent to JIRA at {self._host}",
                "check the setting jira.url, and the proxy that the environment names",
            ) from None
        except (
            *(ValueError, LookupError, TypeError, AttributeError, NotImplementedError),
            *(RecursionError, OverflowError),
        ):
            # The client does not check an answer's form: it raises any of these for one that is
            # not JIRA's.
            raise self._odd() from None
        except requests.RequestException:
            raise self._unreached("the answer was cut off") from None

    def _unreached(self, reason: str) -> BepError:
        remedy = "try again when it can, or check the setting jira.url"
        return BepError(f"JIRA at {self._host} cannot be reached ({reason})", remedy)

    def _odd(self) -> BepError:
        return BepError(
            f"{self._host} answered something that is not JIRA's JSON",
            "check the setting jira.url: it is the address before /browse/",
        )

    def _redirected(self, response: Response | None) -> BepError:
        target = ""
        if response is not None:
            with suppress(ValueError):
                target = urlsplit(response.headers.get("Location", "")).netloc
        return BepError(
            f"{self._host} redirects to {target.rpartition('@')[2] or 'another page'}",
            f"set jira.url to JIRA's own address; if it asks for a login, {_CREDENTIALS}",
        )

    def _refusal(self, status: int, response: Response | None) -> JiraRefusal:
        """The error for an answer that is not a success."""
        headers = {} if response is None else response.headers
        reason = self._reason(response)
        said = f" ({reason})" if reason else ""
        if "CAPTCHA" in headers.get("X-Authentication-Denied-Reason", ""):
            what, remedy = (
                "asks for a captcha",
                f"log in at {self.url} in a browser, then try again",
            )
        elif status == 401 and self._is_anonymous:
            what, remedy = f"asks for credentials{said}", _CREDENTIALS
        elif status == 401:
            what, remedy = f"does not accept the credentials{said}", _CREDENTIALS
        elif status == 429:
            seconds = headers.get("Retry-After", "")
            wait = f"in {seconds} seconds" if seconds.isdecimal() else "later"
            what, remedy = f"accepts no more requests for now{said}", f"try again {wait}"
        elif status >= 500 or not status:
            what, remedy = f"answered {status or 'nothing'}{said}", "try again later"
        elif status == 400:
            what = f"refuses the request{said}"
            remedy = "correct the settings jira.project and jira.issue_type"
        else:
            what = f"answered {status}{said}"
            remedy = f"check the setting jira.url, and that you may work in {self.project}"
        if self._is_anonymous and status in (400, 403, 404):
            remedy = f"{remedy}; without credentials JIRA hides much: {_CREDENTIALS}"
        return JiraRefusal(f"JIRA at {self._host} {what}", remedy, status=status)

    def _reason(self, response: Response | None) -> str:
        """What JIRA says in its own form, fields with their names; '' for a page of HTML."""
        try:
            data = {} if response is None else response.json()
        except (ValueError, RecursionError):
            return ""
        if not isinstance(data, dict):
            return ""
        messages, fields = data.get("errorMessages"), data.get("errors")
        said = [str(one) for one in messages] if isinstance(messages, list) else []
        said += (
            [f"{name}: {one}" for name, one in fields.items()] if isinstance(fields, dict) else []
        )
        said = said or [str(data[key]) for key in ("message", "errorMessage") if data.get(key)]
        text = " ".join("; ".join(said).split())
        for secret in self._secrets():
            text = text.replace(secret, "***")
        return text[:_LONGEST_REASON]


def _set_deadline(session: Session) -> None:
    """Have each request of a session raise requests.Timeout after DEADLINE."""
    import threading
    from concurrent.futures import Future

    import requests

    send = session.send

    def send_in_time(request: PreparedRequest, **options: Any) -> Response:
        answer: Future[Response] = Future()

        def work() -> None:
            try:
                answer.set_result(send(request, **options))
            except BaseException as error:
                answer.set_exception(error)

        # Nothing can end it; the process does not wait for a daemon.
        threading.Thread(target=work, daemon=True).start()
        try:
            return answer.result(DEADLINE)
        except TimeoutError:
            raise requests.Timeout from None

    session.send = send_in_time  # type: ignore[method-assign]


# --- Descriptions -------------------------------------------------------------------------------


def _wiki(draft: Draft) -> str:
    """The description of an issue in wiki markup, which Data Center reads."""
    document = wiki_text(draft.path)
    if draft.page:
        document = f"[{document}|{draft.page}]"
    scope = [f"Scope: {wiki_text(draft.scope)}"] if draft.scope else []
    return "\n\n".join([*scope, f"Proposal: {document}", _marked(draft)])


def _document(draft: Draft) -> dict[str, Any]:
    """The description of an issue as a document of nodes, which Cloud reads."""
    link = [{"type": "link", "attrs": {"href": draft.page}}] if draft.page else []
    place: dict[str, Any] = {"type": "text", "text": draft.path, "marks": link}
    paragraphs = [
        *([[_text(f"Scope: {draft.scope}")]] if draft.scope else []),
        [_text("Proposal: "), place],
        [_text(_marked(draft))],
    ]
    content = [{"type": "paragraph", "content": one} for one in paragraphs]
    return {"type": "doc", "version": 1, "content": content}


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _marked(draft: Draft) -> str:
    return f"Made by bep issue, which knows it by {draft.mark}."
