"""Server-Sent Events: positions in ids, and what streams on the same channels share."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest

from channels.model import Position, Publication
from hub.dialects.plain import PlainDialect
from hub.dialects.sse import Sse, SseEncoding
from tests.kit import publication


def fields(event: bytes) -> dict[str, str]:
    """The fields of one event."""
    assert event.endswith(b"\n\n")
    assert event.count(b"\n\n") == 1
    lines = event.decode().removesuffix("\n\n").split("\n")
    pairs = [line.split(": ", 1) for line in lines]
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)


def opened(*channels: str, typed: bool = False, **since: Position) -> SseEncoding:
    return Sse(PlainDialect()).open(channels, since, typed)


def of(channel: str, offset: int, type: str = "event", epoch: str = "e1") -> Publication:
    return Publication(channel, type, b"{}", "2026-11-21T10:15:00.000000Z", Position(epoch, offset))


def test_data_is_the_plain_protocol_s() -> None:
    """As on a WebSocket, on one line."""
    event = fields(opened("a").publication(publication("a", 3)))
    assert event == {"id": "a:e1:3", "data": PlainDialect().publication(publication("a", 3)).decode()}


def test_an_id_has_all_channels_in_their_order() -> None:
    """Those whose position is known."""
    encoding = opened("b", "a", "c")
    assert fields(encoding.publication(of("a", 1)))["id"] == "a:e1:1"
    assert fields(encoding.publication(of("b", 5)))["id"] == "b:e1:5,a:e1:1"
    assert fields(encoding.withheld(of("a", 2)))["id"] == "b:e1:5,a:e1:2"
    assert fields(encoding.publication(of("b", 1, epoch="e2")))["id"] == "b:e2:1,a:e1:2"


def test_it_begins_where_the_client_was() -> None:
    """A channel on which nothing comes keeps the position that the client named."""
    encoding = opened("a", "b", a=Position("e9", 4))
    assert fields(encoding.publication(of("b", 5)))["id"] == "a:e9:4,b:e1:5"


def test_what_has_no_position_moves_none() -> None:
    """A channel without history is in no id."""
    encoding = opened("a", "fleeting", a=Position("e1", 1))
    event = fields(encoding.publication(Publication("fleeting", "event", b"1", "2026-11-21T10:15:00.000000Z")))
    assert set(event) == {"data"}
    assert encoding.id == "a:e1:1"


@pytest.mark.parametrize(
    ("message", "id"),
    [
        ({"type": "subscribe", "channel": "a", "epoch": "e1", "offset": 7}, "a:e1:7"),
        ({"type": "subscribe", "channel": "a", "epoch": "e1", "offset": 7, "recovered": True, "replayed": 0}, "a:e1:7"),
        ({"type": "subscribe", "channel": "a", "epoch": "e1", "offset": 7, "recovered": True, "replayed": 2}, None),
        ({"type": "subscribe", "channel": "a"}, None),
        ({"type": "gap", "channel": "a", "epoch": "e2", "offset": 9, "timestamp": "t"}, "a:e2:9"),
        ({"type": "degraded", "reason": "r", "timestamp": "t"}, None),
        ({"type": "history", "channel": "a", "epoch": "e1", "offset": 7}, None),
        ({"type": "unsubscribed", "channel": "a", "code": "c", "message": "m"}, None),
    ],
)
def test_messages_that_say_where_the_stream_is(message: dict[str, Any], id: str | None) -> None:
    """As a WebSocket client is to take positions: not from a reply whose replay is still to come."""
    event = fields(opened("a").message(message))
    assert event.get("id") == id
    assert json.loads(event["data"]) == message


def test_a_reconnect_says_when() -> None:
    """The browser obeys without the page's doing."""
    event = fields(opened("a").message({"type": "reconnect", "delay_ms": 2350, "reason": "stopping"}))
    assert event["retry"] == "2350"
    assert opened("a").preamble(1.5) == b"retry: 1500\n\n"


def test_a_heartbeat_is_a_comment() -> None:
    """No page hears of it."""
    assert opened("a").heartbeat("t").startswith(b":")


def test_events_are_named_on_request() -> None:
    """By the publication's type. What the hub says itself has no name."""
    encoding = opened("a", typed=True)
    assert fields(encoding.publication(of("a", 1, "build_status")))["event"] == "build_status"
    assert "event" not in fields(encoding.message({"type": "degraded"}))
    assert "event" not in fields(opened("a").publication(of("a", 1, "build_status")))


@pytest.mark.parametrize("type", ["error", "open", "message", "", "a\nid: x", "a\r", "\x00", "a\u2028b"])
def test_names_that_an_event_can_t_have(type: str) -> None:
    """Those of `EventSource` itself, and what would break out of the line: such an event has none."""
    event = fields(opened("a", typed=True).publication(of("a", 1, type)))
    assert "event" not in event
    assert json.loads(event["data"])["type"] == type


def test_an_event_is_never_broken_by_its_data() -> None:
    """JSON with line breaks stays one event."""
    odd = Publication("a", "event", b'{"a":\n\n"data: x"}', "2026-11-21T10:15:00.000000Z", Position("e1", 1))
    assert json.loads(fields(opened("a").publication(odd))["data"])["data"] == {"a": "data: x"}


# Sharing.


def test_streams_on_the_same_channels_share() -> None:
    """In the same order and with the same naming; a newcomer brings the others no other positions than they have."""
    format = Sse(PlainDialect())
    first = format.open(("a", "b"), {}, False)
    first.publication(of("a", 4))
    shared = first.settled()
    shared.publication(of("b", 9))
    second = format.open(("a", "b"), {"a": Position("e1", 2)}, False)
    assert second is not shared
    second.publication(of("a", 4))
    second.publication(of("b", 9))
    assert second.settled() is shared
    assert shared.id == "a:e1:4,b:e1:9"
    assert format.open(("b", "a"), {}, False).settled() is not shared
    assert format.open(("a", "b"), {}, True).settled() is not shared


def test_before_it_settles_a_stream_moves_nobody_else() -> None:
    """One that is still reading history is behind, and mustn't draw others back; nor may they draw it forward."""
    format = Sse(PlainDialect())
    shared = format.open(("a",), {}, False).settled()
    shared.publication(of("a", 9))
    late = format.open(("a",), {"a": Position("e1", 1)}, False)
    late.publication(of("a", 2))
    assert (shared.id, late.id) == ("a:e1:9", "a:e1:2")


def test_a_newcomer_knows_of_a_reset() -> None:
    """After a channel was begun anew all go on from there."""
    format = Sse(PlainDialect())
    shared = format.open(("a",), {"a": Position("e1", 9)}, False).settled()
    newcomer = format.open(("a",), {}, False)
    newcomer.message({"type": "subscribe", "channel": "a", "epoch": "e2", "offset": 0})
    assert newcomer.settled() is shared
    assert shared.id == "a:e2:0"


def test_encodings_that_nobody_uses_are_forgotten() -> None:
    """However many combinations of channels there were."""
    format = Sse(PlainDialect())
    for number in range(100):
        format.open((f"c{number}",), {}, False).settled()
    gc.collect()
    assert len(format) == 0
