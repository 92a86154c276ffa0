"""What a polling client posts: one request at a time, each taken once, at the pace at which its commands are done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Overlapping(Exception):
    """Two polls, or two posts, at once: the client, or somebody else who knows its id, is confused."""


class Posts:
    """The posts of one client."""

    __slots__ = ("_full", "_taken", "_under_way")

    def __init__(self) -> None:
        self._taken = ""
        self._under_way: list[str] | None = None
        self._full: asyncio.Event | None = None

    @contextmanager
    def turn(self, attempt: str) -> Iterator[None]:
        """Read one post, take it, and answer it inside. Two could not be kept in order.

        Args:
            attempt: the same for a request that is sent again: it may come while the hub still has the first one,
                whose connection broke. "" for a client that doesn't say.

        Raises:
            Overlapping: another one is under way.
        """
        if self._under_way is not None and not (attempt and self._under_way == [attempt]):
            raise Overlapping
        mine = self._under_way = [attempt]
        try:
            yield
        finally:
            if self._under_way is mine:
                self._under_way = None

    def is_new(self, attempt: str) -> bool:
        """Tell whether a post wasn't taken before; it counts as taken from now on."""
        before, self._taken = self._taken, attempt
        return not attempt or attempt != before

    @property
    def is_busy(self) -> bool:
        """A post is under way."""
        return self._under_way is not None

    @property
    def is_full(self) -> bool:
        """More commands wait than should."""
        return self._full is not None

    def read_on(self, go: bool) -> None:
        """Let the client post again, or make it wait: what it said before has still to be done."""
        if not go:
            self._full = self._full or asyncio.Event()
        elif self._full is not None:
            self._full.set()
            self._full = None

    async def room(self) -> None:
        """Wait until the client may post again. As it sends nothing before the answer, its commands are bounded."""
        if self._full is not None:
            await self._full.wait()
