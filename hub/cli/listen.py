"""The loop of `tail`: connect, follow, come back after a loss. What messages mean is decided in `hub.cli.follow`."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from hub.cli.backoff import Backoff
from hub.cli.dial import dial
from hub.cli.endpoint import Endpoint
from hub.cli.exits import Exit, Failure
from hub.cli.follow import Denied, Dismissed, Event, Follower, Moving, Noticed, Welcomed
from hub.cli.refusal import refused
from hub.cli.stream import Message
from hub.cli.tally import Tally
from hub.cli.terminal import Colour
from hub.cli.view import View
from hub.closing import should_reconnect

LONGEST_PAUSE = 600.0
"""Seconds: a hub may ask for a pause of at most this, so that a mistake of its doesn't silence us for good."""
WELCOME_TIMEOUT = 10.0
"""Seconds that a hub has for its welcome."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and as whom.

    Attributes:
        token: reads the token. It is asked again for every connection, and when the token is about to end, so that a
            file may be renewed in place.
    """

    endpoint: Endpoint
    client_id: str
    token: Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a listener works with."""

    follower: Follower
    tally: Tally
    view: View
    backoff: Backoff = field(default_factory=Backoff)


class Listener:
    """Keeps one client of a hub connected.

    Args:
        only_list: end after the welcome.
    """

    def __init__(self, target: Target, parts: Parts, only_list: bool = False) -> None:
        self._target = target
        self._follower = parts.follower
        self._tally = parts.tally
        self._view = parts.view
        self._backoff = parts.backoff
        self._only_list = only_list
        self._welcomed = False
        self._welcomed_once = False
        self._pause: float | None = None
        self._token: str | None = None
        self._refresh: str | None = None
        self.channels: list[str] = []

    async def run(self) -> None:
        """Listen until an expectation is settled, or the channels are listed.

        Raises:
            Failure: the hub can't be reached at the start, or refuses.
        """
        while True:
            try:
                lost = await self._stay(await self._dial())
            except Failure as failure:
                if not (self._welcomed_once and failure.temporary):
                    raise
                await self._wait(failure.lines[0])
                continue
            if lost is None:
                return
            self._tally.reconnects += 1
            await self._wait(lost)

    async def _dial(self) -> ClientConnection:
        self._token = self._target.token()
        self._welcomed = False
        return await dial(self._target.endpoint, self._target.client_id, self._token)

    async def _wait(self, why: str) -> None:
        delay = self._backoff.next()
        if self._pause is not None:
            delay, self._pause = self._pause, None
        self._view.tell(f"{why}; connecting again in {delay:.1f} s", Colour.YELLOW)
        await asyncio.sleep(delay)

    async def _stay(self, connection: ClientConnection) -> str | None:
        """Use a connection; return why it was lost, or `None` when there is nothing more to do."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            await self._converse(connection, clock)
            return None
        except ConnectionClosed as closed:
            self._backoff.lived(clock() - began)
            return self._verdict(closed)
        finally:
            # Also after Ctrl+C: `async with` would close with 1011, as if something had broken.
            await connection.close()

    async def _converse(self, connection: ClientConnection, clock: Callable[[], float]) -> None:
        self._follower.connected()
        latest = clock() + WELCOME_TIMEOUT
        while True:
            for command in self._follower.commands(clock()):
                await connection.send(json.dumps(command))
            try:
                async with asyncio.timeout_at(self._follower.wake if self._welcomed else latest):
                    text = _text(await connection.recv())
            except TimeoutError:
                if self._welcomed:
                    continue
                raise self._no_welcome() from None
            for event in self._follower.receive(_message(text), clock()):
                self._take(event, text)
                if self._tally.is_settled or (self._only_list and isinstance(event, Welcomed)):
                    return
            if self._refresh is not None:
                await connection.send(json.dumps({"action": "refresh", "token": self._refresh}))
                self._refresh = None

    def _no_welcome(self) -> Failure:
        text = f"{self._target.endpoint.url}: a WebSocket answers there, but no hub: it sent no welcome"
        return Failure(Exit.UNREACHABLE, text, temporary=True)

    def _take(self, event: Event, text: str) -> None:
        self._tally.count(event)
        match event:
            case Denied(error, channel, None) if channel is not None or error.get("code") == "unauthenticated":
                raise refused(error)
            case Welcomed():
                self._welcomed = self._welcomed_once = True
                self.channels = event.channels
            case Moving(delay):
                self._pause = min(delay, LONGEST_PAUSE)
            case Noticed(message) if message.get("type") == "token_expiring":
                self._renew()
        self._view.show(event, text)
        if isinstance(event, Dismissed) and event.left == 0:
            raise Failure(Exit.REFUSED, "no channel is left to follow")

    def _renew(self) -> None:
        try:
            token = self._target.token()
        except Failure:
            # A file that is being written just now; the next connection reads it again.
            return
        if token != self._token:
            self._token = self._refresh = token

    def _verdict(self, closed: ConnectionClosed) -> str:
        if closed.rcvd is None and closed.sent is not None and not should_reconnect(closed.sent.code):
            raise Failure(Exit.FAILURE, f"the hub broke the protocol: {closed.sent.reason} ({closed.sent.code})")
        code, reason = (1006, "connection lost") if closed.rcvd is None else (closed.rcvd.code, closed.rcvd.reason)
        text = f"closed by the hub: {reason or 'no reason given'} ({code})" if closed.rcvd else reason
        if not should_reconnect(code):
            raise Failure(Exit.REFUSED if code >= 4500 else Exit.FAILURE, text)
        if code == 1001 and self._pause is None:
            self._pause = _delay_in(reason)
        return text


def _delay_in(reason: str) -> float | None:
    """The delay that the reason of a close with 1001 names, in seconds."""
    found = re.search(r"\d+", reason)
    return min(int(found[0]) / 1000, LONGEST_PAUSE) if found else None


def _text(frame: str | bytes) -> str:
    if isinstance(frame, bytes):
        raise Failure(Exit.FAILURE, "the hub broke the protocol: it sent a binary frame")
    return frame


def _message(text: str) -> Message:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise Failure(Exit.FAILURE, "the hub broke the protocol: it sent something that is no JSON object")
    return message
