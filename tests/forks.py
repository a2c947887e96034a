"""Processes of `bep` that need not import it first: each is forked from one that has.

A forked process is one of its own, with its own folder, environment and input; it can be killed
like any other. Only Python's start and the import, which cost more than most commands, are missing.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Of a script that forks: runs `bep` with the arguments in sys.argv, and ends the process.
RUN = """
import os, sys

import bep.start.new, bep.start.reserve, bep.system.file_transaction, bep.tasks.program

def run():
    code = 0
    try:
        bep.tasks.program.main()
    except SystemExit as end:
        code = int(end.code or 0)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
"""
SERVER = (
    RUN
    + """
import json, socket

requests = socket.socket(fileno=int(sys.argv[1]))
while True:
    asked, streams, _, _ = socket.recv_fds(requests, 1 << 20, 2)
    if not asked:
        break
    while not asked.endswith(b"\\n"):
        asked += requests.recv(1 << 20)
    folder, arguments, environment = json.loads(asked)
    child = os.fork()
    if not child:
        requests.close()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, stream in enumerate(streams, 1):
            os.dup2(stream, number)
            os.close(stream)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["bep", *arguments]
        run()
    for stream in streams:
        os.close(stream)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    requests.sendall(f"{code}\\n".encode())
"""
)


class Forks:
    """Runs `bep` as `subprocess.run` would, one process after the other, without its start."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair()
        number = theirs.fileno()
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(number)], pass_fds=[number]
        )
        theirs.close()

    def run(
        self, folder: Path, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """What `bep` with `arguments` says in `folder`; it is over when all its children are."""
        asked = json.dumps([str(folder), [*arguments], {**environment}]) + "\n"
        (out, child_out), (err, child_err) = os.pipe(), os.pipe()
        socket.send_fds(self._requests, [asked.encode()], [child_out, child_err])
        os.close(child_out)
        os.close(child_err)
        with ThreadPoolExecutor(2) as pool, os.fdopen(out) as said, os.fdopen(err) as errors:
            stdout, stderr = pool.map(lambda stream: stream.read(), (said, errors))
        code = int(self._requests.recv(100))
        return subprocess.CompletedProcess(["bep", *arguments], code, stdout, stderr)

    def close(self) -> None:
        """End the process that all others came from."""
        self._requests.close()
        self._server.wait()
