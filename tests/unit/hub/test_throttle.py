"""Subscribers that asked for at most one publication per key and interval."""

from __future__ import annotations

import pytest

from channels.model import Publication
from hub.outbox import Outbox
from hub.throttle import Throttles
from tests.kit import publication
from tests.unit.hub.stage import ManualLoop, RecordingConnection


class Pushes:
    """What was sent, and when."""

    def __init__(self, loop: ManualLoop) -> None:
        self._loop = loop
        self.sent: list[tuple[float, int]] = []

    def __call__(self, connection: Outbox, publication: Publication) -> None:
        assert publication.position is not None
        self.sent.append((self._loop.now, publication.position.offset))

    @property
    def offsets(self) -> list[int]:
        return [offset for _, offset in self.sent]


@pytest.fixture
def loop() -> ManualLoop:
    return ManualLoop()


@pytest.fixture
def pushes(loop: ManualLoop) -> Pushes:
    return Pushes(loop)


@pytest.fixture
def throttles(loop: ManualLoop, pushes: Pushes) -> Throttles:
    return Throttles(loop, pushes)


@pytest.fixture
def client() -> RecordingConnection:
    return RecordingConnection()


def offer(throttles: Throttles, client: RecordingConnection, *offsets: int, key: str | None = "k") -> None:
    for offset in offsets:
        throttles.offer(client, publication("pools", offset, key=key), 1.0)


def test_the_first_goes_at_once_and_the_newest_when_its_time_has_come(
    loop: ManualLoop, throttles: Throttles, pushes: Pushes, client: RecordingConnection
) -> None:
    """Of those that come within the interval only the last one is sent, when the interval is over."""
    offer(throttles, client, 1, 2, 3)
    loop.advance(0.5)
    offer(throttles, client, 4)
    assert pushes.sent == [(100.0, 1)]
    loop.advance(0.5)
    assert pushes.sent == [(100.0, 1), (101.0, 4)]


def test_each_key_has_its_own_interval(
    loop: ManualLoop, throttles: Throttles, pushes: Pushes, client: RecordingConnection
) -> None:
    """A key doesn't wait for another one."""
    offer(throttles, client, 1, 2, key="a")
    loop.advance(0.4)
    offer(throttles, client, 3, 4, key="b")
    loop.advance(0.6)
    assert pushes.sent == [(100.0, 1), (100.4, 3), (101.0, 2)]
    loop.advance(0.4)
    assert pushes.offsets == [1, 3, 2, 4]


def test_without_a_key_nothing_is_held_back(
    throttles: Throttles, pushes: Pushes, client: RecordingConnection, loop: ManualLoop
) -> None:
    """What replaces nothing is like any other publication."""
    offer(throttles, client, 1, 2, 3, key=None)
    assert pushes.offsets == [1, 2, 3]
    assert loop.armed == []


def test_a_subscription_at_rest_costs_nothing(
    loop: ManualLoop, throttles: Throttles, pushes: Pushes, client: RecordingConnection
) -> None:
    """Once all intervals are over there is neither a timer nor memory; the next publication goes at once."""
    offer(throttles, client, 1)
    assert len(throttles) == 1
    loop.advance(1.0)
    assert len(throttles) == 0
    assert loop.armed == []
    offer(throttles, client, 2)
    assert pushes.offsets == [1, 2]


def test_a_key_that_is_offered_late_in_the_tick_waits_its_turn(
    loop: ManualLoop, throttles: Throttles, pushes: Pushes, client: RecordingConnection
) -> None:
    """When the timer is late, the newest still goes first, and nothing is sent twice or out of order."""
    offer(throttles, client, 1, 2)
    loop.now += 1.5
    offer(throttles, client, 3)
    loop.turn()
    assert pushes.offsets == [1, 3]


def test_who_left_gets_nothing_more(
    loop: ManualLoop, throttles: Throttles, pushes: Pushes, client: RecordingConnection
) -> None:
    """`forget` drops what waits, and its timer; forgetting twice is once."""
    offer(throttles, client, 1, 2)
    throttles.forget(client, "pools")
    throttles.forget(client, "pools")
    assert loop.armed == []
    loop.advance(5)
    assert pushes.offsets == [1]


def test_a_lost_connection_is_forgotten_at_its_next_publication(
    throttles: Throttles, client: RecordingConnection, loop: ManualLoop, pushes: Pushes
) -> None:
    """Nothing is kept for a connection that is gone."""
    offer(throttles, client, 1, 2)
    client.close(1001, "")
    offer(throttles, client, 3)
    assert len(throttles) == 0
    assert pushes.offsets == [1]
    assert loop.armed == []


def test_a_lost_connection_is_forgotten_when_its_interval_ends(
    throttles: Throttles, client: RecordingConnection, loop: ManualLoop, pushes: Pushes
) -> None:
    """Without a further publication the timer finds out."""
    offer(throttles, client, 1, 2)
    client.close(1001, "")
    loop.advance(1)
    assert len(throttles) == 0
    assert pushes.offsets == [1]


def test_who_wants_everything_from_now_on_first_gets_what_waits(
    throttles: Throttles, client: RecordingConnection, loop: ManualLoop, pushes: Pushes
) -> None:
    """`settle` sends what waits, so that a newer publication can't overtake it, and ends the interval."""
    offer(throttles, client, 1, 2)
    throttles.settle(client, "pools")
    assert pushes.offsets == [1, 2]
    assert loop.armed == []
    throttles.settle(client, "pools")
    loop.advance(5)
    assert pushes.offsets == [1, 2]
