"""One fault at a time, on real processes: everybody ends with the same sequence."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from tests.chaos.drama import drama
from tests.chaos.world import CONFLATED, world

SEED = 20_261_121


async def test_a_worker_is_killed_in_mid_fan_out() -> None:
    """Its clients go on with another one from where they were; the publishers repeat what it didn't answer."""
    async with world(SEED, workers=3) as stage, drama(stage, SEED, listeners=60, publishers=6, pause=0.005) as play:
        for worker in stage.workers[:2]:
            await play.more(50)
            play.note("worker killed")
            await worker.kill()
            await play.more(30)
            await worker.start()
        assert None in {getattr(e, "code", 0) for each in play.listeners for e in each.diaries.popitem()[1].events}


@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
async def test_a_supervised_worker_is_killed() -> None:
    """`--workers 3` on one port: the others go on, the supervisor starts another one, nobody loses anything."""
    async with world(SEED, workers=1, processes=3) as stage, drama(stage, SEED) as play:
        await play.more(30)
        before = set(stage.workers[0].children())
        assert len(before) == 3
        for child in sorted(before)[:2]:
            play.note("a worker below the supervisor killed")
            os.kill(child, signal.SIGKILL)
            await play.more(30)
        assert await play.go_on_until(lambda: len(set(stage.workers[0].children()) - before) == 2)


@pytest.mark.parametrize("seconds", [1.0, 5.0])
async def test_valkey_is_frozen(seconds: float) -> None:
    """Shorter and longer than `redis.timeout`: late is not lost, and no client is sent away for it."""
    async with world(SEED) as stage, drama(stage, SEED) as play:
        await play.more(40)
        connects = sum(listener.connects for listener in play.listeners)
        play.note(f"frozen for {seconds} s")
        stage.server.freeze()
        await asyncio.sleep(seconds)
        stage.server.thaw()
        await play.more(40)
        assert sum(listener.connects for listener in play.listeners) == connects


async def test_valkey_is_killed_and_has_its_data() -> None:
    """With `appendfsync always` nothing that was acknowledged is lost, and no gap is announced."""
    async with world(SEED) as stage, drama(stage, SEED, pause=0.005) as play:
        for _ in range(2):
            await play.more(60)
            play.note("valkey killed, persistent")
            await stage.server.restart(signal.SIGKILL)
        await play.more(60)


async def test_valkey_is_killed_and_has_nothing() -> None:
    """All is lost, and everybody is told: those that are connected, and those that come back later."""
    async with world(SEED, persistent=False) as stage, drama(stage, SEED, lossy=True) as play:
        await play.more(60)
        play.note("valkey killed, not persistent")
        await stage.server.restart(signal.SIGKILL)
        await play.more(20)
        for listener in play.listeners[::2]:
            listener.cut()
        await play.more(20)


async def test_publishes_wait_while_valkey_is_away() -> None:
    """What was accepted as queued in an outage of 3 s arrives once, in the order of each publisher."""
    async with world(SEED) as stage, drama(stage, SEED, trusting=True) as play:
        await play.more(20)
        play.note("valkey away for 3 s")
        await stage.server.stop(signal.SIGKILL)
        await asyncio.sleep(3)
        await stage.server.start()
        await play.more(20)
        assert any(publisher.queued for publisher in play.publishers)


async def test_publishes_are_refused_while_valkey_is_away() -> None:
    """With `when_away: refuse` they get a temporary error, and what was accepted is not lost."""
    options = {"TOCSIN_REDIS__WHEN_AWAY": "refuse"}
    async with world(SEED, options=options) as stage, drama(stage, SEED) as play:
        await play.more(20)
        play.note("valkey away for 2 s")
        await stage.server.stop(signal.SIGKILL)
        await asyncio.sleep(2)
        await stage.server.start()
        await play.more(20)
        assert sum(publisher.answers[503] for publisher in play.publishers) > 0


async def test_sockets_are_cut_at_any_byte() -> None:
    """Clients in the middle of a frame, and the hub's own links in the middle of a command or an answer."""
    async with world(SEED) as stage:
        random = stage.random

        def soon() -> int:
            return random.randrange(1, 12_000)

        def later() -> int:
            return random.randrange(1, 40_000)

        async with drama(stage, SEED, listeners=20, pause=0.005, allowed=soon) as play:
            play.note("all sockets are cut after some bytes")
            for worker in stage.workers:
                worker.proxy.up.cut_after = worker.proxy.down.cut_after = later
                worker.proxy.cut()
            await play.more(100)
            assert await play.go_on_until(lambda: sum(each.connects for each in play.listeners) > 60)
            assert sum(worker.proxy.links for worker in stage.workers) > 12


async def test_conflated_channels_keep_their_newest() -> None:
    """Offsets skip, order holds, and each key's newest value arrives; also at those that are cut or stall."""
    async with world(SEED) as stage, drama(stage, SEED, channels=CONFLATED, pause=0.003, publishers=6) as play:
        for _ in range(5):
            await play.more(60)
            play.note("half of the clients are cut")
            for listener in stage.random.sample(play.listeners, 20):
                listener.cut()


async def test_slow_readers_are_closed_and_recover() -> None:
    """Who doesn't read is closed with 4002 and gets all of it later; nobody else waits for it."""
    async with world(SEED) as stage, drama(stage, SEED, listeners=12, publishers=3, pause=0.002, size=60_000) as play:
        await play.more(10)
        play.note("three clients stop reading")
        for listener in play.listeners[:3]:
            listener.stall()
        await play.more(400)
        for listener in play.listeners[:3]:
            listener.go_on()
        assert await play.go_on_until(lambda: 4002 in play.codes()), play.codes()
