"""The flowchart."""

from __future__ import annotations

import html
import re

from integrations.rag_trainer.results import Dependency, Work
from integrations.rag_trainer.works.mermaid import MOST_CHARS, MOST_EDGES, flowchart

# What this module writes of Mermaid's grammar, and nothing more: a label has no sign that means anything there.
_LINE = re.compile(r'  (?:w\d+\["(?:[^"#&<>`\\\[\]{}()|;%\x00-\x1f]|#\d+;)+"\]|w\d+ --> w\d+|%% [\w :,]+)')


def works(*names: str) -> list[Work]:
    return [Work(id=f"w{n}", name=name, start=0, end=1) for n, name in enumerate(names, 1)]


def edge(before: int, after: int) -> Dependency:
    return Dependency(before=f"w{before}", after=f"w{after}", rule="x")


def accepted(text: str) -> list[str]:
    first, *lines = text.splitlines()
    assert first == "flowchart TD"
    assert [line for line in lines if not _LINE.fullmatch(line)] == []
    return lines


def test_a_graph() -> None:
    """Works that are joined, and the arrows; how many are left out is said."""
    text = flowchart(works("Снос", "Вывоз", "Уход"), [edge(1, 2)])
    assert accepted(text) == ["  %% not shown: 1 works, 0 dependencies", '  w1["Снос"]', '  w2["Вывоз"]', "  w1 --> w2"]


def test_any_sign_in_a_name() -> None:
    """Signs of Mermaid and of HTML are written as entities, lines become one; what is shown is the name."""
    name = 'a "b" [c] {d} (e) `f` <g> #h; &i | \\ %% end -->\n浇筑 😀\u2028\x00x'
    (line,) = accepted(flowchart(works(name), []))
    label = line[line.index('"') + 1 : line.rindex('"')]
    assert html.unescape(label.replace("#", "&#")) == 'a "b" [c] {d} (e) `f` <g> #h; &i | \\ %% end --> 浇筑 😀 x'
    assert accepted(flowchart(works("\x00"), [])) == ['  w1["?"]']


def test_it_stays_within_what_mermaid_takes() -> None:
    """500 edges and 50,000 characters."""
    names = ["[" * 300 for _ in range(2_000)]
    text = flowchart(works(*names), [edge(n, n + 1) for n in range(1, 2_000)])
    assert len(text) <= MOST_CHARS
    lines = accepted(text)
    assert sum(1 for line in lines if "-->" in line) <= MOST_EDGES
    assert re.match(r"  %% not shown: \d+ works, \d+ dependencies", lines[0])
