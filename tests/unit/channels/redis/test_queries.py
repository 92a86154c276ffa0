"""Calls from many callers, joined into few round trips."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.redis import queries as module
from channels.redis.config import Address, Redis
from channels.redis.connection import Lost
from channels.redis.locator import OneServer
from channels.redis.pipeline import Pipeline
from channels.redis.queries import BATCH, Queries
from channels.redis.refusal import Refused
from channels.redis.script import CLAIM, Call, Reply
from tests.kit import eventually, rest


class ManualPipeline(Pipeline):
    """A pipeline whose replies the test gives."""

    def __init__(self, answer: Callable[[bytes], Reply] = lambda key: key) -> None:
        super().__init__(Redis(()), OneServer(Address("h", 1)))
        self.answer = answer
        self.batches: list[list[bytes]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.closed = False

    async def attempt(self, calls: Sequence[Call]) -> list[Reply]:
        self.batches.append([call.keys[0] for call in calls])
        await self.open.wait()
        return [self.answer(call.keys[0]) for call in calls]

    async def close(self) -> None:
        self.closed = True


def call(key: bytes) -> Call:
    """Make a call."""
    return Call(CLAIM, (key,), ())


@asynccontextmanager
async def running(pipeline: ManualPipeline) -> AsyncIterator[Queries]:
    """Run queries as long as the block runs."""
    queries = Queries(pipeline)
    task = asyncio.create_task(queries.run())
    try:
        yield queries
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_comes_meanwhile_shares_the_next_round_trip() -> None:
    """Up to a batch of it; who has gone isn't asked for."""
    pipeline = ManualPipeline()
    async with running(pipeline) as queries:
        pipeline.open.clear()
        first = asyncio.create_task(queries.call(call(b"first")))
        await eventually(lambda: pipeline.batches == [[b"first"]])
        others = [asyncio.create_task(queries.call(call(b"%d" % n))) for n in range(BATCH + 1)]
        gone = asyncio.create_task(queries.call(call(b"gone")))
        await asyncio.sleep(0)
        gone.cancel()
        pipeline.open.set()
        assert await first == b"first"
        assert await asyncio.gather(*others) == [b"%d" % n for n in range(BATCH + 1)]
        assert [len(batch) for batch in pipeline.batches] == [1, BATCH, 1]


async def test_a_lost_call_is_tried_once_more() -> None:
    """The others of its batch aren't."""
    losses = [Lost("gone")]
    pipeline = ManualPipeline(lambda key: losses.pop() if key == b"b" and losses else key)
    async with running(pipeline) as queries:
        assert [*await asyncio.gather(queries.call(call(b"a")), queries.call(call(b"b")))] == [b"a", b"b"]
        assert pipeline.batches == [[b"a", b"b"], [b"b"]]


async def test_errors() -> None:
    """Both kinds are temporary for who asked; where Redis is, and what it says, is for the log."""
    answers: dict[bytes, Reply] = {b"lost": Lost("10.0.0.7 is gone"), b"refused": Refused("WRONGTYPE no"), b"fine": 1}
    pipeline = ManualPipeline(lambda key: answers[key])
    async with running(pipeline) as queries:
        results = await asyncio.gather(*(queries.call(call(key)) for key in answers), return_exceptions=True)
    lost, refused, fine = results
    assert fine == 1
    for error, said, kept in ((lost, "Redis is away", "10.0.0.7"), (refused, "Redis refused", "WRONGTYPE")):
        assert isinstance(error, ReplyError)
        assert error.code is ErrorCode.UNAVAILABLE
        assert said in error.message
        assert kept not in error.message


async def test_while_redis_is_known_to_be_away_one_tries_and_the_others_do_not_wait() -> None:
    """Each attempt may take as long as a server needs to be given up."""
    pipeline = ManualPipeline()
    pipeline.open.clear()
    queries = Queries(pipeline, lambda: True)
    task = asyncio.create_task(queries.run())
    probe = asyncio.create_task(queries.call(call(b"a")))
    await rest()
    with pytest.raises(ReplyError, match="Redis is away"):
        await queries.call(call(b"b"))
    pipeline.open.set()
    assert await probe == b"a"
    assert await queries.call(call(b"c")) == b"c"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_nobody_waits_behind_a_server_that_is_away() -> None:
    """When nothing of a batch came through, those behind it are told at once instead of one batch after the other."""
    pipeline = ManualPipeline(lambda _: Lost("gone"))
    async with running(pipeline) as queries:
        calls = [asyncio.create_task(queries.call(call(b"x"))) for _ in range(3 * BATCH)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(result, ReplyError) for result in results)
        assert len(pipeline.batches) == 2


async def test_waiting_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes too late is told so."""
    monkeypatch.setattr(module, "WAITING_MAX", 2)
    queries = Queries(ManualPipeline())
    waiting = [asyncio.create_task(queries.call(call(b"x"))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ReplyError, match="2 calls wait already"):
        await queries.call(call(b"x"))
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_the_end() -> None:
    """Who waits, and who comes after it, is told; connections are closed."""
    pipeline = ManualPipeline()
    pipeline.open.clear()
    async with running(pipeline) as queries:
        under_way = asyncio.create_task(queries.call(call(b"a")))
        await eventually(lambda: pipeline.batches != [])
        waiting = asyncio.create_task(queries.call(call(b"b")))
        await asyncio.sleep(0)
    for task in (under_way, waiting):
        with pytest.raises(ReplyError, match="the hub is stopping"):
            await task
    with pytest.raises(ReplyError, match="the hub is stopping"):
        await queries.call(call(b"c"))
    assert pipeline.closed
