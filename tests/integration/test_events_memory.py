"""What an idle stream costs: measured on a hub in a process of its own."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from tests.integration.event_stream import Kind, request
from tests.kit import rest

STREAMS = 3000

MOST = 4096
"""Bytes of resident memory for each; in practice about 2,600 (`-s` prints the figure)."""


@asynccontextmanager
async def served() -> AsyncIterator[tuple[psutil.Process, int]]:
    """Run a hub; yield its process and port."""
    source = (
        "import asyncio\n"
        "from hub.logs import configure\n"
        "from tests.live import running, settings_for\n"
        "async def main():\n"
        "    settings = settings_for(log__level='error')\n"
        "    configure(settings.log)\n"
        "    async with running(settings) as live:\n"
        "        print(live.port, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", source, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE, env=os.environ
    )
    assert process.stdout is not None
    try:
        yield psutil.Process(process.pid), int(await process.stdout.readline())
    finally:
        process.kill()
        await process.communicate()


@asynccontextmanager
async def open_streams(port: int, kind: Kind, count: int) -> AsyncIterator[None]:
    """Open streams, a few at a time, and keep them."""

    async def one(number: int) -> asyncio.StreamWriter:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("system_alerts", kind, {}, {"client_id": f"c{number}"}))
        await reader.readuntil(b'"subscribe"')
        return writer

    writers: list[asyncio.StreamWriter] = []
    for start in range(0, count, 50):
        writers += await asyncio.gather(*map(one, range(start, start + 50)))
    try:
        yield
    finally:
        for writer in writers:
            writer.transport.abort()
        await rest()  # their ends are told in the next turn


@pytest.mark.parametrize("kind", ["sse", "ndjson"])
async def test_an_idle_stream_is_small(kind: Kind) -> None:
    """Neither a task, nor a request, nor a parser is kept for it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * STREAMS
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.skip(f"needs {needed} descriptors, and the limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    try:
        async with served() as (process, port):
            async with open_streams(port, kind, 200):
                pass
            before = process.memory_info().rss
            async with open_streams(port, kind, STREAMS):
                each = (process.memory_info().rss - before) / STREAMS
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    sys.stdout.write(f"{kind}: {each:.0f} bytes for each idle stream\n")
    assert each < MOST
