"""The task `review`."""

from __future__ import annotations

from ..output import note, print_json, remark, say, write
from .command import command
from .terminal import open_repository


@command(
    paged=True,
    positions=["base"],
    sources={"base": "revision"},
    help={
        "base": "A branch, tag or commit to compare with; default: the main branch.",
        "format": "text, markdown (for a summary or a comment) or json.",
        "json": "The same as --format json: a list of objects with number, title, path, status,"
        " decisions, questions, sections, documents, findings and cited_by.",
        "comment": "Also keep one comment on the branch's pull request up to date, through gh.",
    },
    examples=["bep review", "bep review origin/main --format markdown"],
)
def review(
    base: str = "",
    format: str = "",  # noqa: A002
    json: bool = False,
    comment: bool = False,
) -> None:
    """Show what a change means, proposal by proposal.

    Compares the working tree with the commit where HEAD diverged from BASE. Decisions that are
    altered or removed, and edits of a proposal that was accepted or is final, come first. Then it
    shows for each proposal: status, decisions, questions opened and answered, phases, sections with
    their added and removed lines, documents, new findings of `check`, and the files that cite it.
    Lines of the template's text are counted separately. Runs no template, and changes no file.
    """
    from ..check import report
    from ..share import digest_text, review as reviewing, review_comment

    shape = report.shape(format, json=json, known=digest_text.FORMATS)
    repository = open_repository(writing=False)
    found = reviewing.review(repository, base)
    remark(*found.remarks)
    if shape == "json":
        print_json([one.data() for one in found.digests])
    elif shape == "markdown":
        write(digest_text.markdown(found))
    else:
        for line in digest_text.text(found):
            say(line)
    if comment:
        most = digest_text.MOST_CHARACTERS - len(review_comment.MARK)
        text = digest_text.markdown(found, most)
        kept = review_comment.keep(repository, text, is_empty=not found.digests)
        if kept.problem:
            remark(f"no comment was written: {kept.problem}")
        elif kept.page:
            note(f"Comment: {kept.page}")
