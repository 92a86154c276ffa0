"""Analyses of code: started, going on, a finding, and how it ended. Exactly one of the last three ends a run."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from channels.messages.fields import Amount, Count, Line, Message, Name, Text

Severity = Literal["error", "warning", "info"]
Short = Annotated[str, Field(min_length=1, max_length=500)]


class _Part(BaseModel):
    """A part of a message."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class LinterResult(_Part):
    """How one linter fared."""

    name: Name
    version: Name | None = Field(None, description="as the linter itself says")
    status: Literal["ok", "skipped", "failed"] = Field(
        description="skipped: absent, or no file for it; failed: what it found is not complete"
    )
    reason: Short | None = Field(None, description="why it didn't finish")
    files: Count = Field(description="files that it has read, now or before")
    findings: Count = Field(description="what it found in them")
    seconds: Amount = Field(description="time that its processes took, in seconds")


class FindingComparison(_Part):
    """How the findings differ from those of another run."""

    commit: Name = Field(description="the other run's commit")
    new: Count
    fixed: Count
    unchanged: Count
    not_compared: list[Name] = Field(
        default_factory=list, max_length=64, description="linters that can't be compared: another version, or failed"
    )


class AnalysisSummary(_Part):
    """What a language model says about the findings."""

    text: Text
    model: Name = Field(description="as the endpoint reports it")
    prompt_tokens: Count | None = Field(None, description="as the endpoint reports it")
    completion_tokens: Count | None = Field(None, description="as the endpoint reports it")
    truncated: bool = Field(False, description="the model stopped at its limit of tokens")


class AnalysisStarted(Message):
    """The commit is known, and what will be looked at."""

    type: ClassVar[str] = "analysis_started"

    analysis_id: Name
    repository: Line
    ref: Name = Field(description="what was asked for")
    commit: Name
    working_tree: bool = Field(False, description="files as they lie there, and not as committed")
    base: Name | None = Field(None, description="only what differs from this commit is looked at")
    files_total: Count = Field(description="files that are looked at")
    linters: list[Name] = Field(max_length=64, description="linters that run, with their versions")


class AnalysisProgress(Message):
    """How far it is. `files_done` never falls."""

    type: ClassVar[str] = "analysis_progress"

    analysis_id: Name
    repository: Line
    files_done: Count
    files_total: Count
    progress: Annotated[int, Field(ge=0, le=100, description="in %")]
    findings: Count = Field(description="findings so far")
    linter: Name | None = Field(None, description="the linter at work")


class AnalysisFinding(Message):
    """A linter complains."""

    type: ClassVar[str] = "analysis_finding"

    analysis_id: Name
    repository: Line
    commit: Name
    linter: Name
    rule: Name
    severity: Severity
    file: Short = Field(description="path from the repository's top; what doesn't print is escaped")
    line: Count = Field(description="from 1; 0: the file as a whole")
    column: Count = Field(description="from 1; 0: the whole line")
    message: Line
    fingerprint: Name = Field(description="the same in every run, as long as it is about the same text")
    is_new: bool | None = Field(None, description="whether the run compared with lacks it; absent: can't be told")


class AnalysisCompleted(Message):
    """It is done."""

    type: ClassVar[str] = "analysis_completed"

    analysis_id: Name
    repository: Line
    ref: Name
    commit: Name
    base: Name | None = None
    files_total: Count = Field(description="files that were looked at")
    files_cached: Count = Field(description="of these, those whose findings were known from before")
    files_skipped: dict[Name, Count] = Field(
        default_factory=dict,
        max_length=64,
        description="files that were not looked at, by the reason",
        json_schema_extra={"additionalProperties": {"type": "integer", "minimum": 0}},
    )
    findings: Count = Field(description="findings in all")
    findings_withheld: Count = Field(description="of these, those that were counted and not published one by one")
    by_severity: dict[Severity, Count] = Field(description="findings by severity")
    by_linter: dict[Name, Count] = Field(
        max_length=64,
        description="findings by linter",
        json_schema_extra={"additionalProperties": {"type": "integer", "minimum": 0}},
    )
    linters: list[LinterResult] = Field(max_length=64)
    comparison: FindingComparison | None = Field(
        None, description="with the base, or else with the latest run; absent without one"
    )
    notes: list[Short] = Field(default_factory=list, max_length=64, description="what isn't complete")
    duration_seconds: Amount = Field(description="seconds since the run began")
    summary: AnalysisSummary | None = Field(None, description="absent without a model, or when it failed")
    summary_absent: Short | None = Field(None, description="why there is no summary although a model is configured")


class AnalysisFailed(Message):
    """It could not be done."""

    type: ClassVar[str] = "analysis_failed"

    analysis_id: Name
    repository: Line
    ref: Name
    commit: Name | None = None
    reason: Short
    duration_seconds: Amount = Field(description="seconds since the run began")


class AnalysisCancelled(Message):
    """Somebody, or the hub's end, has ended it."""

    type: ClassVar[str] = "analysis_cancelled"

    analysis_id: Name
    repository: Line
    ref: Name
    commit: Name | None = None
    reason: Short
    files_done: Count = 0
    files_total: Count = 0
    duration_seconds: Amount = Field(description="seconds since the run began; 0 if it never did")
