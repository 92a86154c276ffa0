"""Hubs with the RAG trainer, in the test's process and in one of their own; and many clients that cost little."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests.architecture.tree import ROOT
from tests.conformance.raw import request
from tests.live import LiveHub, running, settings_for, until

_DOUBLED = """
import sys
import hub.adapters.rag_trainer as adapter
from hub.cli import main
adapter.WORKER = tuple(sys.argv[1].split("|"))
sys.argv[1:] = sys.argv[2:]
sys.exit(main())
"""
"""The command `tocsin`, with workers that are doubles."""


class Place:
    """A hub that trains in the test's own process, and someone who asks it."""

    def __init__(self, live: LiveHub, session: aiohttp.ClientSession, folder: Path) -> None:
        self.live = live
        self.session = session
        self.folder = folder

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self.session.request(method, self.live.url + path, **options) as response:
            return response.status, await response.json()

    async def over(self, id: str) -> dict[str, Any]:
        adapter = self.live.hub.adapters.rag_trainer
        assert adapter is not None
        await until(lambda: (job := adapter.trainings.get(id)) is not None and job.record.told)
        _, job = await self.ask("GET", f"/train/{id}")
        assert isinstance(job, dict)
        return job


@asynccontextmanager
async def placed(folder: Path, **options: Any) -> AsyncIterator[Place]:
    """Run one; `options` are those of `rag_trainer`."""
    options = {f"rag_trainer__{name}": value for name, value in {"folder": str(folder), **options}.items()}
    settings = settings_for(rag_trainer__enabled=True, **options)
    async with running(settings) as live, aiohttp.ClientSession() as session:
        yield Place(live, session, folder)


@asynccontextmanager
async def hub_process(
    folder: Path, workers: tuple[str, ...] = (), **sections: Any
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run one; give it and its URL. It is killed at the end.

    Args:
        workers: the command of its training workers; empty: the real one.
    """
    config = folder / "config.yaml"
    trainer = {"enabled": True, "folder": str(folder), **sections.pop("rag_trainer", {})}
    config.write_text(
        yaml.safe_dump({"server": {"port": 0}, "log": {"format": "json"}, "rag_trainer": trainer, **sections})
    )
    start = ["-c", _DOUBLED, "|".join(workers)] if workers else ["-m", "hub.cli"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *start, "serve", "--config", str(config)),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    draining: asyncio.Task[bytes] | None = None
    try:
        async with asyncio.timeout(60):
            line = b""
            while b"listening on" not in line:
                line = await process.stdout.readline()
                assert line, "the hub has ended"
        draining = asyncio.create_task(process.stdout.read())
        yield process, str(json.loads(line)["event"]).rpartition(" ")[2]
    finally:
        if process.returncode is None:
            process.kill()
        await (process.communicate() if draining is None else draining)
        await process.wait()


class Listener(asyncio.Protocol):
    """A client that looks for three words only: how often an update came, and whether the last one did.

    Attributes:
        updates: that came.
        over: is set when the last one is there.
    """

    def __init__(self) -> None:
        self.updates = 0
        self.over = asyncio.Event()
        self.transport: asyncio.Transport | None = None
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(request())

    def data_received(self, data: bytes) -> None:
        ends = (b'"stage":"complete"', b'"stage":"error"')
        for word, found in ((b'"stage_ms"', self._count), *((end, self.over.set) for end in ends)):
            for _ in range((self._tail[1 - len(word) :] + data).count(word)):
                found()
        self._tail = (self._tail + data)[-20:]

    def _count(self) -> None:
        self.updates += 1


@asynccontextmanager
async def crowd(url: str, size: int) -> AsyncIterator[list[Listener]]:
    """Connect so many clients."""
    loop, listeners = asyncio.get_running_loop(), [Listener() for _ in range(size)]
    try:
        for listener in listeners:
            await loop.create_connection(lambda listener=listener: listener, "127.0.0.1", port_of(url))  # type: ignore[misc]
        yield listeners
    finally:
        for listener in listeners:
            if listener.transport is not None:
                listener.transport.abort()


def stalled(url: str) -> socket.socket:
    """Connect a WebSocket client that reads nothing, ever; its kernel takes 4 kB for it."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", port_of(url)))
    made.sendall(request(path="/ws?client_id=stalled"))
    return made


def port_of(url: str) -> int:
    """Return the port of a URL."""
    return int(url.rpartition(":")[2])
