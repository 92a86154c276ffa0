"""The first message of a connection. What it holds in a session is in test_session.py."""

from __future__ import annotations

from channels.policy import Principal
from hub.options import Settings
from hub.welcome import request_for_token, welcome
from tests.unit.hub.stage import RecordingConnection

NOON = "2026-11-21T12:00:00.000000Z"


def test_a_client_that_is_known() -> None:
    """Who it is, what it may see, and its bounds."""
    connection = RecordingConnection("tab", "s-1")
    connection.principal = Principal("alice")
    message = welcome(Settings(), connection, ["news"], NOON)
    assert (message["user"], message["available_channels"], message["timestamp"]) == ("alice", ["news"], NOON)
    assert message["limits"]["queued_bytes"] == Settings().limits.queued_bytes


def test_a_client_that_is_not() -> None:
    """It learns nothing of the hub."""
    assert request_for_token(RecordingConnection("tab", "s-1"), NOON) == {
        "type": "connection",
        "status": "unauthenticated",
        "client_id": "tab",
        "session": "s-1",
        "timestamp": NOON,
    }
