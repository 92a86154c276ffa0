"""Hubs and a Valkey as the user starts them; and their end, whatever state they are in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Protocol

from benchmarks.processes import Command, Failed, Server, free_port, tree
from hub.workers.folder import Folder, default_path
from hub.workers.valkey import binary, running_on

CHANNEL = "system_alerts"

QUIET = {
    "TOCSIN_SYSTEM_STATS__INTERVAL": "0",
    "TOCSIN_LIMITS__CONNECTIONS": "0",
    "TOCSIN_LIMITS__COMMANDS_PER_SECOND": "0",
    "TOCSIN_CHANNELS__NAMED__SYSTEM_ALERTS__HISTORY_SIZE": "5000",
    "TOCSIN_CHANNELS__NAMED__SYSTEM_ALERTS__HISTORY_AGE": "3600",
    "TOCSIN_CHANNELS__NAMED__SYSTEM_ALERTS__PUBLISH": "everyone",
    "TOCSIN_SERVER__DRAIN": "1",
    "TOCSIN_LOG__LEVEL": "warning",
}
"""Nothing on the channel but what the benchmark publishes, and all of it kept."""

BACK = 30.0
"""Seconds that something which was killed has to come back."""

WORKER, BROKER = "hub.workers", "valkey-server"
"""Words on the command lines of a hub's processes."""


class Hub:
    """`tocsin serve`, with several workers or one, on an embedded Valkey or on a given one.

    Raises:
        Failed: it doesn't start.
    """

    def __init__(self, folder: Path, name: str, workers: int = 1, redis: str = "") -> None:
        self.port = free_port()
        self._log = folder / name
        self._starts = count()
        self._workers = workers
        environment = QUIET | {"XDG_STATE_HOME": str(folder / "state")}
        self._store = default_path(self.port, environment, folder)
        if redis:
            environment["TOCSIN_REDIS__URL"] = redis
        argv = [sys.executable, "-m", "hub.cli", "serve", "--port", str(self.port), "--workers", str(workers)]
        self._command = Command(argv, environment | {"PYTHONPATH": str(Path(__file__).parents[2])})
        self._turn = threading.Lock()
        self._start()

    def _start(self) -> None:
        log = self._log.with_name(f"{self._log.name}-{next(self._starts)}.log")
        self._server = Server(self._command, self.port, log)
        try:
            self._server.wait_ready((self.port,))
            # The first worker answers already; clients that come now would all be its.
            until(lambda: _queues(self.port) >= self._workers, BACK, "not all workers listen")
        except BaseException:
            self._end()
            raise

    def members(self, word: str) -> list[int]:
        """Its processes whose command line has a word, but for the one that started the others."""
        return [pid for pid in tree(self._server.pid)[1:] if word in _command_line(pid)]

    def kill(self, word: str) -> int:
        """SIGKILL the first of its processes whose command line has a word; return its id.

        Raises:
            Failed: there is none.
        """
        found = self.members(word)
        if not found:
            raise Failed(f"the hub has no {word} to kill")
        os.kill(found[0], signal.SIGKILL)
        return found[0]

    def replaced(self, killed: int, word: str, number: int) -> bool:
        """Tell whether as many as before run again, and none of them is the one that was killed."""
        found = self.members(word)
        return killed not in found and len(found) == number

    def restart(self) -> None:
        """Kill all of its processes at once, the embedded Valkey as well, and start it again on what is on disk."""
        with self._turn:
            everything = [*tree(self._server.pid), *self._brokers()]
            for pid in dict.fromkeys(everything):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._server.stop()
            until(lambda: not any(map(_runs, everything)), BACK, "the killed processes don't go away")
            self._start()

    def stop(self) -> None:
        """End it, and the Valkey that a supervisor leaves behind when it is killed. A restart is waited for."""
        with self._turn:
            self._end()

    def _end(self) -> None:
        members = tree(self._server.pid)
        self._server.stop()
        left = [*members[1:], *self._brokers()]
        with suppress(Failed):
            until(lambda: not any(map(_runs, left)), 2.0, "")
        for pid in filter(_runs, left):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(lambda: not any(map(_runs, left)), BACK, f"processes of the hub don't end: {left}")

    def _brokers(self) -> list[int]:
        return [process.pid for process in running_on(Folder(self._store))]


class Valkey:
    """A Valkey of the benchmark's own, on a port, that keeps nothing on disk.

    Raises:
        Failed: it doesn't start.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        argv = [str(binary()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
        with (folder / "valkey.log").open("wb") as log:
            self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            until(self._answers, 10.0, "valkey-server doesn't start")
        except BaseException:
            self.stop()
            raise

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise Failed(f"valkey-server ended at its start with code {self._process.returncode}")
        return self._accepts()

    def _accepts(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def until(condition: Callable[[], bool], seconds: float, complaint: str, pause: float = 0.02) -> None:
    """Wait for a condition.

    Raises:
        Failed: it didn't come about in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"{complaint} ({seconds:g} s)")
        time.sleep(pause)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _runs(pid: int) -> bool:
    """Whether there is such a process, and it isn't only waiting for its parent to take note of its end."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


class Stoppable(Protocol):
    """What was started, and must end."""

    def stop(self) -> None:
        """End it."""


@contextmanager
def stopping(*things: Stoppable) -> Iterator[None]:
    """End them with the block."""
    try:
        yield
    finally:
        for thing in things:
            thing.stop()


def _queues(port: int) -> int:
    """Count the sockets that listen on a port: one for each worker."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return sum(local.endswith(f":{port:04X}") and state == "0A" for _, local, _, state, *_ in rows)
