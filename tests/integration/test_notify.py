"""`notify_channel` from wherever code runs, heard on a real socket."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from channels.clock import iso
from channels.model import Channels
from hub.notify import FAIRNESS, INBOX, notify_channel, notify_user
from tests.live import Client, LiveHub, running, settings_for, until

CHANNEL = Channels.SYSTEM_ALERTS

THREADS = 8

EACH = 500

ROOT = Path(__file__).parents[2]


class Model(BaseModel):
    """What a publisher may give as data."""

    n: int


@pytest.fixture(autouse=True)
def _process_inbox() -> Iterator[None]:
    """The process's inbox begins and ends each test empty, and as large as by default."""
    limits = INBOX.limit, INBOX.limit_bytes
    INBOX.forget_parent()
    INBOX.outcomes.clear()
    yield
    INBOX.forget_parent()
    INBOX.outcomes.clear()
    INBOX.limit, INBOX.limit_bytes = limits


@pytest.fixture
async def notified() -> AsyncIterator[LiveHub]:
    """A hub on the process's own inbox."""
    async with running(settings_for(channels__defaults={"history_size": 10_000}), INBOX) as live:
        yield live


async def listen(client: Client, channel: str = CHANNEL, **fields: Any) -> None:
    """Subscribe a client."""
    assert (await client.ask(action="subscribe", channel=channel, **fields))["status"] == "success"


async def data(client: Client, count: int) -> list[Any]:
    """Return the data of the next publications."""
    return [(await client.receive())["data"] for _ in range(count)]


async def test_from_a_coroutine(notified: LiveHub) -> None:
    """A coroutine of the hub's loop notifies, with or without await, and may change its data afterwards; data may be a
    model."""
    async with notified.client() as client:
        await listen(client)
        changing = {"n": 1}
        assert notify_channel(CHANNEL, "t", changing)
        changing["n"] = 2
        assert await notify_channel(CHANNEL, "t", changing) is True
        changing.clear()
        assert notify_channel(CHANNEL, "t", Model(n=3))
        assert await data(client, 3) == [{"n": 1}, {"n": 2}, {"n": 3}]


async def test_from_many_threads(notified: LiveHub) -> None:
    """8 threads with 500 notifications each: all arrive, each thread's in its order, and the offsets have no gap."""
    begin = threading.Barrier(THREADS)

    def tell(thread: int) -> int:
        begin.wait(5)
        return sum(notify_channel(CHANNEL, "t", [thread, number]).accepted for number in range(EACH))

    async with notified.client() as client:
        await listen(client)
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(THREADS) as threads:
            telling = [loop.run_in_executor(threads, tell, thread) for thread in range(THREADS)]
            messages = [await client.receive() for _ in range(THREADS * EACH)]
            assert await asyncio.gather(*telling) == [EACH] * THREADS
    assert [message["offset"] for message in messages] == list(range(1, THREADS * EACH + 1))
    for thread in range(THREADS):
        assert [m["data"][1] for m in messages if m["data"][0] == thread] == list(range(EACH))
    assert INBOX.outcomes == {"accepted": THREADS * EACH, "published": THREADS * EACH}


async def test_from_another_loop(notified: LiveHub) -> None:
    """In a thread with a loop of its own a notification may be awaited, run by `asyncio.run`, or made a task of."""

    async def tell() -> list[bool]:
        awaited = await notify_channel(CHANNEL, "t", 2)
        return [awaited, await asyncio.create_task(notify_channel(CHANNEL, "t", 3))]

    def in_a_thread() -> list[bool]:
        return [asyncio.run(notify_channel(CHANNEL, "t", 1)), *asyncio.run(tell())]

    async with notified.client() as client:
        await listen(client)
        assert await asyncio.to_thread(in_a_thread) == [True, True, True]
        assert await data(client, 3) == [1, 2, 3]


@pytest.fixture
def _threads_alternate() -> Iterator[None]:
    """Threads take turns far more often than usual, so that they meet everywhere."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_threads_alternate")
async def test_from_a_signal_handler() -> None:
    """A signal handler notifies, wherever in a notification of its own thread it comes; nothing is lost, and its own
    order is kept."""
    shots = 200
    handled: list[bool] = []
    main = threading.get_ident()

    def on_signal(_number: int, _frame: object) -> None:
        handled.append(notify_channel(CHANNEL, "signal", len(handled)).accepted)

    def shoot() -> None:
        for number in range(shots):
            signal.pthread_kill(main, signal.SIGUSR1)
            deadline = time.monotonic() + 5
            while len(handled) == number and time.monotonic() < deadline:
                time.sleep(0)

    settings = settings_for(limits__notify_queue=1_000_000, channels__defaults={"history_size": 0})
    before = signal.signal(signal.SIGUSR1, on_signal)
    shooting = threading.Thread(target=shoot)
    try:
        async with running(settings, INBOX) as live, live.client() as client:
            await listen(client)
            shooting.start()
            plain = 0
            while len(handled) < shots:
                plain += notify_channel(CHANNEL, "plain", plain).accepted
            shooting.join(5)
            assert handled == [True] * shots
            got: dict[str, list[int]] = {"signal": [], "plain": []}
            for _ in range(plain + shots):
                message = await client.receive()
                got[message["type"]].append(message["data"])
            assert got == {"signal": list(range(shots)), "plain": list(range(plain))}
    finally:
        signal.signal(signal.SIGUSR1, before)


async def test_before_the_start() -> None:
    """What is notified before there is a hub is published when it starts, in its order and with its own time; no more
    than the queue holds."""
    for number in range(INBOX.limit):
        assert notify_channel(CHANNEL, "early", number)
    assert not notify_channel(CHANNEL, "early", "one too many")
    started = time.time()
    settings = settings_for(channels__defaults={"history_size": 10_000})
    async with running(settings, INBOX) as live, live.client() as client:
        await listen(client, since={"offset": 0})
        assert notify_channel(CHANNEL, "late", None)
        got = [await client.receive() for _ in range(10_001)]
        assert [message["data"] for message in got] == [*range(10_000), None]
        assert got[0]["timestamp"] < iso(started) < got[-1]["timestamp"]
    assert INBOX.outcomes["full"] == 1


async def test_after_the_stop() -> None:
    """After the hub has stopped a notification raises nothing, from any thread: it waits for the next start."""
    async with running(settings_for(), INBOX):
        assert notify_channel(CHANNEL, "t", 0)
    assert INBOX.outcomes["published"] == 1
    assert notify_channel(CHANNEL, "t", 1)
    assert await asyncio.to_thread(notify_channel, CHANNEL, "t", 2)
    async with running(settings_for(), INBOX) as live, live.client() as client:
        await listen(client, since={"offset": 0})
        assert await data(client, 2) == [1, 2]


@pytest.mark.usefixtures("_threads_alternate")
async def test_while_the_hub_stops() -> None:
    """However fast threads notify, the hub comes to its end, and starts again; the threads never see an exception, and
    nothing that was accepted is lost or repeated."""
    done = threading.Event()
    accepted = [0] * 2

    def tell(thread: int) -> None:
        while not done.is_set():
            if notify_channel(CHANNEL, f"thread {thread}", accepted[thread]):
                accepted[thread] += 1
            else:
                time.sleep(0.001)  # the queue is full

    with ThreadPoolExecutor(2) as threads:
        telling = [threads.submit(tell, thread) for thread in range(2)]
        try:
            for _ in range(3):
                before = INBOX.outcomes["published"]
                async with running(settings_for(server__drain=0.01), INBOX):
                    await until(lambda seen=before: INBOX.outcomes["published"] > seen + 300)  # type: ignore[misc]
        finally:
            done.set()
        for future in telling:
            future.result(5)
    async with running(settings_for(), INBOX):
        await until(lambda: not len(INBOX))
        await until(lambda: INBOX.outcomes["published"] == INBOX.outcomes["accepted"])
    assert INBOX.outcomes["accepted"] == sum(accepted)
    assert INBOX.outcomes["failed"] == INBOX.outcomes["refused"] == 0


async def test_stopping_ends_however_fast_code_notifies() -> None:
    """The hub publishes what was accepted before its stop, and no longer waits for what comes all the while: that is
    kept for the next start."""

    async def tell() -> None:
        while True:
            for number in range(2 * FAIRNESS):
                assert INBOX.put(CHANNEL, "t", number) or len(INBOX) == INBOX.limit
            await asyncio.sleep(0)

    async with asyncio.timeout(5):
        async with running(settings_for(), INBOX):
            telling = asyncio.create_task(tell())
            await until(lambda: INBOX.outcomes["published"] > 10 * FAIRNESS)
        telling.cancel()
    assert INBOX.outcomes["published"] + len(INBOX) == INBOX.outcomes["accepted"]


async def test_what_cannot_be_taken_is_counted(notified: LiveHub) -> None:
    """Nothing raises: neither data that is no JSON, nor an unknown channel, nor names that are no text."""
    odd: Any = 7
    async with notified.client() as client:
        await listen(client)
        assert not notify_channel(CHANNEL, "t", object())
        assert not notify_channel(CHANNEL, "t", "\ud800")
        assert not notify_channel(odd, "t", 1)
        assert not notify_channel(CHANNEL, odd, 1)
        assert notify_user(odd, "t", 1)
        assert notify_channel("nowhere", "t", 1)
        assert notify_channel(CHANNEL, "good", {1})
        assert (await client.receive())["type"] == "good"
    assert INBOX.outcomes == {"unencodable": 4, "accepted": 3, "refused": 2, "published": 1}


async def test_to_one_user(notified: LiveHub) -> None:
    """`notify_user` reaches that user on its own channel, and nobody else."""
    async with notified.client("alice") as alice, notified.client("bob") as bob:
        await listen(alice, "user:alice")
        await listen(bob, "user:bob")
        assert notify_user("alice", "t", "yours")
        assert await data(alice, 1) == ["yours"]
        assert (await bob.ask(action="ping"))["type"] == "pong"


SUBPROCESS = """
import asyncio
from hub.notify import FAIRNESS, INBOX, notify_channel
assert notify_channel("system_alerts", "t", {"n": 1}).accepted
assert asyncio.run(notify_channel("system_alerts", "t", 2)) is True
for number in range(20_000):
    notify_channel("system_alerts", "t", number)
print(INBOX.outcomes["accepted"], INBOX.outcomes["full"])
"""


def test_from_a_process_without_a_hub() -> None:
    """In a process that runs no hub nothing breaks: notifications wait, and over the queue's limit they are counted."""
    command = [sys.executable, "-c", SUBPROCESS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("10000 10002\n", "", 0)


async def test_from_a_forked_process(notified: LiveHub) -> None:
    """A child that was forked off a running hub notifies into the void, without breaking either of the two."""
    async with notified.client() as client:
        await listen(client)
        assert notify_channel(CHANNEL, "t", "parent")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            child = os.fork()
        if child == 0:
            os._exit(0 if len(INBOX) == 0 and notify_channel(CHANNEL, "t", "child") and len(INBOX) == 1 else 1)
        _, status = await asyncio.to_thread(os.waitpid, child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert notify_channel(CHANNEL, "t", "parent again")
        assert await data(client, 2) == ["parent", "parent again"]
