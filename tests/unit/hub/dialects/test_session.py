"""Streams of a session: one line per event, numbers without repetition, and what streams share."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest

from channels.model import Publication
from hub.dialects.session import FORMS, HELD_MAX, Form, SessionEncoding, SharedEncodings, seq_of

CHANNEL = "session:s"
LINES, EVENTS = FORMS


def event(seq: int, text: str = "", type: str = "MESSAGE_DELTA") -> Publication:
    data = json.dumps({"seq": seq, "text": text}, separators=(",", ":"), ensure_ascii=False).encode()
    return Publication(CHANNEL, type, data, "2026-11-21T10:15:00.000000Z")


class Streams:
    """Encodings of one session, and which of them broke."""

    def __init__(self) -> None:
        self.shared = SharedEncodings()
        self.broken: list[SessionEncoding] = []

    def one(self, form: Form = LINES, seq: int | None = None) -> SessionEncoding:
        made = SessionEncoding(CHANNEL, form, self.shared, self.broken.append)
        if seq is not None:
            made.catch_up(seq)
        return made


def seqs(lines: bytes) -> list[int]:
    return [json.loads(line)["data"]["seq"] for line in lines.splitlines()]


@pytest.mark.parametrize("text", ["\n", "\r\n\r", "\u2028\u2029", "\U0001f600", 'data: "x"', ""])
def test_an_event_is_one_line_in_both_forms(text: str) -> None:
    """Whatever is in it; the number is the id by which a browser comes back."""
    line = Streams().one(LINES, 6).publication(event(7, text))
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert b"\r" not in line
    found: dict[str, Any] = json.loads(line)
    assert found == {
        "type": "MESSAGE_DELTA",
        "channel": CHANNEL,
        "data": {"seq": 7, "text": text},
        "timestamp": "2026-11-21T10:15:00.000000Z",
    }
    written = Streams().one(EVENTS, 6).publication(event(7, text)).decode()
    assert written == f"id: 7\ndata: {line.decode()}\n"


def test_what_was_held_follows_what_was_read() -> None:
    """Only what is newer; afterwards what comes again is left out."""
    encoding = Streams().one()
    for seq in (3, 4, 5):
        assert encoding.publication(event(seq)) == b""
    assert seqs(encoding.catch_up(4)) == [5]
    assert encoding.publication(event(5)) == encoding.publication(event(2)) == b""
    assert seqs(encoding.publication(event(6))) == [6]


def test_a_number_that_is_missing_breaks_it_once() -> None:
    """Nothing is sent behind a hole; the streams come back for it."""
    streams = Streams()
    encoding = streams.one(seq=1)
    assert encoding.publication(event(3)) == encoding.publication(event(4)) == encoding.publication(event(2)) == b""
    assert (streams.broken, encoding.seq, encoding.is_over) == ([encoding], 1, False)


def test_more_than_can_be_held_breaks_it() -> None:
    """Memory has a bound also while a stream reads."""
    streams = Streams()
    encoding = streams.one()
    for seq in range(1, HELD_MAX + 2):
        encoding.publication(event(seq))
    assert streams.broken == [encoding]


@pytest.mark.parametrize(("kind", "over"), [("gap", False), ("unsubscribed", True)])
def test_the_hub_s_notices_that_nothing_reliable_follows_break_it(kind: str, over: bool) -> None:
    """They say nothing that a client of the log understands."""
    streams = Streams()
    encoding = streams.one(seq=1)
    assert encoding.message({"type": kind, "channel": CHANNEL, "epoch": "e", "offset": 3}) == b""
    assert (streams.broken, encoding.is_over) == ([encoding], over)


def test_other_messages_have_no_number() -> None:
    """Of a browser's position they change nothing; a heartbeat is a comment there."""
    lines, browser = Streams().one(LINES, 1), Streams().one(EVENTS, 1)
    message = {"type": "reconnect", "delay_ms": 250}
    assert lines.message(message) == b'{"type":"reconnect","delay_ms":250}\n'
    assert browser.message(message) == b'retry: 250\ndata: {"type":"reconnect","delay_ms":250}\n\n'
    assert browser.message({"type": "close"}) == b'data: {"type":"close"}\n\n'
    assert json.loads(lines.heartbeat("now")) == {"type": "heartbeat", "timestamp": "now"}
    assert browser.heartbeat("now") == b": heartbeat\n\n"
    assert (lines.preamble(2.5), browser.preamble(2.5)) == (b"", b"retry: 2500\n\n")
    assert lines.withheld(event(2)) == b""


def test_what_is_no_event_of_a_log_has_no_number() -> None:
    """And is left out."""
    for data in (b"1", b"{}", b'{"text":"x","seq":3}', b'{"seq":-1}', b'{"seq":"3"}', b'{"seq":1.5}'):
        odd = Publication(CHANNEL, "note", data, "")
        assert seq_of(odd) is None
        assert Streams().one(seq=1).publication(odd) == b""
    assert seq_of(event(12)) == 12


def test_streams_at_one_number_share_an_encoding() -> None:
    """Of one session and one form; who is elsewhere, or comes after a break, has another."""
    streams = Streams()
    first = streams.one(seq=5).settled()
    assert streams.one(seq=5).settled() is first
    ahead = streams.one(seq=6)
    assert ahead.settled() is ahead
    assert streams.one(EVENTS, 5).settled() is not first
    first.publication(event(6))
    assert streams.one(seq=6).settled() is first
    first.publication(event(9))
    again = streams.one(seq=6)
    assert again.settled() is again
    assert len(streams.shared) == 1 + 0 * len(streams.broken)
    del first, ahead, again
    streams.broken.clear()
    gc.collect()
    assert len(streams.shared) == 0
