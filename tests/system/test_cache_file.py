"""Files of the cache: whole or not there, whoever writes, and whenever it is killed."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from bep.system import cache_file

DATA = ["x" * 100] * 2000


def write_for_ever(path: Path) -> int:
    child = os.fork()
    if not child:
        while True:
            cache_file.keep(path, DATA)
    return child


def test_writers_at_once_and_killed_ones_leave_whole_files(tmp_path: Path):
    path = tmp_path / "cache/file.json"
    writers = [write_for_ever(path) for _ in range(3)]
    try:
        end = time.monotonic() + 20
        while not path.exists():
            assert time.monotonic() < end
        assert all(cache_file.read(path) == DATA for _ in range(50))
    finally:
        for writer in writers:
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
    assert cache_file.read(path) == DATA
