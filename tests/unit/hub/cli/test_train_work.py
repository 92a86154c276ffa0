"""The training of `tocsin train`, with a scripted worker process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from channels.messages.training import StageUpdate
from hub.cli.exits import Exit, Failure
from hub.cli.train_work import train
from integrations.rag_trainer.child import Child, start
from integrations.rag_trainer.options import TrainerOptions
from tests.message_examples.training import EXAMPLES

OPTIONS = TrainerOptions(base_dir="/docs", library="/l", graph="/g", journal="/j")
UPDATE = {"kind": "update", "update": EXAMPLES["stage_update"]}
FILE = {"kind": "file", "file": {"name": "a.md", "outcome": "trained"}}
REPORT = {"kind": "report", "report": {"job_id": "j", "state": "completed", "text": "over", "trained": 1}}


class Watcher:
    """Keeps what it is told; may do something at the first update."""

    def __init__(self, signals: int = 0) -> None:
        self.updates: list[StageUpdate] = []
        self.stops = 0
        self._signals = signals

    def update(self, update: StageUpdate) -> None:
        self.updates.append(update)
        if self._signals:
            self._signals -= 1
            os.kill(os.getpid(), signal.SIGINT)

    def stopping(self) -> None:
        self.stops += 1


class Workers:
    """Starts workers that say these messages when they have their order, and then run a line of Python."""

    def __init__(self, *messages: object, then: str = "pass") -> None:
        self.children: list[Child] = []
        said = "".join(json.dumps(message) + "\n" for message in messages)
        script = f"import os, sys, json\norder = json.loads(input())\nprint({said!r}, end='', flush=True)\n{then}"
        self._command = (sys.executable, "-c", script)

    async def start(self) -> Child:
        self.children.append(await start(self._command))
        return self.children[-1]


async def test_updates_come_as_they_are_made_and_files_with_the_report() -> None:
    """The worker has ended then."""
    workers, watcher = Workers({"kind": "ready"}, UPDATE, FILE, REPORT), Watcher()
    report = await train(OPTIONS, None, watcher, workers.start)
    assert watcher.updates == [StageUpdate(**EXAMPLES["stage_update"])]
    assert [file.name for file in report.files] == ["a.md"]
    assert (report.state, workers.children[0].code) == ("completed", 0)


async def test_the_order_says_what_to_train(tmp_path: Path) -> None:
    """Without an id, so that an unfinished job goes on; another process's library is not waited for."""
    path = tmp_path / "order"
    workers = Workers(REPORT, then=f"open({str(path)!r}, 'w').write(json.dumps(order['order']))")
    await train(OPTIONS, ("/docs/a",), Watcher(), workers.start)
    order = json.loads(path.read_text())
    assert (order["task"], order["files"], order["job_id"], order["patience"]) == ("train", ["/docs/a"], "", 0)
    assert order["options"]["library"] == "/l"


async def test_a_fault_is_a_failure_in_words() -> None:
    """Such as another trainer that writes to the library."""
    workers = Workers({"kind": "fault", "reason": "Locked", "text": "process 12 writes\x1b[2J to it"})
    with pytest.raises(Failure, match=r"process 12 writes\\u001b\[2J to it") as caught:
        await train(OPTIONS, None, Watcher(), workers.start)
    assert caught.value.code == Exit.FAILURE


async def test_a_worker_that_dies_is_a_failure_that_says_how() -> None:
    """And that nothing is lost."""
    workers = Workers(UPDATE, then="print('no memory', file=sys.stderr, flush=True); os._exit(9)")
    with pytest.raises(Failure, match=r"\(exit code 9: no memory\); the same command goes on"):
        await train(OPTIONS, None, Watcher(), workers.start)


async def test_nonsense_is_a_failure() -> None:
    """A worker of another version."""
    workers = Workers({"kind": "update", "update": {"stage": "99/14"}}, then="sys.stdin.read()")
    with pytest.raises(Failure, match="can't be read"):
        await train(OPTIONS, None, Watcher(), workers.start)
    assert workers.children[0].code is not None


async def test_a_worker_that_cannot_be_started_is_a_failure() -> None:
    """With the system's words."""

    async def nothing() -> Child:
        raise OSError(11, "Resource temporarily unavailable")

    with pytest.raises(Failure, match="Resource temporarily unavailable"):
        await train(OPTIONS, None, Watcher(), nothing)


async def test_one_interruption_asks_the_worker_to_end() -> None:
    """It gets `cancel`, and its report is taken."""
    cancelled = {"kind": "report", "report": {"job_id": "j", "state": "cancelled", "text": "1 left"}}
    then = f"assert json.loads(input()) == {{'kind': 'cancel'}}; print({json.dumps(cancelled)!r}, flush=True)"
    watcher = Watcher(signals=1)
    report = await train(OPTIONS, None, watcher, Workers(UPDATE, then=then).start)
    assert (report.state, watcher.stops) == ("cancelled", 1)


async def test_two_interruptions_end_it() -> None:
    """Even a worker that doesn't listen."""
    workers = Workers(UPDATE, UPDATE, then="import time; time.sleep(60)")
    with pytest.raises(KeyboardInterrupt):
        await train(OPTIONS, None, Watcher(signals=2), workers.start)
    assert workers.children[0].code == -signal.SIGKILL


async def test_signals_are_as_before_when_it_is_over() -> None:
    """Ctrl+C works again as it did."""
    before = signal.getsignal(signal.SIGINT)
    await train(OPTIONS, None, Watcher(), Workers(REPORT).start)
    assert signal.getsignal(signal.SIGINT) in (before, signal.default_int_handler)
    assert asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM) is False
