"""What the benchmark of the list of connections prints. The rest needs a browser: it is run by hand."""

from __future__ import annotations

from benchmarks.admin_ui_connections import row, table


def test_a_row_says_what_somebody_waits() -> None:
    """The first rows in seconds, the rest in milliseconds; of the requests the median."""
    assert row(1.26, 0.25, 1.2345, 1234, [0.002, 0.9, 0.004]) == ["1.3 s", "250 ms", "1,234 ms", "1,234", "4.0 ms"]


def test_each_figure_has_a_heading() -> None:
    """They are under each other."""
    head, *_, figures = table([row(1.0, 0.1, 0.2, 900, [0.01])]).splitlines()
    for heading, figure in (("first rows", "1.0 s"), ("DOM nodes", "900"), ("request", "10.0 ms")):
        assert head.index(heading) + len(heading) == figures.index(figure) + len(figure)
