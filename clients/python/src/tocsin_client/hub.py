"""A hub, as a program that listens and asks sees it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final, Self

from tocsin_client.address import Address
from tocsin_client.errors import RequestTimeout, Unreachable
from tocsin_client.model import Gap, History, Position, PresenceState, Published, State
from tocsin_client.options import Options
from tocsin_client.session import Identity, Session
from tocsin_client.subscription import Subscription
from tocsin_client.tokens import AnyToken
from tocsin_client.wire import Fields, history_of, presence_state_of, published_of, since_of

DEFAULTS: Final = Options()


def connect(
    url: str,
    *,
    token: AnyToken = None,
    client_id: str | None = None,
    on_gap: Callable[[Gap], None] | None = None,
    options: Options = DEFAULTS,
) -> Hub:
    """Make a client, to be entered with `async with`.

    Args:
        url: `http(s)://host:port` or `ws(s)://host:port/ws`.
        token: a JWT, or a function or coroutine function that gives one. It is asked before each connection, when a
            token is about to end, and once when the hub refuses one.
        client_id: this client's name; otherwise the hub makes one.
        on_gap: is told of each gap of each subscription, on the loop; otherwise gaps are logged.

    Raises:
        ValueError: the URL is none.
    """
    return Hub(Identity(Address.parse(url), token, client_id), on_gap, options)


class Hub:
    """A connection to a hub that is made anew whenever it breaks. Made by `connect`; lives on one event loop.

    Requests wait for a connection, and are sent again when it breaks before the answer: what changes something has an
    idempotency key. They raise `HubError` as the hub says, and `RequestTimeout`.
    """

    def __init__(self, identity: Identity, on_gap: Callable[[Gap], None] | None, options: Options) -> None:
        self._identity = identity
        self._on_gap = on_gap
        self._options = options
        self._session: Session | None = None
        self._task: asyncio.Task[None] | None = None
        self._slots = asyncio.Semaphore(options.requests)

    @property
    def _open(self) -> Session:
        if self._session is None:
            raise RuntimeError("expected `async with connect(...) as hub`")
        return self._session

    # Beginning and ending.

    async def __aenter__(self) -> Self:
        if self._session is not None:
            raise RuntimeError("a client is entered once; call connect again")
        session = self._session = Session(self._identity, self._options)
        self._task = asyncio.create_task(session.run(), name=f"tocsin client of {self._identity.address.authority}")
        try:
            async with asyncio.timeout(self._options.open_timeout):
                await session.connected()
        except BaseException as error:
            await self.close()
            if not isinstance(error, TimeoutError):
                raise
            text = f"no connection within {self._options.open_timeout:g} s: {session.problem or 'no answer'}"
            raise Unreachable(text) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End all subscriptions, and the connection; loops that read just end. Again is harmless."""
        task = self._task
        if task is not None:
            self._open.close()
            task.cancel()
            await asyncio.wait({task})

    @property
    def state(self) -> State:
        """How it stands now."""
        return State.CONNECTING if self._session is None else self._session.states.now

    def states(self) -> AsyncGenerator[State]:
        """Yield the present state and then each change; ends after `State.CLOSED`."""
        return self._open.states.watch()

    @property
    def client_id(self) -> str | None:
        """This client's name, given or made by the hub; kept over connections."""
        name = self._open.welcome.get("client_id")
        return None if name is None else str(name)

    @property
    def channels(self) -> tuple[str, ...]:
        """The named channels that this client may subscribe to."""
        return tuple(self._open.welcome.get("available_channels") or ())

    # Following.

    def subscribe(
        self,
        channel: str,
        *,
        since: Position | None = None,
        presence: bool = False,
        interval_ms: int = 0,
        on_gap: Callable[[Gap], None] | None = None,
    ) -> Subscription:
        """Follow a channel. Any number of subscriptions of one channel share one on the wire.

        Args:
            since: what came after this position comes first; `START` for all that history holds.
            presence: `events()` also has who comes and leaves.
            interval_ms: conflated channels: at most one publication per key in this time.
            on_gap: in place of that of `connect`.
        """
        asked = (since, presence, interval_ms)
        return Subscription(self._open, self._options, channel, asked, on_gap or self._on_gap)

    # Asking.

    async def publish(
        self,
        channel: str,
        type: str,
        data: Any,
        *,
        key: str | None = None,
        idempotency_key: str | None = None,
        version: int | None = None,
        echo: bool = True,
        timeout: float | None = None,
    ) -> Published:
        """Publish, once however often it has to be sent, and return the position.

        Args:
            key: on a conflated channel, which earlier publication this one replaces.
            idempotency_key: otherwise one is made up.
            version: publish only if it is newer than the channel's.
            echo: False keeps it from this client.
        """
        command: dict[str, Any] = {"action": "publish", "channel": channel, "type": type, "data": data}
        command["idempotency_key"] = idempotency_key or uuid.uuid4().hex
        command |= {name: value for name, value in (("key", key), ("version", version)) if value is not None}
        if not echo:
            command["echo"] = False
        return published_of((await self.ask(command, timeout=timeout))["results"][0])

    async def history(
        self,
        channel: str,
        *,
        since: Position | None = None,
        limit: int = 100,
        reverse: bool = False,
        timeout: float | None = None,
    ) -> History:
        """Read the newest `limit` messages, oldest first; with `since`, the first ones after it."""
        command: dict[str, Any] = {"action": "history", "channel": channel, "limit": limit, "reverse": reverse}
        if since is not None:
            command["since"] = since_of(since)
        return history_of(await self.ask(command, timeout=timeout))

    async def presence(self, channel: str, *, members: bool = True, timeout: float | None = None) -> PresenceState:
        """Ask who is on a channel."""
        command = {"action": "presence", "channel": channel, "members": members}
        return presence_state_of(await self.ask(command, timeout=timeout))

    async def stats(self, *, timeout: float | None = None) -> Fields:
        """Ask for the hub's numbers."""
        data: Fields = (await self.ask({"action": "stats"}, timeout=timeout))["data"]
        return data

    async def ping(self, *, timeout: float | None = None) -> float:
        """Return the seconds that a command and its answer take."""
        began = asyncio.get_running_loop().time()
        await self.ask({"action": "ping"}, timeout=timeout)
        return asyncio.get_running_loop().time() - began

    async def ask(self, command: dict[str, Any], *, timeout: float | None = None) -> Fields:
        """Send a command of the protocol as it stands, and return its reply. It is sent again when the connection
        breaks before the answer."""
        seconds = self._options.request_timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(seconds), self._slots:
                return await self._open.ask(command)
        except TimeoutError:
            raise RequestTimeout(f"{command['action']}: no answer within {seconds:g} s") from None
