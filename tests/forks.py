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
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import bep


def _import_bep() -> None:
    for found in pkgutil.walk_packages(bep.__path__, "bep."):
        # What only `bep site` needs is not installed everywhere.
        if not found.name.startswith(("bep.site", "bep.__main__")):
            importlib.import_module(found.name)


# The beginning of a script that forks. `run` runs a module with the arguments in sys.argv, and ends
# the process.
RUN = f"""
import importlib, os, pkgutil, runpy, sys, traceback

import bep, copier._cli

{inspect.getsource(_import_bep)}
_import_bep()

def run(module):
    code = 0
    try:
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
"""
_SERVER = (
    RUN
    + """
import gc, json, signal, socket, tempfile

from plumbum import local

signal.signal(signal.SIGINT, signal.SIG_IGN)
gc.freeze()
requests = socket.socket(fileno=int(sys.argv[1]))
while True:
    asked, streams, _, _ = socket.recv_fds(requests, 1 << 20, 3)
    if not asked:
        break
    while not asked.endswith(b"\\n"):
        asked += requests.recv(1 << 20)
    module, folder, arguments, environment = json.loads(asked)
    child = os.fork()
    if not child:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        requests.close()
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
        sys.argv = [module, *arguments]
        run(module)
    for stream in streams:
        os.close(stream)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    requests.sendall(f"{code}\\n".encode())
"""
)


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
    variables = {**(os.environ if environment is None else environment)}
    asked = json.dumps([module, str(folder), arguments, variables]) + "\n"
    (child_in, into), (out, child_out), (err, child_err) = os.pipe(), os.pipe(), os.pipe()
    streams = [child_in, child_out, child_err]
    server = _server()
    socket.send_fds(server.requests, [asked.encode()], streams)
    for stream in streams:
        os.close(stream)
    with ThreadPoolExecutor(2) as pool, os.fdopen(out) as said, os.fdopen(err) as errors:
        read = pool.map(lambda stream: stream.read(), (said, errors))
        with suppress(BrokenPipeError), os.fdopen(into, "w") as words:
            words.write(given)
        stdout, stderr = read
    code = int(server.requests.recv(100))
    return subprocess.CompletedProcess([module, *arguments], code, stdout, stderr)


class _Server(NamedTuple):
    """The process that all others come from."""

    requests: socket.socket
    process: subprocess.Popen[bytes]

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
