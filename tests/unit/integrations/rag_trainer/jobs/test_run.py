"""One attempt at a job."""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path

from channels.messages.training import StageUpdate
from integrations.rag_trainer.child import start
from integrations.rag_trainer.jobs.job import Job, Progress, Record
from integrations.rag_trainer.jobs.run import JobLimits, Means, Numbers, Run
from tests.rag_jobs import COMMAND, options_in, write_documents


def run_in(folder: Path, command: tuple[str, ...] = COMMAND) -> tuple[Run, list[StageUpdate]]:
    base = str(write_documents(folder / "documents", a=""))
    sent: list[StageUpdate] = []
    means = Means(lambda record: options_in(folder, record.base), partial(start, command), sent.append, time.time)
    job = Job(Record(id="t-1", number=1, folder=base, base=base, created=1.0), Progress(10))

    async def keep(_rows: object) -> None:
        pass

    return Run(job, means, JobLimits(), Numbers(), keep), sent


async def test_its_last_update_is_kept_back(tmp_path: Path) -> None:
    """It is published once the job is kept as over."""
    run, sent = run_in(tmp_path)
    await run.follow()
    assert run.report is not None
    assert run.final is not None
    assert run.final.stage == "complete"
    assert sent[0].stage == "start"
    assert "complete" not in {update.stage for update in sent}
    assert run.death is None


async def test_nonsense_is_left_out(tmp_path: Path) -> None:
    """A worker that sends what can't be read, and no report, has died."""
    run, sent = run_in(tmp_path, (sys.executable, "-c", 'print(\'{"kind": "update", "update": 3}\')'))
    await run.follow()
    assert sent == []
    assert run.death == "exit code 0"


async def test_it_says_where_the_worker_was(tmp_path: Path) -> None:
    """Also when the worker has died before an update went out."""
    script = 'print(\'{"kind": "at", "file": "b.txt"}\', flush=True); import os; os.abort()'
    run, _ = run_in(tmp_path, (sys.executable, "-c", script))
    await run.follow()
    assert (run.at, run.death) == ("b.txt", "signal SIGABRT")
