"""What Mermaid's own parser reads in flowcharts, in Node with jsdom in place of a browser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from tests import node

_PARSER = """
import { readFileSync } from "node:fs"
import { JSDOM } from "jsdom"
const { window } = new JSDOM("")
Object.assign(globalThis, { window, document: window.document })
const mermaid = (await import("mermaid")).default
mermaid.initialize({ startOnLoad: false, maxEdges: 10000 })
const charts = []
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text)
  const nodes = [...db.getVertices().values()]
  charts.push({
    nodes: nodes.map((one) => [one.id, one.text, one.labelType, one.classes]),
    arrows: db.getEdges().map((one) => [one.start, one.end, one.stroke, one.text]),
    styles: [...db.getClasses().values()].map((one) => [one.id, one.styles]),
    links: nodes.filter((one) => one.link || one.haveCallback).length,
  })
}
console.log(JSON.stringify(charts))
"""
# What Mermaid makes of entities until it draws them.
_ENTITY = re.compile("ﬂ°°(\\d+)¶ß")


class Chart(NamedTuple):
    """A flowchart as Mermaid reads it.

    `nodes` are the lines of labels by names, `classes` their styles; `arrows` have both ends, the
    stroke and the label.
    """

    nodes: dict[str, list[str]]
    classes: dict[str, list[str]]
    arrows: list[tuple[str, ...]]
    styles: dict[str, list[str]]


def parsed(texts: Sequence[str]) -> list[Chart]:
    """Read flowcharts; the test is skipped where Node or the packages are not there."""
    return [_chart(one) for one in node.run(_PARSER, texts, "mermaid, jsdom")]


def _chart(read: dict[str, Any]) -> Chart:
    assert read["links"] == 0, "a label became a link or a call"
    assert {kind for _, _, kind, _ in read["nodes"]} <= {"string"}, "a label is Markdown"
    return Chart(
        {name: _text(text).split("<br>") for name, text, _, _ in read["nodes"]},
        {name: classes for name, _, _, classes in read["nodes"]},
        [tuple(map(_text, one)) for one in read["arrows"]],
        dict(read["styles"]),
    )


def _text(written: str) -> str:
    return _ENTITY.sub(lambda found: chr(int(found[1])), written)
