"""Positions as strings that clients remember by themselves."""

from __future__ import annotations

import pytest

from hub.socketio.resumption import Resumption, mark


@pytest.mark.parametrize("channel", ["training", "user:alice", "room:a:b", "x" * 128])
def test_a_position_comes_back(channel: str) -> None:
    """For its channel, once."""
    resumption = Resumption.of(mark(channel, "a7a231f81e", 12))
    assert resumption.take("another") is None
    assert resumption.take(channel) == {"epoch": "a7a231f81e", "offset": 12}
    assert resumption.take(channel) is None


@pytest.mark.parametrize(
    "said", [None, 7, ["e:1:c"], "", "e1", "e1:x:c", "e1:1:", ":1:c", "e1:-1:c", "e1:1:a b", "e1:" + "9" * 99 + ":c"]
)
def test_what_is_no_position(said: object) -> None:
    """Is as if nothing had been said."""
    resumption = Resumption.of(said)
    assert resumption.take("c") is None
    assert resumption.take("") is None
    assert resumption.take(None) is None
