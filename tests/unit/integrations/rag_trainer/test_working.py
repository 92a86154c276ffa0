"""The inside of a worker process."""

from __future__ import annotations

import io
import json
import os
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from integrations.rag_trainer.work_messages import Order, encode, encode_order
from integrations.rag_trainer.working import HUB_GONE, PAUSED, Worker
from tests.rag_jobs import options_in, write_documents
from tests.rag_worker import DoubleTrainer


class Left(BaseException):
    """The process would have ended here."""


class Inlet:
    """Standard input: some lines, and then nothing until it is let go."""

    def __init__(self, *lines: bytes) -> None:
        self.lines = list(lines)
        self.open = threading.Event()

    def readline(self) -> bytes:
        return self.lines.pop(0) if self.lines else b""

    def __iter__(self) -> Inlet:
        return self

    def __next__(self) -> bytes:
        if self.lines:
            return self.lines.pop(0)
        self.open.wait(20)
        raise StopIteration


def train_in(folder: Path, *more: bytes, **texts: str) -> tuple[Inlet, io.BytesIO, list[int], Worker]:
    documents = write_documents(folder / "documents", **texts)
    order = Order(task="train", options=options_in(folder, str(documents)), job_id="t-1")
    inlet, outlet, left = Inlet(encode_order(order), *more), io.BytesIO(), []

    def leave(code: int) -> None:
        left.append(code)
        if threading.current_thread() is threading.main_thread():
            raise Left

    return inlet, outlet, left, Worker(DoubleTrainer, cast(Any, inlet), outlet, leave=leave)


def kinds(outlet: io.BytesIO) -> list[str]:
    return [json.loads(line)["kind"] for line in outlet.getvalue().splitlines()]


def test_it_trains_and_reports(tmp_path: Path) -> None:
    """Updates as they come, then each file, then the report without them."""
    inlet, outlet, left, worker = train_in(tmp_path, a="", b="")
    worker.run()
    said = kinds(outlet)
    assert said[0] == "ready"
    assert said[-3:] == ["file", "file", "report"]
    assert json.loads(outlet.getvalue().splitlines()[-1])["report"]["files"] == []
    assert left == []
    assert (tmp_path / "library.closed").exists()
    inlet.open.set()


def test_it_says_which_document_it_is_at(tmp_path: Path) -> None:
    """Before each stage, on the spot; and documents that the order names as poison fail without a try."""
    documents = write_documents(tmp_path / "documents", a="", b="")
    poison = {"b.txt": ("crash", "it died twice")}
    order = Order(task="train", options=options_in(tmp_path, str(documents)), job_id="t-1", poison=poison)
    inlet, outlet = Inlet(encode_order(order)), io.BytesIO()
    Worker(DoubleTrainer, cast(Any, inlet), outlet, leave=lambda _code: None).run()
    said = [json.loads(line) for line in outlet.getvalue().splitlines()]
    assert [message["file"] for message in said if message["kind"] == "at"] == ["a.txt"] * 14
    assert [message["file"]["reason"] for message in said if message["kind"] == "file"] == [None, "crash"]
    inlet.open.set()


def test_a_pause_ends_the_process_between_stages(tmp_path: Path) -> None:
    """Without a report: the job goes on another time."""
    inlet, outlet, left, worker = train_in(tmp_path, encode("pause"), a="sleep=0.05")
    with pytest.raises(Left):
        worker.run()
    assert left == [PAUSED]
    assert "report" not in kinds(outlet)
    inlet.open.set()


def test_it_ends_with_the_hub(tmp_path: Path) -> None:
    """When standard input ends, whatever it does."""
    order = Order(task="train", options=options_in(tmp_path, str(write_documents(tmp_path, a="sleep=0.02"))))
    gone = threading.Event()
    codes: list[int] = []

    def leave(code: int) -> None:
        codes.append(code)
        gone.set()

    Worker(DoubleTrainer, io.BytesIO(encode_order(order)), io.BytesIO(), leave=leave).run()
    assert gone.wait(10)
    assert codes == [HUB_GONE]


def test_a_fault_is_told(tmp_path: Path) -> None:
    """On one line, with its kind."""
    inlet, outlet, _, worker = train_in(tmp_path, a="nonsense")
    worker.run()
    fault = json.loads(outlet.getvalue().splitlines()[-1])
    assert (fault["kind"], fault["reason"]) == ("fault", "ValueError")
    inlet.open.set()


def test_it_waits_for_another_writer(tmp_path: Path) -> None:
    """A worker of a killed hub needs a moment to end; after that the job fails with the reason."""
    tries: list[int] = []

    class Locked(Exception):
        pass

    def make(_options: object, _guard: object) -> DoubleTrainer:
        tries.append(os.getpid())
        raise Locked("process 7 writes to it")

    order = Order(task="train", options=options_in(tmp_path, str(tmp_path)), patience=0.3)
    inlet, outlet = Inlet(encode_order(order)), io.BytesIO()
    Worker(make, cast(Any, inlet), outlet, busy=(Locked,), leave=lambda _code: None).run()
    assert len(tries) >= 2
    assert json.loads(outlet.getvalue().splitlines()[-1])["text"] == "process 7 writes to it"
    inlet.open.set()
