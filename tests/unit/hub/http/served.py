"""Small applications on a loopback socket, asked byte by byte or with a client that changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[Client]:
    """Serve `app`; the client doesn't decompress what comes."""
    server = TestServer(app)
    await server.start_server(access_log=None)
    async with TestClient(server, auto_decompress=False) as client:
        yield client


async def ask_raw(client: Client, path: str) -> tuple[int, bytes]:
    """Ask for a path exactly as it is written; return status and body."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {client.host}:{client.port}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body
