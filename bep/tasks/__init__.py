"""The tasks that users get, by `bep TASK` and by `invoke TASK`.

They only translate: arguments to operations, results to text. Operations are imported inside the
tasks, so that `--help` answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """`namespace`, which `invoke` finds in a `tasks.py`; `bep` never asks for it."""
    if name != "namespace":
        raise AttributeError(name)
    return import_module(".invoke_collection", __name__).collection()
