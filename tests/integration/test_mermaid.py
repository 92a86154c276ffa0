"""The graph of works opens in Mermaid: its own parser reads the works and the dependencies that went in."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from integrations.rag_trainer.results import Dependency, Markup, Work
from integrations.rag_trainer.works.mermaid import flowchart
from tests.needs import NODE_PROJECT
from tests.rag_works import marked

_SIGNS = '"quotes" (round) [square] {curly} <b>bold</b> #35; &amp; a;b a|b `code` \\ % %% end --> w1 subgraph click'
_NAMES = (
    _SIGNS,
    "Монтаж ферм «Ф-1» № 5",
    "end",
    "graph TD",
    "style w1 fill:#fff",
    "😀 émoji\u2028line\nbreak",
    "x" * 500,
    "",
)


def _read(node: Path, texts: Sequence[str]) -> list[dict[str, Any]]:
    ran = subprocess.run(
        [str(node), "mermaid.mjs"],
        check=False,
        input=json.dumps(texts),
        cwd=NODE_PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    results: list[dict[str, Any]] = json.loads(ran.stdout)
    return results


def _graph(names: Sequence[str], edges: Sequence[tuple[int, int]]) -> str:
    works = [Work(id=f"w{n}", name=name, start=0, end=1) for n, name in enumerate(names)]
    return flowchart(works, [Dependency(before=f"w{a}", after=f"w{b}", rule="r") for a, b in edges])


def test_a_document_opens_in_mermaid(node_path: Path) -> None:
    """Works and dependencies of a text, in Russian and English."""
    drafts = [
        marked(
            "После сноса стен и вывоза грунта ведут кладку перегородок. Окраску стен ведут после кладки перегородок."
        ),
        marked("Before placing of concrete, do the following:\n- excavation of the pit;\n- welding of bars."),
    ]
    for draft, found in zip(drafts, _read(node_path, [draft[Markup].mermaid for draft in drafts]), strict=True):
        markup = draft[Markup]
        assert len(markup.dependencies) >= 2
        assert found.get("labels") == {work.id: work.name for work in markup.works}, found
        assert sorted(found["edges"]) == sorted([edge.before, edge.after] for edge in markup.dependencies)


def test_no_name_of_a_work_breaks_the_diagram(node_path: Path) -> None:
    """Every sign that means something to Mermaid, its key words, and no name at all."""
    edges = [(n, n + 1) for n in range(len(_NAMES) - 1)]
    (found,) = _read(node_path, [_graph(_NAMES, edges)])
    assert "error" not in found, found
    assert found["edges"] == [[f"w{a}", f"w{b}"] for a, b in edges]
    assert found["labels"]["w0"].startswith(_SIGNS[:60])
    assert found["labels"]["w1"] == _NAMES[1]


def test_the_largest_diagram_is_taken(node_path: Path) -> None:
    """Mermaid has bounds on characters and edges; what is beyond them is left out of it, and it says so."""
    names = [f"Монтаж (узел) № {n} " + "#" * 100 for n in range(3_000)]
    chart = _graph(names, [(n, n + 1) for n in range(2_999)])
    (found,) = _read(node_path, [chart])
    assert "error" not in found, found
    assert len(found["edges"]) >= 50
    assert "%% not shown: " in chart


def test_the_parser_refuses_what_is_no_flowchart(node_path: Path) -> None:
    """Or these tests could not fail."""
    (found,) = _read(node_path, ['flowchart TD\n  w1["a"b"]\n'])
    assert "Parse error" in found["error"]
