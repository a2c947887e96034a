"""What acts while Copier asks and renders: refusals, the number that is taken, the migration.

Its functions are called from `copier.yml`, by way of `template_api`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

from jinja2 import pass_context
from jinja2.runtime import Context

from . import guide_file, names
from .errors import BepError
from .proposal import stored_answers
from .questionnaire import answers, validation
from .system import compiled_code, git_objects, git_process, template, template_address

T = TypeVar("T")

# The root of the template revision that this module belongs to.
ROOT = Path(__file__).resolve().parents[1]

# The answers of the process page and the blank document, in place of a proposal's.
_OF_THE_REGISTRY: Mapping[str, Any] = MappingProxyType(
    {
        "number": 0,
        "title": "Title",
        "slug": "template",
        "scope": "",
        "author_name": "",
        "author_email": "",
        "created": "",
        "created_version": "",
    }
)


@pass_context
def template_revision(context: Context) -> str:
    """The template revision as the answers file records it, '' if nothing has recorded one."""
    # Copier knows no revision of an exported checkout: who renders one says which it is.
    given = context.get("_revision") or context["_copier_answers"].get("_commit", "")
    recorded = str(given)
    # Copier records any tag of the commit. Without Git, the checkout is a known revision.
    return _revision(context) if recorded and (ROOT / ".git").exists() else recorded


def as_mapping(context: Context) -> Mapping[str, Any]:
    """What Jinja knows, which looks values up as a mapping does."""
    return cast("Mapping[str, Any]", context)


def _place(context: Context) -> Path:
    """The folder that is written to.

    `bep new` renders into a folder of its own and names the repository that it is for.
    """
    return Path(context.get("_repository") or context["_copier_conf"]["dst_path"]).absolute()


def _revision(context: Context) -> str:
    """How answers files record the template revision that Copier has checked out."""
    return _recorded_name(str(context["_copier_conf"].get("vcs_ref") or ""))


@lru_cache(maxsize=1)
def _recorded_name(chosen: str) -> str:
    # The answers file and the last message both need it, and Git is asked three times for it.
    return template.recorded_name(ROOT, git_objects.commit_of(ROOT, "HEAD"), chosen)


def _recorded_revision(context: Context) -> str:
    """How the answers file records it, '' if the template is not a Git repository."""
    return _revision(context) if "_commit" in context["_copier_answers"] else ""


def _refuse_index() -> None:
    """Raise BepError if a hook's index has become that of the template's checkout."""
    from plumbum import local

    index = local.env.get("GIT_INDEX_FILE", "")
    if (ROOT / ".git").exists() and Path(index).is_absolute():
        raise BepError(
            "GIT_INDEX_FILE is set, so Copier has read the template into that index",
            "restore it with `git reset`; call `bep`, or Copier without the variable",
            index,
        )


def is_for_registry(context: Context) -> bool:
    """Whether the process page and the blank document are rendered, not a proposal."""
    return bool(context.get("layout") == validation.REGISTRY)


def _known(context: Context) -> dict[str, Any]:
    """All answers so far, as they are stored."""
    return answers.stored({name: context[name] for name in validation.QUESTIONS if name in context})


class Hooks:
    """What acts while Copier evaluates `{{ hook('name', ...) }}`; each gives '' unless said.

    - `refuse_unready`: before the questions: refuses a folder that cannot take a proposal.
    - `refuse_malformed`: refuses malformed answers of `-d` in one line, where Copier would show a
      traceback.
    - `refuse_taken(operation)`: after the questions: refuses a number or files that belong to
      something else; in an update, a destination that is not the repository's root.
    - `register(operation)`: at the end of `copier copy`: takes the number, writes its row; gives
      false, for a condition.
    - `migrate(stage, recorded)`: after `copier update` has written the answers file: merges
      the documents; gives false.
    - `farewell`: gives what to do next.
    - `migrated`: gives what `migrate` did.
    """

    def __init__(self) -> None:
        self._suggestions: dict[Path, Any] = {}
        self._judged: set[str] = set()
        self._said = ""
        self._is_copy = False
        self._operation = ""
        self._address = ""
        self._named: dict[str, Callable[..., Any]] = {
            "refuse_unready": self._refuse_unready,
            "refuse_malformed": self._refuse_malformed,
            "refuse_taken": self._refuse_taken,
            "register": self._register,
            "migrate": self._migrate,
            "farewell": self._farewell,
            "migrated": self._migrated,
        }

    @pass_context
    def hook(self, context: Context, name: str, *given: Any) -> Any:
        """What the hook of that name gives; its refusal becomes Copier's error of one line."""
        return _refusing(lambda: self._named[name](context, *given))

    def _of(self, context: Context) -> Any:
        """The suggestions of the repository that is written to."""
        from .start.suggestions import Suggestions

        place = _place(context)
        if place not in self._suggestions:
            self._suggestions[place] = Suggestions(place)
        return self._suggestions[place]

    @pass_context
    def problem(self, context: Context, name: str) -> str:
        """The reason why an answer is malformed, or why a new proposal cannot have its number."""
        found = validation.problem(name, context.get(name), as_mapping(context))
        is_typed = self._is_copy and name not in context["_copier_conf"]["data"]
        # What is not typed is refused by `refuse_taken`: Copier shows a traceback here.
        if found is None and name == "number" and is_typed and not is_for_registry(context):
            from .start import preconditions

            repository = self._of(context).repository
            found = preconditions.problem_of_number(repository, context["number"])
        return found or ""

    @pass_context
    def suggested(self, context: Context, name: str) -> Any:
        """The default of a question."""
        if is_for_registry(context) and name in _OF_THE_REGISTRY:
            return _OF_THE_REGISTRY[name]
        if name in ("slug", "scope"):
            title = context["title"]
            return names.slug(title) if name == "slug" else title
        if name == "layout":
            return answers.recommended_layout(guide_file.own(), as_mapping(context))
        return _refusing(lambda: self._suggestion(context, name))

    def _suggestion(self, context: Context, name: str) -> Any:
        found = self._of(context)
        if name in ("proposals", "first_number", "issue_prefix"):
            return getattr(found.settings, name)
        wanted = (context.get("number"), context.get("title"))
        if name == "author_name":
            return found.author_name(*wanted)
        if name == "author_email":
            return found.author_email(*wanted, context.get("author_name"))
        return getattr(found, name)

    @pass_context
    def stored_answers(self, context: Context, given: dict[str, Any]) -> str:
        """The text of the answers file; `given` are the answers that Copier would write."""
        # Copier leaves out what is no JSON, such as a date from a data file.
        kept = {**_known(context), **answers.stored(given)}
        if "_commit" in kept:
            kept["_commit"] = template_revision(context)
        order = {
            name: at for at, name in enumerate(["_commit", "_src_path", *validation.QUESTIONS])
        }
        kept = dict(
            sorted(kept.items(), key=lambda item: (order.get(item[0], len(order)), item[0]))
        )
        if "_src_path" in kept:
            kept["_src_path"] = self.template_address(context)
        return stored_answers.written(kept)

    @pass_context
    def template_address(self, context: Context) -> str:
        """The template's address as the answers file records it."""
        given = str(context["_copier_answers"]["_src_path"])
        # On an update it is recorded already: a clone's path must not become its origin.
        if self._operation != "copy":
            return template_address.without_password(given)
        if not self._address:
            self._address = template_address.recorded_address(given, _recorded_revision(context))
        return self._address

    def _refuse_unready(self, context: Context) -> str:
        from .start import preconditions

        found = self._of(context)
        is_page = context["_copier_conf"]["data"].get("layout") == validation.REGISTRY
        preconditions.refuse_unready(found.repository, _place(context), is_page)
        # Only `copier copy` asks for this; what judges a replay must never refuse a number.
        self._is_copy = "_repository" not in context
        return ""

    def _refuse_malformed(self, context: Context) -> str:
        conf = context["_copier_conf"]
        given, unattended = conf["data"], conf["defaults"]
        settings = self._of(context).settings
        known = {
            "first_number": settings.first_number,
            "issue_prefix": settings.issue_prefix,
            **given,
            **context.get_all(),
        }
        if unattended:
            known.setdefault("components", "")
        for name in validation.QUESTIONS:
            if name not in given or name in self._judged:
                continue
            # The components that phases name may still be answered.
            if name == "phases" and "components" not in known:
                continue
            self._judged.add(name)
            if found := validation.problem(name, given[name], known):
                raise _refusal(f"{name}: {found}")
        untitled = "title" not in known and known.get("layout") != validation.REGISTRY
        if untitled and unattended and not self._of(context).title:
            raise _refusal("title: say what is proposed, with -d title='...'")
        return ""

    def _refuse_taken(self, context: Context, operation: str) -> str:
        from .start import preconditions

        conf = context["_copier_conf"]
        self._operation = operation
        _refuse_index()
        found = self._of(context)
        is_new = operation == "copy" and "_repository" not in context
        known = _known(context) if is_new else {}
        if is_new:
            preconditions.refuse_other_answers_file(known, conf["answers_file"])
        if is_new and not conf["skip_tasks"]:
            self._refuse_unready(context)
            preconditions.refuse_taken(found.repository, known)
            preconditions.refuse_existing(
                found.repository, preconditions.files(found.repository, known)
            )
        if operation == "update" and found.is_in_repository:
            repository = found.repository
            preconditions.refuse_indirect(repository, _place(context))
            # Copier writes the answers file by itself, and follows any link.
            repository.tree.resolved(repository.root / conf["answers_file"])
        return ""

    def _register(self, context: Context, operation: str) -> bool:
        from .start import new

        if operation == "copy" and not context["_copier_conf"]["pretend"]:
            new.register_copy(self._of(context).repository, _known(context))
        compiled_code.of_checkout(ROOT).keep()
        return False

    def _migrate(self, context: Context, stage: str, recorded: str) -> bool:
        from .update import copier_migration

        conf = context["_copier_conf"]
        if stage == "after" and not conf["pretend"]:
            self._said = copier_migration.migrate(
                _place(context),
                ROOT,
                Path(conf["answers_file"]).as_posix(),
                (recorded, _revision(context)),
                context.get_all(),
                set(conf["data"]),
            )
        compiled_code.of_checkout(ROOT).keep()
        return False

    def _farewell(self, context: Context) -> str:
        from .start import new

        conf = context["_copier_conf"]
        if conf["pretend"]:
            return ""
        registered = not conf["skip_tasks"]
        said = new.farewell(self._of(context).repository, _known(context), registered=registered)
        given = str(context["_copier_answers"]["_src_path"])
        recorded = self.template_address(context)
        remark = template_address.remark(given, recorded, _recorded_revision(context))
        return f"{said}\nNote: {remark}." if remark else said

    def _migrated(self, _: Context) -> str:
        return self._said


def _refusing(work: Callable[[], T]) -> T:
    """What `work` returns; what it refuses becomes Copier's error of one line."""
    try:
        with git_process.asking_once():
            return work()
    except BepError as error:
        raise _refusal(f"bep: {error}") from None


def _refusal(message: str) -> Exception:
    # Copier is loaded where it renders; `bep` renders without it.
    from copier.errors import UserMessageError

    return UserMessageError(message)
