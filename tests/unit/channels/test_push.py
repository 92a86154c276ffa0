"""How adapters speak to the hub: whatever the hub does, the caller goes on."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from channels.push import Push


def test_what_is_pushed_reaches_the_publisher() -> None:
    """Unchanged, and counted."""
    calls: list[tuple[str, str, Any]] = []

    def publish(channel: str, type: str, data: Any) -> bool:
        calls.append((channel, type, data))
        return True

    push = Push(publish)
    assert push("db_pool_stats", "pool_resized", {"old_size": 20})
    assert calls == [("db_pool_stats", "pool_resized", {"old_size": 20})]
    assert push.outcomes == {"pushed": 1}


def test_without_a_hub_nothing_happens() -> None:
    """The hub is optional."""
    push = Push()
    assert not push("db_pool_stats", "pool_resized", {})
    assert push.outcomes == {"absent": 1}


def test_what_is_not_taken_is_counted() -> None:
    """A full queue, for instance."""
    push = Push(lambda channel, type, data: False)
    assert not push("db_pool_stats", "pool_resized", {})
    assert push.outcomes == {"refused": 1}


@pytest.mark.parametrize("error", [RuntimeError("broken"), RecursionError(), MemoryError(), UnicodeError()])
def test_a_publisher_that_raises_hurts_nobody(error: Exception) -> None:
    """Its error is counted, and goes no further."""

    def publish(channel: str, type: str, data: Any) -> bool:
        raise error

    push = Push(publish)
    assert not push("db_pool_stats", "pool_resized", {})
    assert push.outcomes == {"failed": 1}


def test_an_end_of_the_program_is_not_held_up() -> None:
    """`KeyboardInterrupt` is no failure of the publisher."""

    def publish(channel: str, type: str, data: Any) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Push(publish)("db_pool_stats", "pool_resized", {})


def test_threads_may_push_together() -> None:
    """Each call reaches the publisher once."""
    seen: list[int] = []

    def publish(channel: str, type: str, data: Any) -> bool:
        seen.append(data)
        return True

    push = Push(publish)
    threads = [
        threading.Thread(target=lambda first=first: [push("c", "t", first + n) for n in range(500)])
        for first in range(0, 4000, 500)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(4000))
