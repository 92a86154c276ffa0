"""The protocol's words."""

from __future__ import annotations

import pytest

from tocsin_client.errors import HubError
from tocsin_client.model import START, Joined, Left, Member, Message, Position
from tocsin_client.wire import (
    error_of,
    history_of,
    is_publication,
    message_of,
    presence_of,
    presence_state_of,
    published_of,
    since_of,
)


def test_publications() -> None:
    """Whatever their type says; with and without a position."""
    fields = {"type": "error", "channel": "c", "data": 1, "timestamp": "t", "epoch": "e", "offset": 2, "key": "k"}
    assert is_publication(fields)
    assert message_of(fields) == Message("c", "error", 1, "t", Position("e", 2), "k")
    assert message_of({"channel": "c", "data": None}).position is None
    assert not is_publication({"type": "position", "channel": "c", "offset": 1})


def test_positions() -> None:
    """The start has no epoch."""
    assert since_of(Position("e", 2)) == {"epoch": "e", "offset": 2}
    assert since_of(START) == {"offset": 0}


def test_results() -> None:
    """Placed, waiting in the hub, outdated, refused."""
    assert published_of({"channel": "c", "epoch": "e", "offset": 1, "subscribers": 3}).subscribers == 3
    assert published_of({"channel": "c", "queued": True}).queued
    assert published_of({"channel": "c", "superseded": True}).superseded
    with pytest.raises(HubError) as caught:
        published_of({"channel": "c", "error": {"code": "permission_denied", "message": "no", "temporary": False}})
    assert caught.value.code == "permission_denied"


def test_presence() -> None:
    """Notices and states."""
    client = {"client_id": "a", "user": None, "session": "s"}
    notice = {"channel": "c", "client": client, "timestamp": "t"}
    assert presence_of({**notice, "event": "join"}) == Joined("c", Member("a", None, "s"), "t")
    assert isinstance(presence_of({**notice, "event": "leave"}), Left)
    state = presence_state_of({"clients": 1, "users": 0, "members": [{**client, "since": "t"}]})
    assert state.members == (Member("a", None, "s", "t"),)
    assert presence_state_of({"clients": 1, "users": 0}).members is None


def test_history() -> None:
    """Messages and the top."""
    page = history_of({"publications": [{"channel": "c", "data": 1}], "epoch": "e", "offset": 4, "recovered": True})
    assert (len(page.messages), page.top, page.recovered) == (1, Position("e", 4), True)


def test_errors_keep_what_is_not_known_here() -> None:
    """As details."""
    error = error_of({"type": "error", "id": 1, "code": "x", "message": "m", "temporary": True, "limit": 3})
    assert (error.code, error.message, error.temporary, error.details) == ("x", "m", True, {"limit": 3})
    assert error_of({}).code == "internal"
