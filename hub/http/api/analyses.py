"""Analyses of code over HTTP: ask for one, see how far it is and what it found, cancel it. For operators."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field

from channels.errors import ErrorCode, ReplyError
from hub.adapters.analysis import Analysis
from hub.adapters.analysis_desk import Wanted
from hub.descriptions import Described, Missing, Node, Partial, Timestamp
from hub.http.api.answers import whole_or_not
from hub.http.api.bodies import Body, Query
from hub.http.api.endpoint import Call, Endpoint, Hub, Who
from hub.http.api.lookup import found
from integrations.code_analysis.git import is_ref
from integrations.code_analysis.jobs import Busy
from integrations.code_analysis.roots import Outside

_OFF: Final = "code analysis is off; set analysis.enabled: true"

Number = Annotated[int, Field(ge=0)]
Severity = Literal["error", "warning", "info"]
Ref = Annotated[str, Field(min_length=1, max_length=255)]


class AnalysisBody(Body):
    """What is to be analysed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"path": "/srv/git/name.git", "ref": "main"}]})

    path: str = Field(
        min_length=1,
        max_length=4096,
        description="absolute path of a repository under one of the folders of analysis.roots",
        examples=["/srv/git/name.git"],
    )
    ref: Ref = Field("HEAD", description="branch, tag or commit")
    base: Ref | None = Field(None, description="only what differs from this branch, tag or commit")
    working_tree: bool = Field(False, description="the files as they lie there, and not as committed; ref is unused")


class FindingsQuery(Query):
    """Which findings."""

    severity: Severity | None = None
    linter: str | None = None
    limit: int = Field(100, ge=0, le=1000, description="findings at most")
    offset: int = Field(0, ge=0, description="findings to leave out at the beginning")


class LinterState(Described):
    """How a linter fares."""

    name: str
    version: str | None = None
    status: Literal["ok", "skipped", "failed"]
    reason: str | None = Field(None, description="why it didn't finish")
    files: Number = Field(description="files that it has read, now or before")
    findings: Number
    seconds: float = Field(ge=0, description="time that its processes took")


class ComparisonState(Described):
    """How the findings differ from those of another run."""

    commit: str
    new: Number
    fixed: Number
    unchanged: Number
    not_compared: list[str] = Field(description="linters that can't be compared")


class SummaryState(Described):
    """What a language model says about the findings."""

    text: str
    model: str
    prompt_tokens: Number | None = None
    completion_tokens: Number | None = None
    truncated: bool


class AnalysisState(Described):
    """An analysis."""

    id: str
    node: Node
    repository: str
    path: str
    ref: str
    working_tree: bool
    state: Literal["queued", "running", "completed", "failed", "cancelled"]
    created: Timestamp
    started: Timestamp | None = None
    ended: Timestamp | None = None
    commit: str | None = None
    base: str | None = None
    files_total: Number | None = None
    files_done: Number | None = None
    files_cached: Number | None = None
    files_skipped: dict[str, int] | None = Field(None, description="files that aren't looked at, by the reason")
    progress: int | None = Field(None, ge=0, le=100, description="in %")
    findings: Number | None = Field(None, description="findings so far")
    findings_kept: Number | None = Field(None, description="of these, those that can be asked for")
    by_severity: dict[str, int] | None = None
    by_linter: dict[str, int] | None = None
    linters: list[LinterState] | None = None
    comparison: ComparisonState | None = None
    notes: list[str] | None = Field(None, description="what isn't complete")
    reason: str | None = Field(None, description="why it failed, or was cancelled")
    summary: SummaryState | None = None
    summary_absent: str | None = Field(None, description="why there is no summary although a model is configured")


class AcceptedAnalysis(AnalysisState):
    """An analysis that was taken and not done yet."""

    @property
    def http_status(self) -> int:
        """202: accepted."""
        return 202


class AnalysisList(Described):
    """Analyses, the newest first."""

    analyses: list[AnalysisState]
    missing: Missing = None
    partial: Partial = None


class FindingState(Described):
    """A finding."""

    linter: str
    rule: str
    severity: Severity
    path: str
    line: Number = Field(description="from 1; 0: the file as a whole")
    column: Number
    message: str
    fingerprint: str


class FindingList(Described):
    """A piece of an analysis's findings."""

    findings: list[FindingState]
    total: Number = Field(description="findings that are kept and match the query, on all pages")


async def start_analysis(hub: Hub, call: Call[AnalysisBody, None]) -> AcceptedAnalysis:
    """Take an analysis. It goes on when the caller goes away; its messages come on `ai_analysis`."""
    analysis, body = _analysis(hub), call.body
    for ref in (body.ref, body.base):
        if ref is not None and not is_ref(ref):
            raise ReplyError(ErrorCode.INVALID_COMMAND, "ref, base: expected a branch, tag or commit")
    try:
        job = await analysis.submit(body.path, ref=body.ref, base=body.base, tree=body.working_tree)
    except Outside as error:
        raise ReplyError(ErrorCode.PERMISSION_DENIED, f"path: {error}") from None
    except Busy as error:
        raise ReplyError(ErrorCode.UNAVAILABLE, str(error)) from None
    state, _ = await analysis.desk.get(job.id)
    return AcceptedAnalysis(**_typed(state or {}))


async def list_analyses(hub: Hub, _call: Call[None, None]) -> AnalysisList:
    """List analyses that wait, run, or ended a short while ago, in all processes."""
    jobs, answers = await _analysis(hub).desk.all()
    return AnalysisList(analyses=[_state(job) for job in jobs], **whole_or_not(answers))


async def get_analysis(hub: Hub, call: Call[None, None]) -> AnalysisState:
    """Tell how far an analysis is."""
    id = call.named("analysis")
    state, answers = await _analysis(hub).desk.get(id)
    return _state(found(state, "analysis", id, answers))


async def get_findings(hub: Hub, call: Call[None, FindingsQuery]) -> FindingList:
    """Return findings of an analysis, a page at a time."""
    id, query = call.named("analysis"), call.query
    wanted = Wanted(query.offset, query.limit, query.severity, query.linter)
    piece, answers = await _analysis(hub).desk.findings(id, wanted)
    page = found(piece, "analysis", id, answers)
    return FindingList(findings=[FindingState(**row) for row in page["findings"]], total=page["total"])


async def cancel_analysis(hub: Hub, call: Call[None, None]) -> AnalysisState:
    """Cancel an analysis. It has ended when this answers; one that is over already is a conflict."""
    id, desk = call.named("analysis"), _analysis(hub).desk
    ended, answers = await desk.cancel(id)
    if found(ended, "analysis", id, answers) is False:
        raise ReplyError(ErrorCode.CONFLICT, "the analysis is over already")
    state, answers = await desk.get(id)
    return _state(found(state, "analysis", id, answers))


def _analysis(hub: Hub) -> Analysis:
    if hub.adapters.analysis is None:
        raise ReplyError(ErrorCode.NOT_FOUND, _OFF)
    return hub.adapters.analysis


def _state(job: dict[str, Any]) -> AnalysisState:
    return AnalysisState(**_typed(job))


def _typed(job: dict[str, Any]) -> dict[str, Any]:
    typed = dict(job)
    if "comparison" in job:
        typed["comparison"] = ComparisonState(**job["comparison"])
    if "summary" in job:
        typed["summary"] = SummaryState(**job["summary"])
    if "linters" in job:
        typed["linters"] = [LinterState(**row) for row in job["linters"]]
    return typed


_GOVERN: Final = (ErrorCode.NOT_FOUND, ErrorCode.UNAVAILABLE)

ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint(
        "POST",
        "/api/analyses",
        "Analyse a repository",
        start_analysis,
        Who.OPERATOR,
        "analyses",
        answer=AcceptedAnalysis,
        body=AnalysisBody,
        errors=_GOVERN,
        status=202,
    ),
    Endpoint(
        "GET",
        "/api/analyses",
        "List analyses",
        list_analyses,
        Who.OPERATOR,
        "analyses",
        answer=AnalysisList,
        errors=_GOVERN,
    ),
    Endpoint(
        "GET",
        "/api/analyses/{analysis}",
        "Tell how far an analysis is",
        get_analysis,
        Who.OPERATOR,
        "analyses",
        answer=AnalysisState,
        errors=_GOVERN,
    ),
    Endpoint(
        "GET",
        "/api/analyses/{analysis}/findings",
        "List findings of an analysis",
        get_findings,
        Who.OPERATOR,
        "analyses",
        answer=FindingList,
        query=FindingsQuery,
        errors=_GOVERN,
    ),
    Endpoint(
        "DELETE",
        "/api/analyses/{analysis}",
        "Cancel an analysis",
        cancel_analysis,
        Who.OPERATOR,
        "analyses",
        answer=AnalysisState,
        errors=(*_GOVERN, ErrorCode.CONFLICT),
    ),
)
