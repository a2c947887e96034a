"""Half of the work on another core: a process, forked from this one, that returns one value."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from typing import TypeVar

_Own = TypeVar("_Own")
_Other = TypeVar("_Other")


def is_possible() -> bool:
    """Whether there is another core, and nothing keeps this process from being forked."""
    # A forked process would wait for ever for a lock that another thread holds.
    is_alone = hasattr(os, "fork") and threading.active_count() == 1
    return is_alone and (os.cpu_count() or 1) > 1


def beside(own: Callable[[], _Own], other: Callable[[], _Other]) -> tuple[_Own, _Other]:
    """Return what both return; `other` is called in a second process, and its value pickled.

    Nothing else that `other` does in memory is seen here. If it raises an error or its process is
    killed, it is called again in this one. Call it only where it `is_possible`.
    """
    here, there = Pipe()
    child = os.fork()
    if not child:
        here.close()
        _end_as_child(there, other)
    there.close()
    try:
        done = own()
        try:
            received: _Other = here.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            received = other()
    finally:
        here.close()
        os.waitpid(child, 0)
    return done, received


def _end_as_child(connection: Connection, other: Callable[[], object]) -> None:
    """Send the value, and end this process, whatever happens."""
    try:
        connection.send(other())
    finally:
        os._exit(0)
