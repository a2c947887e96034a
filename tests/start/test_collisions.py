"""The corpus' story: two authors, two branches, one number. Prevented, or found with both named."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PAGE, Call, run_git


@pytest.fixture
def remote(repository: Path, tmp_path: Path) -> Path:
    """The bare repository that both authors share."""
    folder = tmp_path / "remote.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(folder))
    return folder


@pytest.fixture
def authors(remote: Path, tmp_path: Path) -> dict[str, Path]:
    """The clones of two authors."""
    people = {"ada": "Ada Lovelace", "barbara": "Barbara Liskov"}
    for short, name in people.items():
        run_git(tmp_path, "clone", "--quiet", str(remote), short)
        run_git(tmp_path / short, "config", "user.name", name)
        run_git(tmp_path / short, "config", "user.email", f"{short}@example.com")
    return {short: tmp_path / short for short in people}


def with_reserve(call: Call, folder: Path, title: str) -> int:
    """As the tool wants it: `reserve`, then `new` on its branch."""
    code, out, err = call(folder, "reserve", title)
    assert code == 0, err
    code, _, err = call(folder, "new", "--defaults")
    assert code == 0, err
    publish(folder, run_git(folder, "branch", "--show-current"))
    return int(out)


def by_hand(folder: Path, number: int, title: str, with_row: bool) -> int:
    """As before there was a tool: a copied document, and a row, where one remembers it."""
    slug = title.lower().replace(" ", "-")
    author = run_git(folder, "config", "user.name")
    source = (folder / "proposals" / "BEP-1002-quota-ledger.md").read_text()
    name = f"BEP-{number}-{slug}.md"
    text = re.sub(r"(?m)^Author: .*", f"Author: {author}", source.replace("Quota Ledger", title))
    (folder / "proposals" / name).write_text(text)
    if with_row:
        page = (folder / PAGE).read_text()
        line = f"| [{number}]({name}) | {title} | {author} | Draft |\n"
        (folder / PAGE).write_text(page.replace("| _next_ ", f"{line}| _next_ "))
    run_git(folder, "switch", "--quiet", "--create", f"docs/{slug}")
    publish(folder, f"docs/{slug}")
    return number


def publish(folder: Path, branch: str) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=A proposal")
    run_git(folder, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")


def branches(remote: Path) -> list[str]:
    """The two proposals' branches."""
    names = run_git(remote, "for-each-ref", "--format=%(refname:short)", "refs/heads/").split()
    return [name for name in names if name != "main"]


def merge(folder: Path, branch: str) -> bool:
    """Merge a branch of the remote; whether it went without a conflict."""
    done = subprocess.run(
        ["git", "merge", "--no-edit", "--quiet", f"origin/{branch}"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def merge_both(call: Call, folder: Path, remote: Path, in_order: bool) -> tuple[int, str]:
    """Merge both branches into main; exit code and output of `bep sync` after the second."""
    run_git(folder, "switch", "--quiet", "main")
    run_git(folder, "fetch", "--quiet")
    names = branches(remote)
    assert len(names) == 2
    first, second = names if in_order else names[::-1]
    assert merge(folder, first)
    merge(folder, second)
    assert run_git(folder, "diff", "--name-only", "--diff-filter=U") in ("", PAGE)
    code, out, err = call(folder, "sync")
    return code, out + err


def rows(folder: Path) -> list[str]:
    """Number and title of each row, as they stand."""
    found = re.findall(
        r"^\| \[?(\d+)\]?[^|]*\| ([^|]*) \|", (folder / PAGE).read_text(), re.MULTILINE
    )
    return [f"{number} {title}" for number, title in found if number != "4711"]


def documents(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "proposals").glob("BEP-*.md"))


BEFORE = ["1001 Event Journal", "1002 Quota Ledger", "1003 _(skipped)_", "1005 Relay in Sessions"]
IN_BOTH_ORDERS = pytest.mark.parametrize("in_order", [True, False])


@IN_BOTH_ORDERS
def test_both_reserve_and_both_get_a_number(authors, remote, call, in_order):
    numbers = [
        with_reserve(call, authors["ada"], "Session Relay"),
        with_reserve(call, authors["barbara"], "Audit Trail"),
    ]
    assert numbers == [1006, 1007]
    main = authors["ada"]

    code, said = merge_both(call, main, remote, in_order)

    assert code == 0, said
    assert rows(main) == [*BEFORE, "1006 Session Relay", "1007 Audit Trail"]
    assert documents(main)[-2:] == ["BEP-1006-session-relay.md", "BEP-1007-audit-trail.md"]
    assert not re.search(r"^[<=>]{7}", (main / PAGE).read_text(), re.MULTILINE)
    run_git(main, "add", "--all")
    run_git(main, "commit", "--quiet", "--allow-empty", "--message=Merge")
    code, out, err = call(main, "sync")
    assert (code, out) == (0, "Nothing to settle.\n"), err


@IN_BOTH_ORDERS
def test_both_reserve_without_documents(authors, remote, call, in_order):
    for short, title in (("ada", "Session Relay"), ("barbara", "Audit Trail")):
        assert call(authors[short], "reserve", title)[0] == 0
        publish(authors[short], run_git(authors[short], "branch", "--show-current"))
    main = authors["barbara"]

    code, said = merge_both(call, main, remote, in_order)

    assert code == 0, said
    assert rows(main) == [*BEFORE, "1006 Session Relay", "1007 Audit Trail"]


@pytest.mark.sample(4)
@IN_BOTH_ORDERS
@pytest.mark.parametrize("with_row", [True, False], ids=["row", "no row"])
@pytest.mark.parametrize("hand_first", [True, False], ids=["hand first", "reserve first"])
def test_one_by_hand_and_one_with_reserve(authors, remote, call, in_order, with_row, hand_first):
    """Who does it by hand takes the number that stands in the page as the next one."""
    if hand_first:
        by_hand(authors["ada"], 1006, "Audit Trail", with_row)
    assert with_reserve(call, authors["barbara"], "Session Relay") == 1006
    if not hand_first:
        by_hand(authors["ada"], 1006, "Audit Trail", with_row)
    main = authors["ada"]

    code, said = merge_both(call, main, remote, in_order)

    assert code == 1, said
    assert "BEP-1006-audit-trail.md" in said
    assert "BEP-1006-session-relay.md" in said
    assert "bep renumber" in said
    if with_row:
        assert "'Audit Trail'" in said
        assert "'Session Relay'" in said
    assert len(documents(main)) == 4
    assert all("Traceback" not in line for line in said.splitlines())


@pytest.mark.sample(3)
@IN_BOTH_ORDERS
@pytest.mark.parametrize("rows_of", ["", "ada", "ada and barbara"])
def test_both_by_hand(authors, remote, call, in_order, rows_of):
    by_hand(authors["ada"], 1006, "Audit Trail", "ada" in rows_of)
    by_hand(authors["barbara"], 1006, "Session Relay", "barbara" in rows_of)

    code, said = merge_both(call, authors["ada"], remote, in_order)

    assert code == 1, said
    assert "BEP-1006-audit-trail.md" in said
    assert "BEP-1006-session-relay.md" in said
    assert "bep renumber" in said


@pytest.mark.parametrize("with_row", [True, False], ids=["row", "no row"])
def test_a_document_by_hand_on_main_holds_its_number(authors, remote, call, with_row):
    """Once it is merged, nobody who reserves gets it, with or without a row."""
    ada, barbara = authors["ada"], authors["barbara"]
    by_hand(ada, 1006, "Audit Trail", with_row)
    run_git(ada, "push", "--quiet", "origin", "HEAD:main")

    assert with_reserve(call, barbara, "Session Relay") == 1007


def test_a_branch_by_hand_that_names_its_number_holds_it(authors, remote, call):
    run_git(remote, "branch", "docs/add-bep-1006", "main")

    assert with_reserve(call, authors["barbara"], "Session Relay") == 1007


@IN_BOTH_ORDERS
def test_what_a_person_then_does_ends_it(authors, remote, call, in_order):
    """The collision that was found is remedied by the command that is named."""
    by_hand(authors["ada"], 1006, "Audit Trail", True)
    assert with_reserve(call, authors["barbara"], "Session Relay") == 1006
    theirs = run_git(remote, "rev-parse", "refs/bep/1006")
    main = authors["ada"]
    assert merge_both(call, main, remote, in_order)[0] == 1
    run_git(main, "add", "--all")
    run_git(main, "commit", "--quiet", "--message=Merge")

    code, _, err = call(main, "renumber", "proposals/BEP-1006-audit-trail.md")

    assert code == 0, err
    code, out, err = call(main, "sync")
    assert code == 0, out + err
    assert rows(main) == [*BEFORE, "1006 Session Relay", "1007 Audit Trail"]
    assert documents(main)[-2:] == ["BEP-1006-session-relay.md", "BEP-1007-audit-trail.md"]
    assert run_git(remote, "rev-parse", "refs/bep/1006") == theirs
    assert "Title: Audit Trail" in run_git(remote, "log", "-1", "--format=%B", "refs/bep/1007")
