"""A worker as its supervisor sees it: a process, and what it says."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from hub.options import Settings
from hub.systemd import VARIABLE as NOTIFY_SOCKET
from hub.workers.link import Link, packed

log = structlog.get_logger(__name__)

PATIENCE = 10.0
"""Seconds beyond the grace period after which a worker that doesn't end is killed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where workers listen.

    Attributes:
        port: to bind to, beside the other workers.
        shared: descriptors of sockets to listen on, all of them on the same ones, where ports can't be shared.
    """

    port: int
    shared: tuple[int, ...] = ()


class Worker:
    """One process. `start` makes it.

    Its futures are awaited by several; who may be cancelled shields them.

    Attributes:
        ready: done when it listens (its URL and more), or when it ended before (`None`).
        ended: done when the process is gone: its exit code, or the negative number of the signal that ended it.
        complaints: why it couldn't start, in its own words.
        is_retired: it was told to end.
    """

    def __init__(self, number: int, process: asyncio.subprocess.Process, link: Link) -> None:
        loop = asyncio.get_running_loop()
        self.number = number
        self.pid = process.pid
        self.ready: asyncio.Future[dict[str, Any] | None] = loop.create_future()
        self.complaints: list[str] = []
        self.is_retired = False
        self._process = process
        self._link = link
        self._reloads: dict[int, asyncio.Future[bool]] = {}
        self.ended: asyncio.Task[int] = loop.create_task(self._follow(), name=f"worker {number}")

    @classmethod
    async def start(cls, number: int, settings: Settings, place: Place) -> Worker:
        """Start a fresh process: nothing of the supervisor's is in it but the link."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command(number, theirs.fileno()),
                pass_fds=(theirs.fileno(), *place.shared),
                stdin=asyncio.subprocess.DEVNULL,
                env=environment(os.environ),
                # Ctrl+C on a terminal goes to its whole group; it is the supervisor that says whose turn it is.
                start_new_session=True,
            )
        link = await Link.over(ours)
        link.send("start", settings=packed(settings), port=place.port, shared=place.shared)
        return cls(number, process, link)

    async def _follow(self) -> int:
        try:
            while (message := await self._link.receive()) is not None:
                self._take(message)
            return await self._process.wait()
        finally:
            if not self.ready.done():
                self.ready.set_result(None)
            for waiting in self._reloads.values():
                if not waiting.done():
                    waiting.set_result(False)
            await self._link.close()

    def _take(self, message: Mapping[str, Any]) -> None:
        match message:
            case {"kind": "ready"} if not self.ready.done():
                self.ready.set_result({name: value for name, value in message.items() if name != "kind"})
            case {"kind": "failed", "lines": lines}:
                self.complaints = lines
            case {"kind": "reloaded", "number": number, "taken": taken}:
                waiting = self._reloads.pop(number, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(taken)

    async def reload(self, number: int, settings: Settings, timeout: float) -> bool:
        """Have it take other settings; tell whether it did within `timeout` seconds.

        Args:
            number: of this reload, one higher each time.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._reloads[number] = done
        self._link.send("reload", number=number, settings=packed(settings))
        try:
            async with asyncio.timeout(timeout):
                return await done
        except TimeoutError:
            self._reloads.pop(number, None)
            return False

    async def retire(self, grace: float, close_timeout: float) -> bool:
        """Have it let its connections go over `grace` seconds, and end; tell whether it ended well.

        It is killed when it takes more than `PATIENCE` seconds longer than that.
        """
        self.is_retired = True
        self._link.send("drain", seconds=grace)
        done, _ = await asyncio.wait([self.ended], timeout=grace + close_timeout + PATIENCE)
        if not done:
            log.error("a worker doesn't end and is killed", worker=self.number, pid=self.pid)
            self.kill()
        return await asyncio.shield(self.ended) == 0

    def kill(self) -> None:
        """End it at once."""
        self.is_retired = True
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)


def command(number: int, link: int) -> Sequence[str]:
    """Return the command line of a worker. The working folder isn't looked into for modules."""
    options = ["--worker", str(number), "--supervisor", str(os.getpid()), "--link", str(link)]
    return [sys.executable, "-P", "-m", "hub.workers", *options]


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Return a worker's variables: ours, such that it finds the same code, and doesn't report to systemd by itself."""
    theirs = {name: value for name, value in ours.items() if name != NOTIFY_SOCKET}
    root = str(Path(__file__).resolve().parents[2])
    # Installed packages are found anyway, and must not come before the standard library.
    if root not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        theirs["PYTHONPATH"] = os.pathsep.join(filter(None, [ours.get("PYTHONPATH"), root]))
    return theirs
