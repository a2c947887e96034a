"""The tasks that divide proposals into documents: `segment`, `add-document`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BepError
from ..output import has_terminal, note, print_json, remark, say, say_wrapped
from .command import command
from .terminal import DRY_RUN, ONE, TEMPLATE, open_repository, print_diff, trusted_template, typed

if TYPE_CHECKING:
    from ..segment.plan import Segment
    from ..segment.segment import Segmenter


@command(
    positions=["number"],
    of_branch=True,
    lists=["component"],
    values={"component": "HEADING=FILE"},
    help={
        "number": ONE,
        "component": 'A section that gets its own document, as "Heading=file-name", with a heading'
        " of the second or third level; may be repeated. Default: the sections below the proposed"
        " design.",
        "template": TEMPLATE,
        "json": "Ask nothing; print JSON: number, main, documents, relinked and remarks.",
        "dry_run": DRY_RUN,
    },
    examples=["bep segment 1046 --dry-run", "bep segment 1046 --component 'Data Model=data-model'"],
)
def segment(
    number: str = "",
    component: Sequence[str] | None = None,
    template: str = "",
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Divide a proposal into a main document and sub-documents.

    Each section below Proposed Design becomes a sub-document in BEP-XXXX/, with its heading as the
    title. Current Design becomes current-design.md if it has over 50 lines, and Migration
    migration.md if it has over 30; everything else stays. Links to and from moved text are
    rewritten, in other documents too; definitions and footnotes move to where they are used. Only
    heading levels and link targets change in your text. A document without an answers file gets
    one. On a terminal the plan is shown first, to accept or change; --component selects other
    sections or file names.
    """
    from tempfile import TemporaryDirectory

    from ..segment import plan as segments, segment as segmenting

    repository = open_repository(writing=not dry_run)
    asked = [segments.wanted(one) for one in component or ()]
    trusted = trusted_template(repository, template, asks=not json)
    asks = not (json or dry_run or asked) and has_terminal()
    with TemporaryDirectory(prefix="bep-") as place:
        segmenter = segmenting.Segmenter(repository, number, trusted, Path(place))
        plan = segmenter.plan(asked or None)
        if asks:
            plan = _agreed(segmenter, plan)
        result = segmenter.segment(plan, dry_run=dry_run)
    if json:
        print_json(result.data())
        return
    if dry_run:
        print_diff(repository, result.changes)
    show = note if dry_run else say_wrapped
    length = "; ".join(filter(None, [f"{result.lines} lines", result.too_long]))
    show(f"{result.main}: {length}")
    for line in segmenting.rows(plan, result.directory):
        show(f"  {line}")
    for path in result.relinked:
        show(f"{path}: links lead to the sub-documents")
    remark(*result.remarks)
    if not dry_run:
        say(
            "Next: write each Summary, look at the change with `git diff` and `bep check`, and"
            " commit it."
        )


def _agreed(segmenter: Segmenter, plan: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The plan as the user at the terminal accepts or changes it."""
    from ..segment import plan as segments, segment as segmenting

    staying: frozenset[str] = frozenset()
    while True:
        say(f"{segmenter.place}:")
        for at, line in enumerate(segmenting.rows(plan, segmenter.directory), 1):
            say(f"{at:>3}  {line}")
        say("All else stays in the main document.")
        said = typed(
            "Enter accepts; 2=file-name renames, 2=- keeps a section where it is, q quits: "
        ).strip()
        if not said:
            return plan
        if said.casefold() in ("q", "quit", "n", "no"):
            raise KeyboardInterrupt
        try:
            asked, left = segments.changed(segmenter.guide, plan, said)
            plan = segmenter.plan(asked, staying | left)
            staying |= left
        except BepError as error:
            say(f"bep: {error}")


@command(
    positions=["number"],
    of_branch=True,
    lists=["depends_on"],
    required=["name", "scope"],
    values={"depends_on": "FILE"},
    help={
        "number": ONE,
        "name": "The file name, such as data-model, or the name of a document of the guide.",
        "scope": "What the document covers, in one line.",
        "depends_on": "A sub-document that it builds on; may be repeated.",
        "template": TEMPLATE,
        "json": "Print JSON: path, changed and remarks.",
        "dry_run": DRY_RUN,
    },
    examples=["bep add-document 1046 --name data-model --scope 'Tables and keys'"],
)
def add_document(
    number: str = "",
    name: str = "",
    scope: str = "",
    depends_on: Sequence[str] | None = None,
    template: str = "",
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Add a sub-document to a segmented proposal.

    It is rendered from the template, and added to the Document Index, the context block and the
    answers file. To remove one, delete its file: `bep check` reports what still names it, and
    `bep sync` corrects that.
    """
    from tempfile import TemporaryDirectory

    from ..segment import add_document as adding

    repository = open_repository(writing=not dry_run)
    wanted = adding.wish(repository.guide, name, scope, depends_on or ())
    trusted = trusted_template(repository, template, asks=not json)
    with TemporaryDirectory(prefix="bep-") as place:
        added = adding.add(repository, number, wanted, trusted, Path(place), dry_run=dry_run)
    paths = [repository.relative(change.path) for change in added.changes]
    if json:
        print_json({"path": added.path, "changed": paths, "remarks": list(added.remarks)})
        return
    if dry_run:
        print_diff(repository, added.changes)
    show = note if dry_run else say_wrapped
    show(f"{added.path} {'would be' if dry_run else 'is'} new; also changed:")
    for path in paths:
        if path != added.path:
            show(f"  {path}")
    remark(*added.remarks)
