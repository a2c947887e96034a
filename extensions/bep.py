"""The template's Jinja extension: `bep/template_api.py` of this file's own template revision.

Copier executes this file anew for each environment. The package is loaded under a name of its own,
so that the old and the new revision of an update can be in one process.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path
from types import ModuleType


def template_api() -> ModuleType:
    """The module `bep.template_api` of the template revision that this file belongs to."""
    package = Path(__file__).resolve().parents[1] / "bep"
    alias = f"bep_{hashlib.sha256(bytes(package)).hexdigest()[:16]}"
    if alias not in sys.modules:
        sys.modules[alias] = ModuleType(alias)
        sys.modules[alias].__path__ = [str(package)]
    # Copier throws its checkout away; bytecode written there would only cost time.
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        compiled_code = importlib.import_module(f"{alias}.system.compiled_code")
        kept = compiled_code.of_checkout(package.parent)
        kept.import_from(package)
        api = importlib.import_module(f"{alias}.template_api")
        kept.keep()
        return api
    finally:
        sys.dont_write_bytecode = writes_none


TemplateApi = template_api().TemplateApi
