"""When a connection is dead, idle, late or at the end of its token: all its deadlines, looked at by one timer.

The heartbeat finds links that are gone: nothing came since the last ping. The idle limit ends connections that nobody
uses, although they answer pings. (aiohttp's `timeout` would be the wait for a close frame, and its receive timeout
never fires while pongs come.)
"""

from __future__ import annotations

from collections.abc import Callable

from hub.closing import CloseCode
from hub.options import WebSocketOptions
from hub.session import Session
from hub.socketio.session import SocketIoSession
from hub.transports.websocket import WebSocketConnection
from hub.wheel import TICK


class Liveness:
    """Checks one connection at a time.

    Args:
        clock: the loop's time.
        served: when a connection was last sent a publication by way of its channels.
    """

    def __init__(
        self,
        options: WebSocketOptions,
        clock: Callable[[], float],
        served: Callable[[WebSocketConnection], float] = lambda _: 0.0,
    ) -> None:
        self._options = options
        self._clock = clock
        self._served = served

    def check(self, connection: WebSocketConnection) -> float | None:
        """Do what is due for a connection; return when to look again, `None` when it is gone."""
        now = self._clock()
        checks = (self._check_closing, self._check_heartbeat, self._check_idle, self._check_session)
        deadlines = [check(connection, now) for check in checks]
        return min((at for at in deadlines if at is not None), default=None)

    def _check_closing(self, connection: WebSocketConnection, now: float) -> float | None:
        if connection.is_open or not connection.is_connected:
            return None
        end = connection.close_by + self._options.close_timeout
        if now < end:
            return end
        connection.abort()
        return None

    def _check_heartbeat(self, connection: WebSocketConnection, now: float) -> float | None:
        every = self._options.heartbeat
        if not every or not connection.is_open:
            return None
        if not connection.next_ping:
            connection.next_ping = connection.opened + every
        if now < connection.next_ping:
            return connection.next_ping
        if connection.pinged:
            return self._close(connection, CloseCode.HEARTBEAT_LOST, f"no sign of life since the ping {every:g} s ago")
        connection.ping()
        # The wheel's own lateness is made up for, so that two intervals are no more than that; a stall's is not.
        connection.next_ping = max(connection.next_ping, now - TICK) + every
        return connection.next_ping

    def _check_idle(self, connection: WebSocketConnection, now: float) -> float | None:
        limit = self._options.idle_timeout
        if not limit or not connection.is_open:
            return None
        end = max(connection.active, self._served(connection)) + limit
        if now < end:
            return end
        return self._close(connection, CloseCode.IDLE, f"no command and no publication for {limit:g} s")

    def _check_session(self, connection: WebSocketConnection, now: float) -> float | None:
        session = connection.receiver
        if not connection.is_open or not isinstance(session, Session | SocketIoSession):
            return None
        if session.authenticated:
            left = session.check_token()
            return None if left is None else now + left
        wait = self._options.auth_timeout
        if now < connection.opened + wait:
            return connection.opened + wait
        return self._close(connection, CloseCode.AUTHENTICATION_TIMEOUT, f"no authenticate within {wait:g} s")

    def _close(self, connection: WebSocketConnection, code: CloseCode, reason: str) -> float:
        connection.close(code, reason)
        return connection.close_by + self._options.close_timeout
