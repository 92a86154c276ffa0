"""A server's process, whoever started it: waiting for its end, and bringing that about."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import psutil
import structlog

log = structlog.get_logger(__name__)

POLL = 0.02
"""Seconds between two looks at a process that isn't our child, or a server that isn't up."""
END = 10.0
"""Seconds that a server has to end in peace before it is told more firmly."""
FORCE = (signal.SIGTERM, signal.SIGKILL)
"""What most programs understand, one after the other."""


class Server(Protocol):
    """A server process."""

    @property
    def pid(self) -> int: ...

    async def wait(self) -> str:
        """Wait until it has ended; say how."""

    async def end(self) -> None:
        """End it, and wait until it has."""


class Child:
    """One that we started.

    Args:
        name: the server, for the log.
        signals: that end it, each one given `END` seconds; the last one must be SIGKILL.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, name: str, signals: Sequence[signal.Signals] = FORCE
    ) -> None:
        self.pid = process.pid
        self._process = process
        self._name = name
        self._signals = signals

    async def wait(self) -> str:
        return how_it_ended(await self._process.wait())

    async def end(self) -> None:
        for number in self._signals:
            # One that is stopped takes its signals when it goes on.
            for each in (number, signal.SIGCONT):
                # Not by `send_signal`, which may bury the process before asyncio sees how it ended.
                if self._process.returncode is None:
                    with suppress(ProcessLookupError):
                        os.kill(self.pid, each)
            try:
                async with asyncio.timeout(END):
                    await self._process.wait()
                    return
            except TimeoutError:
                complaint = f"{self._name} doesn't end"
                log.warning(complaint, pid=self.pid, signal=number.name)


class Adopted:
    """One that a hub of before started."""

    def __init__(self, process: psutil.Process, signals: Sequence[signal.Signals] = FORCE) -> None:
        self.pid = process.pid
        self._process = process
        self._signals = signals

    async def wait(self) -> str:
        await gone(self._process)
        return "it is gone"

    async def end(self) -> None:
        await end(self._process, signals=self._signals)


async def gone(process: psutil.Process) -> None:
    """Wait until a process that isn't our child has ended."""
    while not has_ended(process):  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(POLL)


def has_ended(process: psutil.Process) -> bool:
    """Tell whether a process is gone, or waits only for its parent to take notice."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def end(process: psutil.Process, patience: float = END, signals: Sequence[signal.Signals] = FORCE) -> None:
    """End a process that isn't our child: in peace, or by force when it takes more than `patience` seconds."""
    for number in signals:
        try:
            process.send_signal(number)
            # One that is stopped takes its signals when it goes on.
            process.send_signal(signal.SIGCONT)
        except psutil.NoSuchProcess:
            return
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if has_ended(process):
                return
            await asyncio.sleep(POLL)


def how_it_ended(code: int) -> str:
    """Say it in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
