"""Run a hub until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Callable

import structlog

from hub import rewiring, systemd
from hub.http.admin import is_built
from hub.http.middleware import ADMIN
from hub.logs import configure
from hub.options import Settings
from hub.reload import Reread, reread
from hub.server import Server
from hub.wiring import build

log = structlog.get_logger(__name__)


async def serve(
    settings: Settings, ready: Callable[[Server], None] = lambda _: None, source: Reread | None = None
) -> int:
    """Run a hub until SIGINT or SIGTERM; a second signal ends it at once. Returns the exit code.

    Args:
        source: where to read the configuration again from, on SIGHUP.

    Raises:
        OSError: the address can't be had. hub.settings.SettingsError: the configuration can't be used.
    """
    configure(settings.log)
    server = Server(build(settings))
    stop = stop_on_signals()
    await start(server)
    if source is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _on_hangup, server, source, asyncio.Lock())
    listening = f"listening on {server.url}"
    log.info(listening, **particulars(server))
    systemd.tell(systemd.READY, os.environ)
    ready(server)
    await stop.wait()
    systemd.tell(systemd.STOPPING, os.environ)
    await finish(server)
    return 0


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set. A second signal ends the process at once."""
    stop = asyncio.Event()
    signalled = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _on_signal, number, stop, signalled)
    return stop


def _on_signal(number: int, stop: asyncio.Event, signalled: asyncio.Event) -> None:
    # Something else may have begun the stop, so it is signals that are counted.
    if signalled.is_set():
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
    signalled.set()
    stop.set()


async def start(server: Server) -> None:
    """Start, and keep the garbage collector away from what lives as long as the hub."""
    await server.start()
    gc.collect()
    gc.freeze()


def particulars(server: Server) -> dict[str, object]:
    """What an operator wants to know of a hub at a glance, for the log."""
    return {
        "websocket": server.hub.settings.websocket.path,
        "auth": "open (loopback only)" if server.hub.authenticator.is_open else "tokens",
        "channels": len(server.hub.engine.policy.names),
        **({"admin": f"{server.url}{ADMIN}"} if is_built() else {}),
    }


async def finish(server: Server, grace: float | None = None) -> None:
    """Stop, over `grace` seconds in place of `server.drain`, and say so."""
    seconds = server.hub.settings.server.drain if grace is None else grace
    log.info("stopping", connections=len(server.hub.connections), grace_seconds=seconds)
    await server.stop(grace)
    log.info("stopped")


def _on_hangup(server: Server, source: Reread, lock: asyncio.Lock) -> None:
    server.hub.tasks.spawn(_reload(server, source, lock), "reload")


async def _reload(server: Server, source: Reread, lock: asyncio.Lock) -> None:
    async with lock:
        planned = await reread(server.hub.settings, source)
        if planned is not None:
            await take(server, planned.settings)
            log.info("configuration reloaded", changed=list(planned.taken))


async def take(server: Server, settings: Settings) -> None:
    """Put other options in force while the hub runs."""
    await rewiring.apply(server.hub, settings)
    try:
        server.load_certificate()
    except OSError as error:
        log.error("server.tls_certificate, server.tls_key: can't be used; the old ones stay", reason=str(error))
