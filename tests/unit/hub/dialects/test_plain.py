"""The plain JSON dialect: `docs/protocol.md`, section 2."""

from __future__ import annotations

import json

from channels.model import Publication
from hub.dialects.plain import PlainDialect, publication_fields
from tests.kit import publication

NOON = "2026-11-21T12:00:00.000000Z"


def test_a_publication_with_a_position() -> None:
    """`type`, `channel`, `data`, `timestamp`, `epoch` and `offset`, in this order; `key` where there is one."""
    assert list(json.loads(PlainDialect().publication(publication("c", 7, "e1", "k"))).items()) == [
        ("type", "event"),
        ("channel", "c"),
        ("data", {}),
        ("timestamp", "2026-11-21T10:15:00.000000Z"),
        ("epoch", "e1"),
        ("offset", 7),
        ("key", "k"),
    ]


def test_a_publication_without_history() -> None:
    """There is no position on a channel that keeps none."""
    got = json.loads(PlainDialect().publication(Publication("c", "event", b"1", NOON)))
    assert got == {"type": "event", "channel": "c", "data": 1, "timestamp": NOON}


def test_data_is_passed_on_as_it_came() -> None:
    """The publisher's JSON is not read and written again: numbers keep their digits."""
    data = b'{"n": 1.000000000000000000001, "big": 123456789012345678901234567890}'
    assert data in PlainDialect().publication(Publication("c", "event", data, NOON))


def test_data_at_the_top_level() -> None:
    """On a channel that says so, and beside `data`; a message's own fields win, and what is no object stays below."""
    dialect = PlainDialect(lambda channel: channel == "inline")
    update = Publication("inline", "stage_update", b'{"stage": "1/14", "progress": 7, "type": "x"}', NOON)
    assert json.loads(dialect.publication(update)) == {
        "type": "stage_update",
        "channel": "inline",
        "data": {"stage": "1/14", "progress": 7, "type": "x"},
        "timestamp": NOON,
        "stage": "1/14",
        "progress": 7,
    }
    for data in (b"[1]", b'"text"', b"{}"):
        alone = Publication("inline", "event", data, NOON)
        assert dialect.publication(alone) == PlainDialect().publication(alone)
    elsewhere = Publication("other", "event", b'{"a": 1}', NOON)
    assert dialect.publication(elsewhere) == PlainDialect().publication(elsewhere)


def test_a_withheld_publication_moves_the_position() -> None:
    """It says no more than where the channel is now."""
    got = json.loads(PlainDialect().withheld(publication("c", 7)))
    assert got == {"type": "position", "channel": "c", "epoch": "e1", "offset": 7}
    assert json.loads(PlainDialect().withheld(Publication("c", "event", b"1", NOON))) == {
        "type": "position",
        "channel": "c",
    }


def test_a_message_is_one_json_object() -> None:
    """UTF-8, without spaces; publications may be inside."""
    assert PlainDialect().message({"type": "pong", "data": "ü"}) == '{"type":"pong","data":"ü"}'.encode()
    inside = PlainDialect().message({"publications": [publication_fields(publication("c", 1))]})
    assert json.loads(inside)["publications"][0]["offset"] == 1
