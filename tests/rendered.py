"""Rendered proposals as an outsider reads them: markdown-it-py and PyYAML, no code of `bep`."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import copier
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[1]

# The questionnaire itself, without Copier's settings.
QUESTIONS: dict[str, dict[str, Any]] = {
    name: details
    for name, details in yaml.safe_load((ROOT / "copier.yml").read_text("utf-8")).items()
    if not name.startswith("_") and details.get("when") is not False
}

# What GitHub reads beyond CommonMark and could take from an answer.
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])

PROCESS_PAGE = """\
# BEPs

| Number | Title | Author | Status |
|--------|-------|--------|--------|
"""

# Realistic answers for each template tree; none is left to a default that reads the world.
EXAMPLES: dict[str, dict[str, Any]] = {
    "single": {
        "layout": "single",
        "number": 1012,
        "title": "Idle Checks per Resource Group",
        "scope": "Idle checkers and their thresholds are set for each resource group",
        "jira": ["BA-3871"],
        "github": ["#5120", "https://github.com/lablup/backend.ai-webui/issues/733"],
        "estimated_lines": 240,
        "components": [
            {"name": "config-schema", "scope": "Keys, defaults and their inheritance"},
            {
                "name": "checker",
                "scope": "Reads the group's settings",
                "depends_on": ["config-schema"],
            },
        ],
        "phases": ["Schema and defaults", {"name": "Checker", "components": ["checker"]}],
        "key_constraints": ["Sessions that run keep the checks they began with"],
        "author_name": "Ada Lovelace",
        "author_email": "ada@example.com",
        "created": "2026-01-15",
        "created_version": "26.1.0",
    },
    "segmented": {
        "layout": "segmented",
        "number": 1046,
        "title": "Unified Service Discovery",
        "scope": "Service discovery for all components, backed by the database",
        "jira": ["BA-4313", "BA-4314"],
        "github": ["#8120"],
        "estimated_lines": 900,
        "components": [
            {"name": "data-model", "scope": "Tables, queries and their indices"},
            {"name": "config-schema", "scope": "Settings of publishers and consumers"},
            {
                "name": "event-registration",
                "scope": "How a service announces itself: heartbeat, expiry",
                "depends_on": ["data-model", "config-schema"],
            },
            {
                "name": "api",
                "scope": "Queries `services` | `service`",
                "depends_on": ["data-model"],
            },
        ],
        "phases": [
            {"name": "Foundation", "components": ["data-model", "config-schema"]},
            {"name": "Registration", "components": ["event-registration"]},
            {"name": "Consumers", "components": ["api"]},
        ],
        "subsystems": ["manager", "agent", "storage-proxy"],
        "key_constraints": ["No change of the REST API", "Works without etcd: no fallback to it"],
        "migration_document": True,
        "overview_document": True,
        "diagrams": True,
        "author_name": "Grace Hopper",
        "author_email": "grace@example.com",
        "co_authors": ["Ada Lovelace (ada@example.com)"],
        "created": "2026-02-03",
        "created_version": "26.2.0",
    },
    "registry": {"layout": "registry", "skills": [".claude/skills/bep-guide/SKILL.md"]},
}


TECH_SPEC: dict[str, Any] = {
    "layout": "tech-spec",
    "number": 1058,
    "title": "Impersonation by Super Admins",
    "scope": "How a super admin acts as another user, and what is logged of it",
    "jira": ["BA-5102"],
    "components": [{"name": "session-token", "scope": "Who signs it, how long it lives"}],
    "key_constraints": ["No second password"],
    "author_name": "Ada Lovelace",
    "author_email": "ada@example.com",
    "created": "2026-03-02",
    "created_version": "26.3.0",
}


def ready_repository(
    folder: Path, *, proposals: str = "proposals", first_number: int = 1000
) -> Path:
    """A Git repository at `folder` whose registry has no row yet."""
    page = folder / proposals / "README.md"
    page.parent.mkdir(parents=True)
    page.write_text(PROCESS_PAGE)
    settings = {"proposals": proposals, "first_number": first_number}
    (folder / "invoke.yaml").write_text(yaml.safe_dump({"bep": settings}))
    (folder / "VERSION").write_text("26.8.0rc1\n")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


def empty_repository(folder: Path) -> Path:
    """A Git repository at `folder` that holds no proposals and no settings yet."""
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


def render(
    template: Path, folder: Path, answers: Mapping[str, Any], repository: Path | None = None
) -> Tree:
    """The documents for `answers`, in the empty `folder`; nothing is registered.

    With a `repository` its defaults fill in what `answers` leave out; without one they are
    rendered as Copier replays stored answers.
    """
    told = {} if repository is None else {"_repository": str(repository)}
    copier.run_copy(
        str(template),
        folder,
        {**answers, **told},
        defaults=True,
        quiet=True,
        unsafe=True,
        skip_tasks=True,
    )
    return Tree.read(folder)


def files_below(folder: Path) -> dict[str, bytes]:
    """All files below `folder` but Git's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


@dataclass(frozen=True)
class Tree:
    """Rendered files by their paths from the repository's root."""

    files: Mapping[str, bytes]

    @classmethod
    def read(cls, folder: Path, without: Iterable[str] = ()) -> Tree:
        """The files of `folder` but for those that were there before."""
        return cls({p: data for p, data in files_below(folder).items() if p not in set(without)})

    @cached_property
    def answers_path(self) -> str:
        (path,) = (path for path in self.files if "/.copier-answers." in path)
        return path

    @cached_property
    def stored(self) -> dict[str, Any]:
        """The answers file's answers, without what Copier notes about the template."""
        read = yaml.safe_load(self.files[self.answers_path])
        return {name: value for name, value in read.items() if not name.startswith("_")}

    @cached_property
    def main_path(self) -> str:
        pattern = re.compile(r"(?:.*/)?BEP-\d{4,}-[^/]+\.md")
        (path,) = (path for path in self.files if pattern.fullmatch(path))
        return path

    @cached_property
    def main(self) -> Document:
        return self.document(self.main_path)

    @cached_property
    def sub_documents(self) -> dict[str, Document]:
        """The sub-documents by file name."""
        folder = re.compile(r"(?:.*/)?BEP-\d{4,}/([^/]+\.md)")
        found = ((folder.fullmatch(path), path) for path in self.files)
        return {match[1]: self.document(path) for match, path in found if match}

    @cached_property
    def documents(self) -> dict[str, Document]:
        """All Markdown documents by path."""
        return {path: self.document(path) for path in self.files if path.endswith(".md")}

    def document(self, path: str) -> Document:
        return Document(self.files[path].decode("utf-8"))


@dataclass(frozen=True)
class Document:
    """A Markdown document."""

    text: str

    @cached_property
    def _front_matter(self) -> re.Match[str] | None:
        return re.match(r"---\n(.*?\n)---\n", self.text, re.DOTALL)

    @cached_property
    def metadata(self) -> Any:
        """The front matter as YAML, None where there is none."""
        return yaml.safe_load(self._front_matter[1]) if self._front_matter else None

    @cached_property
    def body(self) -> str:
        """What follows the front matter."""
        return self.text[self._front_matter.end() :] if self._front_matter else self.text

    @cached_property
    def tokens(self) -> list[Token]:
        return MARKDOWN.parse(self.body)

    @cached_property
    def context(self) -> Any:
        """The context block as YAML; it must be the first block of the body."""
        first = self.tokens[0]
        match = re.fullmatch(r"<!-- context-for-ai\n(.*\n)-->\n", first.content, re.DOTALL)
        assert first.type == "html_block", f"a {first.type} stands before the context block"
        assert match, f"no context block: {first.content!r}"
        return yaml.safe_load(match[1])

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        """Level and visible text of each heading."""
        return [
            (int(token.tag[1]), visible(self.tokens[at + 1]))
            for at, token in enumerate(self.tokens)
            if token.type == "heading_open"
        ]

    @property
    def title(self) -> str:
        (title,) = (text for level, text in self.headings if level == 1)
        return title

    @cached_property
    def sections(self) -> dict[str, list[Token]]:
        """The tokens of each second-level section; a heading that repeats is an error."""
        found: dict[str, list[Token]] = {}
        current: list[Token] = []
        for at, token in enumerate(self.tokens):
            if token.type == "heading_open" and token.tag == "h2":
                heading = visible(self.tokens[at + 1])
                assert heading not in found, f"{heading!r} stands twice"
                current = found[heading] = []
            else:
                current.append(token)
        return {heading: tokens[2:] for heading, tokens in found.items()}

    def guidance(self, heading: str) -> str:
        """The comment with which a section begins."""
        first = self.sections[heading][0]
        assert first.type == "html_block", f"{heading!r} begins with a {first.type}"
        match = re.fullmatch(r"<!-- (.+) -->\n", first.content, re.DOTALL)
        assert match, f"{heading!r} begins with {first.content!r}"
        return " ".join(match[1].split())

    def table(self, heading: str = "") -> list[list[str]]:
        """The visible cells of the one table of a section, or of the document."""
        return [[visible(cell) for cell in row] for row in self._rows(heading)]

    def table_links(self, heading: str = "") -> list[list[str]]:
        """The link targets in each body row of the one table."""
        return [[link for cell in row for link in links(cell)] for row in self._rows(heading)[1:]]

    def _rows(self, heading: str) -> list[list[Token]]:
        tokens = self.sections[heading] if heading else self.tokens
        types = [token.type for token in tokens]
        assert types.count("table_open") == 1, f"{types.count('table_open')} tables"
        table = tokens[types.index("table_open") : types.index("table_close")]
        columns = types.count("th_open")
        rows: list[list[Token]] = []
        for token in table:
            if token.type == "tr_open":
                # The parser drops cells that the header has no column for, so pipes are counted.
                assert token.map, "a row has no place"
                line = self.body.splitlines()[token.map[0]]
                assert len(re.findall(r"(?<!\\)\|", line)) == columns + 1, f"odd cells: {line}"
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(token)
        return rows

    def items(self, heading: str) -> list[str]:
        """The visible text of each list item of a section."""
        tokens = self.sections[heading]
        return [
            visible(tokens[at + 2])
            for at, token in enumerate(tokens)
            if token.type == "list_item_open" and tokens[at + 2].type == "inline"
        ]

    @cached_property
    def links(self) -> list[str]:
        """The targets of all links and images."""
        return [target for token in self.tokens for target in links(token)]

    @cached_property
    def skeleton(self) -> list[tuple[str, str]]:
        """What the document consists of, apart from its text: blocks, comments, links, HTML."""
        text = {"text", "code_inline", "softbreak"}
        found: list[tuple[str, str]] = []
        for token in self.tokens:
            told = token.content.split("\n")[0] if token.type == "html_block" else token.tag
            found.append((token.type, told))
            found += [(c.type, c.tag) for c in token.children or [] if c.type not in text]
        return found


def visible(token: Token) -> str:
    """What a reader sees of an inline token, code spans as their text."""
    shown = {"text", "code_inline", "html_inline"}
    children = token.children or []
    return "".join(child.content if child.type in shown else "" for child in children)


def links(token: Token) -> list[str]:
    """The targets of the links and images in a token."""
    children = token.children or []
    found = (child.attrGet("href") or child.attrGet("src") for child in children)
    return [str(target) for target in found if target]
