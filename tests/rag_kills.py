"""Trainings with real stages and stores that die where a test wants, each in a process of its own.

Each is forked from one that has all modules imported, so it takes a tenth of a second. The model is a small double.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from integrations.rag_trainer import assembly as assembling
from integrations.rag_trainer import trainer as training
from integrations.rag_trainer.assembly import Assembly, assemble
from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.journal import Journal
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.pipeline import AnyStage
from integrations.rag_trainer.ports import Matrix
from integrations.rag_trainer.reports import TrainingReport
from integrations.rag_trainer.results import Result
from integrations.rag_trainer.trainer import BldrRAGTrainer

_ROOT = Path(__file__).resolve().parents[1]


class Plan(BaseModel):
    """What a training is to come to.

    Attributes:
        victim: name of the document that the death is about.
        stage: number of the stage in which it dies; 0: in none.
        calls: how many calls of functions the stage may make first; -1: all, it dies when its result is made.
        before: a step of the job before which it dies: `finish`, `report` or `drop`.
        file_bytes: length that no file may exceed, as on a full disk; 0: any.
        user: whose rights it has; 0: its own.
    """

    model_config = ConfigDict(frozen=True)

    options: TrainerOptions
    victim: str = ""
    stage: int = 0
    calls: int = 0
    before: str = ""
    file_bytes: int = 0
    user: int = 0


@dataclass
class Outcome:
    """What became of it: its exit code, -9 for one that died as planned.

    Attributes:
        ran: documents and numbers of the stages that began.
        calls: how many calls of functions each stage made for the victim, from the first stage on.
    """

    code: int
    report: TrainingReport | None = None
    ran: list[tuple[str, int]] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)


class Trainings:
    """Runs trainings. Entered, it has a process that waits to be told of them."""

    def __enter__(self) -> Trainings:
        command = [sys.executable, "-m", "tests.rag_kills"]
        pipe = subprocess.PIPE
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(command, cwd=_ROOT, env=environment, stdin=pipe, stdout=pipe, text=True)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=30)

    def run(self, plan: Plan) -> Outcome:
        """Run one to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(plan.model_dump_json() + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        if said["code"] != 0:
            return Outcome(said["code"])
        report = TrainingReport.model_validate(said["report"])
        return Outcome(0, report, [(name, number) for name, number in said["ran"]], said["calls"])


class SmallModel:
    """Vectors of eight numbers out of a text's hash (`ports.Embedder`)."""

    model = "hashes"
    dimensions = 8
    max_tokens = 512

    def count(self, text: str) -> int:
        """Count words."""
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Hash them."""
        digests = [hashlib.sha256(text.encode()).digest()[:8] for text in texts]
        rows = np.array([list(digest) for digest in digests], dtype=np.float32) + 1
        made: Matrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return made

    def close(self) -> None:
        """Hold nothing."""


@dataclass
class _Watched:
    """A stage that counts its calls for the victim, and may die (`stage.Stage`)."""

    number: int
    stage: AnyStage
    plan: Plan
    outcome: Outcome

    @property
    def name(self) -> str:
        return self.stage.name

    @property
    def result(self) -> type[Result]:
        kind: type[Result] = self.stage.result
        return kind

    def run(self, draft: Draft) -> Result:
        self.outcome.ran.append((draft.source.name, self.number))
        if draft.source.name != self.plan.victim:
            return self._made(draft)
        mortal = self.number == self.plan.stage
        numbers = count(1)
        calls = 0

        def called(_frame: object, _event: str, _argument: object) -> None:
            nonlocal calls
            calls = next(numbers)
            if mortal and 0 <= self.plan.calls < calls:
                die()

        sys.setprofile(called)
        try:
            made = self._made(draft)
        finally:
            sys.setprofile(None)
        if mortal:
            die()
        self.outcome.calls.append(calls)
        return made

    def _made(self, draft: Draft) -> Result:
        made: Result = self.stage.run(draft)
        return made


def die() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), 9)


def _trained(plan: Plan) -> Outcome:
    outcome = Outcome(0)

    def watched(options: TrainerOptions) -> Assembly:
        made = assemble(options)
        stages = [_Watched(number, stage, plan, outcome) for number, stage in enumerate(made.stages, start=1)]
        return replace(made, stages=stages)

    if plan.file_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (plan.file_bytes, plan.file_bytes))
    if plan.user:
        os.setgroups([])
        os.setresgid(plan.user, plan.user, plan.user)
        os.setresuid(plan.user, plan.user, plan.user)
    if plan.before:
        _die_before(plan.before)
    ids = count(1)
    with BldrRAGTrainer("", options=plan.options, assembly=watched, new_id=lambda: str(next(ids))) as trainer:
        outcome.report = trainer.train()
    return outcome


def _die_before(step: str) -> None:
    def dead(*_arguments: object) -> Any:
        die()

    if step == "report":
        vars(training)["write_report"] = dead
    else:
        setattr(Journal, step, dead)


def _in_a_fork(work: Callable[[], Outcome]) -> str:
    """Do it in a fork; return what it says, or how it died."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            outcome = work()
            report = None if outcome.report is None else outcome.report.model_dump(mode="json")
            said = {"code": 0, "report": report, "ran": outcome.ran, "calls": outcome.calls}
            with os.fdopen(writing, "w") as out:
                out.write(json.dumps(said))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said_ = answer.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return said_ if code == 0 else json.dumps({"code": code})


def _serve() -> None:
    outlet = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    vars(assembling)["make_embedder"] = lambda _options: SmallModel()
    for line in sys.stdin:
        plan = Plan.model_validate_json(line)
        outlet.write(_in_a_fork(lambda plan=plan: _trained(plan)) + "\n")  # type: ignore[misc]
        outlet.flush()


if __name__ == "__main__":
    _serve()
