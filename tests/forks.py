"""Run `bep` and `copier` in processes that are forked from one that has imported both.

Each is a process of its own, with its own folder, environment and input, and can be killed like any
other. It saves Python's start and the imports, which cost more than most commands. Tests that
depend on those run `python -m bep`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import inspect
import json
import os
import pkgutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import bep


def _import_bep() -> None:
    for found in pkgutil.walk_packages(bep.__path__, "bep."):
        # What only `bep site` needs is not installed everywhere.
        if not found.name.startswith(("bep.site", "bep.__main__")):
            importlib.import_module(found.name)


# The process that all others come from. It receives requests as lines of JSON. One kind starts a
# process with the streams that are sent along, and is answered with its number; the other asks for
# the exit code of a process.
_SERVER = f"""
import fcntl, gc, importlib, json, os, pkgutil, runpy, signal, socket, sys, tempfile, termios
import traceback

import bep, copier._cli
from plumbum import local

{inspect.getsource(_import_bep)}
_import_bep()
signal.signal(signal.SIGINT, signal.SIG_IGN)
gc.freeze()


def run(module="", script=""):
    code = 0
    try:
        if script:
            exec(compile(script, "<script>", "exec"), {{**globals(), "__name__": "__main__"}})
        else:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def begin(streams, folder, arguments, environment, terminal, **what):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if terminal:
        os.setsid()
        fcntl.ioctl(streams[0], termios.TIOCSCTTY, 0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    # Each has read the environment: the one at its first use, the other when it was imported.
    tempfile.tempdir = None
    type(local).env = type(local.env)()
    sys.argv = [what["module"] or "-c", *arguments]
    run(**what)


requests = socket.socket(fileno=int(sys.argv[1]))
codes = {{}}
while True:
    asked, streams, _, _ = socket.recv_fds(requests, 1 << 20, 3)
    if not asked:
        break
    while not asked.endswith(b"\\n"):
        asked += requests.recv(1 << 20)
    request = json.loads(asked)
    if "process" in request:
        number = request["process"]
        if number not in codes:
            ended, status = os.waitpid(number, os.WNOHANG if request["at_once"] else 0)
            codes |= {{ended: os.waitstatus_to_exitcode(status)}} if ended else {{}}
        answer = codes.get(number)
    else:
        answer = os.fork()
        if not answer:
            requests.close()
            begin(streams, **request)
        # A number may have been that of another process.
        codes.pop(answer, None)
        for stream in streams:
            os.close(stream)
    requests.sendall(json.dumps(answer).encode())
"""


@cache
def load_everything() -> None:
    """Import all of `bep`, so that processes that a test forks from its own need not do it each."""
    _import_bep()
    # Their garbage collectors would scan, and so copy, all that the tests hold.
    gc.freeze()


def run(
    module: str,
    folder: Path,
    *arguments: str,
    given: str = "",
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE ARGUMENTS` in `folder`; return when its children have ended too.

    `given` is the input. `environment` holds all variables, by default those of the tests.
    """
    return _ended(module, "", folder, arguments, given, environment)


def run_script(
    script: str,
    folder: Path,
    *arguments: str,
    given: str = "",
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `python -c SCRIPT ARGUMENTS` as `run` does; `bep` is imported already."""
    return _ended("", script, folder, arguments, given, environment)


def _ended(
    module: str,
    script: str,
    folder: Path,
    arguments: Sequence[str],
    given: str,
    environment: Mapping[str, str] | None,
) -> subprocess.CompletedProcess[str]:
    (child_in, into), (out, child_out), (err, child_err) = os.pipe(), os.pipe(), os.pipe()
    streams = [child_in, child_out, child_err]
    process = Forked.begun(streams, folder, arguments, environment, module=module, script=script)
    for stream in streams:
        os.close(stream)
    with ThreadPoolExecutor(2) as pool, os.fdopen(out) as said, os.fdopen(err) as errors:
        read = pool.map(lambda stream: stream.read(), (said, errors))
        with suppress(BrokenPipeError), os.fdopen(into, "w") as words:
            words.write(given)
        stdout, stderr = read
    return subprocess.CompletedProcess([module, *arguments], process.wait(), stdout, stderr)


class Forked(NamedTuple):
    """A process that was forked from the server."""

    number: int

    @classmethod
    def begun(
        cls,
        streams: Sequence[int],
        folder: Path,
        arguments: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        module: str,
        script: str = "",
        terminal: bool = False,
    ) -> Forked:
        """Start a process; with `terminal`, its stdin becomes the terminal of a new session."""
        request = {
            "folder": str(folder),
            "arguments": arguments,
            "environment": {**(os.environ if environment is None else environment)},
            "module": module,
            "script": script,
            "terminal": terminal,
        }
        return cls(_server().answer(request, streams))

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        found: int | None = _server().answer({"process": self.number, "at_once": True})
        return found

    def wait(self) -> int:
        """Its exit code, when it has ended."""
        found: int = _server().answer({"process": self.number, "at_once": False})
        return found


class _Server(NamedTuple):
    """The process that all others come from."""

    requests: socket.socket
    process: subprocess.Popen[bytes]

    def answer(self, request: Mapping[str, object], streams: Sequence[int] = ()) -> Any:
        socket.send_fds(self.requests, [f"{json.dumps(request)}\n".encode()], streams)
        return json.loads(self.requests.recv(100))

    def end(self) -> None:
        self.requests.close()
        self.process.wait()


@cache
def _server() -> _Server:
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        command = [sys.executable, "-c", _SERVER, str(number)]
        made = _Server(ours, subprocess.Popen(command, pass_fds=[number]))
    atexit.register(made.end)
    return made
