"""Half of the work on another core: a process, forked from this one, that returns one value."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import BinaryIO, TypeVar

_Own = TypeVar("_Own")
_Other = TypeVar("_Other")


def is_possible() -> bool:
    """Whether there is another core, and nothing keeps this process from being forked."""
    # A lock that another thread holds would never be released in the forked process.
    is_alone = hasattr(os, "fork") and threading.active_count() == 1
    return is_alone and (os.cpu_count() or 1) > 1


def beside(own: Callable[[], _Own], other: Callable[[], _Other]) -> tuple[_Own, _Other]:
    """Return what both return; `other` is called in a second process, and its value pickled.

    Nothing else that `other` does in memory is seen here. If it raises an error or its process is
    killed, it is called again in this one. Call it only where it `is_possible`.
    """
    import pickle

    here, there = os.pipe()
    child = os.fork()
    if not child:
        os.close(here)
        _end_as_child(there, lambda sent: pickle.dump(other(), sent))
    os.close(there)
    try:
        with os.fdopen(here, "rb") as received:
            done = own()
            try:
                value: _Other = pickle.load(received)  # noqa: S301 (of the own process)
            except (EOFError, pickle.UnpicklingError):
                value = other()
    finally:
        os.waitpid(child, 0)
    return done, value


def _end_as_child(there: int, send: Callable[[BinaryIO], None]) -> None:
    """Send what is to be sent, and end this process, whatever happens."""
    try:
        with os.fdopen(there, "wb") as sent:
            send(sent)
    finally:
        os._exit(0)
