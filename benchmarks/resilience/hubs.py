"""Hubs and a Valkey as the user starts them, and publishing to them without ever giving up."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import aiohttp

from benchmarks.processes import Command, Server, free_port, tree
from hub.workers.valkey import binary

CHANNEL = "system_alerts"

QUIET = {
    "TOCSIN_SYSTEM_STATS__INTERVAL": "0",
    "TOCSIN_LIMITS__CONNECTIONS": "0",
    "TOCSIN_LIMITS__COMMANDS_PER_SECOND": "0",
    "TOCSIN_CHANNELS__NAMED__SYSTEM_ALERTS__HISTORY_SIZE": "5000",
    "TOCSIN_CHANNELS__NAMED__SYSTEM_ALERTS__HISTORY_AGE": "3600",
    "TOCSIN_CHANNELS__NAMED__SYSTEM_ALERTS__PUBLISH": "everyone",
    "TOCSIN_SERVER__DRAIN": "1",
    "TOCSIN_LOG__LEVEL": "warning",
}
"""Nothing on the channel but what the benchmark publishes, and all of it kept."""


class Hub:
    """`tocsin serve`, with several workers or one."""

    def __init__(self, folder: Path, name: str, workers: int = 1, redis: str = "", port: int = 0) -> None:
        self.port = port or free_port()
        self._folder = folder
        self._name = name
        self._starts = count()
        environment = QUIET | {"XDG_STATE_HOME": str(folder / "state")}
        if redis:
            environment["TOCSIN_REDIS__URL"] = redis
        argv = [sys.executable, "-m", "hub.cli", "serve", "--port", str(self.port), "--workers", str(workers)]
        self._command = Command(argv, environment | {"PYTHONPATH": str(Path(__file__).parents[2])})
        self._server = self._start()

    def _start(self) -> Server:
        log = self._folder / f"{self._name}-{next(self._starts)}.log"
        server = Server(self._command, self.port, log)
        server.wait_ready((self.port,))
        return server

    def members(self, word: str) -> list[int]:
        """Its processes whose command line has a word."""
        found = []
        for pid in tree(self._server.pid)[1:]:
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if word in line:
                found.append(pid)
        return found

    def kill(self, pid: int) -> None:
        """SIGKILL one of its processes."""
        os.kill(pid, signal.SIGKILL)

    def restart(self) -> None:
        """Kill all of it at once, and start it again."""
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.stop()
        self._server = self._start()

    def stop(self) -> None:
        """End it, and the Valkey that a supervisor leaves behind when it is killed."""
        self._server.stop()
        for note in (self._folder / "state").rglob("valkey.pid"):
            try:
                os.kill(int(note.read_text()), signal.SIGKILL)
            except (OSError, ValueError):
                continue


class Valkey:
    """A Valkey of the benchmark's own, on a port."""

    def __init__(self, folder: Path, persistent: bool = False) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        append = "yes" if persistent else "no"
        argv = [str(binary()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)]
        argv += ["--save", "", "--appendonly", append]
        with (folder / "valkey.log").open("wb") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while not _answers(self.port):
            if time.monotonic() > deadline:
                raise TimeoutError("valkey doesn't start")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def stopping(thing: Hub | Valkey) -> Iterator[None]:
    """End it with the block."""
    try:
        yield
    finally:
        thing.stop()


class Publisher:
    """Publishes at a steady pace over HTTP. A publish is repeated under its idempotency key until it is acknowledged.

    Attributes:
        published: acknowledged publishes.
        repeated: attempts that failed.
        last: highest offset that was acknowledged.
    """

    def __init__(self, port: int) -> None:
        self.published = self.repeated = self.last = 0
        self._url = f"http://127.0.0.1:{port}/api/publish"

    async def run(self, rate: float, seconds: float) -> None:
        """Publish `rate` times a second for a time."""
        begun = time.monotonic()
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            for number in range(int(rate * seconds)):
                await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
                await self._publish(session, number)

    async def _publish(self, session: aiohttp.ClientSession, number: int) -> None:
        body = {
            "channel": CHANNEL,
            "type": "tick",
            "data": {"n": number, "at": time.time(), "text": "x" * 120},
            "idempotency_key": f"{os.getpid()}-{id(self)}-{number}",
        }
        while True:
            try:
                async with session.post(self._url, json=body) as answer:
                    if answer.status in (200, 202):
                        placed = await answer.json()
                        # What is only queued is asked for again under its key, until it has a place.
                        if placed.get("offset"):
                            self.last = max(self.last, placed["offset"])
                            self.published += 1
                            return
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            self.repeated += 1
            await asyncio.sleep(0.1)
