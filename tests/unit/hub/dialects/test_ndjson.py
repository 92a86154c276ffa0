"""Newline-delimited JSON."""

from __future__ import annotations

import json

from channels.model import Position, Publication
from hub.dialects.ndjson import Ndjson
from hub.dialects.plain import PlainDialect
from tests.kit import publication


def ndjson() -> Ndjson:
    return Ndjson(PlainDialect())


def test_a_line_is_a_message_of_the_plain_protocol() -> None:
    """With its position in it."""
    one = publication("news", 3)
    line = ndjson().publication(one)
    assert line == PlainDialect().publication(one) + b"\n"
    assert json.loads(line)["offset"] == 3
    assert json.loads(ndjson().withheld(one)) == {"type": "position", "channel": "news", "epoch": "e1", "offset": 3}
    assert ndjson().message({"type": "x"}) == b'{"type":"x"}\n'


def test_a_message_never_takes_two_lines() -> None:
    """However its data is written."""
    odd = Publication("news", "event", b'{"a":\n1}', "2026-11-21T10:15:00.000000Z", Position("e1", 1))
    assert ndjson().publication(odd).count(b"\n") == 1


def test_heartbeats_are_lines() -> None:
    """A reader without comments can skip them by their type. Nothing comes before the first message."""
    assert json.loads(ndjson().heartbeat("2026-11-21T10:15:00Z")) == {
        "type": "heartbeat",
        "timestamp": "2026-11-21T10:15:00Z",
    }
    assert ndjson().preamble(3.0) == b""


def test_all_share_one_encoding() -> None:
    """From the beginning: a line depends on its message alone."""
    format = ndjson()
    assert format.open(("a",), {}, False) is format.open(("b",), {"b": Position("e", 1)}, True).settled()
