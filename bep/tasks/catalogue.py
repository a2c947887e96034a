"""All tasks, in the groups in which the help lists them; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from .command import Task

# For each group, its tasks and the modules that have them.
GROUPS = {
    "Start": {"init": "start", "new": "start", "reserve": "start", "unreserve": "start"},
    "Write": {
        "status": "share",
        "context": "context",
        "search": "context",
        "governs": "context",
        "segment": "segments",
        "add-document": "segments",
        "retitle": "registry",
    },
    "Decide": {"ask": "lifecycle", "decide": "lifecycle", "mark": "lifecycle"},
    "Review": {
        "check": "check",
        "issue": "share",
        "submit": "share",
        "review": "review",
        "site": "site",
    },
    "Keep": {
        "list": "registry",
        "sync": "registry",
        "renumber": "registry",
        "update": "update",
        "adopt": "update",
        "completion": "completion",
        "mcp": "mcp",
    },
}
MODULES = {name: module for tasks in GROUPS.values() for name, module in tasks.items()}


def task(name: str) -> Task:
    """The task `name`, such as `add-document`. Raises KeyError for an unknown one."""
    module = import_module(f".{MODULES[name]}", __package__)
    python = name.replace("-", "_")
    found: Task = getattr(module, f"{python}_", None) or getattr(module, python)
    return found
