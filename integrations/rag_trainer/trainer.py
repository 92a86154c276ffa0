"""The front of the RAG trainer: `BldrRAGTrainer`."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import structlog

from channels.messages.texts import LINE_MAX, one_line
from integrations.rag_trainer.answers import Answer, Question
from integrations.rag_trainer.assembly import Assembly, assemble
from integrations.rag_trainer.discovery import Found, NoDocuments, discover
from integrations.rag_trainer.faults import in_words, trace_of
from integrations.rag_trainer.journal import Journal
from integrations.rag_trainer.lock import Locked, WriterLock
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.pipeline import Pipeline
from integrations.rag_trainer.progress import Progress
from integrations.rag_trainer.report_files import write_report
from integrations.rag_trainer.reports import TrainingReport
from integrations.rag_trainer.settings import PathLike, options_of, settings_of
from integrations.rag_trainer.training import Bench, Training
from integrations.rag_trainer.turns import Turns
from integrations.rag_trainer.updates import Callback, Observer, Updates

log = structlog.get_logger(__name__)

_JOB: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_OWN: Final = "train-"
"""How the ids begin that the trainer gives itself."""


class BldrRAGTrainer:
    """Trains documents into a library that can be asked.

    Every path may be absent: what is needed is made when it is needed, and what can't be made, or isn't there, is said
    by the report of the job. Nothing is opened before the first training or question. Methods may be called from any
    thread; a second `train` waits for the first, and a question waits for the stage that is at work.

    Args:
        base_dir: folder with the documents.
        neo4j_uri, neo4j_user, neo4j_pass, qdrant_path, faiss_path, norms_db, reports_dir: see `settings.options_of`.
        options: all of it as data, instead of the seven parameters before.
        assembly: makes what the trainer stands on.
        clock: seconds, never set back.
        now: seconds since 1970.
        new_id: makes the changing part of a job's id.
    """

    def __init__(
        self,
        base_dir: PathLike,
        neo4j_uri: str | None = None,
        neo4j_user: str | None = None,
        neo4j_pass: str | None = None,
        qdrant_path: PathLike | None = None,
        faiss_path: PathLike | None = None,
        norms_db: PathLike | None = None,
        reports_dir: PathLike | None = None,
        *,
        options: TrainerOptions | None = None,
        assembly: Callable[[TrainerOptions], Assembly] = assemble,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        new_id: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        given = (neo4j_uri, neo4j_user, neo4j_pass, qdrant_path, faiss_path, norms_db, reports_dir)
        if options is not None and any(value is not None for value in given):
            raise ValueError("expected either options or the single parameters; came both")
        self.options = options or options_of(base_dir, *given)
        self._assemble = assembly
        self._clock = clock
        self._now = now
        self._new_id = new_id
        self._updates = Updates(bound=self.options.waiting_updates, patience=self.options.update_patience)
        self._one_job = threading.Lock()
        self._turns = Turns()
        self._assembly: Assembly | None = None
        self._closed = False

    @classmethod
    def from_options(cls, options: TrainerOptions) -> BldrRAGTrainer:
        """Make a trainer from data."""
        return cls(options.base_dir, options=options)

    def set_websocket_callback(self, callback: Callback | None) -> None:
        """Have a function, sync or async, called with `(stage, log, progress)` whenever a stage or the job has ended.

        There is one callback: another replaces it, also during a training, and `None` removes it. It is called in a
        thread of its own; what an async one returns is awaited on the event loop that runs where this is called, or
        without one, on a loop of its own. Whether it raises, hangs or is slow: training is the same, byte by byte. It
        ends at most `update_patience` seconds later; updates wait in order, up to `waiting_updates`.
        """
        self._updates.set_callback(callback)

    async def send_stage_update(self, stage: str, log: str, progress: int) -> None:
        """Call the callback with this, after all that waits. Returns when that is done, or when patience is over."""
        self._updates.say(stage, log, progress)
        await asyncio.to_thread(self._updates.settle)

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Have a function called with every `StageUpdate` in full, as the callback is; return what ends it."""
        return self._updates.observe(observer)

    def train(
        self,
        files: Sequence[PathLike] | None = None,
        *,
        job_id: str | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        prune: bool = False,
    ) -> TrainingReport:
        """Train all documents below `base_dir`, or some; return what became of each. Blocks until that is done.

        A job that was cancelled or killed goes on from the last stage that it finished, if it is started again: by its
        id, or without one where it had none and is about the same files. A file that changed meanwhile begins anew.
        What is in the library already is `skipped: duplicate`. A changed file replaces what its own earlier version
        had. Whatever goes wrong is in the report, of a file or of the job.

        Args:
            files: files and folders, from `base_dir` where they aren't absolute.
            job_id: letters, digits, `.`, `_` and `-`, up to 100; absent or empty: that of the unfinished job, or a new
                one.
            cancelled: is asked between stages; once it says yes, the job ends there.
            prune: remove documents from the library whose file isn't below `base_dir` any more. Otherwise they stay.
                Only after a whole folder was trained and all of it could be read, never with `files`. The library then
                holds this folder alone.

        Raises:
            ValueError: `job_id` isn't an id, or `prune` with `files`.
            Locked: another trainer writes to the library; no job has begun, and nothing was told.
            RuntimeError: the trainer is closed.
        """
        if job_id and not _JOB.fullmatch(job_id):
            raise ValueError(f"expected a job_id of letters, digits, '.', '_', '-', up to 100; came {job_id[:120]!r}")
        if prune and files is not None:
            raise ValueError("expected prune with a whole folder; came a list of files, which tells of no others")
        with self._one_job:
            return self._train(files, job_id, cancelled, prune)

    def query(self, question: str | Question, limit: int = 5, **narrower: Any) -> Answer:
        """Ask the library.

        Args:
            question: text, or a whole `Question`, with which nothing else counts.
            limit: passages at most.
            narrower: further fields of a `Question`, such as `types=("norms",)`.

        Raises:
            ValueError: the question isn't one, such as an empty text.
            RuntimeError: the trainer is closed.
        """
        asked = question if isinstance(question, Question) else Question(text=question, limit=limit, **narrower)
        with self._turns.turn():
            return self._opened().ask(asked)

    def close(self) -> None:
        """Let go of everything; a training that runs is waited for. Twice is once."""
        with self._one_job, self._turns.turn():
            self._closed = True
            assembly, self._assembly = self._assembly, None
            if assembly is not None:
                assembly.close()
        self._updates.close()

    def __enter__(self) -> BldrRAGTrainer:
        """Use it in a `with`."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    @property
    def updates_dropped(self) -> int:
        """How many updates were lost because a receiver was too slow."""
        return self._updates.dropped

    def _opened(self) -> Assembly:
        if self._closed:
            raise RuntimeError("expected an open trainer; this one is closed")
        if self._assembly is None:
            self._assembly = self._assemble(self.options)
        return self._assembly

    def _train(
        self, files: Sequence[PathLike] | None, job_id: str | None, cancelled: Callable[[], bool], prune: bool
    ) -> TrainingReport:
        if self._closed:
            raise RuntimeError("expected an open trainer; this one is closed")
        begun = self._clock()
        progress = Progress(job_id or _OWN + self._new_id())
        try:
            with WriterLock(Path(self.options.library)):
                report = self._work(progress, files, job_id, cancelled, prune)
        except Locked:
            raise
        except Exception as error:
            text = self._explained(error)
            seconds = self._clock() - begun
            report = self._filed(TrainingReport(job_id=progress.job_id, state="failed", text=text, seconds=seconds))
        except BaseException:
            text = "interrupted; start the same job again to go on"
            self._end(progress, self._filed(TrainingReport(job_id=progress.job_id, state="cancelled", text=text)))
            raise
        return self._end(progress, report)

    def _explained(self, error: Exception) -> str:
        if isinstance(error, NoDocuments):
            return one_line(str(error), LINE_MAX)
        log.error("a training failed as a whole", exception=trace_of(error))
        return f"the training can't go on: {in_words(error)}"

    def _work(
        self,
        progress: Progress,
        files: Sequence[PathLike] | None,
        job_id: str | None,
        cancelled: Callable[[], bool],
        prune: bool,
    ) -> TrainingReport:
        options = self.options
        found = discover(Path(options.base_dir), files, most=options.files)
        with closing(Journal(Path(options.journal), self._now)) as journal:
            what = json.dumps([options.base_dir, *(str(Path(file)) for file in files or ())])
            id = job_id or journal.unfinished(what, _OWN) or progress.job_id
            with self._turns.turn():
                assembly = self._opened()
                late = assembly.catch_up()
            progress.goes_on(id, journal.begin(id, what, settings_of(options)))
            pipeline = Pipeline(assembly.stages, self._clock)
            assembly.job.id = id
            bench = Bench(pipeline, journal, self._holder_of, self._updates.send, self._turns.turn, self._clock)
            notes = [*assembly.notes, *([f"Documents that a store lacked and has now: {late}."] if late else [])]
            report = Training(id, bench, progress, cancelled).run(found, " ".join(notes))
            if prune and report.state == "completed" and not any(file.outcome == "failed" for file in found.left_out):
                report = self._pruned(found, report)
            report = self._filed(report)
            # The last thing: whoever is killed before it does the rest as the same job.
            if report.state != "cancelled":
                journal.drop(id)
        return report

    def _holder_of(self, file_hash: str) -> str | None:
        with self._turns.turn():
            return self._opened().library.holder_of(file_hash)

    def _pruned(self, found: Found, report: TrainingReport) -> TrainingReport:
        there = {source.name for source in found.sources}
        with self._turns.turn():
            assembly = self._opened()
            gone = [document.name for document in assembly.library.documents() if document.name not in there]
            for name in gone:
                assembly.remove(name)
        return report.model_copy(update={"text": f"{report.text}; {len(gone)} removed"}) if gone else report

    def _filed(self, report: TrainingReport) -> TrainingReport:
        folder = self.options.reports_dir
        if not folder:
            return report
        try:
            write_report(report, Path(folder))
        except OSError as error:
            log.warning("a training's report can't be written", folder=folder, error=str(error))
            note = f"; its report can't be written to {folder}: {error.strerror or error}"
            return report.model_copy(
                update={"text": one_line(report.text, LINE_MAX // 2) + one_line(note, LINE_MAX // 2)}
            )
        return report

    def _end(self, progress: Progress, report: TrainingReport) -> TrainingReport:
        self._updates.send(progress.ended(report))
        self._updates.settle()
        return report
