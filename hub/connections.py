"""All live connections of a process: found by session and by client id, counted by address, bounded.

A connection that still has to authenticate is counted, but not under its client id: else anyone could get what is sent
to that client, or keep its owner away.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import structlog

from channels.errors import ErrorCode, ReplyError
from hub.closing import CloseCode
from hub.connection import Connection
from hub.options import LimitOptions

log = structlog.get_logger(__name__)

_CODES = frozenset(CloseCode)

_REMARKABLE = _CODES - {CloseCode.NORMAL, CloseCode.GOING_AWAY, CloseCode.IDLE}
"""Ends that an operator wants to see without asking for every connection."""


class Connections:
    """The directory of connections.

    Attributes:
        ever: connections opened since the start.
        closed: connections ended since the start, by close code.
        empty: set while there is no connection.
        limits: bounds for those that come. Who is there stays when they become narrower.
        draining: the hub is stopping, and lets no further connection in.
        gone: is told of each connection that was struck out.
    """

    def __init__(self, limits: LimitOptions) -> None:
        self.ever = 0
        self.closed: Counter[int] = Counter()
        self.empty = asyncio.Event()
        self.empty.set()
        self.draining = False
        self.limits = limits
        self.gone: Callable[[Connection], None] = lambda _: None
        self._by_session: dict[str, Connection] = {}
        self._by_client: dict[str, tuple[Connection, ...]] = {}
        self._by_address: Counter[str] = Counter()

    def check_room(self, address: str) -> None:
        """Refuse a further connection that would go over a limit, or that would come to a hub that is stopping.

        Raises:
            ReplyError: `too_many_connections`, naming the limit, or `unavailable`.
        """
        if self.draining:
            raise ReplyError(ErrorCode.UNAVAILABLE, "the hub is stopping", retry_after=5)
        limits = self.limits
        if limits.connections and len(self._by_session) >= limits.connections:
            raise ReplyError(
                ErrorCode.TOO_MANY_CONNECTIONS,
                f"the hub's limit of {limits.connections} connections (limits.connections) is reached",
                retry_after=5,
            )
        if limits.connections_per_ip and self._by_address[address] >= limits.connections_per_ip:
            most = limits.connections_per_ip
            message = f"the limit of {most} connections per address (limits.connections_per_ip) is reached"
            raise ReplyError(ErrorCode.TOO_MANY_CONNECTIONS, message, retry_after=5)

    def check_owner(self, client_id: str, user: str | None) -> None:
        """Refuse a client id that another user's connection has now.

        Raises:
            ReplyError: `conflict`.
        """
        _check_owner(self.of_client(client_id), client_id, user)

    def add(self, connection: Connection) -> None:
        """Enter an open connection."""
        self.ever += 1
        self.empty.clear()
        self._by_session[connection.session] = connection
        self._by_address[connection.address] += 1
        log.debug("connection opened", **_ids(connection))

    def claim(self, session: str, user: str | None) -> None:
        """Enter an open connection under its client id, now that it is known whose it is. It may have been somebody
        else's until now.

        Raises:
            ReplyError: `conflict`.
        """
        connection = self._by_session.get(session)
        if connection is None:
            return
        others = tuple(other for other in self.of_client(connection.client_id) if other is not connection)
        _check_owner(others, connection.client_id, user)
        self._by_client[connection.client_id] = (*others, connection)

    def remove(self, connection: Connection) -> None:
        """Strike out a connection that is gone. Twice is once."""
        if self._by_session.pop(connection.session, None) is None:
            return
        code = connection.close_code
        self.closed[code] += 1
        log.log(
            logging.INFO if code in _REMARKABLE else logging.DEBUG,
            "connection closed",
            **_ids(connection),
            code=code,
            reason=CloseCode(code).label if code in _CODES else "",
        )
        if not self._by_session:
            self.empty.set()
        others = tuple(other for other in self.of_client(connection.client_id) if other is not connection)
        if others:
            self._by_client[connection.client_id] = others
        else:
            self._by_client.pop(connection.client_id, None)
        self._by_address[connection.address] -= 1
        if not self._by_address[connection.address]:
            del self._by_address[connection.address]
        self.gone(connection)

    def of_client(self, client_id: str) -> tuple[Connection, ...]:
        """The connections with a client id (tabs share one); not those that have yet to authenticate."""
        return self._by_client.get(client_id, ())

    def of_session(self, session: str) -> Connection | None:
        """The connection of a session."""
        return self._by_session.get(session)

    def of_user(self, user: str) -> list[Connection]:
        """The connections of a user."""
        return [connection for connection in self if connection.principal.user == user]

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_session.values()))

    def __len__(self) -> int:
        return len(self._by_session)


def _check_owner(connections: Iterable[Connection], client_id: str, user: str | None) -> None:
    if any(other.principal.user != user for other in connections):
        raise ReplyError(ErrorCode.CONFLICT, f"client_id {client_id} is in use by another user; choose another")


def _ids(connection: Connection) -> dict[str, str | None]:
    return {
        "client_id": connection.client_id,
        "user": connection.principal.user,
        "session": connection.session,
        "address": connection.address,
    }
