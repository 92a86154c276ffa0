"""The aiohttp application over a hub, and the socket that it listens on."""

from __future__ import annotations

import ssl
from typing import Final

from aiohttp import web

from hub.http.api.routes import add_api
from hub.http.console import Console
from hub.http.tryout import add_tryout
from hub.options import ServerOptions
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
    Console(hub.settings.websocket.path).add_to(app)
    return app


class Server:
    """A hub behind a listening socket.

    Attributes:
        url: where it listens, with the port that was really taken.
    """

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address can't be had.
        """
        options = self.hub.settings.server
        context = _tls(options)
        runner = web.AppRunner(create_app(self.hub), access_log=None, handle_signals=False, keepalive_timeout=75.0)
        await runner.setup()
        site = web.TCPSite(
            runner, options.host, options.port, backlog=options.backlog, ssl_context=context, reuse_address=True
        )
        try:
            await site.start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        port = runner.addresses[0][1]
        scheme = "https" if options.tls_certificate else "http"
        host = f"[{options.host}]" if ":" in options.host else options.host
        self.url = f"{scheme}://{host}:{port}"
        await self.hub.start()

    async def stop(self) -> None:
        """Take no new connections, let go of those there are over the grace period, and end."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for site in list(runner.sites):
            await site.stop()
        await self.hub.drain()
        await runner.cleanup()
        await self.hub.stop()


def _tls(options: ServerOptions) -> ssl.SSLContext | None:
    if not options.tls_certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.tls_certificate, options.tls_key)
    return context
