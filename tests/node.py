"""Programs in JavaScript that read with packages of npm, which `.ci/run` installs."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from tests.conftest import ROOT


def run(program: str, given: Sequence[str], packages: str) -> Any:
    """Return the data that a program prints; it gets `given` as JSON on its standard input.

    The test is skipped where Node or the packages are missing.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not here")
    done = subprocess.run(
        [node, "--input-type=module", "--eval", program],
        input=json.dumps(given),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if "ERR_MODULE_NOT_FOUND" in done.stderr:
        pytest.skip(f"not here from npm: {packages}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
