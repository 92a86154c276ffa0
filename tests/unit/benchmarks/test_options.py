"""The command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.options import SCENARIOS, parse


def test_without_arguments_everything_is_measured() -> None:
    options = parse([])
    assert options.scenarios == frozenset(SCENARIOS)
    assert (options.peers, options.subscribers, options.messages, options.in_flight) == ((), 1000, 300, 16)
    assert (options.repeat, options.json, options.svg) == (3, None, None)


def test_options_are_taken_over() -> None:
    options = parse(
        ["--peers", "tocsin, naive", "--only", "fanout", "--only", "paced", "--svg", "a.svg", "--messages", "2000"]
    )
    assert options.peers == ("tocsin", "naive")
    assert options.wants("paced", "memory")
    assert not options.wants("memory")
    assert (options.svg, options.messages) == (Path("a.svg"), 2000)


def test_no_fewer_connections_are_held_than_weighed() -> None:
    assert parse(["--idle", "6000", "--held", "100"]).held == 6000


@pytest.mark.parametrize("arguments", [["--messages", "0"], ["--only", "luck"], ["--repeat", "often"]])
def test_nonsense_is_refused_with_a_message(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse(arguments)
    assert left.value.code == 2
    assert arguments[0] in capsys.readouterr().err
