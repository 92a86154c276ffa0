"""What unfinished jobs have done: after a kill, a job goes on from the last stage that it finished."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError

from integrations.rag_trainer.reports import FileReport
from integrations.rag_trainer.results import Result

log = structlog.get_logger(__name__)

R = TypeVar("R", bound=Result)

VERSION: Final = 1
"""Of the tables below."""

_TABLES: Final = """
CREATE TABLE jobs (job TEXT PRIMARY KEY, folder TEXT NOT NULL, settings TEXT NOT NULL, seq INTEGER NOT NULL,
    begun REAL NOT NULL);
CREATE TABLE files (job TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
    hash TEXT NOT NULL, report TEXT NOT NULL, PRIMARY KEY (job, name));
CREATE TABLE results (job TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
    number INTEGER NOT NULL, result BLOB NOT NULL, PRIMARY KEY (job, name, number));
"""
_FORGET: Final = "DELETE FROM results WHERE job = ? AND name = ?"
_ASIDE: Final = ("", "-wal", "-shm")
_BUSY: Final = 5.0
"""Seconds that a locked journal is waited for; the writer's lock lets only one trainer get here."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Whether a file is still the same: its size in bytes and when it was changed, in nanoseconds since 1970."""

    size: int
    mtime: int

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        """Look at a file; `None`: it can't be looked at."""
        try:
            found = path.stat()
        except (OSError, ValueError):  # the latter of a name that can't be a file's
            return None
        return cls(found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Finished:
    """A file that an earlier run of the job has finished; `hash` is the SHA-256 of its bytes."""

    stamp: Stamp
    hash: str
    report: FileReport


class Journal:
    """A file that holds the finished files of each unfinished job, and the finished stages of the file it is at.

    What a method wrote is there after a kill of the process. After a loss of power the newest entries may be missing,
    and then their stages run again. A journal of another version, or one that is no journal, is set aside under another
    name, with a word in the log: jobs then begin anew, and nothing else is lost.

    Args:
        now: seconds since 1970.
        jobs: unfinished jobs that are kept; over it the oldest is forgotten.
    """

    def __init__(self, path: Path, now: Callable[[], float], *, jobs: int = 20) -> None:
        self._path = path
        self._now = now
        self._jobs = jobs
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = self._opened()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def unfinished(self, folder: str, prefix: str) -> str | None:
        """Return the newest unfinished job about the same files among those whose id begins so."""
        query = "SELECT job FROM jobs WHERE folder = ? AND substr(job, 1, ?) = ? ORDER BY begun DESC, job LIMIT 1"
        row = self._database.execute(query, (folder, len(prefix), prefix)).fetchone()
        return None if row is None else str(row[0])

    def begin(self, job: str, folder: str, settings: str) -> int:
        """Note that a job runs; return the `seq` of the last update that an earlier run noted, or 0.

        Args:
            settings: what results depend on. After other settings, stages that are finished don't count.
        """
        with self._database as database:
            row = database.execute("SELECT seq, settings FROM jobs WHERE job = ?", (job,)).fetchone()
            if row is not None and row[1] != settings:
                database.execute("DELETE FROM results WHERE job = ?", (job,))
            seq = 0 if row is None else int(row[0])
            database.execute(
                "INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?)", (job, folder, settings, seq, self._now())
            )
            old = database.execute(
                "SELECT job FROM jobs WHERE job != ? ORDER BY begun DESC LIMIT -1 OFFSET ?", (job, self._jobs - 1)
            ).fetchall()
        for (forgotten,) in old:
            self.drop(forgotten)
        return seq

    def finished(self, job: str) -> dict[str, Finished]:
        """Return the files that are finished, by name."""
        query = "SELECT name, size, mtime, hash, report FROM files WHERE job = ?"
        found = {}
        for name, size, mtime, hash_, report in self._database.execute(query, (job,)):
            try:
                read = FileReport.model_validate_json(report)
            except ValidationError:
                continue  # of a version that wrote reports in another way: the file runs again
            found[name] = Finished(Stamp(size, mtime), hash_, read)
        return found

    def results(self, job: str, name: str, stamp: Stamp, kinds: Sequence[type[Result]]) -> list[Result]:
        """Return what the first stages of a file made, as long as the file is the same. If anything is amiss, drop all.

        Args:
            kinds: what each stage makes.
        """
        query = "SELECT number, size, mtime, result FROM results WHERE job = ? AND name = ? ORDER BY number"
        found: list[Result] = []
        for number, size, mtime, result in self._database.execute(query, (job, name)).fetchall():
            same = number == len(found) + 1 and number <= len(kinds) and Stamp(size, mtime) == stamp
            read = _read(kinds[number - 1], result) if same else None
            if read is None:
                self.forget(job, name)
                return []
            found.append(read)
        return found

    def keep(self, job: str, name: str, stamp: Stamp, number: int, result: Result, seq: int) -> None:
        """Write down what a stage made."""
        row = (job, name, stamp.size, stamp.mtime, number, _written(type(result)).dump_json(result))
        with self._database as database:
            database.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?)", row)
            database.execute("UPDATE jobs SET seq = ? WHERE job = ?", (seq, job))

    def finish(self, job: str, name: str, finished: Finished | None, seq: int) -> None:
        """Drop a file's results; `None`: it will be tried again when the job goes on, as if it had never been."""
        with self._database as database:
            database.execute(_FORGET, (job, name))
            database.execute("UPDATE jobs SET seq = ? WHERE job = ?", (seq, job))
            if finished is not None:
                stamp, report = finished.stamp, finished.report.model_dump_json()
                row = (job, name, stamp.size, stamp.mtime, finished.hash, report)
                database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", row)

    def forget(self, job: str, name: str) -> None:
        """Drop a file's results: it begins anew."""
        with self._database as database:
            database.execute(_FORGET, (job, name))

    def drop(self, job: str) -> None:
        """Forget a job that is through."""
        with self._database as database:
            for table in ("results", "files", "jobs"):
                database.execute(f"DELETE FROM {table} WHERE job = ?", (job,))  # noqa: S608 - the three names above

    def _opened(self) -> sqlite3.Connection:
        database = None
        try:
            database = _connected(self._path)
            version = int(database.execute("PRAGMA user_version").fetchone()[0])
            if version == VERSION:
                return database
            if version == 0 and not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                database.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT")
                return database
            why = f"version-{version}"
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise  # no disk, no permission: another file would fare no better
            why = "unreadable"
        if database is not None:
            database.close()
        self._set_aside(why)
        return self._opened()

    def _set_aside(self, why: str) -> None:
        aside = self._path.with_name(f"{self._path.name}.{why}")
        for ending in _ASIDE:
            path = self._path.with_name(self._path.name + ending)
            if path.exists():
                path.replace(aside.with_name(aside.name + ending))
        log.warning("the training's journal was set aside; unfinished jobs begin anew", why=why, aside=str(aside))


@cache
def _written(kind: type[R]) -> TypeAdapter[R]:
    """Return what makes bytes of a result at once: text first would be another 100 MB for the chunks of a long book."""
    return TypeAdapter(kind)


def _read(kind: type[Result], result: bytes) -> Result | None:
    try:
        return kind.model_validate_json(result)
    except ValidationError:
        log.warning("a stage's result can't be read back; its file begins anew", kind=kind.__name__)
        return None


def _connected(path: Path) -> sqlite3.Connection:
    # Jobs run in whatever thread asks for them, one at a time.
    database = sqlite3.connect(path, timeout=_BUSY, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    return database
