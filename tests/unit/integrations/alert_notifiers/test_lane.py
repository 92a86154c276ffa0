"""One notifier's lane. Time is the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from structlog.testing import capture_logs

from channels.messages import SystemAlert
from channels.rate import TokenBucket
from integrations.alert_notifiers.filter import Filter
from integrations.alert_notifiers.lane import Lane, Limits
from integrations.alert_notifiers.notice import Notice
from integrations.alert_notifiers.notifier import Refused, Unreachable
from integrations.alert_notifiers.pauses import Pauses
from tests.kit import eventually, rest
from tests.unit.integrations.alert_notifiers.receivers import alert


class Time:
    """Stands still, but for sleeping, which takes no real time; while `held`, nobody wakes."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.released = asyncio.Event()
        self.released.set()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.released.wait()
        await asyncio.sleep(0)
        self.now += seconds


class Recorder:
    """A double of a notifier: fails as it is told, then says what it is given.

    Attributes:
        faults: used up one by one.
        tried, said: what was to be said, and what was.
    """

    def __init__(self, each: bool = False) -> None:
        self.each = each
        self.faults: list[Exception] = []
        self.tried: list[Notice] = []
        self.said: list[Notice] = []
        self.free = asyncio.Event()
        self.free.set()

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, notice: Notice) -> None:
        self.tried.append(notice)
        await self.free.wait()
        if self.faults:
            raise self.faults.pop(0)
        self.said.append(notice)


class World:
    """A lane between a recorder and a time."""

    def __init__(self, *, each: bool = False, rate: float = 1.0, burst: float = 100.0, **options: Any) -> None:
        self.time = Time()
        self.notifier = Recorder(each)
        pauses = Pauses(first=1, most=8, within=60, chance=lambda: 1.0)
        bucket = TokenBucket(rate, burst, self.time.now)
        options.setdefault("pauses", pauses)
        self.lane = Lane("test", self.notifier, bucket, lambda: self.time.now, sleep=self.time.sleep, **options)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.lane.run(), name="lane")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def ids(self) -> list[list[str]]:
        return [[a.alert_id for a in notice.alerts] for notice in self.notifier.said]


def conserved(world: World, offered: int) -> bool:
    ends = ("filtered", "sent", "collapsed", "superseded", "refused", "failed", "unsent")
    return sum(world.lane.outcomes[end] for end in ends) + len(world.lane) == offered


async def test_an_alert_is_sent_at_once() -> None:
    """One alert, one message; a later one is another message, with an id of its own."""
    world = World()
    async with world.running():
        for id in ("a", "b"):
            world.lane.offer(alert(id))
            await eventually(lambda: not len(world.lane))
    assert world.ids() == [["a"], ["b"]]
    assert len({notice.id for notice in world.notifier.said}) == 2
    assert +world.lane.outcomes == {"sent": 2}
    assert world.time.slept == []


async def test_what_comes_before_the_start_waits() -> None:
    """Alerts of one moment go together, the most severe first."""
    world = World()
    for id, severity in (("a", "info"), ("b", "critical"), ("c", "warning")):
        world.lane.offer(alert(id, severity=severity))
    assert len(world.lane) == 3
    async with world.running():
        await eventually(lambda: bool(world.notifier.said))
    assert world.ids() == [["b", "c", "a"]]


async def test_what_is_not_for_it_is_counted() -> None:
    """And goes nowhere."""
    world = World(filter=Filter(severities=("critical",), resolved=False))
    async with world.running():
        world.lane.offer(alert(severity="info"))
        world.lane.offer(alert(status="resolved"))
        world.lane.offer(alert(), acknowledged=True)  # only incidents are acknowledged
        await rest()
    assert world.notifier.tried == []
    assert +world.lane.outcomes == {"filtered": 3}


async def test_over_its_rate_alerts_become_one_message() -> None:
    """It shows a few and says how many more there are; nothing is lost on the way."""
    world = World(rate=0.1, burst=2, limits=Limits(shown=3))
    async with world.running():
        for number in range(2):
            world.lane.offer(alert(f"first-{number}"))
            await eventually(lambda: not len(world.lane))
        world.time.released.clear()
        for number in range(50):
            world.lane.offer(alert(f"storm-{number}", severity="critical" if number == 40 else "warning"))
        await rest()
        assert len(world.notifier.said) == 2
        world.time.released.set()
        await eventually(lambda: not len(world.lane))
    assert [len(notice.alerts) for notice in world.notifier.said] == [1, 1, 3]
    storm = world.notifier.said[2]
    assert (storm.alerts[0].alert_id, storm.more) == ("storm-40", 47)
    assert +world.lane.outcomes == {"sent": 5, "collapsed": 47}
    assert world.time.slept == [pytest.approx(10.0)]


async def test_within_its_rate_everything_is_shown() -> None:
    """In several messages when one can't hold it."""
    world = World(limits=Limits(shown=3))
    for number in range(7):
        world.lane.offer(alert(str(number)))
    async with world.running():
        await eventually(lambda: not len(world.lane))
    assert world.ids() == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert world.lane.outcomes["collapsed"] == 0


async def test_the_queue_is_bounded() -> None:
    """The oldest beyond the bound are told as a number: the newest states count."""
    world = World(limits=Limits(waiting=3, shown=10))
    for number in range(10):
        world.lane.offer(alert(str(number)))
    assert len(world.lane) == 10
    async with world.running():
        await eventually(lambda: not len(world.lane))
    assert world.ids() == [["7", "8", "9"]]
    assert world.notifier.said[0].more == 7
    assert +world.lane.outcomes == {"sent": 3, "collapsed": 7}


async def test_a_receiver_that_is_away_is_tried_again() -> None:
    """With doubling pauses; the message keeps its id, and others wait behind it."""
    world = World()
    world.notifier.faults = [Unreachable("answered 500"), Unreachable("ClientConnectorError"), TimeoutError()]
    async with world.running():
        world.lane.offer(alert("a"))
        await eventually(lambda: bool(world.notifier.tried))
        world.lane.offer(alert("b"))
        await eventually(lambda: not len(world.lane))
    assert world.ids() == [["a"], ["b"]]
    assert world.time.slept == [1, 2, 4]
    assert len({notice.id for notice in world.notifier.tried}) == 2
    assert +world.lane.outcomes == {"sent": 2, "retried": 3}


async def test_retry_after_is_respected() -> None:
    """The pause is not shorter than what the receiver asked for."""
    world = World()
    world.notifier.faults = [Unreachable("answered 429", 30.0)]
    async with world.running():
        world.lane.offer(alert())
        await eventually(lambda: not len(world.lane))
    assert world.time.slept == [30.5]


async def test_it_gives_up_in_time() -> None:
    """After `within` seconds; that is logged and counted, and the next message says so."""
    world = World()
    world.notifier.faults = [Unreachable("answered 503")] * 12
    with capture_logs() as logs:
        async with world.running():
            world.lane.offer(alert("a"))
            await eventually(lambda: world.lane.outcomes["failed"] == 1)
            world.notifier.faults = []
            assert sum(world.time.slept) <= 60
            world.lane.offer(alert("b"))
            await eventually(lambda: not len(world.lane))
    assert [(notice.alerts[0].alert_id, notice.missed) for notice in world.notifier.said] == [("b", 1)]
    assert world.lane.outcomes["sent"] == 1
    assert [(entry["outcome"], entry["reason"]) for entry in logs] == [("failed", "answered 503")]
    assert conserved(world, 2)


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        (Refused("answered 401"), "refused", "answered 401"),
        (ValueError("https://hooks.example/SECRET"), "failed", "a fault in the notifier: ValueError"),
    ],
)
async def test_what_is_for_good_is_not_repeated(fault: Exception, outcome: str, reason: str) -> None:
    """A refusal, and a fault in the notifier, whose text is not shown. The lane goes on."""
    world = World()
    world.notifier.faults = [fault]
    with capture_logs() as logs:
        async with world.running():
            world.lane.offer(alert("a"))
            await eventually(lambda: not len(world.lane))
            world.lane.offer(alert("b"))
            await eventually(lambda: not len(world.lane))
    assert +world.lane.outcomes == {outcome: 1, "sent": 1}
    assert [entry["reason"] for entry in logs] == [reason]
    assert world.notifier.said[0].missed == 1


async def test_a_receiver_that_hangs_is_left() -> None:
    """After the time that a try may take."""
    world = World(limits=Limits(timeout=0.01), pauses=Pauses(within=0.0))
    world.notifier.free.clear()
    async with asyncio.timeout(5), world.running():
        world.lane.offer(alert())
        while not world.lane.outcomes["failed"]:  # noqa: ASYNC110 - real time
            await asyncio.sleep(0.005)
    assert world.notifier.said == []


async def test_incidents_are_told_one_by_one() -> None:
    """Each alert alone, and of those that wait only its newest state."""
    world = World(each=True)
    world.lane.offer(alert("a"))
    world.lane.offer(alert("b"))
    world.lane.offer(alert("b"), acknowledged=True)
    world.lane.offer(alert("a", status="resolved"))
    async with world.running():
        await eventually(lambda: not len(world.lane))
    said = [(n.alerts[0].alert_id, n.alerts[0].status, n.acknowledged) for n in world.notifier.said]
    assert said == [("b", "firing", True), ("a", "resolved", False)]
    assert +world.lane.outcomes == {"superseded": 2, "sent": 2}


async def test_incidents_that_were_missed_are_told_by_number() -> None:
    """As soon as the receiver can be reached, once."""
    world = World(each=True, limits=Limits(waiting=2))
    world.notifier.faults = [Refused("answered 400")]
    for id in "abcd":
        world.lane.offer(alert(id))
    async with world.running():
        await eventually(lambda: not len(world.lane))
        await rest()
    assert world.ids() == [["d"], []]
    assert (world.notifier.said[1].more, world.notifier.said[1].missed) == (2, 1)
    assert +world.lane.outcomes == {"refused": 1, "sent": 1, "collapsed": 2}
    assert conserved(world, 4)


async def test_the_end_waits_for_no_pause_and_no_rate() -> None:
    """What waits is tried once more, together; then `run` returns."""
    world = World(rate=0.001, burst=1)
    task = asyncio.create_task(world.lane.run(), name="lane")
    world.lane.offer(alert("a"))
    await eventually(lambda: not len(world.lane))
    world.time.released.clear()
    for id in "bcd":
        world.lane.offer(alert(id))
    await rest()
    world.lane.end()
    async with asyncio.timeout(5):
        await task
    assert world.ids() == [["a"], ["b", "c", "d"]]


async def test_what_can_not_be_sent_at_the_end_is_counted() -> None:
    """Whether it waited, or was in the middle of a pause."""
    world = World()
    world.notifier.faults = [Unreachable("answered 503")] * 3
    world.time.released.clear()
    task = asyncio.create_task(world.lane.run(), name="lane")
    world.lane.offer(alert("a"))
    await eventually(lambda: bool(world.time.slept))
    world.lane.offer(alert("b"))
    world.lane.end()
    async with asyncio.timeout(5):
        await task
    assert world.lane.outcomes["unsent"] == 2
    assert conserved(world, 2)


async def test_cancelled_it_counts_what_is_in_hand() -> None:
    """Also what was just being sent."""
    world = World()
    world.notifier.free.clear()
    async with world.running():
        world.lane.offer(alert("a"))
        await eventually(lambda: bool(world.notifier.tried))
        world.lane.offer(alert("b"))
    assert +world.lane.outcomes == {"unsent": 2}
    assert len(world.lane) == 0


async def test_nothing_disappears() -> None:
    """However faults and storms mix: each alert that is offered ends in exactly one outcome."""
    world = World(rate=0.5, burst=3, limits=Limits(waiting=20, shown=4))
    faults: list[Callable[[], Exception]] = [
        lambda: Unreachable("answered 500"),
        lambda: Refused("answered 404"),
        lambda: Unreachable("answered 429", 100.0),
    ]
    offered: list[SystemAlert] = []
    async with world.running():
        for round in range(60):
            world.notifier.faults += [faults[round // 5 % 3]()] if round % 5 == 1 else []
            for number in range(round % 7 * 5):
                offered.append(alert(f"{round}-{number}"))
                world.lane.offer(offered[-1])
            await asyncio.sleep(0)
            assert conserved(world, len(offered))
        await eventually(lambda: not len(world.lane))
    assert conserved(world, len(offered))
    assert world.lane.outcomes["collapsed"] > 0
