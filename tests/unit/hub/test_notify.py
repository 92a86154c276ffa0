"""`notify_channel` and `notify_user`: say what happened, from any code, and go on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, model_serializer

from channels.errors import ErrorCode, ReplyError
from channels.model import Draft, Published
from channels.policy import ChannelOptions, Policy
from hub import notify as notify_module
from hub.notify import FAIRNESS, Inbox, notify_channel, notify_user
from tests.kit import Domain, RecordingSubscriber, rest
from tests.needs import NODE_PROJECT

ROOT = NODE_PROJECT.parent.parent

POLICY = Policy(
    {"alerts": ChannelOptions(history_size=100_000), "strict": ChannelOptions(schema={"type": "object"})},
    {"user": ChannelOptions()},
)


class House:
    """An engine whose subscriber keeps what was published, and an inbox in front."""

    def __init__(self, inbox: Inbox | None = None) -> None:
        self.inbox = Inbox() if inbox is None else inbox
        self.domain = Domain(POLICY)
        self.listener = RecordingSubscriber()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Publish what comes, as long as the block runs."""
        for channel in ("alerts", "strict", "user:alice"):
            await self.domain.subscribe(self.listener, channel)
        self.inbox.attach()
        task = asyncio.create_task(self.inbox.run(self.domain.engine))
        try:
            yield
        finally:
            await self.inbox.drain(self.domain.engine)
            self.inbox.detach()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds; other threads may be at work on it."""
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - other threads can't set an event of this loop
                await asyncio.sleep(0.001)

    @property
    def data(self) -> list[Any]:
        return [json.loads(publication.data) for publication in self.listener.publications]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A house that is open."""
    house = House()
    async with house.open():
        yield house


# Taking.


async def test_what_is_taken_is_published(house: House) -> None:
    """Channel, type and data; the time is that of the call."""
    before = time.time()
    assert house.inbox.put("alerts", "pool_resized", {"new": 7})
    await house.until(lambda: len(house.data) == 1)
    (publication,) = house.listener.publications
    assert (publication.channel, publication.type, publication.data) == ("alerts", "pool_resized", b'{"new":7}')
    assert publication.timestamp.endswith("Z")
    written = time.strptime(publication.timestamp.partition(".")[0], "%Y-%m-%dT%H:%M:%S")
    assert abs(before - (time.mktime(written) - time.timezone)) < 5
    assert house.inbox.outcomes == {"accepted": 1, "published": 1}


async def test_the_order_of_each_caller_is_kept(house: House) -> None:
    """Eight threads, 2,000 calls each: nothing is lost, doubled, or out of its thread's order."""
    house.inbox.limit = 100_000

    def work(name: int) -> None:
        for number in range(2_000):
            house.inbox.put("alerts", "n", [name, number])

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    await house.until(lambda: len(house.listener.publications) == 16_000)
    for thread in threads:
        thread.join(5)
    data = house.data
    for name in range(8):
        assert [number for who, number in data if who == name] == list(range(2_000))
    assert house.inbox.outcomes == {"accepted": 16_000, "published": 16_000}


async def test_much_at_once_leaves_the_loop_its_turns(house: House) -> None:
    """A full queue is worked off in pieces."""
    turns = 0
    for _ in range(10 * FAIRNESS):
        house.inbox.put("alerts", "n", 1)
    while len(house.data) < 10 * FAIRNESS and turns < 10_000:
        turns += 1
        await asyncio.sleep(0)
    assert turns >= 9


async def test_before_the_start_notifications_wait() -> None:
    """They are published when the hub is there, in order."""
    house = House()
    for number in range(3):
        assert house.inbox.put("alerts", "n", number)
    assert len(house.inbox) == 3
    async with house.open():
        await house.until(lambda: house.data == [0, 1, 2])
    assert len(house.inbox) == 0


async def test_after_the_stop_notifications_wait_for_the_next_start() -> None:
    """Nothing is raised at those who go on; a hub that starts in this process later publishes it."""
    inbox = Inbox()
    async with House(inbox).open():
        pass
    assert inbox.put("alerts", "n", 1)
    house = House(inbox)
    async with house.open():
        await house.until(lambda: house.data == [1])


def test_after_the_loop_is_closed_notifications_wait() -> None:
    """A hub that was never stopped, only left: callers notice nothing."""
    inbox = Inbox()

    async def attach() -> None:
        inbox.attach()

    asyncio.run(attach())
    assert inbox.put("alerts", "n", 1)
    assert inbox.put("alerts", "n", 2)
    assert len(inbox) == 2


async def test_a_hub_that_leaves_at_this_moment_is_no_matter() -> None:
    """Between taking a notification and waking the hub, the hub may have gone."""
    inbox = Inbox()
    inbox.attach()
    inbox.detach()
    inbox._wake_up()
    assert inbox.put("alerts", "n", 1)


def test_the_queue_is_bounded_by_count() -> None:
    """What is over is dropped and counted."""
    inbox = Inbox(limit=2)
    assert [bool(inbox.put("alerts", "n", number)) for number in range(4)] == [True, True, False, False]
    assert inbox.outcomes == {"accepted": 2, "full": 2}


async def test_the_queue_is_bounded_by_bytes() -> None:
    """Of the data as JSON. What was published makes room again."""
    house = House(Inbox(limit_bytes=30))
    assert house.inbox.put("alerts", "n", "x" * 18)
    assert not house.inbox.put("alerts", "n", "x" * 18)
    assert house.inbox.put("alerts", "n", 1)
    async with house.open():
        await house.until(lambda: len(house.data) == 2)
        assert house.inbox.put("alerts", "n", "x" * 28)


async def test_the_callers_data_is_its_own(house: House) -> None:
    """It is not changed; and what the caller changes later is not seen."""
    data: dict[str, Any] = {"list": [1], "set": {2}}
    house.inbox.put("alerts", "n", data)
    assert data == {"list": [1], "set": {2}}
    data["list"].append(99)
    data["new"] = True
    await house.until(lambda: len(house.data) == 1)
    assert house.data == [{"list": [1], "set": [2]}]


@dataclass
class Reading:
    value: float


class Model(BaseModel):
    name: str


@pytest.mark.parametrize(
    ("data", "json_data"),
    [
        (None, None),
        ({1: "a", None: 2}, {"1": "a", "null": 2}),
        (Reading(1.5), {"value": 1.5}),
        (Model(name="x"), {"name": "x"}),
        ([Model(name="x"), frozenset({3})], [{"name": "x"}, [3]]),
        (float("nan"), None),
    ],
)
async def test_what_counts_as_json(house: House, data: object, json_data: object) -> None:
    """Also dataclasses, pydantic models, sets, and keys that are no strings."""
    assert house.inbox.put("alerts", "n", data)
    await house.until(lambda: len(house.data) == 1)
    assert house.data == [json_data]


# What can't be taken or published.


class Hostile:
    """An object that raises whatever one does with it."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    __str__ = __repr__


class BrokenModel(BaseModel):
    """A model that can't be written."""

    name: str = "x"

    def model_dump(self, **_: Any) -> dict[str, Any]:
        raise RuntimeError("no dump")


def cycle() -> list[Any]:
    """Return a list that contains itself."""
    inner: list[Any] = []
    inner.append(inner)
    return inner


@pytest.mark.parametrize(
    "arguments",
    [
        ("alerts", "n", object()),
        ("alerts", "n", Hostile()),
        ("alerts", "n", BrokenModel()),
        ("alerts", "n", 1 << 70),
        ("alerts", "n", "\ud800"),
        ("alerts", "n", cycle()),
        ("alerts", "\ud800", 1),
        ("\ud800", "n", 1),
        (Hostile(), "n", 1),
        ("alerts", None, 1),
        (None, "n", 1),
        ("alerts", "n", 1, b"key"),
        ("alerts", "n", 1, "\ud800"),
    ],
    ids=range(13),
)
def test_what_is_not_json_is_dropped_and_counted(arguments: tuple[Any, ...]) -> None:
    """Nothing is raised, whatever came; and nothing gets in that couldn't go out later."""
    inbox = Inbox()
    assert not inbox.put(*arguments)
    assert inbox.outcomes == {"unencodable": 1}
    assert len(inbox) == 0


ANYTHING = (
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.builds(object),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.binary(), inner),
        max_leaves=10,
    )
    | st.characters(categories=["Cs"])
    | st.builds(Hostile)
    | st.from_type(type)
)


@given(channel=ANYTHING, type=ANYTHING, data=ANYTHING)
def test_nothing_is_ever_raised(channel: Any, type: Any, data: Any) -> None:
    """Any object in any place: it is taken, or counted as dropped."""
    inbox = Inbox()
    inbox.put(channel, type, data)
    assert sum(inbox.outcomes.values()) == 1


def test_only_the_first_is_logged() -> None:
    """A mistake in a loop doesn't fill the log; the count tells how often."""
    inbox = Inbox()
    with structlog.testing.capture_logs() as logs:
        for _ in range(5):
            inbox.put("alerts", "n", object())
    assert (len(logs), inbox.outcomes["unencodable"]) == (1, 5)


def test_a_log_that_fails_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output may be closed."""

    class ClosedLog:
        def warning(self, event: str, **fields: object) -> None:
            raise ValueError("I/O operation on closed file")

    monkeypatch.setattr(notify_module, "log", ClosedLog())
    assert not Inbox().put("alerts", "n", object())


async def test_the_first_refusal_is_logged_and_all_are_counted(house: House) -> None:
    """Unknown channel, schema; the notifications behind them are published."""
    with structlog.testing.capture_logs() as logs:
        house.inbox.put("nowhere", "n", 1)
        house.inbox.put("strict", "n", 1)
        house.inbox.put("alerts", "n", 2)
        await house.until(lambda: house.data == [2])
    assert house.inbox.outcomes == {"accepted": 3, "refused": 2, "published": 1}
    assert [(entry["event"], entry["code"]) for entry in logs] == [("notification refused", "unknown_channel")]


async def test_a_fault_is_logged_once_and_counted() -> None:
    """The task that publishes lives on."""
    house = House()
    calls = 0

    async def fail(draft: Draft) -> Published:
        nonlocal calls
        calls += 1
        raise ValueError("on purpose")

    house.domain.engine.publish = fail  # type: ignore[method-assign, assignment]
    with structlog.testing.capture_logs() as logs:
        async with house.open():
            house.inbox.put("alerts", "n", 1)
            house.inbox.put("alerts", "n", 2)
            await house.until(lambda: calls == 2)
    assert house.inbox.outcomes["failed"] == 2
    assert [entry["event"] for entry in logs] == ["notification failed"]


async def test_a_refused_channel_can_not_end_the_task(house: House) -> None:
    """Whatever its name is made of."""
    house.inbox.put("\u202e\x00" * 500, "n", 1)
    house.inbox.put("alerts", "n", 2)
    await house.until(lambda: house.data == [2])


# Stopping.


async def test_draining_publishes_all_that_waits() -> None:
    """In order, even when the consumer is in the middle of one that takes its time; nothing that was taken is lost."""
    house = House()
    go = asyncio.Event()
    seen: list[bytes] = []

    async def slow(draft: Draft) -> None:
        await go.wait()
        await asyncio.sleep(0)
        seen.append(draft.data)

    house.domain.engine.publish = slow  # type: ignore[method-assign, assignment]
    house.inbox.attach()
    consumer = asyncio.create_task(house.inbox.run(house.domain.engine))
    for number in range(5):
        house.inbox.put("alerts", "n", number)
    await asyncio.sleep(0.005)
    draining = asyncio.create_task(house.inbox.drain(house.domain.engine))
    await rest()
    assert not draining.done()
    go.set()
    await draining
    consumer.cancel()
    assert seen == [b"0", b"1", b"2", b"3", b"4"]


class Away:
    """Makes an engine's broker go away, and come back."""

    def __init__(self, house: House) -> None:
        self.away = True
        self.tries: list[bytes] = []
        self._publish = house.domain.engine.publish
        house.domain.engine.publish = self.publish  # type: ignore[method-assign]

    async def publish(self, draft: Draft, principal: Any = None) -> Published:
        self.tries.append(draft.data)
        if self.away:
            raise ReplyError(ErrorCode.UNAVAILABLE, "away")
        return await self._publish(draft)


async def test_while_the_broker_is_away_notifications_wait_in_order(house: House) -> None:
    """Nothing that was accepted is dropped; when the broker is back, it is published as if nothing had been."""
    broker = Away(house)
    for number in range(3):
        house.inbox.put("alerts", "n", number)
    await house.until(lambda: house.inbox.retries >= 3)
    house.inbox.put("alerts", "n", 3)
    assert len(house.inbox) == 4
    broker.away = False
    await house.until(lambda: len(house.data) == 4)
    assert house.data == [0, 1, 2, 3]
    assert house.inbox.outcomes == {"accepted": 4, "published": 4}
    assert set(broker.tries[:-4]) == {b"0"}, "one that is refused keeps the others from being tried in vain"


async def test_what_waits_for_the_broker_counts_towards_the_limits() -> None:
    """A broker that stays away fills the queue; then notifications are dropped and counted, as ever."""
    house = House(Inbox(limit=2, limit_bytes=10))
    async with house.open():
        Away(house)
        assert house.inbox.put("alerts", "n", 1)
        await house.until(lambda: house.inbox.retries > 0)
        assert not house.inbox.put("alerts", "n", "0123456789")
        assert house.inbox.put("alerts", "n", 2)
        assert not house.inbox.put("alerts", "n", 3)
    assert house.inbox.outcomes["full"] == 2


async def test_a_hub_that_stops_without_its_broker_leaves_them_for_the_next(house: House) -> None:
    """It says how many, and doesn't wait for ever."""
    broker = Away(house)
    house.inbox.put("alerts", "n", 1)
    house.inbox.put("alerts", "n", 2)
    with structlog.testing.capture_logs() as logs:
        await house.inbox.drain(house.domain.engine)
    assert [entry["notifications"] for entry in logs] == [2]
    broker.away = False
    await house.inbox.drain(house.domain.engine)
    assert house.data == [1, 2]


async def test_running_needs_a_loop_first() -> None:
    """`attach` comes first."""
    with pytest.raises(AssertionError):
        await Inbox().run(Domain(POLICY).engine)


# From anywhere.


@pytest.fixture
async def own(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A house on the inbox that `notify_channel` and `notify_user` use."""
    inbox = Inbox()
    monkeypatch.setattr(notify_module, "INBOX", inbox)
    house = House(inbox)
    async with house.open():
        yield house


async def test_from_a_coroutine(own: House) -> None:
    """Awaited or not, it doesn't wait."""
    assert await notify_channel("alerts", "n", 1) is True
    assert await notify_channel("alerts", "n", object()) is False
    notify_user("alice", "build_complete", {"status": "success"})
    await own.until(lambda: own.data == [1, {"status": "success"}])
    assert own.listener.publications[1].channel == "user:alice"


async def test_from_a_thread(own: House) -> None:
    """Without a loop."""
    results: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(bool(notify_user("alice", "n", 1))))
    thread.start()
    await own.until(lambda: own.data == [1])
    thread.join(5)
    assert results == [True]


async def test_from_another_loop(own: House) -> None:
    """`await`, `asyncio.run`, a task of its own: all are the same there."""
    results: list[bool] = []

    async def elsewhere() -> None:
        results.append(await notify_channel("alerts", "n", 1))
        results.append(await asyncio.create_task(notify_channel("alerts", "n", 2)))
        results.extend(await asyncio.gather(notify_channel("alerts", "n", 3)))

    def work() -> None:
        asyncio.run(elsewhere())
        results.append(asyncio.run(notify_channel("alerts", "n", 4)))

    thread = threading.Thread(target=work)
    thread.start()
    await own.until(lambda: own.data == [1, 2, 3, 4])
    thread.join(5)
    assert results == [True] * 4


class Interrupting(BaseModel):
    """A message during whose encoding a signal arrives."""

    number: int

    @model_serializer
    def _serialize(self) -> dict[str, int]:
        signal.raise_signal(signal.SIGUSR1)
        return {"number": self.number}


async def test_from_a_signal_handler(own: House) -> None:
    """Also when the signal comes in the middle of a call of the same thread: both arrive, each in its own order."""
    handled = 0

    def handle(_number: int, _frame: object) -> None:
        nonlocal handled
        handled += 1
        notify_channel("alerts", "signal", handled)

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        for number in range(50):
            notify_channel("alerts", "n", Interrupting(number=number))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert handled == 50
    await own.until(lambda: len(own.data) == 100)
    kinds = {kind: [p.data for p in own.listener.publications if p.type == kind] for kind in ("signal", "n")}
    assert kinds["signal"] == [str(number + 1).encode() for number in range(50)]
    assert kinds["n"] == [b'{"number":%d}' % number for number in range(50)]
    assert own.inbox._bytes == 0


async def test_a_user_must_be_named(own: House) -> None:
    """Whatever else comes is refused like an unknown channel, not raised."""
    notify_user(cast(str, None), "n", 1)
    await own.until(lambda: own.inbox.outcomes["refused"] == 1)


def test_an_outcome_is_a_coroutine() -> None:
    """It can be thrown at and closed like one."""
    outcome = Inbox(limit=0).put("alerts", "n", 1)
    outcome.close()
    for raising in (ValueError, ValueError("x")):
        with pytest.raises(ValueError, match=r"x|^$"):
            outcome.throw(raising)
    with pytest.raises(StopIteration) as caught:
        outcome.send(None)
    assert caught.value.value is False


# Forks.


def test_a_forked_child_begins_anew() -> None:
    """It has neither the parent's loop nor what waits there, and no thread of the parent's holds its lock."""
    inbox = Inbox()
    locked, done = threading.Event(), threading.Event()

    async def attach() -> None:
        inbox.attach()

    def hold() -> None:
        with inbox._lock:
            locked.set()
            done.wait(10)

    asyncio.run(attach())
    inbox.put("alerts", "n", 1)
    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait(10)
    try:
        inbox.forget_parent()
        assert len(inbox) == 0
        assert inbox._loop is None
        assert inbox.put("alerts", "n", 2)
    finally:
        done.set()
        thread.join(5)


FORKING = """
import asyncio, os, threading
from hub.notify import INBOX, notify_channel

async def main():
    INBOX.attach()
    woken = []
    asyncio.get_running_loop().call_soon_threadsafe = lambda *a: woken.append(os.getpid())
    assert notify_channel("alerts", "n", "parent")
    stop = threading.Event()
    def busy():
        while not stop.is_set():
            notify_channel("alerts", "n", 1)
    thread = threading.Thread(target=busy)
    thread.start()
    for _ in range(50):
        child = os.fork()
        if not child:
            before = len(woken)
            ok = len(INBOX) == 0 and bool(notify_channel("alerts", "n", "child")) and len(INBOX) == 1
            os._exit(0 if ok and len(woken) == before else 1)
        _, status = os.waitpid(child, 0)
        assert status == 0, status
    stop.set()
    thread.join()

asyncio.run(main())
print("fine")
"""


def test_fork() -> None:
    """A child of `os.fork` can notify without touching the parent's loop, whatever other threads were doing then."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", FORKING],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert done.stdout.strip().endswith("fine"), done.stderr
