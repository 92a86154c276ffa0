"""A queue and its thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.unit.clients.python.doubles import HttpDouble, placed
from tocsin_client.address import Address
from tocsin_client.limits import Limits
from tocsin_client.notifier import Notifier, Stats
from tocsin_client.notify import DEFAULTS
from tocsin_client.settings import Target


def notifier(url: str, limits: Limits = DEFAULTS) -> Notifier:
    return Notifier(Target(Address.parse(url), None), limits)


@pytest.fixture
def double() -> Iterator[HttpDouble]:
    with HttpDouble(lambda _, body: placed(body)) as double:
        yield double


@pytest.fixture(autouse=True)
def _earlier() -> Iterator[None]:
    """Leave out what a test of another module has not ended yet."""
    EARLIER.update(threading.enumerate())
    yield
    EARLIER.clear()


EARLIER: set[threading.Thread] = set()


def threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "tocsin notifications" and each not in EARLIER]


def test_one_thread_and_not_before_it_is_needed(double: HttpDouble) -> None:
    """It ends with `close`."""
    one = notifier(double.url)
    assert threads() == []
    for number in range(3):
        assert one.notify("c", "t", number)
    assert len(threads()) == 1
    assert one.flush(10)
    one.close()
    assert threads() == []
    assert one.stats() == Stats(accepted=3, published=3)


def test_the_data_may_change_afterwards(double: HttpDouble) -> None:
    """It was encoded in the call."""
    one = notifier(double.url)
    data = {"n": 1}
    one.notify("c", "t", data)
    data["n"] = 2
    assert one.flush(10)
    assert double.requests[0][2]["publications"][0]["data"] == {"n": 1}
    one.close()


def test_what_cannot_be_sent_is_counted(double: HttpDouble, caplog: pytest.LogCaptureFixture) -> None:
    """And logged once."""
    one = notifier(double.url)
    assert not one.notify("c", "t", object())
    assert not one.notify("c\ud800", "t", 1)
    assert not one.notify(7, "t", 1)  # type: ignore[arg-type]
    assert one.stats() == Stats(unencodable=3)
    assert len([record for record in caplog.records if record.name == "tocsin_client"]) == 1
    assert threads() == []


def test_a_full_queue_refuses() -> None:
    """Without a word to the caller, and without waiting."""
    one = notifier("http://127.0.0.1:9", Limits(queue=2, exit_timeout=0.01))
    assert [bool(one.notify("c", "t", number)) for number in range(4)] == [True, True, False, False]
    assert one.stats().full == 2
    one.close()
    assert one.stats().abandoned == 2


def test_without_a_thread_close_sends(double: HttpDouble) -> None:
    """What is notified when no thread can be started any more."""
    one = notifier(double.url)
    one._closed = True
    one.notify("c", "t", 1)
    assert threads() == []
    one.close(5)
    assert one.stats().published == 1


def test_a_child_begins_anew(double: HttpDouble) -> None:
    """With nothing of what waits."""
    one = notifier("http://127.0.0.1:9", Limits(exit_timeout=0.01))
    one.notify("c", "t", 1)
    sender, thread = one._sender, one._thread
    one.forget_parent()
    assert one.stats() == Stats()
    sender.stop(0)
    assert thread is not None
    thread.join(10)
