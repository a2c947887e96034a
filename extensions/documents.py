"""What the template trees need to write documents: two tags, and filters for the four grammars.

Self-contained, as Copier executes it anew for each environment: the code of `bep` that it uses is
loaded from this file's own template revision, under a name of its own, so that the old and the
new revision of an update can stand in one process.
"""

from __future__ import annotations

import hashlib
import importlib
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser


def revision_module(name: str) -> ModuleType:
    """The module `bep.NAME` of the template revision that this file belongs to."""
    package = Path(__file__).resolve().parents[1] / "bep"
    alias = f"bep_{hashlib.sha256(bytes(package)).hexdigest()[:16]}"
    if alias not in sys.modules:
        sys.modules[alias] = ModuleType(alias)
        sys.modules[alias].__path__ = [str(package)]
    # Copier throws its checkout away; bytecode written there would only cost time.
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return importlib.import_module(f"{alias}.{name}")
    finally:
        sys.dont_write_bytecode = writes_none


def issue_link(issue: str) -> str:
    """A GitHub issue of `github` as Markdown; an address becomes a link with a short text.

    `{{ "https://github.com/lablup/backend.ai/issues/12" | issue_link }}` gives
    `[lablup/backend.ai#12](https://github.com/lablup/backend.ai/issues/12)`;
    `{{ "12" | issue_link }}` gives `#12`, which GitHub links by itself.
    """
    address = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)/(?:issues|pull)/(\d+)", issue)
    if address:
        return f"[{address[1]}#{address[2]}]({issue})"
    return issue if "#" in issue else f"#{issue}"


def table_row(*cells: str) -> str:
    """A row of a Markdown table; the cells are Markdown already.

    `{{ table_row("[api](./BEP-1046/api.md)", scope | table_cell) }}` gives
    `| [api](./BEP-1046/api.md) | Handlers |`.
    """
    return f"| {' | '.join(cells)} |"


def section_head(heading: str, length: str, guidance: str) -> str:
    """A section's heading and its guidance, with the length guide, as one HTML comment.

    `section_head("Motivation", "10-30 lines", "Why.")` gives
    `## Motivation`, a blank line and `<!-- Why. Length: 10-30 lines. -->`.
    """
    text = " ".join(guidance.split())
    if "-->" in text:
        raise ValueError(f"guidance of {heading!r} would end its comment: {text!r}")
    note = f"{text} Length: {length}." if length else text
    # A no-break blank keeps the closing mark from standing on a line of its own.
    comment = textwrap.fill(
        f"<!-- {note}\xa0-->", 98, break_long_words=False, break_on_hyphens=False
    )
    return f"## {heading}\n\n{comment.replace(chr(0xA0), ' ')}\n"


class Documents(Extension):
    """Two tags, and the filters and functions for names, links and the grammars answers meet.

    `{% section "Motivation", "10-30 lines" %} guidance {% content %} content {% endsection %}`
    writes the heading, the guidance as one HTML comment, then the content; `{% content %}` may be
    left out. A section's heading, purpose and length guide (guide: Step 5) stand in one place.

    `{% context_block %} key: value lines {% endcontext_block %}` writes the
    `<!-- context-for-ai -->` comment (guide: AI Context Block). Values go through the filter
    `comment_value`: `scope: {{ scope | comment_value }}`.
    """

    tags: set[str] = {"section", "context_block"}  # noqa: RUF012 (Jinja declares it so)

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        escaping = revision_module("markdown.escaping")
        names = revision_module("names")
        answers = revision_module("questionnaire.answers")
        environment.filters.update(
            markdown_text=escaping.markdown_text,
            table_cell=escaping.table_cell,
            yaml_value=escaping.yaml_value,
            comment_value=escaping.comment_value,
            issue_link=issue_link,
            text_list=answers.text_list,
            shared_address=revision_module("system.template_address").shared_address,
        )
        environment.globals.update(
            table_row=table_row,
            link=escaping.link,
            authors=answers.authors,
            issue_keys=answers.issue_keys,
            component_list=answers.components,
            phase_list=answers.phases,
            proposal_name=names.proposal_name,
            main_document=names.main_document,
            answers_path=names.answers_file,
            sub_documents=answers.sub_documents,
        )

    def parse(self, parser: Parser) -> list[nodes.Node]:
        tag = next(parser.stream)
        if tag.value == "context_block":
            return [self._context_block(parser, tag.lineno)]
        return self._section(parser, tag.lineno)

    def _context_block(self, parser: Parser, line: int) -> nodes.Node:
        body = parser.parse_statements(("name:endcontext_block",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_wrapped"), [], [], body).set_lineno(line)

    def _wrapped(self, caller: Callable[[], str]) -> str:
        wrapped: str = revision_module("proposal.context_block").wrap(caller())
        return wrapped

    def _section(self, parser: Parser, line: int) -> list[nodes.Node]:
        arguments = [parser.parse_expression()]
        comma = parser.stream.skip_if("comma")
        arguments.append(parser.parse_expression() if comma else nodes.Const(""))
        guidance = parser.parse_statements(("name:content", "name:endsection"))
        written = [self._head(arguments, guidance, line)]
        if next(parser.stream).value == "content":
            content = parser.parse_statements(("name:endsection",), drop_needle=True)
            call = self.call_method("_content")
            written.append(nodes.CallBlock(call, [], [], content).set_lineno(line))
        return written

    def _head(
        self, arguments: list[nodes.Expr], guidance: list[nodes.Node], line: int
    ) -> nodes.Node:
        constant = _constant(guidance)
        if constant is None or not all(isinstance(one, nodes.Const) for one in arguments):
            call = self.call_method("_dynamic_head", arguments)
            return nodes.CallBlock(call, [], [], guidance).set_lineno(line)
        # Most guidance is plain text: written at once, it costs nothing while rendering.
        heading, length = (one.as_const() for one in arguments)
        text = section_head(heading, length, constant)
        return nodes.Output([nodes.TemplateData(text)]).set_lineno(line)

    def _dynamic_head(self, heading: str, length: str, caller: Callable[[], str]) -> str:
        return section_head(heading, length, caller())

    def _content(self, caller: Callable[[], str]) -> str:
        content = caller().strip("\n")
        return f"\n{content}\n" if content else ""


def _constant(body: list[nodes.Node]) -> str | None:
    """The text of a tag's body, None where it holds more than text."""
    found = [part for node in body for part in getattr(node, "nodes", [node])]
    if all(isinstance(part, nodes.TemplateData) for part in found):
        return "".join(part.data for part in found)
    return None
