"""The words that an answer begins with."""

from __future__ import annotations

from hub.deliveries.verdict import Verdict


def test_who_has_it_in_one_session_has_it() -> None:
    """The order says which session speaks for a user."""
    words = list(Verdict)
    assert words[:2] == [Verdict.DELIVERED, Verdict.REPLAYED]
    assert words.index(Verdict.SLOW_CLOSED) < words.index(Verdict.NOT_SUBSCRIBED) < words.index(Verdict.NOT_CONNECTED)
