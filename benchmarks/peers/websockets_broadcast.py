"""`websockets` with its own `broadcast()`, as its documentation recommends when one message goes to many clients.

Its server speaks no HTTP beyond the handshake, so a small aiohttp application in the same loop takes the publishes.
"""
# mypy: disable-error-code="import-not-found"

import asyncio
import sys

from aiohttp import web
from websockets.asyncio.server import ServerConnection, broadcast, serve

CLIENTS: set[ServerConnection] = set()


async def subscribe(connection: ServerConnection) -> None:
    """Holds one client until it leaves."""
    CLIENTS.add(connection)
    try:
        await connection.wait_closed()
    finally:
        CLIENTS.discard(connection)


async def publish(request: web.Request) -> web.Response:
    """Sends the body to every client."""
    broadcast(CLIENTS, await request.text())
    return web.json_response({"clients": len(CLIENTS)})


async def main() -> None:
    """Serves WebSocket on the port of the first argument and publishes on that of the second."""
    app = web.Application()
    app.add_routes([web.post("/publish", publish)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(sys.argv[2])).start()
    async with serve(subscribe, "127.0.0.1", int(sys.argv[1]), compression=None, backlog=4096) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
