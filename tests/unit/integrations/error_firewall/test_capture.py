"""Recording errors that nobody caught."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import threading
from types import TracebackType

import pytest

from integrations.error_firewall.capture import Capture
from integrations.error_firewall.firewall import ErrorFirewall
from integrations.error_firewall.model import Record
from tests.firewall_kit import firewall_with
from tests.kit import ManualClock


def raised(error: BaseException) -> BaseException:
    with contextlib.suppress(type(error)):
        raise error
    return error


def records(firewall: ErrorFirewall) -> list[Record]:
    return [entry for entry in firewall.index.entries() if isinstance(entry, Record)]


def test_what_the_interpreter_would_print_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the hook that was there before is called with the same."""
    before: list[BaseException] = []

    def old(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before.append(error)

    monkeypatch.setattr(sys, "excepthook", old)
    firewall, error = firewall_with(), raised(ValueError("nobody caught me"))
    with Capture(firewall) as capture:
        capture.install()
        assert sys.excepthook is not old
        sys.excepthook(type(error), error, error.__traceback__)
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert sys.excepthook is old
    assert before[0] is error
    assert len(before) == 2
    (record,) = records(firewall)
    assert (record.operation, record.error_type, record.message) == ("unhandled", "ValueError", "nobody caught me")
    assert record.params == {"at": ["test_capture.py:raised"]}
    assert capture.counts == {"recorded": 1, "skipped": 1}


def test_what_ends_a_thread_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As above."""
    before: list[object] = []
    monkeypatch.setattr(threading, "excepthook", before.append)
    firewall = firewall_with()

    def fail() -> None:
        raise OSError("in a thread")

    with Capture(firewall):
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    assert len(before) == 1
    assert threading.excepthook == before.append
    assert [(record.operation, record.error_type) for record in records(firewall)] == [("thread", "OSError")]


def test_a_hook_that_came_later_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking ours out must not take out another's."""
    monkeypatch.setattr(sys, "excepthook", lambda *error: None)
    with Capture(firewall_with()):
        ours = sys.excepthook

        def later(*error: object) -> None:
            ours(*error)  # type: ignore[arg-type]

        sys.excepthook = later
    assert sys.excepthook is later


async def test_what_a_loop_is_left_with_is_recorded() -> None:
    """The handler that was there is called; without one, the loop's own."""
    firewall, loop = firewall_with(), asyncio.get_running_loop()
    capture, before = Capture(firewall), list[object]()
    loop.set_exception_handler(lambda loop, context: before.append(context))
    capture.watch(loop)

    def fail() -> None:
        raise LookupError("in a callback")

    loop.call_soon(fail)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    loop.call_exception_handler({"message": "something without an exception"})
    assert len(before) == 2
    assert [(record.operation, record.error_type) for record in records(firewall)] == [("asyncio", "LookupError")]


def test_what_is_logged_with_its_exception_is_recorded() -> None:
    """From the level on; a log line alone isn't an error."""
    firewall = firewall_with()
    logger = logging.getLogger("shop.orders")
    logger.propagate = False
    handler = Capture(firewall).logging_handler()
    logger.addHandler(handler)
    with contextlib.suppress(ValueError):
        try:
            raise ValueError("order 7")
        except ValueError:
            logger.exception("it failed")
            logger.warning("it failed", exc_info=True)
            raise
    logger.error("just words")
    logger.removeHandler(handler)
    assert [record.operation for record in records(firewall)] == ["log shop.orders"]
    assert records(firewall)[0].occurrences == 1


def test_what_a_guard_recorded_is_not_recorded_again() -> None:
    """On its way up it may pass several handlers."""
    firewall = firewall_with()
    capture = Capture(firewall)
    with pytest.raises(ValueError, match="no") as caught, firewall.guarded("x", {"a": "b"}):
        raise ValueError("no")
    capture.capture(caught.value, "unhandled")
    assert [record.operation for record in records(firewall)] == ["x"]
    assert capture.counts == {"known": 1}
    error = raised(ValueError("no"))
    capture.capture(error, "log")
    capture.capture(error, "unhandled")
    assert capture.counts == {"known": 2, "recorded": 1}


def test_recording_never_records_itself() -> None:
    """An error that is logged while recording is counted, and the recording goes on."""
    firewall = firewall_with()
    capture = Capture(firewall)

    class Loud(Exception):
        def __str__(self) -> str:
            capture.capture(raised(ValueError("inner")), "inner")
            return "outer"

    capture.capture(raised(Loud()), "outer")
    assert [record.operation for record in records(firewall)] == ["outer"]
    assert capture.counts == {"recorded": 1, "nested": 1}


def test_an_error_while_recording_is_counted() -> None:
    """Nobody is hurt by it, and the next one is recorded."""
    firewall = firewall_with()
    capture = Capture(firewall)

    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    capture.capture(raised(Broken()), "x")
    capture.capture(raised(ValueError("fine")), "x")
    assert capture.counts == {"failed": 1, "recorded": 1}
    assert firewall.statistics.failed == 1


def test_a_storm_is_limited() -> None:
    """So many a second; the others are counted."""
    clock = ManualClock()
    firewall = firewall_with(captures_per_second=3)
    capture = Capture(firewall, clock)
    for _ in range(10):
        capture.capture(raised(ValueError("again")), "x")
    assert capture.counts == {"recorded": 3, "limited": 7}
    clock.advance(1)
    capture.capture(raised(ValueError("again")), "x")
    assert capture.counts["recorded"] == 4
