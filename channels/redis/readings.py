"""Readings of followed channels: whoever asks for one while others wait for the next shares it with them.

So a thousand clients that come back to one channel cost one reading, and ten thousand channels that need healing after
a lost connection cost few round trips. One round is under way at a time; what is asked meanwhile makes the next round,
so a reading always begins after it was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice

from channels.errors import ReplyError
from channels.redis.backoff import Backoff

ROUND = 1024
"""Channels read at once."""


class _Order:
    """What is to be read of one channel, and who waits for it."""

    __slots__ = ("full", "waiters")

    def __init__(self) -> None:
        self.full = False
        self.waiters: list[asyncio.Future[None]] = []


class Readings:
    """Orders for readings, and the one task that carries them out.

    Args:
        read: reads a channel (the second argument: in full) and delivers what it finds.
        worth_retrying: tells whether a channel that could not be read is still wanted.
    """

    def __init__(
        self,
        read: Callable[[str, bool], Awaitable[None]],
        worth_retrying: Callable[[str], bool],
        backoff: Backoff,
    ) -> None:
        self._read = read
        self._worth_retrying = worth_retrying
        self._backoff = backoff
        self._orders: dict[str, _Order] = {}
        self._wake = asyncio.Event()
        self._reading: dict[str, _Order] = {}

    def __len__(self) -> int:
        return len(self._orders) + len(self._reading)

    def ask(self, channel: str, full: bool = False) -> None:
        """Have a channel read soon."""
        self._order(channel, full)

    async def wait(self, channel: str, full: bool = False) -> None:
        """Return when a reading that began after this call has been delivered.

        Raises:
            ReplyError: `unavailable`.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order(channel, full).waiters.append(future)
        await future

    def _order(self, channel: str, full: bool) -> _Order:
        order = self._orders.setdefault(channel, _Order())
        order.full = order.full or full
        self._wake.set()
        return order

    async def run(self) -> None:
        """Work until cancelled, with which everyone's waiting ends. Exactly one task runs this."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._orders:
                    await self._round()
        finally:
            for order in (*self._orders.values(), *self._reading.values()):
                for future in order.waiters:
                    future.cancel()

    async def _round(self) -> None:
        self._reading = {channel: self._orders.pop(channel) for channel in _first(self._orders, ROUND)}
        done = await asyncio.gather(*(self._carry_out(*item) for item in self._reading.items()))
        self._reading = {}
        if all(done):
            self._backoff.reset()
        else:
            await self._backoff.pause()

    async def _carry_out(self, channel: str, order: _Order) -> bool:
        try:
            await self._read(channel, order.full)
        except ReplyError as error:
            for future in order.waiters:
                if not future.done():
                    future.set_exception(error)
            if self._worth_retrying(channel):
                self.ask(channel, order.full)
            return False
        for future in order.waiters:
            if not future.done():
                future.set_result(None)
        return True


def _first(orders: dict[str, _Order], count: int) -> Iterator[str]:
    return iter(list(islice(orders, count)))
