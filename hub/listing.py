"""The list of all connections of the hub, a page at a time, in one order over all processes.

First every process ranks its own and tells what it ranks them by, as far as the page goes: one number for each. From
these follows which part of whose ranking is on the page, and only that part travels in full. Between two pages, and
between the two questions, connections come and go, as in any list with an offset.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from operator import itemgetter
from typing import Any, Final, Literal

from channels.clock import Clock
from channels.engine import Engine
from hub.connection import Connection
from hub.connections import Connections
from hub.peers import Answers, Peers, Question

SortBy = Literal["opened", "queued_bytes", "latency", "channels"]

_LAST: Final = 1e12
"""Ranks what isn't known behind everything that is, in both directions."""

_TURN: Final = 1_000
"""Connections that are looked at before others get the loop: well under a millisecond."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which connections: those with all of these properties that are given.

    Attributes:
        search: part of the client id, user, address or session.
    """

    user: str | None = None
    client_id: str | None = None
    channel: str | None = None
    search: str | None = None

    def covers(self, connection: Connection) -> bool:
        """Tell whether a connection on the channel has the other properties."""
        user = connection.principal.user
        if self.user not in (None, user) or self.client_id not in (None, connection.client_id):
            return False
        part = self.search
        return (
            part is None
            or part in connection.client_id
            or part in connection.session
            or part in connection.address
            or (user is not None and part in user)
        )


@dataclass(frozen=True, slots=True)
class Order:
    """Which comes first: the oldest connection, or the one with least of what it is sorted by."""

    by: SortBy = "opened"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of the list.

    Attributes:
        connections: what is known of each, as JSON.
        total: how many there are with these properties, on all pages.
        missing, partial: as in `hub.peers.Answers`.
    """

    connections: list[dict[str, Any]]
    total: int
    missing: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The first connections of a process, each with its rank, and how many it has in all."""

    ranked: list[tuple[float, Connection]]
    total: int


class Listing:
    """Lists connections, and tells the other processes of those that are here."""

    def __init__(self, engine: Engine, connections: Connections, peers: Peers, clock: Clock) -> None:
        self._engine = engine
        self._connections = connections
        self._peers = peers
        # Once, so that a connection has the same time whenever it is asked for, and pages fit together.
        self._began = clock.now() - asyncio.get_running_loop().time()
        peers.answer("rank connections", self._asked_to_rank)
        peers.answer("list connections", self._asked_to_list)

    async def page(self, wanted: Filter, order: Order, offset: int, limit: int) -> Page:
        """Return a piece of the list. Connections of one rank stand by process, and in each by age."""
        about = {"wanted": asdict(wanted), "order": asdict(order), "most": offset + limit}
        answers = await self._peers.ask("rank connections", about)
        own = await self._rank(wanted, order, offset + limit)
        ranks = {node: answer["ranks"] for node, answer in answers.by_node.items()}
        slices = _slices({**ranks, self._peers.node: [rank for rank, _ in own.ranked]}, offset, limit)
        begin, end = slices.pop(self._peers.node, (0, 0))
        pieces = {self._peers.node: self._piece(own, begin, end)}
        elsewhere = Answers({})
        if slices:
            elsewhere = await self._peers.ask("list connections", {**about, "slices": slices})
            pieces |= elsewhere.by_node
        rows = [row for node in sorted(pieces) for row in pieces[node]]
        return Page(
            [state for _, state in sorted(rows, key=itemgetter(0))],
            own.total + sum(answer["total"] for answer in answers.by_node.values()),
            tuple(sorted({*answers.missing, *elsewhere.missing})),
            answers.partial or elsewhere.partial,
        )

    async def _asked_to_rank(self, about: Question) -> dict[str, Any]:
        ranking = await self._rank(Filter(**about["wanted"]), Order(**about["order"]), about["most"])
        return {"ranks": [rank for rank, _ in ranking.ranked], "total": ranking.total}

    async def _asked_to_list(self, about: Question) -> list[tuple[float, dict[str, Any]]]:
        begin, end = about["slices"].get(self._peers.node, (0, 0))
        if begin == end:
            return []
        ranking = await self._rank(Filter(**about["wanted"]), Order(**about["order"]), end)
        return self._piece(ranking, begin, end)

    async def _rank(self, wanted: Filter, order: Order, most: int) -> _Ranking:
        measure, sign = self._measure(order.by), -1.0 if order.descending else 1.0
        ranked = []
        for number, connection in enumerate(self._candidates(wanted), start=1):
            if not number % _TURN:
                await asyncio.sleep(0)
            if connection.is_open and wanted.covers(connection):
                value = measure(connection)
                ranked.append((_LAST if value is None else sign * value, connection))
        ranked.sort(key=itemgetter(0))  # quicker than `heapq.nsmallest`, which is in Python
        return _Ranking(ranked[:most], len(ranked))

    def _measure(self, by: SortBy) -> Callable[[Connection], float | None]:
        if by == "opened":  # a time that processes can compare
            return lambda connection: connection.opened + self._began
        if by == "queued_bytes":
            return lambda connection: connection.queued_bytes
        if by == "latency":
            return lambda connection: connection.latency
        channels_of = self._engine.registry.channels_of
        return lambda connection: len(channels_of(connection))

    def _candidates(self, wanted: Filter) -> Iterable[Connection]:
        if wanted.channel is not None:
            roster = self._engine.registry.roster(wanted.channel)
            everyone = (*roster.prompt, *roster.throttled)
            # Connections of handlers of one's own (`WebSocketManager.embed`) are in no list.
            return [connection for connection in everyone if isinstance(connection, Connection)]
        if wanted.client_id is not None:
            return self._connections.of_client(wanted.client_id)
        return self._connections

    def _piece(self, ranking: _Ranking, begin: int, end: int) -> list[tuple[float, dict[str, Any]]]:
        now = asyncio.get_running_loop().time()
        return [(rank, self._state(connection, now)) for rank, connection in ranking.ranked[begin:end]]

    def _state(self, connection: Connection, now: float) -> dict[str, Any]:
        latency = connection.latency
        return {
            "client_id": connection.client_id,
            "session": connection.session,
            "user": connection.principal.user,
            "address": connection.address,
            "transport": connection.kind,
            "node": self._peers.node,
            "channels": list(self._engine.registry.channels_of(connection)),
            "opened": round(max(0.0, now - connection.opened), 3),
            "queued_bytes": connection.queued_bytes,
            "slow": connection.lags,
            "latency_ms": None if latency is None else round(latency * 1000, 3),
            "user_agent": connection.user_agent or None,
        }


def _slices(ranks: Mapping[str, list[float]], offset: int, limit: int) -> dict[str, tuple[int, int]]:
    """Say which part of which process's ranking a page takes; processes without a part are left out."""
    if len(ranks) == 1:
        (node, only), end = next(iter(ranks.items())), offset + limit
        return {node: (offset, min(end, len(only)))} if offset < min(end, len(only)) else {}
    merged = [(rank, node) for node in sorted(ranks) for rank in ranks[node]]
    merged.sort(key=itemgetter(0))  # stable, and each process's ranks are sorted: of one rank, process by process
    before = Counter(node for _, node in merged[:offset])
    taken = Counter(node for _, node in merged[offset : offset + limit])
    return {node: (before[node], before[node] + taken[node]) for node in taken}
