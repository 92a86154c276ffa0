"""One connection to a hub: commands out, replies back to who asked, everything else handed on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tocsin_client.feeds import OnReply
from tocsin_client.wire import is_publication

BATCH: Final = 100
"""Commands in one frame, as every hub takes them unless configured otherwise."""
BATCH_BYTES: Final = 256 * 1024
"""Bytes after which a frame takes no more commands."""
TURN: Final = 100
"""Messages after which those who read them get a turn."""


class Link:
    """A connection that is open.

    Args:
        receive: is given what is no reply: its fields, and its size in bytes.
        heartbeat: seconds of silence after which the hub is asked for a sign of life, and after as many more is cut.
    """

    def __init__(
        self, socket: ClientConnection, receive: Callable[[dict[str, Any], int], None], heartbeat: float
    ) -> None:
        self._socket = socket
        self._receive = receive
        self._heartbeat = heartbeat
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._outgoing: list[str] = []
        self._wake = asyncio.Event()
        self._waiting: dict[int, OnReply] = {}
        self._number = 0
        self._timers: set[asyncio.TimerHandle] = set()
        self._watch: asyncio.TimerHandle | None = None
        self.is_open = True

    def send(self, command: dict[str, Any], on_reply: OnReply) -> None:
        """Send a command, together with others that are sent in the same turn of the loop. `on_reply` is called in the
        reply's place among the messages.

        Raises:
            ValueError, TypeError: it is not JSON.
        """
        if not self.is_open:
            on_reply(None)
            return
        number = self._number = self._number + 1
        text = json.dumps({**command, "id": number}, allow_nan=False, separators=(",", ":"))
        self._waiting[number] = on_reply
        self._outgoing.append(text)
        self._wake.set()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` after so long, unless the connection ends before."""

        def act() -> None:
            self._timers.discard(timer)
            action()

        timer = self._loop.call_later(seconds, act)
        self._timers.add(timer)

    def ask_for_life_every(self, seconds: float) -> None:
        """Shorten the heartbeat, for a hub that closes idle connections."""
        self._heartbeat = min(self._heartbeat, seconds)
        self._look()

    async def run(self) -> tuple[int, str]:
        """Read until the connection ends; return close code (1006: without a close) and reason."""
        writer = asyncio.create_task(self._write(), name="tocsin writer")
        self._look()
        try:
            await self._read()
        except ConnectionClosed:
            pass
        finally:
            self.is_open = False
            writer.cancel()
            self._stop_timers()
            await asyncio.gather(writer, return_exceptions=True)
            waiting, self._waiting = self._waiting, {}
            for on_reply in waiting.values():
                on_reply(None)
        return self._socket.close_code or 1006, self._socket.close_reason or ""

    async def close(self) -> None:
        """Say goodbye, within the close timeout."""
        await self._socket.close()

    def cut(self) -> None:
        """End it without a word."""
        self._socket.transport.abort()

    async def _read(self) -> None:
        taken = 0
        while True:
            text = await self._socket.recv()
            self._heard = self._loop.time()
            self._take(text)
            taken += 1
            if taken % TURN == 0:
                await asyncio.sleep(0)

    def _take(self, text: str | bytes) -> None:
        try:
            fields = json.loads(text)
        except ValueError:
            return  # a hub never sends that; what isn't understood is ignored
        if not isinstance(fields, dict):
            return
        number = None if is_publication(fields) else fields.get("id")
        on_reply = self._waiting.pop(number, None) if isinstance(number, int) else None
        if on_reply is None:
            self._receive(fields, len(text))
        else:
            on_reply(fields)

    async def _write(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._outgoing:
                    await self._socket.send(self._frame())
        except ConnectionClosed:
            return  # which the reader sees, too

    def _frame(self) -> str:
        """Take the next commands: one as it is, several as an array."""
        count, size = 0, 0
        while count < min(BATCH, len(self._outgoing)) and (not count or size < BATCH_BYTES):
            size += len(self._outgoing[count])
            count += 1
        chosen, self._outgoing = self._outgoing[:count], self._outgoing[count:]
        return chosen[0] if count == 1 else f"[{','.join(chosen)}]"

    def _look(self, asked: float | None = None) -> None:
        """Look for signs of life, now and again when the next one is due."""
        if self._watch is not None:
            self._watch.cancel()
        now = self._loop.time()
        due = self._heard + self._heartbeat
        if asked is not None and self._heard < asked:
            if now >= asked + self._heartbeat:
                self.cut()
                return
            due = asked + self._heartbeat
        elif now >= due:
            asked, due = now, now + self._heartbeat
            self.send({"action": "ping"}, lambda _: None)
        else:
            asked = None
        self._watch = self._loop.call_at(due, self._look, asked)

    def _stop_timers(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
