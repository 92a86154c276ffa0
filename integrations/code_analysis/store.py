"""What is kept between analyses: findings by blob, and what the latest run of each repository found. One SQLite file.

Losing it costs time and nothing else. So its own failures never fail an analysis: they are counted, and it goes on
without.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, findings TEXT NOT NULL, used REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS results_by_use ON results (used);
CREATE TABLE IF NOT EXISTS runs (repository TEXT PRIMARY KEY, run TEXT NOT NULL, used REAL NOT NULL) WITHOUT ROWID;
"""
_FILE: Final = "analysis.sqlite3"
_AT_ONCE: Final = 500
"""Keys in one question; SQLite's own limit is 999 in old versions."""
_BUSY: Final = 5.0
"""Seconds to wait for another process that writes."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run found: what the next one is compared with.

    Attributes:
        linters: version (with settings) by name, of those that finished.
        fingerprints: by linter.
    """

    commit: str
    linters: Mapping[str, str]
    fingerprints: Mapping[str, Sequence[str]]


def key_of(*parts: str) -> str:
    """Return the key of a linter's result for one file: the repository, path, blob, linter, version and settings."""
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


class Store:
    """Keeps results, at most so many and so many bytes; what wasn't used for longest goes first.

    Args:
        folder: where the file is; `None`: in memory.
        entries, size: how many results are kept, and how many bytes of them.
        repositories: how many repositories' latest runs are kept.
        now: the time, in seconds.

    Attributes:
        failures: times that the file couldn't be read or written.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        entries: int,
        size: int,
        repositories: int = 1_000,
        now: Callable[[], float],
    ) -> None:
        self._folder = folder
        self._entries, self._size, self._repositories = entries, size, repositories
        self._now = now
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self.failures = 0

    async def results(self, keys: Sequence[str]) -> dict[str, Any]:
        """Return what is kept under `keys`, and mark it as used."""
        return await self._do(lambda connection: self._results(connection, keys), {})

    async def keep(self, results: Mapping[str, Any]) -> None:
        """Keep results (JSON), all or none."""
        await self._do(lambda connection: self._keep(connection, results), None)

    async def latest(self, repository: str) -> Run | None:
        """Return the latest run of a repository."""
        return await self._do(lambda connection: _latest(connection, repository), None)

    async def remember(self, repository: str, run: Run) -> None:
        """Make `run` the latest one."""
        await self._do(lambda connection: self._remember(connection, repository, run), None)

    async def close(self) -> None:
        """Let go of the file."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    async def _do(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        return await asyncio.to_thread(self._locked, work, otherwise)

    def _locked(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                with self._connection:  # one transaction
                    return work(self._connection)
            except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
                self.failures += 1
                log.warning("the analysis store failed", error=str(error))
                return otherwise

    def _open(self) -> sqlite3.Connection:
        if self._folder is None:
            return _connect(":memory:")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._folder / _FILE
        try:
            return _connect(str(file))
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:  # no database, or a broken one
            log.warning("the analysis store is broken and begins anew", error=str(error))
            file.replace(file.with_suffix(".broken"))
            return _connect(str(file))

    def _results(self, connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for begin in range(0, len(keys), _AT_ONCE):
            piece = keys[begin : begin + _AT_ONCE]
            marks = ",".join("?" * len(piece))
            rows = connection.execute(f"SELECT key, findings FROM results WHERE key IN ({marks})", piece)  # noqa: S608
            found |= {key: json.loads(findings) for key, findings in rows}
            connection.execute(
                f"UPDATE results SET used = ? WHERE key IN ({marks})",  # noqa: S608 - marks alone
                (self._now(), *piece),
            )
        return found

    def _keep(self, connection: sqlite3.Connection, results: Mapping[str, Any]) -> None:
        now = self._now()
        rows = [(key, json.dumps(findings, separators=(",", ":")), now) for key, findings in results.items()]
        connection.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", rows)
        count, size = connection.execute("SELECT count(*), coalesce(sum(length(findings)), 0) FROM results").fetchone()
        if count > self._entries or size > self._size:
            # A tenth more than must go, so that this isn't done at each batch.
            _forget(connection, count - self._entries * 9 // 10, size - self._size * 9 // 10)

    def _remember(self, connection: sqlite3.Connection, repository: str, run: Run) -> None:
        text = json.dumps([run.commit, dict(run.linters), {name: list(f) for name, f in run.fingerprints.items()}])
        connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", (repository, text, self._now()))
        connection.execute(
            "DELETE FROM runs WHERE repository IN (SELECT repository FROM runs ORDER BY used DESC LIMIT -1 OFFSET ?)",
            (self._repositories,),
        )


def _connect(place: str) -> sqlite3.Connection:
    connection = sqlite3.connect(place, timeout=_BUSY, check_same_thread=False)
    try:
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _latest(connection: sqlite3.Connection, repository: str) -> Run | None:
    row = connection.execute("SELECT run FROM runs WHERE repository = ?", (repository,)).fetchone()
    return None if row is None else Run(*json.loads(row[0]))


def _forget(connection: sqlite3.Connection, entries: int, size: int) -> None:
    gone: list[tuple[str]] = []
    rows: Iterable[tuple[str, int]] = connection.execute("SELECT key, length(findings) FROM results ORDER BY used, key")
    for key, length in rows:
        if entries <= 0 and size <= 0:
            break
        gone.append((key,))
        entries, size = entries - 1, size - length
    connection.executemany("DELETE FROM results WHERE key = ?", gone)
