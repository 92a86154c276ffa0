"""The PostgreSQL that the hub runs for itself: found or started, watched, restarted and ended with the hub.

It has a Unix socket in a private folder and no port. It outlives a hub that is killed; the next one takes it over.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import asyncpg
import psutil

from hub.database.cluster import ENVIRONMENT, ROLE, Cluster
from hub.database.owner import Owner, owner_of
from hub.database.program import Programs
from hub.embedded.folder import Kind, PrivateFolder, StoreFailed, state_folder
from hub.embedded.process import end
from hub.embedded.server import EmbeddedServer

KIND = Kind(
    "PostgreSQL",
    "postgres",
    "run/.s.PGSQL.5432",
    "database.embedded_dir",
    "database.url for both to use one PostgreSQL",
)
SPARE_CONNECTIONS = 20
"""Connections beside those of the hub's pools: for `psql`, `pg_dump`, and what is being opened anew."""

_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "ssl": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
    # Failed statements are told to who made them; in the log they could fill the disk.
    "log_min_messages": "log",
    "log_checkpoints": "off",
}
_FAST, _IMMEDIATE = signal.SIGINT, signal.SIGQUIT
"""What PostgreSQL takes SIGINT and SIGQUIT for: end all sessions and write down what is in memory; or just end."""


class _Postgres:
    """How it is run (`hub.embedded.server.Program`)."""

    purpose = "the hub's database is an embedded PostgreSQL"
    signals = (_FAST, _IMMEDIATE, signal.SIGKILL)

    def __init__(self, folder: PrivateFolder, programs: Programs, options: Mapping[str, str]) -> None:
        self.folder = folder
        self.url = url_of(folder.socket.parent, ROLE)
        self._data = folder.path / "data"
        self._programs = programs
        self._options = {**_OPTIONS, "unix_socket_directories": str(folder.socket.parent), **options}
        self._owner = Owner()

    async def prepare(self) -> None:
        """Have a data folder, and let whom the server runs as reach it, and nobody else."""
        try:
            self._owner = owner_of(self._data)
            self._open_the_way()
            self._programs = await asyncio.to_thread(self._programs.reachable, self._owner, self.folder.path)
            cluster = Cluster(self._data, self._programs, self._owner)
            if not self._data.exists():
                await cluster.make()
            cluster.check()
            cluster.admit()
        except OSError as error:
            raise StoreFailed(
                f"{self.folder.path}: can't be used for the embedded PostgreSQL: {error.strerror or error}; set "
                "database.embedded_dir, run the hub as a user of its own, or set database.url"
            ) from error

    def _open_the_way(self) -> None:
        run = self.folder.socket.parent
        run.mkdir(mode=0o700, exist_ok=True)
        run.chmod(0o700)
        number = self._owner.number
        if number is None:
            return
        # Its group alone may pass; only root may look around.
        os.chown(self.folder.path, -1, number)
        self.folder.path.chmod(0o710)
        os.chown(run, number, number)
        barrier = self._owner.barrier(self._data)
        if barrier is not None:
            raise StoreFailed(
                f"{self.folder.path}: PostgreSQL refuses to run as root, so it runs as user {number}, who can't pass "
                f"{barrier}; set database.embedded_dir to a folder such as {rooted(0)}, or run the hub as a user of "
                "its own"
            )

    def leftovers(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                words = process.cmdline()
            except psutil.Error:
                continue
            if words and Path(words[0]).name == "postgres" and ("-D", str(self._data)) in set(pairwise(words)):
                found.append(process)
        return found

    def is_alike(self, process: psutil.Process) -> bool:
        return process.cmdline() == self._command()

    def _command(self) -> list[str]:
        """All options are in it, so two servers with the same one are alike."""
        options = (part for name, value in self._options.items() for part in ("-c", f"{name}={value}"))
        return [self._programs.program("postgres"), "-D", str(self._data), *options]

    async def launch(self) -> asyncio.subprocess.Process:
        await self._bury()
        with _appending(self.folder.log) as log:
            return await asyncio.create_subprocess_exec(
                *self._command(),
                cwd=self._data,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=0o077,
                **self._owner.spawning(),
            )

    async def _bury(self) -> None:
        """See to it that nothing of a server that died is left: a new one refuses to start beside its sessions, and
        where its process id has become somebody else's."""
        for process in self._sessions():
            await end(process, signals=(_IMMEDIATE, signal.SIGKILL))
        if not self._sessions():
            (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _sessions(self) -> list[psutil.Process]:
        """Find every process of a server on this folder: all of them work in it, whatever they call themselves."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.cwd() == str(self._data.resolve()) and Path(process.exe()).name == "postgres":
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    async def answers(self, timeout: float) -> bool:
        return await self._said(timeout) is not None

    async def is_up(self) -> bool:
        # It writes down each connection that it refuses while it loads, so it isn't asked before it says it is ready.
        return self._is_ready() and await self._said(1.0) is True

    def _is_ready(self) -> bool:
        try:
            return (self._data / "postmaster.pid").read_text().rstrip().endswith("ready")
        except OSError:
            return False

    async def _said(self, timeout: float) -> bool | None:
        """Tell whether it takes commands; `None`: nobody answers."""
        try:
            connection = await asyncpg.connect(url_of(self.folder.socket.parent, "postgres"), timeout=timeout)
        except asyncpg.CannotConnectNowError:
            return False
        except asyncpg.PostgresError:
            # Such as: too many connections.
            return True
        except (OSError, TimeoutError, asyncpg.InterfaceError):
            return None
        await connection.close(timeout=timeout)
        return True

    async def settle(self) -> None:
        connection = await asyncpg.connect(url_of(self.folder.socket.parent, "postgres"))
        try:
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", ROLE):
                await connection.execute(f"CREATE DATABASE {ROLE}")
        finally:
            await connection.close()


class EmbeddedPostgres(EmbeddedServer):
    """Runs a server on a folder.

    Args:
        folder: made, with its parents, when it isn't there.
        options: of PostgreSQL, beside those that make it private.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        folder: Path,
        programs: Programs,
        options: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(_Postgres(PrivateFolder(folder, KIND), programs, options), clock)


def _appending(file: Path) -> BinaryIO:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "ab")


def url_of(folder: Path, database: str) -> str:
    """Return the address of a database on the socket in `folder`."""
    return f"postgresql://{ROLE}@/{database}?host={quote(str(folder), safe='/')}"


def default_path(port: int, environment: Mapping[str, str], home: Path) -> Path:
    """Return the folder for the hub on `port`: a second start on the same port finds the data of the first.

    As for Valkey; but root's home is closed to the user that the server runs as.
    """
    if os.geteuid() == 0 and not environment.get("STATE_DIRECTORY") and not environment.get("XDG_STATE_HOME"):
        return rooted(port)
    return state_folder(environment, home) / f"postgres-{port}"


def rooted(port: int) -> Path:
    """Return the folder for a hub that runs as root."""
    return Path("/var/lib/tocsin") / f"postgres-{port}"
