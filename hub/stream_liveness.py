"""When an event stream is dead, idle or at the end of its token.

A client of a stream says nothing, so its silence means nothing. What shows that it is there is that it takes bytes: a
heartbeat comes at each interval, and a client that takes not one byte of what waits, from one heartbeat to the next, is
ended. A link that is gone is found by the kernel, which is told how long it may wait for an acknowledgement (see
`hub.http.events`).
"""

from __future__ import annotations

from collections.abc import Callable

from channels.clock import Clock, iso
from hub.closing import CloseCode
from hub.sections.events import EventsOptions
from hub.session import EXPIRY_WARNING
from hub.transports.stream import UNSEEN, StreamConnection
from hub.wheel import TICK


class StreamLiveness:
    """Checks one stream at a time.

    Args:
        close_timeout: seconds that a client has to read the rest of a stream that was ended.
        loop_time: the loop's time.
        served: when a stream was last sent a publication by way of its channels, in the loop's time.
    """

    def __init__(
        self,
        options: EventsOptions,
        close_timeout: float,
        clock: Clock,
        loop_time: Callable[[], float],
        served: Callable[[StreamConnection], float] = lambda _: 0.0,
    ) -> None:
        self._options = options
        self._close_timeout = close_timeout
        self._clock = clock
        self._loop_time = loop_time
        self._served = served

    def check(self, stream: StreamConnection) -> float | None:
        """Do what is due for a stream; return when to look again, `None` when it is gone."""
        now = self._loop_time()
        checks = (self._check_closing, self._check_heartbeat, self._check_idle, self._check_token)
        deadlines = [check(stream, now) for check in checks]
        return min((at for at in deadlines if at is not None), default=None)

    def _check_closing(self, stream: StreamConnection, now: float) -> float | None:
        if stream.is_open or not stream.is_connected:
            return None
        end = stream.close_by + self._close_timeout
        if now < end:
            return end
        stream.abort()
        return None

    def _check_heartbeat(self, stream: StreamConnection, now: float) -> float | None:
        every = self._options.heartbeat
        if not every or not stream.is_open:
            return None
        if not stream.next_beat:
            stream.next_beat = stream.opened + every
        if now < stream.next_beat:
            return stream.next_beat
        if not stream.is_slow:
            stream.unsent_before = UNSEEN
            stream.beat(iso(self._clock.now()))
        elif stream.unsent == stream.unsent_before:
            return self._close(stream, CloseCode.HEARTBEAT_LOST, f"not one byte was taken for {every:g} s")
        else:
            stream.unsent_before = stream.unsent
        stream.next_beat = max(stream.next_beat, now - TICK) + every
        return stream.next_beat

    def _check_idle(self, stream: StreamConnection, now: float) -> float | None:
        limit = self._options.idle_timeout
        if not limit or not stream.is_open or stream.lasts:
            return None
        end = max(stream.active, self._served(stream)) + limit
        if now < end:
            return end
        return self._close(stream, CloseCode.IDLE, f"no publication for {limit:g} s")

    def _check_token(self, stream: StreamConnection, now: float) -> float | None:
        expires = stream.principal.expires
        if expires is None or not stream.is_open:
            return None
        left = expires - self._clock.now()
        if left <= 0:
            return self._close(stream, CloseCode.TOKEN_EXPIRED, "the token has expired; come back with a new one")
        if stream.warn_at is None:
            stream.warn_at = expires - min(EXPIRY_WARNING, left / 2)
        until_warning = stream.warn_at - self._clock.now()
        if until_warning > 0:
            return now + until_warning
        if stream.warn_at:
            stream.warn_at = 0.0
            stream.tell({"type": "token_expiring", "seconds": round(left, 3)})
        return now + left

    def _close(self, stream: StreamConnection, code: CloseCode, reason: str) -> float:
        stream.close(code, reason)
        return stream.close_by + self._close_timeout
