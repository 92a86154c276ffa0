"""All faults in random order, two at a time, as a seed says."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Awaitable, Callable

from tests.chaos.drama import Drama
from tests.chaos.world import REDIS_TIMEOUT, Worker


class Trouble:
    """Makes trouble, with pauses that are sometimes too short to recover in.

    Args:
        restoring: Valkey is also started with older copies of its data.
    """

    def __init__(self, play: Drama, *, restoring: bool = False) -> None:
        self._play = play
        # Each of the two is in one state at a time; what happens to networks and clients may come together with it.
        self._valkey = asyncio.Lock()
        self._processes = asyncio.Lock()
        self._network = asyncio.Lock()
        self._world = play.world
        self._random = play.world.random
        self._kinds: list[Callable[[], Awaitable[None]]] = [
            self._kill_a_worker,
            self._freeze_valkey,
            self._restart_valkey,
            self._cut_clients,
            self._cut_after_some_bytes,
            self._cut_a_link,
            self._hold_a_link,
            self._swallow_on_a_link,
            self._mute_a_link,
            self._slow_a_link,
            self._kill_the_readers,
            self._stall_clients,
        ]
        self._of_the_network = (
            self._cut_after_some_bytes,
            self._hold_a_link,
            self._swallow_on_a_link,
            self._mute_a_link,
            self._slow_a_link,
        )
        if restoring:
            self._kinds.append(self._restore_valkey)

    async def run(self, seconds: float) -> None:
        """Make trouble for a time, with two hands."""
        until = asyncio.get_running_loop().time() + seconds
        await asyncio.gather(self._run(until), self._run(until))

    async def _run(self, until: float) -> None:
        """Every kind comes before one comes again."""
        loop = asyncio.get_running_loop()
        waiting: list[Callable[[], Awaitable[None]]] = []
        while loop.time() < until:
            if not waiting:
                waiting = self._random.sample(self._kinds, len(self._kinds))
            fault = waiting.pop()
            if fault in self._of_the_network:
                async with self._network:
                    await fault()
            else:
                await fault()
            await self._some(0.0, 0.6)

    async def _some(self, least: float, most: float) -> None:
        await asyncio.sleep(self._random.uniform(least, most))

    def _worker(self) -> Worker:
        return self._random.choice(self._world.workers)

    async def _kill_a_worker(self) -> None:
        async with self._processes:
            worker = self._worker()
            self._play.note(f"{worker.log.stem} killed")
            await worker.kill()
            await self._some(0.0, 0.3)
            await worker.start()

    async def _freeze_valkey(self) -> None:
        seconds = self._random.choice((0.2, 0.8, 1.5)) * REDIS_TIMEOUT
        async with self._valkey:
            self._play.note(f"valkey frozen for {seconds:.1f} s")
            self._world.server.freeze()
            await asyncio.sleep(seconds)
            self._world.server.thaw()

    async def _restart_valkey(self) -> None:
        async with self._valkey:
            self._play.note("valkey killed")
            await self._world.server.stop(signal.SIGKILL)
            await self._some(0.0, 0.8)
            await self._world.server.start()

    async def _restore_valkey(self) -> None:
        """Every worker knows everything then: one that doesn't can't tell an older copy (docs/topics/guarantees.md)."""
        data = self._world.server.folder / "appendonlydir"
        copy = self._world.folder / "copy"
        async with self._network, self._processes, self._valkey:
            self._world.heal()
            await self._play.go_on_until(lambda: all(listener.is_in for listener in self._play.listeners))
            await asyncio.sleep(3 * REDIS_TIMEOUT)
            shutil.copytree(data, copy)
            await self._some(0.5, 1.0)
            self._play.note("valkey killed, and started with an older copy")
            await self._world.server.stop(signal.SIGKILL)
            shutil.rmtree(data)
            shutil.move(copy, data)
            await self._world.server.start()
            await asyncio.sleep(1.0)

    async def _cut_clients(self) -> None:
        share = self._random.choice((0.1, 0.5, 1.0))
        self._play.note(f"{share:.0%} of the clients cut")
        for listener in self._play.listeners:
            if self._random.random() < share:
                listener.cut()

    async def _cut_after_some_bytes(self) -> None:
        proxy = self._worker().proxy
        self._play.note("links of one worker are cut after some bytes")
        proxy.up.cut_after = proxy.down.cut_after = lambda: self._random.randrange(1, 60_000)
        proxy.cut()
        await self._some(0.3, 1.0)
        proxy.heal()

    async def _cut_a_link(self) -> None:
        self._play.note("some links of one worker cut")
        self._worker().proxy.cut(0.7)

    async def _hold_a_link(self) -> None:
        proxy, seconds = self._worker().proxy, self._random.choice((0.3, 1.3)) * REDIS_TIMEOUT
        self._play.note(f"links of one worker held for {seconds:.1f} s")
        lane = self._random.choice((proxy.up, proxy.down))
        lane.held = True
        await asyncio.sleep(seconds)
        lane.held = False

    async def _swallow_on_a_link(self) -> None:
        proxy = self._worker().proxy
        self._play.note("links of one worker are black holes")
        lane = self._random.choice((proxy.up, proxy.down))
        lane.swallows = True
        await self._some(0.1, 1.0)
        lane.swallows = False

    async def _mute_a_link(self) -> None:
        self._play.note("some links of one worker are silent for good")
        self._worker().proxy.mute(0.4)

    async def _slow_a_link(self) -> None:
        proxy = self._worker().proxy
        self._play.note("links of one worker are slow")
        for lane in (proxy.up, proxy.down):
            lane.delay, lane.jitter, lane.rate = 0.02, 0.05, 2_000_000.0
        await self._some(0.3, 1.0)
        proxy.heal()

    async def _kill_the_readers(self) -> None:
        async with self._valkey:
            self._play.note("CLIENT KILL TYPE pubsub")
            await self._world.ask("CLIENT", "KILL", "TYPE", "pubsub")

    async def _stall_clients(self) -> None:
        chosen = self._random.sample(self._play.listeners, max(1, len(self._play.listeners) // 5))
        self._play.note(f"{len(chosen)} clients stop reading")
        for listener in chosen:
            listener.stall()
        await self._some(0.2, 0.8)
        for listener in chosen:
            listener.go_on()
