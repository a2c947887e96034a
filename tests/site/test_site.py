"""`bep site`: what is on the pages, where they go, and what happens to a broken repository."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT, copy_repository, files_of, run_git
from tests.site.conftest import build, commit

pytest.importorskip("material", reason="the extra `site` is not installed")

LINK = re.compile(r'(?:href|src)="([^"#?]*)[^"]*"')


def article(site: Path, page: str) -> str:
    """What the page itself has, without header and navigation."""
    text = (site / page).read_text()
    return text[text.index("<article") : text.index("</article>")]


def words(site: Path, page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", article(site, page)).split())


# --- The pages ------------------------------------------------------------------------------------


def test_every_link_of_the_site_leads_to_a_file_of_it(corpus_site, hostile_site):
    for site in (corpus_site, hostile_site):
        for page in site.rglob("*.html"):
            for address in LINK.findall(page.read_text()):
                if address and not re.match(r"[a-z]+:", address):
                    target = (page.parent / address.replace("%20", " ")).resolve()
                    assert target.is_file(), (page, address)


def test_every_anchor_inside_the_site_is_there(hostile_site):
    for page in hostile_site.rglob("*.html"):
        for address, anchor in re.findall(r'href="([^":]*)#([^"]+)"', page.read_text()):
            target = (page.parent / address).resolve() if address else page
            assert f'id="{anchor}"' in target.read_text(), (page, address, anchor)


def test_a_second_build_gives_the_same_bytes(hostile_repository, hostile_site, tmp_path):
    again = tmp_path / "again"
    build(hostile_repository, again)
    build(hostile_repository, again)

    assert files_of(again) == files_of(hostile_site)
    assert not [path for path in again.parent.iterdir() if path != again]


def test_another_process_gives_the_same_bytes(tmp_path):
    root = tmp_path / "repository"
    (root / "proposals").mkdir(parents=True)
    (root / "proposals/README.md").write_text("| Number | Title | Author | Status |\n|-|-|-|-|\n")
    for number, name in enumerate(("Bokeum Kim", "BoKeum Kim", "BOKEUM KIM"), 1001):
        document = root / f"proposals/BEP-{number}-a.md"
        document.write_text(f"---\nAuthor: {name}\nStatus: Draft\n---\n\n# A\n")
    run_git(root, "init", "--quiet")

    sites = []
    for seed in "123":
        subprocess.run(
            [sys.executable, "-m", "bep", "site", "--output", str(tmp_path / seed)],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        )
        sites.append(files_of(tmp_path / seed))

    assert sites[0] == sites[1] == sites[2]


def test_a_segmented_proposal_is_one(corpus_site):
    main = article(corpus_site, "BEP-1046.html")
    assert '<a href="BEP-1046.html" aria-current="page">Main document</a>' in main
    assert '<a href="BEP-1046/data-model.html">Data Model Details</a>' in main
    part = article(corpus_site, "BEP-1046/data-model.html")
    assert '<a href="../BEP-1046.html"><b>BEP-1046</b> Unified Service Discovery' in part
    assert 'rel="prev" href="config-schema.html"' in part
    assert "3 open questions" in main
    assert "8 decisions" in main


def test_issues_and_sources_have_their_addresses(corpus_site):
    assert 'href="https://example.atlassian.net/browse/BA-4313"' in article(
        corpus_site, "BEP-1046.html"
    )
    source = "https://github.com/acme/api/blob/main/proposals/BEP-1046-unified-service-discovery.md"
    assert f'href="{source}"' in article(corpus_site, "BEP-1046.html")


def test_what_is_wrong_is_said_at_its_place(hostile_site):
    assert "The same number is used by proposals/BEP-1002-twice.md" in words(
        hostile_site, "BEP-1002.html"
    )
    assert "The same name is used by proposals/BEP-1003-plain.md" in words(
        hostile_site, "BEP-1002.html"
    )
    assert "is a link that leads out of the repository" in words(hostile_site, "BEP-1007.html")
    assert "This document is empty" in words(hostile_site, "BEP-1005.html")
    said = words(hostile_site, "BEP-1001.html")
    assert "Image: missing (there is no proposals/gone.png)" in said
    assert "is 50.0 MB large; the limit is 5.0 MB" in said
    assert "liar.png is not an image that browsers show" in said
    assert "secret.png: is a link that leads out of the repository" in said
    assert "root:" not in said
    assert "BEP-1009 Reserved &lt;i&gt;one&lt;/i&gt; reserved" in words(hostile_site, "index.html")


def test_nothing_of_an_author_is_interpreted_by_the_generator(hostile_site):
    said = words(hostile_site, "BEP-1001.html")
    assert "{{ config.site_name }} {% include" in said
    assert "{{ 7*7 }}" in words(hostile_site, "BEP-1001/part.html")
    assert '!!! danger "no admonition"' in said
    assert '--8<-- "/etc/passwd"' in said.replace("&lt;", "<")


def test_nothing_in_the_repository_is_run_or_configures_the_site(repository, call, tmp_path):
    marker = tmp_path / "executed"
    trap = f"open({str(marker)!r}, 'w').close()\n"
    for name in ("mkdocs", "material", "hooks", "nh3", "markdown_it", "pygments", "bep", "json"):
        (repository / f"{name}.py").write_text(trap)
    (repository / "overrides").mkdir()
    (repository / "overrides" / "main.html").write_text("taken over")
    (repository / "mkdocs.yml").write_text(
        "site_name: taken over\nhooks: [hooks.py]\ntheme: {name: material, custom_dir: overrides}\n"
    )
    code, out, _ = call(repository, "site")
    assert (code, out) == (0, "site/index.html\n")
    assert "taken over" not in (repository / "site" / "index.html").read_text()
    assert not marker.exists()


def test_the_action_imports_nothing_from_the_checkout():
    steps = yaml.safe_load((ROOT / "site" / "action.yml").read_text())["runs"]["steps"]
    install, build_it = (step["run"] for step in steps)
    assert "requirements-site.lock" in install
    assert "/python" in build_it
    assert " -I -m bep site" in build_it


def test_each_page_says_what_it_may_load(hostile_site):
    for page in hostile_site.rglob("*.html"):
        head = page.read_text().partition("</head>")[0]
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', head)
        assert policy, page
        assert "default-src 'none'" in policy[1]
        assert "script-src 'self' file: blob: 'sha256-" in policy[1]
        assert head.index("Content-Security-Policy") < head.index("<script")


class Sources(HTMLParser):
    """Finds the addresses from which the elements of a page load something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {"src", "srcset", "data", "poster"} | ({"href"} if tag == "link" else set())
        self.found += [
            text for name, text in attrs if name in names and re.match("(?:https?:)?//", text or "")
        ]


def test_nothing_is_loaded_from_elsewhere(hostile_site):
    for path in hostile_site.rglob("*"):
        if path.suffix in (".html", ".css"):
            text = path.read_text()
            loaded = re.findall(r'(?:url\(|@import "?)(https?:[^")]*)', text)
            sources = Sources()
            sources.feed(text)
            assert [*loaded, *sources.found] == [], path


def test_the_library_that_draws_diagrams_is_the_published_one():
    published = ROOT / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
    if not published.is_file():
        pytest.skip("mermaid is not installed")
    own = ROOT / "bep" / "site" / "assets" / "mermaid.min.js.gz"
    assert gzip.decompress(own.read_bytes()) == published.read_bytes()


def test_the_licences_of_others_are_there(hostile_site):
    text = (hostile_site / "bep" / "LICENSES.txt").read_text()
    assert "mermaid" in text
    assert "iframe-worker" in text


def test_relations_are_drawn_and_listed(hostile_site):
    text = article(hostile_site, "relations.html")
    assert "BEP-1001 -.-&gt; BEP-1002" in text
    assert "no proposal has this number" in text


# --- The history ----------------------------------------------------------------------------------


def test_a_page_has_the_history_of_its_status(corpus_site):
    assert "2025-03-14 Draft 324 days 2026-02-01 Implemented" in words(corpus_site, "BEP-1021.html")
    assert "History of the status 2025-03-14 Draft" in words(corpus_site, "BEP-1046.html")


def test_the_table_says_when_a_proposal_was_changed(corpus_site):
    rows = words(corpus_site, "index.html")
    assert "BEP-1001 App Injection Draft Joongi Kim One file 2025-03-14 2025-03-14" in rows
    assert "BEP-1021 GQL StringFilter Enhancement Implemented" in rows
    assert "2026-02-01" in rows


def test_questions_have_their_age(corpus_site):
    assert "since 2025-03-14" in words(corpus_site, "questions.html")


def test_the_statuses_are_drawn_over_the_years(corpus_site):
    text = article(corpus_site, "history.html")
    assert '<svg class="bep-picture"' in text
    assert "2025-12 32 0 0 0" in words(corpus_site, "history.html")


def test_a_shallow_clone_says_since_at_least(repository, tmp_path):
    (repository / "proposals" / "new.txt").write_text("new")
    commit(repository, "2026-02-01T12:00:00Z")
    run_git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    build(tmp_path / "shallow", tmp_path / "site")
    assert "at least since 2026-02-01" in words(tmp_path / "site", "BEP-1001.html")
    for page in ("index.html", "history.html"):
        assert "This is a shallow clone" in words(tmp_path / "site", page)


# --- Branches -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_branches(hostile_repository, tmp_path_factory):
    """The site of a repository with a proposal that only a branch has."""
    folder = tmp_path_factory.mktemp("branches")
    root = copy_repository(hostile_repository, folder / "repository")
    run_git(root, "switch", "--quiet", "--create", "bep/1020-relay")
    (root / "proposals" / "BEP-1020-relay.md").write_text(
        "---\nAuthor: Ada (ada@example.com)\nStatus: Draft\n---\n\n"
        "# Relay\n\n[part](BEP-1020/a.md) BEP-1002\n"
    )
    (root / "proposals" / "BEP-1020").mkdir()
    (root / "proposals" / "BEP-1020" / "a.md").write_text("# Part A\n")
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message=Relay")
    run_git(root, "switch", "--quiet", "main")
    build(root, folder / "without")
    build(root, folder / "with", with_branches=True)
    return folder


def test_proposals_in_flight_are_there_if_wanted(with_branches):
    assert not (with_branches / "without" / "BEP-1020.html").exists()
    text = article(with_branches / "with", "BEP-1020.html")
    assert "on the branch bep/1020-relay" in text
    assert '<a href="BEP-1020/a.html"' in text
    assert '<a href="BEP-1002.html"' in text
    assert "blob/bep/1020-relay/proposals/BEP-1020-relay.md" in text
    assert "on bep/1020-relay" in article(with_branches / "with", "index.html")
    assert "1020" not in article(with_branches / "without", "index.html")


# --- Settings -------------------------------------------------------------------------------------


def test_title_and_address_come_from_the_settings(repository, tmp_path):
    (repository / "invoke.yaml").write_text(
        "bep:\n  site:\n    title: Our <ideas>\n    address: https://acme.github.io/api\n"
    )
    build(repository, tmp_path / "site")
    text = (tmp_path / "site" / "index.html").read_text()
    assert "<title>Our &lt;ideas&gt;</title>" in text
    assert '<link rel="canonical" href="https://acme.github.io/api/index.html">' in text
    assert "https://acme.github.io/api/BEP-1001.html" in (tmp_path / "site/sitemap.xml").read_text()
    assert (tmp_path / "site" / "404.html").is_file()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("site: x", "setting 'site' is not a table; write a table of title, address"),
        ("site: {name: x}", "setting 'site': unknown part 'name'; name one of title, address"),
        ("site: {address: ftp://x}", "setting 'site.address' is 'ftp://x'; write https://"),
        ("site: {title: [1]}", "setting 'site.title' is [1]; write one line"),
    ],
)
def test_malformed_settings_are_refused_in_one_line(repository, call, settings, said):
    (repository / "invoke.yaml").write_text(f"bep:\n  {settings}\n")
    code, out, error = call(repository, "site")
    assert (code, out) == (2, "")
    assert said in error
    assert error.count("\n") == 1


# --- The folder -----------------------------------------------------------------------------------


def test_the_command_prints_the_address_of_the_front_page(repository, call):
    assert call(repository, "site") == (0, "site/index.html\n", "2 proposals on 7 pages.\n")
    assert call(repository, "site", "--output", "site")[0] == 0


def test_a_folder_with_other_files_is_left_alone(repository, call):
    (repository / "site").mkdir()
    (repository / "site" / "mine.txt").write_text("mine")
    code, out, error = call(repository, "site")
    assert (code, out) == (2, "")
    assert error == (
        "bep: site: has files that `bep site` did not make; name a new or empty folder\n"
    )
    assert files_of(repository / "site") == {"mine.txt": b"mine"}


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (".git/site", "is in the Git directory"),
        ("proposals/site", "is in the folder of proposals"),
        ("proposals", "is in the folder of proposals"),
        (".", "holds the repository"),
        ("..", "holds the repository"),
        ("VERSION", "is a file"),
        ("link/site", "is in the folder of proposals"),
    ],
)
def test_folders_that_no_site_may_replace(repository, call, output, said):
    (repository / "link").symlink_to("proposals")
    before = files_of(repository)
    code, out, error = call(repository, "site", "--output", output)
    assert (code, out) == (2, "")
    assert said in error
    assert files_of(repository) == before


def test_a_build_that_is_killed_leaves_the_old_site(repository, monkeypatch, tmp_path):
    from bep.site import generator, output_folder

    site = tmp_path / "site"
    build(repository, site)
    before = files_of(site)
    (repository / "proposals" / "BEP-1001-event-journal.md").write_text("# Another\n")

    def killed(*arguments):
        raise KeyboardInterrupt

    for module, name in ((generator, "_finish"), (output_folder, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, killed)
            with pytest.raises(KeyboardInterrupt):
                build(repository, site)
        assert files_of(site) == before
        assert [path.name for path in tmp_path.iterdir() if "site" in path.name] == ["site"]


def test_what_a_killed_build_left_is_removed_by_the_next(repository, tmp_path):
    site = tmp_path / "site"
    build(repository, site)
    left = tmp_path / ".site-left"
    left.mkdir()
    (left / ".bep-site").write_text("")
    site.rename(left / "before")

    build(repository, site)

    assert (site / "index.html").is_file()
    assert not left.exists()


# --- What is missing ------------------------------------------------------------------------------


@pytest.mark.parametrize("package", ["material", "mkdocs", "nh3", "markdown_it", "pygments"])
def test_a_missing_package_is_one_line_that_says_what_to_install(
    repository, call, monkeypatch, package
):
    for name in [*sys.modules]:
        if name.startswith(("bep.site.", f"{package}.")) or name == package:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    code, out, error = call(repository, "site")
    assert (code, out) == (2, "")
    assert error == (
        f"bep: the package {package} is not installed; run `pip install 'bep-templates[site]'`\n"
    )
    assert not (repository / "site").exists()


def test_a_repository_without_a_commit_has_a_site(tmp_path):
    root = tmp_path / "repository"
    (root / "proposals").mkdir(parents=True)
    (root / "proposals" / "README.md").write_text(
        "| Number | Title | Author | Status |\n|---|---|---|---|\n"
    )
    run_git(root, "init", "--quiet")
    build(root, tmp_path / "site")
    assert "0 proposals" not in words(tmp_path / "site", "index.html")
    assert "There is no commit yet" in words(tmp_path / "site", "history.html")
    assert "No proposal has an open question" in words(tmp_path / "site", "questions.html")


# --- The table of contents ------------------------------------------------------------------------


def test_the_contents_of_a_page_are_its_headings():
    from bep.site import page_html

    found = page_html.contents_of(
        '<h1 id="t">T</h1><h2 id="a">A <a href="x">b</a> &amp; c</h2>'
        '<h3 id="b">B</h3><h2 id="d">D</h2>'
    )
    assert [(one["id"], one["name"]) for one in found] == [("a", "A b &amp; c"), ("d", "D")]
    assert [one["id"] for one in found[0]["children"]] == ["b"]


@pytest.fixture
def odd_site(repository, tmp_path) -> Path:
    """The site of a proposal whose title has a flag, and whose HTML and headings are nested."""
    (document,) = repository.glob("proposals/BEP-1002-*.md")
    text = document.read_text().replace("# Quota", "# \U0001f680 \u202eQuota\x1b[31m \u200f", 1)
    questions = "\n## Open Questions\n\n- Which? <details>Redis</details>\n- Where?\n"
    nested = (
        "\n> ### A\n>\n> ### B\n\n- ### C\n\n<details>\n\n### D\n\n### E\n\n</details>\n\n- ### F\n"
    )
    document.write_text(
        f"{text.split('## Open Questions')[0]}{questions}\n## Appendix\n{nested}\nLast.\n"
    )
    settings = repository / "invoke.yaml"
    settings.write_text(settings.read_text() + '\n  site:\n    title: "\U0001f680 Ours"\n')
    build(repository, tmp_path / "site")
    return tmp_path / "site"


def test_nested_headings_and_letters_of_all_kinds_stop_no_site(odd_site):
    text = (odd_site / "BEP-1002.html").read_text()

    assert re.search("<title>.*\U0001f680 ", text)
    assert "\U0001f680 Ours" in text
    assert '"hide"' not in text
    assert "Last." in words(odd_site, "BEP-1002.html")
    for page in odd_site.rglob("*.html"):
        assert not re.search("[\x00-\x08\x1b\u202a-\u202e]", page.read_text()), page
    assert "\\u202eQuota\\x1b[31m" in text
    assert "\u200f" in text


def test_bytes_that_are_no_utf8_stop_no_site(repository, tmp_path):
    (document,) = repository.glob("proposals/BEP-1002-*.md")
    text = document.read_bytes()
    text = re.sub(b"(?m)^(Author|Status): .*", b"\\1: Jos\xe9", text).replace(b"\n# ", b"\n# \xe9 ")
    document.write_bytes(text)
    part = Path(os.fsdecode(bytes(repository) + b"/proposals/BEP-1002/caf\xe9.md"))
    part.parent.mkdir(exist_ok=True)
    part.write_text("# Cafe\n\nLast.\n")

    build(repository, tmp_path / "site")

    assert "Jos" in words(tmp_path / "site", "BEP-1002.html")
