"""The chart of jitter."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

from benchmarks.resilience.chart import BAR, WIDTH, draw
from tests.unit.benchmarks.resilience.samples import run

_SVG = "{http://www.w3.org/2000/svg}"
RUNS = [run(), run("Tocsin, broker killed"), run("Socket.IO 4, as it comes", delivered=90_000, reconnects=0)]


def _drawn() -> ElementTree.Element:
    return ElementTree.fromstring(draw(RUNS, 2.0))  # noqa: S314 - our own output


def _bars() -> list[ElementTree.Element]:
    return [rect for rect in _drawn().iter(f"{_SVG}rect") if rect.get("height") == str(BAR)]


def test_measured_bars_are_filled_and_claims_are_outlines() -> None:
    """Who has replayed nothing has no bar for it."""
    assert [bar.get("class") for bar in _bars()] == ["own", "own", "peer", *["claim"] * 3, "own", "own", "claim"]
    assert ".claim { fill: none" in draw(RUNS, 2.0)


def test_bars_are_proportional_from_zero() -> None:
    widths = [float(bar.get("width", "0")) for bar in _bars()]
    assert round(widths[2] / widths[0], 2) == 0.5
    assert round(widths[4] / widths[0], 2) == 0.87
    assert max(widths[6:]) == widths[8]


def test_labels_and_the_footnote() -> None:
    text = draw(RUNS, 2.0)
    for part in ("100 %", "50 %", "84.6 %", "35 ms", "6.14 s", "Socket.IO *", "published by AnyCable", "not measured"):
        assert part in text
    assert "1,500 clients, 120 messages, 2 a second" in text


def test_nothing_lies_outside_or_over_another_bar() -> None:
    root, bars = _drawn(), _bars()
    tops = [float(bar.get("y", "0")) for bar in bars]
    assert all(below - above >= BAR for above, below in pairwise(tops))
    assert tops[-1] + BAR < float(root.get("height", "0"))
    assert all(float(bar.get("x", "0")) + float(bar.get("width", "0")) < WIDTH for bar in bars)


def test_both_colour_schemes_are_there() -> None:
    assert "prefers-color-scheme: dark" in draw(RUNS, 2.0)
