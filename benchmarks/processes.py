"""Processes that the suite starts: on which core, what they cost, and their end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 20.0
STOP_SECONDS = 5.0
_FIN_WAIT_1 = "04"
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Failed(Exception):
    """A server, or the load generator, didn't do its part. The message is for people."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the server and the load generator run."""

    server: int
    load: int

    @property
    def separate(self) -> bool:
        """Tell whether the two really have a core each."""
        return self.server != self.load

    @classmethod
    def choose(cls) -> Cores:
        """Take the first and the last core that this process may use."""
        usable = sorted(os.sched_getaffinity(0))
        return cls(usable[0], usable[-1])


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a server."""

    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Put what is started meanwhile, and all that it starts in turn, on one core; on any without one."""
    before = os.sched_getaffinity(0)
    if core is None:
        yield
        return
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    """A TCP port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _parents() -> dict[int, int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    return parents


def tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    parents = _parents()
    found = [pid]
    for member in found:
        found.extend(child for child, parent in parents.items() if parent == member)
    return found


def _cpu(pid: int) -> float:
    try:
        # The process's own CPU clock: utime + stime as in /proc/PID/stat, but not cut to hundredths of a second.
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        pass
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def cpu_seconds(pid: int) -> float:
    """CPU time, user and system, of the process and its living descendants, in seconds."""
    return sum(_cpu(member) for member in tree(pid))


def rss_bytes(pid: int) -> int:
    """Resident memory of the process and its descendants, in bytes. Pages that they share count once for each."""
    total = 0
    for member in tree(pid):
        try:
            total += int(Path(f"/proc/{member}/statm").read_text().split()[1]) * _PAGE
        except OSError:
            continue
    return total


def let_go(port: int) -> int:
    """Connections of a server's port that it closed although the client didn't read all: only the kernel holds them."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = (line.split() for line in lines)
    return sum(int(row[1].rpartition(":")[2], 16) == port and row[3] == _FIN_WAIT_1 for row in rows)


class Server:
    """A running peer. It has its own process group, and `stop` ends that group only."""

    def __init__(self, command: Command, port: int, log: Path, core: int | None = None) -> None:
        self.port = port
        self._log = log
        # Neither the caller's options nor a config.yaml of the current directory may reach the server.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
        with log.open("wb") as output, pinned(core):
            try:
                self._process = subprocess.Popen(
                    command.argv,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={**inherited, **command.env},
                    cwd=log.parent,
                    start_new_session=True,
                )
            except OSError as error:
                raise Failed(f"{command.argv[0]} can't be started: {error.strerror}") from None
        self.pid = self._process.pid

    def wait_ready(self, ports: Sequence[int]) -> None:
        """Return when all ports take connections.

        Raises:
            Failed: the process ended, or `START_SECONDS` went by.
        """
        deadline = time.monotonic() + START_SECONDS
        for port in ports:
            while not _accepts(port):
                self._check_alive()
                if time.monotonic() > deadline:
                    raise Failed(f"nothing listens on port {port} after {START_SECONDS:.0f} s{self.last_words()}")
                time.sleep(0.05)
        # Somebody else's program may have taken the port meanwhile, and ours may have ended because of it.
        time.sleep(0.1)
        self._check_alive()

    def _check_alive(self) -> None:
        if self._process.poll() is not None:
            raise Failed(f"the server ended at its start with code {self._process.returncode}{self.last_words()}")

    def last_words(self) -> str:
        """The last line that the server wrote, to be put at the end of a message."""
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return f": {lines[-1][:200]}" if lines else ""

    def stop(self) -> None:
        """End the process and what it started, gently first."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                break
            try:
                self._process.wait(STOP_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        self._process.wait(STOP_SECONDS)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
