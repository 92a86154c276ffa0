"""Where the files of an analysis come from: a commit, or the working tree as it lies there."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha1
from pathlib import Path
from typing import Final, Protocol

from integrations.code_analysis.git import Blobs, Entry, GitFailed, Repository

_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
"""Never through a symbolic link, and never waiting for a pipe's other end."""


class Source(Protocol):
    """Gives files' content."""

    async def read(self, entry: Entry) -> bytes:
        """Return the content that the entry's hash is of.

        Raises:
            GitFailed: it can't be had any more.
        """


class CommitSource:
    """Reads out of Git."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def read(self, entry: Entry) -> bytes:
        """Read a blob."""
        return await self._blobs.read(entry.blob)


class TreeSource:
    """Reads the working tree's files."""

    def __init__(self, top: Path) -> None:
        self._top = top

    async def read(self, entry: Entry) -> bytes:
        """Read a file, if it still is what it was when it was listed."""
        content = await asyncio.to_thread(_content, self._top, entry.path, entry.size)
        if content is None or blob_of(content) != entry.blob:
            raise GitFailed("changed while it was analysed")
        return content


@asynccontextmanager
async def open_source(repository: Repository, *, tree: bool) -> AsyncIterator[Source]:
    """Open the working tree, or Git's objects."""
    if tree:
        yield TreeSource(repository.path)
        return
    async with repository.blobs() as blobs:
        yield CommitSource(blobs)


async def working_tree(repository: Repository, largest: int) -> list[Entry]:
    """List the files of the working tree as a commit of now would hold them.

    Args:
        largest: bytes of a file up to which its hash is worked out; larger ones are listed without one.

    Raises:
        GitFailed: it can't be listed.
    """
    paths = await repository.tracked()
    return await asyncio.to_thread(_entries, repository.path, paths, largest)


def blob_of(content: bytes) -> str:
    """Return the hash that Git gives a file with this content."""
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _entries(top: Path, paths: Sequence[str], largest: int) -> list[Entry]:
    found = []
    for path in paths:
        try:
            state = (top / path).lstat()
        except OSError:  # deleted, and not committed yet
            continue
        if stat.S_ISLNK(state.st_mode):
            found.append(Entry(path, "", 0, "symlink"))
        elif stat.S_ISDIR(state.st_mode):
            found.append(Entry(path, "", 0, "submodule"))
        elif state.st_size > largest:
            found.append(Entry(path, "", state.st_size))
        elif (content := _content(top, path, largest)) is not None:
            found.append(Entry(path, blob_of(content), len(content)))
    return found


def _content(top: Path, path: str, most: int) -> bytes | None:
    """Read a regular file that lies in the tree; `None` for anything else."""
    place = top / path
    try:
        if place.parent.resolve() != top.resolve() / Path(path).parent:
            return None  # a folder on the way is a symbolic link now
        with open(os.open(place, _OPEN), "rb") as file:
            return file.read(most + 1)[:most] if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
    except OSError:
        return None
