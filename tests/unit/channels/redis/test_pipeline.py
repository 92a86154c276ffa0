"""Many calls in one round trip: who answers what, what is sent again, and what fails alone."""

from __future__ import annotations

import asyncio

import pytest

from channels.redis.cluster import slot_of
from channels.redis.config import Address, Redis
from channels.redis.connection import Lost
from channels.redis.locator import OneServer
from channels.redis.pipeline import Pipeline
from channels.redis.refusal import Refused
from channels.redis.script import CLAIM, SCRIPTS, Call
from channels.redis.timings import Timings
from tests.redis_process import soon
from tests.unit.channels.redis.scripted_redis import OK, Answer, ScriptedRedis, error, scripted_redis, text


def call(key: bytes) -> Call:
    """Make a call that echoing servers answer with its key."""
    return Call(CLAIM, (key,), (1, 2))


def echo(command: list[bytes]) -> bytes:
    """Answer a call with its key."""
    return text(command[3]) if command[0] == b"EVALSHA" else OK


def refusing(text_of: str, times: int = 1_000_000) -> Answer:
    """Answer calls with an error, so many times, and with their keys after that."""
    left = [times]

    def answer(command: list[bytes]) -> bytes:
        if command[0] == b"EVALSHA" and left[0] > 0:
            left[0] -= 1
            return error(text_of)
        return echo(command)

    return answer


class TwoNodes:
    """A locator whose first node has all slots, but for those that are given to somebody else."""

    sharded = True
    version = 0

    def __init__(self, first: Address, elsewhere: dict[int, Address] | None = None) -> None:
        self.doubts = 0
        self.elsewhere = elsewhere or {}
        self._first = first

    def slot(self, key: bytes) -> int:
        return slot_of(key)

    async def locate(self, slot: int) -> Address:
        return self.elsewhere.get(slot, self._first)

    def doubt(self) -> None:
        self.doubts += 1

    def moved(self, slot: int, address: Address) -> None:
        self.elsewhere[slot] = address

    async def refresh(self) -> None:
        return None


def to(server: ScriptedRedis, timeout: float = 1.0) -> Pipeline:
    """Make a pipeline to a single server."""
    return Pipeline(Redis((server.address,), timeout=timeout), OneServer(server.address))


def through(locator: TwoNodes, timeout: float = 1.0) -> Pipeline:
    """Make a pipeline to a cluster."""
    return Pipeline(Redis((), timeout=timeout), locator)


async def test_a_batch_is_one_write_after_the_scripts() -> None:
    """Replies come in the order of calls, over one connection for all batches."""
    async with scripted_redis(echo) as server:
        pipeline = to(server)
        assert await pipeline.run([]) == []
        assert await pipeline.run([call(b"a"), call(b"b")]) == [b"a", b"b"]
        assert await pipeline.run([call(b"c")]) == [b"c"]
        assert server.links == 1
        assert len(server.named(b"SCRIPT")) == len(SCRIPTS)
        await pipeline.close()


async def test_scripts_that_cant_be_loaded() -> None:
    """It is said which."""
    async with scripted_redis(lambda c: error("ERR no Lua here") if c[0] == b"SCRIPT" else OK) as server:
        with pytest.raises(Lost, match=f"the script {SCRIPTS[0].name} can't be loaded: ERR no Lua here"):
            await to(server).run([call(b"a")])


async def test_an_error_that_is_about_one_call() -> None:
    """Is its reply, and the others have theirs."""
    async with scripted_redis(refusing("WRONGTYPE no", 1)) as server:
        pipeline = to(server)
        wrong, right = await pipeline.run([call(b"a"), call(b"b")])
        assert isinstance(wrong, Refused)
        assert right == b"b"
        assert server.links == 1
        await pipeline.close()


async def test_an_error_that_is_about_the_server() -> None:
    """Nothing of the batch counts, and the next one has a new connection."""
    async with scripted_redis(refusing("LOADING no", 1)) as server:
        pipeline = to(server)
        with pytest.raises(Lost, match="LOADING no") as caught:
            await pipeline.run([call(b"a"), call(b"b")])
        assert not caught.value.misplaced
        assert await pipeline.run([call(b"a")]) == [b"a"]
        assert server.links == 2
        server.answer = refusing("READONLY no")
        with pytest.raises(Lost) as caught:
            await pipeline.run([call(b"a")])
        assert caught.value.misplaced


async def test_silence_and_cuts() -> None:
    """Both are a loss; the late reply of the old connection isn't taken for one of the new."""
    async with scripted_redis(echo) as server:
        pipeline = to(server, 0.1)
        await pipeline.run([call(b"a")])
        server.answer = lambda _: b""
        with pytest.raises(Lost, match=r"no answer within 0\.1 s"):
            await pipeline.run([call(b"b")])
        server.answer = echo
        assert await pipeline.run([call(b"c")]) == [b"c"]
        server.cut()
        with pytest.raises(Lost):
            await pipeline.run([call(b"d")])
        assert await pipeline.run([call(b"e")]) == [b"e"]
        await pipeline.close()


async def test_more_answers_than_questions() -> None:
    """Whatever it is, replies can't be told apart any more."""
    async with scripted_redis(echo) as server:
        pipeline = to(server)
        await pipeline.run([call(b"a")])
        server.answer = lambda _: text(b"x") * 2
        with pytest.raises(Lost, match="answered what was not asked"):
            await pipeline.run([call(b"b")])


async def test_a_cancelled_batch_leaves_no_connection() -> None:
    """Its replies would be taken for those of the next."""
    async with scripted_redis(echo) as server:
        pipeline = to(server)
        await pipeline.run([call(b"a")])
        server.answer = lambda _: b""
        running = asyncio.create_task(pipeline.run([call(b"b")]))
        await soon(lambda: len(server.named(b"EVALSHA")) == 2)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await soon(lambda: server.open == 0)


async def test_forgotten_scripts_are_loaded_and_run() -> None:
    """Only those that the server didn't know; in the same batch, and only those calls that were not done."""
    async with scripted_redis(refusing("NOSCRIPT no", 2)) as server:
        pipeline = to(server)
        assert await pipeline.run([call(b"a"), call(b"b"), call(b"c")]) == [b"a", b"b", b"c"]
        assert [c[3] for c in server.named(b"EVALSHA")] == [b"a", b"b", b"c", b"a", b"b"]
        assert [c[2] for c in server.named(b"SCRIPT")] == [*(script.source for script in SCRIPTS), CLAIM.source]
        await pipeline.close()


async def test_all_calls_are_timed() -> None:
    """Those that fail are counted apart; one that had to be sent again is one call."""
    async with scripted_redis(refusing("NOSCRIPT no", 1)) as server:
        timings = Timings()
        pipeline = Pipeline(Redis((server.address,), timeout=0.1), OneServer(server.address), timings)
        await pipeline.run([call(b"a"), call(b"b")])
        server.answer = refusing("WRONGTYPE no", 1)
        await pipeline.run([call(b"a"), call(b"b")])
        server.answer = lambda _: b""
        with pytest.raises(Lost):
            await pipeline.run([call(b"c")])
        timing = timings.scripts["claim"]
        assert (sum(timing.buckets), timing.failed) == (5, 2)
        assert timing.seconds > 0.1


async def test_a_cluster_that_is_taken_for_a_server() -> None:
    """The option is named."""
    async with scripted_redis(refusing("MOVED 1 h:1")) as server:
        with pytest.raises(Lost, match=r"set redis\.mode to cluster"):
            await to(server).run([call(b"a")])


async def test_a_batch_for_two_nodes() -> None:
    """Each gets its own, and replies are in the order of the calls."""
    async with scripted_redis(echo) as one, scripted_redis(echo) as two:
        pipeline = through(TwoNodes(one.address, {slot_of(b"b"): two.address}))
        assert await pipeline.run([call(b"a"), call(b"b"), call(b"c"), call(b"b")]) == [b"a", b"b", b"c", b"b"]
        assert [c[3] for c in one.named(b"EVALSHA")] == [b"a", b"c"]
        assert [c[3] for c in two.named(b"EVALSHA")] == [b"b", b"b"]
        await pipeline.close()


async def test_a_dead_node_takes_only_its_own_calls() -> None:
    """`attempt` tells them apart, `run` raises."""
    async with scripted_redis(echo) as two:
        gone = two.address
    async with scripted_redis(echo) as one:
        locator = TwoNodes(one.address, {slot_of(b"b"): gone})
        pipeline = through(locator)
        first, lost, last = await pipeline.attempt([call(b"a"), call(b"b"), call(b"c")])
        assert (first, last) == (b"a", b"c")
        assert isinstance(lost, Lost)
        assert locator.doubts == 1
        with pytest.raises(Lost):
            await pipeline.run([call(b"a"), call(b"b")])
        assert await pipeline.run([call(b"a")]) == [b"a"]
        assert one.links == 1
        await pipeline.close()


async def test_moved_calls_follow() -> None:
    """Once told, the locator knows."""
    async with scripted_redis(echo) as two:
        slot = slot_of(b"a")
        async with scripted_redis(refusing(f"MOVED {slot} 127.0.0.1:{two.port}")) as one:
            locator = TwoNodes(one.address)
            pipeline = through(locator)
            assert await pipeline.run([call(b"a"), call(b"a")]) == [b"a", b"a"]
            assert locator.elsewhere == {slot: two.address}
            await pipeline.run([call(b"a")])
            assert len(one.named(b"EVALSHA")) == 2
            await pipeline.close()


async def test_asked_calls_go_elsewhere_once() -> None:
    """With a word before each, and without learning anything."""
    slot = slot_of(b"a")
    async with scripted_redis(echo) as two, scripted_redis(refusing(f"ASK {slot} 127.0.0.1:{two.port}", 2)) as one:
        locator = TwoNodes(one.address)
        pipeline = through(locator)
        assert await pipeline.run([call(b"a"), call(b"a")]) == [b"a", b"a"]
        assert [c[0] for c in two.named(b"ASKING", b"EVALSHA")] == [b"ASKING", b"EVALSHA"] * 2
        assert locator.elsewhere == {}
        await pipeline.close()


async def test_a_slot_that_is_under_way_is_waited_for() -> None:
    """And given up after `timeout`."""
    async with scripted_redis(refusing("TRYAGAIN no", 3)) as one:
        pipeline = through(TwoNodes(one.address))
        assert await pipeline.run([call(b"a")]) == [b"a"]
        one.answer = refusing("TRYAGAIN no")
        pipeline = through(TwoNodes(one.address), 0.1)
        with pytest.raises(Lost, match="can't settle a slot: TRYAGAIN no"):
            await pipeline.run([call(b"a")])
        await pipeline.close()


async def test_two_nodes_that_send_in_circles() -> None:
    """Neither is asked without a pause, nor for ever."""
    async with scripted_redis() as one, scripted_redis() as two:
        slot = slot_of(b"a")
        one.answer = refusing(f"MOVED {slot} 127.0.0.1:{two.port}")
        two.answer = refusing(f"MOVED {slot} 127.0.0.1:{one.port}")
        pipeline = through(TwoNodes(one.address), 0.2)
        with pytest.raises(Lost, match="can't settle a slot: MOVED"):
            await pipeline.run([call(b"a")])
        assert len(one.named(b"EVALSHA")) + len(two.named(b"EVALSHA")) < 20
        await pipeline.close()
