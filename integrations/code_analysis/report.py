"""What an analysis found, and how each linter fared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, Protocol

from integrations.code_analysis.comparison import Comparison
from integrations.code_analysis.finding import SEVERITIES, Finding, Severity

Status = Literal["ok", "skipped", "failed"]


@dataclass(slots=True)
class Outcome:
    """How one linter fared.

    Attributes:
        status: `skipped`: it is absent, or there was no file for it; `failed`: its findings aren't complete.
        reason: why it didn't finish.
        files: that it has read, or had read before.
        seconds: that its processes took.
    """

    name: str
    version: str | None = None
    status: Status = "ok"
    reason: str | None = None
    files: int = 0
    findings: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Report:
    """What an analysis has found so far, and in the end.

    Attributes:
        commit: what was analysed; of the working tree the commit that it is based on.
        base: the commit that the files are compared with; `None`: all files are looked at.
        files: that are looked at.
        done: of these.
        cached: of these, those whose findings were all kept from before.
        skipped: files that aren't looked at, by the reason.
        findings: the first ones, as many as are kept.
        total: how many there are.
        severities, kinds: how many by severity, and by linter and severity.
        notes: what a reader must know of how complete this is.
    """

    ref: str
    tree: bool = False
    commit: str = ""
    base: str | None = None
    files: int = 0
    done: int = 0
    cached: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    total: int = 0
    severities: Counter[Severity] = field(default_factory=Counter)
    kinds: Counter[tuple[str, Severity]] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)
    comparison: Comparison | None = None
    notes: list[str] = field(default_factory=list)

    def by_severity(self) -> dict[str, int]:
        """Return how many findings there are of each severity."""
        return {severity: self.severities[severity] for severity in SEVERITIES}

    def by_linter(self) -> dict[str, int]:
        """Return how many findings each linter has that has run."""
        return {outcome.name: outcome.findings for outcome in self.outcomes if outcome.status != "skipped"}


class Watcher(Protocol):
    """Is told how an analysis goes on. Called on its loop; must neither wait nor raise."""

    def started(self, report: Report) -> None:
        """The commit is known, and which files and linters there are."""

    def progressed(self, report: Report, linter: str | None) -> None:
        """More files are done, or another linter is at work."""

    def found(self, report: Report, finding: Finding, is_new: bool | None) -> None:
        """There is a finding; `is_new`: it wasn't there in the run that is compared with, if that can be told."""
