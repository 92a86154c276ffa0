"""Jobs on disk: one JSON file each, written as a whole, so that they are found again after a kill."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

import structlog
from pydantic import ValidationError

from integrations.rag_trainer.jobs.job import Record

log = structlog.get_logger(__name__)

_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


class JobStore:
    """Reads and writes jobs. All of it blocks, for milliseconds.

    Args:
        folder: has the folders `jobs` and `uploads`, which are made when they are needed.
    """

    def __init__(self, folder: Path) -> None:
        self._jobs = folder / "jobs"
        self.uploads = folder / "uploads"

    def load(self) -> list[Record]:
        """Return all jobs, the oldest first. One that can't be read is put aside, and said so.

        Raises:
            OSError: the folder can't be used.
        """
        self._jobs.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = []
        for file in self._jobs.glob("*.json"):
            try:
                found.append(Record.model_validate_json(file.read_bytes()))
            except (ValidationError, OSError) as error:
                log.error("a training job can't be read, and is put aside", file=str(file), error=_first_line(error))
                with suppress(OSError):
                    file.replace(file.with_suffix(".broken"))
        return sorted(found, key=lambda record: record.number)

    def save(self, record: Record) -> None:
        """Write a job; it is on disk when this returns.

        Raises:
            OSError: it can't be written; what was there is there still.
        """
        self._write(self._jobs / f"{_checked(record.id)}.json", [record.model_dump_json()])

    def add_files(self, id: str, files: Iterable[dict[str, Any]]) -> None:
        """Note how some files of a job that runs fare. A loss of power may take the newest of it, a kill nothing.

        Raises:
            OSError: it can't be written.
        """
        with self._files_of(id).open("a", encoding="utf-8") as opened:
            opened.write("".join(f"{json.dumps(file, ensure_ascii=False)}\n" for file in files))

    def noted_files(self, id: str) -> list[dict[str, Any]]:
        """Return what was noted, the oldest first; a line that breaks off is left out."""
        found = []
        with suppress(OSError), self._files_of(id).open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                with suppress(ValueError):
                    found.append(json.loads(line))
        return [each for each in found if isinstance(each, dict)]

    def save_files(self, id: str, files: Iterable[dict[str, Any]]) -> None:
        """Write how the files of a job ended.

        Raises:
            OSError: it can't be written.
        """
        self._write(self._files_of(id), (json.dumps(file, ensure_ascii=False) for file in files))

    def files(self, id: str, offset: int, limit: int) -> list[dict[str, Any]]:
        """Read a piece of it; what isn't there is empty."""
        try:
            with self._files_of(id).open(encoding="utf-8") as lines:
                return [json.loads(line) for line in islice(lines, offset, offset + limit)]
        except (OSError, ValueError):
            return []

    def forget(self, id: str) -> None:
        """Remove a job."""
        for end in ("json", "files"):
            with suppress(OSError):
                (self._jobs / f"{_checked(id)}.{end}").unlink()

    def drop_upload(self, id: str) -> None:
        """Remove the files that were uploaded for a job."""
        shutil.rmtree(self.uploads / _checked(id), ignore_errors=True)

    def drop_strays(self, ids: Iterable[str], before: float) -> None:
        """Remove uploads that belong to none of these jobs: a kill came between them.

        Args:
            before: seconds since 1970; one that has had a byte since then may be on its way, to another process.
        """
        known = set(ids)
        with suppress(OSError):
            for folder in self.uploads.iterdir():
                if folder.name not in known and _newest(folder) < before:
                    shutil.rmtree(folder, ignore_errors=True)

    def _files_of(self, id: str) -> Path:
        return self._jobs / f"{_checked(id)}.files"

    def _write(self, file: Path, lines: Iterable[str]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = file.with_name(f".{file.name}.new")
        with fresh.open("w", encoding="utf-8") as opened:
            opened.writelines(f"{line}\n" for line in lines)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(file)
        _sync(file.parent)


def _newest(folder: Path) -> float:
    times = [0.0]
    for path in (folder, *folder.rglob("*")):
        with suppress(OSError):
            times.append(path.stat().st_mtime)
    return max(times)


def _sync(folder: Path) -> None:
    """Have the folder's entries on disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _checked(id: str) -> str:
    if not _ID.fullmatch(id):
        raise ValueError("expected the id of a job")
    return id


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
