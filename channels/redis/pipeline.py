"""Many calls in one round trip, to whichever servers have their keys."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

from channels.redis.config import Address, Redis
from channels.redis.connection import Connection, Lost, open_connection, pack
from channels.redis.locator import Locator
from channels.redis.refusal import CANT_SERVE, ELSEWHERE, MISPLACED, Refused, redirection
from channels.redis.script import SCRIPTS, Call, Reply, Script
from channels.redis.timings import Timings

AGAIN: Final = 0.02
"""Seconds before calls are sent a second time that a cluster can't do while it moves their slot, or that it sends in
circles."""

_ASKING: Final = pack(b"ASKING")


class _Place(NamedTuple):
    """Where calls go: a server, and whether it was named by `ASK`, which it must be told."""

    address: Address
    asking: bool


class _Round(NamedTuple):
    """Calls, what they have given so far, and by number those that must be sent again, with who said so."""

    calls: Sequence[Call]
    replies: list[Reply]
    again: dict[int, Address]


class Pipeline:
    """Connections of one owner, one per server, opened when they are first needed.

    Not for two callers at once: `run` must return before it is called again.

    Args:
        timings: count the calls.
    """

    def __init__(self, redis: Redis, locator: Locator, timings: Timings | None = None) -> None:
        self._redis = redis
        self._locator = locator
        self._connections: dict[Address, Connection] = {}
        self._lost: Lost | None = None
        self._timings = timings or Timings()

    async def run(self, calls: Sequence[Call]) -> list[Reply]:
        """Run calls in order, and return what each gave: its reply, or an exception for one that failed alone.

        Calls on one key take effect in the order given, but for those whose slot a cluster was moving at this moment:
        of these, an earlier one may take effect last. A call may have taken effect even when `Lost` is raised.

        Raises:
            Lost: a server is away, has changed, or can't serve.
        """
        replies = await self.attempt(calls)
        if self._lost is not None:
            raise self._lost
        return replies

    async def attempt(self, calls: Sequence[Call]) -> list[Reply]:
        """Do as `run` does, but return `Lost` as the reply of those calls whose server is away, beside the others'."""
        self._lost = None
        loop = asyncio.get_running_loop()
        start = loop.time()
        end = start + self._redis.timeout
        this = _Round(calls, [None] * len(calls), {})
        left: Sequence[int] = range(len(calls))
        try:
            while left:
                again = dict(this.again)
                this.again.clear()
                places = await self._places(this, left, again)
                if len(places) == 1:
                    await self._visit(*next((place, this, numbers) for place, numbers in places.items()))
                else:
                    await asyncio.gather(*(self._visit(place, this, numbers) for place, numbers in places.items()))
                left = sorted(this.again)
                if left and loop.time() > end:
                    self._give_up(this, left, Lost(f"the cluster can't settle a slot: {this.replies[left[0]]}", True))
                    break
                if any(number in again or this.replies[number].code == "TRYAGAIN" for number in left):
                    await asyncio.sleep(AGAIN)
        except BaseException:
            await self.close()
            raise
        self._timings.note(calls, this.replies, loop.time() - start)
        return this.replies

    def _give_up(self, this: _Round, numbers: Sequence[int], lost: Lost) -> None:
        self._lost = lost
        self._locator.doubt()
        for number in numbers:
            this.replies[number] = lost
            this.again.pop(number, None)

    async def _places(
        self, this: _Round, numbers: Sequence[int], again: dict[int, Address]
    ) -> dict[_Place, Sequence[int]]:
        """Divide calls among servers. Within one server the order stays."""
        if not self._locator.sharded:
            try:
                return {_Place(await self._locator.locate(0), False): numbers}
            except Lost as lost:
                self._give_up(this, numbers, lost)
                return {}
        slots: dict[int, list[int]] = {}
        places: dict[_Place, list[int]] = {}
        slot = self._locator.slot
        for number in numbers:
            if number in again and (address := self._elsewhere(this.replies[number], again[number])) is not None:
                places.setdefault(_Place(address, True), []).append(number)
            else:
                slots.setdefault(slot(this.calls[number].keys[0]), []).append(number)
        for at, inside in slots.items():
            try:
                address = await self._locator.locate(at)
            except Lost as lost:
                self._give_up(this, inside, lost)
            else:
                places.setdefault(_Place(address, False), []).extend(inside)
        return {place: sorted(inside) for place, inside in places.items()}

    def _elsewhere(self, error: Refused, teller: Address) -> Address | None:
        """Learn from a redirection; return where `ASK` wants the call, this once."""
        there = redirection(error, teller)
        if there is not None and error.code == "MOVED":
            self._locator.moved(*there)
        return there.address if there is not None and error.code == "ASK" else None

    async def _visit(self, place: _Place, this: _Round, numbers: Sequence[int]) -> None:
        address = place.address
        try:
            async with asyncio.timeout(self._redis.timeout):
                await self._exchange(place, this, numbers)
            return
        except TimeoutError:
            lost = Lost(f"{address}: no answer within {self._redis.timeout:g} s")
        except Lost as error:
            lost = error
        self._give_up(this, numbers, lost)
        if (connection := self._connections.pop(address, None)) is not None:
            await connection.close()

    async def _exchange(self, place: _Place, this: _Round, numbers: Sequence[int]) -> None:
        """Send calls to one server, and take the replies."""
        address, asking = place
        connection = self._connections.get(address)
        if connection is None or connection.ended:  # ended while nothing was asked: no call was on its way
            connection = await self._open(address)
        calls = this.calls
        if asking:
            connection.write(b"".join([_ASKING + calls[number].packed() for number in numbers]))
            got = (await connection.take(2 * len(numbers)))[1::2]
        else:
            connection.write(b"".join([calls[number].packed() for number in numbers]))
            got = await connection.take(len(numbers))
        if len(got) != len(numbers):
            raise Lost(f"{address}: answered what was not asked")
        replies = this.replies
        wrong = [number for number, reply in zip(numbers, got, strict=True) if isinstance(reply, Refused)]
        for number, reply in zip(numbers, got, strict=True):
            replies[number] = reply
        if wrong:
            await self._judge(connection, this, wrong)

    async def _judge(self, connection: Connection, this: _Round, numbers: list[int]) -> None:
        """Look at errors: which end the connection, which calls can be sent again, and which failed alone."""
        address = connection.address
        unknown: dict[Script, None] = {}
        for number in numbers:
            error = this.replies[number]
            if error.code in CANT_SERVE:
                raise Lost(f"{address}: {error}", misplaced=error.code in ELSEWHERE)
            if error.code in MISPLACED and not self._locator.sharded:
                raise Lost(f"{address}: belongs to a cluster; set redis.mode to cluster ({error})")
            if error.code in MISPLACED or error.code == "NOSCRIPT":
                this.again[number] = address
            if error.code == "NOSCRIPT":
                unknown[this.calls[number].script] = None
        if unknown:
            await self._load(connection, tuple(unknown))

    async def _open(self, address: Address) -> Connection:
        connection = self._connections[address] = await open_connection(self._redis, address)
        await self._load(connection, SCRIPTS)
        return connection

    async def _load(self, connection: Connection, scripts: Sequence[Script]) -> None:
        connection.write(b"".join([script.load for script in scripts]))
        for script, reply in zip(scripts, await connection.take(len(scripts)), strict=True):
            if isinstance(reply, Refused):
                raise Lost(f"{connection.address}: the script {script.name} can't be loaded: {reply}")

    async def close(self) -> None:
        """Close all connections; the next `run` opens new ones."""
        connections, self._connections = self._connections, {}
        for connection in connections.values():
            await connection.close()
