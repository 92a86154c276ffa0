"""The plain protocol, as far as a client of the benchmark speaks it."""

from __future__ import annotations

import time
from random import Random

from benchmarks.resilience.client import Client
from tests.live import until
from tests.unit.benchmarks.resilience.doubles import CHANNEL, HubDouble, staying


async def test_it_begins_with_what_comes_next() -> None:
    """The first subscription has no position; what was published before isn't expected."""
    async with HubDouble().running() as hub:
        await hub.publish(0)
        async with staying(Client(hub.port, CHANNEL, Random(1))) as client:
            await until(lambda: client.subscribed > 0)
            await hub.publish(1, at=time.time())
            await until(lambda: client.numbers == [1])
    assert hub.commands == [{"action": "subscribe", "channel": CHANNEL}]
    assert len(client.lateness) == 1
    assert client.lateness[0] < 5


async def test_it_comes_back_with_its_position_and_counts_one_replay() -> None:
    """What was missed is no live message."""
    async with HubDouble().running() as hub:
        client = Client(hub.port, CHANNEL, Random(1))
        async with staying(client):
            await until(lambda: client.subscribed > 0)
            await hub.publish(0)
            await until(lambda: client.numbers == [0])
        await until(lambda: not hub.open)
        await hub.publish(1)
        await hub.publish(2)
        async with staying(client):
            await until(lambda: client.numbers == [0, 1, 2])
            await hub.publish(3)
            await until(lambda: client.numbers == [0, 1, 2, 3])
    assert hub.commands[-1]["since"] == {"epoch": "e1", "offset": 1}
    assert (len(client.replays), len(client.lateness), client.gaps) == (1, 2, 0)


async def test_a_return_without_anything_missed_is_no_replay() -> None:
    """It would make the replays look quick."""
    async with HubDouble().running() as hub:
        client = Client(hub.port, CHANNEL, Random(1))
        await client.stay(0.3)
        async with staying(client):
            await until(lambda: client.subscribed > 0)
            await hub.publish(0)
            await until(lambda: client.numbers == [0])
    assert client.replays == []


async def test_a_refused_recovery_and_an_announced_gap_are_counted() -> None:
    """And the position goes on from there."""
    async with HubDouble().running() as hub:
        client = Client(hub.port, CHANNEL, Random(1))
        await client.stay(0.3)
        hub.epoch = "e2"
        async with staying(client):
            await until(lambda: client.subscribed > 0)
            assert client.gaps == 1
            await hub.say(type="gap", channel=CHANNEL, epoch="e2", offset=9)
            await until(lambda: client.gaps == 2)
            await hub.cut()
            await until(lambda: len(hub.commands) == 3)
    assert hub.commands[-1]["since"] == {"epoch": "e2", "offset": 9}


async def test_a_temporary_refusal_is_asked_again_on_the_same_connection() -> None:
    """As the protocol says."""
    async with HubDouble().running() as hub:
        hub.refusals = [{"type": "error", "code": "unavailable", "temporary": True}]
        async with staying(Client(hub.port, CHANNEL, Random(1))) as client:
            await until(lambda: client.subscribed > 0)
    assert (len(hub.commands), client.drops, client.complaint) == (2, 0, "")


async def test_a_refusal_for_good_is_a_complaint() -> None:
    """Nothing can be measured then."""
    async with HubDouble().running() as hub:
        hub.refusals = [{"type": "error", "code": "unknown_channel", "temporary": False, "message": "Invalid channel"}]
        async with staying(Client(hub.port, CHANNEL, Random(1))) as client:
            await until(lambda: client.complaint == "Invalid channel")
    assert not client.once
