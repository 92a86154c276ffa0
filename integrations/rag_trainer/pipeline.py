"""One document's way through the fourteen stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

import structlog

from channels.messages.texts import LINE_MAX, one_line
from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.faults import in_words, trace_of
from integrations.rag_trainer.reports import FileOutcome, FileReport
from integrations.rag_trainer.results import Chunks, DocumentType, Duplicate, Quality, Result, SavedVectors
from integrations.rag_trainer.stage import STAGES, Skipped, Stage, StageFailed

log = structlog.get_logger(__name__)

AnyStage: TypeAlias = Stage[Any]
Turn: TypeAlias = Callable[[], AbstractContextManager[None]]

FAULT: Final = "fault"
"""The reason of a failure that no stage has foreseen."""


class Witness(Protocol):
    """Who is told how a document gets on; numbers are from 1, times in milliseconds."""

    def started(self, number: int, name: str) -> None:
        """A stage begins."""

    def done(self, number: int, name: str, result: Result, ms: float) -> None:
        """It ended well, and this is what it made. What this raises ends the job."""

    def skipped(self, number: int, name: str, reason: str, text: str, ms: float) -> None:
        """It ended the document, which needs no training."""

    def failed(self, number: int, name: str, reason: str, text: str, ms: float) -> None:
        """It ended the document, which can't be trained."""


@dataclass(slots=True)
class Run:
    """A document in the pipeline, and what was measured.

    Attributes:
        finished: results of the first stages, from an earlier run.
        times: of all stages so far, in milliseconds; those of an earlier run are 0.
    """

    source: Source
    finished: Sequence[Result] = ()
    times: list[float] = field(default_factory=list)
    draft: Draft = field(init=False)

    def __post_init__(self) -> None:
        """Put in what there is."""
        self.draft = Draft(self.source)
        for result in self.finished:
            self.draft.put(result)
            self.times.append(0.0)


class Pipeline:
    """Takes documents through the stages, one at a time.

    Args:
        clock: seconds, never set back.

    Raises:
        ValueError: there are not fourteen stages.
    """

    def __init__(self, stages: Sequence[AnyStage], clock: Callable[[], float]) -> None:
        if len(stages) != STAGES:
            raise ValueError(f"expected {STAGES} stages; came {len(stages)}: {', '.join(s.name for s in stages)}")
        self.stages = tuple(stages)
        self._clock = clock

    def run(self, run: Run, witness: Witness, cancelled: Callable[[], bool], turn: Turn = nullcontext) -> FileReport:
        """Do what is left of a document's stages.

        A stage that skips or fails ends the document; an exception that none has foreseen counts as a failure of its
        stage, with the reason `fault`. What isn't an `Exception`, such as `KeyboardInterrupt`, passes through.

        Args:
            cancelled: is asked before each stage.
            turn: is held while a stage works, and not between.
        """
        for number in range(len(run.finished) + 1, STAGES + 1):
            if cancelled():
                return _report(run, "cancelled", "cancelled", f"cancelled before stage {number}", number)
            if (report := self._stage(number, run, witness, turn)) is not None:
                return report
        return _report(run, "trained")

    def _stage(self, number: int, run: Run, witness: Witness, turn: Turn) -> FileReport | None:
        stage = self.stages[number - 1]
        witness.started(number, stage.name)
        begun = self._clock()
        try:
            with turn():
                begun = self._clock()
                result = stage.run(run.draft)
            _check(result, stage)
        except Skipped as skipped:
            ms = self._ended(run, begun)
            witness.skipped(number, stage.name, skipped.reason, str(skipped), ms)
            return _report(run, "skipped", skipped.reason, str(skipped), number)
        except StageFailed as failure:
            reason, text = failure.reason, str(failure)
        except Exception as error:
            at = {"stage": stage.name, "file": run.source.name}
            log.error("a stage of the training has a fault", **at, exception=trace_of(error))
            reason, text = FAULT, f"{in_words(error)} (in {stage.name})"
        else:
            run.draft.put(result)
            witness.done(number, stage.name, result, self._ended(run, begun))
            return None
        ms = self._ended(run, begun)
        witness.failed(number, stage.name, reason, text, ms)
        return _report(run, "failed", reason, text, number)

    def _ended(self, run: Run, begun: float) -> float:
        ms = max(0.0, (self._clock() - begun) * 1_000)
        run.times.append(ms)
        return ms


def _check(result: Result, stage: AnyStage) -> None:
    if type(result) is not stage.result:
        raise TypeError(f"expected {stage.result.__name__} of the stage {stage.name}; came {type(result).__name__}")
    if isinstance(result, Chunks) and not result.chunks:
        raise StageFailed("no_chunks", "expected at least one chunk; the text has nothing that can be found")


def _report(
    run: Run, outcome: FileOutcome, reason: str | None = None, text: str | None = None, stage: int | None = None
) -> FileReport:
    results = run.draft.results
    kind, quality, saved = (results.get(kind) for kind in (DocumentType, Quality, SavedVectors))
    return FileReport(
        name=run.source.name,
        outcome=outcome,
        reason=reason,
        text=None if text is None else one_line(text, LINE_MAX),
        stage=stage,
        type=kind.type if isinstance(kind, DocumentType) else None,
        chunks=saved.points if isinstance(saved, SavedVectors) else 0,
        replaced=saved.replaced if isinstance(saved, SavedVectors) else 0,
        quality=quality.score if isinstance(quality, Quality) else None,
        seconds=round(sum(run.times) / 1_000, 3),
        stage_ms=tuple(round(ms, 1) for ms in run.times),
        resumed=len(run.finished),
    )


def hash_of(run: Run) -> str | None:
    """Return the SHA-256 of the document's bytes, if a stage has found it."""
    found = run.draft.results.get(Duplicate)
    return found.file_hash if isinstance(found, Duplicate) else None
