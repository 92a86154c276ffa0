"""A worker process, seen from the hub: started in a group of its own, spoken to by lines, and ended for sure."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

from integrations.rag_trainer.work_messages import LINE_MAX, Order, decode, encode, encode_order

WORKER: Final = (sys.executable, "-P", "-m", "integrations.rag_trainer.worker")
"""The command of a worker. `-P`: what lies in the current folder is not imported."""

_HOME: Final = str(Path(__file__).resolve().parents[2])
_WORDS_MAX: Final = 4096
"""Bytes of standard error that are kept."""
_FAIRNESS: Final = 20
"""Messages that are read before others get a turn of the loop."""


class Gone(Exception):
    """The process has ended. The text says how."""


class Child:
    """A worker that runs. Used on one loop; the one who starts it owes it an `end`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.pid = process.pid
        self._process = process
        self._input, self._output = process.stdin, process.stdout
        self._words = bytearray()
        self._listening = asyncio.create_task(self._keep_words(process.stderr), name=f"errors of {process.pid}")

    @property
    def code(self) -> int | None:
        """Its exit code; the negative number of the signal that ended it; `None` while it runs."""
        return self._process.returncode

    async def order(self, order: Order) -> None:
        """Say what it is for.

        Raises:
            Gone: it has ended.
        """
        await self._write(encode_order(order))

    async def tell(self, kind: str, **fields: Any) -> None:
        """Send a message.

        Raises:
            Gone: it has ended.
        """
        await self._write(encode(kind, **fields))

    def tell_soon(self, kind: str) -> None:
        """Send a short message without waiting; one that has ended doesn't get it."""
        with suppress(BrokenPipeError, ConnectionResetError, RuntimeError):
            self._input.write(encode(kind))

    async def messages(self) -> AsyncIterator[Mapping[str, Any]]:
        """Go through what it says, until it ends. What is no message is left out."""
        number = 0
        while True:
            try:
                line = await self._output.readline()
            except ValueError:  # longer than any message
                self.kill()
                return
            if not line:
                return
            with suppress(ValueError):
                yield decode(line)
            number += 1
            if number % _FAIRNESS == 0:
                await asyncio.sleep(0)  # a line that is there already is read without a turn of the loop

    async def wait(self, seconds: float) -> None:
        """Wait until it has ended, but not for longer than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._process.wait()

    def memory(self) -> int:
        """Return the bytes of memory that it holds, without what it has started; 0: it has ended, or can't be seen."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def kill(self) -> None:
        """End it now, with all that it has started."""
        if self.code is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    async def end(self) -> None:
        """End it, wait for that, and let go of its pipes."""
        self.kill()
        await self._process.wait()
        self._input.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):  # unless something that it started out of its group keeps the pipe open
                await asyncio.shield(self._listening)
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        transport: asyncio.SubprocessTransport | None = getattr(self._process, "_transport", None)
        if transport is not None:
            transport.close()
        await asyncio.sleep(0)  # pipes are closed in the next turn

    def words(self) -> list[str]:
        """Return the last lines that it wrote to standard error, 4 kB at most."""
        return [line.strip() for line in self._words.decode(errors="replace").splitlines() if line.strip()]

    def epitaph(self) -> str:
        """Say how it ended, and its last words."""
        code = self.code
        how = "ended" if code is None else f"exit code {code}" if code >= 0 else _signal(-code)
        lines = self.words()
        return f"{how}: {lines[-1][:300]}" if lines else how

    async def _write(self, line: bytes) -> None:
        try:
            self._input.write(line)
            await self._input.drain()
        except (BrokenPipeError, ConnectionResetError, RuntimeError):
            raise Gone(self.epitaph()) from None

    async def _keep_words(self, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(1 << 16):
            self._words += chunk
            del self._words[:-_WORDS_MAX]


StartChild = Callable[[], Coroutine[Any, Any, Child]]


async def start(command: Sequence[str] = WORKER) -> Child:
    """Start a worker.

    Cancelled in the middle, it first ends what has begun.

    Raises:
        OSError: it can't be started.
    """
    starting = asyncio.create_task(_start(command), name="start of a worker")
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait([starting])
        if starting.exception() is None:
            await starting.result().end()
        raise


async def _start(command: Sequence[str]) -> Child:
    process = await asyncio.create_subprocess_exec(
        *command,
        env=_environment(os.environ),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LINE_MAX,
        start_new_session=True,
    )
    return Child(process)


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what a worker gets: no options of the hub, which may be secrets, and the place of this package."""
    kept = {name: value for name, value in environment.items() if not name.startswith("TOCSIN_")}
    paths = [_HOME, *filter(None, [environment.get("PYTHONPATH")])]
    # Parts of a library may start a thread per core; the options say how many there are to be.
    return {"OMP_NUM_THREADS": "1", **kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


def _signal(number: int) -> str:
    try:
        return f"signal {signal.Signals(number).name}"
    except ValueError:
        return f"signal {number}"
