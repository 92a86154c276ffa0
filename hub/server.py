"""The aiohttp application: routes over a hub."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from hub.http.api.routes import add_api
from hub.http.console import add_console
from hub.http.tryout import add_tryout
from hub.wiring import Hub

HUB: Final = web.AppKey("hub", Hub)


def create_app(hub: Hub) -> web.Application:
    """Return the application that serves `hub`. Starting and stopping the hub is the caller's."""
    limits = hub.settings.limits
    app = web.Application(middlewares=hub.requests.middlewares, client_max_size=limits.message_bytes)
    app[HUB] = hub
    app.router.add_get(hub.settings.websocket.path, hub.endpoint.connect, allow_head=False)
    add_api(app, hub)
    add_tryout(app)
    add_console(app)
    return app
