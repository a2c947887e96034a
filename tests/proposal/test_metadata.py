"""What a document says of itself: front matter, title, context block, versions."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from bep import guide_file
from bep.errors import BepError
from bep.markdown import edits
from bep.markdown.escapes import yaml_value
from bep.proposal import context_block, document, metadata
from bep.questionnaire import product_version
from bep.questionnaire.answers import authors
from tests import samples
from tests.conftest import CORPUS

FRONT = """---
Author: Ada Lovelace (ada@example.com)
Status: Draft
Created: 2026-01-06
Created-Version: 26.1.0
Target-Version:
Implemented-Version:
---
"""

KEYS = guide_file.own().metadata

# --- Front matter -------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_the_guides_metadata_reads_as_its_keys(ending):
    source = f"{FRONT}\n# Title\n".replace("\n", ending)

    read = document.Document(source).metadata

    assert {key: read.value(key) for key in read.keys} == {
        "author": "Ada Lovelace (ada@example.com)",
        "status": "Draft",
        "superseded-by": "",
        "created": "2026-01-06",
        "created-version": "26.1.0",
        "target-version": "",
        "implemented-version": "",
    }
    known = [one.key for one in guide_file.own().metadata.values() if not one.on_demand]
    assert [entry.key for entry in read.entries] == known
    for entry in read.entries:
        line = source[entry.start : entry.end]
        assert line.startswith(f"{entry.key}:")
        assert line.rstrip().endswith(entry.value)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Status: Draft  # as yet", "Draft"),
        ("Status:\tDraft\t", "Draft"),
        ("Status : Draft", "Draft"),
        ("Status: 'Draft'", "Draft"),
        ('Status: "a: \\"b\\""', 'a: "b"'),
        ("Status: # nothing yet", ""),
        ("Status:", ""),
        ("Status:  ", ""),
        ("Status: C#", "C#"),
        ("Status: 26.10", "26.10"),
        ("Status: 2026-01-06", "2026-01-06"),
        ("Status: 'broken", "'broken"),
        ("Status: [Draft", "[Draft"),
        ("Status: a: b", "a: b"),
        ("# Status: Draft", ""),
        ("  Status: Draft", ""),
        ("Status:Draft", ""),
        ("Other: Draft", ""),
    ],
)
def test_values_read_as_they_are_meant(line, value):
    assert metadata.read(f"---\n{line}\n---\n", KEYS).value("status") == value


def test_comments_and_continuations_are_no_entries():
    read = metadata.read("---\n# Author: nobody\nAuthor: Ada\n  and others\n- x\n\n---\n", KEYS)

    assert [(entry.key, entry.value) for entry in read.entries] == [("Author", "Ada")]


def test_a_document_without_front_matter_has_no_metadata():
    read = document.Document("# Title\n\n---\nAuthor: Ada\n---\n")

    assert read.metadata.entries == ()
    assert read.metadata.value("author") == ""


@settings(max_examples=samples.examples(300))
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"), max_size=30)
    .map(str.strip)
    .filter(lambda text: text.isprintable())
)
def test_what_the_template_writes_is_read_back(value):
    """YAML's own reader is the judge of what stands there; ours has to agree."""
    front = f"---\nAuthor: {yaml_value(value)}\nStatus: Draft\n---\n"

    assert yaml.safe_load(front.strip("-\n"))["Author"] == value
    assert metadata.read(front, KEYS).value("author") == value


@settings(max_examples=samples.examples(300))
@given(st.text("---\n\r: #'\"abAuthorStatus()@,\ufeff", max_size=60))
def test_anything_reads_and_entries_are_spans_of_the_source(text):
    source = f"---\n{text}\n---\n"

    for entry in document.Document(source).metadata.entries:
        assert source[entry.start : entry.end].startswith(entry.key)


def test_the_real_documents_have_an_author_and_a_status():
    folder = CORPUS / "proposals"
    if not folder.is_dir():
        pytest.skip("the corpus is not here")
    seen = 0
    for path in sorted(folder.glob("BEP-*.md")):
        source = path.read_bytes().decode()
        if not source.startswith("---"):
            continue
        read = document.Document(source)
        oracle = yaml.safe_load(source.split("---", 2)[1])
        for key in ("Author", "Status"):
            assert read.metadata.value(key.lower()) == str(oracle.get(key) or ""), path
        assert read.title, path
        seen += 1
    assert seen > 20


# --- Authors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "name", "address"),
    [
        ("Ada Lovelace (ada@example.com)", "Ada Lovelace", "ada@example.com"),
        ("Ada Lovelace", "Ada Lovelace", ""),
        ("Ada (a@b.c), Grace (g@h.i)", "Ada", "a@b.c"),
        ("Ada, Grace", "Ada", ""),
        ("Joongi Kim | 김준기 (j@k.l)", "Joongi Kim | 김준기", "j@k.l"),
        ("  Ada   ( ada@example.com )", "Ada", "ada@example.com"),
        ("Ada <ada@example.com>", "Ada", "ada@example.com"),
        ("(ada@example.com)", "", "ada@example.com"),
        ("", "", ""),
        ("Ada (a@b.c) and others", "Ada (a@b.c) and others", ""),
    ],
)
def test_the_first_author_of_the_field(field, name, address):
    assert metadata.author_name(field) == name
    assert metadata.author_address(field).strip() == address


def test_all_authors_of_the_field():
    field = "Ada (a@b.c), Grace <g@h.i>,, Alan, Edsger (e@f.g) et al."

    assert metadata.authors(field) == [
        ("Ada", "a@b.c"),
        ("Grace", "g@h.i"),
        ("Alan", ""),
        ("Edsger (e@f.g) et al.", ""),
    ]
    assert metadata.authors(" ") == []


NAMES = st.text("abc É이|.'", min_size=1, max_size=12).map(str.strip).filter(bool)


@given(NAMES, st.sampled_from(["", "a@b.c"]), st.lists(NAMES.map("{} (x@y.z)".format), max_size=2))
def test_the_field_that_the_template_writes_gives_its_author_back(name, address, co_authors):
    field = authors(name, address, co_authors)

    assert metadata.author_name(field) == name
    assert metadata.author_address(field) == address


# --- Title --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("# Title\n", "Title"),
        (f"{FRONT}\n<!-- context-for-ai\nscope: x\n-->\n\n# The *Title* #\n", "The *Title*"),
        ("Title\n=====\n", "Title"),
        ("```\n# not\n```\n\n## nor this\n\n# Title\n\n# Second\n", "Title"),
        ("## Only a section\n", ""),
        ("", ""),
    ],
)
def test_the_title_is_the_first_heading_of_level_1(source, title):
    assert document.Document(source).title_text == title


@given(st.text("#-\n\r ab`<!>|", max_size=80))
def test_the_blocks_of_a_document_are_its_source(source):
    read = document.Document(source)

    assert "".join(source[block.start : block.end] for block in read.blocks) == source


# --- Context block ------------------------------------------------------------------------------


def test_a_context_block_reads_as_its_keys():
    block = "<!-- context-for-ai\ntype: master-bep\ndetail-docs: [a.md, b.md]\nphases: 3\n-->\n"

    assert context_block.read(block) == {
        "type": "master-bep",
        "detail-docs": ["a.md", "b.md"],
        "phases": 3,
    }


@pytest.mark.parametrize(
    "comment",
    [
        "<!-- a comment -->",
        "<!-- context-for-ai\n: [\n-->",
        "<!-- context-for-ai\njust text\n-->",
        "<!-- context-for-ai\nscope: x\n",
        "<!-- context-for-ai -->",
        "",
    ],
)
def test_what_is_no_context_block_reads_as_none(comment):
    assert context_block.read(comment) is None


@pytest.mark.parametrize("body", ["scope: a --> b", "scope: a --!> b", "-->"])
def test_a_body_that_would_end_its_comment_is_refused(body):
    with pytest.raises(ValueError, match="context block"):
        context_block.wrap(body)


def test_every_context_block_of_the_real_documents_is_read():
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    seen = 0
    for path in sorted(CORPUS.rglob("*.md")):
        source = path.read_bytes().decode()
        for block in document.Document(source).blocks:
            text = source[block.start : block.end]
            if block.kind == "comment" and text.startswith(context_block.OPENING):
                keys = context_block.read(text)
                assert keys, path
                assert keys["type"] in ("master-bep", "detail-doc")
                seen += 1
    assert seen > 5


# --- Versions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("26.8.0rc1\n", "26.8.0"),
        ("26.8.0", "26.8.0"),
        ("26.1.12.dev3+abc", "26.1.12"),
        ("v26.8.0\n", "26.8.0"),
        ('__version__ = "26.8.0"\n', "26.8.0"),
        ("\ufeff26.8.0\r\n", "26.8.0"),
        ("1.2.3\n", ""),
        ("26.8\n", ""),
        ("2026.8.0\n", ""),
        ("", ""),
        ("unknown\n", ""),
    ],
)
def test_a_version_file_gives_its_first_three_numbers(content, found):
    assert product_version.from_version_file(content) == found


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 10**6))
def test_year_sprint_and_patch_make_a_version(year, sprint, patch):
    text = f"{year:02d}.{sprint}.{patch}"

    assert product_version.is_version(text)
    assert product_version.from_version_file(f"{text}rc1\n") == text


# --- Edits --------------------------------------------------------------------------------------


def edited(source: str, key: str, value: str) -> str:
    identifier = next(one.id for one in KEYS.values() if one.key == key)
    edit = metadata.set_value(source, document.Document(source).metadata, identifier, value, "p.md")
    return edits.applied(source, [edit])


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("Status: Draft", "Status: Accepted"),
        ("Status:", "Status: Accepted"),
        ("Status: ", "Status: Accepted"),
        ("Status:\t", "Status:\tAccepted"),
        ("Status:  Draft  ", "Status:  Accepted  "),
        ("Status : Draft", "Status : Accepted"),
        ("Status: Draft # now", "Status: Accepted # now"),
        ("Status:   # now", "Status:   Accepted # now"),
        ("Status: 'Draft' # now", "Status: Accepted # now"),
        ('Status: "a # b" # now', "Status: Accepted # now"),
        ("Status: a#b", "Status: Accepted"),
    ],
)
def test_a_new_value_changes_nothing_else_of_its_line(line, new):
    source = f"---\nAuthor: Ada\n# what\n{line}\n# when\nCreated:\n---\n\ntext"

    assert edited(source, "Status", "Accepted") == source.replace(line, new)


def test_a_value_is_quoted_where_yaml_needs_it():
    assert edited("---\nAuthor: x\n---\n", "Author", "a: b") == "---\nAuthor: 'a: b'\n---\n"


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("Status: S|Created:", "Superseded-By", "Status: S|Superseded-By: V|Created:"),
        ("Status: S|# last", "Target-Version", "Status: S|Target-Version: V|# last"),
        ("Status: S|Implemented-Version:", "Author", "Author: V|Status: S|Implemented-Version:"),
        ("Author: A|  and B|- C|# x|Own:", "Status", "Author: A|  and B|- C|Status: V|# x|Own:"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_missing_key_gets_its_place_in_the_guides_order(before, key, after, ending):
    source, wanted = (f"\ufeff---|{text}|---|".replace("|", ending) for text in (before, after))

    assert edited(source, key, "V") == wanted


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("# Title\n", "1: there is no metadata; put it at the top, as the template does"),
        ("---\n---\n", "1: there is no metadata; put it at the top, as the template does"),
        (
            "---\nStatus: a\nStatus: b\n---\n",
            "3: the key Status appears twice; remove one of the lines",
        ),
        ("---\nstatus: a\n---\n", "2: the key status is not one of the guide's; write Status"),
        (
            "---\nStatus: >\n  Draft\n---\n",
            "2: the value of Status continues below; write it on one line",
        ),
    ],
)
def test_what_is_not_clear_is_refused(source, message):
    with pytest.raises(BepError) as refused:
        edited(source, "Status", "Accepted")
    assert str(refused.value) == f"p.md:{message}"
    assert refused.value.code == 1


LINES = st.sampled_from(
    [
        *("Author: A", "Status: S", "Status:", "Created: 2026-01-02 # day"),
        *("Own: x", "# note", "", "  more"),
    ]
)
NAMES = st.sampled_from([one.key for one in KEYS.values()])
PRINTED = st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"])
VALUES = st.text(PRINTED, min_size=1, max_size=12).map(str.strip).filter(bool)


@settings(max_examples=samples.examples(300))
@given(st.lists(LINES, max_size=8), NAMES, VALUES, st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_value_that_was_set_is_read_back_and_every_other_line_stays(lines, key, value, ending):
    source = ending.join(["---", *lines, "---", "", "# Title\udc80", "text"])
    try:
        new = edited(source, key, value)
    except BepError:
        return

    read = document.Document(new)
    assert next(one.value for one in read.metadata.entries if one.key == key) == value
    before, after = source.split(ending), new.split(ending)
    there = any(line.startswith(f"{key}:") for line in lines)
    at = next(at for at, line in enumerate(after) if line.startswith(f"{key}:"))
    assert after[:at] + after[at + 1 :] == before[:at] + before[at + there :]
    assert [one.value for one in read.metadata.entries if one.key != key] == [
        one.value for one in document.Document(source).metadata.entries if one.key != key
    ]
