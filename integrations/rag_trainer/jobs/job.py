"""A job: what is to be trained, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from channels.messages.training import STAGES, StageUpdate
from integrations.rag_trainer.reports import FileReport

Ended = Literal["completed", "failed", "cancelled"]
State = Literal["queued", "running"] | Ended
LOG_MAX = 500
"""Characters of a line about a file that are kept."""

_OUTCOMES: Final = ("running", "trained", "skipped", "failed", "cancelled")


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
        crashes: the same by document; the empty name: in none.
        poison: documents that aren't tried again, because its process died in them, and what is said of each.
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
    crashes: dict[str, int] = {}
    poison: dict[str, tuple[str, str]] = {}
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


_FIELDS: Final = tuple(field.name for field in fields(FileState))


class Progress:
    """Follows a job by its updates.

    Args:
        kept: files whose state is kept; of further ones only the outcome is.

    Attributes:
        last: the newest update.
        files: by their index.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self.last: StageUpdate | None = None
        self.files: dict[int, FileState] = {}
        # A byte for each file, at its index: that of its outcome.
        self._outcomes = bytearray()
        self._fresh: dict[int, None] = {}

    def note(self, update: StageUpdate, record: Record) -> None:
        """Take an update into account."""
        self.last = update
        record.files_total = max(record.files_total, update.files_total)
        if update.file is None or update.file_index is None:
            return
        trained = update.status == "done" and update.stage_index == STAGES
        ended = "trained" if trained else update.status if update.status in ("skipped", "failed") else None
        file = self._file(update.file_index, update.file)
        if file is not None:
            file.stage = update.stage_index or file.stage
            file.stage_name = update.stage_name or file.stage_name
            file.progress = update.progress
            if update.status != "started":
                file.text = update.log[:LOG_MAX]
                file.seconds += (update.stage_ms or 0.0) / 1000
            file.reason = update.reason
            file.state = ended or "running"
        self._mark(update.file_index, ended or "running")
        if ended is not None:
            self.count(record)
            if file is not None:
                self._fresh[update.file_index] = None

    def settle(self, index: int, report: FileReport) -> None:
        """Take into account what the report of a file says, which is the last word."""
        self._mark(index, report.outcome)
        file = self._file(index, report.name)
        if file is None:
            return
        file.state, file.reason = report.outcome, report.reason
        file.text = (report.text or file.text)[:LOG_MAX]
        file.stage = report.stage or file.stage
        file.type, file.quality = report.type, report.quality
        file.chunks, file.replaced, file.seconds = report.chunks, report.replaced, report.seconds

    def cut(self, number: int) -> None:
        """Forget files behind this index: an earlier run had found more of them."""
        del self._outcomes[number + 1 :]
        for index in [index for index in self.files if index > number]:
            del self.files[index]

    def conclude(self, state: Ended, record: Record) -> None:
        """What still runs ends with the job."""
        for index, file in self.files.items():
            if file.state == "running":
                file.state = "cancelled" if state == "cancelled" else "failed"
                self._mark(index, file.state)
        self.count(record)

    def count(self, record: Record) -> None:
        """Say in the record how many files have which outcome."""
        record.trained, record.skipped, record.failed, record.cancelled = (
            self._outcomes.count(code) for code in range(1, len(_OUTCOMES))
        )

    def fresh(self) -> list[dict[str, Any]]:
        """Return the states of files that have ended since this was asked last."""
        rows = [_row(self.files[index]) for index in self._fresh if index in self.files]
        self._fresh.clear()
        return rows

    def restore(self, rows: Iterable[Mapping[str, Any]], record: Record) -> None:
        """Take over what an earlier run has kept; of several rows of a file the last one counts."""
        for row in rows:
            try:
                state = FileState(**row)
                outcome = _OUTCOMES.index(state.state)
            except (TypeError, ValueError):  # of a version that wrote them in another way
                continue
            if state.index in self.files or len(self.files) < self._kept:
                self.files[state.index] = state
                self._mark(state.index, _OUTCOMES[outcome])
        self.count(record)

    def rows(self, offset: int = 0, limit: int | None = None) -> list[dict[str, Any]]:
        """Return states of files as JSON, by their index; all, or a piece of them."""
        end = None if limit is None else offset + limit
        return [_row(self.files[index]) for index in sorted(self.files)[offset:end]]

    def _file(self, index: int, name: str) -> FileState | None:
        file = self.files.get(index)
        if file is not None and file.name != name:  # the folder has changed since an earlier run
            file = self.files[index] = FileState(index, name)
        if file is None and len(self.files) < self._kept:
            file = self.files[index] = FileState(index, name)
        return file

    def _mark(self, index: int, outcome: str) -> None:
        if index >= len(self._outcomes):
            self._outcomes.extend(bytes(index + 1 - len(self._outcomes)))
        self._outcomes[index] = _OUTCOMES.index(outcome)


def _row(file: FileState) -> dict[str, Any]:
    # `dataclasses.asdict` takes ten times as long, and a job may have ten thousand of them.
    return {name: getattr(file, name) for name in _FIELDS}


@dataclass(slots=True)
class Job:
    """A job that this process knows."""

    record: Record
    progress: Progress
