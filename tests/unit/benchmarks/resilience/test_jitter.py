"""The rhythm, and what is counted."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest

from benchmarks.processes import Failed
from benchmarks.resilience import jitter
from benchmarks.resilience.client import Client
from benchmarks.resilience.jitter import measure, percentiles
from benchmarks.resilience.publisher import Publisher
from tests.unit.benchmarks.resilience.doubles import CHANNEL, HubDouble


class _Publisher(Publisher):
    """Publishes to the double straight away."""

    def __init__(self, hub: HubDouble) -> None:
        super().__init__(hub.port)
        self._hub = hub

    async def run(self, rate: float, seconds: float) -> None:
        for number in range(int(rate * seconds)):
            await self._hub.publish(number)
            self.published += 1
            await asyncio.sleep(1 / rate)


async def _measured(hub: HubDouble, strike: Any, monkeypatch: pytest.MonkeyPatch) -> jitter.Jitter:
    monkeypatch.setattr(jitter, "SETTLE_SECONDS", 0.5)
    monkeypatch.setattr(jitter, "REPEAT_SECONDS", 0.1)
    monkeypatch.setattr(jitter, "SPREAD_SECONDS", 0.1)
    crowd = [Client(hub.port, CHANNEL, Random(n)) for n in range(3)]
    return await measure("Bell", crowd, _Publisher(hub), strike, rate=20, seconds=0.5, say=lambda _: None)


async def test_what_everybody_got_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are subscribed before the first message, so all of them are expected of all."""
    struck: list[int] = []
    async with HubDouble().running() as hub:
        run = await _measured(hub, lambda: struck.append(len(hub.entries)), monkeypatch)
    assert (run.clients, run.messages, run.expected, run.delivered, run.wrong) == (3, 10, 30, 30, 0)
    assert run.whole
    assert run.share == 100
    assert len(struck) == 1
    assert 2 <= struck[0] <= 9


async def test_a_loss_and_a_repetition_make_it_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative test of the whole way: the server swallows the last message, and repeats another."""
    async with HubDouble().running() as hub:
        hub.skipped, hub.twice = {9}, {4}
        run = await _measured(hub, lambda: None, monkeypatch)
    assert (run.expected - run.delivered, run.wrong, run.whole) == (3, 3, False)


async def test_clients_that_are_refused_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the server said."""
    async with HubDouble().running() as hub:
        hub.refusals = [{"type": "error", "temporary": False, "message": "no such bell"}] * 3
        with pytest.raises(Failed, match="no such bell"):
            await _measured(hub, lambda: None, monkeypatch)


async def test_clients_that_cannot_connect_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while."""
    monkeypatch.setattr(jitter, "CONNECT_SECONDS", 0.1)
    async with HubDouble().running() as hub:
        port = hub.port
    hub.port = port
    with pytest.raises(Failed, match="not all of 3 clients"):
        await _measured(hub, lambda: None, monkeypatch)


def test_percentiles_are_of_the_values_themselves() -> None:
    """Nothing is between two of them."""
    assert percentiles([float(n) for n in range(100)]) == (50.0, 95.0, 99.0)
    assert percentiles([3.0]) == (3.0, 3.0, 3.0)
    assert percentiles([]) == (0.0, 0.0, 0.0)
