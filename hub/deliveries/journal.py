"""The records of one process: who came to which channel at which position, and left it at which.

Live sessions cost two small objects and one for each subscription; what else is known of them stands in their
connection. When a session is over, its record is put together once, and kept for a time, in bounded number.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, Literal

from channels.clock import Clock
from channels.errors import ReplyError
from channels.model import Gap, Position, Subscribed
from channels.ports import Subscriber, Subscription
from channels.witness import Witness
from hub.connection import Connection
from hub.connections import Connections
from hub.deliveries.records import Hole, Refusal, SessionRecord, Stay
from hub.sections.delivery_records import DeliveryRecordsOptions

By = Literal["user", "client_id", "session"]

HOLES: Final = 1_000
"""Gaps that are remembered, of all channels together: each is a fault of the broker, and rare."""


class _Log:
    """What a live session did."""

    __slots__ = ("dropped", "events")

    def __init__(self) -> None:
        self.events: list[Stay | Refusal] = []
        self.dropped = 0

    def add(self, event: Stay | Refusal, most: int) -> None:
        self.events.append(event)
        if len(self.events) > most:
            del self.events[next((n for n, each in enumerate(self.events) if _is_over(each)), 0)]
            self.dropped += 1

    def open_stay(self, channel: str) -> Stay | None:
        for event in reversed(self.events):
            if isinstance(event, Stay) and event.channel == channel and event.left is None:
                return event
        return None


def _is_over(event: Stay | Refusal) -> bool:
    return isinstance(event, Refusal) or event.left is not None


class Journal(Witness):
    """Writes records, and finds them.

    Args:
        connections: all that there are now; the journal is told when one is gone.
        delivered_to: the position that was delivered last on each channel (`hub.fanout.Fanout.delivered_to`).
        heartbeat: seconds between two signs of life on a transport, 0 without.

    Attributes:
        since: the records are whole from here on: every session that ended later is in them.
    """

    def __init__(
        self,
        options: DeliveryRecordsOptions,
        connections: Connections,
        clock: Clock,
        delivered_to: Mapping[str, Position | None],
        heartbeat: Callable[[str], float] = lambda _: 0.0,
    ) -> None:
        self.since = clock.now()
        self._options = options
        self._connections = connections
        self._clock = clock
        self._delivered_to = delivered_to
        self._heartbeat = heartbeat
        self._live: dict[str, _Log] = {}
        self._over: deque[SessionRecord] = deque()
        self._holes: deque[Hole] = deque(maxlen=HOLES)
        connections.gone = self.closed

    # Writing.

    def entered(
        self,
        subscriber: Subscriber,
        channel: str,
        since: Position | None,
        subscription: Subscription,
        subscribed: Subscribed,
    ) -> None:
        if not isinstance(subscriber, Connection):
            return  # a handler's own (`WebSocketManager.embed`), which no list shows either
        log = self._live.setdefault(subscriber.session, _Log())
        if (stay := log.open_stay(channel)) is not None:
            stay.interval = subscription.interval
            return
        before, begin = self._delivered_to.get(channel), subscribed.position
        offsets = [each.position.offset for each in subscribed.missed if each.position is not None]
        log.add(
            Stay(
                channel,
                self._clock.now(),
                before if before == begin else begin,  # one object for all who come between two publications
                before,
                since=since,
                recovered=subscribed.recovered,
                replayed=(offsets[0], offsets[-1]) if offsets else None,
                interval=subscription.interval,
            ),
            self._options.events,
        )

    def refused(self, subscriber: Subscriber, channel: str, error: ReplyError) -> None:
        if not isinstance(subscriber, Connection) or not subscriber.is_open:
            return
        refusal = Refusal(channel[:128], self._clock.now(), error.code.word)
        self._live.setdefault(subscriber.session, _Log()).add(refusal, self._options.events)

    def left(self, subscriber: Subscriber, channels: tuple[str, ...], why: str) -> None:
        log = self._live.get(subscriber.session)
        if log is None:
            return
        now = self._clock.now()
        for channel in channels:
            if (stay := log.open_stay(channel)) is not None:
                stay.left, stay.why, stay.end = now, why, self._end_of(stay)
        if not subscriber.is_open and self._connections.of_session(subscriber.session) is None:
            del self._live[subscriber.session]  # a stream that was refused: it never became a connection

    def gap(self, gap: Gap) -> None:
        self._holes.append(Hole(gap.channel, self._clock.now(), gap.after, gap.until))

    def closed(self, connection: Connection) -> None:
        """A connection is gone."""
        record = self._record(connection, self._live.pop(connection.session, None))
        record.closed, record.code, record.waiting = self._clock.now(), connection.close_code, 0
        self._over.append(record)
        self._expire()

    def _end_of(self, stay: Stay) -> Position | None:
        """The last publication that a session got there: what is still to be flushed no longer comes to it."""
        last = self._delivered_to.get(stay.channel)
        if last is None or last is stay.before or stay.begin is None:
            return stay.begin
        return max(last, stay.begin) if last.epoch == stay.begin.epoch else last

    def _expire(self) -> None:
        end = self._clock.now() - self._options.seconds
        while self._over and (len(self._over) > self._options.sessions or (self._over[0].closed or 0.0) < end):
            self.since = max(self.since, self._over.popleft().closed or 0.0)

    def _record(self, connection: Connection, log: _Log | None) -> SessionRecord:
        began = self._clock.now() - asyncio.get_running_loop().time()
        events, ends = [] if log is None else log.events, not connection.is_open
        return SessionRecord(
            connection.session,
            connection.client_id,
            connection.principal.user,
            connection.address,
            connection.kind,
            "",
            began + connection.opened,
            closed=began + connection.close_by if ends else None,
            code=connection.close_code if ends else None,
            answered=None if connection.answered is None else began + connection.answered,
            heartbeat=self._heartbeat(connection.kind),
            waiting=connection.queued_bytes,
            dropped=0 if log is None else log.dropped,
            stays=[event for event in events if isinstance(event, Stay)],
            refusals=[event for event in events if isinstance(event, Refusal)],
        )

    # Finding.

    def find(self, by: By, value: str, channel: str) -> list[SessionRecord]:
        """Return the sessions of a user, a client or one session, the newest first, with what they had to do with a
        channel."""
        self._expire()
        live = [self._record(each, self._live.get(each.session)) for each in _of(self._connections, by, value)]
        over = [record for record in self._over if getattr(record, by) == value]
        found = sorted((*live, *over), key=lambda record: record.opened, reverse=True)
        return [self._about(record, channel) for record in found]

    def _about(self, record: SessionRecord, channel: str) -> SessionRecord:
        stays = [self._as_of_now(stay) for stay in record.stays if stay.channel == channel]
        holes = [
            hole
            for hole in self._holes
            if hole.channel == channel
            and any(stay.at <= hole.at and (stay.left is None or hole.at <= stay.left) for stay in stays)
        ]
        refusals = [refusal for refusal in record.refusals if refusal.channel == channel]
        return replace(record, stays=stays, refusals=refusals, holes=holes)

    def _as_of_now(self, stay: Stay) -> Stay:
        return stay if stay.left is not None else replace(stay, end=self._end_of(stay))


def _of(connections: Connections, by: By, value: str) -> Iterator[Connection]:
    if by == "session":
        connection = connections.of_session(value)
        yield from () if connection is None else (connection,)
    elif by == "client_id":
        yield from connections.of_client(value)
    else:
        yield from connections.of_user(value)
