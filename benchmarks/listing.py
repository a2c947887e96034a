"""`bep list` of 70 proposals and 30 branches against Python itself, with and without Invoke.

Run it with `python benchmarks/listing.py`. Target: under 0.25 s.
"""

from __future__ import annotations

import compileall
import subprocess
import sys
import tempfile
from pathlib import Path

from compare import Command, report

ROOT = Path(__file__).resolve().parents[1]
PAIRS = 15
PROPOSALS, BRANCHES = 70, 30
HEAD = "# Proposals\n\n| Number | Title | Author | Status |\n|---|---|---|---|\n"
# The same work, without the parser of the command line.
WITHOUT_INVOKE = """
from pathlib import Path
from bep.maintain import proposal_list
from bep.system import repository
found = proposal_list.entries(repository.find(Path.cwd()))
print("\\n".join(proposal_list.table(found)))
"""


def document(number: int) -> str:
    sections = "\n".join(f"## Section {at}\n\n{'Some words about it. ' * 80}\n" for at in range(8))
    return (
        f"---\nAuthor: Ada (ada@example.com)\nStatus: Draft\n---\n\n# Title {number}\n\n{sections}"
    )


def page(numbers: range) -> str:
    rows = (f"| [{one}](BEP-{one}-title.md) | Title {one} | Ada | Draft |\n" for one in numbers)
    return HEAD + "".join(rows)


def commit(branch: str, files: dict[str, str]) -> bytes:
    lines = [f"commit refs/heads/{branch}\ncommitter A <a@b> 1800000000 +0000\ndata 1\nx\n"]
    lines += [] if branch == "main" else ["from refs/heads/main\n"]
    for path, text in files.items():
        lines.append(f"M 100644 inline proposals/{path}\ndata {len(text)}\n{text}\n")
    return "".join(lines).encode()


def fill(folder: Path) -> None:
    """A repository with proposals on the main branch, and one more on each of its branches."""
    numbers = range(1000, 1000 + PROPOSALS)
    documents = {f"BEP-{one}-title.md": document(one) for one in numbers}
    stream = commit("main", {"README.md": page(numbers), **documents})
    for one in range(numbers.stop, numbers.stop + BRANCHES):
        files = {f"BEP-{one}-title.md": document(one), "README.md": page(range(1000, one + 1))}
        stream += commit(f"bep/{one}-title", files)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=folder, check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream, check=True)
    subprocess.run(["git", "checkout", "--quiet", "main"], cwd=folder, check=True)


def main() -> None:
    compileall.compile_dir(ROOT / "bep", quiet=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder)
        kept = folder / ".git" / "bep" / "branches.json"
        place = {"PYTHONPATH": str(ROOT)}
        python = Command("python -c pass", [sys.executable, "-c", "pass"], folder)
        bep = [sys.executable, "-m", "bep", "list"]
        without = [sys.executable, "-c", WITHOUT_INVOKE]
        for one in (
            Command("bep list", bep, folder, environment=place),
            Command("bep list, without Invoke", without, folder, environment=place),
            Command(
                "bep list, branches not read before",
                bep,
                folder,
                lambda: kept.unlink(missing_ok=True),
                place,
            ),
        ):
            print(report(one, python, PAIRS))


if __name__ == "__main__":
    main()
