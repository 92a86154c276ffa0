"""The graph of works as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from integrations.rag_trainer.results import Dependency, Work

MOST_EDGES: Final = 400
"""Mermaid refuses more than 500 edges (`maxEdges`)."""
MOST_CHARS: Final = 45_000
"""Mermaid refuses more than 50,000 characters (`maxTextSize`)."""
LABEL: Final = 120
"""Characters of a label."""

_UNSAFE: Final = re.compile(r"[\"#&<>`\\\[\]{}()|;%]")
_CONTROL: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def flowchart(works: Sequence[Work], dependencies: Sequence[Dependency]) -> str:
    """Return the flowchart: works that depend on each other, or all if none does, as far as Mermaid takes them.

    A comment says how many works and dependencies are left out.
    """
    edges = dependencies[:MOST_EDGES]
    joined = {work for edge in edges for work in (edge.before, edge.after)}
    lines, size, shown = ["flowchart TD"], 200, set()
    for work in works:
        line = f'  {work.id}["{_label(work.name)}"]'
        # 30: an edge for it, twice. Each edge is below 30 characters.
        if (joined and work.id not in joined) or size + len(line) > MOST_CHARS - 30 * len(edges):
            continue
        lines.append(line)
        size += len(line) + 1
        shown.add(work.id)
    drawn = [f"  {edge.before} --> {edge.after}" for edge in edges if edge.before in shown and edge.after in shown]
    missing = len(works) - len(shown), len(dependencies) - len(drawn)
    if any(missing):
        lines.insert(1, f"  %% not shown: {missing[0]} works, {missing[1]} dependencies")
    return "\n".join([*lines, *drawn]) + "\n"


def _label(name: str) -> str:
    plain = _CONTROL.sub(" ", name).strip()
    if len(plain) > LABEL:
        plain = plain[: LABEL - 1] + "…"
    return _UNSAFE.sub(lambda sign: f"#{ord(sign[0])};", plain) or "?"
