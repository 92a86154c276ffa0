"""Publications and sessions to judge: offset 10 of epoch a was published at 100 s, and asked about at 500 s."""

from __future__ import annotations

from typing import Any

from channels.model import Position
from hub.deliveries.judgement import Asked
from hub.deliveries.records import SessionRecord, Stay


def asked(offset: int = 10, at: float = 100.0, **fields: Any) -> Asked:
    """Ask about a publication that history has."""
    return Asked(Position("a", offset), 500.0, at, at, **fields)


def stay(begin: int, end: int, at: float = 50.0, **fields: Any) -> Stay:
    """Make a stay on the channel."""
    return Stay("news", at, Position("a", begin), end=Position("a", end), **fields)


def session(*stays: Stay, name: str = "s-1", opened: float = 40.0, **fields: Any) -> SessionRecord:
    """Make the record of a session, with a ping every 30 seconds."""
    record = SessionRecord(name, "tab", "alice", "10.0.0.1", "websocket", "n", opened, heartbeat=30.0, **fields)
    record.stays.extend(stays)
    return record


def over(*stays: Stay, code: int = 1006, closed: float = 110.0, **fields: Any) -> SessionRecord:
    """Make the record of a session that has ended."""
    return session(*stays, code=code, closed=closed, **fields)
