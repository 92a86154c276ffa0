"""Run a hub until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
import ssl
from collections.abc import Callable

import structlog
from aiohttp import web

from hub.logs import configure
from hub.options import ServerOptions, Settings
from hub.server import create_app
from hub.wiring import Hub, build

log = structlog.get_logger(__name__)


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
        runner = web.AppRunner(create_app(self.hub), access_log=None, handle_signals=False, keepalive_timeout=75.0)
        await runner.setup()
        site = web.TCPSite(
            runner, options.host, options.port, backlog=options.backlog, ssl_context=_tls(options), reuse_address=True
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


async def serve(settings: Settings, ready: Callable[[Server], None] = lambda _: None) -> int:
    """Run a hub until SIGINT or SIGTERM; a second signal ends it at once. Returns the exit code.

    Raises:
        OSError: the address can't be had.
        hub.settings.SettingsError: the configuration can't be used.
    """
    configure(settings.log)
    server = Server(build(settings))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _on_signal, number, stop)
    await server.start()
    # What is alive now lives as long as the hub: the collector need not walk over it again and again.
    gc.collect()
    gc.freeze()
    listening = f"listening on {server.url}"
    log.info(
        listening,
        websocket=settings.websocket.path,
        auth="open (loopback only)" if server.hub.authenticator.is_open else "tokens",
        channels=len(server.hub.engine.policy.names),
    )
    ready(server)
    await stop.wait()
    log.info("stopping", connections=len(server.hub.connections), grace_seconds=settings.server.drain)
    await server.stop()
    log.info("stopped")
    return 0


def _on_signal(number: int, stop: asyncio.Event) -> None:
    if stop.is_set():
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
    stop.set()


def _tls(options: ServerOptions) -> ssl.SSLContext | None:
    if not options.tls_certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.tls_certificate, options.tls_key)
    return context
