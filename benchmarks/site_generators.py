"""MkDocs with Material against Zensical, on the pages that `bep site` gives to a generator.

Run it with `python benchmarks/site_generators.py [PYTHON …]`; PYTHON is an interpreter, this one if
left out. Each generator is installed into a temporary environment of each. It needs the extra
`site`, with which the pages are written.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from compare import Command, cost
from proposals import generated

from bep.site import generator, site
from bep.system import repository

SIZES = (70, 2000)
PACKAGES = {"mkdocs": "mkdocs-material", "zensical": "zensical"}
COMMANDS = {"mkdocs": ["build", "--quiet", "-f"], "zensical": ["build", "-f"]}
# Addresses that a page loads something from, not those that it links to.
ELSEWHERE = re.compile(r'(?:src="|<link[^>]* href=")(https?://[^"]+)')


def pages(root: Path, folder: Path) -> None:
    """Write what `bep site` gives to its generator."""
    folder.parent.mkdir(exist_ok=True)

    def kept(config_file: Path, time: int) -> None:
        shutil.copytree(config_file.parent, folder)
        raise KeyboardInterrupt

    generator._run = kept  # noqa: SLF001
    with suppress(KeyboardInterrupt):
        site.build(repository.find(root), str(folder.parent / "none"))
    settings = json.loads((folder / "mkdocs.yml").read_text())
    settings |= {"docs_dir": "pages", "site_dir": "site"}
    settings["validation"] = {"links": {"not_found": "ignore", "anchors": "ignore"}}
    settings["markdown_extensions"] = ["page_html"]
    settings["plugins"] = ["search", "offline"]
    (folder / "mkdocs.yml").write_text(json.dumps(settings))
    shutil.copy(Path(generator.__file__).parent / "page_html.py", folder)


def installed(python: str, name: str, folder: Path) -> tuple[Path, str, float]:
    """An environment with a generator: its command, its version, and its megabytes."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip"]
    subprocess.run([*pip, "install", "-q", PACKAGES[name]], check=True, capture_output=True)
    said = subprocess.run(
        [*pip, "show", PACKAGES[name]], check=True, capture_output=True, text=True
    )
    size = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) / 1e6
    version = re.search(r"^Version: (.*)$", said.stdout, re.MULTILINE)
    return folder / "bin" / name, version[1] if version else "", size


class Built(NamedTuple):
    """What a site consists of: a digest of all files, their size, and what they load from where."""

    digest: str
    size: int
    elsewhere: frozenset[str]


def built(folder: Path) -> Built:
    digest, size, elsewhere = hashlib.sha256(), 0, set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(str(path.relative_to(folder)).encode() + content)
        size += len(content)
        if path.suffix == ".html":
            elsewhere |= {*ELSEWHERE.findall(content.decode())}
    return Built(digest.hexdigest(), size, frozenset(elsewhere))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        for size in SIZES:
            pages(generated(base / f"repository-{size}", size), base / "input" / str(size))
        for python in sys.argv[1:] or [sys.executable]:
            for tool in PACKAGES:
                environment = base / f"{tool}-{Path(python).parents[1].name}"
                command, version, weight = installed(python, tool, environment)
                print(f"{tool} {version}, {python}, {weight:.0f} MB installed")
                for size in SIZES:
                    measured(command, tool, base / "input" / str(size), size)


def measured(command: Path, tool: str, folder: Path, size: int) -> None:
    found = []
    for _ in range(2):
        for left in ("site", ".cache"):
            shutil.rmtree(folder / left, ignore_errors=True)
        environment = {
            "PYTHONPATH": str(folder),
            "NO_MKDOCS_2_WARNING": "1",
            "SOURCE_DATE_EPOCH": "0",
        }
        call = [str(command), *COMMANDS[tool], "mkdocs.yml"]
        used = cost(Command(call, folder, environment))
        if not (folder / "site" / "index.html").is_file():
            sys.exit(f"{tool} made no site")
        found.append(built(folder / "site"))
    first, second = found
    print(
        f"  {size:>5}: {used.cpu:6.2f} s CPU, {used.clock:6.2f} s,"
        f" {used.memory:4.0f} MB memory, {first.size / 1e6:.0f} MB of site,"
        f" {'the same' if first == second else 'other'} bytes,"
        f" loads from {sorted(first.elsewhere) or 'nowhere else'}",
        flush=True,
    )


if __name__ == "__main__":
    main()
