"""Keeps a connection to the hub: connects, comes back, stays away when told to, and refreshes the token."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tocsin_client.address import Address
from tocsin_client.backoff import Backoff
from tocsin_client.closing import may_return, wants_token
from tocsin_client.dial import FOR_GOOD, Refused, dial
from tocsin_client.errors import Closed, HubError, Unreachable
from tocsin_client.feeds import Feeds, OnReply
from tocsin_client.link import Link
from tocsin_client.model import State
from tocsin_client.options import Options
from tocsin_client.states import States
from tocsin_client.tokens import AnyToken, fresh
from tocsin_client.wire import Fields, error_of, is_publication

log = logging.getLogger("tocsin_client")

_DELAY = re.compile(r"(\d{1,6}) ms\b")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who connects, and where."""

    address: Address
    token: AnyToken
    client_id: str | None


class Session:
    """One client's connections, one after the other.

    Attributes:
        welcome: what the hub said at the last connection; empty before the first.
        error: why there will be no other connection.
        problem: why the last attempt failed, or the last connection ended.
    """

    def __init__(self, identity: Identity, options: Options) -> None:
        self.states = States()
        self.feeds = Feeds(self)
        self.welcome: Fields = {}
        self.error: HubError | None = None
        self.problem = ""
        self._address = identity.address
        self._source = identity.token
        self._client_id = identity.client_id
        self._options = options
        self._backoff = Backoff(options.backoff_first, options.backoff_longest)
        self._changed = asyncio.Event()
        self._link: Link | None = None
        self._ready = False
        self._used_token: str | None = None
        self._new_token: str | None = None
        self._may_renew = True
        self._delay: float | None = None
        self._refresh: asyncio.Task[None] | None = None
        self._told = False
        self._was_steady = False

    # Talking on the connection that there is.

    def send(self, command: dict[str, Any], on_reply: OnReply) -> None:
        """Send a command, if there is a connection; see `feeds.Wire`."""
        if self._link is not None and self._ready:
            self._link.send(command, on_reply)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` after so long, unless the connection ends before."""
        if self._link is not None:
            self._link.later(seconds, action)

    async def ask(self, command: dict[str, Any], apply: Callable[[Fields], None] | None = None) -> Fields:
        """Send a command, on the next connection if there is none or it breaks; return the reply.

        Args:
            apply: is given the reply, also one that is an error, in its place among what the hub sends.

        Raises:
            HubError: the reply is an error, or there will be no connection any more.
        """
        while True:
            link = await self.connected()
            answer: asyncio.Future[Fields | None] = asyncio.get_running_loop().create_future()

            def on_reply(reply: Fields | None, answer: asyncio.Future[Fields | None] = answer) -> None:
                if answer.done():
                    return
                if apply is not None and reply is not None:
                    apply(reply)
                answer.set_result(reply)

            link.send(command, on_reply)
            reply = await answer
            if reply is None:
                continue
            if reply.get("type") == "error":
                raise error_of(reply)
            return reply

    async def connected(self) -> Link:
        """Wait for a connection that the hub has welcomed.

        Raises:
            HubError: there will be none.
        """
        while True:
            if self.error is not None:
                raise self.error
            if self._link is not None and self._ready:
                return self._link
            self._changed.clear()
            await self._changed.wait()

    # Staying connected.

    async def run(self) -> None:
        """Connect, and come back, until the hub forbids it or this is cancelled. Never raises anything else."""
        try:
            while self.error is None:
                wait = await self._once()
                if self.error is None:
                    await asyncio.sleep(wait)
        except Exception as error:  # a token source that raises, or a fault here: subscribers must learn of it
            log.exception("the connection to %s ended by a fault", self._address.url)
            self.end(Closed(f"{self._address.url}: {type(error).__name__}: {error}", None, "internal"))
        finally:
            self.close()

    def close(self) -> None:
        """End on one's own wish, unless it has ended."""
        self.end(Closed(f"{self._address.url}: the client was closed"))

    def end(self, error: HubError) -> None:
        """Tell everyone that nothing more will come; the first reason counts."""
        if self.error is None:
            self.error = error
            self.feeds.fail(error)
            self.states.set(State.CLOSED)
            self._changed.set()

    async def _once(self) -> float:
        """Connect once, and stay; return the seconds to wait before the next time."""
        try:
            self._used_token = await self._token()
            self._new_token = None
            socket = await dial(self._address, self._client_id, self._used_token, self._options)
        except Refused as refused:
            return await self._not_let_in(refused)
        except Unreachable as error:
            self._tell("can't reach the hub, and will keep trying: %s", error)
            return self._backoff.next()
        loop = asyncio.get_running_loop()
        began, self._delay = loop.time(), None
        link = self._link = Link(socket, self._receive, self._options.heartbeat)
        try:
            code, reason = await link.run()
        finally:
            await self._lost(link)
        self._was_steady = loop.time() - began >= self._options.steady
        if self._was_steady:
            self._backoff.reset()
        return await self._after(code, reason)

    async def _lost(self, link: Link) -> None:
        was_ready, self._ready, self._link = self._ready, False, None
        if was_ready:
            self.feeds.lost()
            self.states.set(State.RECONNECTING)
        if self._refresh is not None:
            self._refresh.cancel()
            await asyncio.wait({self._refresh})
            self._refresh = None
        await link.close()

    async def _not_let_in(self, refused: Refused) -> float:
        error = refused.error
        never_was_here = not self.welcome
        temporary = refused.status >= 500 or refused.status in (408, 425, 429)
        if refused.status == 401 and await self._has_new_token():
            return self._backoff.next()
        if refused.status in FOR_GOOD or (never_was_here and not temporary):
            text = f"{self._address.url}: {error.message}"
            self.end(Closed(text, None, error.code, {**error.details, "status": refused.status}))
            return 0.0
        self._tell("the hub lets nobody in for the moment: %s", error)
        return self._backoff.next(error.retry_after or 0.0)

    async def _after(self, code: int, reason: str) -> float:
        if may_return(code):
            self._tell("the connection ended and will be made anew: %s", f"{code} {reason}".strip())
            named = _DELAY.search(reason) if code == 1001 else None
            delay = self._delay if self._delay is not None else float(named[1]) / 1000 if named else None
            if delay is None or not self._was_steady:
                return self._backoff.next(delay or 0.0)
            return delay  # the hub has spread its clients itself
        if wants_token(code) and await self._has_new_token():
            return self._backoff.next()
        self.end(Closed(f"{self._address.url}: the hub closed for good: {code} {reason}".strip(), code))
        return 0.0

    async def _has_new_token(self) -> bool:
        """Tell whether another token may be tried: once, until a connection has worked."""
        if not self._may_renew or not callable(self._source):
            return False
        self._may_renew = False
        try:
            self._new_token = await self._token()
        except Unreachable:
            return True
        return self._new_token != self._used_token

    async def _token(self) -> str | None:
        if self._new_token is not None:
            return self._new_token
        try:
            return await fresh(self._source)
        except Exception as error:
            log.debug("the token source raised", exc_info=True)
            raise Unreachable(f"the token source raised {type(error).__name__}") from error

    def _tell(self, text: str, detail: object) -> None:
        """Log a break once, however many attempts it takes."""
        self.problem = str(detail)
        if not self._told:
            self._told = True
            log.warning(text, detail)

    # What the hub says without being asked, or about channels.

    def _receive(self, fields: dict[str, Any], size: int) -> None:
        if "channel" in fields and (is_publication(fields) or fields.get("type") != "error"):
            self.feeds.receive(fields, size)
            return
        match fields.get("type"):
            case "connection":
                self._welcomed(fields)
            case "reconnect":
                delay = fields.get("delay_ms")
                self._delay = max(0.0, delay / 1000) if isinstance(delay, int | float) else None
            case "token_expiring" if callable(self._source) and self._link is not None:
                self._refresh = asyncio.create_task(self._renew(self._link), name="tocsin token")
            case "degraded" if self._ready:
                self.states.set(State.DEGRADED)
            case "restored" if self._ready:
                self.states.set(State.CONNECTED)

    def _welcomed(self, fields: Fields) -> None:
        link = self._link
        assert link is not None
        if fields.get("status") != "connected":
            self.end(Closed(f"{self._address.url}: expected a token; give it by token=", None, "unauthenticated"))
            link.cut()
            return
        self.welcome, self._ready, self._may_renew, self._told = fields, True, True, False
        self._client_id = fields.get("client_id") or self._client_id
        idle = fields.get("idle_timeout")
        if isinstance(idle, int | float) and idle > 0:
            link.ask_for_life_every(idle / 2)
        self.feeds.resume()
        self.states.set(State.CONNECTED)
        self._changed.set()

    async def _renew(self, link: Link) -> None:
        """Give the hub a new token on the connection that is open."""
        try:
            token = await self._token()
        except Unreachable as error:
            log.warning("the connection will end with its token: %s", error)
            return
        if token is not None and token != self._used_token:
            with contextlib.suppress(ValueError, TypeError):  # what is no text can't be a token
                link.send({"action": "refresh", "token": token}, lambda reply: self._refreshed(reply, token))

    def _refreshed(self, reply: Fields | None, token: str) -> None:
        if reply is None:
            return
        if reply.get("type") == "refresh":
            self._used_token = token
        else:
            log.warning("the hub refused a new token: %s", error_of(reply))
