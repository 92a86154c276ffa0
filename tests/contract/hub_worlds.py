"""Where claims, noticeboards and nodes live while the contract suites try them. See `tests.contract.worlds`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass

from channels.local import LocalClaims, LocalNodes, LocalNoticeboard
from channels.ports import Claims, Nodes, Noticeboard
from tests.contract.worlds import ManualTime, RealTime, Time, two_on_redis
from tests.joined import JoinedNodes, JoinedNoticeboard, Junction
from tests.redis_ports import redis_ports
from tests.redis_server import redis_server


@dataclass(frozen=True)
class ClaimsWorld:
    """Claims of two processes."""

    here: Claims
    there: Claims
    time: Time


@asynccontextmanager
async def local_claims() -> AsyncIterator[ClaimsWorld]:
    """One process, so both are the same."""
    manual = ManualTime()
    claims = LocalClaims(manual.clock)
    yield ClaimsWorld(claims, claims, manual)


@asynccontextmanager
async def redis_claims() -> AsyncIterator[ClaimsWorld]:
    """Two processes over a real Valkey."""
    async with two_on_redis() as (here, there):
        yield ClaimsWorld(here.claims, there.claims, RealTime(0.3))


@dataclass(frozen=True)
class NoticeWorld:
    """One noticeboard, as two processes see it.

    Attributes:
        late: another view of it, which begins now; of the first where there can be only one process.
    """

    here: Noticeboard
    there: Noticeboard
    late: Callable[[], AbstractAsyncContextManager[Noticeboard]]
    time: Time


@asynccontextmanager
async def local_notices() -> AsyncIterator[NoticeWorld]:
    """One process, so all are the same."""
    manual = ManualTime()
    board = LocalNoticeboard(manual.clock)
    yield NoticeWorld(board, board, lambda: nullcontext(board), manual)


@asynccontextmanager
async def joined_notices() -> AsyncIterator[NoticeWorld]:
    """The double, which must do what the real ones do."""
    manual = ManualTime()
    junction = Junction(manual.clock)
    here, there = JoinedNoticeboard(junction), JoinedNoticeboard(junction)
    yield NoticeWorld(here, there, lambda: nullcontext(JoinedNoticeboard(junction)), manual)


@asynccontextmanager
async def redis_notices() -> AsyncIterator[NoticeWorld]:
    """Processes over a real Valkey."""
    async with (
        redis_server(persistent=False) as server,
        redis_ports(server.address, "here") as here,
        redis_ports(server.address, "there") as there,
    ):

        @asynccontextmanager
        async def late() -> AsyncIterator[Noticeboard]:
            async with redis_ports(server.address, "late") as process:
                yield process.noticeboard

        yield NoticeWorld(here.noticeboard, there.noticeboard, late, RealTime(1.0))


@dataclass(frozen=True)
class NodesWorld:
    """The processes of one hub."""

    nodes: tuple[Nodes, ...]
    time: Time


@asynccontextmanager
async def local_nodes() -> AsyncIterator[NodesWorld]:
    """One process."""
    yield NodesWorld((LocalNodes(),), ManualTime())


@asynccontextmanager
async def joined_nodes() -> AsyncIterator[NodesWorld]:
    """The double, which must do what the real ones do."""
    manual = ManualTime()
    junction = Junction(manual.clock)
    yield NodesWorld(tuple(JoinedNodes(junction) for _ in range(3)), manual)


@asynccontextmanager
async def redis_nodes() -> AsyncIterator[NodesWorld]:
    """Three processes over a real Valkey, each of which hears the others."""
    async with (
        redis_server(persistent=False) as server,
        redis_ports(server.address, "one") as one,
        redis_ports(server.address, "two") as two,
        redis_ports(server.address, "three") as three,
    ):
        nodes = (one.nodes, two.nodes, three.nodes)
        async with asyncio.timeout(10.0):
            while await one.nodes.tell("begin", {}) < 2 or len(await one.nodes.reports()) < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.005)  # a server sets no event
        yield NodesWorld(nodes, RealTime())


CLAIMS: Mapping[str, Callable[[], AbstractAsyncContextManager[ClaimsWorld]]] = {
    "local": local_claims,
    "redis": redis_claims,
}
NOTICES: Mapping[str, Callable[[], AbstractAsyncContextManager[NoticeWorld]]] = {
    "local": local_notices,
    "joined": joined_notices,
    "redis": redis_notices,
}
NODES: Mapping[str, Callable[[], AbstractAsyncContextManager[NodesWorld]]] = {
    "local": local_nodes,
    "joined": joined_nodes,
    "redis": redis_nodes,
}
"""Implementations by name; each is made anew for each test. The doubles are among them: they must do the same."""
