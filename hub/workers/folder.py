"""The folder of the Valkey that the supervisor runs: private, used by one supervisor at a time, kept between starts."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Mapping
from pathlib import Path

SOCKET_PATH_MAX = 103
"""Longest path of a Unix socket in bytes: the kernel's bound, on macOS."""
LOG_MAX = 1 << 20
"""Bytes after which a log is put aside at the next start; one older log is kept."""


class StoreFailed(Exception):
    """The embedded Valkey can't be started. Its text says why, and what to do."""


class Folder:
    """Holds data, log and socket.

    Args:
        path: made, with its parents, when it isn't there.

    Attributes:
        socket: where Valkey listens.
        log: what it writes down.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.socket = self.path / "valkey.sock"
        self.log = self.path / "valkey.log"
        self._lock: int | None = None

    def claim(self) -> None:
        """Make it ours until `release`, or until this process is gone however it goes.

        Raises:
            StoreFailed: another supervisor has it, or it isn't safe.
        """
        if len(os.fsencode(self.socket)) > SOCKET_PATH_MAX:
            raise StoreFailed(
                f"{self.path}: too long for a Unix socket in it; set redis.embedded_dir to a shorter path"
            )
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check()
            self._lock = self._locked()
            if self.log.exists() and self.log.stat().st_size > LOG_MAX:
                self.log.replace(self.log.with_suffix(".log.1"))
        except OSError as error:
            self.release()
            raise StoreFailed(
                f"{self.path}: can't be used for the embedded Valkey: {error.strerror}; set redis.embedded_dir"
            ) from None

    def _check(self) -> None:
        found = self.path.stat()
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
            raise StoreFailed(
                f"{self.path}: expected a folder that only this user may write to; set redis.embedded_dir to another, "
                "or change its owner and mode"
            )

    def _locked(self) -> int:
        # Not inherited by Valkey, which outlives a supervisor that is killed: the lock must not.
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
            os.close(lock)
            raise StoreFailed(
                f"{self.path}: is in use by another hub (process {owner or 'unknown'}); stop that one, or set "
                "redis.embedded_dir to another folder, or redis.url for both to share one Redis"
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        return lock

    def release(self) -> None:
        """Let others have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def default_path(port: int, environment: Mapping[str, str], home: Path) -> Path:
    """Return the folder for the hub on `port`: a second start on the same port finds the data of the first.

    systemd's `StateDirectory=` counts, then `$XDG_STATE_HOME`, then `~/.local/state`.
    """
    given = environment.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given) / f"valkey-{port}"
    state = environment.get("XDG_STATE_HOME", "")
    # The specification says that a relative path there is to be ignored.
    base = Path(state) if state.startswith("/") else home / ".local" / "state"
    return base / "tocsin" / f"valkey-{port}"
