"""How a job ended."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FileOutcome = Literal["trained", "skipped", "failed", "cancelled"]


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileReport(_Report):
    """What became of a file.

    Attributes:
        reason: a word, such as `duplicate` or `encrypted`; `None` for a file that was trained.
        text: one sentence about it, for people.
        stage: number of the stage that ended it early.
        resumed: stages that an earlier run of the same job had finished.
    """

    name: str
    outcome: FileOutcome
    reason: str | None = None
    text: str | None = None
    stage: int | None = None
    type: str | None = None
    chunks: int = 0
    replaced: int = 0
    quality: int | None = None
    seconds: float = Field(0.0, ge=0)
    stage_ms: tuple[float, ...] = ()
    resumed: int = 0


class TrainingReport(_Report):
    """What became of a job.

    Attributes:
        state: `completed` also when files failed; `failed` when the job as a whole couldn't go on, or no file is in the
            index after it; `cancelled`.
        text: the line of the last update.
    """

    job_id: str
    state: Literal["completed", "failed", "cancelled"]
    text: str
    files: tuple[FileReport, ...] = ()
    trained: int = 0
    skipped: int = 0
    failed: int = 0
    chunks: int = 0
    seconds: float = Field(0.0, ge=0)
