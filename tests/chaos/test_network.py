"""What networks and Valkey itself do to the links of the hub, one at a time, on real processes."""

from __future__ import annotations

import asyncio
import shutil
import signal
from typing import Any

from tests.chaos.drama import drama
from tests.chaos.events import Told
from tests.chaos.world import BRIEF, World, world

SEED = 20_261_122


async def info(stage: World, section: str, name: str) -> dict[str, Any]:
    """Read a field of Valkey's INFO; `{}` if it isn't there."""
    found = (await stage.ask("INFO", section)).get(name, {})
    return found if isinstance(found, dict) else {"value": found}


async def test_the_link_is_slow() -> None:
    """Answers that come late and unevenly change nothing."""
    async with world(SEED) as stage, drama(stage, SEED, publishers=6) as play:
        play.note("worker 0 has a link with 30 to 90 ms each way")
        for lane in (stage.workers[0].proxy.up, stage.workers[0].proxy.down):
            lane.delay, lane.jitter = 0.03, 0.06
        await play.more(150)


async def test_the_link_is_held() -> None:
    """A partition of less than the timeout on one worker, of more on the other; no byte is lost."""
    async with world(SEED) as stage, drama(stage, SEED) as play:
        for seconds, worker in zip((0.6, 3.0), stage.workers, strict=True):
            await play.more(20)
            play.note(f"a link is held for {seconds} s")
            worker.proxy.up.held = worker.proxy.down.held = True
            await asyncio.sleep(seconds)
            worker.proxy.heal()
        await play.more(20)


async def test_the_link_is_a_black_hole() -> None:
    """Bytes vanish and nobody is told: the hub notices by itself, connects anew, and heals."""
    async with world(SEED) as stage, drama(stage, SEED) as play:
        await play.more(20)
        play.note("worker 0 talks into a black hole")
        proxy = stage.workers[0].proxy
        links = proxy.links
        proxy.down.swallows = True
        await asyncio.sleep(3.5)
        # The links that are dead stay so; only new ones work.
        proxy.down.swallows = False
        await play.more(60)
        assert proxy.links > links


async def test_more_is_missed_than_history_keeps() -> None:
    """What can't be had any more is announced to those who are connected, and nothing more than that."""
    async with (
        world(SEED) as stage,
        drama(stage, SEED, channels=(BRIEF,), pause=0.005, lossy=True, publish_to=(1,)) as play,
    ):
        await play.more(20)
        play.note("worker 0 hears nothing until it notices")
        assert stage.workers[0].proxy.mute()
        assert await play.go_on_until(lambda: play.count(Told) > 0)
        await play.more(40)


async def test_the_reader_is_killed_while_publications_come() -> None:
    """Valkey drops the connection that publications come on: what was missed is read."""
    async with world(SEED) as stage, drama(stage, SEED, publishers=6, pause=0.002) as play:
        for _ in range(4):
            await play.more(80)
            play.note("CLIENT KILL TYPE pubsub")
            assert await stage.ask("CLIENT", "KILL", "TYPE", "pubsub") == len(stage.workers)
        await play.more(40)


async def test_the_reader_is_too_slow_for_valkey() -> None:
    """Valkey closes a reader whose output buffer is full; what was in it is read from history."""
    async with world(SEED) as stage:
        await stage.ask("CONFIG", "SET", "client-output-buffer-limit", "pubsub 32kb 0 0")
        async with drama(stage, SEED, listeners=10, publishers=9, pause=0.001, size=60_000) as play:
            await play.more(20)
            play.note("worker 0 reads nothing from Valkey for 0.9 s at a time")
            lane = stage.workers[0].proxy.down
            closed = 0
            for _ in range(8):
                lane.held = True
                await asyncio.sleep(0.9)
                lane.held = False
                await asyncio.sleep(0.3)
                closed = (await info(stage, "stats", "client_output_buffer_limit_disconnections"))["value"]
                if closed:
                    break
            assert closed


async def test_valkey_comes_back_with_older_data() -> None:
    """A restored copy: the same offsets stand for other publications, so the epoch changes and everybody is told."""
    async with world(SEED, workers=3) as stage, drama(stage, SEED, lossy=True, pause=0.005) as play:
        folder = stage.server.folder / "appendonlydir"
        for round in range(2):
            await play.more(40)
            copy = stage.folder / f"copy-{round}"
            shutil.copytree(folder, copy)
            await play.more(60)
            play.note("valkey killed, and started with an older copy")
            await stage.server.stop(signal.SIGKILL)
            shutil.rmtree(folder)
            shutil.copytree(copy, folder)
            await stage.server.start()
            await play.more(40)
            for listener in play.listeners[round::3]:
                listener.cut()
            await play.more(40)


async def test_an_older_copy_grows_before_anybody_notices() -> None:
    """The worker that knew better comes back last, when offsets have long passed those it knew: it tells by marks."""
    async with (
        world(SEED) as stage,
        drama(stage, SEED, lossy=True, pause=0.005, publish_to=(1,), listen_to=(0,)) as play,
    ):
        await play.more(40)
        data, copy = stage.server.folder / "appendonlydir", stage.folder / "copy"
        shutil.copytree(data, copy)
        await play.more(30)
        play.note("valkey has an older copy, and worker 0 doesn't see it")
        stage.workers[0].is_apart = True
        stage.workers[0].proxy.cut()
        await stage.server.stop(signal.SIGKILL)
        shutil.rmtree(data)
        shutil.copytree(copy, data)
        await stage.server.start()
        await play.more(90)
        stage.workers[0].is_apart = False
        await play.more(40)


async def test_many_come_back_at_once() -> None:
    """500 clients of a worker that died subscribe with another, which didn't know their channel: a few readings."""
    async with world(SEED, workers=2) as stage:
        spare = stage.workers[1]
        spare.is_up = False
        async with drama(stage, SEED, listeners=500, publishers=2, channels=("alpha",), pause=0.05) as play:
            await play.more(20)
            spare.is_up = True
            before = (await info(stage, "commandstats", "cmdstat_xrange")).get("calls", 0)
            play.note("the worker of 500 clients is killed")
            await stage.workers[0].kill()
            assert await play.go_on_until(lambda: all(listener.connects == 2 for listener in play.listeners))
            assert await play.go_on_until(lambda: all(listener.is_in for listener in play.listeners))
            # A reading is up to three XRANGE.
            readings = ((await info(stage, "commandstats", "cmdstat_xrange"))["calls"] - before) / 3
            assert readings <= 10, readings
