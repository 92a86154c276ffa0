"""What one process does for all."""

from __future__ import annotations

from hub.adapters.first_come import FirstCome
from tests.unit.hub.adapters.alarms import HubOfProcesses


async def test_who_comes_first_does_it() -> None:
    """Until so many seconds are over."""
    hub = HubOfProcesses()
    one, two = FirstCome(hub.claims), FirstCome(hub.claims)
    assert [await one("it", 10.0), await two("it", 10.0), await two("other", 10.0)] == [True, False, True]
    hub.clock.advance(10.0)
    assert await two("it", 10.0)


async def test_while_nobody_can_know_it_is_as_the_caller_says() -> None:
    """Never twice, or never not at all."""
    hub = HubOfProcesses()
    hub.junction.away = True
    first = FirstCome(hub.claims)
    assert [await first("it"), await first("it", otherwise=True)] == [False, True]
