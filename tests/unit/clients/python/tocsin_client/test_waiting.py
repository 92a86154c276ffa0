"""The queue between who notifies and who sends."""

from __future__ import annotations

import threading
import time

from tocsin_client.limits import Limits
from tocsin_client.waiting import Notification, Waiting


def note(number: int, size: int = 0) -> Notification:
    return Notification("c", str(number), b"x" * size, None)


def types(notifications: list[Notification]) -> list[int]:
    return [int(notification.type) for notification in notifications]


def test_in_order_and_in_pieces() -> None:
    """By count, and by bytes; one that is longer comes alone."""
    waiting = Waiting(Limits())
    for number in range(4):
        waiting.put(note(number, 872))
    waiting.put(note(4, 9000))
    assert types(waiting.take(3, 10_000)) == [0, 1, 2]
    assert types(waiting.take(3, 1_500)) == [3]
    assert types(waiting.take(3, 1_500)) == [4]
    assert waiting.take(3, 1_500) == []


def test_what_was_taken_counts_until_it_is_settled() -> None:
    """The bound is for memory, and it is still in memory."""
    waiting = Waiting(Limits(queue=2))
    assert [waiting.put(note(number)) for number in range(3)] == [True, True, False]
    taken = waiting.take(2, 10_000)
    assert not waiting.put(note(3))
    waiting.settle(taken, "published")
    assert waiting.put(note(4))
    assert (len(waiting), waiting.bytes) == (1, 128)
    assert waiting.outcomes == {"accepted": 3, "full": 2, "published": 2}


def test_the_oldest_may_be_dropped_instead() -> None:
    """But never what is on its way, and never more than there is."""
    waiting = Waiting(Limits(queue=3, queue_bytes=1000, drop="oldest"))
    for number in range(5):
        assert waiting.put(note(number))
    assert types(waiting.take(1, 10_000)) == [2]
    assert not waiting.put(note(9, 2000))
    assert types(waiting.take(9, 10_000)) == []
    assert waiting.outcomes["full"] == 5


def test_who_waits_is_woken_once() -> None:
    """By a notification, or by time."""
    waiting = Waiting(Limits())
    began = time.monotonic()
    waiting.wait(0.01)
    assert 0.005 < time.monotonic() - began < 5
    woken = threading.Event()

    def sleep() -> None:
        waiting.wait(None)
        woken.set()

    thread = threading.Thread(target=sleep)
    thread.start()
    waiting.put(note(1))
    assert woken.wait(5)
    thread.join()
    waiting.put(note(2))
    waiting.wait(None)  # there is something: no sleep
    waiting.take(9, 10_000)
    waiting.ring()
    waiting.wait(None)  # rung while awake: no sleep either


def test_waiting_for_all() -> None:
    """Until the last one is settled."""
    waiting = Waiting(Limits())
    assert waiting.wait_settled(0)
    waiting.put(note(1))
    assert not waiting.wait_settled(0.01)
    thread = threading.Thread(target=lambda: waiting.settle(waiting.take(1, 1000), "published"))
    thread.start()
    assert waiting.wait_settled(5)
    thread.join()


def test_a_hundred_threads() -> None:
    """Nothing is lost, and each keeps its order."""
    waiting = Waiting(Limits(queue=100_000))

    def work(thread: int) -> None:
        for number in range(200):
            waiting.put(Notification(str(thread), str(number), b"", None))

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen: dict[str, list[int]] = {}
    while taken := waiting.take(1000, 1 << 20):
        for notification in taken:
            seen.setdefault(notification.channel, []).append(int(notification.type))
    assert seen == {str(thread): list(range(200)) for thread in range(100)}
