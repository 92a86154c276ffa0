"""The reader: Redis' channels that this process listens to, kept over lost connections, failovers and moved slots."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from functools import partial
from random import Random
from typing import Final

import structlog

from channels.redis.backoff import Backoff
from channels.redis.config import Address, Redis
from channels.redis.connection import Lost, open_connection
from channels.redis.link import Heard, Link
from channels.redis.locator import Locator

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.01, 2.0
"""Seconds between two attempts to connect: doubled each time, and a random part of it, so processes don't come at
once."""

CHECK_EVERY: Final = 10.0
"""Seconds between two looks whether channels are served elsewhere by now, though nothing looks wrong here: a master
that was cut off from its sentinels goes on talking to us."""

MISPLACED_PAUSE: Final = 0.02
"""Seconds before a channel is sought anew that a cluster doesn't serve where we thought: nodes learn one by one."""


class _Place:
    """A server, the channels that belong there, and the link to it while there is one.

    Attributes:
        open: it has answered all that was asked at the start.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self.names: set[bytes] = set()
        self.link: Link | None = None
        self.open = False
        self.task: asyncio.Task[None] | None = None


class Subscriptions:
    """Listens to a changing set of Redis' channels.

    Args:
        on_message: gets the channel and the bytes of each message, in the order of the server; only between `on_ready`
            for the channel and its `discard` or a loss.
        on_ready: gets channels for which listening has begun, or begun again after a loss: what was published before
            may have been missed.
        on_link: told `True` when all servers that are needed are connected and listen to what was wanted of them,
            `False` once when that ends, or when the first attempt fails. After a `False`, `on_ready` comes for every
            channel again, also for those of a cluster's other nodes.
    """

    def __init__(
        self,
        redis: Redis,
        locator: Locator,
        on_message: Callable[[bytes, bytes], None],
        on_ready: Callable[[Collection[bytes]], None],
        on_link: Callable[[bool, str], None],
        random: Random,
    ) -> None:
        self._redis = redis
        self._locator = locator
        self._on_message = _guarded(on_message)
        self._on_ready = _guarded(on_ready)
        self._on_link = on_link
        self._random = random
        self._wanted: dict[bytes, _Place | None] = {}
        self._homeless: dict[bytes, None] = {}
        self._places: dict[Address, _Place] = {}
        self._backoffs: dict[Address, Backoff] = {}
        self._failures = 0
        self._connected: bool | None = None
        self._undisturbed: list[_Place] = []
        self._version = locator.version
        self._work = asyncio.Event()

    def add(self, names: Collection[bytes]) -> None:
        """Want channels. `on_ready` tells when they are listened to."""
        fresh = [name for name in names if name not in self._wanted]
        self._wanted.update(dict.fromkeys(fresh))
        self._seek(fresh)

    def discard(self, names: Collection[bytes]) -> None:
        """Want channels no longer."""
        for name in names:
            place = self._wanted.pop(name, None)
            self._homeless.pop(name, None)
            if place is not None:
                self._leave(place, name)

    def _leave(self, place: _Place, name: bytes) -> None:
        place.names.discard(name)
        if place.link is not None:
            place.link.drop((name,))

    def _seek(self, names: Iterable[bytes]) -> None:
        self._homeless.update(dict.fromkeys(names))
        self._work.set()

    async def run(self) -> None:
        """Listen until cancelled. Exactly one task runs this."""
        loop = asyncio.get_running_loop()
        check_at = loop.time() + CHECK_EVERY
        try:
            while True:
                self._work.clear()
                pause = await self._place_all()
                wait = min(check_at - loop.time(), pause or CHECK_EVERY)
                try:
                    async with asyncio.timeout(max(wait, 0.0)):
                        await self._work.wait()
                except TimeoutError:
                    if loop.time() >= check_at:
                        await self._check()
                        check_at = loop.time() + CHECK_EVERY
        finally:
            await self._close(list(self._places.values()))

    async def _place_all(self) -> float:
        """Give every channel its server. Returns the seconds after which to try again; 0 when all have one."""
        slots: dict[int, list[bytes]] = {0: []}  # also with no channel at all: the link tells whether Redis is there
        for name in self._homeless:
            slots.setdefault(self._locator.slot(name), []).append(name)
        failed = False
        for slot, names in slots.items():
            try:
                address = await self._locator.locate(slot)
            except Lost as error:
                failed = True
                self._say(False, str(error))
                continue
            self._settle(self._place(address), names)
        self._say_when_connected()
        self._failures = self._failures + 1 if failed else 0
        whole = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 16))
        return whole * self._random.uniform(0.5, 1.0) if failed else 0.0

    def _place(self, address: Address) -> _Place:
        place = self._places.get(address)
        if place is None:
            place = self._places[address] = _Place(address)
            place.task = asyncio.create_task(self._listen(place), name=f"redis reader {address}")
        return place

    def _settle(self, place: _Place, names: Iterable[bytes]) -> None:
        # Some may have been discarded while their server was sought.
        here = [name for name in names if self._homeless.pop(name, self) is None]
        self._wanted.update(dict.fromkeys(here, place))
        place.names.update(here)
        if place.link is not None:
            place.link.want(here)

    async def _listen(self, place: _Place) -> None:
        """Connect to a server and listen, once. Whatever ends it, its channels are sought anew."""
        loop = asyncio.get_running_loop()
        began = float("inf")
        try:
            if (backoff := self._backoffs.get(place.address)) is not None:
                await backoff.pause()
            connection = await open_connection(self._redis, place.address)
            try:
                began = loop.time()
                heard = Heard(partial(self._opened, place), self._on_message, self._on_ready, self._misplaced)
                place.link = Link(self._redis, self._locator, connection, heard)
                await place.link.run(place.names)
            finally:
                await connection.close()
        except Lost as error:
            self._lost(place, str(error), loop.time() - began)
        except Exception as error:
            log.exception("reading from Redis failed", address=str(place.address))
            self._lost(place, repr(error), loop.time() - began)

    def _opened(self, place: _Place) -> None:
        place.open = True
        self._say_when_connected()

    def _lost(self, place: _Place, reason: str, lived: float) -> None:
        if lived >= LONGEST_PAUSE:
            self._backoffs.pop(place.address, None)
        self._backoffs.setdefault(place.address, Backoff(self._random, FIRST_PAUSE, LONGEST_PAUSE))
        del self._places[place.address]
        self._locator.doubt()
        self._wanted.update(dict.fromkeys(place.names))
        self._say(False, reason)
        self._seek(place.names)

    def _misplaced(self, names: Collection[bytes]) -> None:
        """A server has said that it hasn't these any more."""
        away = [name for name in names if name in self._wanted]
        for name in away:
            if (place := self._wanted[name]) is not None:
                place.names.discard(name)
            self._wanted[name] = None
        asyncio.get_running_loop().call_later(MISPLACED_PAUSE, self._seek_still_wanted, away)

    def _seek_still_wanted(self, names: Iterable[bytes]) -> None:
        self._seek(name for name in names if self._wanted.get(name, self) is None)

    async def _check(self) -> None:
        """Move what is served elsewhere by now, and leave servers that have nothing for us any more."""
        await self._locator.refresh()
        if self._version == self._locator.version:
            return
        self._version = self._locator.version
        home = await self._where(0)
        for place in list(self._places.values()):
            for name in list(place.names):
                address = await self._where(self._locator.slot(name))
                if address is not None and address != place.address and self._wanted.get(name) is place:
                    self._leave(place, name)
                    self._wanted[name] = None
                    self._seek((name,))
        if home is not None:
            await self._close([p for p in self._places.values() if not p.names and p.address != home])

    async def _where(self, slot: int) -> Address | None:
        try:
            return await self._locator.locate(slot)
        except Lost:
            return None

    async def _close(self, places: list[_Place]) -> None:
        tasks = [place.task for place in places if place.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for place in places:
            self._places.pop(place.address, None)

    def _say_when_connected(self) -> None:
        if self._homeless or self._work.is_set():
            return  # somebody has just lost a server
        if self._places and not self._connected and all(place.open for place in self._places.values()):
            undisturbed = self._undisturbed
            self._say(True, "")
            for place in undisturbed:
                if place.link is not None and self._places.get(place.address) is place:
                    place.link.announce()

    def _say(self, connected: bool, reason: str) -> None:
        if connected != self._connected:
            self._connected = connected
            self._undisturbed = [] if connected else [place for place in self._places.values() if place.open]
            self._on_link(connected, reason)


def _guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """What one message does wrong must not end the reading of all others."""

    def call(*arguments: object) -> None:
        try:
            callback(*arguments)
        except Exception:
            log.exception("what Redis sent could not be handled")

    return call
