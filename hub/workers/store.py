"""The Valkey that workers share when no Redis is configured: started, watched and ended by the supervisor.

It outlives a supervisor that is killed, with all data: the next one takes it over.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import psutil
import structlog

from hub.workers.folder import Folder, StoreFailed
from hub.workers.process import how_it_ended
from hub.workers.restarts import Restarts
from hub.workers.valkey import END, POLL, answers, end, gone, is_up, running_on

log = structlog.get_logger(__name__)

LOADING_NOTICE = 10.0
"""Seconds between two lines that say that a server still loads its data."""


class Server(Protocol):
    """A server process, whoever started it."""

    @property
    def pid(self) -> int: ...

    async def wait(self) -> str:
        """Wait until it has ended; say how."""

    async def end(self) -> None:
        """End it, and wait until it has."""


class Child:
    """One that we started."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid = process.pid
        self._process = process

    async def wait(self) -> str:
        return how_it_ended(await self._process.wait())

    async def end(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            for each in (number, signal.SIGCONT):
                with suppress(ProcessLookupError):
                    self._process.send_signal(each)
            try:
                async with asyncio.timeout(END):
                    await self._process.wait()
                    return
            except TimeoutError:
                log.warning("Valkey doesn't end", pid=self.pid, signal=number.name)


class Adopted:
    """One that a supervisor of before started."""

    def __init__(self, process: psutil.Process) -> None:
        self.pid = process.pid
        self._process = process

    async def wait(self) -> str:
        await gone(self._process)
        return "it is gone"

    async def end(self) -> None:
        await end(self._process)


class EmbeddedValkey:
    """Runs a server on a folder.

    Args:
        command: to start it with (`hub.workers.valkey.command`).
        clock: seconds that only go forward.
    """

    def __init__(self, folder: Folder, command: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._command = list(command)
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
        self._server = await self._leftover() or await self._fresh()
        log.info(
            "workers share their channels by an embedded Valkey",
            folder=str(self._folder.path),
            pid=self._server.pid,
            taken_over=isinstance(self._server, Adopted),
        )
        self._keeping = asyncio.create_task(self._keep(self._server), name="embedded Valkey")
        return f"unix://{self._folder.socket}"

    async def stop(self) -> None:
        """End it; its data stays in the folder."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        server, self._server = self._server, None
        if server is not None:
            await server.end()
            log.info("the embedded Valkey has ended", folder=str(self._folder.path))
        self._folder.release()

    async def _leftover(self) -> Server | None:
        """Return the server of a supervisor that was killed, if it can be used; end all others."""
        found = running_on(self._folder)
        for process in found:
            with suppress(psutil.Error):
                if len(found) == 1 and process.cmdline() == self._command and await answers(self._folder.socket, 2.0):
                    await self._until_up(adopted := Adopted(process))
                    return adopted
            log.warning("ending a Valkey that was left over", pid=process.pid, folder=str(self._folder.path))
            await end(process)
        return None

    async def _fresh(self) -> Server:
        self._folder.socket.unlink(missing_ok=True)
        process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._folder.path,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # Ctrl+C on a terminal goes to its whole group, and workers still need it then.
            start_new_session=True,
            umask=0o077,
        )
        # Known from here on, so that a stop ends it also while it loads.
        child = self._server = Child(process)
        await self._until_up(child)
        return child

    async def _until_up(self, server: Server) -> None:
        """Wait until it takes commands: with much data that may be long."""
        ending = asyncio.create_task(server.wait(), name="Valkey's end")
        notice = self._clock() + LOADING_NOTICE
        try:
            while not await is_up(self._folder.socket):
                if ending.done():
                    raise StoreFailed(
                        f"the embedded Valkey ended at once ({ending.result()}); {self._folder.log} says: "
                        f"{self._last_words()}"
                    )
                if self._clock() >= notice:
                    notice = self._clock() + LOADING_NOTICE
                    log.info("the embedded Valkey loads its data", folder=str(self._folder.path))
                await asyncio.sleep(POLL)
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)

    def _last_words(self) -> str:
        try:
            with self._folder.log.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 2048))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return "nothing"
        return " / ".join(line.strip() for line in lines[-3:]) or "nothing"

    async def _keep(self, server: Server) -> None:
        restarts = Restarts()
        began = self._clock()
        while True:
            how = await server.wait()
            while True:
                delay = restarts.died(self._clock() - began)
                free = shutil.disk_usage(self._folder.path).free
                log.error("the embedded Valkey died", how=how, restart_seconds=delay, free_bytes=free)
                if restarts.is_loop:
                    log.error("the embedded Valkey dies again and again", log=str(self._folder.log))
                await asyncio.sleep(delay)
                began = self._clock()
                try:
                    server = await self._fresh()
                except (StoreFailed, OSError) as error:
                    how = str(error)
                    continue
                log.info("the embedded Valkey is back", pid=server.pid)
                break
