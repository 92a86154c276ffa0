"""The hub's background tasks."""

from __future__ import annotations

import asyncio

import pytest

from hub.tasks import Tasks
from tests.kit import rest


async def test_a_task_is_counted_as_long_as_it_runs() -> None:
    """It has a name, and is forgotten at its end."""
    tasks = Tasks()
    go = asyncio.Event()
    names: list[str] = []

    async def work() -> None:
        task = asyncio.current_task()
        names.append(task.get_name() if task else "")
        await go.wait()

    tasks.spawn(work(), "some work")
    await rest()
    assert (len(tasks), names) == (1, ["some work"])
    go.set()
    await rest()
    assert len(tasks) == 0


async def test_a_task_that_fails_takes_nothing_down(capsys: pytest.CaptureFixture[str]) -> None:
    """It is logged under its name; the others go on."""
    tasks = Tasks()
    go = asyncio.Event()

    async def fail() -> None:
        raise ValueError("on purpose")

    async def work() -> None:
        await go.wait()

    tasks.spawn(work(), "good")
    tasks.spawn(fail(), "bad")
    await rest()
    assert len(tasks) == 1
    out = capsys.readouterr().out
    assert "task failed" in out
    assert "bad" in out
    assert "on purpose" in out
    await tasks.stop()


async def test_stopping_waits_until_all_have_ended() -> None:
    """What a task does when it is cancelled is done before `stop` returns; failing then is no matter."""
    tasks = Tasks()
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(name)
            if name == "bad":
                raise ValueError("on purpose")

    for name in ("a", "bad", "b"):
        tasks.spawn(work(name), name)
    await rest()
    await tasks.stop()
    assert sorted(ended) == ["a", "b", "bad"]
    assert len(tasks) == 0


async def test_stopping_without_tasks() -> None:
    """There is nothing to wait for."""
    await Tasks().stop()


async def test_a_task_that_was_cancelled_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is logged when tasks end because the hub does."""
    tasks = Tasks()
    tasks.spawn(asyncio.Event().wait(), "waits")  # type: ignore[arg-type]
    await rest()
    await tasks.stop()
    assert len(tasks) == 0
    assert capsys.readouterr().out == ""
