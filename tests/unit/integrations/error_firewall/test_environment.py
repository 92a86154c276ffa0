"""What the environment really has."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from integrations.error_firewall.call import make_call
from integrations.error_firewall.environment import Environment
from integrations.error_firewall.model import Requirement
from tests.firewall_kit import BAD, record_of
from tests.kit import ManualClock

COVERS = {"ios_build": {"name": "params.device", "os": "params.os"}}
CALL = make_call("ios_build", BAD)
WANTED = Requirement("simulators", COVERS["ios_build"])


class Simulators:
    """A machine whose simulators the test installs."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self.items = list(items)
        self.asked = 0
        self.error: Exception | None = None

    def __call__(self) -> list[dict[str, Any]]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.items

    async def later(self) -> list[dict[str, Any]]:
        await asyncio.sleep(0)
        return self()


def installed() -> dict[str, Any]:
    return {"name": BAD["device"], "os": BAD["os"], "udid": "7"}


@pytest.mark.parametrize("way", ["thread", "loop", "coroutine on a thread"])
async def test_it_has_what_it_answers(way: str) -> None:
    """Whether it is asked from a thread or on the loop, and whether it answers at once or later."""
    simulators, environment = Simulators({"name": "iPad", "os": "17.0"}), Environment(ManualClock())
    environment.register("simulators", simulators if way == "thread" else simulators.later, covers=COVERS)

    async def refresh() -> None:
        if way == "loop":
            await environment.refresh_async("simulators")
        else:
            await asyncio.to_thread(environment.refresh, "simulators")

    await refresh()
    assert not environment.has(WANTED, CALL)
    simulators.items.append(installed())
    environment.register("simulators", simulators if way == "thread" else simulators.later, covers=COVERS)
    await refresh()
    assert environment.has(WANTED, CALL)
    assert not environment.has(WANTED, make_call("ios_build", {"device": "iPhone 15"}))


async def test_an_answer_holds_for_a_while() -> None:
    """Then it is stale, and asked for again."""
    clock, simulators = ManualClock(), Simulators(installed())
    environment = Environment(clock)
    environment.register("simulators", simulators, max_age=30)
    assert environment.is_stale("simulators")
    for _ in range(3):
        environment.refresh("simulators")
        await environment.refresh_async("simulators")
    assert simulators.asked == 1
    assert not environment.is_stale("simulators")
    clock.advance(30)
    assert environment.is_stale("simulators")


def test_nobody_knows_before_it_was_asked() -> None:
    """And nobody knows of resources that aren't registered."""
    environment = Environment()
    with pytest.raises(LookupError, match="'simulators' is not registered here"):
        environment.has(WANTED, CALL)
    environment.register("simulators", Simulators())
    with pytest.raises(LookupError, match="was not asked yet"):
        environment.has(WANTED, CALL)
    assert not environment.is_stale("other")


@pytest.mark.parametrize("way", ["thread", "loop"])
async def test_a_provider_that_fails_is_left_alone_for_a_while(way: str) -> None:
    """Its error's text stays out of the reason: it may hold anything. What it said before no longer counts."""
    clock, simulators = ManualClock(), Simulators(installed())
    environment = Environment(clock, retry_after=5)
    environment.register("simulators", simulators if way == "thread" else simulators.later, max_age=1)

    async def refresh() -> None:
        if way == "loop":
            await environment.refresh_async("simulators")
        else:
            await asyncio.to_thread(environment.refresh, "simulators")

    await refresh()
    clock.advance(1)
    simulators.error = RuntimeError("password=hunter2")
    await refresh()
    with pytest.raises(LookupError, match=r"could not be asked \(RuntimeError\)$"):
        environment.has(WANTED, CALL)
    assert not environment.is_stale("simulators")
    clock.advance(5)
    simulators.error = None
    await refresh()
    assert environment.has(WANTED, CALL)


def test_a_provider_that_hangs_is_not_waited_for() -> None:
    """Longer than its time-out; what it says later is too late."""
    released, clock = threading.Event(), ManualClock()

    def hang() -> list[dict[str, Any]]:
        released.wait(20)
        return [installed()]

    environment = Environment(clock)
    environment.register("simulators", hang, timeout=0.05)
    environment.refresh("simulators")
    with pytest.raises(LookupError, match=r"did not answer within 0\.05 s"):
        environment.has(WANTED, CALL)
    assert not environment.is_stale("simulators")
    released.set()


async def test_a_coroutine_that_hangs_is_not_waited_for() -> None:
    """It is cancelled."""
    cancelled = asyncio.Event()

    async def hang() -> list[dict[str, Any]]:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return []

    environment = Environment(ManualClock())
    environment.register("simulators", hang, timeout=0.02)
    await environment.refresh_async("simulators")
    assert cancelled.is_set()
    with pytest.raises(LookupError, match="did not answer"):
        environment.has(WANTED, CALL)


async def test_two_checks_ask_once() -> None:
    """They share the answer; who gives up doesn't take it from the other."""
    simulators, environment = Simulators(installed()), Environment(ManualClock())
    environment.register("simulators", simulators.later)
    one, other = (asyncio.create_task(environment.refresh_async("simulators")) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()
    await other
    assert simulators.asked == 1
    assert environment.has(WANTED, CALL)


def test_what_covers_an_operation_is_required_of_its_entries() -> None:
    """Unless an entry says something of its own."""
    environment = Environment()
    assert environment.requirement_of(record_of()) is None
    environment.register("simulators", Simulators(), covers=COVERS)
    assert environment.requirement_of(record_of()) == WANTED
    own = Requirement("devices", {"id": "params.device"})
    assert environment.requirement_of(record_of(requirement=own)) == own
    assert environment.requirement_of(record_of("android_build")) is None


def test_a_requirement_without_fields_is_never_met() -> None:
    """It would be met by anything."""
    environment = Environment()
    environment.register("simulators", Simulators(installed()))
    environment.refresh("simulators")
    assert not environment.has(Requirement("simulators", {}), CALL)
