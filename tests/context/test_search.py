"""`bep search`: the proposals that have to do with some words."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests import schemas
from tests.conftest import CORPUS, FIXTURES, PAGE, Call, run_git


@pytest.fixture
def parcels(repository: Path) -> Path:
    """The repository with two more proposals, of which one is segmented."""
    shutil.copytree(FIXTURES / "context", repository / "proposals", dirs_exist_ok=True)
    return repository


SCHEMA = schemas.of("search")
KEYS = ["number", "title", "status", "main", "matches", "where"]


def found(call: Call, folder: Path, *words: str) -> list[dict[str, Any]]:
    code, out, err = call(folder, "search", *words, "--json")
    assert code == 0, err
    result: list[dict[str, Any]] = json.loads(out)
    assert all(list(one) == KEYS for one in result)
    SCHEMA.validate(result)
    for match in (match for one in result for match in one["matches"]):
        lines = (folder / match["path"]).read_bytes().decode().split("\n")
        line = " ".join(lines[match["line"] - 1].split())
        assert match["text"].rstrip("…") in line
    return result


def numbers(result: list[dict[str, Any]]) -> list[int]:
    return [one["number"] for one in result]


def add(folder: Path, number: int, text: str) -> None:
    (folder / f"proposals/BEP-{number}-thing.md").write_text(text)


def test_it_shows_number_status_title_and_the_lines_that_match(parcels, call):
    code, out, err = call(parcels, "search", "event", "journal")

    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "1001  Accepted    Event Journal"
    assert lines[1].startswith("      proposals/")
    assert re.fullmatch(r"      proposals/\S+:\d+: .*", lines[1])


def test_json_is_a_list_of_proposals_with_their_lines(parcels, call):
    (one,) = found(call, parcels, "clock", "drift")

    assert one == {
        "number": 1011,
        "title": "Clock Drift",
        "status": "Draft",
        "main": "proposals/BEP-1011-clock-drift.md",
        "matches": [
            {"path": "proposals/BEP-1011-clock-drift.md", "line": 7, "text": "# Clock Drift"},
            {"path": "proposals/BEP-1011-clock-drift.md", "line": 21, "text": "### Drift Monitor"},
        ],
        "where": "main",
    }


def test_a_title_counts_most_then_a_scope_then_a_heading_then_text(repository, call):
    add(repository, 2001, "# Other\n\nA walrus in the text.\n")
    add(repository, 2002, "# Other\n\n## The walrus\n")
    add(repository, 2003, "<!-- context-for-ai\nscope: For a walrus\n-->\n# Other\n")
    add(repository, 2004, "# The walrus\n")

    assert numbers(found(call, repository, "walrus")) == [2004, 2003, 2002, 2001]


def test_more_of_the_words_count_more_and_little_of_them_nothing(repository, call):
    add(repository, 2001, "# Walrus\n\n## Walrus\n")
    add(repository, 2002, "# Other\n\n## Kelp for\n\n## a walrus\n")
    add(repository, 2003, "# Otter and walrus\n\nkelp\n")

    assert numbers(found(call, repository, "walrus", "kelp")) == [2003, 2002]
    assert numbers(found(call, repository, "walrus kelp otter")) == [2003, 2002]
    assert numbers(found(call, repository, "walrus", "unheard")) == [2001, 2003, 2002]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Straße nach Köln", "STRASSE"),
        ("Straße nach Köln", "KO\u0308LN"),
        ("서비스 디스커버리", "디스커"),
        ("Migration of schedulers", "migrate"),
        ("Migration of schedulers", "scheduling"),
        ("Caches", "cache"),
        ("C++ workers", "c++"),
        ("`volume_host` of sessions", "volume_host"),
        ("`volume_host` of sessions", "host"),
        ("WalrusCache", "cache"),
    ],
)
def test_case_encoding_and_form_of_a_word_do_not_count(repository, call, title, words):
    add(repository, 2001, f"# {title}\n")

    assert 2001 in numbers(found(call, repository, words))


def test_a_short_word_is_not_found_inside_of_others(repository, call):
    add(repository, 2001, "# Catalogue\n")

    assert 2001 not in numbers(found(call, repository, "log"))


def test_sub_documents_and_rows_without_a_document_are_searched_too(parcels, call):
    (ledger,) = [one for one in found(call, parcels, "hand-over") if one["number"] == 1010]
    assert ledger["matches"][0]["path"] == "proposals/BEP-1010/ledger.md"

    (relay,) = list(found(call, parcels, "relay", "sessions"))
    assert (relay["number"], relay["main"], relay["status"]) == (1005, None, "Draft")
    assert relay["matches"][0]["path"] == PAGE


def test_what_only_looks_like_a_heading_is_text(repository, call):
    add(repository, 2001, "---\n# walrus\nStatus: Draft\n---\n\n# A\n\n```sh\n# walrus\n```\n")
    add(repository, 2002, "# B\n\n````\n```\n# no\n````\n\n#### walrus\n")

    assert numbers(found(call, repository, "walrus")) == [2002, 2001]


def test_comments_are_not_searched_but_the_context_block_is(repository, call):
    block = "<!-- context-for-ai\nscope: Turnips\n-->"
    add(repository, 1001, f"# A\n\n{block}\n\n<!-- Write about\n# parsnips -->\n\ncarrots\n")
    code = "```html\n<!--\n```\n\nchard\n\n~~~\n<!-- cress -->\n~~~\n\n<!-- Length: 9 lines -->\n"
    text = f"# B\n\nParsnips, `<!--` and\nbeets\n\n{code}\n<!-- never closed\nleeks\n"
    add(repository, 1002, text)

    assert numbers(found(call, repository, "parsnips")) == [1002]
    for word in ("turnips", "carrots"):
        assert numbers(found(call, repository, word)) == [1001]
    for word in ("beets", "chard", "cress", "leeks"):
        assert numbers(found(call, repository, word)) == [1002]


def test_a_title_is_none_of_a_comment_and_code_in_a_line_begins_no_fence(repository, call):
    add(repository, 1010, "<!-- How\n# Not this\n-->\n\n# This\n\n```x``` is\n\n<!-- kale -->\n")
    folder = repository / "proposals/BEP-1010"
    folder.mkdir(exist_ok=True)
    (folder / "a.md").write_text("# Sub\n\nFennel\n")

    assert [one["title"] for one in found(call, repository, "fennel")] == ["This"]
    assert numbers(found(call, repository, "kale")) == []


def test_nothing_found_is_no_error(parcels, call):
    assert call(parcels, "search", "xyzzy") == (
        0,
        "No proposal matches 'xyzzy'; `bep list` shows all of them.\n",
        "",
    )
    assert call(parcels, "search", "xyzzy", "--json")[:2] == (0, "[]\n")


def test_there_is_a_limit(repository, call):
    for number in range(2000, 2025):
        add(repository, number, "# Walrus\n")

    assert len(found(call, repository, "walrus")) == 20
    assert call(repository, "search", "walrus")[2] == "5 more: add a word, or --limit 25.\n"
    assert len(found(call, repository, "walrus", "--limit", "30")) == 25


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "search needs WORDS; write `bep search WORDS...`"),
        ([" "], "there is nothing to search for; give some words: `bep search quota`"),
        (["a", "--limit", "x"], "'x' is not a number of proposals; write --limit 20"),
        (["a", "--nope"], "search has no option '--nope'; see `bep search --help`"),
    ],
    ids=str,
)
def test_bad_calls_are_told(repository, call, arguments, said):
    assert call(repository, "search", *arguments) == (2, "", f"bep: {said}\n")


def test_a_broken_registry_keeps_nobody_from_searching(parcels, call):
    (parcels / PAGE).write_text("Nothing\n")

    code, out, err = call(parcels, "search", "parcel")
    assert code == 0
    assert out.startswith("1010  Accepted    Parcel Relay\n")
    assert "the registry table is missing" in err


def test_words_and_quoted_words_are_the_same(parcels, call):
    assert call(parcels, "search", "parcel relay") == call(parcels, "search", "parcel", "relay")
    assert call(parcels, "search", "--json", "parcel", "relay") == call(
        parcels, "search", "parcel", "--json", "relay"
    )
    # A word that looks like an option stands behind `--`.
    assert call(parcels, "search", "--", "--dry-run")[0] == 0


def test_odd_files_do_not_get_in_the_way(parcels, call):
    (parcels / "proposals/BEP-2001-binary.md").write_bytes(b"\xff\0# walrus \xff\n")
    (parcels / "proposals/BEP-2002-empty.md").write_bytes(b"")
    (parcels / "proposals/BEP-1010/walrus.md").mkdir()

    assert call(parcels, "search", "walrus", "--json")[0] == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("service discovery", 1046),
        ("fair share", 1026),
        ("rbac entity relationship", 1048),
        ("artifact quota", 1036),
        ("graphql naming", 1041),
        ("docker relay", 1027),
    ],
)
def test_real_questions_find_their_proposal_first(tmp_path, call, words, expected):
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    shutil.copytree(CORPUS / "proposals", tmp_path / "proposals")
    run_git(tmp_path, "init", "--quiet")

    assert numbers(found(call, tmp_path, words))[0] == expected
