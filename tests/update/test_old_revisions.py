"""A template revision whose extension is another one is updated like any other."""

from __future__ import annotations

import shutil

import copier
import pytest

from tests.conftest import ROOT, Call, run_git
from tests.series import template_at_v1

OLD_NAME = "act"
NAMING = ("copier.yml", "bep/template_api.py", "bep/template_hooks.py")


@pytest.fixture
def template(tmp_path):
    """v1.0.0 calls what acts by another name, v1.1.0 is the template of the working tree."""
    folder = tmp_path / "template"
    template_at_v1(folder)
    run_git(folder, "tag", "--delete", "v1.0.0")
    for name in NAMING:
        text = (folder / name).read_text()
        changed = text.replace("hook(", f"{OLD_NAME}(").replace("hook=", f"{OLD_NAME}=")
        changed = changed.replace("hooks.hook", f"hooks.{OLD_NAME}").replace("if hook ", "if act ")
        assert changed != text
        (folder / name).write_text(changed)
    run_git(folder, "commit", "--quiet", "--all", "--message=Old")
    run_git(folder, "tag", "v1.0.0")
    for name in NAMING:
        shutil.copy(ROOT / name, folder / name)
    guidance = folder / "guide.yml"
    text = guidance.read_text()
    assert "Why this change is needed" in text
    guidance.write_text(text.replace("Why this change is needed", "Why anything has to change"))
    run_git(folder, "commit", "--quiet", "--all", "--message=New")
    run_git(folder, "tag", "v1.1.0")
    return folder


@pytest.mark.parametrize("door", ["copier", "bep"])
def test_an_old_revision_with_other_functions_is_updated(template, tmp_path, call: Call, door):
    folder = tmp_path / "repository"
    folder.mkdir()
    run_git(folder, "init", "--quiet")
    for given in ({"layout": "registry"}, {"title": "Session Relay"}):
        copier.run_copy(
            str(template),
            folder,
            given,
            vcs_ref="v1.0.0",
            defaults=True,
            unsafe=True,
            quiet=True,
        )
        run_git(folder, "add", "--all")
        run_git(folder, "commit", "--quiet", "--message=Made")

    if door == "bep":
        assert call(folder, "update", "1000", "--template", str(template))[0] == 0
    else:
        answers = "proposals/.copier/.copier-answers.BEP-1000.yml"
        copier.run_update(
            folder, answers_file=answers, defaults=True, unsafe=True, overwrite=True, quiet=True
        )

    document = (folder / "proposals/BEP-1000-session-relay.md").read_text()
    assert "Why anything has to change" in document
    assert "Why this change is needed" not in document
