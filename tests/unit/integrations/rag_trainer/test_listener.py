"""Listeners: told in order, in a thread of their own, and without any power over who tells."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from structlog.testing import capture_logs

from integrations.rag_trainer.listener import Listener, running_loop
from tests.rag_engine import until


def test_items_come_in_order_and_not_on_the_callers_thread() -> None:
    """All of them."""
    got: list[tuple[int, int]] = []
    listener = Listener[int](lambda item: got.append((item, threading.get_ident())))
    for item in range(100):
        listener.put(item)
    assert listener.drain(10)
    assert [item for item, _ in got] == list(range(100))
    assert {thread for _, thread in got} != {threading.get_ident()}
    listener.retire()


def test_an_idle_listener_is_told_before_put_returns() -> None:
    """So an item is out before the caller goes on to compute."""
    got: list[int] = []
    listener = Listener[int](got.append, handover=10.0)
    listener.put(1)
    assert got == [1]
    listener.retire()


def test_one_that_hangs_delays_the_caller_once() -> None:
    """The first item waits for the handover; the others find it busy."""
    release = threading.Event()
    listener = Listener[int](lambda _item: release.wait(), handover=0.05)
    begun = time.monotonic()
    for item in range(1_000):
        listener.put(item)
    assert time.monotonic() - begun < 1.0
    assert not listener.drain(0.01)
    assert listener.retire() == list(range(1, 1_000))
    release.set()


def test_what_it_raises_is_logged_once() -> None:
    """And the next item is tried, also after an exit()."""
    got: list[int] = []

    def call(item: int) -> None:
        got.append(item)
        if item == 0:
            raise SystemExit
        raise ValueError(item)

    listener = Listener[int](call)
    with capture_logs() as logs:
        for item in range(5):
            listener.put(item)
        assert listener.drain(10)
    assert got == [0, 1, 2, 3, 4]
    assert [entry["event"] for entry in logs] == ["a listener of the training failed; training goes on"]
    listener.retire()


def test_a_full_queue_loses_its_oldest() -> None:
    """They are counted, and said once; the newest, which may be the last word, gets through."""
    release = threading.Event()
    got: list[int] = []

    def call(item: int) -> None:
        release.wait()
        got.append(item)

    listener = Listener[int](call, bound=3, handover=0.0)
    listener.put(0)
    until(lambda: listener._busy)
    with capture_logs() as logs:
        for item in range(1, 8):
            listener.put(item)
    release.set()
    assert listener.drain(10)
    assert got == [0, 5, 6, 7]
    assert listener.dropped == 4
    assert len(logs) == 1
    listener.retire()


def test_a_retired_one_is_told_nothing() -> None:
    """What waited is given back; twice is once."""
    got: list[int] = []
    listener = Listener[int](got.append)
    assert listener.retire() == []
    listener.put(1)
    assert listener.retire() == []
    assert listener.drain(0)
    assert got == []


def test_a_backlog_comes_first() -> None:
    """Without anything new being put."""
    got: list[int] = []
    listener = Listener[int](got.append, backlog=[1, 2])
    assert listener.drain(10)
    assert got == [1, 2]
    listener.retire()


def test_an_async_function_runs_on_a_loop_of_its_own() -> None:
    """The same loop each time, so it may keep connections; tasks that it starts run on."""
    got: list[tuple[int, asyncio.AbstractEventLoop]] = []
    later: list[int] = []

    async def call(item: int) -> None:
        await asyncio.sleep(0)
        got.append((item, asyncio.get_running_loop()))
        asyncio.get_running_loop().call_soon(later.append, item)

    listener = Listener[int](call)
    for item in range(3):
        listener.put(item)
    assert listener.drain(10)
    until(lambda: later == [0, 1, 2])
    assert [item for item, _ in got] == [0, 1, 2]
    loops = {loop for _, loop in got}
    assert len(loops) == 1
    listener.retire()
    until(lambda: loops.pop().is_closed() if loops else True)


async def test_an_async_function_runs_on_the_loop_that_was_given() -> None:
    """From another thread, in order, one after another."""
    got: list[tuple[int, bool]] = []
    loop = asyncio.get_running_loop()

    async def call(item: int) -> None:
        await asyncio.sleep(0.001)
        got.append((item, asyncio.get_running_loop() is loop))

    listener = Listener[int](call, loop=loop)

    def tell() -> bool:
        for item in range(5):
            listener.put(item)
        return listener.drain(10)

    assert await asyncio.to_thread(tell)
    assert got == [(item, True) for item in range(5)]
    listener.retire()


async def test_on_the_loop_that_it_needs_nobody_waits() -> None:
    """Who tells from the loop itself would wait for itself; the items come when the loop is free."""
    got: list[int] = []

    async def call(item: int) -> None:
        got.append(item)

    listener = Listener[int](call, loop=asyncio.get_running_loop(), handover=10.0)
    begun = time.monotonic()
    for item in range(3):
        listener.put(item)
    assert not listener.drain(10)
    assert time.monotonic() - begun < 1.0
    assert await asyncio.to_thread(listener.drain, 10)
    assert got == [0, 1, 2]
    listener.retire()


def test_a_closed_loop_is_replaced_by_an_own_one() -> None:
    """The callback was set in a program's first `asyncio.run`, which is over."""
    got: list[int] = []

    async def call(item: int) -> None:
        got.append(item)

    async def current() -> asyncio.AbstractEventLoop | None:
        return running_loop()

    listener = Listener[int](call, loop=asyncio.run(current()))
    listener.put(1)
    assert listener.drain(10)
    assert got == [1]
    listener.retire()


def test_retiring_cancels_what_is_awaited() -> None:
    """An async function that hangs ends at its next await."""
    begun, cancelled = threading.Event(), threading.Event()

    async def call(_item: int) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    listener = Listener[int](call, handover=0.0)
    listener.put(1)
    assert begun.wait(10)
    assert listener.retire() == []
    assert cancelled.wait(10)


@pytest.mark.parametrize("loop", [None])
def test_without_a_loop_there_is_none(loop: None) -> None:
    """In a plain thread."""
    assert running_loop() is loop
