"""The records of one process."""

from __future__ import annotations

import tracemalloc

from channels.errors import ErrorCode, ReplyError
from channels.model import Gap, Position, Subscribed
from channels.ports import PLAIN_SUBSCRIPTION, Subscription
from hub.connections import Connections
from hub.deliveries.journal import Journal
from hub.deliveries.records import SessionRecord
from hub.options import LimitOptions
from hub.sections.delivery_records import DeliveryRecordsOptions
from hub.transports.websocket import WebSocketConnection
from tests.kit import ManualClock, RecordingSubscriber, publication
from tests.unit.hub.stage import RecordingHost

DENIED = ReplyError(ErrorCode.PERMISSION_DENIED, "no")


class Office:
    """A journal, and the positions that the test says were delivered."""

    def __init__(self, **options: float) -> None:
        self.clock = ManualClock()
        self.host = RecordingHost()
        self.connections = Connections(LimitOptions())
        self.delivered: dict[str, Position | None] = {}
        settings = DeliveryRecordsOptions.model_validate(options)
        self.journal = Journal(settings, self.connections, self.clock, self.delivered, lambda _: 30.0)

    def connect(self, user: str = "alice") -> WebSocketConnection:
        connection, _ = self.host.connect(f"tab-of-{user}", user)
        self.connections.add(connection)
        self.connections.claim(connection.session, user)
        return connection

    def enter(self, connection: WebSocketConnection, offset: int, channel: str = "news", interval: float = 0.0) -> None:
        subscription = Subscription(interval=interval) if interval else PLAIN_SUBSCRIPTION
        self.journal.entered(connection, channel, None, subscription, Subscribed(1, Position("a", offset)))

    def publish(self, offset: int, epoch: str = "a") -> None:
        self.delivered["news"] = Position(epoch, offset)

    def lose(self, connection: WebSocketConnection, *channels: str) -> None:
        connection.disconnect()
        self.journal.left(connection, channels, "")
        self.connections.remove(connection)

    def find(self, user: str = "alice", channel: str = "news") -> list[SessionRecord]:
        return self.journal.find("user", user, channel)

    def ends(self) -> list[Position | None]:
        (record,) = self.find()
        return [stay.end for stay in record.stays]


async def test_a_stay_ends_with_what_was_delivered_last() -> None:
    """As of now while it lasts; and what was delivered before it began is no part of it."""
    office = Office()
    office.publish(3)
    connection = office.connect()
    office.enter(connection, 5)
    assert office.ends() == [Position("a", 5)]
    office.publish(4)  # was on its way when the session came
    assert office.ends() == [Position("a", 5)]
    office.publish(8)
    assert office.ends() == [Position("a", 8)]
    office.journal.left(connection, ("news",), "permission_denied")
    office.publish(9)
    assert office.ends() == [Position("a", 8)]
    office.enter(connection, 9)
    office.publish(2, "b")
    assert office.ends() == [Position("a", 8), Position("b", 2)]


async def test_subscribing_again_is_the_same_stay() -> None:
    """With what was asked for last."""
    office = Office()
    connection = office.connect()
    office.enter(connection, 5)
    office.enter(connection, 7, interval=2.0)
    (record,) = office.find()
    assert [(stay.begin, stay.interval) for stay in record.stays] == [(Position("a", 5), 2.0)]


async def test_what_was_replayed_and_refused_is_noted() -> None:
    """And what it said it had seen."""
    office = Office()
    connection = office.connect()
    done = Subscribed(1, Position("a", 5), True, (publication("news", 4), publication("news", 5)))
    office.journal.entered(connection, "news", Position("a", 3), PLAIN_SUBSCRIPTION, done)
    office.journal.refused(connection, "secret", DENIED)
    ((stay,),) = (record.stays for record in office.find())
    assert (stay.since, stay.recovered, stay.replayed) == (Position("a", 3), True, (4, 5))
    (record,) = office.find(channel="secret")
    assert ([refusal.code for refusal in record.refusals], record.stays) == (["permission_denied"], [])


async def test_a_gap_is_told_of_who_was_there() -> None:
    """To others it is none."""
    office = Office()
    connection = office.connect()
    office.enter(connection, 1)
    office.clock.advance(1)
    office.journal.gap(Gap("news", Position("a", 1), Position("a", 5)))
    office.journal.gap(Gap("chat", None, Position("a", 5)))
    office.clock.advance(1)
    office.enter(office.connect("bob"), 5)
    assert [[hole.until.offset for hole in record.holes] for record in office.find()] == [[5]]
    assert [record.holes for record in office.find("bob")] == [[]]


async def test_a_session_that_is_over_is_remembered_for_a_time() -> None:
    """With how it ended, and what the client had answered."""
    office = Office(seconds=60)
    began = office.clock.now()
    connection = office.connect()
    connection.ping()
    connection.data_received(b"\x8a\x80\x00\x00\x00\x00")
    office.enter(connection, 5)
    office.publish(6)
    office.clock.advance(10)
    office.lose(connection, "news")
    (record,) = office.find()
    assert (record.closed, record.code, record.heartbeat) == (began + 10, 1006, 30.0)
    assert record.answered == record.opened
    assert [(stay.end, stay.left) for stay in record.stays] == [(Position("a", 6), began + 10)]
    office.clock.advance(61)
    assert office.find() == []
    assert office.journal.since == began + 10
    assert office.journal._live == {}


async def test_the_number_of_those_that_are_over_is_bounded() -> None:
    """The oldest are dropped, and the records say since when they are whole."""
    office = Office(sessions=2)
    for number in range(4):
        office.clock.advance(1)
        office.lose(office.connect(f"u{number}"))
    assert [len(office.find(f"u{number}")) for number in range(4)] == [0, 0, 1, 1]
    assert office.journal.since == office.clock.now() - 2


async def test_the_events_of_a_session_are_bounded() -> None:
    """What lasts is kept longest."""
    office = Office(events=2)
    connection = office.connect()
    office.enter(connection, 5)
    for _ in range(5):
        office.journal.refused(connection, "secret", DENIED)
    (record,) = office.find()
    assert (len(record.stays), record.dropped) == (1, 4)


async def test_who_is_no_connection_leaves_nothing() -> None:
    """A handler's own socket; a stream that was refused; a refusal that comes after the end."""
    office = Office()
    stranger = RecordingSubscriber("x")
    office.journal.entered(stranger, "news", None, PLAIN_SUBSCRIPTION, Subscribed(1))
    office.journal.refused(stranger, "news", DENIED)
    stream, _ = office.host.connect("stream", "alice")
    office.journal.refused(stream, "news", DENIED)
    stream.disconnect()
    office.journal.left(stream, (), "")
    office.journal.refused(stream, "news", DENIED)
    assert office.journal._live == {}


async def test_sessions_are_found_by_what_names_them() -> None:
    """The newest first."""
    office = Office()
    first = office.connect()
    office.host.now += 1
    second = office.connect()
    office.lose(first)
    sessions = [record.session for record in office.find()]
    assert sessions == [second.session, first.session]
    assert [record.session for record in office.journal.find("client_id", "tab-of-alice", "news")] == sessions
    for session in sessions:
        assert [record.session for record in office.journal.find("session", session, "news")] == [session]
    assert office.find("bob") == office.journal.find("session", "s-none", "news") == []


async def test_what_a_live_session_costs() -> None:
    """Well under 1 KiB for one channel, also when each came at a position of its own."""
    office, number = Office(), 1_000
    office.clock.advance(1)
    connections = [office.host.connect(f"c{n}", f"u{n}")[0] for n in range(number)]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for offset, connection in enumerate(connections, start=1000):
            office.publish(offset)
            office.enter(connection, offset)
        each = (tracemalloc.get_traced_memory()[0] - before) / number
    finally:
        tracemalloc.stop()
    assert each < 600


async def test_what_was_delivered_of_an_older_epoch_ends_no_stay() -> None:
    """The stream was begun anew before the session came, and nothing has been delivered of it yet."""
    office = Office()
    office.publish(30, "z")
    office.enter(office.connect(), 5)
    assert office.ends() == [Position("a", 5)]
