"""All server connections of a pool, whatever they are doing. Here the maximum is kept.

A connection counts from before it is opened until the server has ended its side of it. One that had to be cut counts
for `settle` seconds more, because the server's process notices only when it reads or writes next.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from integrations.db_pool.driver import Driver
from integrations.db_pool.lending import Held
from integrations.db_pool.options import PoolOptions

_UNHEARD: Final = (ConnectionRefusedError, FileNotFoundError, socket.gaierror)
"""Attempts that no server has heard of, so that it can have no process for them."""

log = structlog.get_logger(__name__)


class Stock:
    """Opens, keeps and closes connections. What it opens becomes idle; who wants it is the pool's business.

    Args:
        changed: called when a connection became idle, or a place free.
        failed: called with what kept a connection from being opened.

    Attributes:
        idle: free ones, the latest used last; it is used again first, and the first ones are retired first.
        busy: those that are lent, or being cleaned.
        opening: how many are being opened.
        closing: how many are being closed, or were cut so lately that the server may not know it.
        connect_errors: how many could not be opened, since the start.
        failures_in_a_row: of these, since one was opened last.
        lost: how many broke or were cut, since the start.
    """

    def __init__(
        self, driver: Driver, options: PoolOptions, changed: Callable[[], None], failed: Callable[[Exception], None]
    ) -> None:
        self.driver = driver
        self._options = options
        self._changed = changed
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()
        self.idle: list[Held] = []
        self.busy: set[Held] = set()
        self.opening = 0
        self.closing = 0
        self.connect_errors = 0
        self.failures_in_a_row = 0
        self.lost = 0

    @property
    def open(self) -> int:
        """Connections for borrowers: there, or soon."""
        return len(self.idle) + len(self.busy) + self.opening

    @property
    def room(self) -> int:
        """Connections that may still be opened."""
        return self._options.maximum - self.open - self.closing

    def take(self) -> Held | None:
        """Take an idle connection that lives; it is busy then."""
        while self.idle:
            held = self.idle.pop()
            if not held.connection.is_closed():
                self.busy.add(held)
                return held
            self._lose(held)
        return None

    def put(self, held: Held) -> None:
        """Take back a busy one, as clean as new; it is idle then. One that was cut meanwhile stays what it is."""
        if held in self.busy:
            self.busy.remove(held)
            self.idle.append(held)

    def cut(self, held: Held) -> None:
        """End a busy one at once. It is broken, or nobody knows what it is doing."""
        if held in self.busy:
            self.busy.remove(held)
            self._lose(held)

    def retire(self, number: int) -> None:
        """Close so many idle ones in peace, those first that were used the longest time ago."""
        leaving, self.idle = self.idle[:number], self.idle[number:]
        for held in leaving:
            self.closing += 1
            self._spawn(self._close(held), "close")

    def prune(self) -> None:
        """Let go of idle ones that the server has ended."""
        for held in [held for held in self.idle if held.connection.is_closed()]:
            self.idle.remove(held)
            self._lose(held)

    def grow(self) -> None:
        """Open one more. Ask for `room` before."""
        if self.room <= 0:
            raise RuntimeError(f"expected room for a connection, but there are {self._options.maximum}")
        self.opening += 1
        self._spawn(self._open(), "open")

    async def end(self) -> None:
        """Close all in peace, and cut what isn't closed in time. Nothing is open when this returns."""
        for held in list(self.busy):
            self.cut(held)
        for task in self._tasks:
            if task.get_name().endswith("open"):
                task.cancel()
        self.retire(len(self.idle))
        closing = [task for task in self._tasks if task.get_name().endswith("close")]
        if closing:
            await asyncio.wait(closing, timeout=self._options.close_timeout)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.opening = self.closing = 0  # also those whose task ended before it began

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Finish `work` in a task of the pool's own."""
        self._spawn(work, "finish")

    async def _open(self) -> None:
        try:
            connection = await self.driver.open()
        except Exception as error:
            self.opening -= 1
            self.connect_errors += 1
            self.failures_in_a_row += 1
            if not isinstance(error, _UNHEARD):
                self._settle()
            self._failed(error)
        except BaseException:
            self.opening -= 1
            raise
        else:
            self.opening -= 1
            self.failures_in_a_row = 0
            self.idle.append(Held(connection, self))
            self._changed()

    async def _close(self, held: Held) -> None:
        try:
            await self.driver.close(held.connection)
        except Exception as error:
            log.debug("a connection did not close in peace", pool=self._options.name, error=repr(error))
            self._settle()
        finally:
            self.closing -= 1
        self._changed()

    def _lose(self, held: Held) -> None:
        self.lost += 1
        held.connection.terminate()
        self._settle()

    def _settle(self) -> None:
        self.closing += 1
        self._spawn(self._settled(), "settle")

    async def _settled(self) -> None:
        try:
            await asyncio.sleep(self._options.settle)
        finally:
            self.closing -= 1
        self._changed()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=f"pool {self._options.name}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _drop_statement_cache(self) -> None:
        for held in [*self.idle, *self.busy]:
            held.drop_statement_cache()

    def _drop_type_cache(self) -> None:
        for held in [*self.idle, *self.busy]:
            held.drop_type_cache()
