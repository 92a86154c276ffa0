"""Runs a server on a folder: takes over the one that is left there, or starts one; restarts it when it dies."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import psutil
import structlog

from hub.embedded.folder import PrivateFolder, StoreFailed
from hub.embedded.process import POLL, Adopted, Child, Server, end
from hub.embedded.restarts import Restarts

log = structlog.get_logger(__name__)

LOADING_NOTICE = 10.0
"""Seconds between two lines that say that a server still loads its data."""
ANSWER = 2.0
"""Seconds in which a server that was left over must answer; otherwise it hangs, and is replaced."""


class Program(Protocol):
    """One kind of server, and how it is run on its folder.

    Attributes:
        purpose: what it is for, said once it is there.
        signals: that end it, from gentle to firm.
    """

    @property
    def folder(self) -> PrivateFolder: ...

    @property
    def purpose(self) -> str: ...

    @property
    def signals(self) -> Sequence[signal.Signals]: ...

    @property
    def url(self) -> str:
        """Its address, as the option that names such a server has it."""

    async def prepare(self) -> None:
        """Make the folder such that a server can be found or started there. Called once, before all others.

        Raises:
            StoreFailed: it can't be.
        """

    def leftovers(self) -> list[psutil.Process]:
        """Find the servers that work on the folder."""

    def is_alike(self, process: psutil.Process) -> bool:
        """Tell whether one runs with the options of now."""

    async def launch(self) -> asyncio.subprocess.Process:
        """Start one, in a session of its own: Ctrl+C on a terminal goes to its whole group, and it is still needed
        then."""

    async def answers(self, timeout: float) -> bool:
        """Tell whether it answers within `timeout` seconds; one that still loads its data does."""

    async def is_up(self) -> bool:
        """Tell whether it takes commands."""

    async def settle(self) -> None:
        """Do what is to be done on one that is up for the first time."""


class EmbeddedServer:
    """A server, from `start` to `stop`. It outlives a hub that is killed, and the next one takes it over.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, program: Program, clock: Callable[[], float] = time.monotonic) -> None:
        self._program = program
        self._folder = program.folder
        self._name = f"the embedded {program.folder.kind.server}"
        self._clock = clock
        self._server: Server | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id."""
        return None if self._server is None else self._server.pid

    async def start(self) -> str:
        """Take over the server that runs on the folder, or start one; return the URL once it takes commands.

        Raises:
            StoreFailed: it can't be started, or another hub has the folder.
        """
        self._folder.claim()
        await self._program.prepare()
        self._server = await self._leftover() or await self._fresh()
        await self._program.settle()
        log.info(
            self._program.purpose,
            folder=str(self._folder.path),
            pid=self._server.pid,
            taken_over=isinstance(self._server, Adopted),
        )
        self._keeping = asyncio.create_task(self._keep(self._server), name=self._name.removeprefix("the "))
        return self._program.url

    async def stop(self) -> None:
        """End it; its data stays in the folder."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        server, self._server = self._server, None
        if server is not None:
            await server.end()
            log.info(self._say("has ended"), folder=str(self._folder.path))
        self._folder.release()

    async def _leftover(self) -> Server | None:
        """Return the server of a hub that was killed, if it can be used; end all others."""
        program = self._program
        found = program.leftovers()
        for process in found:
            with suppress(psutil.Error):
                if len(found) == 1 and program.is_alike(process) and await program.answers(ANSWER):
                    await self._until_up(adopted := Adopted(process, program.signals))
                    return adopted
            log.warning(self._say("was left over; ending it"), pid=process.pid, folder=str(self._folder.path))
            await end(process, signals=program.signals)
        return None

    async def _fresh(self) -> Server:
        process = await self._program.launch()
        # Known from here on, so that a stop ends it also while it loads.
        child = self._server = Child(process, self._folder.kind.server, self._program.signals)
        await self._until_up(child)
        return child

    async def _until_up(self, server: Server) -> None:
        """Wait until it takes commands: with much data that may be long."""
        ending = asyncio.create_task(server.wait(), name=f"end of {self._name}")
        notice = self._clock() + LOADING_NOTICE
        try:
            while not await self._program.is_up():
                if ending.done():
                    raise StoreFailed(
                        f"{self._name} ended at once ({ending.result()}); {self._folder.log} says: "
                        f"{self._folder.last_words()}"
                    )
                if self._clock() >= notice:
                    notice = self._clock() + LOADING_NOTICE
                    log.info(self._say("loads its data"), folder=str(self._folder.path))
                await asyncio.sleep(POLL)
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)

    def _say(self, what: str) -> str:
        return f"{self._name} {what}"

    async def _keep(self, server: Server) -> None:
        restarts = Restarts()
        began = self._clock()
        while True:
            how = await server.wait()
            while True:
                delay = restarts.died(self._clock() - began)
                free = shutil.disk_usage(self._folder.path).free
                log.error(self._say("died"), how=how, restart_seconds=delay, free_bytes=free)
                if restarts.is_loop:
                    log.error(self._say("dies again and again"), log=str(self._folder.log))
                await asyncio.sleep(delay)
                began = self._clock()
                try:
                    server = await self._fresh()
                except (StoreFailed, OSError) as error:
                    how = str(error)
                    continue
                log.info(self._say("is back"), pid=server.pid)
                break
