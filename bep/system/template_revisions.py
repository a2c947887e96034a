"""The revisions of a template that a task needs, each exported and read once."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

from ..errors import WRONG_DOCUMENTS, BepError
from ..questionnaire import revision_notes
from ..questionnaire.revision_notes import Revisions
from . import git_log, revision_cache, template, template_address
from .renderer import Revision
from .revision_cache import CompiledTemplates
from .template import Template


class TemplateRevisions:
    """Revisions of one template, ready to render proposals of the repository at `root`.

    `folder` takes the exported files; the caller removes it. `tool` is the version of the tool, ''
    where Copier runs the template's own. Raises BepError if a revision cannot be read.
    """

    def __init__(self, found: Template, folder: Path, root: Path, tool: str) -> None:
        self.template, self._tool = found, tool
        self._folder, self._root = folder, root
        self._read: dict[str, Revision] = {}
        self._found: dict[str, template.RecordedRevision | None] = {}
        self._origins: dict[tuple[str, str], bool] = {}

    def find(self, name: str) -> template.RecordedRevision | None:
        """The revision `name` (a tag, commit or description), None if there is none."""
        if name not in self._found:
            self._found[name] = template.revision(self.template, name)
        return self._found[name]

    def recorded(self, name: str, number: int, path: str) -> template.RecordedRevision:
        """The revision `name` that the answers file at `path` of a proposal records.

        Raises BepError if the template no longer has it.
        """
        found = self.find(name)
        if found is None:
            raise BepError(
                f"the recorded revision {name} is no longer in the template",
                f"`bep adopt {number}` records the document anew",
                path,
                code=WRONG_DOCUMENTS,
            )
        return found

    def wanted(self, name: str) -> template.RecordedRevision:
        """The revision `name`, the newest release where that is ''.

        Raises BepError if the template has no such revision.
        """
        if not name:
            return template.newest(self.template)
        found = self.find(name)
        if found is None:
            raise BepError(
                f"the template {self.template.address} has no revision {name!r}",
                self.template.remark or "name a tag or a commit of it",
            )
        return found

    def at(self, found: template.RecordedRevision) -> Revision:
        """The revision, read from its commit.

        Raises BepError if it needs a newer tool.
        """
        if found.commit not in self._read:

            def export(target: Path) -> Path:
                return template.export(self.template, found, target)

            kept = revision_cache.exported(found.commit, export)
            # A second process may export another one at the same time.
            folder = kept or export(Path(mkdtemp(dir=self._folder)) / "revision")
            compiled = CompiledTemplates(found.commit, kept)
            revision = Revision(folder, found.name, self._root, compiled)
            self._refuse_newer(revision)
            self._read[found.commit] = revision
        return self._read[found.commit]

    def comes_from(
        self, later: template.RecordedRevision, earlier: template.RecordedRevision
    ) -> bool:
        """Whether `earlier` is in the history of `later`."""
        key = (later.commit, earlier.commit)
        if key not in self._origins:
            folder = self.template.folder
            self._origins[key] = git_log.is_ancestor(folder, earlier.commit, later.commit)
        return self._origins[key]

    def _refuse_newer(self, revision: Revision) -> None:
        oldest = changes_of(revision).oldest_tool
        if revision_notes.is_older(self._tool, oldest):
            raise BepError(
                f"the template revision {revision.name} needs bep {oldest}, this is {self._tool}",
                "install a newer one",
            )

    def draft(self, found: template.RecordedRevision) -> Revision:
        """The revision with the uncommitted files of the template's working tree; see `at`."""
        target = template.export_drafts(self.template, self._folder / "draft")
        revision = Revision(target, found.name, self._root)
        self._refuse_newer(revision)
        return revision


def refuse_other(recorded: str, configured: str, remedy: str, path: str) -> None:
    """Raise BepError if a proposal records another template than the configured one.

    Both are addresses, `path` is that of the answers file; rendering runs the template's code. A
    local clone is meant by its own address and by that of its origin.
    """
    meant = {
        template_address.canonical(configured),
        template_address.canonical(template_address.shared_address(configured)),
    }
    if template_address.canonical(recorded) not in meant:
        shown = template_address.without_password(recorded)
        raise BepError(
            f"the proposal comes from the template {shown}, which is not the configured one",
            remedy,
            path,
            code=WRONG_DOCUMENTS,
        )


def changes_of(revision: Revision) -> Revisions:
    """What `revisions.yml` of a revision says.

    Raises BepError if it is malformed.
    """
    path = revision.folder / revision_notes.FILE
    try:
        return revision_notes.read(path.read_text("utf-8") if path.exists() else "")
    except (ValueError, OSError) as error:
        raise BepError(f"the template revision {revision.name}: {error}") from None
