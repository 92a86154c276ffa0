"""`WebSocketManager`: the hub's connections as a Python object, for code in the same process.

Every method may be called on the hub's loop, on another loop, or from a plain thread. It returns a `Pending`: await it
in any loop, or call `.result()` in a thread.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import secrets
from collections.abc import AsyncIterator, Coroutine, Generator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

import orjson
from aiohttp import web

from channels.clock import Clock, iso
from channels.engine import Engine
from channels.errors import ErrorCode, ReplyError
from channels.model import Draft
from channels.policy import ANONYMOUS, Principal
from channels.ports import PLAIN_SUBSCRIPTION
from hub.census import Census
from hub.closing import CloseCode
from hub.commands import encode
from hub.connection import Connection
from hub.control import Control
from hub.encoding import Encoding
from hub.outbox import Outbox
from hub.transports.embedded import EmbeddedConnection

T = TypeVar("T")


class Pending(Coroutine[Any, Any, T], Generic[T]):
    """The result of a call on the hub, wherever the caller is.

    A coroutine by type, so that `asyncio.run` and `create_task` take it; may be dropped without a warning: the work
    is done all the same.
    """

    __slots__ = ("_awaiting", "_future", "_loop")

    def __init__(self, future: concurrent.futures.Future[T], loop: asyncio.AbstractEventLoop) -> None:
        self._future = future
        self._loop = loop
        self._awaiting: Generator[Any, Any, T] | None = None

    def result(self, timeout: float | None = 10.0) -> T:
        """Wait for the result in a plain thread, at most `timeout` seconds.

        Raises:
            RuntimeError: on the hub's own loop, which would wait for itself; use `await` there.
        """
        if not self._future.done() and _running_loop() is self._loop:
            raise RuntimeError("the hub's loop can't wait for itself: use await instead of .result()")
        return self._future.result(timeout)

    def __await__(self) -> Generator[Any, Any, T]:
        if not self._future.done():
            return (yield from asyncio.wrap_future(self._future).__await__())
        return self._future.result()

    def send(self, value: Any) -> Any:
        if self._awaiting is None:
            self._awaiting = self.__await__()
        return self._awaiting.send(value)

    def throw(self, *exc_info: Any) -> Any:
        if self._awaiting is None:
            self._awaiting = self.__await__()
        return self._awaiting.throw(*exc_info)

    def close(self) -> None:
        if self._awaiting is not None:
            self._awaiting.close()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class WebSocketManager:
    """Subscribe, broadcast, send and disconnect.

    Args:
        loop: the loop that everything runs on.
        control: reaches clients, also those of other processes.
        census: counts them.
        encoding: of embedded connections; without compression.
        queued_bytes: bound of what waits for an embedded connection.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        engine: Engine,
        control: Control,
        census: Census,
        clock: Clock,
        *,
        encoding: Encoding,
        queued_bytes: int,
    ) -> None:
        self._loop = loop
        self._engine = engine
        self._control = control
        self._census = census
        self._clock = clock
        self._encoding = encoding
        self._queued_bytes = queued_bytes

    def subscribe(self, ws: Outbox, channel: str) -> Pending[bool]:
        """Put a connection on a channel, by its own permissions; tell whether it is new there.

        Raises:
            ReplyError: `unknown_channel`, `permission_denied` or `too_many_subscriptions`.
        """
        return self._call(self._subscribe(ws, channel))

    async def _subscribe(self, ws: Outbox, channel: str) -> bool:
        asked = self._engine.registry.subscription(ws, channel)
        await self._engine.subscribe(ws, channel, subscription=asked or PLAIN_SUBSCRIPTION)
        return asked is None

    @asynccontextmanager
    async def embed(
        self,
        response: web.WebSocketResponse,
        request: web.BaseRequest,
        client_id: str,
        principal: Principal = ANONYMOUS,
    ) -> AsyncIterator[EmbeddedConnection]:
        """Let a handler's own WebSocket get publications, as long as the block runs. Only on the hub's loop.

        The connection is not in `get_stats`'s clients, which counts those that came to the hub's own endpoint.
        """
        session = f"e-{secrets.token_hex(8)}"
        connection = EmbeddedConnection(response, request, client_id, session, self._encoding, self._queued_bytes)
        connection.principal = principal
        try:
            yield connection
        finally:
            connection.lose()
            self._engine.leave(connection)

    def unsubscribe(self, ws: Outbox, channel: str) -> Pending[bool]:
        """Take a connection off a channel; tell whether it was there."""
        return self._call(self._engine.unsubscribe(ws, channel))

    def broadcast(self, channel: str, message: Mapping[str, Any]) -> Pending[int]:
        """Publish `{"type": ..., "data": ...}` to a channel; return the number of clients of this process that got it.

        `message` is not changed; a `timestamp` in it is kept.

        Raises:
            ReplyError: `unknown_channel`, `invalid_data`, `rate_limited` and whatever else a publish is refused for.
        """
        try:
            draft = self._draft(channel, message)
        except ReplyError as error:
            return self._failed(error)
        return self._call(self._broadcast(draft))

    def _draft(self, channel: str, message: Mapping[str, Any]) -> Draft:
        kind = message.get("type")
        if not isinstance(kind, str) or not kind:
            raise ReplyError(ErrorCode.INVALID_COMMAND, f"expected a type in the message, got {kind!r}")
        timestamp = message.get("timestamp")
        if not isinstance(timestamp, str):
            timestamp = iso(self._clock.now())
        encode((channel, kind, timestamp))
        return Draft(channel, kind, encode(message.get("data")), timestamp)

    async def _broadcast(self, draft: Draft) -> int:
        return (await self._engine.publish(draft)).subscribers

    def send_to_client(self, client_id: str, message: Mapping[str, Any]) -> Pending[int]:
        """Send a message point to point to every connection with this client id, in all processes of the hub; return
        how many there are (0: unknown id), as far as they answer within a second.

        Such a message has no position and is not recovered. `timestamp` is added.
        """
        try:
            copy = orjson.loads(encode(dict(message)))
        except ReplyError as error:
            return self._failed(error)
        return self._call(self._send_to_client(client_id, copy))

    async def _send_to_client(self, client_id: str, message: dict[str, Any]) -> int:
        message.setdefault("timestamp", iso(self._clock.now()))
        return (await self._control.send(client_id, message)).number

    def disconnect(
        self, ws: Connection, code: CloseCode = CloseCode.DISCONNECTED, reason: str = "disconnected by the hub"
    ) -> Pending[None]:
        """Close a connection; it is off all its channels when this is done."""
        return self._call(self._disconnect(ws, code, reason))

    async def _disconnect(self, ws: Connection, code: CloseCode, reason: str) -> None:
        self._control.close(ws, code, reason)

    def get_stats(self) -> dict[str, Any]:
        """Return this process's six numbers: clients and channels now, messages sent and connections since the start,
        subscribers per channel.

        From another thread it asks the hub's loop, so that the numbers belong together.
        """
        if self._loop.is_running() and _running_loop() is not self._loop:
            return self._call(self._stats()).result()
        return self._census.count()

    async def _stats(self) -> dict[str, Any]:
        return self._census.count()

    def get_hub_stats(self) -> Pending[dict[str, Any]]:
        """Return the six numbers over all processes of the hub, and under `nodes` those of each; see
        `hub.census.Census.whole`."""
        return self._call(self._census.whole())

    def _call(self, work: Coroutine[Any, Any, T]) -> Pending[T]:
        try:
            return Pending(asyncio.run_coroutine_threadsafe(work, self._loop), self._loop)
        except RuntimeError:  # the loop is closed
            work.close()
            return self._failed(ReplyError(ErrorCode.UNAVAILABLE, "the hub has stopped"))

    def _failed(self, error: Exception) -> Pending[Any]:
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        future.set_exception(error)
        return Pending(future, self._loop)
