"""What connections have in common, whatever their transport."""

from __future__ import annotations

import pytest

from channels.policy import ANONYMOUS
from hub.connection import Connection
from tests.unit.hub.stage import PLAIN, RecordingTransport


def connection() -> Connection:
    return Connection("tab", "s-1", PLAIN, 1 << 20, address="10.0.0.1", opened=100.0)


async def test_a_new_connection() -> None:
    """Nobody yet, in use since it was opened, and without a close."""
    made = connection()
    assert (made.address, made.opened, made.active) == ("10.0.0.1", 100.0, 100.0)
    assert (made.principal, made.close_code, made.close_by) == (ANONYMOUS, 1006, 0.0)
    assert (made.user_agent, made.latency, made.answered) == ("", None, None)


async def test_cutting_the_socket() -> None:
    """Where there is one."""
    made, transport = connection(), RecordingTransport()
    made.abort()
    made.connect(transport)
    made.abort()
    assert transport.aborted


async def test_a_transport_says_what_it_is() -> None:
    """And how it is closed."""
    with pytest.raises(NotImplementedError):
        _ = connection().kind
    with pytest.raises(NotImplementedError):
        connection().close(1000, "")
