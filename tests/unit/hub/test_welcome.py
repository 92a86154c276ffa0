"""The first message of a connection. What it holds in a session is in test_session.py."""

from __future__ import annotations

from channels.policy import ANONYMOUS, Principal
from hub.options import Settings
from hub.welcome import request_for_token, standing, welcome
from tests.unit.hub.stage import RecordingConnection

NOON = "2026-11-21T12:00:00.000000Z"
AT_NOON = 1_795_262_400.0


def test_a_client_that_is_known() -> None:
    """Who it is, what it may see, and its bounds."""
    connection = RecordingConnection("tab", "s-1")
    connection.principal = Principal("alice")
    message = welcome(Settings(), connection, ["news"], AT_NOON)
    assert (message["user"], message["available_channels"], message["timestamp"]) == ("alice", ["news"], NOON)
    assert message["limits"]["queued_bytes"] == Settings().limits.queued_bytes
    assert not {"operator", "expires_in"} & message.keys()


def test_operators_and_tokens() -> None:
    """An operator is told so, and whose token ends, in how many seconds; of others it says nothing."""
    connection = RecordingConnection("tab", "s-1")
    connection.principal = Principal("olga", admin=True, expires=AT_NOON + 90.25)
    message = welcome(Settings(), connection, [], AT_NOON)
    assert (message["operator"], message["expires_in"]) == (True, 90.25)
    assert standing(ANONYMOUS, AT_NOON) == {}
    assert standing(Principal("alice", expires=AT_NOON - 1), AT_NOON) == {"expires_in": 0.0}, "it has a leeway"


def test_a_client_that_is_not() -> None:
    """It learns nothing of the hub."""
    assert request_for_token(RecordingConnection("tab", "s-1"), NOON) == {
        "type": "connection",
        "status": "unauthenticated",
        "client_id": "tab",
        "session": "s-1",
        "timestamp": NOON,
    }
