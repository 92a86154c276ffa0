"""One server connection of a pool, and what it is while somebody has it.

The borrower gets asyncpg's own `PoolConnectionProxy`, the same that `asyncpg.Pool` lends: it can't be used any more
once it is given back. This module alone touches what asyncpg doesn't document for that; the tests of the pool would
show it if a new version did it differently.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import PurePath
from types import CodeType, FrameType
from typing import Any, Final, Protocol, TypeAlias, cast

import asyncpg
from asyncpg import Record
from asyncpg.connection import Connection
from asyncpg.pool import PoolConnectionHolder, PoolConnectionProxy

Borrowed: TypeAlias = "PoolConnectionProxy[Record]"
"""What a borrower gets: all that an `asyncpg.Connection` can do."""

_SKIPPED: Final = (str(PurePath(__file__).parent), str(PurePath(asyncpg.__file__).parent.with_name("sqlalchemy")))
_LOOP: Final = ("asyncio/events.py", "asyncio/base_events.py")


class Caches(Protocol):
    """Drops what all connections of a pool remember of the schema, when one of them notices that it changed."""

    def _drop_statement_cache(self) -> None: ...

    def _drop_type_cache(self) -> None: ...


class Borrowing:
    """Who has a connection, and since when.

    Attributes:
        since: when it was borrowed, in seconds of the pool's clock.
        task: name of the task that borrowed it.
        suspected: it was told that it may be forgotten.
    """

    __slots__ = ("_frames", "since", "suspected", "task")

    def __init__(self) -> None:
        self.since = 0.0
        self.task = ""
        self.suspected = False
        self._frames: list[tuple[CodeType, int]] = []

    def begin(self, now: float, frames: int, top: FrameType | None = None) -> None:
        """Keep where the borrower is, as code and instruction: putting it into words can wait.

        Args:
            frames: how many are kept.
            top: where to begin; the caller if it isn't given.
        """
        self.since = now
        self.suspected = False
        if frames:
            self._frames = _frames(top or sys._getframe(1), frames)
            task = _current_task()
            self.task = task.get_name() if task is not None else ""

    def stack(self) -> list[str]:
        """Where it was borrowed, innermost frame first."""
        return [_words(code, instruction) for code, instruction in self._frames]


class Held(Borrowing):
    """A connection that the pool has."""

    __slots__ = ("_pool", "_proxy", "connection")

    def __init__(self, connection: Connection[Record], caches: Caches) -> None:
        super().__init__()
        self.connection = connection
        self._pool = caches  # asyncpg looks for it here
        self._proxy: Borrowed | None = None

    def lend(self, now: float, frames: int) -> Borrowed:
        """Make what the borrower gets."""
        self.begin(now, frames)
        self._proxy = proxy = PoolConnectionProxy(cast("PoolConnectionHolder[Record]", self), self.connection)
        return proxy

    def take_back(self) -> None:
        """From now on the borrower's proxy raises `InterfaceError`, and so do his prepared statements and cursors."""
        proxy, self._proxy = self._proxy, None
        self._frames = []
        if proxy is not None:
            cast(Any, proxy)._detach()
            cast(Any, self.connection)._on_release()

    def drop_statement_cache(self) -> None:
        """Forget prepared statements."""
        cast(Any, self.connection)._drop_local_statement_cache()

    def drop_type_cache(self) -> None:
        """Forget types."""
        cast(Any, self.connection)._drop_local_type_cache()


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # another thread, which has no loop
        return None


def _frames(top: FrameType, most: int) -> list[tuple[CodeType, int]]:
    """The frames from `top` on that are neither of this package nor of SQLAlchemy, up to the event loop."""
    frame: FrameType | None = top
    found: list[tuple[CodeType, int]] = []
    while frame is not None and len(found) < most:
        code = frame.f_code
        if not code.co_filename.startswith(_SKIPPED):
            if code.co_filename.endswith(_LOOP):
                break
            found.append((code, frame.f_lasti))
        frame = frame.f_back
    return found


def _words(code: CodeType, instruction: int) -> str:
    """Such as `orders/export.py:88 in export_all`: enough to find it, and no path of the machine."""
    line = next((line for start, end, line in code.co_lines() if start <= instruction < end and line), 0)
    place = "/".join(PurePath(code.co_filename).parts[-2:])
    return "".join(sign if sign.isprintable() else "?" for sign in f"{place}:{line} in {code.co_name}")[:1_000]
