"""How many requests a user may make. Over HTTP: tests/integration/test_my_agents.py."""

from __future__ import annotations

from agents.ports import Allowance
from channels.policy import Principal
from hub.http.api.my.allowance import count, headers_of
from hub.http.middleware import EXTRA_HEADERS
from tests.unit.hub.http.api.calls import call, put_together


def test_headers() -> None:
    """Whole seconds, and never too few of them."""
    assert headers_of(Allowance(100, 7, 12.01)) == {
        "X-RateLimit-Limit": "100",
        "X-RateLimit-Remaining": "7",
        "X-RateLimit-Reset": "13",
    }


async def test_without_agents_nothing_is_counted() -> None:
    """Nor before they are up: the endpoint itself says so."""
    for options in ({}, {"agents__enabled": True, "database__url": "postgresql://127.0.0.1:1/none"}):
        made = call(caller=Principal("alice"))
        await count(put_together(**options), made.request, made.caller)
        assert EXTRA_HEADERS not in made.request
