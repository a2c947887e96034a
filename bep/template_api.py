"""Everything that `copier.yml` and the template trees call: tags, filters, functions and hooks.

`extensions/bep.py` loads this module from its own template revision, so that the old and the new
revision of an update can be in one process. What it needs comes with Copier.

Questions may read the repository: the next number, Git's user, today are their defaults. Documents
may not: what reaches them is template text and stored answers. Validators judge form only; what
depends on the repository, such as a number that is taken, is refused in `copier copy` only.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Collection
from typing import Any

import yaml
from jinja2 import Environment, nodes, pass_context
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context

from . import guide_file, names
from .guide import Layout, Section, Transition
from .markdown import escapes, tables
from .proposal import context_block, template_sections
from .questionnaire import answers, issue_references, revision_notes, validation
from .questionnaire.answers import Component, Phase, SubDocument
from .questionnaire.revision_notes import Revisions
from .system import compiled_code
from .template_hooks import ROOT, Hooks, as_mapping, is_for_registry, template_revision

_NARROW = 76


class TemplateApi(Extension):
    """The Jinja extension of the template; `name` is a question's name.

    The tag:

    - `{% context_block %} key: value lines {% endcontext_block %}` writes the
      `<!-- context-for-ai -->` comment (guide: AI Context Block). Its values go through
      `comment_value`: `scope: {{ scope | comment_value }}`.

    For documents:

    - `guide`: the guide of this revision, see `bep/guide.py`; `guide_text()` is its text.
    - `main_sections()`: the guide's sections of the main document in the chosen layout.
    - `section_text(section, content)`: a heading, the guidance as a comment, the table's head
      where the section has a table, then the content that answers give (guide: Step 5).
    - `sub_documents()`: the sub-documents that the answers ask for.
    - `layout_has(document)`: whether the chosen layout has such a sub-document.
    - `requirement(step)`: what a transition requires, in words.
    - `guidance_line(section)`: what belongs into a section, as one line.
    - `skill_files()`: the paths of the agents' skill, () for none.
    - `template_revision()`: the template revision as the answers file records it.
    - `tree()`: the folder of the template that the chosen layout is rendered from.

    For questions:

    - `problem(name)`: the reason why the answer is malformed, '' if it is not; in `copier copy`
      also why a number is taken.
    - `suggested(name)`: the default that the repository suggests.
    - `type_of(name)`: Copier's type for text, and for a list that may be typed with commas.
    - `layout_choices()`, `layout_reasons()`: for the question `layout`.
    - `earlier(name, otherwise)`: the default of a question that was renamed: the answer that is
      stored under an earlier name (`revisions.yml`).
    - `stored_answers(answers)`: the text of the answers file.
    - `template_address()`: the template's address as the answers file records it.

    `hook(name, ...)` acts; `copier.yml` says when Copier calls which: see `template_hooks.Hooks`.
    """

    tags: set[str] = {"context_block"}  # noqa: RUF012 (Jinja declares it so)

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        compiled_code.of_checkout(ROOT).use(environment)
        hooks = Hooks()
        environment.filters.update(
            markdown_text=escapes.markdown_text,
            table_cell=escapes.table_cell,
            yaml_value=escapes.yaml_value,
            comment_value=escapes.comment_value,
            issue_link=issue_references.issue_link,
            text_list=answers.text_list,
        )
        environment.globals.update(
            guide=guide_file.own(),
            guide_text=_guide_text,
            main_sections=_main_sections,
            section_text=template_sections.section_text,
            sub_documents=_sub_documents,
            tree=_tree,
            layout_has=_layout_has,
            requirement=_requirement,
            guidance_line=template_sections.guidance_line,
            skill_files=_skill_files,
            template_revision=template_revision,
            table_row=table_row,
            link=escapes.link,
            authors=answers.authors,
            issue_keys=answers.issue_keys,
            component_list=_component_list,
            phase_list=_phase_list,
            proposal_name=names.proposal_name,
            main_document=names.main_document,
            answers_path=names.answers_file,
            problem=hooks.problem,
            suggested=hooks.suggested,
            type_of=_type_of,
            layout_choices=_layout_choices,
            layout_reasons=_layout_reasons,
            earlier=_earlier,
            stored_answers=hooks.stored_answers,
            template_address=hooks.template_address,
            hook=hooks.hook,
        )

    # --- Tags -----------------------------------------------------------------------------------

    def parse(self, parser: Parser) -> nodes.Node:
        """Read a tag of the template; called by Jinja."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endcontext_block",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_wrapped"), [], [], body).set_lineno(line)

    def _wrapped(self, caller: Callable[[], str]) -> str:
        return context_block.wrap(caller())


# Compiled templates contain the identifier, so it must not depend on the package's loaded name.
TemplateApi.identifier = "bep.template_api.TemplateApi"


# --- Documents ----------------------------------------------------------------------------------


def _guide_text() -> str:
    """The guide as a repository gets it, with the oldest tool that can read it."""
    text = (ROOT / guide_file.FILE).read_text("utf-8")
    return f'{text.rstrip()}\n\noldest-tool: "{_revision_notes().oldest_tool}"\n'


@pass_context
def _main_sections(context: Context) -> Collection[Section]:
    known = guide_file.own()
    layout = _layout(context) or known.usual_layout
    return known.documents[layout.main].sections.values()


@pass_context
def _sub_documents(context: Context) -> list[SubDocument]:
    return answers.sub_documents(guide_file.own(), as_mapping(context))


@pass_context
def _component_list(context: Context, value: Any) -> list[Component]:
    return answers.components(value, adopted=answers.is_adopted(as_mapping(context)))


@pass_context
def _phase_list(context: Context, value: Any) -> list[Phase]:
    return answers.phases(value, adopted=answers.is_adopted(as_mapping(context)))


@pass_context
def _layout_has(context: Context, document: str) -> bool:
    layout = _layout(context)
    return layout is not None and document in layout.sub_documents


def _requirement(step: Transition) -> str:
    """What a transition requires, in words."""
    known = guide_file.own()
    needed = known.requirements(known.statuses[step.after])
    said = [f"`{key.key}` is set" for key in needed if step.before not in key.needed_in]
    said += ["the reason is in the document"] if step.logged else []
    text = ", ".join(said) or "nothing"
    return text[0].upper() + text[1:]


@pass_context
def _skill_files(context: Context) -> tuple[str, ...]:
    return answers.skill_files(as_mapping(context))


@pass_context
def _tree(context: Context) -> str:
    if is_for_registry(context):
        return "template_registry"
    layout = _layout(context)
    return "template_segmented" if layout and layout.sub_documents else "template_single"


def table_row(*cells: str) -> str:
    """A row of a Markdown table; the cells are Markdown already.

    >>> table_row("[api](./BEP-1046/api.md)", "Handlers")
    '| [api](./BEP-1046/api.md) | Handlers |'
    """
    return tables.line(cells)


# --- Questions ----------------------------------------------------------------------------------


@pass_context
def _type_of(context: Context, name: str) -> str:
    # What is typed is text: as YAML, `#12` would be a comment and `a: b` a mapping. A data file
    # gives lists, dates and nulls, which only Copier's YAML type takes as they are.
    return "str" if isinstance(context.get(name, ""), str) else "yaml"


@pass_context
def _layout_choices(context: Context) -> str:
    choices = {one.label: one.id for one in guide_file.own().layouts.values()}
    if is_for_registry(context):
        choices = {"Process page and blank document": validation.REGISTRY}
    dumped: str = yaml.safe_dump(choices)
    return dumped


@pass_context
def _layout_reasons(context: Context) -> str:
    reasons = answers.segmentation_reasons(guide_file.own(), as_mapping(context))
    if reasons:
        said = f"The guide recommends segments here: {', '.join(reasons)}."
        # Copier cuts off what a terminal of the usual width has no room for.
        return textwrap.fill(said, _NARROW)
    return "The guide recommends one file here: none of its criteria for segments holds."


@pass_context
def _earlier(context: Context, name: str, otherwise: Any = "") -> Any:
    for old in _revision_notes().earlier("answers", name):
        if old in context:
            value = context[old]
            # Copier reads a default as text; JSON is YAML too.
            return json.dumps(value) if isinstance(value, list | dict) else value
    return otherwise


def _revision_notes() -> Revisions:
    """The notes on revisions of this template revision."""
    return revision_notes.read((ROOT / revision_notes.FILE).read_text("utf-8"))


def _layout(context: Context) -> Layout | None:
    """The layout that was chosen, None for that of the process page."""
    return guide_file.own().layouts.get(context["layout"])
