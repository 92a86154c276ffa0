"""An aiohttp application of your own with a hub inside: its API under a prefix, and a WebSocket handler of your own.

python examples/embedded.py        # http://127.0.0.1:8080, until Ctrl+C
"""

from __future__ import annotations

from aiohttp import WSCloseCode, web

from channels import Principal
from hub import notify_channel
from hub.options import Settings
from hub.server import create_app
from hub.wiring import Hub, build

HUB = web.AppKey("hub", Hub)
SOCKETS = web.AppKey("sockets", set[web.WebSocketResponse])


async def make_app(settings: Settings) -> web.Application:
    """Put the application together, on the loop that will run it."""
    app = web.Application()
    app[HUB] = build(settings)
    app[SOCKETS] = set()
    app.router.add_post("/orders/{number}", order)
    app.router.add_get("/live/{client_id}", live)
    app.add_subapp("/tocsin/", create_app(app[HUB]))  # optional: /tocsin/ws, /tocsin/api/publish, ...
    app.on_startup.append(start)
    app.on_shutdown.append(drain)
    app.on_cleanup.append(stop)
    return app


async def start(app: web.Application) -> None:
    await app[HUB].start()


async def drain(app: web.Application) -> None:
    for ws in app[SOCKETS].copy():
        await ws.close(code=WSCloseCode.GOING_AWAY, message=b"the application is stopping")
    await app[HUB].drain()


async def stop(app: web.Application) -> None:
    await app[HUB].stop()


async def order(request: web.Request) -> web.Response:
    taken = notify_channel("system_alerts", "order_placed", {"number": request.match_info["number"]})
    return web.json_response({"notified": bool(taken)})


async def live(request: web.Request) -> web.WebSocketResponse:
    ws = web.WebSocketResponse(compress=False, heartbeat=30)
    await ws.prepare(request)
    manager, client_id = request.app[HUB].manager, request.match_info["client_id"]
    principal = Principal(user=client_id)  # whoever your own login says it is; it decides what the client may do
    request.app[SOCKETS].add(ws)
    try:
        async with manager.embed(ws, request, client_id, principal) as connection:
            await manager.subscribe(connection, "system_alerts")
            async for message in ws:
                await ws.send_str(f"you said {message.data}")
    finally:
        request.app[SOCKETS].remove(ws)
    return ws


if __name__ == "__main__":
    web.run_app(make_app(Settings()), host="127.0.0.1", port=8080)
