"""Values are values."""

from __future__ import annotations

import dataclasses

import pytest

from tocsin_client.model import START, Message, Position, State


def test_messages_cannot_be_changed() -> None:
    """Several subscriptions get the same one."""
    message = Message("c", "t", 1, "")
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.type = "u"  # type: ignore[misc]


def test_words() -> None:
    """States are their names; a position is a pair; the start is before everything."""
    assert str(State.DEGRADED) == "degraded"
    assert Position("e", 3) == ("e", 3)
    assert START.offset == 0
