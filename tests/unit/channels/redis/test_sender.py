"""The spool: order and once, over losses before and after a publish took effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.model import Position, Published
from channels.redis.backoff import Backoff
from channels.redis.connection import Lost
from channels.redis.script import PUBLISH, RENEW, Call
from channels.redis.sender import Outcome, Pending, Sender, Spool
from tests.kit import eventually


class ServerDouble:
    """A double of the pipeline and of `publish.lua` behind it: numbers per channel, offsets, and losses on demand.

    Attributes:
        faults: asked before each run: how many of its calls take effect before the link is lost; `None`: no loss.
        refusals: data that the server refuses.
        done: data in the order in which it was published, per channel.
    """

    def __init__(self) -> None:
        self.faults: Callable[[int], int | None] = lambda _: None
        self.refusals: set[int] = set()
        self.done: dict[bytes, list[int]] = {}
        self.last: dict[bytes, tuple[int, list[Any]]] = {}
        self.batches: list[int] = []
        self.renewed: list[bytes] = []
        self.closed = False

    async def run(self, calls: Sequence[Call]) -> list[Any]:
        await asyncio.sleep(0)
        self.batches.append(len(calls))
        effective = self.faults(len(calls))
        replies = [self._publish(call) for call in calls[: len(calls) if effective is None else effective]]
        if effective is not None:
            raise Lost("cut")
        return replies

    def _publish(self, call: Call) -> Any:
        (channel,) = call.keys
        if call.script is RENEW:
            self.renewed.append(channel)
            return 1
        number, before, data = call.arguments
        assert isinstance(number, int)
        assert isinstance(before, int)
        assert isinstance(data, int)
        last, answer = self.last.get(channel, (0, []))
        if last == number:
            return answer
        if number < last:
            return [Outcome.PUBLISHED, b"", 0]
        if before and before != last:
            return [Outcome.OUT_OF_ORDER, b"", last]
        if data in self.refusals:
            return RuntimeError("OOM")
        done = self.done.setdefault(channel, [])
        done.append(data)
        self.last[channel] = number, [Outcome.PUBLISHED, b"e1", len(done)]
        return self.last[channel][1]

    def forget_publishers(self) -> None:
        """As after a restart without data."""
        self.last.clear()

    async def close(self) -> None:
        self.closed = True


class Stage:
    """A sender over the double."""

    def __init__(self, **spool: Any) -> None:
        self.server = ServerDouble()
        self.links: list[bool] = []
        backoff = Backoff(Random(1), first=0.001, longest=0.002)
        self.sender = Sender(
            self.server,  # type: ignore[arg-type]
            Spool(**spool),
            backoff,
            lambda up, _: self.links.append(up),
            lambda channel, epoch: Call(RENEW, (channel.encode(),), (epoch.encode(),)),
        )

    def put(self, data: int, channel: str = "a") -> Pending:
        """Accept a publish of a number, by a process where nobody follows the channel."""
        loop = asyncio.get_running_loop()

        def call(number: int, before: int) -> Call:
            return Call(PUBLISH, (channel.encode(),), (number, before, data))

        pending = Pending(channel, 10, call, loop.time(), loop.create_future(), reached=0)
        self.sender.put(pending)
        return pending

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.sender.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_a_publish_is_answered_with_its_position() -> None:
    """When Redis has answered."""
    stage = Stage()
    async with stage.running():
        assert await stage.put(1).future == Published(Position("e1", 1))
        assert await stage.put(2).future == Published(Position("e1", 2))
    assert stage.server.closed


async def test_what_waits_goes_together() -> None:
    """One round trip for many; later ones wait for it and go together as well."""
    stage = Stage()
    pending = [stage.put(n) for n in range(1000)]
    async with stage.running():
        await asyncio.gather(*(each.future for each in pending))
    assert stage.server.batches == [256, 256, 256, 232]
    assert stage.server.done[b"a"] == list(range(1000))


async def test_a_pipeline_is_bounded_in_bytes_as_well() -> None:
    """But one publish always goes, however long it is."""
    stage = Stage()
    for n in range(3):
        stage.put(n).size = 1 << 20
    stage.put(3)
    async with stage.running():
        await stage.sender.drained()
    assert stage.server.batches == [1, 1, 1, 1]


@pytest.mark.parametrize("effective", [0, 1, 2, 3])
async def test_a_loss_repeats_nothing_and_loses_nothing(effective: int) -> None:
    """Whatever had taken effect when the link was lost."""
    stage = Stage()
    faults = [effective]
    stage.server.faults = lambda _: faults.pop() if faults else None
    pending = [stage.put(n) for n in range(3)]
    async with stage.running():
        answers = [await each.future for each in pending]
    assert stage.server.done[b"a"] == [0, 1, 2]
    assert stage.server.renewed == []
    assert answers[2] == Published(Position("e1", 3))
    assert stage.links == [False, True]
    assert stage.sender.resent == 3


@pytest.mark.parametrize("seed", range(20))
async def test_every_publish_is_done_once_and_in_order(seed: int) -> None:
    """Three channels, losses at any point, servers that forget, calls that are refused."""
    random = Random(seed)
    stage = Stage()
    stage.server.refusals = {n for n in range(300) if random.random() < 0.05}

    def fault(size: int) -> int | None:
        return random.randint(0, size) if random.random() < 0.4 else None

    stage.server.faults = fault
    pending: list[tuple[int, str, Pending]] = []
    async with stage.running():
        for n in range(300):
            channel = random.choice("abc")
            pending.append((n, channel, stage.put(n, channel)))
            if random.random() < 0.2:
                await asyncio.sleep(0)
        await stage.sender.drained()
    accepted: dict[bytes, list[int]] = {}
    for n, channel, each in pending:
        if n in stage.server.refusals:
            assert isinstance(each.future.exception(), ReplyError)
        else:
            accepted.setdefault(channel.encode(), []).append(n)
            each.future.result()
    assert stage.server.done == accepted


async def test_a_server_that_forgot_us_goes_on() -> None:
    """It takes any number as the next; ours goes on rising."""
    stage = Stage()
    async with stage.running():
        await stage.put(1).future
        stage.server.forget_publishers()
        await stage.put(2).future
    assert stage.server.done[b"a"] == [1, 2]


async def test_a_server_that_lost_our_last_publishes_takes_the_next() -> None:
    """Its number of ours is older than what we say came before: we begin a new chain, and end the epoch, since its
    offsets may be used again."""
    stage = Stage()
    async with stage.running():
        await stage.put(1).future
        before = dict(stage.server.last)
        await stage.put(2).future
        stage.server.last = before
        pending = [stage.put(n) for n in (3, 4, 5)]
        await asyncio.gather(*(each.future for each in pending))
    assert stage.server.done[b"a"] == [1, 2, 3, 4, 5]
    assert stage.server.renewed == [b"a"]
    assert stage.sender.setbacks == 1


async def test_a_full_spool_refuses() -> None:
    """Temporarily, naming the limits; what was accepted is published later."""
    stage = Stage(publications=2)
    pending = [stage.put(1), stage.put(2)]
    with pytest.raises(ReplyError, match=r"redis\.spool_publications") as refusal:
        stage.put(3)
    assert refusal.value.code is ErrorCode.UNAVAILABLE
    async with stage.running():
        await asyncio.gather(*(each.future for each in pending))
        await stage.put(4).future
    assert stage.server.done[b"a"] == [1, 2, 4]


async def test_a_spool_is_bounded_in_bytes() -> None:
    """What has left makes room."""
    stage = Stage(size=25)
    stage.put(1)
    stage.put(2)
    assert stage.sender.queued_bytes == 20
    with pytest.raises(ReplyError):
        stage.put(3)
    async with stage.running():
        await stage.sender.drained()
    assert (stage.sender.queued_bytes, len(stage.sender)) == (0, 0)
    stage.put(3)


async def test_refusing_while_away_begins_with_the_first_loss() -> None:
    """Until Redis has answered again. What was accepted before is published."""
    stage = Stage(refuse=True)
    away = True
    stage.server.faults = lambda _: 0 if away else None
    first = stage.put(1)
    async with stage.running():
        await eventually(lambda: not stage.sender.available)
        with pytest.raises(ReplyError, match="when_away"):
            stage.put(2)
        away = False
        await first.future
        await stage.put(3).future
    assert stage.server.done[b"a"] == [1, 3]


async def test_who_has_waited_long_is_answered_as_queued() -> None:
    """And published all the same, in its place."""
    stage = Stage()
    pending = [stage.put(1), stage.put(2)]
    pending[1].since += 100.0
    stage.sender.answer_late(pending[0].since + 1.0)
    assert pending[0].future.result() == Published(None, queued=True)
    assert not pending[1].future.done()
    async with stage.running():
        assert await pending[1].future == Published(Position("e1", 2))
    assert stage.server.done[b"a"] == [1, 2]


async def test_what_is_refused_after_it_was_queued_is_counted() -> None:
    """Nobody waits for its answer any more, so it must not go unseen."""
    stage = Stage()
    stage.server.refusals = {1}
    pending = stage.put(1)
    stage.sender.answer_late(pending.since + 1.0)
    async with stage.running():
        await stage.sender.drained()
    assert stage.sender.dropped == 1


async def test_who_stopped_waiting_is_published_all_the_same() -> None:
    """It was accepted."""
    stage = Stage()
    stage.put(1).future.cancel()
    async with stage.running():
        await stage.sender.drained()
    assert stage.server.done[b"a"] == [1]
    assert stage.sender.dropped == 0


async def test_the_answer_waits_for_the_listener() -> None:
    """On a followed channel it tells how many it reached, whichever comes first."""
    stage = Stage()
    pending = stage.put(1)
    pending.reached = None
    async with stage.running():
        await stage.sender.drained()
        assert not pending.future.done()
        pending.reached = 7
        pending.resolve()
        assert await pending.future == Published(Position("e1", 1), 7)


async def test_a_refusal_is_no_setback() -> None:
    """What comes after a publish that was refused begins anew, and the epoch goes on."""
    stage = Stage()
    stage.server.refusals = {2}
    async with stage.running():
        await stage.put(1).future
        refused, after = stage.put(2), stage.put(3)
        await after.future
        with pytest.raises(ReplyError):
            await refused.future
        await stage.put(4).future
    assert stage.server.done[b"a"] == [1, 3, 4]
    assert (stage.server.renewed, stage.sender.setbacks) == ([], 0)


async def test_while_redis_is_known_to_be_away_nobody_waits() -> None:
    """The answer comes at once, the publication later; or the refusal does."""
    stage = Stage()
    loop = asyncio.get_running_loop()
    pending = Pending("a", 10, lambda n, b: Call(PUBLISH, (b"a",), (n, b, 1)), loop.time(), loop.create_future(), 0)
    stage.sender.put(pending, away=True)
    assert pending.future.result() == Published(None, queued=True)
    async with stage.running():
        await stage.sender.drained()
    assert stage.server.done[b"a"] == [1]
    with pytest.raises(ReplyError, match="when_away"):
        Stage(refuse=True).sender.put(pending, away=True)
