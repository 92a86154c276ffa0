"""A worker process of the RAG trainer with a double in the trainer's place, which does what the documents say.

A document's text is `key=value` pairs: `sleep` (seconds of each stage), `die=once` or `die=always` (the process kills
itself in stage 5), `die=start` (before any document), `eat` (MiB of memory in stage 5), `fail=1` (stage 3 fails). It
keeps a journal of finished documents, as the trainer does, and writes
each one that it trains to the library's file. A question is answered with the process's id; `hang` and `die` do so.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from channels.messages.training import StageUpdate
from integrations.rag_trainer.answers import Answer, Question
from integrations.rag_trainer.guard import Guard
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.progress import Progress, counted
from integrations.rag_trainer.reports import FileReport, TrainingReport
from integrations.rag_trainer.working import work


class DoubleTrainer:
    """Sleeps in place of work."""

    def __init__(self, options: TrainerOptions, guard: Guard) -> None:
        self._options = options
        self._guard = guard
        self._send: Callable[[StageUpdate], object] = print

    def observe(self, observer: Callable[[StageUpdate], object]) -> None:
        """Tell this one."""
        self._send = observer

    def close(self) -> None:
        """Leave a mark beside the library."""
        Path(f"{self._options.library}.closed").touch()

    def query(self, question: Question) -> Answer:
        """Answer with the process's id."""
        if question.text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if question.text == "hang":
            time.sleep(1_000)
        return Answer(
            question=question.text,
            mode="hybrid",
            passages=(),
            timings_ms={},
            documents=0,
            chunks=0,
            notes=(str(os.getpid()),),
        )

    def train(
        self,
        files: Sequence[str] | None = None,
        *,
        job_id: str | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> TrainingReport:
        """Go through the documents."""
        os.write(1, b"what a library prints is no message\n")
        base = Path(self._options.base_dir)
        named = [base] if files is None else [Path(file) for file in files]
        paths = [path for each in named for path in (sorted(each.rglob("*.txt")) if each.is_dir() else [each])]
        if any("die=start" in path.read_text() for path in paths):
            os.kill(os.getpid(), signal.SIGKILL)
        done = self._done(job_id or "")
        progress = Progress(job_id or "")
        progress.goes_on(job_id or "", 100 * len(done))
        self._send(progress.begun(len(paths), len(done), f"{len(paths)} files"))
        reports = []
        for index, path in enumerate(paths, start=1):
            name = path.relative_to(base).as_posix() if path.is_relative_to(base) else str(path)
            if name in done:
                reports.append(FileReport(name=name, outcome="trained", chunks=1))
            elif cancelled():
                reports.append(FileReport(name=name, outcome="cancelled", reason="cancelled"))
            else:
                progress.file(name, index)
                reports.append(self._file(progress, path, name, cancelled, job_id or ""))
        left = any(report.outcome == "cancelled" for report in reports)
        counts = counted(reports)
        state = "cancelled" if left else "completed" if counts["trained"] else "failed"
        text = f"{state}: {counts['trained']} trained"
        report = TrainingReport.model_validate(
            {"job_id": job_id or "", "state": state, "text": text, "files": reports, **counts}
        )
        self._send(progress.ended(report))
        return report

    def _file(
        self, progress: Progress, path: Path, name: str, cancelled: Callable[[], bool], job_id: str
    ) -> FileReport:
        orders = dict(word.split("=", 1) for word in path.read_text().split())
        for number in range(1, 15):
            if cancelled():
                return FileReport(name=name, outcome="cancelled", reason="cancelled")
            self._send(progress.started(number, f"stage {number}"))
            if (refused := self._guard.refuse(name)) is not None:
                self._send(progress.failed(number, f"stage {number}", *refused, 0.0))
                return FileReport(name=name, outcome="failed", reason=refused[0], text=refused[1], stage=number)
            time.sleep(float(orders.get("sleep", 0)))
            if number == 5:
                self._die(path, orders.get("die", ""))
                if "eat" in orders:
                    self._eaten = b"x" * (int(orders["eat"]) << 20)
                    time.sleep(1_000)
            if number == 3 and "fail" in orders:
                self._send(progress.failed(3, "stage 3", "broken", "it is broken", 1.0))
                return FileReport(name=name, outcome="failed", reason="broken", text="it is broken", stage=3)
            self._send(progress.done(number, f"stage {number}", f"did {number}", 1.0))
        progress.file_done()
        with Path(self._options.library).open("a") as library:
            library.write(f"{name}\n")
        with Path(self._options.journal).open("a") as journal:
            journal.write(f"{job_id} {name}\n")
        return FileReport(name=name, outcome="trained", chunks=1, quality=90)

    def _die(self, path: Path, how: str) -> None:
        mark = path.with_suffix(".died")
        if how == "always" or (how == "once" and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def _done(self, job_id: str) -> set[str]:
        try:
            lines = Path(self._options.journal).read_text().splitlines()
        except OSError:
            return set()
        return {line.partition(" ")[2] for line in lines if line.startswith(f"{job_id} ")}


if __name__ == "__main__":
    work(DoubleTrainer)
