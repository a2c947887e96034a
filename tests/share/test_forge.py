"""What a remote's address says of its forge, and the addresses of the forge's pages."""

from __future__ import annotations

import pytest

from bep.share import forge
from bep.share.forge import Kind


@pytest.mark.parametrize(
    ("address", "kind", "host", "path"),
    [
        ("https://github.com/acme/api.git", Kind.GITHUB, "github.com", "acme/api"),
        ("https://user:token@github.com/acme/api", Kind.GITHUB, "github.com", "acme/api"),
        ("git@github.com:acme/api.git", Kind.GITHUB, "github.com", "acme/api"),
        ("ssh://git@ssh.github.com:443/acme/api.git", Kind.GITHUB, "github.com", "acme/api"),
        ("https://github.example.com/acme/api", Kind.GITHUB, "github.example.com", "acme/api"),
        ("git@gitlab.com:a/b/c.git", Kind.GITLAB, "gitlab.com", "a/b/c"),
        ("https://codeberg.org/acme/api.git", Kind.GITEA, "codeberg.org", "acme/api"),
        ("https://gitea.example.com/acme/api", Kind.GITEA, "gitea.example.com", "acme/api"),
        ("https://git.example.com/acme/api", Kind.OTHER, "git.example.com", "acme/api"),
        ("https://github.com/acme", Kind.OTHER, "github.com", "acme"),
    ],
)
def test_the_forge_is_that_of_the_host(address, kind, host, path):
    found = forge.at(address)

    assert found is not None
    assert found[:3] == (kind, host, path)


@pytest.mark.parametrize("address", ["", "/srv/git/api.git", "../api.git", "file:///srv/api.git"])
def test_what_is_on_no_host_is_on_no_forge(address):
    assert forge.at(address) is None


def page(address: str, title: str = "T & u", body: str = "B") -> str:
    found = forge.at(address)
    assert found
    return forge.new_pull_request_page(found, "main", "bep/1-a#b", title, body)


def test_each_forge_has_its_page_for_a_new_pull_request():
    assert page("git@github.com:acme/api.git") == (
        "https://github.com/acme/api/compare/main...bep/1-a%23b?quick_pull=1&title=T%20%26%20u&body=B"
    )
    assert page("https://codeberg.org/acme/api") == (
        "https://codeberg.org/acme/api/compare/main...bep/1-a%23b?title=T%20%26%20u&body=B"
    )
    assert page("https://gitlab.com/a/b/c") == (
        "https://gitlab.com/a/b/c/-/merge_requests/new?merge_request%5Bsource_branch%5D=bep%2F1-a%23b"
        "&merge_request%5Btarget_branch%5D=main&merge_request%5Btitle%5D=T%20%26%20u"
        "&merge_request%5Bdescription%5D=B"
    )
    assert page("https://git.example.com/acme/api") == ""
    for site in ("https://gitea.example.com:3000", "http://gitea.example.com"):
        address = f"{site}/acme/api".replace("://", "://user:token@")
        assert page(address).startswith(f"{site}/acme/api/compare/main...")
    assert page("ssh://git@gitea.example.com:2222/acme/api").startswith(
        "https://gitea.example.com/"
    )


def test_a_body_that_is_too_long_for_an_address_is_left_out():
    assert "title=T" in page("git@github.com:acme/api.git", body="x" * 9000)
    assert len(page("git@github.com:acme/api.git", body="x" * 9000)) < 200


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("git@github.com:acme/api", "https://github.com/acme/api/blob/main/p/%ED%95%9C.md"),
        ("https://gitlab.com/a/b", "https://gitlab.com/a/b/-/blob/main/p/%ED%95%9C.md"),
        ("https://codeberg.org/a/b", "https://codeberg.org/a/b/src/branch/main/p/%ED%95%9C.md"),
        ("https://git.example.com/a/b", ""),
    ],
)
def test_a_file_has_its_page(address, file):
    found = forge.at(address)

    assert found
    assert forge.file_page(found, "main", "p/한.md") == file
