"""What the benchmark of the admin UI counts and prints."""

from __future__ import annotations

import pytest

from benchmarks.admin_ui import Flood, Watched, bursts, count_in, parse


@pytest.mark.parametrize("rate", [0, 30, 500, 2_000, 4_999])
def test_bursts_add_up_to_the_rate(rate: int) -> None:
    """Each second has as many messages as were asked for, spread as evenly as whole numbers allow."""
    sizes = bursts(rate, 3.0)
    assert len(sizes) == 300
    assert abs(sum(sizes) - 3 * rate) <= 1
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(("text", "number"), [("4,001 received", 4001), ("0 received", 0), ("", 0)])
def test_the_pages_count_is_read(text: str, number: int) -> None:
    """Separators and words around the number don't matter."""
    assert count_in(text) == number


def test_a_row_has_rates_frames_and_long_tasks() -> None:
    """Frames are told by the second, whatever time they were counted in."""
    row = Flood(1999.6, 1987.2, Watched(frames=290, tasks=2, longest=61.5, seconds=5.0)).row(2_000)
    assert row == ["2,000", "2,000", "1,987", "58.0", "2", "62 ms"]


def test_the_command_line_has_the_documented_defaults() -> None:
    """Four rates, and both lists with ten thousand rows."""
    options = parse([])
    assert options.rates == [0, 500, 2_000, 5_000]
    assert (options.channels, options.connections) == (10_000, 10_000)
    assert parse(["--rates", "7", "--channels", "0"]).rates == [7]
