"""Questions about deliveries. Of real sockets and of other processes: tests/integration/test_deliveries.py."""

from __future__ import annotations

import pytest

from channels.clock import iso
from channels.errors import ErrorCode, ReplyError
from channels.local import LocalNodes
from channels.model import Draft, Position
from channels.policy import ChannelOptions, Policy
from channels.ports import Subscription
from hub.connections import Connections
from hub.deliveries import inquiry
from hub.deliveries.inquiry import Explained, Inquiry, Which, seconds_of
from hub.deliveries.journal import Journal
from hub.options import LimitOptions
from hub.peers import Peers
from hub.reports import Reports
from hub.sections.delivery_records import DeliveryRecordsOptions
from hub.tasks import Tasks
from tests.unit.hub.stage import RecordingHost, Stage

CHANNELS = {"news": ChannelOptions(), "prices": ChannelOptions(conflate="key"), "now": ChannelOptions(history_size=0)}


class Desk:
    """Whom the test asks. The clock stands, unless something is published: each takes a second."""

    def __init__(self) -> None:
        self.stage = Stage(policy=Policy(CHANNELS, {}))
        self.host = RecordingHost()
        self.connections = Connections(LimitOptions())
        fanout, clock = self.stage.fanout, self.stage.clock
        self.journal = Journal(DeliveryRecordsOptions(), self.connections, clock, fanout.delivered_to)
        self.stage.engine._witness = self.journal
        nodes = LocalNodes("a")
        peers = Peers(nodes, Reports(nodes, clock), Tasks(), alone=True)
        self.inquiry = Inquiry(self.stage.engine, self.journal, peers, clock)

    async def publish(self, channel: str = "news", timestamp: str = "", key: str | None = None) -> None:
        self.stage.clock.advance(1)
        draft = Draft(channel, "t", b"{}", timestamp or iso(self.stage.clock.now()), key)
        await self.stage.engine.publish(draft)
        self.stage.fanout.flush()

    async def connect(self, channel: str = "news", interval: float = 0.0) -> None:
        connection, _ = self.host.connect("tab", "alice")
        self.connections.add(connection)
        await self.stage.engine.subscribe(connection, channel, None, Subscription(interval=interval))

    async def ask(self, channel: str = "news", **which: object) -> Explained:
        return await self.inquiry.explain("user", "alice", channel, Which(**which))  # type: ignore[arg-type]

    async def words(self, channel: str = "news", **which: object) -> list[tuple[int, str]]:
        explained = await self.ask(channel, **which)
        return [(case.position.offset, str(case.finding.verdict)) for case in explained.cases]


async def test_which_publications() -> None:
    """One, the newest, or those from a time on; the oldest first."""
    desk = Desk()
    began = desk.stage.clock.now()
    await desk.connect()
    for _ in range(5):
        await desk.publish()
    assert await desk.words(limit=2) == [(4, "delivered"), (5, "delivered")]
    assert await desk.words(limit=2, at=began + 2) == [(2, "delivered"), (3, "delivered")]
    assert await desk.words(offset=3) == [(3, "delivered")]
    explained = await desk.ask(offset=3)
    assert explained.top == Position("e1", 5)
    (record,) = explained.records
    assert (record.node, explained.since, explained.more) == ("a", began, 0)


async def test_what_never_was() -> None:
    """Behind the top, or of another epoch."""
    desk = Desk()
    await desk.publish()
    (case,) = (await desk.ask(offset=2)).cases
    assert (case.finding.verdict, "offset 1." in case.finding.explanation) == ("unknown_publication", True)
    assert await desk.words(offset=1, epoch="another") == [(1, "unknown_publication")]


async def test_what_has_left_history() -> None:
    """Positions still tell who was sent it; a time that the caller knows helps, too."""
    desk = Desk()
    await desk.connect()
    await desk.publish()
    desk.stage.clock.advance(400)
    await desk.publish()
    (case,) = (await desk.ask(offset=1)).cases
    assert (case.publication, case.finding.verdict) == (None, "delivered")
    explained = await desk.inquiry.explain("user", "bob", "news", Which(offset=1))
    assert explained.cases[0].finding.verdict == "too_old"
    at = desk.stage.clock.now() - 100
    explained = await desk.inquiry.explain("user", "bob", "news", Which(offset=1, at=at))
    assert explained.cases[0].finding.verdict == "unknown_user"


async def test_newer_ones_of_a_key() -> None:
    """Are looked for among the newest publications."""
    desk = Desk()
    await desk.connect("prices", interval=60.0)
    for _ in range(3):
        await desk.publish("prices", key="gold")
    await desk.publish("prices", key="tin")
    assert await desk.words("prices", limit=4) == [(1, "delivered"), (2, "filtered"), (3, "pending"), (4, "delivered")]


async def test_older_sessions_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """And counted."""
    monkeypatch.setattr(inquiry, "SESSIONS", 2)
    desk = Desk()
    for _ in range(5):
        await desk.connect()
    explained = await desk.ask()
    assert (len(explained.records), explained.more) == (2, 3)


async def test_a_channel_without_history() -> None:
    """Has no positions to ask about."""
    with pytest.raises(ReplyError) as refused:
        await Desk().ask("now")
    assert refused.value.code is ErrorCode.NO_HISTORY


async def test_a_publisher_may_have_put_anything_in_place_of_the_time() -> None:
    """Then it is not known when it was."""
    assert seconds_of("1970-01-01T00:00:01Z") == seconds_of("1970-01-01T00:00:01") == 1.0
    assert seconds_of("yesterday") is None
    desk = Desk()
    await desk.connect()
    await desk.publish(timestamp="yesterday")
    assert await desk.words() == [(1, "delivered")]
