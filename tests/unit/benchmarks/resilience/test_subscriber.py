"""The accounting, and coming back."""

from __future__ import annotations

import asyncio
import time
from random import Random

import pytest

from benchmarks.processes import free_port
from benchmarks.resilience.client import Client
from benchmarks.resilience.subscriber import losses
from tests.live import until
from tests.unit.benchmarks.resilience.doubles import CHANNEL, HubDouble, staying


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([0, 1, 2, 3], (0, 0)),
        ([0, 1, 3], (1, 0)),
        ([1, 2, 3], (1, 0)),
        ([0, 1, 2], (1, 0)),
        ([], (4, 0)),
        ([0, 1, 1, 2, 3], (0, 1)),
        ([0, 2, 1, 3], (0, 1)),
        ([0, 1, 2, 3, 1, 2, 3], (0, 3)),
        ([0, 3, 1, 2], (0, 2)),
        ([0, 1, 2, 3, 4], (0, 0)),
    ],
)
def test_a_loss_a_lost_tail_a_repetition_and_a_reorder_are_counted(
    numbers: list[int], expected: tuple[int, int]
) -> None:
    """Of four messages that were acknowledged. One more may have come that wasn't acknowledged."""
    assert losses(numbers, 4) == expected


async def test_what_a_server_skips_or_repeats_is_seen_though_its_offsets_are_in_order() -> None:
    """Numbers are the publisher's: the hub double skips 1 and delivers 2 twice, with positions that look right."""
    async with HubDouble().running() as hub, staying(Client(hub.port, CHANNEL, Random(1))) as client:
        await until(lambda: client.subscribed > 0)
        hub.skipped, hub.twice = {1}, {2}
        for number in range(4):
            await hub.publish(number)
        await until(lambda: client.numbers[-1:] == [3])
        assert losses(client.numbers, 4) == (1, 1)


async def test_a_lost_connection_is_counted_and_a_cut_of_its_own_is_not() -> None:
    """The first is what a fault does; the second is the rhythm."""
    async with HubDouble().running() as hub:
        client = Client(hub.port, CHANNEL, Random(1))
        await client.stay(0.3)
        assert (client.once, client.drops, client.subscribed) == (True, 0, 0.0)
        async with staying(client):
            await until(lambda: client.subscribed > 0)
            before = client.subscribed
            await hub.cut()
            await until(lambda: client.subscribed > before)
        assert client.drops == 1


async def test_a_server_that_is_not_there_is_tried_again_with_longer_pauses() -> None:
    """A random part of a pause that doubles; a subscription resets it."""
    random = Random(1)
    client = Client(free_port(), CHANNEL, random)
    pauses = [client._pause_now() for _ in range(12)]
    again = Random(1)
    assert pauses == [again.uniform(0, min(5.0, 0.1 * 2**n)) for n in range(12)]
    begun = time.monotonic()
    await client.stay(0.2)
    assert 0.2 <= time.monotonic() - begun < 2.0
    assert (client.once, client.drops) == (False, 0)


async def test_replay_is_measured_from_the_loss_over_failed_attempts() -> None:
    """The pause between a lost connection and the next attempt is part of what a user waits."""
    hub = HubDouble()
    async with hub.running(), staying(Client(hub.port, CHANNEL, Random(1))) as client:
        await until(lambda: client.subscribed > 0)
        await hub.publish(0)
        await until(lambda: client.numbers == [0])
        hub.refusals = [{"type": "error", "temporary": True}] * 3
        lost = time.monotonic()
        await hub.cut()
        await hub.publish(1)
        await until(lambda: client.numbers == [0, 1])
        elapsed = time.monotonic() - lost
    assert len(client.replays) == 1
    assert client.replays[0] <= elapsed
    assert client.replays[0] > 0.5 * elapsed


async def test_who_is_cancelled_leaves_nothing_open() -> None:
    """Also a connection that was just made."""
    async with HubDouble().running() as hub:
        async with staying(Client(hub.port, CHANNEL, Random(1))) as client:
            await until(lambda: bool(hub.open) and client.subscribed > 0)
        await until(lambda: not hub.open)
        assert client.subscribed == 0.0
        await asyncio.sleep(0)
