"""The folder of a server that the hub runs for itself: private, used by one hub at a time, kept between starts."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SOCKET_PATH_MAX = 103
"""Longest path of a Unix socket in bytes: the kernel's bound, on macOS."""
LOG_MAX = 1 << 20
"""Bytes after which a log is put aside at the next start; one older log is kept."""


class StoreFailed(Exception):
    """An embedded server can't be started. Its text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a folder is for.

    Attributes:
        server: the server's name, in sentences.
        stem: the beginning of file names.
        socket: where it listens, from the folder.
        option: the option that names the folder.
        otherwise: what else may be done when two hubs want one folder.
    """

    server: str
    stem: str
    socket: str
    option: str
    otherwise: str


class PrivateFolder:
    """Holds data, log and socket.

    Args:
        path: made, with its parents, when it isn't there.

    Attributes:
        socket: where the server listens.
        log: what it writes down.
    """

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path = path.absolute()
        self.kind = kind
        self.socket = self.path / kind.socket
        self.log = self.path / f"{kind.stem}.log"
        self._lock: int | None = None

    def claim(self) -> None:
        """Make it ours until `release`, or until this process is gone however it goes.

        Raises:
            StoreFailed: another hub has it, or it isn't safe.
        """
        kind = self.kind
        if len(os.fsencode(self.socket)) > SOCKET_PATH_MAX:
            raise StoreFailed(f"{self.path}: too long for a Unix socket in it; set {kind.option} to a shorter path")
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check()
            self._lock = self._locked()
            if self.log.exists() and self.log.stat().st_size > LOG_MAX:
                self.log.replace(self.log.with_suffix(".log.1"))
        except OSError as error:
            self.release()
            raise StoreFailed(
                f"{self.path}: can't be used for the embedded {kind.server}: {error.strerror}; set {kind.option}"
            ) from None

    def _check(self) -> None:
        found = self.path.stat()
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
            raise StoreFailed(
                f"{self.path}: expected a folder that only this user may write to; set {self.kind.option} to another, "
                "or change its owner and mode"
            )

    def _locked(self) -> int:
        # Not inherited by the server, which outlives a hub that is killed: the lock must not.
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
            os.close(lock)
            raise StoreFailed(
                f"{self.path}: is in use by another hub (process {owner or 'unknown'}); stop that one, or set "
                f"{self.kind.option} to another folder, or {self.kind.otherwise}"
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        return lock

    def release(self) -> None:
        """Let others have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def last_words(self) -> str:
        """The end of the log, on one line."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 2048))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return "nothing"
        return " / ".join(line.strip() for line in lines[-3:]) or "nothing"


def state_folder(environment: Mapping[str, str], home: Path) -> Path:
    """Return where a service keeps what it must find again.

    systemd's `StateDirectory=` counts, then `$XDG_STATE_HOME`, then `~/.local/state`.
    """
    given = environment.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given)
    state = environment.get("XDG_STATE_HOME", "")
    # The specification says that a relative path there is to be ignored.
    return (Path(state) if state.startswith("/") else home / ".local" / "state") / "tocsin"
