"""The only user of Copier's API: a template and answers give files and the complete answers."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import copier
import yaml
from copier.errors import CopierError, DirtyLocalWarning, UserMessageError
from jinja2 import TemplateError
from plumbum import ProcessExecutionError

from ..errors import BepError
from ..markdown import yaml_data
from ..questionnaire.answers import stored
from . import git, template as template_of, template_address
from .renderer import apart_from_repository, stored_questions
from .template import Template

# A template without these questions is not one for proposals.
_NEEDED = frozenset(["number", "title", "slug", "layout"])


@dataclass(frozen=True, slots=True)
class Rendering:
    """Files by their paths from the repository's root, and the answers that they came from.

    `questions` are the template's questions with their help texts, in order.
    """

    files: dict[str, bytes]
    answers: dict[str, Any]
    questions: dict[str, str]
    remarks: list[str] = field(default_factory=list)


def render(
    template: str,
    repository: Path,
    given: Mapping[str, Any],
    *,
    ask: Sequence[str] = (),
    suggestions: Mapping[str, Any] | None = None,
    revision: str = "",
) -> Rendering:
    """Render a revision of `template` for `repository`, without changing anything there.

    `revision` is a tag or commit, `HEAD` of a local template with its uncommitted changes; left
    out, it is the newest release. `given` answers are final, questions named in `ask` are asked on
    the terminal, the others take `suggestions` or the template's defaults. Raises BepError if the
    template cannot be fetched or an answer is malformed, KeyboardInterrupt if the questions are
    interrupted.
    """
    shown = template_address.without_password(template)
    with (
        tempfile.TemporaryDirectory(prefix="bep-") as folder,
        _opened(template, Path(folder)) as opened,
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always", DirtyLocalWarning)
        staging = Path(folder).resolve() / "rendering"
        try:
            worker = copier.run_copy(
                template,
                staging,
                {**given, "_repository": str(repository)},
                user_defaults=dict(suggestions or {}),
                # Without one, Copier itself looks for tags, and prints that there are none.
                vcs_ref=revision or (template_of.newest_ref(opened) if opened else None),
                ask=list(ask),
                defaults=True,
                quiet=True,
                unsafe=True,
                skip_tasks=True,
                cleanup_on_error=False,
            )
        except KeyboardInterrupt:
            raise KeyboardInterrupt from None
        except UserMessageError as error:
            raise BepError(str(error.message).removeprefix("bep: ")) from None
        except ProcessExecutionError as error:
            said = " ".join(str(error.stderr).split()) or "git failed"
            said = template_address.said_without_password(said, template)
            raise BepError(
                f"the template {shown} cannot be fetched: {said}", "check its address"
            ) from None
        except (CopierError, TemplateError, ValueError, yaml.YAMLError, OSError) as error:
            said = template_address.said_without_password(_in_one_line(error, shown), template)
            raise BepError(said) from None
        files = {
            path.relative_to(staging).as_posix(): path.read_bytes()
            for path in sorted(staging.rglob("*"))
            if path.is_file()
        }
        names = list(stored_questions(worker.template.questions_data))
        if not set(names) >= _NEEDED:
            raise BepError(
                f"the template {shown} renders no proposals", "name one that asks for a number"
            )
        answers = stored({name: worker.answers.combined.get(name) for name in names})
        remarks = [
            "the template has changes that are not committed; this rendering includes them"
            for warning in caught
            if issubclass(warning.category, DirtyLocalWarning)
        ]
        record = files.get(worker.answers_relpath.as_posix(), b"")
        old_copy = [opened.remark] if opened and opened.remark else []
        remarks = [*old_copy, *remarks[:1], *_remarks_on_record(record, template)]
        return Rendering(files, answers, _help_texts(worker, answers, repository), remarks)


@contextmanager
def _opened(address: str, place: Path) -> Iterator[Template | None]:
    """The template, None for a folder without revisions; Copier gets the copy of a remote one."""
    path = template_address.local_path(address)
    is_folder = path and path.is_dir() and not git.commit_of(path, "HEAD")
    opened = None if is_folder else template_of.open_template(address, place)
    spelled = template_address.git_address(address)
    # As Copier spells it: addresses on GitHub and GitLab end with `.git`.
    addresses = {spelled, f"{spelled.removesuffix('.git')}.git"}
    with apart_from_repository(opened and opened.folder, () if path else addresses):
        yield opened


def _remarks_on_record(content: bytes, template: str) -> list[str]:
    """What keeps others from updating a proposal with this answers file."""
    record = yaml_data.load(content.decode()) or {}
    recorded = str(record.get("_src_path", "")), str(record.get("_commit", ""))
    remark = template_address.remark(template, *recorded)
    return [remark] if remark else []


def _in_one_line(error: Exception, template: str) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    if "Local template must be a directory" in text:
        text = "Copier does not see that it is a repository; write `git+` before its address"
    about_an_answer = text.removeprefix("Validation error for question ")
    return about_an_answer if about_an_answer != text else f"the template {template}: {text}"


def _help_texts(worker: Any, answers: Mapping[str, Any], repository: Path) -> dict[str, str]:
    context = {
        **answers,
        "_repository": str(repository),
        "_copier_conf": {"data": {}, "defaults": True, "dst_path": str(repository)},
    }
    return {
        name: worker.jinja_env.from_string(details.get("help", "")).render(context)
        for name, details in stored_questions(worker.template.questions_data).items()
    }
