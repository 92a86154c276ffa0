"""A job: what is to be trained, how far it is, and how it ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from channels.messages.training import STAGES, StageUpdate
from integrations.rag_trainer.reports import FileReport

Ended = Literal["completed", "failed", "cancelled"]
State = Literal["queued", "running"] | Ended
LOG_MAX = 500
"""Characters of a line about a file that are kept."""


class Record(BaseModel):
    """What is kept of a job on disk.

    Attributes:
        number: rises with each job; the lower one runs first.
        folder: what is trained, for people.
        base: a document's name is its path below this folder, and its whole path when it lies elsewhere.
        files: paths of files and folders; `None`: all there is below `base`.
        upload: `base` was made for this job, and goes with it.
        created, started, ended: seconds since 1970.
        deaths: times that its process has died by itself.
        last: its newest update, once it is over.
        told: whether that was published.
    """

    model_config = ConfigDict(extra="forbid")

    id: str
    number: int
    folder: str
    base: str
    files: tuple[str, ...] | None = None
    upload: bool = False
    created: float
    state: State = "queued"
    started: float | None = None
    ended: float | None = None
    reason: str | None = None
    deaths: int = Field(0, ge=0)
    files_total: int = 0
    trained: int = 0
    skipped: int = 0
    failed: int = 0
    cancelled: int = 0
    chunks: int = 0
    last: StageUpdate | None = None
    told: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.state not in ("queued", "running")


@dataclass(slots=True)
class FileState:
    """How a document fares.

    Attributes:
        state: `running`, or its outcome.
        stage: the newest one that it was in.
        progress: in %, of this document.
        text: what the newest stage says.
    """

    index: int
    name: str
    state: str = "running"
    stage: int = 0
    stage_name: str = ""
    progress: int = 0
    reason: str | None = None
    text: str = ""
    type: str | None = None
    chunks: int = 0
    replaced: int = 0
    quality: int | None = None
    seconds: float = 0.0


class Progress:
    """Follows a job by its updates.

    Args:
        kept: files whose state is kept; further ones are only counted.

    Attributes:
        last: the newest update.
        files: by their index.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self.last: StageUpdate | None = None
        self.files: dict[int, FileState] = {}

    def note(self, update: StageUpdate, record: Record) -> None:
        """Take an update into account."""
        self.last = update
        record.files_total = max(record.files_total, update.files_total)
        if update.file is None or update.file_index is None:
            return
        file = self._file(update.file_index, update.file)
        if update.status == "done" and update.stage_index == STAGES:
            record.trained += 1
        elif update.status == "skipped":
            record.skipped += 1
        elif update.status == "failed":
            record.failed += 1
        if file is None:
            return
        file.stage = update.stage_index or file.stage
        file.stage_name = update.stage_name or file.stage_name
        file.progress = update.progress
        if update.status != "started":
            file.text = update.log[:LOG_MAX]
            file.seconds += (update.stage_ms or 0.0) / 1000
        file.reason = update.reason
        if update.status in ("skipped", "failed"):
            file.state = update.status
        elif update.status == "done" and update.stage_index == STAGES:
            file.state = "trained"

    def settle(self, index: int, report: FileReport) -> None:
        """Take into account what the report of a file says, which is the last word."""
        file = self._file(index, report.name)
        if file is None:
            return
        file.state, file.reason = report.outcome, report.reason
        file.text = (report.text or file.text)[:LOG_MAX]
        file.stage = report.stage or file.stage
        file.type, file.quality = report.type, report.quality
        file.chunks, file.replaced, file.seconds = report.chunks, report.replaced, report.seconds

    def rows(self) -> list[dict[str, Any]]:
        """Return the states of files as JSON, by their index."""
        return [asdict(file) for _, file in sorted(self.files.items())]

    def _file(self, index: int, name: str) -> FileState | None:
        file = self.files.get(index)
        if file is None and len(self.files) < self._kept:
            file = self.files[index] = FileState(index, name)
        return file


@dataclass(slots=True)
class Job:
    """A job that this process knows."""

    record: Record
    progress: Progress
