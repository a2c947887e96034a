"""MkDocs with Material against Zensical, on the pages that `bep site` gives to a generator.

Run it with `python benchmarks/site_generators.py [PYTHON …]`; PYTHON is an interpreter, this one if
left out. Each generator is installed into a temporary environment of each. It needs the extra
`site`, with which the pages are written.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from checking import generated, run

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


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


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
    built = []
    for _ in range(2):
        for left in ("site", ".cache"):
            shutil.rmtree(folder / left, ignore_errors=True)
        environment = [
            "env",
            f"PYTHONPATH={folder}",
            "NO_MKDOCS_2_WARNING=1",
            "SOURCE_DATE_EPOCH=0",
        ]
        cost = run([*environment, str(command), *COMMANDS[tool], "mkdocs.yml"], folder)
        if not (folder / "site" / "index.html").is_file():
            sys.exit(f"{tool} made no site")
        built.append(files(folder / "site"))
    elsewhere = {
        address
        for path, content in built[0].items()
        if path.endswith(".html")
        for address in ELSEWHERE.findall(content.decode())
    }
    print(
        f"  {size:>5}: {cost.seconds:6.2f} s CPU, {cost.clock:6.2f} s,"
        f" {cost.megabytes:4.0f} MB memory,"
        f" {sum(map(len, built[0].values())) / 1e6:.0f} MB of site,"
        f" {'the same' if built[0] == built[1] else 'other'} bytes,"
        f" loads from {sorted(elsewhere) or 'nowhere else'}"
    )


if __name__ == "__main__":
    main()
