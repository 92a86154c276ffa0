"""The chart of the fan-out."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

from benchmarks.chart import BAR, WIDTH, draw
from tests.unit.benchmarks.samples import fan_out, options, results, run

_SVG = "{http://www.w3.org/2000/svg}"


def _drawn(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - our own output


def _bars(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [rect for rect in root.iter(f"{_SVG}rect") if rect.get("height") == str(BAR)]


def test_bars_are_proportional_from_zero_and_sorted() -> None:
    root = _drawn(draw(results(fan_out("c-loop", 4.0), fan_out("tocsin", 1.0), fan_out("naive", 8.0)), options()))
    widths = [float(bar.get("width", "0")) for bar in _bars(root)]
    assert [bar.get("class") for bar in _bars(root)] == ["own", "floor", "peer"]
    assert [round(widths[0] / width) for width in widths] == [1, 4, 8]


def test_every_bar_names_its_server_and_its_ratio_to_the_c_loop() -> None:
    text = draw(results(fan_out("c-loop", 4.0), fan_out("tocsin", 1.0)), options())
    assert "Tocsin 0.1.0" in text
    assert "300 k \u00b7 4.00\u00d7 the C loop" in text


def test_titles_are_escaped() -> None:
    assert "naive &amp; slow 3.14" in draw(results(fan_out("naive", 1.0)), options())


def test_a_panel_without_whole_runs_is_left_out() -> None:
    text = draw(
        results(fan_out("tocsin", 1.0), fan_out("tocsin", 1.0, scenario="paced", what=run(delivered=1))), options()
    )
    assert "Saturated" in text
    assert "One message at a time" not in text


def test_nothing_lies_outside_the_drawing_or_over_another_bar() -> None:
    samples = [fan_out(peer, 1.0, scenario=scenario) for peer in ("a", "b", "c") for scenario in ("fanout", "paced")]
    root = _drawn(draw(results(*samples), options()))
    tops = [float(bar.get("y", "0")) for bar in _bars(root)]
    assert all(below - above >= BAR for above, below in pairwise(tops))
    assert tops[-1] + BAR < float(root.get("height", "0"))
    assert all(float(bar.get("x", "0")) + float(bar.get("width", "0")) < WIDTH for bar in _bars(root))


def test_both_colour_schemes_are_there() -> None:
    assert "prefers-color-scheme: dark" in draw(results(fan_out("tocsin", 1.0)), options())
