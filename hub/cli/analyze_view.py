"""What `tocsin analyze` shows: a bar while it works, then findings by file, and a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from hub.adapters.analysis_desk import reported
from hub.cli.terminal import Colour, Terminal, visible
from integrations.code_analysis.finding import Finding, Severity
from integrations.code_analysis.report import Report
from integrations.code_analysis.sarif import sarif

_COLOURS: Final[dict[Severity, Colour]] = {"error": Colour.RED, "warning": Colour.YELLOW, "info": Colour.CYAN}


class Bar:
    """A bar on standard error, where that is a terminal (`report.Watcher`). It also keeps what isn't new.

    Attributes:
        old: fingerprints of findings that the run compared with has, too.
    """

    def __init__(self, terminal: Terminal) -> None:
        self.old: set[str] = set()
        console = Console(file=terminal.err, no_color=not terminal.colour_err)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not terminal.err.isatty(),
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._progress.stop()

    def started(self, report: Report) -> None:
        """Show the bar."""
        self._task = self._progress.add_task("files", total=report.files)

    def progressed(self, report: Report, linter: str | None) -> None:
        """Move it."""
        if self._task is not None:
            self._progress.update(self._task, completed=report.done, description=linter or "files")

    def found(self, _report: Report, finding: Finding, is_new: bool | None) -> None:
        """Keep what is known from before."""
        if is_new is False:
            self.old.add(finding.fingerprint)


def as_json(report: Report, findings: Sequence[Finding]) -> str:
    """Return everything as one JSON object."""
    rows = [
        {
            "linter": finding.linter,
            "rule": finding.rule,
            "severity": finding.severity,
            "path": finding.path,
            "line": finding.line,
            "column": finding.column,
            "message": finding.message,
            "fingerprint": finding.fingerprint,
        }
        for finding in findings
    ]
    known = {name: value for name, value in reported(report).items() if value is not None}
    return json.dumps({**known, "finding_list": rows}, ensure_ascii=False)


def as_sarif(report: Report, findings: Sequence[Finding]) -> str:
    """Return the findings as SARIF."""
    return json.dumps(sarif(report, findings), ensure_ascii=False)


def lines_of(findings: Sequence[Finding], terminal: Terminal) -> Iterator[str]:
    """Write findings by file."""
    ordered = sorted(findings, key=lambda finding: (finding.path, finding.line, finding.column, finding.linter))
    for path, group in groupby(ordered, key=lambda finding: finding.path):
        yield visible(path)
        for finding in group:
            place = f"{finding.line}:{finding.column}" if finding.line else "file"
            severity = terminal.paint(f"{finding.severity:<7}", _COLOURS[finding.severity])
            yield f"  {place:<9} {severity} {visible(f'{finding.linter} {finding.rule}: {finding.message}')}"
        yield ""


def show_table(report: Report, terminal: Terminal) -> None:
    """Print how each linter fared, and what the findings come to."""
    table = Table("linter", "version", "files", "findings", "seconds", "status")
    for outcome in report.outcomes:
        status = outcome.status if outcome.reason is None else f"{outcome.status}: {outcome.reason}"
        table.add_row(
            Text(outcome.name),
            Text(visible(outcome.version or "-")),
            str(outcome.files),
            str(outcome.findings),
            f"{outcome.seconds:.2f}",
            Text(visible(status)),
        )
    # Not narrower than its words where nobody looks: a pipe has no width.
    width = None if terminal.interactive else 160
    console = Console(file=terminal.out, no_color=not terminal.colour_out, width=width, highlight=False)
    console.print(table)
    for line in totals(report):
        terminal.say(visible(line))


def totals(report: Report) -> Iterator[str]:
    """Write the numbers."""
    by = ", ".join(f"{number} {severity}" for severity, number in report.by_severity().items())
    yield f"{report.total} findings ({by}) in {report.files} files at {report.commit[:12]}, {report.cached} files known"
    if report.skipped:
        reasons = ", ".join(f"{number} {reason}" for reason, number in sorted(report.skipped.items()))
        yield f"not looked at: {reasons}"
    if (other := report.comparison) is not None:
        line = f"since {other.commit[:12]}: {other.new} new, {other.fixed} fixed, {other.unchanged} unchanged"
        yield line + (f"; not compared: {', '.join(other.not_compared)}" if other.not_compared else "")
    yield from report.notes
