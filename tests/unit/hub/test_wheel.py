"""One timer for all deadlines."""

from __future__ import annotations

import pytest

from hub.wheel import TICK, Wheel
from tests.unit.hub.stage import ManualLoop


class Checks:
    """What was checked and when; answers with the next deadline that the test gave."""

    def __init__(self, loop: ManualLoop) -> None:
        self._loop = loop
        self.seen: list[tuple[str, float]] = []
        self.following: dict[str, list[float]] = {}

    def __call__(self, item: str) -> float | None:
        self.seen.append((item, self._loop.now))
        following = self.following.get(item)
        return following.pop(0) if following else None

    @property
    def items(self) -> list[str]:
        return [item for item, _ in self.seen]


@pytest.fixture
def loop() -> ManualLoop:
    return ManualLoop()


@pytest.fixture
def checks(loop: ManualLoop) -> Checks:
    return Checks(loop)


@pytest.fixture
def wheel(loop: ManualLoop, checks: Checks) -> Wheel[str]:
    """A wheel that turns."""
    wheel = Wheel(loop, checks)
    wheel.start()
    return wheel


def run(loop: ManualLoop, seconds: float) -> None:
    for _ in range(round(seconds / TICK)):
        loop.advance(TICK)


def test_a_deadline_is_met_within_a_tick(loop: ManualLoop, checks: Checks, wheel: Wheel[str]) -> None:
    """An item is checked at its deadline or at most one tick later, never earlier."""
    wheel.schedule("a", loop.now + 1.1)
    run(loop, 3)
    ((item, at),) = checks.seen
    assert item == "a"
    assert 101.1 <= at < 101.1 + TICK


def test_what_is_past_is_checked_at_the_next_turn(loop: ManualLoop, checks: Checks, wheel: Wheel[str]) -> None:
    """A deadline that is past already isn't lost."""
    wheel.schedule("late", loop.now - 50)
    run(loop, TICK)
    assert checks.items == ["late"]


def test_the_next_deadline_is_what_the_check_says(loop: ManualLoop, checks: Checks, wheel: Wheel[str]) -> None:
    """`check` returns when to come again; `None` ends it."""
    checks.following["a"] = [102.0, 103.0]
    wheel.check("a")
    run(loop, 10)
    assert [at for _, at in checks.seen] == [100.0, 102.0, 103.0]


def test_an_item_that_is_scheduled_again_and_again_is_checked_once_per_deadline(
    loop: ManualLoop, checks: Checks, wheel: Wheel[str]
) -> None:
    """A client that refreshes its token all the time doesn't leave a chain of checks behind each time."""
    for step in range(1, 1001):
        checks.following.setdefault("a", []).append(130.0)
        wheel.schedule("a", loop.now)
        if step % 100 == 0:
            run(loop, TICK)
    assert sum(len(slot) for slot in wheel._slots.values()) == 1
    checks.seen.clear()
    checks.following.clear()
    run(loop, 40)
    assert checks.items == ["a"]


def test_after_a_stall_everything_due_is_checked(loop: ManualLoop, checks: Checks) -> None:
    """A loop that stood still for an hour costs no turn per tick: what is due is looked up."""
    late: list[float] = []
    wheel = Wheel(loop, checks, late.append)
    wheel.start()
    for number, item in enumerate("abc"):
        wheel.schedule(item, loop.now + 10 + number)
    wheel.schedule("later", loop.now + 4000)
    loop.advance(3600)
    assert checks.items == ["a", "b", "c"]
    assert late == [pytest.approx(3600 - TICK)]
    loop.advance(500)
    assert checks.items == ["a", "b", "c", "later"]


def test_one_check_that_fails_stops_nothing(
    loop: ManualLoop, checks: Checks, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault in one connection's check is logged; the others are checked, and the wheel turns on."""

    def check(item: str) -> float | None:
        if item == "broken":
            raise ValueError("on purpose")
        return checks(item)

    wheel = Wheel(loop, check)
    wheel.start()
    for item in ("broken", "a"):
        wheel.schedule(item, loop.now)
    run(loop, TICK)
    wheel.schedule("b", loop.now)
    run(loop, 1)
    assert checks.items == ["a", "b"]
    assert "on purpose" in capsys.readouterr().out


def test_a_stopped_wheel_checks_nothing(loop: ManualLoop, checks: Checks, wheel: Wheel[str]) -> None:
    """After `stop` no timer is left, and nothing is kept."""
    wheel.schedule("a", loop.now)
    wheel.stop()
    run(loop, 1)
    assert checks.seen == []
    assert loop.armed == []
    assert wheel._slots == {}


def test_a_wheel_that_never_turned_can_be_stopped(loop: ManualLoop, checks: Checks) -> None:
    """A hub that failed to start is stopped all the same."""
    Wheel(loop, checks).stop()
    assert loop.armed == []
