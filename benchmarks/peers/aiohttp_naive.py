"""The naive loop on aiohttp: each message is encoded again and awaited again for every client, one after another."""

import sys

from aiohttp import WSMsgType, web

CLIENTS: set[web.WebSocketResponse] = set()


async def subscribe(request: web.Request) -> web.WebSocketResponse:
    """Holds one client until it leaves."""
    ws = web.WebSocketResponse(compress=False)
    await ws.prepare(request)
    CLIENTS.add(ws)
    try:
        async for message in ws:
            if message.type is WSMsgType.ERROR:
                break
    finally:
        CLIENTS.discard(ws)
    return ws


async def publish(request: web.Request) -> web.Response:
    """Sends the body to every client."""
    message = await request.json()
    for ws in list(CLIENTS):
        await ws.send_json(message)
    return web.json_response({"clients": len(CLIENTS)})


def main() -> None:
    """Serves on the loopback port that the first argument names."""
    app = web.Application()
    app.add_routes([web.get("/ws", subscribe), web.post("/publish", publish)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, backlog=4096, print=None)


if __name__ == "__main__":
    main()
