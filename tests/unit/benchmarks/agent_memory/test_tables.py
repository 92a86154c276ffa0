from __future__ import annotations

from io import StringIO

from rich.console import Console

from benchmarks.agent_memory.quality import Quality
from benchmarks.agent_memory.scale import Speed
from benchmarks.agent_memory.tables import quality_table, speed_table


def test_figures_are_shown() -> None:
    """Each with what it is of."""
    console = Console(width=120, file=StringIO())
    console.print(quality_table([Quality("words", "zh", 14, 0.8214, 0.857)]))
    console.print(speed_table([Speed("HNSW index", 100_000, 110_010, 4.21, 9.87, 0.991, 0.0043)], 896))
    console.print(speed_table([Speed("all compared", 100_000, 110_010, 4.21, 98.7, 1.0)], 896))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "recall@5" in text
    assert "0.821" in text
    assert "110,010" in text
    assert "9.9" in text
    assert "0.991 ± 0.004" in text
    assert text.index("within 50 ms") < text.index("beyond 50 ms")
