"""The hub in a process of its own (`python -m benchmarks.agents.hub_process`), and what talks to it.

It reads its options, and then what it is asked, as lines of JSON, and answers each with one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import Any, Final, Protocol

import structlog

from benchmarks.agents.hub import Counts, MeasuredHub, measured_hub
from benchmarks.processes import Failed

START_SECONDS: Final = 90.0
LINE_MAX: Final = 64 << 20
"""Bytes of an answer: a list of many events."""

Written = list[tuple[str, int, float]]


class Subject(Protocol):
    """A hub that is measured, here (`benchmarks.agents.hub.MeasuredHub`) or in another process."""

    @property
    def url(self) -> str: ...

    @property
    def pid(self) -> int: ...

    async def token(self, user: str) -> str: ...

    async def counts(self) -> Counts: ...

    async def write(self, user: str, sessions: list[str], count: int, pause: float) -> Written: ...


class HubProcess:
    """The way to a hub in another process.

    Attributes:
        url: where that listens.
        pid: of the process.
    """

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self._process = process
        self.url = url
        self.pid = process.pid

    async def token(self, user: str) -> str:
        """Sign a token of a user."""
        return str(await self._ask("token", user))

    async def counts(self) -> Counts:
        """Tell what was done since the last time."""
        return Counts(**await self._ask("counts"))

    async def write(self, user: str, sessions: list[str], count: int, pause: float) -> Written:
        """Append events; see `MeasuredHub`."""
        return [(id, seq, at) for id, seq, at in await self._ask("write", user, sessions, count, pause)]

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.send_signal(signal.SIGKILL)

    async def _ask(self, *words: Any) -> Any:
        await _say(self._process, words)
        return await _heard(self._process)


async def _say(process: asyncio.subprocess.Process, words: Any) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(words).encode() + b"\n")
    await process.stdin.drain()


async def _heard(process: asyncio.subprocess.Process) -> Any:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise Failed("the hub's process has ended; what it said stands above")
    return json.loads(line)


@asynccontextmanager
async def hub_process(options: Mapping[str, Any]) -> AsyncIterator[HubProcess]:
    """Run a hub in a process of its own.

    Raises:
        Failed: it doesn't come up.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.agents.hub_process",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_MAX,
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            await _say(process, dict(options))
            url = await _heard(process)
        yield HubProcess(process, url)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(10.0):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _serve() -> None:
    reader = asyncio.StreamReader(limit=LINE_MAX)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with measured_hub(json.loads(await reader.readline())) as hub:
        print(json.dumps(hub.url), flush=True)
        while line := await reader.readline():
            print(json.dumps(await _answer(hub, *json.loads(line))), flush=True)


async def _answer(hub: MeasuredHub, what: str, *words: Any) -> Any:
    match what:
        case "token":
            return await hub.token(*words)
        case "counts":
            return asdict(await hub.counts())
        case _:
            return await hub.write(*words)


if __name__ == "__main__":
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    asyncio.run(_serve())
