"""The locked versions: of one mind with each other and with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NEEDED = PROJECT["project"]["dependencies"]
DEV = PROJECT["project"]["optional-dependencies"]["dev"]
OF_SITE = PROJECT["project"]["optional-dependencies"]["site"]
BACKEND = PROJECT["build-system"]["requires"]


def locked(name: str) -> dict[str, tuple[str, list[str]]]:
    """The version and the hashes of each package."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = {}
    for line in lines:
        requirement = Requirement(line.partition("--hash")[0].strip())
        (version,) = requirement.specifier
        assert version.operator == "=="
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})(?: |$)", line)
        assert len(hashes) == line.count("--hash"), line
        found[canonicalize_name(requirement.name)] = (version.version, hashes)
    assert len(found) == len(lines), "a package is there twice"
    return found


ALL = locked("requirements.lock")
ACTION = locked("requirements-action.lock")
SITE = locked("requirements-site.lock")


def all_needed(requirements: Iterable[str], seen: set[str]) -> Iterator[str]:
    """The names of what `requirements` install here, with all that these need in turn."""
    for one in map(Requirement, requirements):
        name = canonicalize_name(one.name)
        if name not in seen and (one.marker is None or one.marker.evaluate({"extra": ""})):
            seen.add(name)
            yield name
            yield from all_needed(metadata.requires(name) or [], seen)


@pytest.mark.parametrize("requirement", [*NEEDED, *DEV])
def test_what_pyproject_asks_for_is_locked(requirement):
    asked = Requirement(requirement)

    version, _ = ALL[canonicalize_name(asked.name)]

    assert asked.specifier.contains(version)


@pytest.mark.parametrize("lock", [ACTION, SITE], ids=["action", "site"])
def test_the_actions_install_the_same_versions(lock):
    runtime = {name: version for name, (version, _) in lock.items() if name != "setuptools"}

    assert runtime == {name: ALL[name][0] for name in runtime}


def test_the_action_of_the_site_installs_all_that_it_needs():
    assert set(all_needed([*NEEDED, *OF_SITE], set())) <= set(SITE)
    assert set(ACTION) <= set(SITE)


def test_the_site_is_tested_with_what_it_needs():
    assert set(OF_SITE) <= set(DEV)


def test_the_action_installs_all_that_bep_needs_and_no_tool_of_its_developers():
    names, needed = set(ACTION), set(all_needed(NEEDED, set()))

    assert needed <= names
    assert not (names - needed) & {canonicalize_name(Requirement(one).name) for one in DEV}


@pytest.mark.parametrize("lock", [ACTION, SITE], ids=["action", "site"])
def test_each_package_of_the_actions_has_its_hashes(lock):
    assert [name for name, (_, hashes) in lock.items() if not hashes] == []


def test_the_build_backend_is_pinned_and_locked():
    (requirement,) = map(Requirement, BACKEND)

    assert str(requirement.specifier) == f"=={ACTION[requirement.name][0]}"
