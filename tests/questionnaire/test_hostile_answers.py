"""Whatever an answer holds is rendered as that text and nothing else, or refused with a reason.

Answers meet four grammars: Markdown, its tables, YAML, and YAML inside an HTML comment. Each
document is compared with one that has harmless answers of the same shape: it must consist of the
same blocks, comments and links, and say what was answered.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from copier.errors import UserMessageError
from hypothesis import Phase, given, settings, strategies as st

from bep.system.renderer import Revision
from tests import forks, samples
from tests.conftest import run_git
from tests.rendered import Document, Tree, ready_repository, render, visible

HOSTILE = [
    "a | b || c |",
    "\\| and \\\\| and `a|b` and `a\\|b`",
    "ends --> the comment",
    "ends --!> the comment too",
    "-->",
    "<!-- opens",
    "<!-- context-for-ai",
    "---",
    "'single' and \"double\" and ''' and \"\"\"",
    "# heading # and closing #",
    "closing ##",
    "a #b: c # d",
    "key: value",
    ": value",
    "{{ 7*7 }} and {{ title }}",
    "{% raw %}{{ 1 }}{% endraw %}{# gone #}",
    "{% yield x from y %}",
    "$(id) `id` ${HOME} %PATH% \\n",
    "-d title=other",
    "--version",
    "[a](b) ![c](d) [e]: f [g]",
    "[x]: https://example.com",
    "<script>alert(1)</script> <b> </b> <a@example.com> <https://example.com>",
    "&lt; &amp; &#35; &copy",
    "*a* **b** _c_ __d__ ~~e~~ *",
    "~gone~",
    "` one `` two ``` three",
    "`code <b> --> {{ x }}` and half `",
    "``a ` b``",
    "~~~",
    "> quote",
    "1. item",
    "trailing \\",
    "_edge_ _ __init__ snake_case",
    "null",
    "true",
    "1.0",
    "2026-01-15",
    "!!python/object:os.system",
    "&anchor *alias",
    "[a, b]",
    "{a: b}",
    "통합 서비스 검색",
    "🦄 und Grüße",
    "\u200fעברית\u200e mixed",
    "zero\u200bwidth \ufeffmark \u00a0blank \u3000wide",
    "e\u0301 decomposed",
    "\U0010ffff",
    "x" * 300,
    "long " * 60,
]
SECRET = "what stands in the environment"


def answers_with(text: str, layout: str) -> dict[str, Any]:
    """Answers of which every free text is or holds `text`."""
    name = re.sub(r"[()<>@]", "", text).strip() or "Ada"
    return {
        "layout": layout,
        "number": 1046,
        "slug": "hostile",
        "title": text,
        "scope": text,
        "components": [{"name": "data-model", "scope": text}],
        "phases": [text, {"name": f"{text} again", "components": ["data-model"]}],
        "subsystems": [text],
        "key_constraints": [text, f"{text} again"],
        "author_name": name,
        "author_email": "ada@example.com",
        "co_authors": [f"{name} (co@example.com)"],
        "created": "2026-01-15",
        "created_version": "26.8.0",
    }


def assert_says(tree: Tree, answers: dict[str, Any]) -> None:
    """The documents of `tree` show these answers, and YAML reads them back."""
    main, title, scope = tree.main, answers["title"].strip(), answers["scope"].strip()
    segmented = answers["layout"] == "segmented"
    phases = [item if isinstance(item, str) else item["name"] for item in answers["phases"]]
    component = answers["components"][0]["scope"].strip()

    authors = [f"{answers['author_name'].strip()} (ada@example.com)", *answers["co_authors"]]
    assert main.metadata["Author"] == ", ".join(authors)
    assert list(main.metadata)[1:3] == ["Status", "Created"]
    assert main.context == {
        "type": "master-bep",
        "scope": scope,
        "detail-docs": ["data-model.md"] if segmented else [],
        "key-constraints": [text.strip() for text in answers["key_constraints"]],
        "key-decisions": [],
        "phases": len(phases),
    }
    assert_shows(main.title, title)
    for at, (item, name) in enumerate(zip(main.items("Implementation Plan"), phases, strict=True)):
        parts = " (data-model)" if isinstance(answers["phases"][at], dict) else ""
        assert_shows(item, f"Phase {at + 1}: {name.strip()}{parts}")
    if segmented:
        (sub,) = tree.sub_documents.values()
        assert sub.context["parent"] == f"BEP-1046 ({title})"
        assert sub.context["scope"] == component
        ((name, description),) = main.table("Document Index")[1:]
        assert name == "data-model"
        assert_shows(description, component)
    else:
        design = [token for token in main.sections["Proposed Design"] if token.type == "inline"]
        heading, paragraph = map(visible, design)
        assert heading == "Data Model"
        assert_shows(paragraph, f"Scope: {component}")
    assert_stored(tree.stored, answers)


def assert_shows(shown: str, answer: str) -> None:
    if "`" in answer:
        # A code span shows neither its backticks nor the blanks at its ends.
        shown, answer = (re.sub(r"[`\s]", "", text) for text in (shown, answer))
    assert shown == answer


def assert_stored(stored: Any, answered: Any) -> None:
    """The answers file holds what was answered, but for blanks around a text."""
    if isinstance(answered, dict):
        for name, value in answered.items():
            assert_stored(stored[name], value)
    elif isinstance(answered, list):
        for one, other in zip(stored, answered, strict=True):
            assert_stored(one, other)
    elif isinstance(answered, str):
        assert isinstance(stored, str)
        assert stored.strip() == answered.strip()
    else:
        assert stored == answered


Skeletons = dict[str, list[tuple[str, str]]]


@pytest.fixture(scope="module")
def harmless(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Skeletons]:
    """What documents with plain words consist of."""
    folder = tmp_path_factory.mktemp("harmless")

    @cache
    def skeletons(layout: str) -> Skeletons:
        tree = render(checkout, folder / layout, answers_with("plain words", layout))
        return {path: document.skeleton for path, document in tree.documents.items()}

    return skeletons


def assert_consists_of(tree: Tree, skeletons: Skeletons) -> None:
    """No heading, comment, link or HTML came from an answer."""
    assert {path: document.skeleton for path, document in tree.documents.items()} == skeletons


def cut(text: str) -> str:
    shown = text if len(text) <= 40 else f"{text[:20]}... {len(text)} characters"
    return shown.encode("ascii", "backslashreplace").decode()


# --- Rendered -----------------------------------------------------------------------------------


@pytest.mark.sample(15)
@pytest.mark.parametrize("text", HOSTILE, ids=cut)
def test_hostile_text_stays_text_in_documents_and_registry(
    text: str, checkout: Path, tmp_path: Path, harmless: Callable[..., Skeletons]
):
    answers = answers_with(text, "segmented")
    repository = ready_repository(tmp_path / "repository")
    before = {"invoke.yaml", "VERSION", "proposals/README.md"}
    copier.run_copy(str(checkout), repository, answers, defaults=True, quiet=True, unsafe=True)
    tree = Tree.read(repository, without=before)
    assert_says(tree, answers)
    assert_consists_of(tree, harmless("segmented"))

    page = Document((repository / "proposals/README.md").read_text("utf-8"))
    ((number, title, author, status),) = page.table()[1:]
    assert (number, status) == ("1046", "Draft")
    assert_shows(title, text.strip())
    assert_shows(author, answers["author_name"])
    assert page.links == ["BEP-1046-hostile.md"]


# All that a line of text may hold.
PLAIN = st.characters(
    exclude_categories=["Cs", "Cc", "Zl", "Zp"],
    exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
)
PIECES = [
    "|",
    "\\",
    "`",
    "``",
    "-->",
    "--!>",
    "<!--",
    "--",
    "#",
    ": ",
    " ",
    "  ",
    "'",
    '"',
    "*",
    "_",
]
PIECES += [
    "~~",
    "[",
    "](",
    ")",
    "<b>",
    "</",
    "&amp;",
    "&#3",
    ";",
    "{{",
    "}}",
    "{%",
    "%}",
    "- ",
    "%",
]
PIECES += ["!", "@", ",", "a", "B", "1", ".", "\u200f", "\u00a0", "이", "🦄"]
ANY_TEXT = st.lists(st.sampled_from(PIECES) | st.text(PLAIN, max_size=3), min_size=1, max_size=9)
TEXT = ANY_TEXT.map("".join).filter(str.strip)
NAME = TEXT.map(lambda text: re.sub(r"[()<>@]", "", text)).filter(str.strip)


@st.composite
def hostile_answers(draw: st.DrawFn) -> dict[str, Any]:
    answers = answers_with("plain words", draw(st.sampled_from(["single", "segmented"])))
    first, second = draw(st.lists(TEXT, min_size=2, max_size=2, unique_by=str.strip))
    return {
        **answers,
        "title": draw(TEXT),
        "scope": draw(TEXT),
        "components": [{"name": "data-model", "scope": draw(TEXT)}],
        "phases": [first, {"name": second, "components": ["data-model"]}],
        "key_constraints": draw(st.lists(TEXT, min_size=2, max_size=2)),
        "author_name": draw(NAME),
        "co_authors": [f"{draw(NAME).strip()} (co@example.com)"],
    }


# A failing example is shown as it was found: Copier takes a quarter of a second for each.
UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]


@pytest.fixture(scope="module")
def revision(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Revision:
    """The template as `bep update` renders it: one Jinja environment for all examples."""
    return Revision(checkout, "v1.0.0", tmp_path_factory.mktemp("revision"))


def rendered(revision: Revision, answers: dict[str, Any]) -> Tree:
    replayed = revision.replayed(answers)
    assert (replayed.problems, replayed.unanswered) == ({}, ())
    return Tree(revision.rendered(replayed.answers, "gh:lablup/bep-templates"))


@settings(max_examples=samples.examples(120))
@given(answers=hostile_answers())
def test_any_text_stays_text(
    answers: dict[str, Any], revision: Revision, harmless: Callable[..., Skeletons]
):
    tree = rendered(revision, answers)
    assert_says(tree, answers)
    assert_consists_of(tree, harmless(answers["layout"]))


@settings(max_examples=samples.examples(12), phases=UNSHRUNK)
@given(answers=hostile_answers())
def test_copier_gives_the_same_documents_for_any_text(
    answers: dict[str, Any], revision: Revision, checkout: Path
):
    with tempfile.TemporaryDirectory() as folder:
        tree = render(checkout, Path(folder) / "tree", answers)
    documents = rendered(revision, answers).documents
    assert {path: one.text for path, one in tree.documents.items()} == {
        path: one.text for path, one in documents.items()
    }
    assert_stored(tree.stored, answers)


@pytest.mark.parametrize("title", ["~gone~", "a ~b~ c"])
def test_single_tildes_strike_nothing_through_on_github(title: str, checkout: Path, tmp_path: Path):
    # GitHub takes one tilde for two; the parser of these tests knows only two.
    tree = render(checkout, tmp_path / "tree", {**answers_with("plain", "single"), "title": title})
    heading = next(line for line in tree.main.text.splitlines() if line.startswith("# "))
    assert heading == f"# {title}".replace("~", "\\~")


def test_code_spans_stay_code_spans(checkout: Path, tmp_path: Path):
    answers = {**answers_with("plain", "single"), "title": "Drop `<b>` & `a|b`"}
    tree = render(checkout, tmp_path / "tree", answers)
    inline = next(token for token in tree.main.tokens if token.type == "inline")
    spans = [child.content for child in inline.children or [] if child.type == "code_inline"]
    assert spans == ["<b>", "a|b"]


def test_blanks_around_an_answer_are_no_part_of_it(checkout: Path, tmp_path: Path):
    plain = {
        **answers_with("plain words", "segmented"),
        "author_name": "Ada Lovelace",
        "jira": ["BA-1"],
        "github": ["#12"],
    }

    def spaced(value: Any) -> Any:
        if isinstance(value, list):
            return [spaced(item) for item in value]
        if isinstance(value, dict):
            return {name: spaced(item) if name == "scope" else item for name, item in value.items()}
        return f"  {value} "

    texts = ["title", "scope", "author_name", "author_email", "co_authors", "components"]
    lists = ["key_constraints", "jira", "github"]
    answers = {**plain, **{name: spaced(plain[name]) for name in texts + lists}}
    tree, expected = (
        render(checkout, tmp_path / folder, given_answers)
        for folder, given_answers in [("spaced", answers), ("plain", plain)]
    )
    for path, document in expected.documents.items():
        assert tree.documents[path].text == document.text


@pytest.mark.parametrize(
    "title",
    [
        "../../etc/passwd",
        "C:\\Windows\\con",
        "Über–Größe (2)",
        "🦄",
        "-rf --all",
        "{{ x }}/{% y %}",
        "통합 서비스 " * 20,
        "NUL.md\u200b",
    ],
    ids=cut,
)
def test_the_file_name_of_any_title_is_kebab_case(title: str, checkout: Path, tmp_path: Path):
    answers = {**answers_with("plain words", "segmented"), "title": title}
    del answers["slug"]
    tree = render(checkout, tmp_path / "tree", answers)
    name = re.fullmatch(r"proposals/BEP-1046-([^/]+)\.md", tree.main_path)
    assert name
    assert re.fullmatch(r"[^\W_]+(?:-[^\W_]+)*", name[1])
    assert name[1] == name[1].lower()
    assert len(name[1].encode()) <= 60
    assert_shows(tree.main.title, title.strip())


def test_hostile_defaults_of_the_repository_stay_text(checkout: Path, tmp_path: Path):
    repository = ready_repository(tmp_path / "repository")
    title = "{{ 7*7 }}: `{% raw %}` #1 --> $(id)"
    page = repository / "proposals/README.md"
    page.write_text(page.read_text() + f"| 1005 | {title} |  | Draft |\n")
    run_git(repository, "switch", "--quiet", "--create=bep/1005-x")
    run_git(repository, "config", "user.name", "Joongi Kim | 김준기 {{ 7*7 }}")
    tree = render(checkout, tmp_path / "tree", {"layout": "single"}, repository)
    assert_shows(tree.main.title, title)
    assert tree.main.context["scope"] == title
    assert tree.main.metadata["Author"].startswith("Joongi Kim | 김준기 {{ 7*7 }} (")
    assert (tree.stored["number"], tree.stored["title"]) == (1005, title)


# --- Lists --------------------------------------------------------------------------------------

LIST_FORMS = {
    "commas": {
        "jira": "BA-1, BA-2",
        "github": "#12, lablup/x#3",
        "components": "data-model, api",
        "phases": "First,  Second,",
        "subsystems": "manager , agent",
        "key_constraints": "no new table,no # of it",
        "co_authors": "Ada L (a@example.com), Alan T (t@example.com)",
    },
    "YAML in brackets": {
        "jira": "[BA-1, BA-2]",
        "github": "['#12', lablup/x#3]",
        "components": "[data-model, api]",
        "phases": "[First, Second]",
        "subsystems": "[manager, agent]",
        "key_constraints": "[no new table, 'no # of it']",
        "co_authors": "[Ada L (a@example.com), Alan T (t@example.com)]",
    },
    "YAML in lines": {
        "jira": "- BA-1\n- BA-2\n",
        "github": "- '#12'\n- lablup/x#3\n",
        "components": "- data-model\n- api\n",
        "phases": "- First\n- Second\n",
        "subsystems": "- manager\n- agent\n",
        "key_constraints": "- no new table\n- 'no # of it'\n",
        "co_authors": "- Ada L (a@example.com)\n- Alan T (t@example.com)\n",
    },
    "lists": {
        "jira": ["BA-1", "BA-2"],
        "github": ["#12", "lablup/x#3"],
        "components": ["data-model", "api"],
        "phases": ["First", "Second"],
        "subsystems": ["manager", "agent"],
        "key_constraints": ["no new table", "no # of it"],
        "co_authors": ["Ada L (a@example.com)", "Alan T (t@example.com)"],
    },
}


@pytest.mark.parametrize("layout", ["single", "segmented"])
def test_lists_in_all_forms_give_the_same_bytes(layout: str, checkout: Path, tmp_path: Path):
    fixed = answers_with("plain words", layout)
    trees = {
        form: render(checkout, tmp_path / form, {**fixed, **lists})
        for form, lists in LIST_FORMS.items()
    }
    for tree in trees.values():
        assert tree.files == trees["lists"].files
    assert trees["lists"].main.items("Related Issues") == [
        "JIRA: BA-1, BA-2",
        "GitHub: #12, lablup/x#3",
    ]


@pytest.mark.parametrize(
    "components",
    [
        "[{name: data-model, scope: 'a: b'}, {name: api, depends_on: [data-model]}]",
        [{"name": "data-model", "scope": "a: b"}, {"name": "api", "depends_on": "data-model.md"}],
    ],
    ids=["as text", "as data"],
)
def test_components_with_scope_and_order_in_both_forms(
    components: Any, checkout: Path, tmp_path: Path
):
    answers = {**answers_with("plain", "segmented"), "components": components, "phases": []}
    tree = render(checkout, tmp_path / "tree", answers)
    assert tree.main.context["detail-docs"] == ["data-model.md", "api.md"]
    assert tree.sub_documents["data-model.md"].context["scope"] == "a: b"
    assert tree.sub_documents["api.md"].context["depends-on"] == ["data-model.md"]


# --- Refused ------------------------------------------------------------------------------------

# A question, an answer that has not its form, and what the reason has to name.
REFUSED: list[tuple[str, Any, str]] = [
    ("number", 999, "999"),
    ("number", 0, "0"),
    ("number", -1046, "-1046"),
    ("number", 100000, "100000"),
    ("number", "abc", "'abc'"),
    ("number", "10.5", "'10.5'"),
    ("title", "", "empty"),
    ("title", " \t ", "empty"),
    ("title", "two\nlines", "U+000A"),
    ("title", "bell \a", "U+0007"),
    ("title", "line\u2028separator", "U+2028"),
    ("title", "txt.\u202egpj", "U+202E"),
    ("slug", "Upper-Case", "'upper-case'"),
    ("slug", "../outside", "'../outside'"),
    ("slug", "a--b", "'a--b'"),
    ("slug", "a" * 61, "60 bytes"),
    ("scope", "two\nlines", "U+000A"),
    ("jira", "no issue", "'no issue'"),
    ("github", "#twelve", "'#twelve'"),
    ("github", "http://example.com/x/y/issues/1", "example.com"),
    ("estimated_lines", "many", "'many'"),
    ("components", "01-data-model", "'data-model'"),
    ("components", "data-model, data-model", "twice"),
    ("components", "con", "Windows"),
    ("components", "overview", "'overview'"),
    ("components", "migration", "'migration'"),
    ("components", "../outside", "'../outside'"),
    ("components", [{"name": "api", "depends_on": ["data-model"]}], "'data-model'"),
    (
        "components",
        [{"name": "a", "depends_on": ["b"]}, {"name": "b", "depends_on": ["a"]}],
        "circle",
    ),
    ("components", [{"name": "api", "colour": "red"}], "'colour'"),
    ("components", [{"scope": "nameless"}], "no name"),
    ("components", [{"name": "api", "scope": "two\nlines"}], "U+000A"),
    ("components", "[{", "'[{'"),
    ("phases", [{"name": "First", "components": ["unheard-of"]}], "'unheard-of'"),
    ("phases", "Again, Again", "'Again'"),
    ("phases", ["two\nlines"], "U+000A"),
    ("layout", "folded", "'folded'"),
    ("key_constraints", ["two\nlines"], "U+000A"),
    ("key_constraints", {"a": "b"}, "not a list"),
    ("migration_document", "perhaps", "'perhaps'"),
    ("author_name", "Ada (Countess)", "'Ada (Countess)'"),
    ("author_email", "nobody", "'nobody'"),
    ("author_email", "a b@example.com", "'a b@example.com'"),
    ("co_authors", ["Alan Turing"], "'Alan Turing'"),
    ("created", "yesterday", "'yesterday'"),
    ("created", "2026-13-01", "'2026-13-01'"),
    ("created_version", "v26.8.0", "'v26.8.0'"),
    ("status", "Perhaps", "'Perhaps'"),
    ("proposals", "../outside", "'../outside'"),
    ("proposals", "/etc", "'/etc'"),
    ("issue_prefix", "ba", "'ba'"),
    ("first_number", 0, "0"),
]


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which everything is committed; refusals leave it so."""
    repository = ready_repository(tmp_path_factory.mktemp("refused") / "repository")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Start")
    return repository


def assert_untouched(repository: Path) -> None:
    assert run_git(repository, "status", "--porcelain", "--ignored") == ""
    assert run_git(repository, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


def refused_id(value: Any) -> str:
    return cut(value if isinstance(value, str) else str(value))


@pytest.mark.sample(20)
@pytest.mark.parametrize(("question", "value", "named"), REFUSED, ids=refused_id)
def test_an_answer_without_its_form_is_refused_with_a_reason(
    question: str, value: Any, named: str, checkout: Path, committed: Path
):
    answers = {"title": "Any", question: value}
    with pytest.raises((ValueError, UserMessageError)) as refusal:
        copier.run_copy(str(checkout), committed, answers, defaults=True, quiet=True, unsafe=True)
    message = str(refusal.value)
    assert message.startswith(f"{question}: ")
    assert named in message
    assert message == message.strip()
    assert "\n" not in message
    assert_untouched(committed)


@settings(max_examples=samples.examples(12), phases=UNSHRUNK)
@given(
    char=st.characters(categories=["Cc", "Zl", "Zp"])
    | st.sampled_from("\u202a\u202b\u202d\u202e\u2066\u2067\u2068"),
    question=st.sampled_from(["title", "scope", "key_constraints", "phases", "author_name"]),
)
def test_what_can_disguise_or_break_a_line_is_refused(
    char: str, question: str, checkout: Path, committed: Path
):
    text = f"before{char}after"
    value = [text] if question in ("key_constraints", "phases") else text
    with pytest.raises((ValueError, UserMessageError), match=re.escape(f"U+{ord(char):04X}")):
        copier.run_copy(
            str(checkout),
            committed,
            {"title": "Any", question: value},
            defaults=True,
            quiet=True,
            unsafe=True,
        )
    assert_untouched(committed)


# --- On the command line ------------------------------------------------------------------------


def copy_by_command(
    template: Path, repository: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    fixed = ["copy", "--trust", "--defaults", "--quiet"]
    call = [*fixed, *arguments, str(template), str(repository)]
    environment = {**os.environ, "SECRET": SECRET}
    return forks.run("copier", repository.parent, *call, environment=environment)


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("given_answers", "named"),
    [
        ((), "title"),
        (("title=",), "empty"),
        (("title=Any", "number=abc"), "'abc'"),
        (("title=Any", "number=999"), "999"),
        (("title=Any", "layout=folded"), "'folded'"),
        (("title=Any", "components=[{"), "'[{'"),
        (("title=Any", "phases=[{name: A, components: [b]}]"), "'b'"),
        (("title=Any", "diagrams=perhaps"), "'perhaps'"),
    ],
    ids=str,
)
def test_the_command_refuses_in_one_line(
    given_answers: tuple[str, ...], named: str, template: Path, committed: Path
):
    arguments = [part for answer in given_answers for part in ("-d", answer)]
    done = copy_by_command(template, committed, *arguments)
    assert done.returncode != 0
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert named in line
    assert "Traceback" not in line
    assert_untouched(committed)


def test_the_command_takes_hostile_answers_as_text(
    template: Path, tmp_path: Path, harmless: Callable[..., Skeletons]
):
    repository = ready_repository(tmp_path / "repository")
    title = "{{ 7*7 }} $(id) `$SECRET` | --> #"
    done = copy_by_command(
        template, repository, "-d", f"title={title}", "-d", "github=#12", "-d", "number=1046"
    )
    assert (done.returncode, done.stderr) == (0, "")
    tree = Tree.read(repository, without={"invoke.yaml", "VERSION", "proposals/README.md"})
    assert_shows(tree.main.title, title)
    assert tree.main.context["scope"] == title
    assert tree.main.items("Related Issues")[1:] == ["GitHub: #12"]
    assert not any(SECRET.encode() in data for data in tree.files.values())
    assert yaml.safe_load(tree.files[tree.answers_path])["title"] == title
