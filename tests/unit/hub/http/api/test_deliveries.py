"""Delivery records over HTTP. With real sockets: tests/integration/test_deliveries.py."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from channels.model import Draft, Position
from channels.policy import Principal
from hub.deliveries.records import Hole, Refusal, SessionRecord, Stay
from hub.http.api.bodies import DeliveriesQuery
from hub.http.api.deliveries import _session, explain_deliveries
from tests.unit.hub.http.api.calls import call, put_together


async def test_data_is_for_who_may_read_it() -> None:
    """An operator whose token doesn't open the channel sees that there was something, and how much."""
    hub = put_together(channels__named={"secret": {"subscribe": "token"}})
    await hub.engine.publish(Draft("secret", "note", b'{"n":1}', "2026-11-21T10:15:00Z"))
    query = DeliveriesQuery(user="alice", channel="secret")
    for opened in ((), ("secret",)):
        caller = Principal("op", capabilities={"subscribe": opened}, admin=True)
        answer = await explain_deliveries(hub, call(query=query, caller=caller))
        (delivery,) = answer.deliveries
        publication = delivery.publication
        assert (publication.type, publication.bytes, publication.in_history) == ("note", 7, True)
        assert (publication.data is not None) is bool(opened)
        assert (delivery.verdict, delivery.evidence, answer.sessions) == ("too_old", [], [])


def test_whom_to_ask_about() -> None:
    """Exactly one of three."""
    for whom in ({}, {"user": "a", "session": "b"}):
        with pytest.raises(ValidationError, match="give one of user, client_id and session"):
            DeliveriesQuery(channel="news", **whom)  # type: ignore[arg-type]


def test_what_happened_is_told_in_its_order() -> None:
    """With positions, and reasons."""
    record = SessionRecord("s-1", "tab", "alice", "10.0.0.1", "websocket", "n", 1.0, 9.0, 4002, None, 30.0, 0, 2)
    record.stays.append(
        Stay("news", 2.0, Position("a", 5), None, Position("a", 7), 6.0, "", Position("a", 3), True, (4, 5), 0.5)
    )
    record.refusals.append(Refusal("news", 7.0, "permission_denied"))
    record.holes.append(Hole("news", 4.0, None, Position("a", 6)))
    told = _session(record)
    assert [event.event for event in told.events] == ["subscribed", "gap", "left", "refused"]
    subscribed, _, left, refused = told.events
    assert (subscribed.since, subscribed.replayed_from, subscribed.replayed_to, subscribed.interval_ms) == (
        3,
        4,
        5,
        500,
    )
    assert (left.epoch, left.offset, left.reason, refused.reason) == ("a", 7, None, "permission_denied")
    assert (told.close_code, told.close_reason, told.dropped) == (4002, "slow consumer", 2)
