"""What a `tail` prints."""

from __future__ import annotations

import io
import json

import pytest

from channels.model import START, Position
from hub.cli.follow import Arrived, Denied, Dismissed, Event, Moving, Noticed, Welcomed
from hub.cli.stream import Gap, Joined, Repeated
from hub.cli.terminal import Terminal
from hub.cli.view import View

MESSAGE = {
    "type": "alert",
    "channel": "alerts",
    "data": {"text": "Überlast", "n": [1, 2]},
    "timestamp": "2026-11-21T10:15:00.123456Z",
    "epoch": "e",
    "offset": 3,
}
PRESENCE = {
    "type": "presence",
    "channel": "alerts",
    "event": "join",
    "client": {"client_id": "bob"},
    "timestamp": MESSAGE["timestamp"],
}


def shown(event: Event, text: str = "", as_json: bool = False, interactive: bool = True) -> tuple[str, str]:
    """What an event leaves on standard output and on standard error."""
    out, err = io.StringIO(), io.StringIO()
    View(Terminal(out, err, interactive), ["a", "alerts"], as_json).show(event, text)
    return out.getvalue(), err.getvalue()


def test_a_publication_is_one_line_of_columns() -> None:
    """Time of day, channel, type, and the data as compact JSON."""
    assert shown(Arrived(MESSAGE)) == ('10:15:00.123Z alerts alert {"text":"Überlast","n":[1,2]}\n', "")


def test_channels_are_as_wide_as_the_longest() -> None:
    """So that columns stay columns."""
    out, _ = shown(Arrived({**MESSAGE, "channel": "a"}))
    assert out.startswith("10:15:00.123Z a      alert ")


def test_channels_have_colours_of_their_own() -> None:
    """In the order in which they were named."""
    out = io.StringIO()
    view = View(Terminal(out, io.StringIO(), True, colour_out=True), ["a", "b"], False)
    for name in ("a", "b"):
        view.show(Arrived({**MESSAGE, "channel": name}), "")
    first, second = out.getvalue().splitlines()
    assert "\x1b[36ma\x1b[0m" in first
    assert "\x1b[32mb\x1b[0m" in second


def test_json_is_the_frame_as_it_came() -> None:
    """Not one byte is changed on its way into a pipe."""
    text = '{"data":1.10, "x":"\x9b31m\\u001b"}'
    assert shown(Arrived(MESSAGE), text, as_json=True, interactive=False) == (text + "\n", "")


def test_json_of_several_lines_becomes_one() -> None:
    """One object a line is the promise."""
    out, _ = shown(Arrived(MESSAGE), json.dumps(MESSAGE, indent=2), as_json=True, interactive=False)
    assert out.count("\n") == 1
    assert json.loads(out) == MESSAGE


def test_json_on_a_terminal_is_harmless() -> None:
    """What doesn't print is escaped, and reads back to the same."""
    text = json.dumps({"data": "\x9b31m"}, ensure_ascii=False)
    out, _ = shown(Arrived(MESSAGE), text, as_json=True)
    assert out.rstrip("\n").isprintable()
    assert json.loads(out) == {"data": "\x9b31m"}


def test_a_publisher_can_not_steer_the_terminal() -> None:
    """Neither by the type nor by the data."""
    out, _ = shown(Arrived({**MESSAGE, "type": "\x1b[2J", "data": "\x9b\x1b]0;x\x07", "timestamp": "T\x1b"}))
    assert out.rstrip("\n").isprintable()


def test_nor_can_a_hub_by_its_messages() -> None:
    """Remarks are as harmless as results."""
    _, err = shown(Denied({"message": "\x1b[2J", "code": "x\x07"}, "a"))
    assert err.rstrip("\n").isprintable()


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Welcomed({"client_id": "me", "user": None}), "connected as me"),
        (Welcomed({"client_id": "me", "user": "me"}), "connected as me"),
        (Welcomed({"client_id": "me", "user": "alice"}), "connected as me, user alice"),
        (Joined("a", 1, Position("e", 3), None, None, 0), "a: subscribed at e:3"),
        (Joined("a", 1, None, None, None, 0), "a: subscribed (no history)"),
        (
            Joined("a", 1, Position("e", 3), Position("e", 1), True, 2),
            "a: subscribed at e:3, recovered after e:1: 2 replayed",
        ),
        (
            Joined("a", 1, Position("e", 300), START, False, 100),
            "a: subscribed at e:300, history doesn't reach back to the start: 100 replayed",
        ),
        (Gap("a", Position("e", 1), Position("e", 3), 1), "a: gap: 1 publication missing between e:1 and e:3"),
        (Repeated("a", Position("e", 3), Position("e", 3)), "a: e:3 came after e:3"),
        (Moving(1.5, "restart"), "the hub asks for a new connection in 1.5 s: restart"),
        (Dismissed("a", "you left (gone)", 0), "a: the hub ended the subscription: you left (gone)"),
        (Denied({"message": "slow", "code": "limit"}, "a", 2.0), "a: slow (limit); trying again in 2.0 s"),
        (Denied({"message": "no", "code": "invalid_token"}), "hub: no (invalid_token)"),
        (Noticed({"type": "token_expiring", "seconds": 60}), "the token ends in 60 s"),
    ],
)
def test_remarks_go_to_standard_error(event: Event, line: str) -> None:
    """A pipe gets none of them."""
    assert shown(event) == ("", line + "\n")


def test_presence_is_a_result() -> None:
    """It was asked for, so it stands among the publications, and in JSON it is a line of its own."""
    assert shown(Noticed(PRESENCE)) == ("10:15:00.123Z alerts bob joined\n", "")
    assert shown(Noticed({**PRESENCE, "event": "leave"}))[0].endswith("bob left\n")
    text = json.dumps(PRESENCE)
    assert shown(Noticed(PRESENCE), text, as_json=True, interactive=False) == (text + "\n", "")
