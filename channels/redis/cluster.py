"""A cluster shares 16384 slots out among its masters."""

from __future__ import annotations

import asyncio
from binascii import crc_hqx
from collections.abc import Iterable
from typing import Any, Final

from channels.redis.config import Address, Redis
from channels.redis.connection import Lost, open_connection, pack
from channels.redis.race import first_answer
from channels.redis.refusal import Refused

SLOTS: Final = 16384
"""Slots of a cluster (Redis Cluster specification)."""

ASK_EVERY: Final = 0.1
"""Least seconds between two questions for the map of slots, however much goes wrong."""

NODES_MAX: Final = 64
"""Most nodes that are remembered as those to ask."""


def slot_of(key: bytes) -> int:
    """Tell the slot of a key: CRC16 of what is between the first `{` and the next `}`, or of the whole key."""
    start = key.find(b"{")
    if start >= 0:
        end = key.find(b"}", start + 1)
        if end > start + 1:
            key = key[start + 1 : end]
    return crc_hqx(key, 0) % SLOTS


class ClusterLocator:
    """Keeps the map of slots, and asks for a new one when something looks wrong."""

    sharded = True

    def __init__(self, redis: Redis) -> None:
        self.version = 0
        self._redis = redis
        self._masters: list[Address | None] = [None] * SLOTS
        self._nodes = redis.addresses
        self._certain = False
        self._asking = asyncio.Lock()
        self._asked_at = float("-inf")
        self._turn = 0

    def slot(self, key: bytes) -> int:
        return slot_of(key)

    async def locate(self, slot: int) -> Address:
        if self._certain and (master := self._masters[slot]) is not None:
            return master
        async with self._asking:
            if not self._certain:
                await self._ask()
            if (master := self._masters[slot]) is None:
                self._certain = False
                raise Lost(f"no node of the cluster has slot {slot}", misplaced=True)
            return master

    def doubt(self) -> None:
        self._certain = False

    def moved(self, slot: int, address: Address) -> None:
        # The rest of the map stays in use: where more has moved, the other nodes say so as well.
        if 0 <= slot < SLOTS and self._masters[slot] != address:
            self._masters[slot] = address
            self.version += 1

    async def refresh(self) -> None:
        async with self._asking:
            try:
                await self._ask()
            except Lost:
                # What doesn't work any more is noticed where it is used.
                return

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._asked_at + ASK_EVERY - loop.time()))
        # Each time another one first: it may be the one that is wrong.
        self._turn += 1
        turn = self._turn % len(self._nodes)
        try:
            shards = await first_answer((*self._nodes[turn:], *self._nodes[:turn]), self._shards_by)
        finally:
            self._asked_at = loop.time()
        self._take(shards)

    def _take(self, shards: list[tuple[int, int, list[Address]]]) -> None:
        masters: list[Address | None] = [None] * SLOTS
        for first, last, nodes in shards:
            masters[first : last + 1] = [nodes[0]] * (last + 1 - first)
        known = dict.fromkeys((*_all(shards), *self._redis.addresses))
        self._nodes = tuple(known)[:NODES_MAX]
        self._certain = True
        if masters != self._masters:
            self._masters = masters
            self.version += 1

    async def _shards_by(self, node: Address) -> list[tuple[int, int, list[Address]]]:
        """Ask one node: first slot, last slot, and the nodes that have these, the master first."""
        connection = await open_connection(self._redis, node)
        try:
            async with asyncio.timeout(self._redis.timeout):
                connection.write(pack(b"CLUSTER", b"SLOTS"))
                (reply,) = await connection.take()
        except TimeoutError:
            raise Lost(f"{node}: no answer within {self._redis.timeout:g} s") from None
        finally:
            await connection.close()
        if isinstance(reply, Refused):
            raise Lost(f"{node}: {reply}")
        if not reply:
            raise Lost(f"{node}: belongs to no cluster that has slots")
        return [(first, last, [_node(entry, node) for entry in nodes]) for first, last, *nodes in reply]


def _all(shards: Iterable[tuple[int, int, list[Address]]]) -> list[Address]:
    return [node for _, _, nodes in shards for node in nodes]


def _node(entry: list[Any], teller: Address) -> Address:
    """Read a node; without a host it is the one that was asked, seen from the way that we came."""
    host, port = entry[0], entry[1]
    return Address(teller.host if host in (None, b"", b"?") else host.decode(), port)
