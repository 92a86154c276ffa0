"""Redis servers that belong together: a cluster, or a master with its replica and the sentinels that watch them."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from redis.asyncio import Redis as Client

from channels.redis.cluster import SLOTS, slot_of
from tests.redis_server import VALKEY, RedisServer, free_port

_PATIENCE = 30.0

MASTER_NAME = "main"
"""What the sentinels call the master."""


async def ask(server: RedisServer, *words: str | int | bytes) -> Any:
    """Send one command, by another client library than the one under test."""
    async with Client(host="127.0.0.1", port=server.port, socket_timeout=_PATIENCE) as client:
        return await client.execute_command(*words)  # type: ignore[no-untyped-call]


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not await condition():  # noqa: ASYNC110 - a server sets no event
            await asyncio.sleep(0.02)


class RedisCluster:
    """A cluster on loopback. Its nodes may be killed, frozen and started again like any server."""

    def __init__(self, folder: Path, binary: str, masters: int, replicas: int) -> None:
        self._buses: dict[int, int] = {}
        self.masters = [self._node(folder / f"master{number}", binary) for number in range(masters)]
        self.replicas = [self._node(folder / f"replica{number}", binary) for number in range(replicas)]

    def _node(self, folder: Path, binary: str) -> RedisServer:
        folder.mkdir()
        bus = free_port()
        options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", str(bus))
        node = RedisServer(folder, binary, True, (*options, "--appendfsync", "everysec"))
        self._buses[node.port] = bus
        return node

    @property
    def nodes(self) -> list[RedisServer]:
        """All servers."""
        return [*self.masters, *self.replicas]

    async def start(self) -> None:
        """Start all nodes, join them, and share the slots out evenly; the first replica is of the first master."""
        await asyncio.gather(*(node.start() for node in self.nodes))
        for number, node in enumerate(self.nodes):
            await ask(node, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            if number:
                first = self.masters[0]
                await ask(node, "CLUSTER", "MEET", "127.0.0.1", first.port, self._buses[first.port])
        share = SLOTS // len(self.masters)
        for number, node in enumerate(self.masters):
            last = SLOTS - 1 if node is self.masters[-1] else (number + 1) * share - 1
            await ask(node, "CLUSTER", "ADDSLOTSRANGE", number * share, last)
        for number, node in enumerate(self.replicas):
            master = self.masters[number % len(self.masters)]
            await _until(partial(self._knows_all, node))
            await ask(node, "CLUSTER", "REPLICATE", await self.id(master))
        await _until(self.healthy)

    async def _knows_all(self, node: RedisServer) -> bool:
        nodes: bytes = await ask(node, "CLUSTER", "NODES")
        return len(nodes.splitlines()) == len(self.nodes) and b"handshake" not in nodes

    async def healthy(self) -> bool:
        """Whether every live node takes the cluster for complete, and replicas follow their masters."""
        for node in self.nodes:
            if b"cluster_state:ok" not in await ask(node, "CLUSTER", "INFO") or not await self._knows_all(node):
                return False
        links = [(await ask(node, "INFO", "replication"))["master_link_status"] for node in self.replicas]
        return all(link == "up" for link in links)

    async def id(self, node: RedisServer) -> str:
        """Return the id that nodes call a node by."""
        name = await ask(node, "CLUSTER", "MYID")
        return str(name.decode())

    def master_of(self, key: bytes) -> RedisServer:
        """Tell which master had a key at the start."""
        return self.masters[min(slot_of(key) // (SLOTS // len(self.masters)), len(self.masters) - 1)]

    async def move(self, slot: int, source: RedisServer, target: RedisServer) -> None:
        """Move a slot with its keys, as `redis-cli --cluster reshard` does."""
        names = await self.id(source), await self.id(target)
        await ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", names[0])
        await ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", names[1])
        while keys := await ask(source, "CLUSTER", "GETKEYSINSLOT", slot, 100):
            await ask(source, "MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
        # Once each: a node that is told again ends the subscriptions of the slot again.
        for node in (target, source, *(node for node in self.masters if node not in (target, source))):
            await ask(node, "CLUSTER", "SETSLOT", slot, "NODE", names[1])


@asynccontextmanager
async def redis_cluster(binary: str = VALKEY, masters: int = 3, replicas: int = 0) -> AsyncIterator[RedisCluster]:
    """Run a cluster as long as the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-cluster-"))
    cluster = RedisCluster(folder, binary, masters, replicas)
    try:
        await cluster.start()
        yield cluster
    finally:
        for node in cluster.nodes:
            await node.stop(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


class Sentinel(RedisServer):
    """A sentinel that watches a master."""

    def __init__(self, folder: Path, binary: str, master: RedisServer, quorum: int) -> None:
        super().__init__(folder, binary)
        self._file = folder / "sentinel.conf"
        self._file.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {folder}\n"
            f"sentinel monitor {MASTER_NAME} 127.0.0.1 {master.port} {quorum}\n"
            f"sentinel down-after-milliseconds {MASTER_NAME} 700\n"
            f"sentinel failover-timeout {MASTER_NAME} 4000\n"
        )

    def _command(self) -> tuple[str, ...]:
        return (self._binary, str(self._file), "--sentinel")

    async def start(self) -> None:
        """Start, and ask servers every second instead of every 10 s, and tell the others ten times a second instead of
        every 2 s. What it knows of a replica is good for three of the former."""
        await super().start()
        await ask(self, "SENTINEL", "DEBUG", "INFO-PERIOD", 1000, "PUBLISH-PERIOD", 100)


class Watched:
    """A master, its replica, and three sentinels."""

    def __init__(self, folder: Path, binary: str) -> None:
        def place(name: str) -> Path:
            (folder / name).mkdir()
            return folder / name

        self.master = RedisServer(place("master"), binary)
        follow = ("--replicaof", f"127.0.0.1 {self.master.port}")
        self.replica = RedisServer(place("replica"), binary, True, follow)
        self.sentinels = [Sentinel(place(f"sentinel{number}"), binary, self.master, 2) for number in range(3)]

    @property
    def servers(self) -> list[RedisServer]:
        """All processes."""
        return [self.master, self.replica, *self.sentinels]

    async def start(self) -> None:
        """Start all, and wait until they know each other."""
        await self.master.start()
        await self.replica.start()
        await _until(self._replicates)
        for sentinel in self.sentinels:
            await sentinel.start()
        await _until(self._all_known)

    async def failed_over(self) -> None:
        """Wait until the master that was is a replica."""
        await _until(self._deposed)

    async def _deposed(self) -> bool:
        return bool((await ask(self.master, "ROLE"))[0] == b"slave")

    async def _replicates(self) -> bool:
        return bool((await ask(self.replica, "INFO", "replication"))["master_link_status"] == "up")

    async def _all_known(self) -> bool:
        for sentinel in self.sentinels:
            state = (await ask(sentinel, "INFO", "sentinel"))["master0"]
            if (state["slaves"], state["sentinels"]) != (1, 3):
                return False
        return True


@asynccontextmanager
async def watched_redis(binary: str = VALKEY) -> AsyncIterator[Watched]:
    """Run a master, a replica and three sentinels as long as the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-sentinel-"))
    watched = Watched(folder, binary)
    try:
        await watched.start()
        yield watched
    finally:
        for server in watched.servers:
            await server.stop(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
