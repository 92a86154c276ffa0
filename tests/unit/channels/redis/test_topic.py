"""One Redis channel, as one listener hears it."""

from __future__ import annotations

from collections.abc import Callable

from structlog.testing import capture_logs

from channels.redis.topic import Topic


def test_it_is_heard_between_ready_and_lost() -> None:
    """Each beginning is told; a message shows as well that it is heard."""
    begun: list[bool] = []
    topic = Topic(lambda _message: None, lambda: begun.append(True))
    heard = [topic.heard]
    steps: list[Callable[[], None]] = [
        lambda: topic.ready(b"a"),
        topic.lost,
        lambda: topic.take(b"a", b"x"),
        lambda: topic.ready(b"a"),
    ]
    for step in steps:
        step()
        heard.append(topic.heard)
    assert heard == [False, True, False, True, True]
    assert len(begun) == 2


def test_a_listener_that_fails_ends_nothing() -> None:
    """It is logged and counted, and the next message comes."""
    heard: list[int] = []
    topic = Topic(lambda message: heard.append(int(message)))
    with capture_logs() as logs:
        topic.take(b"a", b"nonsense")
    topic.take(b"a", b"1")
    assert (heard, topic.failures) == ([1], 1)
    assert [entry["topic"] for entry in logs] == ["a"]
