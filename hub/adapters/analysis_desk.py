"""The analyses of all processes of the hub: a job runs in the process that took it, and every process tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from channels.clock import iso
from hub.adapters.desk import Desk
from hub.peers import Answers, Peers, Question
from integrations.code_analysis.announcer import percent
from integrations.code_analysis.finding import Finding
from integrations.code_analysis.jobs import Analyses, Job
from integrations.code_analysis.report import Report


@dataclass(frozen=True, slots=True)
class Wanted:
    """A piece of a job's findings: those of this severity and linter, if given."""

    offset: int
    limit: int
    severity: str | None = None
    linter: str | None = None


class AnalysisDesk:
    """Tells of jobs and cancels them, wherever they run."""

    def __init__(self, analyses: Analyses, peers: Peers) -> None:
        self._analyses = analyses
        self._node = peers.node
        answerers = {
            "list analyses": self._asked_for_all,
            "get analysis": self._asked_for_one,
            "get analysis findings": self._asked_for_findings,
            "cancel analysis": self._asked_to_cancel,
        }
        self._desk = Desk(peers, answerers)

    async def all(self) -> tuple[list[dict[str, Any]], Answers]:
        """Return all jobs that are known, the newest first, and who was asked."""
        return await self._desk.all("list analyses")

    async def get(self, id: str) -> tuple[dict[str, Any] | None, Answers]:
        """Return a job, and who was asked for it."""
        return await self._desk.find("get analysis", {"id": id})

    async def findings(self, id: str, wanted: Wanted) -> tuple[dict[str, Any] | None, Answers]:
        """Return a piece of a job's findings."""
        return await self._desk.find("get analysis findings", {"id": id, "wanted": asdict(wanted)})

    async def cancel(self, id: str) -> tuple[bool | None, Answers]:
        """End a job: `False` when it is over already, `None` when nobody knows it."""
        return await self._desk.find("cancel analysis", {"id": id})

    async def _asked_for_all(self, _about: Question) -> list[dict[str, Any]]:
        return [described(job, self._node) for job in self._analyses.all()]

    async def _asked_for_one(self, about: Question) -> dict[str, Any] | None:
        job = self._analyses.get(str(about["id"]))
        return None if job is None else described(job, self._node)

    async def _asked_for_findings(self, about: Question) -> dict[str, Any] | None:
        job = self._analyses.get(str(about["id"]))
        return None if job is None else page(job, Wanted(**about["wanted"]))

    async def _asked_to_cancel(self, about: Question) -> bool | None:
        id = str(about["id"])
        if self._analyses.get(id) is None:
            return None
        return await self._analyses.cancel(id)


def described(job: Job, node: str) -> dict[str, Any]:
    """Return what there is to say of a job, as JSON; what isn't known is left out."""
    known: Mapping[str, Any] = {
        "started": None if job.started is None else iso(job.started),
        "ended": None if job.ended is None else iso(job.ended),
        "base": job.request.base,
        "reason": job.reason,
        "summary": None if job.summary is None else job.summary.model_dump(),
        "summary_absent": job.summary_absent,
        **({} if job.report is None else reported(job.report)),
    }
    return {
        "id": job.id,
        "node": node,
        "repository": job.repository,
        "path": str(job.request.path),
        "ref": job.request.ref,
        "working_tree": job.request.tree,
        "state": job.state,
        "created": iso(job.created),
        **{name: value for name, value in known.items() if value is not None},
    }


def reported(report: Report) -> dict[str, Any]:
    """Return what there is to say of a report, as JSON; findings are only counted."""
    return {
        "commit": report.commit,
        "base": report.base,
        "files_total": report.files,
        "files_done": report.done,
        "files_cached": report.cached,
        "files_skipped": dict(report.skipped),
        "progress": percent(report),
        "findings": report.total,
        "findings_kept": len(report.findings),
        "by_severity": report.by_severity(),
        "by_linter": report.by_linter(),
        "linters": [asdict(outcome) for outcome in report.outcomes],
        "comparison": None
        if report.comparison is None
        else {**asdict(report.comparison), "not_compared": list(report.comparison.not_compared)},
        "notes": list(report.notes),
    }


def page(job: Job, wanted: Wanted) -> dict[str, Any]:
    """Return a piece of what is kept of a job's findings."""
    found = [] if job.report is None else [f for f in job.report.findings if _is_wanted(f, wanted)]
    piece = found[wanted.offset : wanted.offset + wanted.limit]
    return {"findings": [asdict(finding) for finding in piece], "total": len(found)}


def _is_wanted(finding: Finding, wanted: Wanted) -> bool:
    return wanted.severity in (None, finding.severity) and wanted.linter in (None, finding.linter)
