"""The chart of the step load."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from benchmarks.integrations.pool import Moment, StepLoad
from benchmarks.integrations.pool_chart import HEIGHT, WIDTH, draw

MOMENTS = [Moment(at / 10, 1 + at, 4 + at, 2 + at, at % 3, 4 + at) for at in range(40)]
_SVG = "{http://www.w3.org/2000/svg}"


def test_it_is_an_svg_with_all_lines() -> None:
    """Of all moments, and inside of the picture."""
    page = ET.fromstring(draw(StepLoad(50, 1234, 0, MOMENTS)))  # noqa: S314 - made here
    lines = page.findall(f"{_SVG}polyline")
    assert len(lines) == 4
    for line in lines:
        points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        assert len(points) == len(MOMENTS)
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_the_figures_are_those_that_were_measured() -> None:
    """Queries, failures, changes, and the most sessions beside what is allowed."""
    drawn = draw(StepLoad(50, 1234, 2, MOMENTS, [{"new_size": 5}]))
    assert "1,234 queries of 20 ms, 2 failed; 1 changes of the size; at most 43 sessions on the server, 50" in drawn


def test_a_single_moment_can_be_drawn() -> None:
    """Nothing is divided by zero."""
    assert draw(StepLoad(5, 0, 0, [Moment(0.0, 0, 4, 0, 0, 0)])).startswith("<svg")
