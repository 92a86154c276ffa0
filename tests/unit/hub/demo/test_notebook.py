"""The demo's memory: real lines, and messages about no others."""

from __future__ import annotations

import asyncio

from channels.clock import SystemClock
from channels.push import Push
from hub.demo.notebook import KEPT, Notebook
from tests.kit import ManualClock
from tests.live import until
from tests.unit.hub.demo.recorder import Recorder


def test_a_subject_is_remembered_corrected_and_not_repeated() -> None:
    """One id from the first line to the last; what is known already is no news."""
    recorder = Recorder()
    notebook = Notebook(Push(recorder), ManualClock())
    notebook.note("pool", "5 connections")
    notebook.note("pool", "5 connections")
    notebook.note("pool", "7 connections")
    assert recorder.types("user:demo") == ["memory_created", "memory_changed"]
    created, changed = (data for _, _, data in recorder.told)
    assert created["memory_id"] == changed["memory_id"] == notebook.lines["pool"].id
    assert (created["summary"], changed["summary"]) == ("5 connections", "7 connections")


def test_the_oldest_line_is_forgotten() -> None:
    """When there are too many; one that was touched lately stays."""
    recorder = Recorder()
    notebook = Notebook(Push(recorder), ManualClock())
    for number in range(KEPT):
        notebook.note(f"subject {number}", "x")
    oldest = notebook.lines["subject 1"].id
    notebook.note("subject 0", "x")
    notebook.note("one more", "x")
    assert len(notebook.lines) == KEPT
    assert "subject 0" in notebook.lines
    (pruned,) = recorder.data("memory_pruned")
    assert pruned["memory_ids"] == [oldest]


async def test_everybody_is_told_numbers_only() -> None:
    """Of as many lines as there were."""
    recorder = Recorder()
    notebook = Notebook(Push(recorder), SystemClock(), interval=0.05)
    running = asyncio.create_task(notebook.run())
    try:
        notebook.note("a", "1")
        notebook.note("a", "2")
        notebook.note("b", "1")
        await until(lambda: bool(recorder.data("memory_counts")))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    (counts,) = recorder.data("memory_counts")
    assert (counts["created"], counts["changed"], counts["pruned"], counts["deleted"]) == (2, 1, 0, 0)
    assert recorder.types("memory_updates") == ["memory_counts"]
