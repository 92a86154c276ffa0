"""Sentinels know which server is the master."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Final

from channels.redis.config import Address, Redis
from channels.redis.connection import Lost, open_connection, pack
from channels.redis.race import first_answer
from channels.redis.refusal import Refused

SENTINELS_MAX: Final = 32
"""Most sentinels that are remembered."""


class SentinelLocator:
    """Finds the master, and believes it only once it says itself that it is one.

    One sentinel in the configuration is enough to find the others; they stay known while this process runs.
    """

    sharded = False

    def __init__(self, redis: Redis) -> None:
        self.version = 0
        self._redis = redis
        self._as_sentinel = replace(
            redis, database=0, username=redis.sentinel_username, password=redis.sentinel_password
        )
        self._sentinels = redis.addresses
        self._master: Address | None = None
        self._certain = False
        self._asking = asyncio.Lock()

    def slot(self, key: bytes) -> int:
        return 0

    async def locate(self, slot: int) -> Address:
        async with self._asking:
            if self._master is None or not self._certain:
                await self._ask()
            assert self._master is not None
            return self._master

    def doubt(self) -> None:
        self._certain = False

    def moved(self, slot: int, address: Address) -> None:
        return None

    async def refresh(self) -> None:
        async with self._asking:
            try:
                await self._ask()
            except Lost:
                # Without a sentinel there is no failover either.
                return

    async def _ask(self) -> None:
        sentinel, master, others = await first_answer(self._sentinels, self._master_by)
        known = dict.fromkeys((sentinel, *self._redis.addresses, *others))
        self._sentinels = tuple(known)[:SENTINELS_MAX]
        self._certain = True
        if master != self._master:
            self._master = master
            self.version += 1

    async def _master_by(self, sentinel: Address) -> tuple[Address, Address, list[Address]]:
        """Ask one sentinel for the master and for the other sentinels, and the master whether it is one."""
        name = self._redis.master.encode()
        ask = (pack(b"SENTINEL", b"GET-MASTER-ADDR-BY-NAME", name), pack(b"SENTINEL", b"SENTINELS", name))
        found, others = await _answers(self._as_sentinel, sentinel, *ask)
        if isinstance(found, Refused):
            raise Lost(f"{sentinel}: {found}")
        if not found:
            raise Lost(f"{sentinel}: knows no master called {self._redis.master} (redis.master)")
        master = Address(found[0].decode(), int(found[1]))
        (role,) = await _answers(self._redis, master, pack(b"ROLE"))
        if isinstance(role, Refused):
            raise Lost(f"{master}: {role}")
        if role[0] != b"master":
            raise Lost(f"{master}: is a {role[0].decode()}, though {sentinel} takes it for the master", misplaced=True)
        return sentinel, master, [] if isinstance(others, Refused) else [_other(fields) for fields in others]


async def _answers(redis: Redis, address: Address, *commands: bytes) -> list[Any]:
    connection = await open_connection(redis, address)
    try:
        async with asyncio.timeout(redis.timeout):
            connection.write(b"".join(commands))
            return await connection.take(len(commands))
    except TimeoutError:
        raise Lost(f"{address}: no answer within {redis.timeout:g} s") from None
    finally:
        await connection.close()


def _other(fields: list[bytes]) -> Address:
    entry = dict(zip(fields[::2], fields[1::2], strict=False))
    return Address(entry[b"ip"].decode(), int(entry[b"port"]))
