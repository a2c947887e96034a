"""What it costs an agent to have the tools of `bep mcp` at hand, in tokens.

Run it with `python benchmarks/tool_tokens.py`; target: less than 800 for all that the server lists.
A token is estimated as four bytes, as in `bep context`. With `--json` it prints the listing itself,
for a tokenizer.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from bep.context import briefing_text
from bep.tasks import mcp

# What clients put before a model; of the rest they make use themselves.
FOR_A_MODEL = ("name", "description", "inputSchema")


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def main() -> None:
    tools = mcp.listed()
    if "--json" in sys.argv:
        print(compact(tools))
        return
    shown = [{key: tool[key] for key in FOR_A_MODEL} for tool in tools]
    for what, listing in (("all that is listed", tools), (", ".join(FOR_A_MODEL), shown)):
        text = compact(listing)
        count = briefing_text.tokens(text)
        print(f"{what}: {briefing_text.byte_length(text)} bytes, about {count} tokens")


if __name__ == "__main__":
    main()
