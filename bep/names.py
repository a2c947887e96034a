"""Names of proposals, files and directories (guide: Document Segmentation, Step 6)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache

SLUG_BYTES = 60
# All numbers have one form and one range, in names, refs, rows and arguments alike. ASCII digits
# only: for `int`, those of other scripts are digits too.
NUMBER = "[0-9]{1,5}"
LARGEST_NUMBER = 99_999

REGISTRY_PAGE = "README.md"
AGENTS_PAGE = "AGENTS.md"
ANSWERS_FOLDER = ".copier"

_NUMBER = re.compile(NUMBER)
_MAIN_DOCUMENT = re.compile(rf"BEP-({NUMBER})-(.+)\.md")
_DIRECTORY = re.compile(rf"BEP-({NUMBER})")
_IN_BRANCH = re.compile(
    r"(?:^|[^a-z0-9])beps?[-/_]?([0-9]{4,5})(?![0-9])", re.IGNORECASE | re.ASCII
)

# Windows refuses these as file names, with any ending.
_SYSTEM_NAMES = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"com{digit}" for digit in range(10)]
    + [f"lpt{digit}" for digit in range(10)]
)
# What else than documents a proposal's directory has, and what servers show of a directory.
_OTHER_NAMES = frozenset(["diagrams", "readme", "index"])
_NO_FILE_NAME = re.compile(r'[/\\:*?"<>|]')
_ACRONYMS = frozenset(
    [
        "api",
        "cli",
        "cpu",
        "db",
        "ddl",
        "dns",
        "gpu",
        "gql",
        "grpc",
        "html",
        "http",
        "id",
        "io",
        "ip",
        "jwt",
        "rbac",
        "rest",
        "rpc",
        "sdk",
        "sql",
        "ssh",
        "tls",
        "ui",
        "url",
        "ux",
        "yaml",
    ]
)


def proposal_name(number: int) -> str:
    """`BEP-1046` for 1046; also the name of the proposal's directory."""
    return f"BEP-{number:04d}"


def main_document(number: int, slug: str) -> str:
    """The file name of a proposal's main document, `BEP-1046-short-title.md`."""
    return f"{proposal_name(number)}-{slug}.md"


# The guide of a repository, from its folder of proposals.
GUIDE = ".copier/guide.yml"


def answers_file(number: int) -> str:
    """The path of a proposal's answers file below the proposals folder."""
    return f"{ANSWERS_FOLDER}/.copier-answers.{proposal_name(number)}.yml"


def number_in_digits(text: str) -> int | None:
    """The proposal number that `text` spells, None if it is not one."""
    return int(text) if _NUMBER.fullmatch(text) else None


def number_of_document(file_name: str) -> int | None:
    """The number in a main document's file name, None for any other file."""
    match = _MAIN_DOCUMENT.fullmatch(file_name)
    return int(match[1]) if match else None


def number_of_path(path: str) -> int | None:
    """The number of the main document at a path with `/`, None for any other file."""
    return number_of_document(path.rpartition("/")[2])


def slug_of_document(file_name: str) -> str:
    """The slug in a main document's file name, '' for any other file."""
    match = _MAIN_DOCUMENT.fullmatch(file_name)
    return match[2] if match else ""


def number_of_directory(name: str) -> int | None:
    """The number in the name of a proposal's directory, None for any other directory."""
    match = _DIRECTORY.fullmatch(name)
    return int(match[1]) if match else None


def number_of_name(name: str) -> int | None:
    """The number in the name of a main document or of a proposal's directory, None for others."""
    number = number_of_document(name)
    return number if number is not None else number_of_directory(name)


def branch(form: str, number: int, slug: str) -> str:
    """The name of a proposal's branch in a form, which has `{number}` and maybe `{slug}` in it.

    >>> branch("docs/{number}-{slug}", 7, "quota-ledger")
    'docs/0007-quota-ledger'
    """
    return form.replace("{number}", f"{number:04d}").replace("{slug}", slug)


def number_in_branch(name: str, form: str) -> int | None:
    """The proposal's number in a branch name that has the form, or that contains `bep` and it.

    >>> [number_in_branch(name, "docs/{number}") for name in ("docs/1035", "add-bep-1036", "v1037")]
    [1035, 1036, None]
    """
    match = _in_branch(name, form)
    return int(match[1]) if match else None


def branch_with_number(name: str, number: int, form: str) -> str:
    """A branch name that has a number, with another one in its place.

    >>> branch_with_number("docs/add-bep-1036", 1040, "bep/{number}-{slug}")
    'docs/add-bep-1040'
    """
    match = _in_branch(name, form)
    return f"{name[: match.start(1)]}{number:04d}{name[match.end(1) :]}" if match else name


def _in_branch(name: str, form: str) -> re.Match[str] | None:
    return _branch_pattern(form).fullmatch(name) or _IN_BRANCH.search(name)


@cache
def _branch_pattern(form: str) -> re.Pattern[str]:
    any_slug = re.escape(form).replace(re.escape("{slug}"), ".+")
    return re.compile(any_slug.replace(re.escape("{number}"), "([0-9]{4,5})"))


def slug(title: str) -> str:
    """A title as part of a file name: letters and digits of any script, lower case, hyphens.

    At most `SLUG_BYTES` bytes, cut at a hyphen where one is late enough; NFC, so that all
    file systems agree on it. A title without a letter or digit gives `proposal`.

    >>> slug("Unified Service Discovery (v2)")
    'unified-service-discovery-v2'
    """
    lowered = unicodedata.normalize("NFC", title).lower()
    kept = (char if unicodedata.category(char)[0] in "LNM" else "-" for char in lowered)
    words = unicodedata.normalize("NFC", "-".join("".join(kept).split("-")))
    joined = re.sub("-+", "-", words).strip("-")
    return _shortened(joined) or "proposal"


def title_in(heading: str, number: int) -> str:
    """The title in the visible text of a heading, without the proposal's number before it.

    >>> title_in("BEP-1046: Unified Service Discovery", 1046)
    'Unified Service Discovery'
    """
    named = rf"\A\[?BEP[- ]?0*{number}(?!\d)\]?[\s:.\u2013\u2014-]*"
    return " ".join(re.sub(named, "", heading, flags=re.IGNORECASE).split())


def _shortened(name: str) -> str:
    data = name.encode()
    if len(data) <= SLUG_BYTES:
        return name
    cut = data[:SLUG_BYTES].decode(errors="ignore")
    at_word = cut if data[len(cut.encode()) :].startswith(b"-") else cut.rpartition("-")[0]
    return (at_word if len(at_word.encode()) > SLUG_BYTES // 2 else cut).strip("-")


def slug_problem(text: str) -> str | None:
    """Return why `text` is not a slug, or None if it is one."""
    if slug(text) == text:
        return None
    return (
        f"{text!r} cannot be part of a file name: only lower-case letters, digits and single"
        f" hyphens, at most {SLUG_BYTES} bytes, such as {slug(text)!r}"
    )


def file_name_problem(text: str) -> str | None:
    """Return why `text` cannot stay part of a file name, or None if every system takes it.

    For names that are there already: they need not be as descriptive as new ones.
    """
    if found := _NO_FILE_NAME.search(text):
        return f"{text!r} cannot be part of a file name: {found[0]!r} is not allowed on all systems"
    if text.startswith(".") or text != text.strip():
        return (
            f"{text!r} cannot be part of a file name: it begins with a dot or a blank, or ends with"
            " a blank"
        )
    if text.endswith(".md"):
        return f"{text!r} cannot be part of a file name: leave out '.md'"
    if text.partition(".")[0].strip().lower() in _SYSTEM_NAMES:
        return f"{text!r} is a name that Windows reserves; choose another"
    return None


def document_name(component: str) -> str:
    """The file name of a component's sub-document: `data-model.md` for `data-model`."""
    return f"{component}.md"


def document_title(component: str) -> str:
    """A component as a heading: `Data Model` for `data-model`, `DB Schema` for `db-schema`."""
    words = re.split(r"[-_]+", component)
    title = " ".join(w.upper() if w in _ACRONYMS else w[:1].upper() + w[1:] for w in words)
    return title.strip() or component


def kept_component_problem(component: str, layouts: Collection[str]) -> str | None:
    """Return why a component cannot keep its file name, or None if it can.

    Names of files that were there before the proposal was adopted only have to be safe. `layouts`
    are the files that the guide has for other documents.
    """
    reason = component_problem(component, layouts)
    if reason and document_name(component) not in layouts:
        found = file_name_problem(component)
        return f"component {found}" if found else None
    return reason


def component_name(text: str) -> str:
    """What somebody calls a component, as the name of its file.

    >>> component_name("Data Model")
    'data-model'
    """
    # A path, or what has no letter, is not a name; `component_problem` says so.
    has_letter = any(unicodedata.category(char)[0] == "L" for char in text)
    is_name = has_letter and not {"/", "\\"} & set(text)
    return slug(text.removesuffix(".md")) if is_name else text


def component_problem(component: str, layouts: Collection[str]) -> str | None:
    """Return why a component's name is not a descriptive file name, or None if it is one.

    The guide's Sub-Document Guidelines ask for descriptive file names without number prefixes;
    names that Windows reserves, and `layouts`, the files that the guide has for other documents,
    are refused too.
    """
    fitting = slug(component)
    if re.match(r"\d+(?:\W|_|$)", component):
        fitting = fitting.lstrip("0123456789-") or "data-model"
        return f"component {component!r} begins with a number; describe the unit, as in {fitting!r}"
    if not any(unicodedata.category(char)[0] == "L" for char in component):
        return f"component {component!r} has no letter; describe the unit, as in 'data-model'"
    if fitting != component:
        return f"component {component!r} is not a file name in kebab-case; write {fitting!r}"
    if component in _SYSTEM_NAMES:
        return f"component {component!r} is a name that Windows reserves; choose another"
    if component in _OTHER_NAMES or document_name(component) in layouts:
        return f"component {component!r} is a name that the layout reserves; choose another"
    return None
