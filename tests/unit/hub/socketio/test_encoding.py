"""Publications and messages as Socket.IO events."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from channels.model import Position, Publication
from hub.socketio.encoding import RESERVED, SocketIoEncoding
from hub.socketio.payload import unframed
from tests.kit import publication

NOON = "2026-11-21T12:00:00.000000Z"


def events(frames: bytes) -> list[Any]:
    packets = [payload for _, payload in unframed(frames)]
    assert all(packet.startswith(b"42[") for packet in packets)
    return [json.loads(packet[2:]) for packet in packets]


def test_a_publication_is_two_events() -> None:
    """One named by its type, with `data` unchanged and then its place; and `message` with everything."""
    data = b'{"stage":"1/14","log":"validation","progress":7}'
    named, whole = events(SocketIoEncoding().publication(publication("training", 3)))
    assert named[:2] == ["event", {}]
    assert named[2] == {"channel": "training", "timestamp": "2026-11-21T10:15:00.000000Z", "epoch": "e1", "offset": 3}
    assert (named[3:], whole[0], whole[2:]) == (["e1:3:training"], "message", [])
    assert whole[1] == {**named[2], "type": "event", "data": {}}
    [first, *_] = events(SocketIoEncoding().publication(Publication("training", "stage_update", data, NOON)))
    assert first == ["stage_update", json.loads(data), {"channel": "training", "timestamp": NOON}]


@pytest.mark.parametrize("type", [*sorted(RESERVED), "message"])
def test_names_that_a_client_keeps_for_itself(type: str) -> None:
    """Such a publication is only a `message`: the client would take the other for its own event."""
    [[name, whole]] = events(SocketIoEncoding().publication(Publication("c", type, b"1", NOON)))
    assert (name, whole["type"], whole["data"]) == ("message", type, 1)


def test_the_last_argument_is_where_the_client_stands() -> None:
    """A string that it remembers by itself; the last of the events that a publication is hasn't it, but where it is the
    only one. A reply has it unless what was missed still follows."""
    encoding = SocketIoEncoding()
    at = {"channel": "c", "epoch": "e1", "offset": 7}
    placed = Publication("c", "connect", b"1", NOON, position=Position("e1", 7))
    assert [each[-1] for each in events(encoding.publication(placed))] == ["e1:7:c"]
    assert [each[-1] for each in events(encoding.withheld(placed))] == ["e1:7:c"]
    assert events(encoding.message({"type": "subscribe", **at}))[0][-1] == "e1:7:c"
    for message in ({"type": "subscribe", "replayed": 2, **at}, {"type": "gap", **at}, {"type": "subscribe"}):
        assert isinstance(events(encoding.message(message))[0][-1], dict)


def test_an_answer_is_an_acknowledgement() -> None:
    """Under the id that its event had; any other message is an event of its type."""
    [(_, packet)] = unframed(SocketIoEncoding().message({"type": "pong", "id": 12}))
    assert packet == b'4312[{"type":"pong","id":12}]'
    assert events(SocketIoEncoding().message({"type": "gap", "channel": "c"})) == [
        ["gap", {"type": "gap", "channel": "c"}]
    ]


def test_a_withheld_publication_moves_the_position() -> None:
    """Like the plain protocol's."""
    [[name, fields, _]] = events(SocketIoEncoding().withheld(publication("c", 7)))
    assert (name, fields["offset"], fields["epoch"]) == ("position", 7, "e1")
    [[_, bare]] = events(SocketIoEncoding().withheld(Publication("c", "event", b"1", NOON)))
    assert bare == {"type": "position", "channel": "c"}


def test_long_packets_are_deflated_where_that_was_negotiated() -> None:
    """And only those."""
    encoding = SocketIoEncoding(15, 64)
    [(_, short)] = unframed(encoding.message({"type": "pong"}))
    assert short == b'42["pong",{"type":"pong"}]'
    blob = encoding.message({"type": "note", "text": "x" * 1000})
    [(_, long)] = unframed(blob)
    assert len(long) < 100
    assert b"x" * 1000 in zlib.decompressobj(wbits=-15).decompress(long + b"\x00\x00\xff\xff")
