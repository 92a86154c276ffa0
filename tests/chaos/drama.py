"""One run: listeners and publishers around a world, faults by the test, and a verdict at the end."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

import aiohttp

from channels.model import Position
from tests.chaos.checker import Rules, check
from tests.chaos.events import Acknowledged, Event, Kept
from tests.chaos.listener import Listener
from tests.chaos.publisher import Publisher
from tests.chaos.world import CONFLATED, PLAIN, World

PATIENCE = 25.0
"""Seconds after the last fault in which everything must have arrived; much more than it takes."""


@dataclass
class Drama:
    """What goes on.

    Attributes:
        faults: what was done to the world, with the second of the run: printed with the verdict.
    """

    world: World
    seed: int
    listeners: list[Listener] = field(default_factory=list)
    publishers: list[Publisher] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    began: float = field(default_factory=monotonic)

    def note(self, fault: str) -> None:
        """Write down what is done to the world."""
        self.faults.append(f"{monotonic() - self.began:6.2f} s  {fault}")

    def count(self, kind: type[Event]) -> int:
        """How often this happened to a listener."""
        diaries = (diary for listener in self.listeners for diary in listener.diaries.values())
        return sum(isinstance(event, kind) for diary in diaries for event in diary.events)

    async def go_on_until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        """Wait for `condition`; tell whether it came to hold."""
        until = monotonic() + seconds
        while not condition():
            if monotonic() >= until:
                return False
            await asyncio.sleep(0.02)
        return True

    async def more(self, publications: int) -> None:
        """Wait until so many more are acknowledged."""
        goal = self._acknowledged() + publications
        assert await self.go_on_until(lambda: self._acknowledged() >= goal), f"publishing stands still\n{self}"

    def _acknowledged(self) -> int:
        return sum(len(publisher.acknowledged.places) for publisher in self.publishers)

    def codes(self) -> set[int | None]:
        """Close codes that listeners have seen."""
        return {
            code
            for listener in self.listeners
            for diary in listener.diaries.values()
            for event in diary.events
            if (code := getattr(event, "code", None)) is not None
        }

    def __str__(self) -> str:
        test = os.environ.get("PYTEST_CURRENT_TEST", "tests/chaos").partition("[")[0].partition(" ")[0]
        repeat = f"TOCSIN_CHAOS_SEED={self.seed} make test ARGS={test}"
        return "\n".join((f"seed {self.seed}; repeat with {repeat}", *self.faults, self.world.logs()))

    async def heal(self) -> None:
        """End all faults, and wait until everybody is there."""
        self.world.heal()
        for listener in self.listeners:
            listener.spare()
        for worker in self.world.workers:
            if not worker.is_up:
                await worker.start()
        calm = await self.go_on_until(lambda: all(listener.is_in for listener in self.listeners))
        assert calm, f"{[each.name for each in self.listeners if not each.is_in]} can't come back\n{self}"

    async def end(self, session: aiohttp.ClientSession, writing: Sequence[asyncio.Task[None]]) -> None:
        """Let publishers finish, with one more each: what is delivered late comes before that."""
        for publisher in self.publishers:
            publisher.stop.set()
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*writing)
                while not await self._spools_are_empty(session):  # noqa: ASYNC110 - workers set no event
                    await asyncio.sleep(0.05)
                await asyncio.gather(*(publisher.publish(session) for publisher in self.publishers))
        except TimeoutError:
            raise AssertionError(f"publishing doesn't end\n{self}") from None

    async def _spools_are_empty(self, session: aiohttp.ClientSession) -> bool:
        """Tell whether everything that was answered as queued is in Valkey. Workers behind one port answer for all."""
        for worker in self.world.workers:
            async with session.get(f"http://127.0.0.1:{worker.port}/metrics") as answer:
                lines = (await answer.text()).splitlines()
            waiting = [line for line in lines if line.startswith(("tocsin_spooled ", "tocsin_spooled{"))]
            if not waiting or any(float(line.rpartition(" ")[2]) for line in waiting):
                return False
        return True

    async def judge(self, rules: Rules) -> None:
        """Let everything arrive, and compare."""
        channels = sorted({channel for listener in self.listeners for channel in listener.diaries})
        kept = await self._settled(channels)
        diaries = [diary for listener in self.listeners for diary in listener.diaries.values()]
        faults = check(diaries, kept, self._answers(), rules)
        kinds = Counter(f"{fault.what} on {fault.channel}" for fault in faults)
        shown = "\n".join((*(f"{times} x {kind}" for kind, times in kinds.items()), *map(str, faults[:20])))
        assert not faults, f"{len(faults)} promises broken\n{shown}\n{self}"

    async def _settled(self, channels: Sequence[str]) -> dict[str, Kept]:
        """Return what Valkey holds once everybody is there. Epochs may still change, when a loss is noticed."""
        until = monotonic() + PATIENCE
        while True:
            kept = await self.world.kept(channels)
            if await self.go_on_until(lambda kept=kept: self._all_at(kept), 1.0) or monotonic() >= until:  # type: ignore[misc]
                return kept

    def _answers(self) -> list[Acknowledged]:
        return [publisher.acknowledged for publisher in self.publishers]

    def _all_at(self, kept: dict[str, Kept]) -> bool:
        tops: dict[str, Position] = {channel: stream.top for channel, stream in kept.items()}
        return all(listener.positions.get(c) == tops[c] for listener in self.listeners for c in listener.diaries)


@asynccontextmanager
async def drama(
    world: World,
    seed: int,
    *,
    listeners: int = 40,
    publishers: int = 4,
    channels: Sequence[str] = PLAIN,
    lossy: bool = False,
    repeating: bool = False,
    pause: float = 0.02,
    size: int = 40,
    trusting: bool = False,
    publish_to: Sequence[int] = (),
    listen_to: Sequence[int] = (),
    allowed: Callable[[], int | None] = lambda: None,
) -> AsyncIterator[Drama]:
    """Let listeners listen and publishers publish as long as the block runs, then judge.

    Args:
        listeners: each is on two of the channels, or on all if there are fewer.
        lossy: what the test does may make Valkey forget.
        repeating: see `Rules`.
        trusting: see `Publisher`. Each of them has one worker then: order holds per worker.
        publish_to, listen_to: numbers of the workers that publishers and listeners use; all if none is named.
        allowed: see `Listener`.
    """
    random, everywhere = world.random, range(len(world.workers))
    numbers, listening = publish_to or everywhere, world.of(*(listen_to or everywhere))
    play = Drama(world, seed)
    for number in range(listeners):
        chosen = random.sample(list(channels), min(2, len(channels)))
        play.listeners.append(Listener(f"listener-{number}", chosen, listening, random, allowed))
    for number in range(publishers):
        channel = channels[number % len(channels)]
        keys = ("a", "b", "c") if channel in CONFLATED else ()
        port = world.of(numbers[number % len(numbers)]) if trusting else world.of(*numbers)
        play.publishers.append(
            Publisher(f"p{number}", channel, port, random, pause=pause, size=size, keys=keys, trusting=trusting)
        )
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        tasks = [group.create_task(each.run(), name=each.name) for each in play.listeners]
        ready = await play.go_on_until(lambda: all(listener.is_in for listener in play.listeners))
        assert ready, f"listeners can't enter\n{play}"
        writing = [group.create_task(each.run(session)) for each in play.publishers]
        yield play
        await play.heal()
        await play.end(session, writing)
        await play.judge(Rules(lossy, repeating, CONFLATED))
        for task in tasks:
            task.cancel()
