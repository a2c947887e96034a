"""Settings of a repository: `bep:` in `invoke.yaml`, or `[tool.bep]` in `pyproject.toml`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from .. import names
from ..errors import BepError
from ..guide import CRITERIA, Limits
from ..markdown import yaml_data
from ..markdown.yaml_data import Unreadable
from ..questionnaire import answers, issue_references, validation
from . import git_objects, template_address
from .working_tree import WorkingTree

FILES = ("invoke.yaml", "pyproject.toml")
SEVERITIES = ("error", "warning", "off")
_COUNT = re.compile(r"[1-9][0-9]{0,4}")
_FIELD = re.compile(r"\{([a-z_]+)\}")
_SPAN = re.compile(r"(?:(?P<least>[1-9][0-9]{0,3})-)?(?P<most>[1-9][0-9]{0,3})")
_WEB_ADDRESS = re.compile(r"https?://[\w.-]+(?::[0-9]{1,5})?(?:/[\w.~-]+)*", re.ASCII)

# What Python's reader of TOML takes in a second; in a key of n parts it takes n * n steps.
_LONGEST_TOML = 500_000
_PART = r"""[ \t]*+(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\."""
_KEY_OF_MANY_PARTS = re.compile(rf"\.(?:{_PART}){{100}}")


class Jira(NamedTuple):
    """Where a repository's issues are in JIRA; a `project` that is '' is the `issue_prefix`."""

    url: str = ""
    project: str = ""
    issue_type: str = "Task"


class PullRequest(NamedTuple):
    """How `submit` makes a pull request: templates of its texts, and what it is made with.

    Fields of the templates are words in braces, those of `PULL_REQUEST_FIELDS`. `news_fragment` is
    the path of a file, '' for none.
    """

    title: str = "docs({jira}): {action} {name} {title}"
    body: str = "{scope}\n\n{index}\n\n{questions}\n\n{decisions}\n\n{issues}"
    commit: str = "docs({jira}): {action} {name} {title}"
    news_fragment: str = ""
    draft: bool = False
    labels: tuple[str, ...] = ()


class Site(NamedTuple):
    """What the web site of a repository is called, and the address at which it is published."""

    title: str = ""
    address: str = ""


_OF_A_LINE = frozenset(
    "number name title slug jira status author action branch path".split()  # noqa: SIM905
)
_OF_A_PATH = frozenset({"number", "name", "slug", "jira"})
# The fields that each template of a pull request may have.
PULL_REQUEST_FIELDS = {
    "title": _OF_A_LINE,
    "commit": _OF_A_LINE,
    "body": _OF_A_LINE | {"scope", "index", "questions", "decisions", "issues"},
    "news_fragment": _OF_A_PATH,
}


class Settings(NamedTuple):
    """What a repository has set; every setting has a default.

    `check` gives rules by name another severity, one of `SEVERITIES`; `limits` are the
    repository's own in place of the guide's. `skills` are the files that hold the process guide as
    a skill of AI agents. A draft that nobody changed for `untouched_days` needs attention.
    """

    proposals: str = "proposals"
    template: str = ""
    remote: str = "origin"
    main: str = ""
    first_number: int = 1000
    issue_prefix: str = "BA"
    version_file: str = "VERSION"
    untouched_days: int = 90
    branch: str = "bep/{number}-{slug}"
    claims: str = "refs/bep/"
    skills: tuple[str, ...] = (".claude/skills/bep-guide/SKILL.md",)
    check: Mapping[str, str] = MappingProxyType({})
    limits: Limits = Limits()
    jira: Jira = Jira()
    pull_request: PullRequest = PullRequest()
    site: Site = Site()

    def number_in(self, branch: str | None) -> int | None:
        """The number of the proposal that a branch is for, by its name; see `number_in_branch`."""
        return names.number_in_branch(branch or "", self.branch)


def read(tree: WorkingTree) -> tuple[Settings, list[str]]:
    """The settings of a repository, and the names of unknown ones.

    `invoke.yaml` takes precedence over `pyproject.toml`. Raises BepError if a file cannot be read
    or a value is malformed.
    """
    found = _in_tree(tree)
    return _settings(*found, tree.root) if found else (Settings(), [])


def read_at(root: Path, commit: str) -> Settings:
    """The settings that a commit of the repository at `root` has; a symbolic link says nothing.

    Raises BepError, which names the file as `COMMIT:FILE`, if they cannot be read.
    """
    found = _first(
        (f"{commit[:9]}:{name}", git_objects.content_at(root, commit, name)) for name in FILES
    )
    return _settings(*found, root)[0] if found else Settings()


def file_name(tree: WorkingTree) -> str:
    """The file that holds the settings of a working tree; '' if none does."""
    found = _in_tree(tree)
    return found[1] if found else ""


def _in_tree(tree: WorkingTree) -> tuple[dict[str, Any], str] | None:
    return _first((name, _content(tree, name)) for name in FILES)


def _first(contents: Iterable[tuple[str, bytes | None]]) -> tuple[dict[str, Any], str] | None:
    """The first section of settings in files, given by name and content, and the file's name."""
    for name, content in contents:
        section = None if content is None else _section(content, name)
        if section is not None:
            return section, name
    return None


def _content(tree: WorkingTree, name: str) -> bytes | None:
    try:
        return tree.read(tree.root / name)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BepError(f"cannot be read ({error})", "repair the file", name) from None


def _section(data: bytes, name: str) -> dict[str, Any] | None:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BepError(f"cannot be read ({error})", "repair the file", name) from None
    # Most repositories have a pyproject.toml that does not mention bep.
    if "bep" not in text:
        return None
    try:
        content = _toml(text, name) if name.endswith(".toml") else yaml_data.load(text)
    except Unreadable as error:
        raise _broken(error.reason, name, error.line) from None
    section = content.get("bep") if isinstance(content, dict) else None
    if section is not None and not isinstance(section, dict):
        raise BepError("`bep` is not a table of settings", "write one `key: value` per line", name)
    return section


def _toml(text: str, name: str) -> Any:
    """The table `tool` of a TOML file."""
    import tomllib  # few repositories need it, and `copier copy` waits for each import

    if len(text) > _LONGEST_TOML:
        raise _broken(f"it is longer than {_LONGEST_TOML} characters", name)
    if found := _KEY_OF_MANY_PARTS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise _broken("a key has more than 100 parts", name, line)
    try:
        return tomllib.loads(text).get("tool")
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        at_line = re.match(r"line (\d+)", place)
        line = int(at_line[1]) if at_line else text.count("\n") + 1
        raise _broken(reason, name, line) from None
    except ValueError:
        # Python refuses to read such numbers, and names no place.
        raise _broken("a number has too many digits", name) from None
    except RecursionError:
        raise _broken("it is nested too deeply", name) from None


def _broken(reason: str, name: str, line: int | None = None) -> BepError:
    return BepError(f"cannot be parsed ({reason})", "fix its syntax", name, line)


def _settings(section: dict[str, Any], name: str, root: Path) -> tuple[Settings, list[str]]:
    kinds = {name: type(default) for name, default in Settings._field_defaults.items()}
    known: dict[str, Any] = {}
    for key, value in section.items():
        if key not in kinds or value is None:
            continue
        if key in _TABLES:
            known[key] = _TABLES[key](value, name)
            continue
        if isinstance(value, bool) or not isinstance(value, kinds[key]):
            word = "a number" if kinds[key] is int else "text"
            raise BepError(f"setting {key!r} is {value!r}", f"write {word}", name)
        known[key] = _plain_path(value) if key == "proposals" else value
    if "template" in known:
        known["template"] = template_address.below(root, known["template"])
    settings = Settings(**known)
    _refuse_bad_form(settings, name)
    return settings, sorted(str(key) for key in section.keys() - kinds.keys())


def _plain_path(path: str) -> str:
    """A relative path in its shortest spelling: `proposals` for `./proposals/`; others as given."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return path if path.startswith("/") or not parts else "/".join(parts)


def _severities(value: Any, name: str) -> Mapping[str, str]:
    """The severities of `check`'s rules by their names; YAML reads `off` as false."""
    _refuse_other_than_table("check", value, "write one `rule: severity` per line", name)
    given = {str(rule): "off" if said is False else said for rule, said in value.items()}
    for rule, said in given.items():
        if said not in SEVERITIES:
            raise BepError(
                f"setting 'check': {rule} is {said!r}", f"write {', '.join(SEVERITIES)}", name
            )
    return given


def _skills(value: Any, name: str) -> tuple[str, ...]:
    """One path or a list of them."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not given:
        raise BepError(f"setting 'skills' is {value!r}", "write a path, or a list of paths", name)
    if found := validation.problem("skills", given, {}):
        raise BepError(f"setting 'skills': {found}", "correct it", name)
    return answers.skill_files({"skills": given})


def _limits(value: Any, name: str) -> Limits:
    """The limits of documents, sections and segmentation, in the shape of `guide.yml`."""
    parts = ", ".join(Limits._fields)
    _refuse_other_than_table("limits", value, f"write a table for one of {parts}", name)
    found: dict[str, Any] = {}
    for part, numbers in value.items():
        if part not in Limits._fields:
            raise BepError(f"setting 'limits': unknown part {part!r}", f"name one of {parts}", name)
        where = f"limits.{part}"
        _refuse_other_than_table(where, numbers, "write one `name: number` per line", name)
        if part == "segmentation" and (wrong := sorted(map(str, numbers.keys() - CRITERIA))):
            remedy = f"name one of {', '.join(CRITERIA)}"
            raise BepError(f"setting {where!r}: unknown criterion {wrong[0]!r}", remedy, name)
        found[part] = tuple(
            (str(key), _limit(said, f"{where}.{key}", name, is_span=part == "sections"))
            for key, said in numbers.items()
        )
    return Limits(**found)


def _limit(said: Any, where: str, name: str, *, is_span: bool) -> int | tuple[int | None, int]:
    """A number of at least 1; of a section also `10-40`, the least and the most."""
    form = _SPAN if is_span else _COUNT
    found = None if isinstance(said, bool) else form.fullmatch(str(said))
    if not found:
        wanted = "the most lines, or both as 10-40" if is_span else "a number of at least 1"
        raise BepError(f"setting {where!r} is {said!r}", f"write {wanted}", name)
    if not is_span:
        return int(found[0])
    least, most = int(found["least"]) if found["least"] else None, int(found["most"])
    if least and least > most:
        raise BepError(f"setting {where!r} is {said!r}", "write the smaller number first", name)
    return least, most


def _refuse_unknown_parts(setting: str, value: Any, known: Sequence[str], name: str) -> None:
    """Refuse a setting that is not a table, or has other parts than the known ones."""
    parts = ", ".join(known)
    _refuse_other_than_table(setting, value, f"write a table of {parts}", name)
    for part in value:
        if part not in known:
            raise BepError(
                f"setting {setting!r}: unknown part {part!r}", f"name one of {parts}", name
            )


def _jira(value: Any, name: str) -> Jira:
    """Where the issues are; no credentials are kept in settings, so an address has none."""
    _refuse_unknown_parts("jira", value, Jira._fields, name)
    for part, said in value.items():
        where = f"jira.{part}"
        # It may hold a password, so it is not shown.
        if part == "url" and "@" in str(said):
            remedy = "the credentials belong in JIRA_API_TOKEN or netrc"
            raise BepError(f"setting {where!r} contains a user or password", remedy, name)
        if not isinstance(said, str) or not _JIRA_FORMS[part](said.strip()):
            remedy = f"write {_JIRA_EXAMPLES[part]}"
            raise BepError(f"setting {where!r} is {said!r}", remedy, name)
    return Jira(**{part: said.strip().rstrip("/") for part, said in value.items()})


def _is_line(text: str) -> bool:
    return bool(text) and text.isprintable()


def _is_web_address(text: str) -> bool:
    return _WEB_ADDRESS.fullmatch(text.rstrip("/")) is not None


def _is_project(text: str) -> bool:
    # `BEP-1046` in a document is a proposal, whatever JIRA has.
    return issue_references.keys_in(f"{text}-1") == [f"{text}-1"]


_JIRA_FORMS = {"url": _is_web_address, "project": _is_project, "issue_type": _is_line}
_JIRA_EXAMPLES = {
    "url": "the address of JIRA, such as https://example.atlassian.net",
    "project": "a project key, such as BA",
    "issue_type": "the name of an issue type, such as Task",
}


def _pull_request(value: Any, name: str) -> PullRequest:
    """How `submit` makes a pull request, in the shape of `PullRequest`."""
    _refuse_other_than_table("pull_request", value, "write one `name: value` per line", name)
    found: dict[str, Any] = {}
    for key, said in value.items():
        where = f"pull_request.{key}"
        if key not in PullRequest._fields:
            known = ", ".join(PullRequest._fields)
            raise BepError(f"setting {where!r} is unknown", f"name one of {known}", name)
        found[key] = _PULL_REQUEST_VALUES[key](said, where, name)
    return PullRequest(**found)


def _text_template(said: Any, where: str, name: str) -> str:
    """A template of text; fields that it cannot have are refused."""
    if not isinstance(said, str):
        raise BepError(f"setting {where!r} is {said!r}", "write text", name)
    known = PULL_REQUEST_FIELDS[where.partition(".")[2]]
    unknown = sorted(set(_FIELD.findall(said)) - known)
    if unknown:
        remedy = f"the fields are {', '.join(sorted(known))}"
        raise BepError(f"setting {where!r}: unknown field {{{unknown[0]}}}", remedy, name)
    return said


def _path_template(said: Any, where: str, name: str) -> str:
    """A template of a path inside the repository."""
    path = _text_template(said, where, name)
    parts = path.split("/")
    if path and ({"", ".", ".."} & set(parts) or ".git" in map(str.lower, parts)):
        raise BepError(f"setting {where!r} is {path!r}", "write a path from the root", name)
    return path


def _truth(said: Any, where: str, name: str) -> bool:
    if not isinstance(said, bool):
        raise BepError(f"setting {where!r} is {said!r}", "write true or false", name)
    return said


def _words(said: Any, where: str, name: str) -> tuple[str, ...]:
    if not isinstance(said, list) or not all(isinstance(one, str) and one for one in said):
        raise BepError(f"setting {where!r} is {said!r}", "write a list of words", name)
    return tuple(said)


def _site(value: Any, name: str) -> Site:
    """How the web site is called and where it is."""
    _refuse_unknown_parts("site", value, Site._fields, name)
    for part, said in value.items():
        where = f"site.{part}"
        is_known = _is_web_address if part == "address" else _is_line
        if not isinstance(said, str) or not is_known(said.strip()):
            example = "https://example.github.io/proposals/" if part == "address" else "one line"
            raise BepError(f"setting {where!r} is {said!r}", f"write {example}", name)
    found = {part: said.strip() for part, said in value.items()}
    if "address" in found:
        found["address"] = found["address"].rstrip("/") + "/"
    return Site(**found)


_PULL_REQUEST_VALUES: dict[str, Callable[[Any, str, str], Any]] = {
    "title": _text_template,
    "body": _text_template,
    "commit": _text_template,
    "news_fragment": _path_template,
    "draft": _truth,
    "labels": _words,
}


def _refuse_other_than_table(key: str, value: Any, remedy: str, name: str) -> None:
    if not isinstance(value, dict):
        raise BepError(f"setting {key!r} is not a table", remedy, name)


# The settings that are tables or lists, with what reads them.
_TABLES: dict[str, Callable[[Any, str], Any]] = {
    "skills": _skills,
    "check": _severities,
    "limits": _limits,
    "jira": _jira,
    "pull_request": _pull_request,
    "site": _site,
}


def _refuse_bad_form(settings: Settings, name: str) -> None:
    for key in ("proposals", "first_number", "issue_prefix"):
        value = getattr(settings, key)
        if found := validation.problem(key, value, {}):
            raise BepError(f"setting {key!r}: {found}", "correct it", name)
    if settings.untouched_days < 1:
        said = f"setting 'untouched_days' is {settings.untouched_days}"
        raise BepError(said, "write a number of days, at least 1", name)
    if "{number}" not in settings.branch:
        raise BepError(f"setting 'branch' is {settings.branch!r}", "put {number} in it", name)
    if not re.fullmatch(r"refs/[\w./-]+[/_-]", settings.claims) or ".." in settings.claims:
        raise BepError(
            f"setting 'claims' is {settings.claims!r}", "write a prefix such as refs/bep/", name
        )
