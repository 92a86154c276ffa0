"""Claims, noticeboard and nodes of a hub that is a single process: the default, and complete."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from math import inf
from typing import Any

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError


def random_node() -> str:
    """Make a name for a process: 48 random bits, so that no two starts share one."""
    return f"n-{secrets.token_hex(6)}"


class Lasting:
    """Names, each until a time of its own. Exact, and each costs no more than to be dropped once."""

    def __init__(self) -> None:
        self.ends: dict[str, float] = {}
        self._order: list[tuple[float, str]] = []

    def put(self, name: str, end: float) -> None:
        """Keep `name` until `end`, whatever was said of it before."""
        self.ends[name] = end
        heappush(self._order, (end, name))
        if len(self._order) > 2 * len(self.ends) + 64:  # names that were put again and again
            self._order = sorted((end, name) for name, end in self.ends.items())

    def expire(self, now: float) -> None:
        """Drop what has ended."""
        while self._order and self._order[0][0] <= now:
            _, name = heappop(self._order)
            # What was put again has a later end, and stands further back as well.
            if self.ends.get(name, inf) <= now:
                del self.ends[name]


class LocalClaims:
    """Claims of one process.

    Args:
        limit: claims that may be in force at once; a further one is refused, none is forgotten early.
    """

    def __init__(self, clock: Clock, limit: int = 100_000) -> None:
        self._clock = clock
        self._limit = limit
        self._claims = Lasting()

    async def claim(self, name: str, seconds: float) -> bool:
        now = self._clock.monotonic()
        self._claims.expire(now)
        if name in self._claims.ends:
            return False
        if len(self._claims.ends) >= self._limit:
            raise ReplyError(
                ErrorCode.UNAVAILABLE, f"{self._limit} claims are in force; try again when some have ended"
            )
        self._claims.put(name, now + seconds)
        return True


class LocalNoticeboard:
    """A noticeboard that one process reads.

    Args:
        limit: notices that may be up at once; a further one is refused, none is taken down early.
    """

    def __init__(self, clock: Clock, limit: int = 100_000) -> None:
        self._clock = clock
        self._limit = limit
        self._notices = Lasting()
        self._listener: Callable[[str, float], None] = lambda _notice, _until: None

    def listen(self, listener: Callable[[str, float], None]) -> None:
        self._listener = listener
        self._notices.expire(self._clock.now())
        for notice, until in list(self._notices.ends.items()):
            listener(notice, until)

    async def post(self, notice: str, until: float) -> None:
        now = self._clock.now()
        self._notices.expire(now)
        known = self._notices.ends.get(notice)
        if until <= now or (known is not None and until <= known):
            return
        if known is None and len(self._notices.ends) >= self._limit:
            raise ReplyError(ErrorCode.UNAVAILABLE, f"{self._limit} notices are up; try again later")
        self._notices.put(notice, until)
        self._listener(notice, until)


class LocalNodes:
    """A hub of one process: there is nobody to tell."""

    def __init__(self, node: str = "") -> None:
        self.node = node or random_node()
        self._numbers: Callable[[], Mapping[str, Any]] = dict

    def listen(self, topic: str, handler: Callable[[Mapping[str, Any]], None]) -> None:
        return None

    async def tell(self, topic: str, message: Mapping[str, Any]) -> int:
        return 0

    def report(self, numbers: Callable[[], Mapping[str, Any]]) -> None:
        self._numbers = numbers

    async def reports(self) -> Mapping[str, Mapping[str, Any]]:
        return {self.node: dict(self._numbers())}
