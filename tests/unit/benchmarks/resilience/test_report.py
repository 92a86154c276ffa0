"""The tables."""

from __future__ import annotations

from benchmarks.resilience import report
from benchmarks.resilience.crossing import Crossing
from benchmarks.resilience.publishing import Publishing
from tests.unit.benchmarks.resilience.samples import fall, run


def _line(text: str, start: str) -> list[str]:
    return next(line for line in text.splitlines() if line.startswith(start)).split()


def test_one_lost_message_is_never_rounded_away() -> None:
    assert report.share(run()) == "100"
    assert report.share(run(delivered=179_999)) == "99.9994"
    assert report.share(run(delivered=179_999_999, expected=180_000_000)) == "99.9999"
    assert report.share(run(delivered=178_300)) == "99.0556"
    assert report.share(run(delivered=160_917)) == "89.4"
    assert report.share(run(delivered=0)) == "0"


def test_a_row_says_what_was_lost_and_came_twice() -> None:
    text = report.jitter([run("Tocsin, worker killed", delivered=179_990, wrong=2, gaps=3, drops=700)])
    assert _line(text, "Tocsin")[5:] == [
        *("99.9944", "10", "2", "3", "700", "5000", "0.010", "0.020", "0.035", "0.004", "0.200")
    ]


def test_without_replays_there_is_no_time_of_one() -> None:
    assert "0.000" not in report.jitter([run(reconnects=0, replays=(0.0, 0.0, 0.0))])


def test_what_others_published_is_marked() -> None:
    text = report.jitter([run()])
    assert _line(text, "AnyCable, as published *")[-4:] == ["100", "0.25", "4.1", "6.14"]
    assert "measured by them on other machines" in text


def test_an_avalanche_in_words() -> None:
    text = report.avalanche(fall(lost=7))
    assert "3000 connections lost, down 2.5 s; 95 % back after 3.1 s more, all after 4.2 s" in text
    assert "150 messages published meanwhile: 7 lost, 0 twice" in text


def test_crossing_has_the_ratio_and_its_goal() -> None:
    text = report.crossing(Crossing(500, (0.0005, 0.001, 0.002), (0.0007, 0.001, 0.001), (0.0002, 0.0003, 0.0004)))
    assert "redis-py, valkey, redis-py                          0.20    0.30    0.40" in text
    assert "2.50. Goal: under 2" in text


def test_publishing_with_and_without_redis_benchmark() -> None:
    assert "18.0 k/s by one process" in report.publishing(Publishing(1, 18_000.0, 46_000.0, 30_000.0, 0.6))
    assert "ratio 0.60, goal at least 0.5" in report.publishing(Publishing(1, 18_000.0, 46_000.0, 30_000.0, 0.6))
    assert "isn't installed: no ratio" in report.publishing(Publishing(1, 18_000.0, 46_000.0, None, None))
