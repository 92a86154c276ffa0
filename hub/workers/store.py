"""The Valkey that workers share when no Redis is configured: started, watched and ended by the supervisor.

It outlives a supervisor that is killed, with all data: the next one takes it over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import psutil

from hub.embedded.process import FORCE
from hub.embedded.server import EmbeddedServer
from hub.workers.folder import Folder
from hub.workers.valkey import answers, is_up, running_on


class _Valkey:
    """How it is run (`hub.embedded.server.Program`)."""

    purpose = "workers share their channels by an embedded Valkey"
    signals = FORCE

    def __init__(self, folder: Folder, command: Sequence[str]) -> None:
        self.folder = folder
        self.url = f"unix://{folder.socket}"
        self._command = list(command)

    async def prepare(self) -> None:
        pass

    def leftovers(self) -> list[psutil.Process]:
        return running_on(self.folder)

    def is_alike(self, process: psutil.Process) -> bool:
        return process.cmdline() == self._command

    async def launch(self) -> asyncio.subprocess.Process:
        self.folder.socket.unlink(missing_ok=True)
        return await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self.folder.path,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            umask=0o077,
        )

    async def answers(self, timeout: float) -> bool:
        return await answers(self.folder.socket, timeout)

    async def is_up(self) -> bool:
        return await is_up(self.folder.socket)

    async def settle(self) -> None:
        pass


class EmbeddedValkey(EmbeddedServer):
    """Runs a server on a folder.

    Args:
        command: to start it with (`hub.workers.valkey.command`).
        clock: seconds that only go forward.
    """

    def __init__(self, folder: Folder, command: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(_Valkey(folder, command), clock)
