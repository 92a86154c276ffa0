"""What a run says on `ai_analysis`, and how often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from channels.messages import (
    AnalysisCancelled,
    AnalysisCompleted,
    AnalysisFailed,
    AnalysisFinding,
    AnalysisProgress,
    AnalysisStarted,
    Message,
)
from channels.messages.analysis import AnalysisSummary, FindingComparison, LinterResult
from channels.model import Channels
from integrations.code_analysis.finding import Finding, shortened
from integrations.code_analysis.report import Outcome, Report

REASON_MAX: Final = 500
_NAME_MAX: Final = 256

Send = Callable[[str, str, Message], object]
"""Such as `channels.push.Push`: never waits, never raises."""


class Announcer:
    """Publishes one run: a `report.Watcher`, and how the run ends.

    Args:
        repository: what readers know it by.
        findings: how many findings are published one by one; the others are counted.
        interval: seconds between two `analysis_progress`, but for the last one.
        clock: seconds, never falling.
    """

    def __init__(
        self,
        send: Send,
        analysis_id: str,
        repository: str,
        *,
        findings: int,
        interval: float,
        clock: Callable[[], float],
    ) -> None:
        self._send = send
        self._id = analysis_id
        self._repository = shortened(repository, REASON_MAX)
        self._most = findings
        self._interval = interval
        self._clock = clock
        self._published = 0
        self._next = 0.0
        self._complete = False

    def started(self, report: Report) -> None:
        """Say what will be looked at."""
        linters = [f"{each.name} {each.version}" for each in report.outcomes if each.status == "ok"]
        self._put(
            AnalysisStarted(
                analysis_id=self._id,
                repository=self._repository,
                ref=name(report.ref),
                commit=report.commit,
                working_tree=report.tree,
                base=report.base,
                files_total=report.files,
                linters=[shortened(linter, _NAME_MAX) for linter in linters],
            )
        )

    def progressed(self, report: Report, linter: str | None) -> None:
        """Say how far it is, unless that was said a moment ago."""
        complete = report.done >= report.files
        now = self._clock()
        if (now < self._next and not complete) or (complete and self._complete):
            return
        self._next, self._complete = now + self._interval, complete
        self._put(
            AnalysisProgress(
                analysis_id=self._id,
                repository=self._repository,
                files_done=report.done,
                files_total=report.files,
                progress=percent(report),
                findings=report.total,
                linter=linter,
            )
        )

    def found(self, report: Report, finding: Finding, is_new: bool | None) -> None:
        """Pass on a finding, up to the bound."""
        if self._published >= self._most:
            return
        self._published += 1
        self._put(
            AnalysisFinding(
                analysis_id=self._id,
                repository=self._repository,
                commit=report.commit,
                linter=finding.linter,
                rule=finding.rule,
                severity=finding.severity,
                file=finding.path if len(finding.path) <= REASON_MAX else f"{finding.path[: REASON_MAX - 3]}...",
                line=finding.line,
                column=finding.column,
                message=finding.message,
                fingerprint=finding.fingerprint,
                is_new=is_new,
            )
        )

    def completed(
        self, report: Report, duration: float, summary: AnalysisSummary | None, summary_absent: str | None
    ) -> None:
        """Say what there is."""
        other = report.comparison
        self._put(
            AnalysisCompleted(
                analysis_id=self._id,
                repository=self._repository,
                ref=name(report.ref),
                commit=report.commit,
                base=report.base,
                files_total=report.files,
                files_cached=report.cached,
                files_skipped=dict(report.skipped),
                findings=report.total,
                findings_withheld=report.total - self._published,
                by_severity={severity: report.severities[severity] for severity in ("error", "warning", "info")},
                by_linter=report.by_linter(),
                linters=[_result(outcome) for outcome in report.outcomes],
                comparison=None
                if other is None
                else FindingComparison(
                    commit=other.commit,
                    new=other.new,
                    fixed=other.fixed,
                    unchanged=other.unchanged,
                    not_compared=list(other.not_compared),
                ),
                notes=[shortened(note, REASON_MAX) for note in report.notes],
                duration_seconds=round(duration, 3),
                summary=summary,
                summary_absent=None if summary_absent is None else shortened(summary_absent, REASON_MAX),
            )
        )

    def failed(self, ref: str, report: Report | None, reason: str, duration: float) -> None:
        """Say why there is nothing."""
        self._put(
            AnalysisFailed(
                analysis_id=self._id,
                repository=self._repository,
                ref=name(ref),
                commit=(report.commit or None) if report else None,
                reason=shortened(reason, REASON_MAX),
                duration_seconds=round(duration, 3),
            )
        )

    def cancelled(self, ref: str, report: Report | None, reason: str, duration: float) -> None:
        """Say that it was ended."""
        self._put(
            AnalysisCancelled(
                analysis_id=self._id,
                repository=self._repository,
                ref=name(ref),
                commit=(report.commit or None) if report else None,
                reason=shortened(reason, REASON_MAX),
                files_done=report.done if report else 0,
                files_total=report.files if report else 0,
                duration_seconds=round(duration, 3),
            )
        )

    def _put(self, message: Message) -> None:
        self._send(Channels.AI_ANALYSIS, message.type, message)


def name(text: str) -> str:
    """Return a ref as messages name it."""
    return shortened(text, _NAME_MAX)


def percent(report: Report) -> int:
    """Return how far a run is; 100 when nothing is left."""
    return 100 if report.done >= report.files else 100 * report.done // report.files


def _result(outcome: Outcome) -> LinterResult:
    return LinterResult(
        name=outcome.name,
        version=None if outcome.version is None else name(outcome.version),
        status=outcome.status,
        reason=None if outcome.reason is None else shortened(outcome.reason, REASON_MAX),
        files=outcome.files,
        findings=outcome.findings,
        seconds=round(outcome.seconds, 3),
    )
