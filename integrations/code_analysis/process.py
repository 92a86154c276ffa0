"""Processes with bounds: no shell, a clean environment, a time limit, bounds of output and memory, and an end for sure.

Each runs in a process group of its own, which is killed as a whole when time is up, when too much was printed, and when
the task that waits is cancelled.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 16
_WRITTEN_MAX: Final = 1 << 26
"""Longest file, in bytes, that a process may write: none of ours has a reason to write one."""
ERRORS_MAX: Final = 1 << 16
"""Bytes of standard error that are kept; the rest is read and forgotten."""
ENVIRONMENT: Final[Mapping[str, str]] = {
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a process may take.

    Attributes:
        seconds: until it is killed; also the bound of its processor time.
        output: bytes that it may print.
        memory: bytes of memory of its own that it may write to, on Linux; 0: no bound.
    """

    seconds: float = 60.0
    output: int = 32 << 20
    memory: int = 2 << 30


@dataclass(frozen=True, slots=True)
class Done:
    """How a process ended, and what it printed."""

    code: int
    output: bytes
    errors: bytes

    def complaint(self, limit: int = 300) -> str:
        """Return the last line of standard error, or the exit code."""
        lines = [line for line in self.errors.decode(errors="replace").splitlines() if line.strip()]
        return f"exit code {self.code}" + (f": {lines[-1].strip()[:limit]}" if lines else "")


class ProcessFailed(Exception):
    """A process could not be started, took too long, or printed too much."""


async def run(
    command: Sequence[str],
    *,
    cwd: Path,
    bounds: Bounds,
    environment: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
) -> Done:
    """Run a program to its end.

    Args:
        command: the program's path and its arguments.
        cwd: where it runs; also its HOME.
        environment: beside PATH, HOME and `ENVIRONMENT`, which is all that it gets.
        stdin: what it reads; otherwise nothing.

    Raises:
        ProcessFailed: it has no result; the message says why.
    """
    name = Path(command[0]).name
    try:
        environment = _environment(cwd, environment or {})
        process = await start(command, cwd=cwd, environment=environment, stdin=stdin is not None)
    except (OSError, ValueError) as error:
        raise ProcessFailed(f"{name} can't be started: {error}") from None
    try:
        _bound(process.pid, bounds)
        async with asyncio.timeout(bounds.seconds):
            return await _follow(process, bounds, stdin)
    except TimeoutError:
        raise ProcessFailed(f"{name} took longer than {bounds.seconds:g} s") from None
    except _TooMuch:
        raise ProcessFailed(f"{name} printed more than {bounds.output} bytes") from None
    finally:
        await end(process)


async def start(
    command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], stdin: bool
) -> asyncio.subprocess.Process:
    """Start a process with pipes in a group of its own. The caller owes it an `end`.

    Cancelled in the middle, it first ends what has begun: asyncio by itself would wait for pipes that the process's
    children keep open.

    Raises:
        OSError, ValueError: it can't be started.
    """
    starting = asyncio.create_task(
        asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=environment,
            stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        ),
        name=f"start of {command[0]}",
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait([starting])
        if starting.exception() is None:
            await end(starting.result())
        raise


class _TooMuch(Exception):
    pass


async def _follow(process: asyncio.subprocess.Process, bounds: Bounds, stdin: bytes | None) -> Done:
    assert process.stdout is not None
    assert process.stderr is not None
    feeding = asyncio.create_task(_feed(process, stdin), name=f"input of {process.pid}")
    erring = asyncio.create_task(_read(process.stderr, ERRORS_MAX), name=f"errors of {process.pid}")
    try:
        output = await _read(process.stdout, bounds.output, strict=True)
        errors = await erring
        await feeding
        return Done(await process.wait(), output, errors)
    finally:
        for task in (feeding, erring):
            task.cancel()
        await asyncio.gather(feeding, erring, return_exceptions=True)


async def _feed(process: asyncio.subprocess.Process, stdin: bytes | None) -> None:
    if stdin is None or process.stdin is None:
        return
    try:
        process.stdin.write(stdin)
        await process.stdin.drain()
        process.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has read enough; its exit code says the rest


async def _read(stream: asyncio.StreamReader, limit: int, *, strict: bool = False) -> bytes:
    kept = bytearray()
    while chunk := await stream.read(_CHUNK):
        if strict and len(kept) + len(chunk) > limit:
            raise _TooMuch
        kept += chunk[: limit - len(kept)]
    return bytes(kept)


def _environment(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), **ENVIRONMENT, **more}


def _bound(pid: int, bounds: Bounds) -> None:
    """Bound a process that has just begun; what it starts later inherits that. Only Linux can do it from outside."""
    if sys.platform != "linux":
        return
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: int(bounds.seconds) + 1,
        resource.RLIMIT_FSIZE: _WRITTEN_MAX,
    }
    if bounds.memory:
        # Not RLIMIT_AS: a Haskell program, such as ShellCheck, reserves a terabyte of addresses that it never uses.
        limits[resource.RLIMIT_DATA] = bounds.memory
    for kind, limit in limits.items():
        try:
            resource.prlimit(pid, kind, (limit, limit))
        except (OSError, ValueError):  # it has ended already, or the machine's own bound is lower
            pass


async def end(process: asyncio.subprocess.Process) -> None:
    """Kill a process with its group, and let go of its pipes."""
    try:
        os.killpg(process.pid, signal.SIGKILL)  # also what it has started and left behind
    except (ProcessLookupError, PermissionError):
        pass
    transport: asyncio.SubprocessTransport | None = getattr(process, "_transport", None)
    if transport is not None:
        for number in range(3):  # pipes that nobody reads, or that a process out of the group keeps open
            pipe = transport.get_pipe_transport(number)
            if pipe is not None:
                pipe.close()
    await process.wait()
    if transport is not None:
        transport.close()
    await asyncio.sleep(0)  # pipes are closed in the next turn
