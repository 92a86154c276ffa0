"""One worker: a hub in a process of its own, told by its supervisor what to do."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
from collections.abc import Sequence
from typing import Any

import structlog

from hub import listening
from hub.logs import configure
from hub.options import Settings
from hub.serve import finish, particulars, start, stop_on_signals, take
from hub.server import Server
from hub.settings import SettingsError
from hub.wiring import build
from hub.workers import parent
from hub.workers.link import Link, unpacked

log = structlog.get_logger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Be the worker that the supervisor asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="tocsin worker", description="Started by `tocsin serve --workers N`.")
    parser.add_argument("--worker", type=int, required=True, help="its number")
    parser.add_argument("--supervisor", type=int, required=True, help="process id of the supervisor")
    parser.add_argument("--link", type=int, required=True, help="descriptor of the link to it")
    args = parser.parse_args(arguments)
    if not parent.follow(args.supervisor):
        return 0
    parent.name(f"tocsin-w{args.worker}")
    structlog.contextvars.bind_contextvars(worker=args.worker)
    return asyncio.run(_run(socket.socket(fileno=args.link)))


async def _run(end: socket.socket) -> int:
    # The terminal's signals are for the supervisor, which lets one worker go after the other.
    for number in (signal.SIGHUP, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    link = await Link.over(end)
    try:
        order = await link.receive()
        return 0 if order is None else await _work(link, order)
    finally:
        await link.close()


async def _work(link: Link, order: dict[str, Any]) -> int:
    stop = stop_on_signals()
    _stop_on_death(stop)
    settings = unpacked(order["settings"])
    configure(settings.log)
    try:
        server = await _started(settings, order)
    except SettingsError as error:
        link.send("failed", lines=error.problems)
        return 1
    except OSError as error:
        link.send("failed", lines=[f"can't start: {error}"])
        return 1
    log.debug("worker is ready", url=server.url, pid=os.getpid(), **particulars(server))
    link.send("ready", url=server.url, **particulars(server))
    orders = Orders(link, server, stop)
    following = asyncio.create_task(orders.follow(), name="orders")
    await stop.wait()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await finish(server, orders.grace)
    return 0


def _stop_on_death(stop: asyncio.Event) -> None:
    """Stop when the kernel tells that the supervisor has died.

    It may tell again at any time, so this handler must outlive the loop, whose own ones end with it.
    """
    loop = asyncio.get_running_loop()

    def on_death(_number: int, _frame: object) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)

    signal.signal(parent.DEATH, on_death)


async def _started(settings: Settings, order: dict[str, Any]) -> Server:
    options = settings.server
    if order["shared"]:
        sockets = [socket.socket(fileno=number) for number in order["shared"]]
    else:
        sockets = listening.bind(options.host, order["port"], share_port=True)
    server = Server(build(settings), sockets, own_queue=not order["shared"])
    await start(server)
    return server


class Orders:
    """Does what the supervisor says, until it says to stop or is gone.

    Attributes:
        grace: seconds over which to let connections go, when the supervisor named them.
    """

    def __init__(self, link: Link, server: Server, stop: asyncio.Event) -> None:
        self.grace: float | None = None
        self._link = link
        self._server = server
        self._stop = stop

    async def follow(self) -> None:
        """Read and do."""
        while not self._stop.is_set():
            match await self._link.receive():
                case {"kind": "reload", "number": number, "settings": tree}:
                    await self._reload(number, unpacked(tree))
                case {"kind": "drain", "seconds": seconds}:
                    self.grace = seconds
                    self._stop.set()
                case None:
                    log.error("the supervisor is gone; this worker lets its connections go and ends")
                    self._stop.set()

    async def _reload(self, number: int, settings: Settings) -> None:
        try:
            await take(self._server, settings)
        except Exception:
            log.exception("reload failed")
            self._link.send("reloaded", number=number, taken=False)
            return
        self._link.send("reloaded", number=number, taken=True)
