"""The list of all connections of the hub, a page at a time: those of one process after those of another.

First every process says how many it has, then those on the page are asked for, so no more of them travel than the page
holds. Between two pages connections come and go, as in any list with an offset.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

from channels.engine import Engine
from hub.connection import Connection
from hub.connections import Connections
from hub.peers import Peers, Question


@dataclass(frozen=True, slots=True)
class Filter:
    """Which connections: those with all of these properties that are given."""

    user: str | None = None
    client_id: str | None = None
    channel: str | None = None


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


class Listing:
    """Lists connections, and tells the other processes of those that are here."""

    def __init__(self, engine: Engine, connections: Connections, peers: Peers) -> None:
        self._engine = engine
        self._connections = connections
        self._peers = peers
        peers.answer("count connections", self._asked_to_count)
        peers.answer("list connections", self._asked_to_list)

    async def page(self, wanted: Filter, offset: int, limit: int) -> Page:
        """Return connections by process and then by age; processes are in the order of their names."""
        answers = await self._peers.ask("count connections", asdict(wanted))
        totals = {self._peers.node: len(self._find(wanted)), **answers.by_node}
        slices = _slices(totals, offset, limit)
        missing, partial = answers.missing, answers.partial
        pieces: dict[str, list[dict[str, Any]]] = {}
        if (own := slices.pop(self._peers.node, None)) is not None:
            pieces[self._peers.node] = self._piece(wanted, *own)
        if slices:
            answers = await self._peers.ask("list connections", {"wanted": asdict(wanted), "slices": slices})
            pieces |= {node: piece for node, piece in answers.by_node.items() if piece}
            missing = tuple(sorted({*missing, *answers.missing}))
            partial = partial or answers.partial
        found = [connection for node in sorted(pieces) for connection in pieces[node]]
        return Page(found, sum(totals.values()), missing, partial)

    async def _asked_to_count(self, about: Question) -> int:
        return len(self._find(Filter(**about)))

    async def _asked_to_list(self, about: Question) -> list[dict[str, Any]]:
        own = about["slices"].get(self._peers.node)
        return [] if own is None else self._piece(Filter(**about["wanted"]), *own)

    def _find(self, wanted: Filter) -> list[Connection]:
        return [
            connection
            for connection in self._candidates(wanted)
            if wanted.user in (None, connection.principal.user) and wanted.client_id in (None, connection.client_id)
        ]

    def _candidates(self, wanted: Filter) -> Iterable[Connection]:
        if wanted.channel is not None:
            roster = self._engine.registry.roster(wanted.channel)
            return cast("Iterable[Connection]", (*roster.prompt, *roster.throttled))
        if wanted.client_id is not None:
            return self._connections.of_client(wanted.client_id)
        return self._connections

    def _piece(self, wanted: Filter, begin: int, end: int) -> list[dict[str, Any]]:
        now = asyncio.get_running_loop().time()
        return [self._state(connection, now) for connection in self._find(wanted)[begin:end]]

    def _state(self, connection: Connection, now: float) -> dict[str, Any]:
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
        }


def _slices(totals: Mapping[str, int], offset: int, limit: int) -> dict[str, tuple[int, int]]:
    """Say which part of which process's connections a page takes; processes without a part are left out."""
    slices: dict[str, tuple[int, int]] = {}
    before = 0
    for node in sorted(totals):
        begin = max(0, offset - before)
        end = min(totals[node], offset + limit - before)
        if begin < end:
            slices[node] = (begin, end)
        before += totals[node]
    return slices
