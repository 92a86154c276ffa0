"""What every channel of sessions owes: one order, and each number once. See `agents.ports.SessionChannel`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from agents.ports import SessionChannel
from channels.engine import Engine, Ports
from channels.memory import MemoryMembership, MemoryPresence
from channels.model import START
from channels.policy import Access, ChannelOptions, Policy, Principal
from channels.ports import Broker
from hub.adapters.agents.channel import HubChannel, channel_of
from tests.contract.worlds import BROKERS, Time
from tests.kit import ManualClock, RecordingDelivery, RecordingSubscriber

OPTIONS = ChannelOptions(subscribe=Access.MEMBERS, publish=Access.NOBODY)
DATA = {"timestamp": "2026-11-21T10:15:00.000000Z"}


@dataclass
class World:
    """The channels of sessions of two processes, and the engines below them."""

    here: SessionChannel
    there: SessionChannel
    engine: Engine
    membership: MemoryMembership
    time: Time

    async def seqs(self, session: UUID) -> list[int]:
        history = await self.engine.history(channel_of(session), None, START, 100)
        return [int(publication.type) for publication in history.publications]


def _engine(broker: Broker, membership: MemoryMembership) -> Engine:
    ports = Ports(broker, MemoryPresence(), membership, RecordingDelivery(), ManualClock())
    return Engine(Policy({}, {"session": OPTIONS}), ports)


@pytest.fixture(params=BROKERS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with BROKERS[request.param]() as brokers:
        membership = MemoryMembership()
        here = _engine(brokers.here, membership)
        there = here if brokers.there is brokers.here else _engine(brokers.there, membership)
        yield World(HubChannel(here, brokers.here), HubChannel(there, brokers.there), here, membership, brokers.time)


async def publish(channel: SessionChannel, session: UUID, *seqs: int) -> None:
    for seq in seqs:
        await channel.publish(session, seq, str(seq), {"seq": seq, **DATA})


async def test_numbers_come_once_and_in_order_whoever_publishes(world: World) -> None:
    """Two processes that publish the same log at once, one of them late, and again after windows have passed."""
    session, other = uuid4(), uuid4()
    await asyncio.gather(publish(world.here, session, *range(1, 21)), publish(world.there, session, *range(1, 21)))
    await world.time.let_pass(3 * world.time.tick)
    await publish(world.there, session, 3, 20, 21)
    await publish(world.here, other, 1)
    assert await world.seqs(session) == list(range(1, 22))
    assert await world.seqs(other) == [1]


async def test_closing_dismisses_the_owner_and_drops_the_past(world: World) -> None:
    """Who was let in for being the owner isn't any more; what was said can't be read."""
    session = uuid4()
    subscriber = RecordingSubscriber("tab", Principal("alice"))
    await world.membership.add(channel_of(session), "alice")
    await world.engine.subscribe(subscriber, channel_of(session))
    await publish(world.here, session, 1, 2)
    await world.time.until(lambda: subscriber.types == ["1", "2"])
    await world.membership.remove(channel_of(session), "alice")
    await world.here.close(session, "alice")
    assert [notice["type"] for notice in subscriber.notices] == ["unsubscribed"]
    assert await world.seqs(session) == []
