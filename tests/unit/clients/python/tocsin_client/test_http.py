"""One HTTP connection that is kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.clients.python.doubles import HttpDouble, Reply
from tocsin_client.address import Address
from tocsin_client.errors import Unreachable
from tocsin_client.http import Answer, HttpConnection


def ok(_: int, body: Any) -> Reply:
    return 200, {}, {"got": body}


def test_requests_share_a_connection() -> None:
    """With what every request of this package has."""
    with HttpDouble(ok) as double:
        connection = HttpConnection(Address.parse(double.url))
        for number in range(3):
            assert connection.post("/x", str(number).encode(), {"A": "b"}, 5).fields == {"got": number}
        connection.close()
        path, headers, _ = double.requests[0]
        assert (path, headers["A"], headers["Content-Type"]) == ("/x", "b", "application/json")
        assert double.connections == 1


def test_an_idle_connection_that_the_hub_has_closed_is_made_anew() -> None:
    """Without an error: nothing is wrong."""

    def answer(number: int, body: Any) -> Reply | None:
        return None if number == 2 else ok(number, body)

    with HttpDouble(answer) as double:
        connection = HttpConnection(Address.parse(double.url))
        assert connection.post("/", b"1", {}, 5).status == 200
        assert connection.post("/", b"2", {}, 5).fields == {"got": 2}
        connection.close()
        assert double.connections == 2


def test_what_may_have_arrived_is_said() -> None:
    """Only a request that was sent can have."""
    with HttpDouble(lambda *_: None) as double:
        with pytest.raises(Unreachable) as caught:
            HttpConnection(Address.parse(double.url)).post("/", b"1", {}, 5)
        assert caught.value.may_have_arrived
        url = double.url
    with pytest.raises(Unreachable) as caught:
        HttpConnection(Address.parse(url)).post("/", b"1", {}, 5)
    assert not caught.value.may_have_arrived


def test_errors() -> None:
    """In the hub's words, or in ours for what is none."""
    hub = Answer(429, {"error": {"code": "rate_limited", "message": "m", "temporary": True}}, 3.0).error()
    assert (hub.code, hub.temporary, hub.retry_after) == ("rate_limited", True, 3.0)
    proxy = Answer(502, {}, None).error()
    assert (proxy.code, proxy.temporary) == ("unavailable", True)
    assert not Answer(404, {}, None).error().temporary
