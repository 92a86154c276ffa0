"""How a notifier fails."""

from __future__ import annotations

from integrations.alert_notifiers.notifier import Refused, Unreachable


def test_only_what_may_be_tried_again_knows_when() -> None:
    """By default whenever one likes."""
    assert Unreachable("answered 503").retry_after == 0.0
    assert Unreachable("answered 429", 7.0).retry_after == 7.0
    assert str(Refused("answered 401")) == "answered 401"
