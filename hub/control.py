"""What operators and the program itself do to clients, wherever in the hub they are: disconnect, send to, expel.

Each is done here and asked of the other processes (`hub.peers`), at most once: a process that is cut off at this moment
may be left out, and the answer then says so. Doing it again is harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from channels.clock import Clock
from channels.engine import Engine
from channels.errors import ReplyError
from hub.closing import CloseCode
from hub.connection import Connection
from hub.connections import Connections
from hub.fanout import Fanout
from hub.notices import Details, Notices
from hub.peers import Answers, Peers, Question
from hub.tasks import Tasks

By = Literal["client_id", "user", "session"]

_EXPELLED: Final = "expelled"
"""Kind of notice."""

REMEMBER_EXPULSIONS: Final = 24 * 3600.0
"""Seconds for which a process that was cut off finds out who was expelled meanwhile."""

_TRY_AGAIN: Final = 1.0
"""Seconds between two tries to look after an expulsion."""

_DISCONNECTED: Final = "disconnected by an operator"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many connections or subscriptions something was done to, in all processes.

    Attributes:
        missing, partial: as in `hub.peers.Answers`.
    """

    number: int
    missing: tuple[str, ...] = ()
    partial: bool = False


def _tally(here: int, answers: Answers) -> Tally:
    return Tally(here + sum(answers.by_node.values()), answers.missing, answers.partial)


class Control:
    """Reaches clients in all processes.

    Args:
        tasks: look after expulsions that others have told of.
    """

    def __init__(
        self,
        engine: Engine,
        connections: Connections,
        fanout: Fanout,
        clock: Clock,
        peers: Peers,
        notices: Notices,
        tasks: Tasks,
    ) -> None:
        self._engine = engine
        self._connections = connections
        self._fanout = fanout
        self._clock = clock
        self._peers = peers
        self._notices = notices
        self._tasks = tasks
        peers.answer("disconnect", self._asked_to_disconnect)
        peers.answer("owners", self._asked_for_owners)
        peers.answer("send", self._asked_to_send)
        peers.answer("expel", self._asked_to_expel)
        notices.listen(_EXPELLED, self._told_of_expulsion)

    # Disconnecting.

    def close(self, connection: Connection, code: CloseCode, reason: str) -> None:
        """Close a connection of this process; it is off all its channels when this returns."""
        if code < 4500:
            self._fanout.notify(connection, {"type": "reconnect", "delay_ms": 1000, "reason": reason})
        connection.close(code, reason)
        self._engine.leave(connection)

    async def disconnect(self, by: By, value: str, code: CloseCode) -> Tally:
        """Close all connections of a client, a user or a session."""
        here = self._disconnect(by, value, code)
        if by == "session" and here:  # there is no other
            return Tally(here)
        return _tally(here, await self._peers.ask("disconnect", {"by": by, "value": value, "code": int(code)}))

    async def _asked_to_disconnect(self, about: Question) -> int:
        return self._disconnect(about["by"], about["value"], CloseCode(about["code"]))

    def _disconnect(self, by: By, value: str, code: CloseCode) -> int:
        live = [connection for connection in self._find(by, value) if connection.is_open]
        for connection in live:
            self.close(connection, code, _DISCONNECTED)
        return len(live)

    def _find(self, by: By, value: str) -> Iterable[Connection]:
        if by == "client_id":
            return self._connections.of_client(value)
        if by == "user":
            return self._connections.of_user(value)
        connection = self._connections.of_session(value)
        return () if connection is None else (connection,)

    # Sending.

    async def send(self, client_id: str, message: Mapping[str, Any]) -> Tally:
        """Send a message to every connection with a client id.

        A process lets a client id be used by one user at a time, but doesn't see who uses it in another one. So the
        message goes only to the user who has had it longest.
        """
        owners = await self._peers.ask("owners", {"client_id": client_id})
        found = [owner for owner in (self._owner(client_id), *owners.by_node.values()) if owner is not None]
        if not found:
            return Tally(0, owners.missing, owners.partial)
        user = min(found, key=lambda owner: owner[0])[1]
        here = self._send(client_id, user, message)
        if not any(owners.by_node.values()):
            return Tally(here, owners.missing, owners.partial)
        about = {"client_id": client_id, "user": user, "message": message}
        return _tally(here, await self._peers.ask("send", about))

    async def _asked_for_owners(self, about: Question) -> tuple[float, str | None] | None:
        return self._owner(about["client_id"])

    def _owner(self, client_id: str) -> tuple[float, str | None] | None:
        """Since when (seconds since 1970) which user has a client id here."""
        live = [connection for connection in self._connections.of_client(client_id) if connection.is_open]
        if not live:
            return None
        oldest = min(live, key=lambda connection: connection.opened)
        age = asyncio.get_running_loop().time() - oldest.opened
        return self._clock.now() - age, oldest.principal.user

    async def _asked_to_send(self, about: Question) -> int:
        return self._send(about["client_id"], about["user"], about["message"])

    def _send(self, client_id: str, user: str | None, message: Mapping[str, Any]) -> int:
        live = [
            connection
            for connection in self._connections.of_client(client_id)
            if connection.is_open and connection.principal.user == user
        ]
        for connection in live:
            self._fanout.notify(connection, message)
        return len(live)

    # Expelling.

    async def expel(self, channel: str, user: str) -> Tally:
        """Take a user's membership away, and end the subscriptions that rested on it in all processes.

        A process that is cut off ends them when it is back. Only if the broker goes away at this very moment
        (`Tally.partial`) it may not learn of it.

        Raises:
            ReplyError: `unavailable`; the user is still a member then.
        """
        here = await self._engine.expel(channel, user)
        if self._peers.alone:
            return Tally(here)
        tally = _tally(here, await self._peers.ask("expel", {"channel": channel, "user": user}))
        try:
            # Afterwards, so that those who were asked could count; and with the time, so that it is a new notice.
            now = self._clock.now()
            await self._notices.post(_EXPELLED, (channel, user, now), now + REMEMBER_EXPULSIONS)
        except ReplyError:
            return Tally(tally.number, tally.missing, partial=True)
        return tally

    async def _asked_to_expel(self, about: Question) -> int:
        return await self._engine.dismiss(about["channel"], about["user"])

    def _told_of_expulsion(self, details: Details, _until: float) -> None:
        self._tasks.spawn(self._dismiss(str(details[0]), str(details[1])), "expulsion")

    async def _dismiss(self, channel: str, user: str) -> None:
        while True:
            try:
                await self._engine.dismiss(channel, user)
                return
            except ReplyError:  # memberships can't be read: the broker has gone away again
                await asyncio.sleep(_TRY_AGAIN)
