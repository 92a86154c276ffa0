"""Tickets and sessions over the API. tests/integration/test_events_auth.py has real requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.http.api import tickets
from hub.http.api.bodies import TicketBody
from hub.notify import Inbox
from hub.wiring import Hub, build
from tests.live import with_keys
from tests.unit.hub.http.api.calls import call, put_together


def locked() -> Hub:
    """A hub that wants tokens."""
    return build(with_keys(), inbox=Inbox())


def alice(hub: Hub) -> Principal:
    now = hub.clock.now()
    return Principal("alice", "t-1", now, now + 100)


async def test_a_ticket_is_made() -> None:
    """For its seconds, or fewer."""
    hub = locked()
    made = await tickets.make_ticket(hub, call(TicketBody(channels=["user:alice"]), caller=alice(hub)))
    assert made.expires_in == 30
    found, _ = await hub.sign_in.tickets.redeem(made.ticket, {})
    assert (found.principal.user, found.channels) == ("alice", frozenset({"user:alice"}))
    assert (await tickets.make_ticket(hub, call(TicketBody(lifetime=2.5), caller=alice(hub)))).expires_in == 2.5


async def test_a_ticket_is_only_for_what_its_user_may_have() -> None:
    """Said at once, and not when it is used."""
    hub = locked()
    for channel, code in (("user:bob", ErrorCode.PERMISSION_DENIED), ("nope", ErrorCode.UNKNOWN_CHANNEL)):
        with pytest.raises(ReplyError) as caught:
            await tickets.make_ticket(hub, call(TicketBody(channels=[channel]), caller=alice(hub)))
        assert caught.value.code is code


async def test_a_session_is_opened_and_closed() -> None:
    """By a cookie that lasts as long as the token, and by one without a value."""
    hub = locked()
    opened = await tickets.open_session(hub, call(caller=alice(hub)))
    assert (opened.name, 99 < opened.seconds <= 100) == ("tocsin_session", True)
    assert hub.sign_in.tickets.read_session(opened.value).user == "alice"
    assert opened.value not in repr(opened)
    closed = await tickets.close_session(hub, call())
    assert (closed.name, closed.value, closed.seconds) == ("tocsin_session", "", 0)


@pytest.mark.parametrize("make", [tickets.make_ticket, tickets.open_session])
async def test_an_open_hub_makes_none(make: Callable[[Hub, Any], Any]) -> None:
    """It has nothing to sign with, and asks nobody."""
    with pytest.raises(ReplyError) as caught:
        await make(put_together(), call(TicketBody()))
    assert caught.value.code is ErrorCode.CONFLICT
