"""What JIRA may answer besides success, credentials, and Cloud: what `jira820` does not have.

The real client speaks to a server of `pytest-httpserver`, through `bep issue`.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bep.share import jira
from tests.conftest import run_git, state
from tests.share.jira_server import set_jira

pytest.importorskip("jira")
pytest.importorskip("pytest_httpserver")

from werkzeug import Request, Response
from werkzeug.datastructures import Headers

TOKEN = "s3cret-token"
MAIN = "proposals/BEP-1002-quota-ledger.md"
PAGE = "https://github.com/acme/api/blob/main/proposals/BEP-1002-quota-ledger.md"
CONTEXT = "<!-- context-for-ai\ntype: master-bep\nscope: 'All @team {html}'\n-->\n\n# Quota"
CREDENTIALS = "set JIRA_USER and JIRA_API_TOKEN (Cloud), JIRA_API_TOKEN alone (Data Center)"
MADE = {"id": "1", "key": "BA-7"}

Serve = Callable[..., list[Request]]


@pytest.fixture
def folder(released: Path, httpserver, monkeypatch, tmp_path) -> Path:
    """A repository whose JIRA is `httpserver`, and a caller without credentials."""
    for name in ("JIRA_USER", "JIRA_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    set_jira(released, httpserver.url_for("").rstrip("/"))
    run_git(released, "remote", "add", "origin", "git@github.com:acme/api.git")
    return released


@pytest.fixture
def serve(httpserver) -> Serve:
    """Serves a JIRA that makes the issue BA-7; gives the list of requests that it gets.

    What it answers is replaced by name: `info`, `search`, `make`, `issue`, `links`, `link`.
    """

    def start(kind: str = "Server", **answers: Response) -> list[Request]:
        version, search = ("3", "search/jql") if kind == "Cloud" else ("2", "search")
        table: dict[tuple[str, str], tuple[str, Any]] = {
            ("GET", "2/serverInfo"): ("info", {"deploymentType": kind}),
            ("GET", f"{version}/field"): ("field", []),
            ("GET", f"{version}/{search}"): ("search", {"issues": []}),
            ("POST", f"{version}/issue"): ("make", MADE),
            ("GET", f"{version}/issue/BA-7"): ("issue", {**MADE, "fields": {}}),
            ("GET", f"{version}/issue/BA-7/remotelink"): ("links", []),
            ("POST", f"{version}/issue/BA-7/remotelink"): ("link", {"id": 1}),
        }
        requests: list[Request] = []

        def answer(request: Request) -> Response:
            request.get_data()
            requests.append(request)
            name, data = table[request.method, request.path.removeprefix("/rest/api/")]
            return answers.get(name) or as_json(data)

        httpserver.expect_request(re.compile("^/")).respond_with_handler(answer)
        return requests

    return start


def as_json(data: Any, status: int = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(json.dumps(data), status, named, content_type="application/json")


def bodies(requests: list[Request]) -> list[Any]:
    return [json.loads(one.get_data()) for one in requests if one.method == "POST"]


# --- Cloud --------------------------------------------------------------------------------------


def test_cloud_gets_a_document_of_nodes_by_its_third_version(folder, serve, call):
    requests = serve("Cloud")
    path = folder / MAIN
    path.write_text(path.read_text().replace("# Quota", CONTEXT))

    assert call(folder, "issue", "1002")[:2] == (0, "BA-7\n")

    fields, link = bodies(requests)
    description = fields["fields"].pop("description")
    assert fields["fields"] == {
        "project": {"key": "BA"},
        "issuetype": {"name": "Task"},
        "summary": "Quota Ledger",
    }
    assert (description["type"], description["version"]) == ("doc", 1)
    nodes = [node for paragraph in description["content"] for node in paragraph["content"]]
    assert nodes[0] == {"type": "text", "text": "Scope: All @team {html}"}
    assert nodes[2] == {
        "type": "text",
        "text": MAIN,
        "marks": [{"type": "link", "attrs": {"href": PAGE}}],
    }
    assert link == {"object": {"url": PAGE, "title": "BEP-1002: Quota Ledger"}}


def test_an_interrupted_call_to_cloud_is_taken_up(folder, serve, call, httpserver):
    requests = serve("Cloud", make=Response("", 502))
    assert call(folder, "issue", "1002")[0] == 2
    [made] = bodies(requests)
    found = {"key": "BA-7", "fields": {"description": made["fields"]["description"]}}
    other = {"key": "BA-6", "fields": {"description": None}}

    httpserver.clear()
    serve("Cloud", search=as_json({"issues": [other, found]}))
    code, out, err = call(folder, "issue", "1002")

    assert (code, out) == (0, "BA-7\n"), err
    assert "BA-7 is the issue of BEP-1002" in err


def test_an_issue_that_was_moved_to_another_project_is_refused(folder, serve, call):
    serve(issue=as_json({"id": "1", "key": "OPS-3", "fields": {}}))

    code, out, err = call(folder, "issue", "1002", "--key", "7")

    assert (code, out) == (2, "")
    assert "OPS-3 is not in the project BA" in err


# --- Credentials --------------------------------------------------------------------------------


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("environment", "netrc", "sent"),
    [
        ({}, "", None),
        ({"JIRA_API_TOKEN": TOKEN}, "", f"Bearer {TOKEN}"),
        ({"JIRA_API_TOKEN": f"{TOKEN}\n"}, "", f"Bearer {TOKEN}"),
        ({"JIRA_USER": "a@b.c", "JIRA_API_TOKEN": TOKEN}, "", basic("a@b.c", TOKEN)),
        ({}, "machine localhost login ada password pw", basic("ada", "pw")),
        ({"JIRA_USER": "ada"}, "machine localhost login ada password pw", basic("ada", "pw")),
        ({"JIRA_API_TOKEN": TOKEN}, "machine localhost login a password b", f"Bearer {TOKEN}"),
        ({}, "machine example.com login ada password pw", None),
    ],
)
def test_credentials_are_those_of_the_clients_own_places(
    folder, serve, call, monkeypatch, tmp_path, environment, netrc, sent
):
    requests = serve()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "netrc").write_text(netrc)

    code, out, err = call(folder, "issue", "1002")

    assert (code, out) == (0, "BA-7\n"), err
    assert {one.headers.get("Authorization") for one in requests} == {sent}
    assert TOKEN not in err


@pytest.mark.parametrize("token", ["two\nlines", "tökén", "a\x7fb"])
def test_a_token_that_no_request_can_hold_is_not_shown(folder, serve, call, monkeypatch, token):
    serve()
    monkeypatch.setenv("JIRA_API_TOKEN", token)

    code, out, err = call(folder, "issue", "1002")

    assert (code, out) == (2, "")
    assert "JIRA_USER or JIRA_API_TOKEN has a character that no request can hold" in err
    assert token[:3] not in err.replace("no request", "")


@pytest.mark.parametrize("user", ["", "ada"])
def test_a_server_that_repeats_the_credentials_does_not_get_them_printed(
    folder, serve, call, monkeypatch, user
):
    monkeypatch.setenv("JIRA_API_TOKEN", TOKEN)
    monkeypatch.setenv("JIRA_USER", user)
    said = f"bad: {TOKEN}, {basic(user, TOKEN)}"
    serve(make=as_json({"errorMessages": [said]}, 400))

    err = call(folder, "issue", "1002")[2]

    assert "bad: ***, Basic ***" in err
    assert TOKEN not in err


def test_credentials_follow_no_redirect(folder, serve, call, monkeypatch):
    monkeypatch.setenv("JIRA_API_TOKEN", TOKEN)
    with socket.socket() as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.listen()
        elsewhere.setblocking(False)
        place = f"127.0.0.1:{elsewhere.getsockname()[1]}"
        serve(info=Response("", 302, {"Location": f"http://u:p@{place}/login"}))

        code, _, err = call(folder, "issue", "1002")

        assert code == 2
        assert f"redirects to {place}; set jira.url to JIRA's own address" in err
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


# --- Answers that are no success ----------------------------------------------------------------

CAPTCHA = {"X_Authentication_Denied_Reason": "CAPTCHA_CHALLENGE; login-url=http://x/login.jsp"}
FIELDS = {"errorMessages": [], "errors": {"issuetype": "valid issue type is required", "x": "no"}}


@pytest.mark.sample(12)
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (as_json(FIELDS, 400), "refuses the request (issuetype: valid issue type is required; x: "),
        (
            as_json({"errorMessages": ["Field a\nis bad"]}, 400),
            "(Field a is bad); correct the sett",
        ),
        (as_json({}, 401), "does not accept the credentials; " + CREDENTIALS),
        (
            as_json({"message": "No"}, 403),
            "answered 403 (No); check the setting jira.url, and that",
        ),
        (as_json({}, 403, **CAPTCHA), "asks for a captcha; log in at http://localhost"),
        (as_json({}, 401, **CAPTCHA), "asks for a captcha; log in at http://localhost"),
        (Response("<html>Not here</html>", 404), "answered 404; check the setting jira.url"),
        (as_json({}, 429, Retry_After="7"), "no more requests for now; try again in 7 seconds"),
        (as_json({}, 429), "accepts no more requests for now; try again later"),
        (as_json({"errorMessages": ["Oops"]}, 500), "answered 500 (Oops); try again later"),
        (Response("<html>Bad gateway</html>", 502), "answered 502; try again later"),
        (Response("", 503, {"Retry-After": "1000"}), "answered 503; try again later"),
        (Response("<html>Log in</html>", 200), "answered something that is not JIRA's JSON; check"),
        (Response("", 200), "answered something that is not JIRA's JSON"),
        (as_json([1]), "answered something that is not JIRA's JSON"),
        (as_json("x"), "answered something that is not JIRA's JSON"),
        (as_json({"key": "BA-1](http://evil)"}), "answered the key 'BA-1](http://evil)'; look the"),
        (as_json({"key": "OPS-1", "id": 1}), "answered the key 'OPS-1'"),
    ],
)
@pytest.mark.parametrize("kind", ["Server", "Cloud"])
def test_a_refusal_is_one_line_and_nothing_changes(
    folder, serve, call, monkeypatch, kind, answer, said
):
    monkeypatch.setenv("JIRA_API_TOKEN", TOKEN)
    serve(kind, make=answer)
    before = state(folder)

    code, out, err = call(folder, "issue", "1002")

    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert "<html>" not in err
    assert TOKEN not in err
    assert state(folder) == before


ODD = [Response("<html>", 200), as_json([]), as_json({"x": 1}), as_json({"issues": [{}]})]


@pytest.mark.sample(8)
@pytest.mark.parametrize("name", ["info", "search", "issue", "links"])
@pytest.mark.parametrize("answer", [*ODD, Response("", 500), as_json({}, 401)])
def test_no_answer_ends_in_a_traceback(folder, serve, call, name, answer):
    serve(**{name: answer})

    for arguments in ([], ["--key", "BA-7"]):
        code, out, err = call(folder, "issue", "1002", *arguments)

        assert (code, out) in ((0, "BA-7\n"), (2, ""))
        assert "Traceback" not in err
        run_git(folder, "checkout", "--quiet", "--", "proposals")


def test_without_credentials_it_is_said_that_there_are_none(folder, serve, call):
    serve(make=as_json({"errors": {"project": "unknown"}}, 400))

    err = call(folder, "issue", "1002")[2]

    assert "refuses the request (project: unknown)" in err
    assert f"without credentials JIRA hides much: {CREDENTIALS}" in err


@pytest.mark.parametrize("status", [400, 403, 404])
def test_where_links_are_not_allowed_the_issue_is_written_and_said_to_have_none(
    folder, serve, call, monkeypatch, status
):
    monkeypatch.setenv("JIRA_API_TOKEN", TOKEN)
    serve(link=as_json({"errorMessages": ["Issue linking is disabled"]}, status))

    code, out, err = call(folder, "issue", "1002")

    assert (code, out) == (0, "BA-7\n")
    assert "bep: BA-7 has no link to the document: JIRA at localhost" in err
    assert "(Issue linking is disabled)" in err
    assert "- JIRA: BA-7\n" in (folder / MAIN).read_text()


def test_a_link_that_failed_is_made_by_the_next_call(folder, serve, call, httpserver):
    serve(link=Response("", 502))
    code, out, err = call(folder, "issue", "1002")
    assert (code, out) == (0, "BA-7\n")
    assert "BA-7 has no link to the document: JIRA at localhost" in err
    assert "answered 502; `bep issue 1002 --key BA-7` makes it" in err
    assert "- JIRA: BA-7\n" in (folder / MAIN).read_text()

    httpserver.clear()
    requests = serve()

    assert call(folder, "issue", "1002", "--key", "BA-7")[:2] == (0, "BA-7\n")
    assert [one.path for one in requests if one.method == "POST"] == [
        "/rest/api/2/issue/BA-7/remotelink"
    ]


class Raw(Response):
    """An answer whose headers are sent as they are."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        return self.headers


@pytest.mark.parametrize("name", ["info", "search", "make"])
@pytest.mark.parametrize(
    "answer", [Raw("[" * 100_000), Raw("", 302, {"Location": "http://[::1"})], ids=["deep", "moved"]
)
def test_what_nobody_would_answer_is_one_line(folder, serve, call, name, answer):
    serve(**{name: answer})
    before = state(folder)

    code, out, err = call(folder, "issue", "1002")

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("bep: localhost")
    assert state(folder) == before


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:abc"])
def test_a_proxy_that_cannot_be_one_is_named(folder, call, monkeypatch, proxy):
    set_jira(folder, "http://jira.example.com")
    monkeypatch.setenv("HTTP_PROXY", proxy)

    code, _, err = call(folder, "issue", "1002")

    assert code == 2
    assert "check the setting jira.url, and the proxy that the environment names" in err


def test_a_password_of_netrc_is_not_printed(folder, serve, call, tmp_path):
    (tmp_path / "netrc").write_text("machine localhost login grace password s3cret-TOKEN\n")
    refusal = f"no {'s3cret-TOKEN'} and no {basic('grace', 's3cret-TOKEN')}"
    serve(make=as_json({"errorMessages": [refusal]}, 400))

    _, _, err = call(folder, "issue", "1002")

    assert "(no *** and no Basic ***)" in err


def test_a_silent_server_is_given_up(folder, httpserver, call, monkeypatch):
    monkeypatch.setattr(jira, "TIMEOUT", (0.3, 0.3))
    end = threading.Event()

    def silent(request: Request) -> Response:
        end.wait(60)
        return Response("")

    httpserver.expect_request(re.compile("^/")).respond_with_handler(silent)
    try:
        code, _, err = call(folder, "issue", "1002")
    finally:
        end.set()

    assert code == 2
    assert "cannot be reached (no answer in time); try again when it can" in err


def test_a_server_that_answers_byte_by_byte_is_given_up(folder, httpserver, call, monkeypatch):
    monkeypatch.setattr(jira, "DEADLINE", 0.3)
    end = threading.Event()

    def slow() -> Iterator[bytes]:
        while not end.wait(0.05):
            yield b" "

    httpserver.expect_request(re.compile("^/")).respond_with_handler(lambda _: Response(slow()))
    try:
        code, _, err = call(folder, "issue", "1002")
    finally:
        end.set()

    assert code == 2
    assert "cannot be reached (no answer in time); try again when it can" in err


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1", "connection refused"),
        ("http://jira.invalid", ""),
        ("https://{host}", ""),
    ],
)
def test_a_server_that_is_not_there_is_named(folder, httpserver, call, url, reason):
    set_jira(folder, url.format(host=httpserver.url_for("").removeprefix("http://").rstrip("/")))

    code, _, err = call(folder, "issue", "1002")

    assert code == 2
    assert f"cannot be reached ({reason}" in err
    assert err.count("\n") == 1
    assert "object at 0x" not in err
