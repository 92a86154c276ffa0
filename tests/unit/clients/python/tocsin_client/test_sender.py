"""The sender: order, idempotency keys, and what the hub may answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.unit.clients.python.doubles import HttpDouble, Reply, placed
from tocsin_client.address import Address
from tocsin_client.limits import Limits
from tocsin_client.sender import Sender
from tocsin_client.settings import Target
from tocsin_client.tokens import Token
from tocsin_client.waiting import Notification, Waiting

FAST = Limits(backoff_first=0.001, backoff_longest=0.01, linger=0.0)


class Sending:
    """A sender at work."""

    def __init__(self, url: str, limits: Limits, token: Token) -> None:
        self.waiting = Waiting(limits)
        self.sender = Sender(Target(Address.parse(url), token), self.waiting, limits)
        self.thread = threading.Thread(target=self.sender.run)

    def put(self, *numbers: int, channel: str = "c", key: str | None = None) -> None:
        for number in numbers:
            self.waiting.put(Notification(channel, "t", str(number).encode(), key))

    def start(self) -> None:
        self.thread.start()
        assert self.waiting.wait_settled(10)


@contextmanager
def sending(url: str, limits: Limits = FAST, token: Token = None) -> Iterator[Sending]:
    work = Sending(url, limits, token)
    yield work
    work.sender.stop(0)
    if work.thread.is_alive():
        work.thread.join(10)


def sent(double: HttpDouble) -> list[list[Any]]:
    return [[item["data"] for item in body["publications"]] for _, _, body in double.requests]


def test_batches_in_order() -> None:
    """Of the hub's size, with everything that belongs to a publication."""
    with HttpDouble(lambda _, body: placed(body)) as double, sending(double.url, Limits(batch=3), "a.b.c") as work:
        work.put(1, 2, 3, 4)
        work.put(5, key="k")
        work.start()
        assert sent(double) == [[1, 2, 3], [4, 5]]
        path, headers, body = double.requests[1]
        assert (path, headers["Authorization"]) == ("/api/publish/batch", "Bearer a.b.c")
        assert body["publications"][1]["key"] == "k"
        keys = {item["idempotency_key"] for _, _, body in double.requests for item in body["publications"]}
        assert len(keys) == 5
        assert work.waiting.outcomes["published"] == 5


@pytest.mark.parametrize("status", [None, 500, 503, 401])
def test_what_failed_is_sent_again_as_it_was(status: int | None) -> None:
    """Without an answer, with a fault, without a token that counts: same items, same keys, before all others."""

    def answer(number: int, body: Any) -> Reply | None:
        if number < 4:
            return None if status is None else (status, {}, {})
        return placed(body)

    with HttpDouble(answer) as double, sending(double.url, Limits(backoff_first=0.001, batch=2)) as work:
        work.put(1, 2, 3)
        work.start()
        assert sent(double)[:4] == [[1, 2]] * 4
        assert sent(double)[4:] == [[3]]
        assert len({str(body) for _, _, body in double.requests[:4]}) == 1
        assert work.waiting.outcomes["published"] == 3


def test_a_body_that_is_refused_is_taken_apart() -> None:
    """Until the one at fault is found; the order is kept."""

    def answer(_: int, body: Any) -> Reply:
        if any(item["data"] == 13 for item in body["publications"]):
            return 400, {}, {"error": {"code": "invalid_json", "message": "no", "temporary": False}}
        return placed(body)

    with HttpDouble(answer) as double, sending(double.url) as work:
        work.put(*range(20))
        work.start()
        arrived = [batch for batch in sent(double) if 13 not in batch]
        assert [number for batch in arrived for number in batch] == [n for n in range(20) if n != 13]
        assert (work.waiting.outcomes["published"], work.waiting.outcomes["refused"]) == (19, 1)


def test_a_channel_that_refuses_for_the_moment_steps_aside() -> None:
    """The others go on, and its own keep their order."""
    again = {"code": "rate_limited", "message": "m", "temporary": True, "retry_after": 0.05}

    def answer(number: int, body: Any) -> Reply:
        status, headers, fields = placed(body)
        if number <= 2:
            for item, result in zip(body["publications"], fields["results"], strict=True):
                if item["channel"] == "slow":
                    result["error"] = again
        return status, headers, fields

    with HttpDouble(answer) as double, sending(double.url, Limits(batch=4, backoff_first=0.001, linger=0)) as work:
        for number in range(6):
            work.put(number, channel="slow")
            work.put(100 + number)
        work.start()
        by_channel: dict[str, list[int]] = {}
        for _, _, body in double.requests:
            for item in body["publications"]:
                by_channel.setdefault(item["channel"], []).append(item["data"])
        assert by_channel["c"] == [100, 101, 102, 103, 104, 105]
        assert by_channel["slow"][-6:] == sorted(by_channel["slow"][-6:])
        assert work.waiting.outcomes["published"] == 12


def test_what_the_hub_says_is_counted() -> None:
    """Taken into its spool, outdated, refused for good."""

    def answer(_: int, body: Any) -> Reply:
        status, headers, fields = placed(body)
        fields["results"][0] = {"channel": "c", "queued": True}
        fields["results"][1] = {"channel": "c", "superseded": True}
        fields["results"][2] = {"channel": "c", "error": {"code": "unknown_channel", "message": "m"}}
        return status, headers, fields

    with HttpDouble(answer) as double, sending(double.url) as work:
        work.put(1, 2, 3, 4)
        work.start()
        outcomes = {"accepted": 4, "queued": 1, "superseded": 1, "refused": 1, "published": 1}
        assert work.waiting.outcomes == outcomes


def test_what_may_have_arrived_is_not_sent_for_ever() -> None:
    """The hub forgets idempotency keys: after that it would be published twice."""
    limits = Limits(backoff_first=0.001, backoff_longest=0.01, memory=0.05)
    with HttpDouble(lambda *_: None) as double, sending(double.url, limits) as work:
        work.put(1)
        work.start()
        assert work.waiting.outcomes["uncertain"] == 1


def test_what_is_left_at_the_end_is_counted() -> None:
    """When time is up."""
    with sending("http://127.0.0.1:9") as work:
        work.put(1, 2)
        work.thread.start()
        work.sender.stop(0.05)
        work.thread.join(10)
        assert not work.thread.is_alive()
        assert work.waiting.outcomes["abandoned"] == 2
        assert len(work.waiting) == 0


def test_one_line_for_one_outage(caplog: pytest.LogCaptureFixture) -> None:
    """However many attempts it takes; another when it is over."""
    caplog.set_level("INFO", "tocsin_client")
    with (
        HttpDouble(lambda number, body: placed(body) if number > 20 else (503, {}, {})) as double,
        sending(double.url) as work,
    ):
        work.put(1)
        work.start()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_token_source_that_fails_is_asked_again() -> None:
    """And what it said is in no log."""
    tries: Iterator[Exception | str] = iter([KeyError("geheim"), "good"])

    def source() -> str:
        given = next(tries)
        if isinstance(given, Exception):
            raise given
        return given

    with HttpDouble(lambda _, body: placed(body)) as double, sending(double.url, FAST, source) as work:
        work.put(1)
        work.start()
        assert double.requests[0][1]["Authorization"] == "Bearer good"
