"""Where implementations of the ports live while the contract suites try them: their storage, and their time.

To put another implementation under the suites, write a world for it and add it to the tables at the end. Suites never
ask which implementation they have. Leases of presence are tested with the implementation that has them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from channels.memory import MemoryBroker, MemoryMembership, MemoryPresence
from channels.ports import Broker, Membership, Presence
from channels.redis.broker import BrokerOptions
from tests.kit import ManualClock, eventually
from tests.redis_ports import Ports, redis_ports
from tests.redis_process import redis_process
from tests.redis_server import redis_server

_PATIENCE = 10.0
"""Seconds of real time after which something that should happen counts as not happening."""


class Time(Protocol):
    """The time in which an implementation lives. Suites measure ages and windows in ticks of it."""

    @property
    def tick(self) -> float:
        """A short time, in seconds, that the implementation can tell from none."""

    async def let_pass(self, seconds: float) -> None:
        """Return when `seconds` have gone by for the implementation."""

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds, without letting more time pass than it takes."""

    def now(self) -> float:
        """Seconds since 1970, as the implementation sees it."""


class ManualTime:
    """Time of an implementation that is given its clock: passes when told, and at once."""

    tick = 60.0

    def __init__(self) -> None:
        self.clock = ManualClock()

    async def let_pass(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def until(self, condition: Callable[[], bool]) -> None:
        await eventually(condition)

    def now(self) -> float:
        return self.clock.now()


class RealTime:
    """Time of an implementation whose clock is elsewhere, as a server's is: there is no way but to wait."""

    def __init__(self, tick: float = 1.0) -> None:
        self.tick = tick

    async def let_pass(self, seconds: float) -> None:
        await asyncio.sleep(seconds * 1.05)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(_PATIENCE):
            while not condition():  # noqa: ASYNC110 - the condition is about a server, which sets no event
                await asyncio.sleep(0.005)

    def now(self) -> float:
        return time.time()


@dataclass(frozen=True)
class BrokerWorld:
    """Brokers over one storage, seen from two processes.

    Attributes:
        here: the broker that the suite listens to.
        there: the broker of another process; the same as `here` where there can be only one process.
        window: seconds for which idempotency keys are known.
    """

    here: Broker
    there: Broker
    window: float
    time: Time


@asynccontextmanager
async def memory_brokers() -> AsyncIterator[BrokerWorld]:
    """One process, so both are the same."""
    manual = ManualTime()
    broker = MemoryBroker(manual.clock, idempotency_window=2 * manual.tick)
    yield BrokerWorld(broker, broker, 2 * manual.tick, manual)


@asynccontextmanager
async def redis_brokers() -> AsyncIterator[BrokerWorld]:
    """Two processes' brokers over a real Valkey."""
    window = 1.0
    options = BrokerOptions(idempotency_window=window, linger=0.2, check_interval=0.3)
    async with (
        redis_server() as server,
        redis_process(server.address, "here", options) as here,
        redis_process(server.address, "there", options) as there,
    ):
        yield BrokerWorld(here.broker, there.broker, window, RealTime(0.4))


@asynccontextmanager
async def memory_presence() -> AsyncIterator[tuple[Presence, Presence]]:
    """One process, so both are the same."""
    presence = MemoryPresence()
    yield presence, presence


@asynccontextmanager
async def memory_membership() -> AsyncIterator[tuple[Membership, Membership]]:
    """One process, so both are the same."""
    membership = MemoryMembership()
    yield membership, membership


@asynccontextmanager
async def two_on_redis() -> AsyncIterator[tuple[Ports, Ports]]:
    """Two processes over a real Valkey."""
    async with (
        redis_server(persistent=False) as server,
        redis_ports(server.address, "here") as here,
        redis_ports(server.address, "there") as there,
    ):
        yield here, there


@asynccontextmanager
async def redis_presence() -> AsyncIterator[tuple[Presence, Presence]]:
    """Two processes over a real Valkey."""
    async with two_on_redis() as (here, there):
        yield here.presence, there.presence


@asynccontextmanager
async def redis_membership() -> AsyncIterator[tuple[Membership, Membership]]:
    """Two processes over a real Valkey."""
    async with two_on_redis() as (here, there):
        yield here.membership, there.membership


BROKERS: Mapping[str, Callable[[], AbstractAsyncContextManager[BrokerWorld]]] = {
    "memory": memory_brokers,
    "redis": redis_brokers,
}
PRESENCES: Mapping[str, Callable[[], AbstractAsyncContextManager[tuple[Presence, Presence]]]] = {
    "memory": memory_presence,
    "redis": redis_presence,
}
MEMBERSHIPS: Mapping[str, Callable[[], AbstractAsyncContextManager[tuple[Membership, Membership]]]] = {
    "memory": memory_membership,
    "redis": redis_membership,
}
"""Implementations by name; each is made anew for each test. Of presence and membership, two processes' views."""
