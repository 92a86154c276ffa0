"""Delivery to connections: framed once, joined, one write per connection and flush."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from channels.model import Position, Publication
from channels.policy import ChannelOptions
from channels.ports import Subscription
from channels.registry import Registry
from hub.dialects.plain import PlainDialect
from hub.encoding import Encoding
from hub.fanout import Fanout
from hub.frames import deflated
from tests.kit import publication
from tests.unit.hub.stage import ManualLoop, RecordingConnection, messages_in

PLAIN_CHANNEL = ChannelOptions()
CONFLATED = ChannelOptions(conflate="key")


class Hall:
    """A fan-out on a manual loop, with a registry that says who gets what."""

    def __init__(self, coalesce_max: float = 0.008) -> None:
        self.loop = ManualLoop()
        self.delays: list[float] = []
        self.fanout = Fanout(self.loop, coalesce_max, self.delays.append)
        self.registry = Registry()

    def subscribe(self, channel: str, *connections: RecordingConnection, interval: float = 0.0) -> None:
        for connection in connections:
            self.registry.add(connection, channel, Subscription(interval=interval))

    def publish(
        self,
        channel: str,
        *offsets: int,
        key: str | None = None,
        exclude: str | None = None,
        options: ChannelOptions = PLAIN_CHANNEL,
    ) -> int:
        """Publish as the engine does: to those who are on the channel at this moment."""
        reached = 0
        for offset in offsets:
            what = Publication(channel, "event", b"{}", "2026-11-21T10:15:00Z", Position("e1", offset), key, exclude)
            reached = self.fanout.deliver(what, self.registry.roster(channel), options)
        return reached


@pytest.fixture
def hall() -> Hall:
    return Hall()


def clients(count: int) -> list[RecordingConnection]:
    return [RecordingConnection(f"c{number}", f"s-{number}") for number in range(count)]


def offsets_of(connection: RecordingConnection, channel: str) -> list[int]:
    return [message["offset"] for message in connection.heard if message["channel"] == channel]


# Coalescing.


def test_publications_of_one_turn_are_one_write_per_connection(hall: Hall) -> None:
    """Frames are joined, in the order of publishing, and each is whole."""
    everyone = clients(3)
    hall.subscribe("news", *everyone)
    assert hall.publish("news", 1, 2, 3) == 3
    assert [connection.writes for connection in everyone] == [[], [], []]
    hall.loop.turn()
    for connection in everyone:
        ((first, second, third),) = connection.writes
        assert [first["offset"], second["offset"], third["offset"]] == [1, 2, 3]


def test_several_channels_are_one_write_too(hall: Hall) -> None:
    """Whoever is on several channels with news gets one write; order holds per channel."""
    both, one = clients(2)
    hall.subscribe("news", both, one)
    hall.subscribe("alerts", both)
    for offset in (1, 2):
        hall.publish("news", offset)
        hall.publish("alerts", offset)
    hall.loop.turn()
    assert len(both.writes) == 1
    assert len(one.writes) == 1
    assert offsets_of(both, "news") == offsets_of(both, "alerts") == [1, 2]
    assert [message["channel"] for message in one.heard] == ["news", "news"]


def test_a_blob_is_made_once_per_encoding(hall: Hall) -> None:
    """Connections that agree on dialect and compression share the very same bytes."""
    made: list[int] = []

    class CountingDialect(PlainDialect):
        def publication(self, publication: Publication) -> bytes:
            made.append(1)
            return super().publication(publication)

    plain, small = Encoding(CountingDialect()), Encoding(CountingDialect(), window_bits=15, min_bytes=0)
    everyone = [RecordingConnection(f"c{n}", f"s-{n}", small if n % 2 else plain) for n in range(10)]
    hall.subscribe("news", *everyone)
    hall.publish("news", 1)
    hall.loop.turn()
    assert len(made) == 2
    assert everyone[0].transport.writes[0] is everyone[2].transport.writes[0]
    assert everyone[1].transport.writes[0] == deflated(PlainDialect().publication(publication_of(everyone[0])), 15)


def publication_of(connection: RecordingConnection) -> Publication:
    """Return the publication that a connection got, as it was published."""
    (message,) = connection.heard
    data = json.dumps(message["data"]).encode()
    return Publication(message["channel"], message["type"], data, message["timestamp"], Position("e1", 1))


def test_without_subscribers_nothing_is_written(hall: Hall) -> None:
    """An empty audience is no error, and reaches nobody."""
    assert hall.publish("news", 1) == 0
    hall.loop.turn()
    hall.fanout.flush()
    assert hall.fanout.counters.writes == 0


# Who gets it.


def test_who_subscribes_between_publishing_and_writing_does_not_get_it(hall: Hall) -> None:
    """The audience is that of the moment of publishing."""
    early, late = clients(2)
    hall.subscribe("news", early)
    hall.publish("news", 1)
    hall.subscribe("news", late)
    hall.publish("news", 2)
    hall.loop.turn()
    assert early.offsets == [1, 2]
    assert late.offsets == [2]
    assert len(early.writes) == 1


def test_who_leaves_gets_what_came_before_and_nothing_after(hall: Hall) -> None:
    """`release` flushes the channel, so what was published before is written before the answer to the unsubscribe."""
    leaving, staying = clients(2)
    hall.subscribe("news", leaving, staying)
    hall.publish("news", 1)
    hall.fanout.release(leaving, "news")
    hall.registry.remove(leaving, "news")
    hall.fanout.notify(leaving, {"type": "unsubscribe"})
    hall.publish("news", 2)
    hall.loop.turn()
    assert [message["type"] for message in leaving.heard] == ["event", "unsubscribe"]
    assert staying.offsets == [1, 2]


def test_releasing_from_a_quiet_channel_writes_nothing(hall: Hall) -> None:
    """Other channels go on waiting for their turn."""
    client, other = clients(2)
    hall.subscribe("news", client)
    hall.subscribe("alerts", other)
    hall.publish("alerts", 1)
    hall.fanout.release(client, "news")
    assert other.writes == []
    hall.loop.turn()
    assert other.offsets == [1]


def test_a_closed_connection_gets_nothing(hall: Hall) -> None:
    """It may still be in the audience of what was published before its close."""
    closed, live = clients(2)
    hall.subscribe("news", closed, live)
    hall.publish("news", 1)
    closed.close(1001, "")
    hall.loop.turn()
    assert closed.writes == []
    assert live.offsets == [1]


# The window.


def test_an_idle_hub_writes_at_once(hall: Hall) -> None:
    """After a pause there is nothing to wait for: the publication goes in the same turn of the loop."""
    hall.subscribe("news", *clients(1))
    hall.publish("news", 1)
    assert len(hall.loop.soon) == 1
    assert hall.loop.armed == []


class SlowClient(RecordingConnection):
    """A connection whose writes take time."""

    def __init__(self, loop: ManualLoop, seconds: float) -> None:
        super().__init__()
        self._loop = loop
        self._seconds = seconds

    def push(self, frames: bytes, now: float) -> None:
        super().push(frames, now)
        self._loop.now += self._seconds


def test_the_next_flush_waits_as_long_as_the_last_one_took(hall: Hall) -> None:
    """So writing takes at most half of the time, and what comes meanwhile shares one write."""
    client = SlowClient(hall.loop, 0.004)
    hall.subscribe("news", client)
    hall.publish("news", 1)
    hall.loop.turn()
    assert hall.loop.now == pytest.approx(100.004)
    hall.publish("news", 2, 3)
    assert hall.loop.soon == []
    assert hall.loop.armed == [pytest.approx(100.008)]
    hall.loop.advance(0.003)
    assert len(client.writes) == 1
    hall.loop.advance(0.001)
    assert client.offsets == [1, 2, 3]
    assert len(client.writes) == 2


def test_no_publication_waits_longer_than_the_limit(hall: Hall) -> None:
    """However long a flush takes, the next one starts `coalesce_max` after it at the latest."""
    hall.subscribe("news", SlowClient(hall.loop, 2.0))
    hall.publish("news", 1)
    hall.loop.turn()
    hall.publish("news", 2)
    assert hall.loop.armed == [pytest.approx(102.008)]


def test_after_a_pause_the_window_is_closed(hall: Hall) -> None:
    """The wait depends on the last flush only, not on how busy the hub once was."""
    hall.subscribe("news", SlowClient(hall.loop, 0.004))
    hall.publish("news", 1)
    hall.loop.turn()
    hall.loop.advance(0.005)
    hall.publish("news", 2)
    assert len(hall.loop.soon) == 1


def test_a_flush_before_its_time_leaves_no_second_one(hall: Hall) -> None:
    """`release` may flush early; the flush that was scheduled is then void."""
    client = SlowClient(hall.loop, 0.004)
    hall.subscribe("news", client)
    hall.publish("news", 1)
    hall.loop.turn()
    hall.publish("news", 2)
    hall.fanout.flush()
    assert hall.loop.armed == []
    assert client.offsets == [1, 2]


def test_delays_are_from_the_first_publication_to_the_end_of_the_writes(hall: Hall) -> None:
    """That is what the metric shows."""
    hall.subscribe("news", SlowClient(hall.loop, 0.004))
    hall.publish("news", 1)
    hall.loop.now += 0.001
    hall.loop.turn()
    assert hall.delays == [pytest.approx(0.005)]


# Exclusion.


def test_who_is_excluded_gets_the_position_only(hall: Hall) -> None:
    """A publisher that wants no echo hears where the channel is, so that its `since` doesn't fall behind."""
    publisher, other = RecordingConnection("me"), RecordingConnection("you")
    hall.subscribe("news", publisher, other)
    hall.publish("news", 1)
    assert hall.publish("news", 2, exclude="me") == 1
    hall.publish("news", 3)
    hall.loop.turn()
    assert publisher.heard[1] == {"type": "position", "channel": "news", "epoch": "e1", "offset": 2}
    assert publisher.offsets == other.offsets == [1, 2, 3]
    assert [message["type"] for message in other.heard] == ["event"] * 3
    assert len(publisher.writes) == 1


def test_exclusion_holds_for_throttled_subscriptions(hall: Hall) -> None:
    """Neither at once nor later."""
    publisher = RecordingConnection("me")
    hall.subscribe("pools", publisher, interval=1.0)
    assert hall.publish("pools", 1, key="k", exclude="me", options=CONFLATED) == 0
    hall.loop.turn()
    hall.loop.advance(2)
    assert publisher.writes == []


# Slow connections.


def test_conflation_is_for_slow_connections_only(hall: Hall) -> None:
    """A connection that keeps up gets every publication; one that doesn't gets the newest per key, once it has room."""
    fast, slow = clients(2)
    hall.subscribe("pools", fast, slow)
    slow.pause_writing()
    for offset, key in enumerate(["a", "b", "a", "a", "b"], 1):
        hall.publish("pools", offset, key=key, options=CONFLATED)
        hall.loop.turn()
        hall.loop.advance(1)
    assert fast.offsets == [1, 2, 3, 4, 5]
    assert slow.writes == []
    slow.resume_writing()
    assert slow.offsets == [4, 5]


def test_without_a_key_nothing_is_replaced(hall: Hall) -> None:
    """On a conflated channel, what has no key stays, in its place: it stands for nothing but itself."""
    (slow,) = clients(1)
    hall.subscribe("pools", slow)
    slow.pause_writing()
    for offset, key in enumerate(["a", None, "a", None, "a"], 1):
        hall.publish("pools", offset, key=key, options=CONFLATED)
    hall.loop.turn()
    slow.resume_writing()
    assert slow.offsets == [1, 2, 3, 4, 5]


def test_what_is_not_conflated_waits_in_order(hall: Hall) -> None:
    """A slow connection's other channels lose nothing."""
    (slow,) = clients(1)
    hall.subscribe("news", slow)
    hall.subscribe("pools", slow)
    slow.pause_writing()
    for offset in (1, 2, 3):
        hall.publish("news", offset)
        hall.publish("pools", offset, key="a", options=CONFLATED)
        hall.loop.turn()
        hall.loop.advance(1)
    slow.resume_writing()
    assert offsets_of(slow, "news") == [1, 2, 3]
    pools = offsets_of(slow, "pools")
    assert pools == sorted(pools)
    assert pools[-1] == 3


def test_a_slow_connection_that_is_closed_keeps_nothing(hall: Hall) -> None:
    """What was published before its close isn't kept behind the close frame."""
    (slow,) = clients(1)
    hall.subscribe("pools", slow)
    slow.pause_writing()
    hall.publish("pools", 1, key="a", options=CONFLATED)
    hall.publish("pools", 2, options=CONFLATED)
    slow.close(4002, "")
    hall.loop.turn()
    assert slow.queued_bytes == 0


def test_who_is_excluded_while_slow_gets_nothing_in_its_place(hall: Hall) -> None:
    """The next publication moves its position."""
    slow = RecordingConnection("me")
    hall.subscribe("pools", slow)
    slow.pause_writing()
    hall.publish("pools", 1, key="a", exclude="me", options=CONFLATED)
    hall.loop.turn()
    slow.resume_writing()
    assert slow.writes == []


# Throttled subscriptions.


def test_a_throttled_subscription_gets_the_newest_per_key(hall: Hall) -> None:
    """At once what comes first, then at most one per key and interval."""
    throttled, prompt = clients(2)
    hall.subscribe("pools", throttled, interval=1.0)
    hall.subscribe("pools", prompt)
    for offset, key in enumerate(["a", "b", "a", "b", "a"], 1):
        hall.publish("pools", offset, key=key, options=CONFLATED)
        hall.loop.turn()
    assert throttled.offsets == [1, 2]
    hall.loop.advance(1)
    assert sorted(throttled.offsets) == [1, 2, 4, 5]
    assert prompt.offsets == [1, 2, 3, 4, 5]


def test_a_throttled_subscription_that_is_slow_is_conflated(hall: Hall) -> None:
    """What its timer sends takes the place of what still waits."""
    (slow,) = clients(1)
    hall.subscribe("pools", slow, interval=1.0)
    slow.pause_writing()
    for offset in range(1, 20):
        hall.publish("pools", offset, key="a", options=CONFLATED)
        hall.loop.turn()
        hall.loop.advance(1)
    slow.resume_writing()
    assert slow.offsets == [19]


def test_throttled_subscriptions_work_on_plain_channels(hall: Hall) -> None:
    """Without keys there is nothing to hold back."""
    (client,) = clients(1)
    hall.subscribe("news", client, interval=1.0)
    hall.publish("news", 1, 2)
    hall.loop.turn()
    assert client.offsets == [1, 2]


@pytest.mark.parametrize("pending", [False, True])
def test_giving_up_the_interval_keeps_the_order(hall: Hall, pending: bool) -> None:
    """Who subscribes again without an interval gets what waited before anything newer."""
    (client,) = clients(1)
    hall.subscribe("pools", client, interval=60.0)
    hall.publish("pools", 1, 2, key="a", options=CONFLATED)
    if not pending:
        hall.loop.turn()
    hall.subscribe("pools", client)
    hall.publish("pools", 3, key="a", options=CONFLATED)
    hall.loop.turn()
    hall.loop.advance(120)
    assert client.offsets == [1, 2, 3]


@pytest.mark.parametrize("pending", [False, True])
def test_asking_for_an_interval_keeps_the_order(hall: Hall, pending: bool) -> None:
    """What was published before goes out before what the interval lets through."""
    (client,) = clients(1)
    hall.subscribe("pools", client)
    hall.publish("pools", 1, key="a", options=CONFLATED)
    if not pending:
        hall.loop.turn()
    hall.subscribe("pools", client, interval=1.0)
    hall.publish("pools", 2, 3, key="a", options=CONFLATED)
    hall.loop.turn()
    hall.loop.advance(1)
    assert client.offsets == [1, 2, 3]


def test_becoming_slow_within_a_flush_keeps_the_order(hall: Hall) -> None:
    """What was gathered for a connection goes before what replaces older values."""

    class Jam(RecordingConnection):
        """The kernel is full as soon as something was written."""

        def send(self, frames: bytes) -> None:
            super().send(frames)
            self.pause_writing()

    client, other = Jam("a"), RecordingConnection("b")
    hall.subscribe("pools", client, interval=60.0)
    hall.publish("pools", 1, 2, key="x", options=CONFLATED)
    hall.loop.turn()
    client.resume_writing()
    hall.subscribe("pools", client)
    hall.subscribe("keyed", client)
    hall.publish("keyed", 1, key="x", options=CONFLATED)
    hall.publish("pools", 3, key="x", options=CONFLATED)
    hall.subscribe("keyed", other)
    hall.publish("keyed", 2, key="x", options=CONFLATED)
    hall.loop.turn()
    hall.loop.advance(1)
    client.resume_writing()
    client.resume_writing()
    assert offsets_of(client, "keyed") == [1, 2]
    assert offsets_of(client, "pools") in ([1, 2, 3], [1, 3])


# Replay.


def test_a_replay_is_one_write(hall: Hall) -> None:
    """What was missed goes out at once, before anything that is delivered from now on; exclusion holds."""
    client = RecordingConnection("me")
    missed = (
        publication("news", 1),
        Publication("news", "event", b"{}", "t", Position("e1", 2), exclude="me"),
        publication("news", 3),
    )
    hall.fanout.replay(client, missed)
    assert len(client.writes) == 1
    assert [message["type"] for message in client.heard] == ["event", "position", "event"]


# Counters.


def test_counters(hall: Hall) -> None:
    """Deliveries are publications times connections; writes and bytes are those to sockets."""
    a, b = clients(2)
    hall.subscribe("news", a, b)
    hall.subscribe("alerts", b)
    hall.publish("news", 1, 2)
    hall.publish("alerts", 1)
    hall.loop.turn()
    counters = hall.fanout.counters
    assert (counters.deliveries, counters.writes, counters.flushes) == (5, 2, 1)
    assert counters.bytes == sum(len(data) for client in (a, b) for data in client.transport.writes)


# Straight to the socket.


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a socket; the first one doesn't block."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(5)
    with ours, theirs:
        yield ours, theirs


def test_a_socket_with_room_is_written_to_directly(hall: Hall, pair: tuple[socket.socket, socket.socket]) -> None:
    """The kernel takes the blob whole, and the transport isn't asked."""
    (client,) = clients(1)
    client.fd = pair[0].fileno()
    hall.subscribe("news", client)
    hall.publish("news", 1, 2)
    hall.loop.turn()
    assert [message["offset"] for message in messages_in(pair[1].recv(65536))] == [1, 2]
    assert client.transport.writes == []
    assert hall.fanout.delivered_at == {"news": hall.loop.now}
    assert hall.fanout.delivered_to == {"news": Position("e1", 2)}


def fill(ours: socket.socket) -> int:
    """Write until the kernel takes no more; return how much it took."""
    filled = 0
    try:
        while filled < 64 << 20:
            filled += ours.send(b"x" * 65536)
    except BlockingIOError:
        pass
    return filled


def test_one_full_socket_holds_up_nobody(hall: Hall) -> None:
    """Wherever it stands among the others: they are written to, once each, and its own blob goes to its transport."""
    for full in range(4):
        pairs = [socket.socketpair() for _ in range(4)]
        everyone = [RecordingConnection(f"c{number}", f"s-{full}-{number}") for number in range(4)]
        for connection, (ours, theirs) in zip(everyone, pairs, strict=True):
            ours.setblocking(False)
            theirs.setblocking(False)
            connection.fd = ours.fileno()
        fill(pairs[full][0])
        channel = f"news{full}"
        hall.subscribe(channel, *everyone)
        hall.publish(channel, 1, 2)
        hall.loop.advance(1)
        hall.loop.turn()
        for number, (connection, (_, theirs)) in enumerate(zip(everyone, pairs, strict=True)):
            got = connection.transport.writes[0] if number == full else theirs.recv(65536)
            assert [message["offset"] for message in messages_in(got)] == [1, 2]
            assert len(connection.transport.writes) == (number == full)
        for pair in pairs:
            for end in pair:
                end.close()


def test_a_descriptor_is_used_only_while_it_is_the_connections_own(
    hall: Hall, pair: tuple[socket.socket, socket.socket]
) -> None:
    """After a close, or while the connection is slow, nothing is written there: it may be another's by then."""
    client, other = clients(2)
    ours, theirs = pair
    client.fd = client._direct = ours.fileno()
    hall.subscribe("news", client, other)
    theirs.setblocking(False)

    def written(offset: int) -> list[int]:
        hall.publish("news", offset)
        hall.loop.advance(1)
        hall.loop.turn()
        try:
            return [message["offset"] for message in messages_in(theirs.recv(65536))]
        except BlockingIOError:
            return []

    assert written(1) == [1]
    client.pause_writing()
    assert written(2) == []
    client.resume_writing()
    assert client.offsets == [2]
    assert written(3) == [3]
    client.close(1001, "")
    assert written(4) == []
    assert client.offsets == [2]
    assert other.offsets == [1, 2, 3, 4]


def test_what_a_connection_got_counts_after_it_has_left(hall: Hall) -> None:
    """Whoever was taken off a busy channel a moment ago is not idle since its last command."""
    (client,) = clients(1)
    hall.subscribe("news", client)
    hall.loop.advance(1000)
    hall.publish("news", 1)
    hall.loop.turn()
    hall.loop.advance(10)
    hall.fanout.release(client, "news")
    assert client.active == hall.loop.now - 10


def test_times_of_other_channels_are_forgotten(hall: Hall) -> None:
    """Rooms come and go."""
    hall.subscribe("news", *clients(1))
    hall.subscribe("room:x", *clients(1))
    hall.publish("news", 1)
    hall.publish("room:x", 1)
    hall.loop.turn()
    hall.fanout.forget({"news"})
    assert list(hall.fanout.delivered_at) == list(hall.fanout.delivered_to) == ["news"]


def test_what_the_kernel_does_not_take_goes_to_the_transport(
    hall: Hall, pair: tuple[socket.socket, socket.socket]
) -> None:
    """Of a blob that fits in part, the transport gets the rest; of one that doesn't fit, everything."""
    ours, theirs = pair
    filled = fill(ours)
    (client,) = clients(1)
    client.fd = ours.fileno()
    hall.subscribe("news", client)
    hall.publish("news", 1)
    hall.loop.turn()
    (blob,) = client.transport.writes
    assert messages_in(blob)[0]["offset"] == 1

    received = 0
    while received < filled // 2:
        received += len(theirs.recv(65536))
    big = Publication("news", "event", b'"' + b"y" * (64 << 20) + b'"', "t", Position("e1", 2))
    hall.fanout.deliver(big, hall.registry.roster("news"), PLAIN_CHANNEL)
    hall.loop.advance(1)
    hall.loop.turn()
    rest = client.transport.writes[1]
    assert 0 < len(rest) < len(big.data)
    assert rest.endswith(b"}")


# Notices with a place in the stream.


def gap(channel: str = "a") -> dict[str, object]:
    return {"type": "gap", "channel": channel, "epoch": "e1", "offset": 9, "timestamp": "2026-11-21T10:15:00Z"}


def test_a_notice_with_a_position_takes_its_place_in_the_stream(hall: Hall) -> None:
    """What was delivered before and is still pending goes first, also what an interval holds back."""
    prompt, throttled = clients(2)
    hall.subscribe("a", prompt)
    hall.subscribe("a", throttled, interval=10.0)
    hall.publish("a", 1, 2, 3, key="k", options=CONFLATED)
    for connection in (prompt, throttled):
        hall.fanout.notify(connection, gap())
    hall.publish("a", 10, key="k", options=CONFLATED)
    hall.loop.advance(0.1)
    assert [message["offset"] for message in prompt.heard] == [1, 2, 3, 9, 10]
    assert [message["offset"] for message in throttled.heard] == [1, 3, 9, 10]


def test_other_notices_and_other_channels_wait_for_nothing(hall: Hall) -> None:
    """They would only break up what is written together."""
    (connection,) = clients(1)
    hall.subscribe("a", connection)
    hall.publish("a", 1)
    hall.fanout.notify(connection, gap("b"))
    hall.fanout.notify(connection, {"type": "presence", "channel": "a"})
    assert [message["type"] for message in connection.heard] == ["gap", "presence"]
    hall.loop.advance(0.1)
    assert connection.heard[-1]["type"] == "event"
