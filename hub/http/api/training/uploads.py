"""Files that come with a request: streamed to disk, bounded, and under names that harm nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import unicodedata
from collections.abc import Coroutine, Iterator
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from aiohttp import BodyPartReader, web

from channels.errors import ErrorCode, ReplyError
from hub.sections.rag_trainer import RagTrainerOptions

T = TypeVar("T")

FOLDER: Final = "uploads"
"""What the names of uploaded documents begin with, so that none replaces one of the documents' folder."""

_NAME_MAX: Final = 200
"""Bytes of a name; file systems take 255."""
_PIECE: Final = 1 << 18


async def receive(request: web.Request, base: Path, options: RagTrainerOptions) -> int:
    """Write the files of a `multipart/form-data` body below `base`; return how many there were.

    When it fails, nothing of them is left.

    Raises:
        ReplyError: `invalid_command` (no file, or a body that breaks off), `data_too_large`, `unavailable` (the disk).
    """
    folder = base / FOLDER
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, mode=0o700)
        number = await _parts(request, folder, options)
    except OSError as error:
        await asyncio.to_thread(shutil.rmtree, base, ignore_errors=True)
        if isinstance(error, ConnectionError):
            raise ReplyError(ErrorCode.INVALID_COMMAND, "the upload broke off") from None
        raise ReplyError(
            ErrorCode.UNAVAILABLE, f"the upload can't be kept in rag_trainer.folder: {error.strerror or error}"
        ) from None
    except (ValueError, web.RequestPayloadError) as error:
        await asyncio.to_thread(shutil.rmtree, base, ignore_errors=True)
        raise ReplyError(
            ErrorCode.INVALID_COMMAND, f"the upload can't be read: {' '.join(str(error).split())[:200]}"
        ) from None
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, base, ignore_errors=True)
        raise
    return number


async def _parts(request: web.Request, folder: Path, options: RagTrainerOptions) -> int:
    reader, names, left = await request.multipart(), Names(), options.upload_bytes
    number = 0
    while (part := await _timely(reader.next(), options)) is not None:
        if not isinstance(part, BodyPartReader) or part.filename is None:
            raise ReplyError(ErrorCode.INVALID_COMMAND, "expected files alone, each with a name: -F files=@FILE")
        number += 1
        if number > options.upload_files:
            raise ReplyError(
                ErrorCode.DATA_TOO_LARGE,
                f"an upload may have {options.upload_files} files at most (rag_trainer.upload_files)",
                limit=options.upload_files,
            )
        path = folder / names.take(part.filename)
        with await asyncio.to_thread(path.open, "xb") as file:
            left = await _copy(part, file, left, options)
    if not number:
        raise ReplyError(ErrorCode.INVALID_COMMAND, "expected at least one file: -F files=@FILE")
    return number


async def _copy(part: BodyPartReader, file: BinaryIO, left: int, options: RagTrainerOptions) -> int:
    while piece := await _timely(part.read_chunk(_PIECE), options):
        left -= len(piece)
        if left < 0:
            raise ReplyError(
                ErrorCode.DATA_TOO_LARGE,
                f"an upload may have {options.upload_bytes} bytes at most (rag_trainer.upload_bytes)",
                limit=options.upload_bytes,
            )
        await asyncio.to_thread(file.write, piece)
    return left


async def _timely(reading: Coroutine[Any, Any, T], options: RagTrainerOptions) -> T:
    try:
        async with asyncio.timeout(options.upload_timeout):
            return await reading
    except TimeoutError:
        raise ReplyError(
            ErrorCode.INVALID_COMMAND,
            f"nothing came for {options.upload_timeout:g} s (rag_trainer.upload_timeout)",
        ) from None


class Names:
    """Makes names of files out of what somebody calls them: no folders, nothing hidden, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, given: str) -> str:
        """Return a name for the next file."""
        name = next(each for each in _versions(_clean(given)) if each.casefold() not in self._taken)
        self._taken.add(name.casefold())
        return name


def _clean(given: str) -> str:
    """Keep the last part of a path, in letters that print."""
    text = unicodedata.normalize("NFC", given.encode(errors="replace").decode())
    last = text.replace("\\", "/").rpartition("/")[2]
    plain = "".join(sign if sign.isprintable() else "_" for sign in last).strip().lstrip(".").strip()
    stem, end = os.path.splitext(plain or "file")
    end = _cut(end, 20)
    return (_cut(stem, _NAME_MAX - len(end.encode())) or "file") + end


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def _versions(name: str) -> Iterator[str]:
    yield name
    stem, end = os.path.splitext(name)
    for number in count(2):
        yield f"{stem}-{number}{end}"
