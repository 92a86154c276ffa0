"""What an adapter is to the hub."""

from __future__ import annotations

from dataclasses import fields

from channels.clock import SystemClock
from hub.adapters.adapter import Adapter, Surroundings
from hub.adapters.adapters import make_adapters
from tests.live import settings_for
from tests.unit.hub.adapters.surroundings import surroundings


async def test_every_adapter_has_what_the_hub_needs_of_it() -> None:
    """A name, a way to the hub that counts, and metrics."""
    hub = surroundings(SystemClock())
    adapters: list[Adapter] = list(make_adapters(settings_for(), hub))
    assert len({adapter.name for adapter in adapters}) == len(adapters)
    for adapter in adapters:
        assert adapter.push.outcomes == {}
        assert all(metric.name.startswith("tocsin_") for metric in adapter.collect())


def test_surroundings_are_explained() -> None:
    """Each thing that adapters get, but for those whose types say it."""
    plain = {"clock", "tasks"}
    names = {field.name for field in fields(Surroundings)}
    assert {name for name in names if f"{name}:" not in (Surroundings.__doc__ or "")} <= plain
