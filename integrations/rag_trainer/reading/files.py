"""Files from anywhere: opened without waiting, and never read past the bound."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.stage import StageFailed

Opener: TypeAlias = Callable[[Path, int], int]
"""Opens a path with flags of `os.open` and returns a descriptor."""

_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_NAMED: Final = {
    errno.ENOENT: ("missing", "is not there any more, or is a link to nothing; give a path that exists"),
    errno.ENOTDIR: ("missing", "is not there: a part of its path is no folder; give a path that exists"),
    errno.ELOOP: ("symlink_loop", "is a link that leads back to itself; remove the link"),
    errno.EACCES: ("unreadable", "may not be read by this process; change its permissions"),
    errno.EPERM: ("unreadable", "may not be read by this process; change its permissions"),
}


@contextmanager
def opened(path: Path, limits: Limits, opener: Opener = os.open) -> Iterator[tuple[BinaryIO, int]]:
    """Open a regular file that isn't empty nor too long; yield it with its size in bytes.

    Nothing is read yet, and a FIFO or a device is not even opened.

    Raises:
        StageFailed: `missing`, `symlink_loop`, `directory`, `not_a_file`, `unreadable`, `empty` or `too_large`; also
            when reading fails inside the block.
    """
    try:
        _check_kind(os.stat(path).st_mode)
        with open(path, "rb", opener=lambda _, __: opener(path, _FLAGS)) as file:
            status = os.fstat(file.fileno())
            _check_kind(status.st_mode)
            _check_size(status.st_size, limits)
            yield file, status.st_size
    except OSError as error:
        reason, sentence = _NAMED.get(error.errno or 0, ("unreadable", f"can't be read: {error.strerror or error}"))
        raise StageFailed(reason, f"Expected a readable file; this one {sentence}.") from None
    except ValueError as error:
        if isinstance(error, UnicodeError) or "null" in str(error):
            raise StageFailed("missing", "Expected a path; its characters can't be those of a file.") from None
        raise


def read(path: Path, limits: Limits, opener: Opener = os.open) -> bytes:
    """Read a whole file, at most `limits.file_bytes` of it.

    Raises:
        StageFailed: as `opened`; `too_large` also when it has grown meanwhile.
    """
    with opened(path, limits, opener) as (file, _):
        data = file.read(limits.file_bytes + 1)
    _check_size(len(data), limits)
    return data


def _check_kind(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise StageFailed("directory", "Expected a file; this is a folder. Give the files in it.")
    if not stat.S_ISREG(mode):
        raise StageFailed("not_a_file", "Expected a regular file; this is a pipe, socket or device. Copy its content.")


def _check_size(size: int, limits: Limits) -> None:
    if size == 0:
        raise StageFailed("empty", "Expected a document; the file has 0 bytes.")
    if size > limits.file_bytes:
        raise StageFailed(
            "too_large",
            f"Expected at most {limits.file_bytes} bytes; the file has {size}. Split it, or raise file_bytes.",
        )
