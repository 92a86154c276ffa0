"""What `tocsin analyze` shows."""

from __future__ import annotations

import io
import json
from collections import Counter

from hub.cli.analyze_view import Bar, as_json, as_sarif, lines_of, show_table, totals
from hub.cli.terminal import Terminal
from integrations.code_analysis.comparison import Comparison
from integrations.code_analysis.finding import Finding
from integrations.code_analysis.report import Outcome, Report

FINDINGS = [
    Finding("ruff", "F401", "warning", "b.py", 3, 1, "unused", "f1"),
    Finding("radon", "maintainability", "info", "a.py", 0, 0, "low", "f2"),
    Finding("ruff", "E999", "error", "b.py", 1, 2, "bro\x1b[31mken [bold]x[/bold]", "f3"),
]


class Screen(io.StringIO):
    """Says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def make_report() -> Report:
    report = Report("HEAD", commit="c" * 40, files=2, done=2, cached=1, total=3, findings=FINDINGS)
    report.severities = Counter({"error": 1, "warning": 1, "info": 1})
    report.outcomes = [Outcome("ruff", "1.0", findings=2, files=2), Outcome("x", None, "failed", "[red]bad\x1b[0m")]
    return report


def test_findings_are_grouped_by_file() -> None:
    """In the order of files and lines; nobody's text steers the terminal."""
    lines = list(lines_of(FINDINGS, Terminal(io.StringIO(), io.StringIO())))
    assert lines == [
        "a.py",
        "  file      info    radon maintainability: low",
        "",
        "b.py",
        "  1:2       error   ruff E999: bro\\u001b[31mken [bold]x[/bold]",
        "  3:1       warning ruff F401: unused",
        "",
    ]


def test_severities_are_coloured_for_people() -> None:
    """Not in a pipe."""
    lines = list(lines_of(FINDINGS[:1], Terminal(io.StringIO(), io.StringIO(), colour_out=True)))
    assert "\x1b[33mwarning\x1b[0m" in lines[1]


def test_the_table_says_how_linters_fared() -> None:
    """As text, whatever a reason holds."""
    out = io.StringIO()
    show_table(make_report(), Terminal(out, io.StringIO()))
    assert "failed: [red]bad\\u001b[0m" in out.getvalue()
    assert "\x1b" not in out.getvalue()
    assert "3 findings (1 error, 1 warning, 1 info) in 2 files at cccccccccccc, 1 files known" in out.getvalue()


def test_totals_tell_what_is_missing() -> None:
    """Skipped files, what can't be compared, and notes."""
    report = make_report()
    report.skipped = Counter({"binary": 2, "symlink": 1})
    report.comparison = Comparison("d" * 40, 1, 2, 3, ("x",))
    report.notes = ["5 findings are counted and not kept"]
    assert list(totals(report))[1:] == [
        "not looked at: 2 binary, 1 symlink",
        "since dddddddddddd: 1 new, 2 fixed, 3 unchanged; not compared: x",
        "5 findings are counted and not kept",
    ]


def test_json_and_sarif_hold_the_findings() -> None:
    """Those that are given."""
    value = json.loads(as_json(make_report(), FINDINGS[:1]))
    assert (value["findings"], [row["fingerprint"] for row in value["finding_list"]]) == (3, ["f1"])
    assert "comparison" not in value
    log = json.loads(as_sarif(make_report(), FINDINGS[:1]))
    assert [len(run["results"]) for run in log["runs"]] == [1, 0]


def test_a_bar_is_for_terminals() -> None:
    """It shows how far it is, and leaves nothing behind; a pipe gets nothing."""
    for screen in (Screen(), io.StringIO()):
        report = make_report()
        with Bar(Terminal(io.StringIO(), screen)) as bar:
            bar.progressed(report, "early")
            bar.started(report)
            bar.progressed(report, "ruff")
        assert ("2/2" in screen.getvalue()) == screen.isatty()


def test_a_bar_keeps_what_is_not_new() -> None:
    """What can't be told counts as new."""
    bar = Bar(Terminal(io.StringIO(), io.StringIO()))
    for finding, is_new in zip(FINDINGS, (True, False, None), strict=True):
        bar.found(make_report(), finding, is_new)
    assert bar.old == {"f2"}
