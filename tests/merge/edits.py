"""What authors make of the sections of a rendered document, one small edit a function.

An edit changes a draft. It is told the section to work on, a number that chooses its form, and a
number of its own, which it writes into its text so that lines can be told apart.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.merge.template import Draft, Part

Edit = Callable[[Draft, Part, int, int], None]

# Text that is hard to tell from a document's structure; `N` stands for the edit's number.
TEXTS: tuple[str, ...] = (
    "Users wait N.\nToo long N.",
    "- one N\n  more\n\n- two N\n  1. nested",
    "| Component | Cost N |\n|---|:-:|\n| a \\| b | c |",
    "```markdown\n## Motivation\n<!-- One row for each decision. -->\n-->\n# Title N\n```",
    "~~~~ N\n```\n## References\n~~~\n~~~~",
    "<details>\n## not a heading\n<summary>N</summary>\n\ninside N\n\n</details>",
    "{{ user_N }} {% if x %} {# c #}\n{% raw %}",
    "> # Quoted\n>\n> ## Motivation N\nlazy",
    "Code N:\n\n    ## Motivation\n\n    x = 1",
    "Same line.\n\nSame line.\n\nSame line.",
    "<!-- later N:\n## not yet\n\nenough -->",
    "```\n<<<<<<< HEAD\nN\n=======\n>>>>>>> main\n```",
    "trailing N  \ntab\tN\t\n\u00a0space N\nline\u2028feed\x0b\x0c\x85N",
    "- JIRA: BA-4313\nScope: Keys and defaults",
    "***\n\nafter N\n\n- - -",
    "[ref-N]: https://example.com/N 'title'\n[ref-N]",
    "\U0001f680 long \u4e2d\u6587 N",
    "- item N\n\n  ```\n  ## inside a list\n  ```",
    "| Date | Decision | Rationale |\n|---|---|---|\n| 2026-01-01 | N | because |",
    "<a id='x-N'></a>\n<!-- context-for-ai -->",
)
_HEADINGS = (
    "Measurements N",
    "Risk",
    "**Risk**",
    "Security",
    "Motivation",
    "Overview",
    "4.2 Limits N ##",
    "Decisions",
    "\U0001f680 {{ N }}",
)
_OTHER_NAMES = {
    "Motivation": "Goal",
    "Current Design": "As-is",
    "Decision Log": "Decision Summary",
    "Proposed Design": "Implementation Design",
    "Open Questions": "Open Issues",
    "References": "See also",
    "Interface / API": "API",
    "Summary": "Purpose",
}


def _text(how: int, number: int) -> list[str]:
    return TEXTS[how % len(TEXTS)].replace("N", str(number)).split("\n")


def _insert(body: list[str], at: int, lines: list[str], tight: bool = False) -> None:
    """Puts lines between the lines of a body, blank lines around them if they are not tight."""
    gap = [] if tight else [""]
    body[at:at] = [*(gap if at else []), *lines, *(gap if at < len(body) else [])]


def _guidance_at(part: Part) -> int | None:
    """Where the guidance stands in the body, None where it is gone."""
    size = len(part.guidance)
    places = range(len(part.body) - size + 1)
    return next((at for at in places if size and part.body[at : at + size] == part.guidance), None)


def _below(draft: Draft, part: Part) -> int:
    """The place behind a section and all its subsections."""
    at = next(at for at, one in enumerate(draft.parts) if one is part) + 1
    while at < len(draft.parts) and draft.parts[at].level > part.level:
        at += 1
    return at


# --- Text of a section --------------------------------------------------------------------------


def write(draft: Draft, part: Part, how: int, number: int) -> None:
    form, place = how % len(TEXTS), how // len(TEXTS)
    guidance = _guidance_at(part)
    behind = 0 if guidance is None else guidance + len(part.guidance)
    at = (len(part.body), behind, 0)[place % 3]
    _insert(part.body, at, _text(form, number), tight=place // 3 % 3 == 2)


def fill(draft: Draft, part: Part, how: int, number: int) -> None:
    """Text takes the place of the guidance."""
    guidance = _guidance_at(part)
    if guidance is None:
        write(draft, part, how, number)
    else:
        part.body[guidance : guidance + len(part.guidance)] = _text(how, number)


def drop_guidance(draft: Draft, part: Part, how: int, number: int) -> None:
    if (at := _guidance_at(part)) is not None:
        del part.body[at : at + len(part.guidance) + 1]


def edit_guidance(draft: Draft, part: Part, how: int, number: int) -> None:
    if (at := _guidance_at(part)) is not None:
        end = at + len(part.guidance) - 1
        part.body[end] = (f"{part.body[end]} {number}", f" {part.body[end]}")[how % 2]


def quote_guidance(draft: Draft, part: Part, how: int, number: int) -> None:
    """The guidance stands in a fence, as an example of guidance."""
    if (at := _guidance_at(part)) is not None:
        part.body[at : at + len(part.guidance)] = ["```", *part.guidance, "```", f"See {number}."]


def _own_lines(part: Part) -> list[int]:
    """The places of lines that are neither blank nor guidance nor of a table."""
    guidance = _guidance_at(part)
    taken = range(guidance, guidance + len(part.guidance)) if guidance is not None else ()
    lines = enumerate(part.body)
    return [at for at, line in lines if line.strip() and at not in taken and line[0] != "|"]


def change_line(draft: Draft, part: Part, how: int, number: int) -> None:
    places = _own_lines(part)
    if places:
        part.body[places[how % len(places)]] += f", {number}"
    else:
        write(draft, part, how, number)


def delete_line(draft: Draft, part: Part, how: int, number: int) -> None:
    places = _own_lines(part)
    if places:
        del part.body[places[how % len(places)]]
    else:
        write(draft, part, how, number)


def blank_lines(draft: Draft, part: Part, how: int, number: int) -> None:
    part.body += ["", ""][: 1 + how % 2]


# --- Sections -----------------------------------------------------------------------------------


def own_section(draft: Draft, part: Part, how: int, number: int) -> None:
    """Behind a section, or in the middle of its text; once, or up to five times."""
    heading = _HEADINGS[how % len(_HEADINGS)].replace("N", str(number))
    form = how // len(_HEADINGS)
    level = 2 + form % 3
    times = 1 + form // 3 % 5 if form % 2 else 1
    at = _below(draft, part)
    body: list[str] = []
    if form % 5 == 4:
        at = next(place for place, one in enumerate(draft.parts) if one is part) + 1
        cut = form // 5 % (len(part.body) + 1)
        part.body[cut:], body = [], part.body[cut:]
    texts = [_text(form + one, number * 10 + one) for one in range(times)]
    new = [Part(level, heading, text) for text in texts]
    new[-1].body += ["", *body] if body else []
    draft.parts[at:at] = new


def underlined_section(draft: Draft, part: Part, how: int, number: int) -> None:
    _insert(part.body, len(part.body), [f"Underlined {number}", "---", f"Below {number}."])


def delete_section(draft: Draft, part: Part, how: int, number: int) -> None:
    at = next(at for at, one in enumerate(draft.parts) if one is part)
    end = at + 1 if how % 5 == 4 else _below(draft, part)
    if len(draft.parts) > end - at + 1:
        del draft.parts[at:end]


def move_section(draft: Draft, part: Part, how: int, number: int) -> None:
    at = next(at for at, one in enumerate(draft.parts) if one is part)
    moved = draft.parts[at : _below(draft, part)]
    del draft.parts[at : at + len(moved)]
    places = [at for at, one in enumerate(draft.parts) if one.level <= part.level]
    place = [*places, len(draft.parts)][how % (len(places) + 1)]
    draft.parts[place:place] = moved


def rename_section(draft: Draft, part: Part, how: int, number: int) -> None:
    """To another name of the guide's, to a free one, or to the same one written otherwise."""
    name = part.heading
    part.heading = (
        _OTHER_NAMES.get(name, f"{name}:"),
        f"Renamed {number}",
        f"**{name}** ##",
        name.upper(),
        f"\U0001f680 {name}",
        f"[{name}](#x-{number})",
        f'<a id="x-{number}"></a>{name}',
    )[how % 7]


_LABELS = (
    '<a name="x-N"></a>',
    "<!-- omit in toc -->",
    '<a id="x-N"></a>\n',
    "<span id='x-N'></span> <a id=y-N />\n<!-- N -->",
    '<a id="x-N"></a>\n<a id="y-N"></a>',
)


def label_heading(draft: Draft, part: Part, how: int, number: int) -> None:
    """An anchor or a comment directly above the heading, or an anchor with a blank line."""
    part.labels = _LABELS[how % len(_LABELS)].replace("N", str(number)).split("\n")


_NUMBERS = ("N.", "N)", "N\\.", "N -", "N:", "§N", "(N)", "R.", "R)")
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII")


def number_sections(draft: Draft, part: Part, how: int, number: int) -> None:
    count = 0
    form = _NUMBERS[how // 2 % len(_NUMBERS)]
    for one in draft.parts:
        if one.level == 2 and not one.heading[:1].isdigit() and count < len(_ROMAN) - 1:
            count += 1
            if count > how % 2:
                written = form.replace("N", str(count)).replace("R", _ROMAN[count])
                one.heading = f"{written} {one.heading}"


def further_title(draft: Draft, part: Part, how: int, number: int) -> None:
    if not draft.title:
        return  # it would be the only title, and no further one
    tops = [at for at, one in enumerate(draft.parts) if one.level <= 2]
    at = len(draft.parts) if how % 3 else tops[how % len(tops)]
    draft.parts[at:at] = [
        Part(1, f"Appendix {number}", _text(how, number)),
        Part(2, f"Measurements {number}", [f"Nine {number}."]),
    ]


# --- The document -------------------------------------------------------------------------------


def assign(**values: object) -> Edit:
    def edit(draft: Draft, part: Part, how: int, number: int) -> None:
        for name, value in values.items():
            setattr(draft, name, value)

    return edit


def above_title(draft: Draft, part: Part, how: int, number: int) -> None:
    draft.above = [f"Above the title {number}."] if how % 2 else ["<!-- a note -->", f"N {number}"]


def retitle(draft: Draft, part: Part, how: int, number: int) -> None:
    further = any(one.level == 1 for one in draft.parts)
    draft.title = "" if how % 4 == 3 and not further else f"Title {number} {{{{ x }}}}"


def lead(draft: Draft, part: Part, how: int, number: int) -> None:
    draft.lead = [*draft.lead, "", *_text(how, number)] if draft.lead else _text(how, number)


def open_end(draft: Draft, part: Part, how: int, number: int) -> None:
    """The last block is never closed."""
    _insert(
        draft.parts[-1].body,
        len(draft.parts[-1].body),
        [("```", "<!--", "~~~", "<pre>")[how % 4], f"open {number}"],
    )
