"""A channel's messages, to be read with `async for`."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, Final, Self

from tocsin_client.buffer import Buffer
from tocsin_client.errors import Closed, HubError
from tocsin_client.feed import Feed, Subscriber
from tocsin_client.model import Event, Gap, Message, Position
from tocsin_client.options import Options
from tocsin_client.session import Session
from tocsin_client.wire import Fields, history_of, since_of

log = logging.getLogger("tocsin_client")

PAGE: Final = 50
"""Messages that are read from history at a time: with a hub's usual limits they fit into `Options.message_bytes`."""
PAUSE: Final = 0.1
"""Seconds before history is read again when it had nothing new."""
GAPS: Final = 100
"""Gaps that a subscription remembers."""


class Subscription:
    """Messages of one channel, in order, each once. Made by `Hub.subscribe`.

    With `async with` it begins at once and the hub's refusal is raised there. With `async for` alone it begins with the
    loop and ends with it, however the loop ends. When several loops read it, each message goes to one of them.

    A reader who is slow makes nobody wait: when `Options.queue` messages wait here, what follows stays in the hub's
    history and is read from there, in order, when the reader has come so far. What history has lost by then is a gap.

    Attributes:
        gaps: the last 100 gaps; they also stand in their places in `events()`.
    """

    def __init__(
        self,
        session: Session,
        options: Options,
        channel: str,
        asked: tuple[Position | None, bool, int],
        on_gap: Callable[[Gap], None] | None,
    ) -> None:
        since, presence, interval_ms = asked
        self.channel = channel
        self.gaps: deque[Gap] = deque(maxlen=GAPS)
        self._position = since
        self._session = session
        self._on_gap = on_gap
        self._buffer = Buffer(channel, options.queue, options.queue_bytes, since, self._gap)
        self._buffer.wake = self._wake
        self._subscriber = Subscriber(self._buffer, presence, interval_ms, self._fail, self._let_in)
        self._feed: Feed | None = None
        self._event = asyncio.Event()
        self._error: HubError | None = None
        self._ended = False
        self._catching_up = asyncio.Lock()

    @property
    def position(self) -> Position | None:
        """Position of the last message that was read here; give it as `since` to go on after it in another life."""
        return self._position

    # Beginning and ending.

    async def __aenter__(self) -> Self:
        try:
            await self._begin()
        except BaseException:
            self.end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end()

    async def _begin(self) -> None:
        if self._feed is not None or self._ended:
            raise RuntimeError("a subscription begins once; ask the hub for another one")
        if self._session.error is not None:
            raise self._session.error
        self._feed = self._session.feeds.add(self.channel, self._subscriber)
        while not self._subscriber.begun:
            await self._changed()

    def end(self) -> None:
        """Leave the channel; a loop that reads ends. Again is harmless."""
        self._ended = True
        if self._feed is not None:
            self._session.feeds.remove(self._feed, self._subscriber)
        self._event.set()

    def _fail(self, error: HubError) -> None:
        self._error = error
        self._event.set()

    def _let_in(self) -> None:
        if self._position is None:
            self._position = self._buffer.position
        self._event.set()

    def _wake(self) -> None:
        self._event.set()

    async def _changed(self) -> None:
        """Wait until something is new.

        Raises:
            HubError: the subscription was refused, or ended by the hub.
        """
        if self._error is not None:
            raise self._error
        self._event.clear()
        await self._event.wait()

    # Reading.

    def __aiter__(self) -> AsyncGenerator[Message]:
        return self._messages()

    async def _messages(self) -> AsyncGenerator[Message]:
        async with aclosing(self.events()) as events:
            async for event in events:
                if isinstance(event, Message):
                    yield event

    async def events(self) -> AsyncGenerator[Event]:
        """Yield messages, and between them gaps and who came and left, each in its place.

        Raises:
            HubError: the hub refuses the channel, or ended the subscription. `Closed`: it ended the connection for
                good. When `Hub.close` or `end` was called, the loop just ends.
        """
        own = self._feed is None
        try:
            if own:
                await self._begin()
            while (event := await self._next()) is not None:
                if isinstance(event, Message) and event.position is not None:
                    self._position = event.position
                yield event
        finally:
            if own:
                self.end()

    async def _next(self) -> Event | None:
        while not self._ended:
            event = self._buffer.pop()
            if event is not None:
                return event
            if self._error is not None and _was_asked_for(self._error):
                return None
            if self._buffer.lagging and self._error is None:
                async with self._catching_up:
                    await self._catch_up()
            else:
                await self._changed()
        return None

    async def _catch_up(self) -> None:
        """Read the next piece of what was left out."""
        position = self._buffer.position
        if not self._buffer.lagging:
            return
        if position is None:
            self._buffer.count_lost()
            return
        command: dict[str, Any] = {"action": "history", "channel": self.channel, "limit": PAGE}
        try:
            await self._session.ask({**command, "since": since_of(position)}, self._fill)
        except HubError as error:
            if self._session.error is not None:
                self._error = self._session.error
            elif error.temporary:
                await asyncio.sleep(error.retry_after or PAUSE)
            return
        if self._buffer.lagging and self._buffer.position == position:
            await asyncio.sleep(PAUSE)

    def _fill(self, reply: Fields) -> None:
        top = self._feed.top if self._feed is not None else None
        if reply.get("type") != "error":
            self._buffer.fill(history_of(reply), top)
        elif reply.get("temporary") is not True:
            self._buffer.gap(f"history can't be read: {reply.get('code')}", top)

    def _gap(self, gap: Gap) -> None:
        self.gaps.append(gap)
        if self._on_gap is None:
            log.warning("gap on %s after %s, %s missing: %s", gap.channel, gap.after, gap.missing or "some", gap.reason)
            return
        try:
            self._on_gap(gap)
        except Exception:
            log.exception("on_gap raised")


def _was_asked_for(error: HubError) -> bool:
    return isinstance(error, Closed) and error.code == "closed" and error.close_code is None
