"""The tables at the end of a run."""

from __future__ import annotations

from benchmarks.processes import Cores
from benchmarks.report import text
from benchmarks.results import Idle, Notify, Stuck
from tests.unit.benchmarks.samples import fan_out, options, results, run

CORES = Cores(0, 1)


def _line(report: str, start: str) -> str:
    return next(line for line in report.splitlines() if line.startswith(start))


def test_rows_are_sorted_and_carry_ratios_to_both_baselines() -> None:
    report = text(results(fan_out("naive", 8.0), fan_out("c-loop", 4.0), fan_out("tocsin", 1.0)), options(), CORES)
    assert report.index("\nTocsin 0.1.0") < report.index("\nC loop") < report.index("\nnaive & slow")
    assert _line(report, "Tocsin").split()[2:4] == ["4.00", "8.00"]


def test_a_run_that_lost_something_gives_no_figure_and_says_what_was_lost() -> None:
    report = text(results(fan_out("tocsin", 1.0, what=run(delivered=7, error="the server closed"))), options(), CORES)
    line = _line(report, "Tocsin")
    assert "delivered 7 of 300000 (the server closed)" in line
    assert line.split()[2] == "-"


def test_a_row_says_when_the_load_generator_was_the_dearer_one() -> None:
    report = text(results(fan_out("tocsin", 0.4, what=run(cpu=0.5)), fan_out("naive", 4.0)), options(), CORES)
    assert "the load generator used more CPU" in _line(report, "Tocsin")
    assert "the load generator used more CPU" not in _line(report, "naive")


def test_absent_peers_remarks_and_failures_are_named() -> None:
    found = results(fan_out("tocsin", 1.0))
    found.absent["naive"] = "no Python"
    found.remarks["tocsin"] = "it rings"
    found.failures.append("c-loop, fan-out, round 1: it fell over")
    report = text(found, options(), CORES)
    assert "not here: naive & slow: no Python" in report.replace(" 3.14", "")
    assert "Tocsin 0.1.0: it rings" in report
    assert "failed: c-loop, fan-out, round 1: it fell over" in report


def test_memory_connects_stuck_and_notify_have_tables_of_their_own() -> None:
    found = results()
    found.idle.append(Idle("tocsin", 1, 5000, 3072.0, 2.0, 1.0, 9000, 4096.0, ""))
    found.stuck.append(Stuck("tocsin", 1, run(), run(delivered=1)))
    found.notify.append(Notify(1, 100, 1.5, 3.0, 20.0, 40.0))
    report = text(found, options(), CORES)
    assert "Tocsin 0.1.0       3.0       -                 4.0" in report
    assert "5.00 k  2.50 k" in report
    assert "the others starve: delivered 1 of 300000" in report
    assert "many at once        1.50    3.00" in report


def test_one_core_is_admitted() -> None:
    assert "one core only" in text(results(), options(), Cores(0, 0))


def test_nothing_measured_is_said() -> None:
    assert text(results(), options(), CORES).startswith("Nothing was measured.")
