"""Publishing that waits."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.unit.clients.python.doubles import HttpDouble, Reply
from tocsin_client.errors import HubError, RequestTimeout, Unreachable
from tocsin_client.model import Position
from tocsin_client.notify import configure
from tocsin_client.publisher import Publisher, publish

PLACED = {"channel": "c", "epoch": "e", "offset": 1, "subscribers": 2, "duplicate": False}


def test_the_position() -> None:
    """And everything that was asked for on the wire, nothing else."""
    with HttpDouble(lambda *_: (200, {}, PLACED)) as double, Publisher(double.url, token="a.b") as publisher:
        published = publisher.publish("c", "t", {1}, key="k", idempotency_key="i", version=3, exclude="me")
        assert (published.position, published.subscribers) == (Position("e", 1), 2)
        path, headers, body = double.requests[0]
        assert (path, headers["Authorization"]) == ("/api/publish", "Bearer a.b")
        expected = {"channel": "c", "type": "t", "data": [1], "key": "k", "idempotency_key": "i", "version": 3}
        assert body == expected | {"except": "me"}
        publisher.publish("c", "t", None)
        assert set(double.requests[1][2]) == {"channel", "type", "data", "idempotency_key"}
        assert double.connections == 1


def test_a_spool_has_no_position_yet() -> None:
    """HTTP 202: the hub has it."""
    with (
        HttpDouble(lambda *_: (202, {}, {"channel": "c", "queued": True})) as double,
        Publisher(double.url) as publisher,
    ):
        published = publisher.publish("c", "t", 1)
        assert (published.position, published.queued) == (None, True)


def test_what_may_succeed_is_tried_again() -> None:
    """With the same key, until time is up."""

    def answer(number: int, _: Any) -> Reply | None:
        busy = {"error": {"code": "unavailable", "message": "m", "temporary": True}}
        return None if number < 3 else (503, {}, busy) if number < 4 else (200, {}, PLACED)

    with HttpDouble(answer) as double, Publisher(double.url) as publisher:
        assert publisher.publish("c", "t", 1, timeout=20).position is not None
        assert len({body["idempotency_key"] for _, _, body in double.requests}) == 1


def test_errors() -> None:
    """The hub's own, at once; none in time; nobody there; not JSON."""
    refusal = {"error": {"code": "unknown_channel", "message": "m", "temporary": False}}
    with HttpDouble(lambda *_: (404, {}, refusal)) as double, Publisher(double.url) as publisher:
        with pytest.raises(HubError, match="unknown_channel"):
            publisher.publish("c", "t", 1)
        with pytest.raises(RequestTimeout):
            publisher.publish("c", "t", 1, timeout=0)
        with pytest.raises(TypeError):
            publisher.publish("c", "t", object())
        assert len(double.requests) == 1
    with pytest.raises(Unreachable):
        publisher.publish("c", "t", 1, timeout=0.05)


def test_threads_have_connections_of_their_own() -> None:
    """While they publish at the same time; few are kept."""
    barrier = threading.Barrier(12)

    def answer(*_: Any) -> Reply:
        barrier.wait(10)
        return 200, {}, PLACED

    with HttpDouble(answer) as double, Publisher(double.url) as publisher:
        threads = [threading.Thread(target=publisher.publish, args=("c", "t", 1)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (double.connections, len(publisher._idle)) == (12, 8)


def test_the_configured_hub() -> None:
    """Without one, an error that says what to do."""
    configure(None)
    with pytest.raises(HubError, match="TOCSIN_URL"):
        publish("c", "t", 1)
    with HttpDouble(lambda *_: (200, {}, PLACED)) as double:
        configure(double.url, token="a.b")
        assert publish("c", "t", 1).subscribers == 2
        assert double.requests[0][1]["Authorization"] == "Bearer a.b"
        configure(None)
        with pytest.raises(HubError, match="unconfigured"):
            publish("c", "t", 1)
