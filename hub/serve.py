"""Run a hub until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable

import structlog

from hub.logs import configure
from hub.options import Settings
from hub.server import Server
from hub.wiring import build

log = structlog.get_logger(__name__)


async def serve(settings: Settings, ready: Callable[[Server], None] = lambda _: None) -> int:
    """Run a hub until SIGINT or SIGTERM; a second signal ends it at once. Returns the exit code.

    Raises:
        OSError: the address can't be had. hub.settings.SettingsError: the configuration can't be used.
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
