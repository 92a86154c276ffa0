"""The training of documents: how far a job is, stage by stage."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from channels.messages.fields import Amount, Count, Line, Message, Name, Text

STAGES: Final = 14
"""Stages that each document goes through."""

Stage = Literal[
    "1/14",
    "2/14",
    "3/14",
    "4/14",
    "5/14",
    "6/14",
    "7/14",
    "8/14",
    "9/14",
    "10/14",
    "11/14",
    "12/14",
    "13/14",
    "14/14",
    "queued",
    "start",
    "complete",
    "error",
]
Status = Literal["queued", "started", "progress", "done", "skipped", "failed", "completed", "cancelled"]


def percent(stages_done: int) -> int:
    """Return `progress` of a document: 0, 7, 14, 21, 29, 36, 43, 50, 57, 64, 71, 79, 86, 93, 100."""
    return round(100 * stages_done / STAGES)


class StageUpdate(Message):
    """A job waits, starts or ends, or a document's stage does. `complete` or `error` is the last one of its job.

    The first three fields alone tell how far it is, for who knows no others.
    """

    type: ClassVar[str] = "stage_update"

    stage: Stage = Field(description="the stage; or queued, start, complete, error: the job as a whole")
    log: Text = Field(description="one line for people, about what the stage found or why it didn't")
    progress: Annotated[int, Field(ge=0, le=100)] = Field(
        description="of the document, in %: stages that are done; of the job at its end: 100, or 0 for error"
    )
    job_id: Name = Field(description="the job; the same in all its updates")
    status: Status = Field(
        description="of a stage: started, progress, done, skipped or failed (both end the document); "
        "of a job: queued, started, completed, failed, cancelled"
    )
    file: Line | None = Field(None, description="the document, by its path below the job's folder; null: no single one")
    file_index: Count | None = Field(None, description="which document it is, from 1")
    files_total: Count = Field(description="documents of the job; 0 while that isn't known")
    stage_index: Annotated[int, Field(ge=1, le=STAGES)] | None = Field(None, description="the stage as a number")
    stage_name: Name | None = Field(None, description="what the stage does, such as text extraction")
    stage_ms: Amount | None = Field(None, description="time that the stage took, in milliseconds, once it ended")
    overall_progress: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = Field(
        description="of the job, in % with one decimal; never falls, and is 100 only when it is completed"
    )
    seq: Count = Field(description="rises by 1 with each update of a job, from 1; 0: queued; leaps when a job resumes")
    reason: Name | None = Field(None, description="a word for why it was skipped or failed, such as duplicate")
    trained: Count | None = Field(None, description="documents in the index through this job; at the job's end")
    skipped: Count | None = Field(None, description="documents that needed no training; at the job's end")
    failed: Count | None = Field(None, description="documents that couldn't be trained; at the job's end")
    chunks: Count | None = Field(None, description="chunks of the trained documents; at the job's end")
    queue_position: Count | None = Field(None, description="jobs that run before this one; while queued")
