"""What chaos happens to: a real Valkey, worker processes that can really be killed, and a bad network between them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import orjson
from redis.asyncio import Redis as Client

from channels.model import Position
from channels.redis.body import from_entry
from channels.redis.keys import Keys
from tests.chaos.events import Kept
from tests.fault_proxy import FaultProxy, faulty
from tests.redis_server import RedisServer, free_port, redis_server

ROOT = Path(__file__).parents[2]
PLAIN = ("alpha", "beta", "gamma")
CONFLATED = ("gauges", "meters")
BRIEF = "brief"
"""A channel whose history is short."""
REDIS_TIMEOUT = 1.0
"""`redis.timeout` of the workers: what is frozen for longer counts as lost."""
_START, _END = 30.0, 10.0

CONFIGURATION: Mapping[str, Any] = {
    "server": {"drain": 0.1},
    "redis": {"timeout": REDIS_TIMEOUT, "check_interval": 1.0},
    # A short queue, so that who stalls is closed soon; and no end to what a client may be refused while Redis is away.
    "limits": {"queued_bytes": 65_536, "errors_per_minute": 0, "commands_per_second": 0, "connections": 0},
    "system_stats": {"interval": 0},
    "hub_stats": {"interval": 0},
    "alerts": {"interval": 0},
    "channels": {
        # Everything stays, so that what clients got can be compared with all of it.
        "defaults": {"history_size": 1_000_000, "history_age": 86_400.0},
        "named": {name: {} for name in PLAIN}
        | {name: {"conflate": "key"} for name in CONFLATED}
        | {BRIEF: {"history_size": 30}},
    },
}


class Worker:
    """One `tocsin serve`, always on the same port.

    Args:
        processes: with more than one it is a supervisor, and the hub is in that many processes below it.

    Attributes:
        is_apart: it can't connect to Valkey.
    """

    def __init__(
        self, number: int, folder: Path, proxy: FaultProxy, options: Mapping[str, str], processes: int = 1
    ) -> None:
        self.port = free_port()
        self.proxy = proxy
        self.is_up = False
        self.is_apart = False
        self.log = folder / f"worker-{number}.log"
        self._processes = processes
        self._options = options
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start, and wait until it listens."""
        mine = {"TOCSIN_REDIS__URL": f"redis://127.0.0.1:{self.proxy.port}/0", **self._options}
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-m",
                    "hub.cli",
                    "serve",
                    "--port",
                    str(self.port),
                    "--workers",
                    str(self._processes),
                ),
                *("--config", str(self._folder / "config.yaml")),
                cwd=ROOT,
                env=os.environ | mine,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        async with asyncio.timeout(_START):
            while not await self._listens():
                assert self._process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.02)
        self.is_up = True

    async def _listens(self) -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            return True
        return False

    def children(self) -> list[int]:
        """The processes below it, by their ids (Linux)."""
        assert self._process is not None
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    async def stop(self) -> None:
        """End it: a supervisor with time to end what is below it."""
        self.is_up = False
        if self._processes > 1 and self._process is not None and self._process.returncode is None:
            self._process.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(_END):
                    await self._process.wait()
        await self.kill()

    async def kill(self) -> None:
        """End it with no time for a last word."""
        self.is_up = False
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
        if process is not None:
            await process.wait()


class World:
    """Valkey, and workers that reach it each by a proxy of its own."""

    def __init__(self, server: RedisServer, random: Random, folder: Path) -> None:
        self.server = server
        self.random = random
        self.folder = folder
        self.workers: list[Worker] = []

    def port(self) -> int | None:
        """Name a worker to connect to, at random."""
        up = [worker.port for worker in self.workers if worker.is_up]
        return self.random.choice(up) if up else None

    def of(self, *numbers: int) -> Callable[[], int | None]:
        """Name only workers with these numbers, from 0."""

        def port() -> int | None:
            up = [self.workers[number].port for number in numbers if self.workers[number].is_up]
            return self.random.choice(up) if up else None

        return port

    def way(self, number: int) -> int | None:
        """Where a worker finds Valkey; `None` while it can't."""
        return None if self.workers[number].is_apart else self.server.port

    async def ask(self, *command: str | int) -> Any:
        """Ask Valkey itself, by no proxy."""
        async with Client(host="127.0.0.1", port=self.server.port) as client:
            return await client.execute_command(*command)  # type: ignore[no-untyped-call]

    async def kept(self, channels: Sequence[str]) -> dict[str, Kept]:
        """Read what Valkey holds."""
        return {channel: await self._kept(channel) for channel in channels}

    async def _kept(self, channel: str) -> Kept:
        keys = Keys("tocsin")
        # One transaction, so that the top belongs to the entries.
        async with Client(host="127.0.0.1", port=self.server.port) as client, client.pipeline() as both:
            both.hmget(keys.meta(channel).decode(), "e", "o")
            both.execute_command("XRANGE", keys.stream(channel), "-", "+")
            (epoch, top), entries = await both.execute()
        kept = Kept(Position((epoch or b"").decode(), int(top or 0)))
        for place, fields in entries:
            names = dict(fields) if not isinstance(fields, dict) else fields
            found = from_entry(kept.top.epoch, [place, names[b"x"], names[b"b"]]).publication(channel)
            assert found.position is not None
            kept.entries[found.position.offset] = (orjson.loads(found.data)["id"], found.key)
        return kept

    def heal(self) -> None:
        """End what is wrong with the network."""
        for worker in self.workers:
            worker.is_apart = False
            worker.proxy.heal()

    def logs(self) -> str:
        """The end of each worker's log."""
        return "\n".join(f"-- {w.log.name}\n{w.log.read_text(errors='replace')[-3000:]}" for w in self.workers)


@asynccontextmanager
async def world(
    seed: int,
    workers: int = 2,
    *,
    persistent: bool = True,
    options: Mapping[str, str] | None = None,
    processes: int = 1,
) -> AsyncIterator[World]:
    """Run it as long as the block runs.

    Args:
        options: further options of the workers, as variables.
        processes: see `Worker`.
    """
    random = Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="tocsin-chaos-"))
    (folder / "config.yaml").write_bytes(orjson.dumps(CONFIGURATION))  # JSON is YAML
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        server = await stack.enter_async_context(redis_server(persistent=persistent))
        made = World(server, random, folder)
        for number in range(workers):
            proxy = await stack.enter_async_context(faulty(partial(made.way, number), random))
            worker = Worker(number, folder, proxy, options or {}, processes)
            stack.push_async_callback(worker.stop)
            made.workers.append(worker)
        await asyncio.gather(*(worker.start() for worker in made.workers))
        yield made
