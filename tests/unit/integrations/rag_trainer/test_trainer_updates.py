"""The trainer's updates: real, in time, in order, and without any effect on the training."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from channels.messages.training import StageUpdate, percent
from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.trainer import BldrRAGTrainer
from tests.rag_books import BookLibrary
from tests.rag_engine import small_assembly, until, within, write_documents

LINES = [(f"{number}/14", percent(number)) for number in range(1, 15)]
"""Stage and progress that a callback hears of one document."""


def trainer(folder: Path, before: Callable[[int, Draft], object] = lambda _number, _draft: None) -> BldrRAGTrainer:
    options = within(folder, update_patience=0.3)
    return BldrRAGTrainer("", options=options, assembly=lambda options: small_assembly(options, before))


def test_a_callback_hears_each_stage_and_the_end(tmp_path: Path) -> None:
    """As the earlier API has it: three arguments, 7 to 100 for each document, then `complete` with 100, once."""
    within(tmp_path)
    write_documents(tmp_path, a="one", b="two")
    heard: list[tuple[str, str, int]] = []
    with trainer(tmp_path) as it:
        it.set_websocket_callback(lambda stage, log, progress: heard.append((stage, log, progress)))
        it.train()
    assert [(stage, progress) for stage, _, progress in heard] == [*LINES, *LINES, ("complete", 100)]
    assert heard[0][1] == "a.txt: 3 bytes"
    assert heard[-1][1].startswith("complete: 2 trained, 0 skipped, 0 failed; 2 chunks in ")


def test_an_error_is_told_once(tmp_path: Path) -> None:
    """With the reason and 0, in place of `complete`."""
    within(tmp_path)
    heard: list[Any] = []
    with trainer(tmp_path) as it:
        it.set_websocket_callback(lambda *line: heard.append(line))
        it.train()
        write_documents(tmp_path, a="break 5")
        it.train()
    ends = [(stage, progress) for stage, _, progress in heard]
    assert ends == [("error", 0), *LINES[:4], ("5/14", 29), ("error", 0)]
    assert "put in files that end with" in heard[0][1]
    assert "ZeroDivisionError" in heard[-1][1]


def _computing(number: int, _draft: Draft) -> None:
    # One call into C, which holds the interpreter's lock to its end: the worst there is for another thread.
    sum(range(3_000_000 if number % 2 else 10_000))


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_updates_come_when_stages_end(tmp_path: Path, kind: str) -> None:
    """Within 100 ms, and before the next stage ends: nothing is saved up."""
    within(tmp_path)
    write_documents(tmp_path, a="one", b="two")
    ends: list[float] = []
    heard: list[tuple[str, float]] = []

    def before(number: int, draft: Draft) -> None:
        _computing(number, draft)
        ends.append(time.monotonic())

    async def later(stage: str, _log: str, _progress: int) -> None:
        heard.append((stage, time.monotonic()))

    def now(stage: str, _log: str, _progress: int) -> None:
        heard.append((stage, time.monotonic()))

    with trainer(tmp_path, before) as it:
        it.set_websocket_callback(later if kind == "async" else now)
        it.train()
    told = [at for stage, at in heard if "/" in stage]
    assert len(told) == len(ends) == 28
    late = sorted(at - ended for at, ended in zip(told, ends, strict=True))
    assert late[20] < 0.1, late  # three of four; a machine that is busy otherwise delays some
    assert late[-1] < 1.0, late
    behind = [at for at, following in zip(told, ends[1:], strict=False) if at >= following]
    assert len(behind) <= 6, behind  # one that saves updates up is behind with nearly all of the 27


def test_a_slow_stage_is_seen_to_be_slow(tmp_path: Path) -> None:
    """It is told that it has started, and nothing else until it ends."""
    within(tmp_path)
    write_documents(tmp_path, a="one")
    release = threading.Event()
    updates: list[StageUpdate] = []
    with trainer(tmp_path, lambda number, _draft: release.wait(30) if number == 7 else None) as it:
        it.observe(updates.append)
        training = threading.Thread(target=it.train)
        training.start()
        until(lambda: updates and updates[-1].stage == "7/14")
        assert (updates[-1].status, updates[-1].progress, updates[-1].overall_progress) == ("started", 43, 42.8)
        release.set()
        training.join(30)
    done = [update for update in updates if update.stage == "7/14" and update.status == "done"]
    assert [update.progress for update in done] == [50]


def test_a_slow_callback_gets_everything_in_order(tmp_path: Path) -> None:
    """Later than it was made, but all of it."""
    within(tmp_path)
    write_documents(tmp_path, a="one", b="two")
    heard: list[tuple[str, int]] = []

    def slow(stage: str, _log: str, progress: int) -> None:
        threading.Event().wait(0.02)
        heard.append((stage, progress))

    with trainer(tmp_path) as it:
        it.set_websocket_callback(slow)
        it.train()
        until(lambda: len(heard) == 29)
        assert it.updates_dropped == 0
    assert heard == [*LINES, *LINES, ("complete", 100)]


def test_more_updates_than_may_wait_are_counted(tmp_path: Path) -> None:
    """The end gets through."""
    within(tmp_path)
    write_documents(tmp_path, a="one")
    release = threading.Event()
    heard: list[str] = []

    def stuck(stage: str, _log: str, _progress: int) -> None:
        release.wait(30)
        heard.append(stage)

    options = within(tmp_path, waiting_updates=3, update_patience=0.0)
    with BldrRAGTrainer("", options=options, assembly=small_assembly) as it:
        it.set_websocket_callback(stuck)
        it.train()
        assert it.updates_dropped == 11
        release.set()
        until(lambda: len(heard) == 4)
    assert heard == ["1/14", "13/14", "14/14", "complete"]


async def test_an_async_callback_runs_where_it_was_set(tmp_path: Path) -> None:
    """So it may use the loop's own connections; the training runs in a thread."""
    within(tmp_path)
    write_documents(tmp_path, a="one")
    queue: asyncio.Queue[tuple[str, int]] = asyncio.Queue()

    async def callback(stage: str, _log: str, progress: int) -> None:
        await queue.put((stage, progress))

    with trainer(tmp_path) as it:
        it.set_websocket_callback(callback)
        await asyncio.to_thread(it.train)
        heard = [queue.get_nowait() for _ in range(queue.qsize())]
    assert heard == [*LINES, ("complete", 100)]


async def test_a_training_that_blocks_the_loop_is_told_afterwards(tmp_path: Path) -> None:
    """Nothing is lost, and nobody waits for what can't happen."""
    within(tmp_path)
    write_documents(tmp_path, a="one")
    heard: list[tuple[str, int]] = []

    async def callback(stage: str, _log: str, progress: int) -> None:
        heard.append((stage, progress))

    with trainer(tmp_path) as it:
        it.set_websocket_callback(callback)
        it.train()
        assert heard == []
        await asyncio.to_thread(until, lambda: len(heard) == 15)
    assert heard == [*LINES, ("complete", 100)]


def test_a_callback_may_be_changed_while_it_trains(tmp_path: Path) -> None:
    """Also by itself: the last one wins, and each update is heard once."""
    within(tmp_path)
    write_documents(tmp_path, a="one")
    first: list[tuple[str, int]] = []
    second: list[tuple[str, int]] = []

    def change(stage: str, _log: str, progress: int) -> None:
        first.append((stage, progress))
        if stage == "5/14":
            it.set_websocket_callback(lambda stage, _log, progress: second.append((stage, progress)))

    with trainer(tmp_path) as it:
        it.set_websocket_callback(change)
        it.train()
    assert first + second == [*LINES, ("complete", 100)]
    assert len(first) == 5


def test_the_last_callback_that_was_set_is_the_one(tmp_path: Path) -> None:
    """Set twice before a training, and removed: nobody else is called."""
    within(tmp_path)
    write_documents(tmp_path, a="one")
    first: list[str] = []
    second: list[str] = []
    with trainer(tmp_path) as it:
        it.set_websocket_callback(lambda stage, _log, _progress: first.append(stage))
        it.set_websocket_callback(lambda stage, _log, _progress: second.append(stage))
        it.train()
        assert (first, second) == ([], [*(stage for stage, _ in LINES), "complete"])
        it.set_websocket_callback(None)
        it.train()
    assert len(second) == 15
    with pytest.raises(TypeError, match="expected a function"):
        it.set_websocket_callback("print")  # type: ignore[arg-type]


def test_callbacks_may_be_set_from_any_thread(tmp_path: Path) -> None:
    """While it trains, by several at once: each update is heard once, by whichever was set then."""
    within(tmp_path)
    write_documents(tmp_path, **{f"d{number:02d}": f"text {number}" for number in range(20)})
    heard: list[tuple[str, int]] = []
    over = threading.Event()

    def change() -> None:
        while not over.is_set():
            it.set_websocket_callback(lambda stage, _log, progress: heard.append((stage, progress)))

    with trainer(tmp_path) as it:
        it.set_websocket_callback(lambda stage, _log, progress: heard.append((stage, progress)))
        threads = [threading.Thread(target=change) for _ in range(3)]
        for thread in threads:
            thread.start()
        it.train()
        over.set()
        for thread in threads:
            thread.join(30)
        until(lambda: len(heard) == 20 * 14 + 1)
    assert sorted(heard) == sorted([*LINES * 20, ("complete", 100)])
    assert it.updates_dropped == 0


def test_a_stage_that_raises_ends_its_file_alone(tmp_path: Path) -> None:
    """It is named with its stage and its reason, once; the others are trained, and the job is complete."""
    within(tmp_path)
    write_documents(tmp_path, a="one", b="two\nbreak 5", c="three")
    updates: list[StageUpdate] = []
    heard: list[tuple[str, int]] = []
    with trainer(tmp_path) as it:
        it.observe(updates.append)
        it.set_websocket_callback(lambda stage, _log, progress: heard.append((stage, progress)))
        report = it.train()
    assert (report.state, report.trained, report.failed) == ("completed", 2, 1)
    (failed,) = [update for update in updates if update.status == "failed"]
    assert (failed.file, failed.stage, failed.stage_index, failed.reason) == ("b.txt", "5/14", 5, "fault")
    assert failed.log == "b.txt: structure failed: ZeroDivisionError: at https://host/x (in structure)"
    assert heard == [*LINES, *LINES[:4], ("5/14", 29), *LINES, ("complete", 100)]


def test_a_script_of_the_earlier_api_works_unchanged(tmp_path: Path) -> None:
    """Eight parameters, an async callback, `train` and `query`."""
    within(tmp_path)
    write_documents(tmp_path, a="pour concrete")
    lines: list[str] = []

    async def send(stage: str, log: str, progress: int) -> None:
        lines.append(f"[{stage}] {log} {progress}%")

    it = BldrRAGTrainer(
        base_dir=str(tmp_path / "in"),
        neo4j_uri=None,
        neo4j_user=None,
        neo4j_pass=None,
        qdrant_path=str(tmp_path / "qdrant"),
        faiss_path=str(tmp_path / "faiss.index"),
        norms_db=str(tmp_path / "norms.db"),
        reports_dir=str(tmp_path / "reports"),
        assembly=small_assembly,
    )
    it.set_websocket_callback(send)
    it.train()
    assert it.query("concrete").passages[0].text == "pour concrete"
    assert lines[0] == "[1/14] a.txt: 13 bytes 7%"
    assert len(lines) == 15
    assert len(BookLibrary(tmp_path / "norms.db").books) == 1
    it.close()
