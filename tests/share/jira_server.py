"""A JIRA for tests: `jira820`, a stateful Data Center server, in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.conftest import run_git

NEEDED = ("jira", "jira820")


def set_jira(folder: Path, url: str, **parts: str) -> None:
    """Commit settings that name a JIRA, and no others of it."""
    settings = folder / "invoke.yaml"
    kept = settings.read_text().partition("  jira:")[0]
    lines = "".join(f"    {key}: {value}\n" for key, value in {"url": url, **parts}.items())
    settings.write_text(f"{kept}  jira:\n{lines}")
    run_git(folder, "commit", "--quiet", "--all", "--message=JIRA")


class JiraServer:
    """A running server with the project BA; it is asked over its own REST interface."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, body: Any = None) -> Any:
        """What is at a path of its REST interface; with a body, what is made there."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/rest/api/2/{path}", data)
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def fields(self, key: str) -> dict[str, Any]:
        return self.ask(f"issue/{key}")["fields"]

    def links(self, key: str) -> list[dict[str, str]]:
        return [one["object"] for one in self.ask(f"issue/{key}/remotelink")]

    def count(self) -> int:
        """How many issues there are."""
        return self.ask("search?maxResults=0")["total"]


@contextmanager
def serving() -> Iterator[JiraServer]:
    """A server while this lasts. Its socket is open at once, so the first request waits for it."""
    for name in NEEDED:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"the package {name} is not here")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        number = listening.fileno()
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "jira820:make_app", "--factory"),
                *("--fd", str(number), "--log-level", "warning"),
            ],
            pass_fds=[number],
            env={**os.environ, "JIRA820_PROJECT_KEY": "BA"},
        )
        try:
            yield JiraServer(f"http://127.0.0.1:{listening.getsockname()[1]}")
        finally:
            server.terminate()
            server.wait()
