"""The aiohttp application over a hub, and the socket that it listens on."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from hub.http.admin import Admin, is_built
from hub.http.api.routes import add_api
from hub.http.console import Console
from hub.http.cors import add_cors
from hub.http.events import PATH
from hub.http.server_log import ServerLog
from hub.http.tryout import add_tryout
from hub.listening import bind, close, take_waiting
from hub.reload import tls_context
from hub.wiring import Hub

HUB: Final = web.AppKey("hub", Hub)

LINGER: Final = 0.2
"""Seconds that those who were taken from the queue at the end have to send their request."""


def create_app(hub: Hub) -> web.Application:
    """Return the application that serves `hub`. Starting and stopping the hub is the caller's."""
    limits = hub.settings.limits
    app = web.Application(middlewares=hub.requests.middlewares, client_max_size=limits.message_bytes)
    app[HUB] = hub
    app.router.add_get(hub.settings.websocket.path, hub.endpoint.connect, allow_head=False)
    add_api(app, hub)
    events = app.router.add_get(PATH, hub.streams.endpoint.connect, allow_head=False)
    add_cors(app, [events], hub.settings.server.origins, cookies=True)
    if hub.settings.socketio.enabled:
        resource = app.router.add_resource(hub.settings.socketio.path)
        routes = [resource.add_route(method, hub.socketio.serve) for method in ("GET", "POST", "PUT", "DELETE")]
        add_cors(app, routes, hub.settings.server.origins, cookies=True)
    add_tryout(app)
    Console(hub.settings.websocket.path, admin=is_built()).add_to(app)
    Admin().add_to(app)
    return app


class Server:
    """A hub behind a listening socket.

    Args:
        sockets: bound ones to listen on; without them the server binds to `server.host` and `server.port` itself.
        own_queue: nobody else accepts from these sockets, so who waits there when the server stops is lost unless it
            is taken.

    Attributes:
        url: where it listens, with the port that was really taken.
    """

    def __init__(self, hub: Hub, sockets: Sequence[socket.socket] = (), *, own_queue: bool = True) -> None:
        self.hub = hub
        self.url = ""
        self._sockets = tuple(sockets)
        self._own_queue = own_queue
        self._tls: ssl.SSLContext | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address can't be had.
        """
        options = self.hub.settings.server
        runner = web.AppRunner(
            create_app(self.hub), access_log=None, logger=ServerLog(), handle_signals=False, keepalive_timeout=75.0
        )
        try:
            self._tls = tls_context(options)
            if not self._sockets:
                self._sockets = tuple(await asyncio.to_thread(bind, options.host, options.port))
            await runner.setup()
            for each in self._sockets:
                await web.SockSite(runner, each, backlog=options.backlog, ssl_context=self._tls).start()
        except BaseException:
            await runner.cleanup()
            close(self._sockets)
            raise
        self._runner = runner
        port = self._sockets[0].getsockname()[1]
        scheme = "https" if self._tls else "http"
        host = f"[{options.host}]" if ":" in options.host else options.host
        self.url = f"{scheme}://{host}:{port}"
        await self.hub.start()

    def load_certificate(self) -> None:
        """Use what the certificate's files hold now, for handshakes from now on.

        Raises:
            OSError: it can't be used.
        """
        options = self.hub.settings.server
        if self._tls is not None:
            # A context that was given a certificate with another one's key serves nobody any more: try them first.
            tls_context(options)
            self._tls.load_cert_chain(options.tls_certificate, options.tls_key)

    async def stop(self, grace: float | None = None) -> None:
        """Take no new connections, let go of those there are over the grace period, and end.

        Args:
            grace: seconds in place of `server.drain`.
        """
        runner, self._runner = self._runner, None
        if runner is None:
            return
        # Between taking the last one who waits and closing there is no turn of the loop, only microseconds.
        waiting = [taken for each in self._sockets if self._own_queue for taken in take_waiting(each)]
        for site in list(runner.sites):
            await site.stop()
        for taken in waiting:
            self.hub.tasks.spawn(self._serve(runner, taken), "a connection from the queue")
        await asyncio.gather(self.hub.drain(grace), asyncio.sleep(LINGER if waiting else 0.0))
        await runner.cleanup()
        await self.hub.stop(grace)

    async def _serve(self, runner: web.AppRunner, taken: socket.socket) -> None:
        taken.setblocking(False)
        if runner.server is None:
            taken.close()
            return
        try:
            await asyncio.get_running_loop().connect_accepted_socket(runner.server, taken, ssl=self._tls)
        except OSError:  # it went away, or its TLS handshake failed; the socket is closed
            pass
