"""Notices that every process must know, on Redis: announced at once, and read again by who may have missed one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.local import Lasting
from channels.redis.backbone import Backbone
from channels.redis.batches import batches
from channels.redis.heartbeat import Heartbeat
from channels.redis.script import NOTICE_POST, NOTICE_READ, Call
from channels.redis.topic import Topic
from channels.stream import random_epoch

PAGE = 500
"""Notices in one command."""

SKEW = 300
"""Seconds for which Redis keeps an ended notice, for processes whose clock is behind."""


class RedisNoticeboard:
    """One board for all processes. Each reads it when it starts, after each loss of the connection, and now and then.

    A Redis that comes back empty gets the notices again from those who know them.

    Args:
        interval: seconds between two looks at the board, beside what is announced.
        limit: notices that may be up at once; a further one is refused, none is taken down early.
        size: bytes of one notice at most.

    Attributes:
        learnt: notices that this process was told.
        reposted: notices that Redis had lost.
    """

    def __init__(
        self,
        backbone: Backbone,
        clock: Clock,
        *,
        interval: float = 30.0,
        limit: int = 100_000,
        size: int = 4096,
        new_epoch: Callable[[], str] = random_epoch,
    ) -> None:
        self._backbone = backbone
        self._clock = clock
        self._limit = limit
        self._size = size
        self._new_epoch = new_epoch
        shared = backbone.keys.shared
        self._name = shared("noticed")
        self._keys = (shared("notices"), shared("notices:order"), shared("notices:board"))
        self._known = Lasting()
        self._place = ("", 0)
        self._doubtful = True
        self._listener: Callable[[str, float], None] = lambda _notice, _until: None
        self.heartbeat = Heartbeat(interval, backbone.random)
        self.learnt = self.reposted = 0
        backbone.hear((self._name,), Topic(self._take, self._on_ready))
        backbone.employ("redis noticeboard", self.run)

    def listen(self, listener: Callable[[str, float], None]) -> None:
        self._listener = listener
        self._known.expire(self._clock.now())
        for notice, until in list(self._known.ends.items()):
            listener(notice, until)

    async def post(self, notice: str, until: float) -> None:
        if len(notice.encode()) > self._size:
            raise ReplyError(ErrorCode.DATA_TOO_LARGE, f"expected a notice of at most {self._size} bytes")
        if until <= self._clock.now():
            return
        if not await self._post({notice: until}):
            raise ReplyError(ErrorCode.UNAVAILABLE, f"{self._limit} notices are up; try again later")
        self._learn(notice, until)

    async def _post(self, notices: Mapping[str, float]) -> int:
        arguments: list[bytes | int] = [
            self._new_epoch().encode(),
            self._limit,
            SKEW,
            self._backbone.spread,
            self._name,
        ]
        for notice, until in notices.items():
            arguments += (notice.encode(), repr(float(until)).encode())
        return int(await self._backbone.queries.call(Call(NOTICE_POST, self._keys, tuple(arguments))))

    def _take(self, payload: bytes) -> None:
        until, _, notice = payload.partition(b" ")
        self._learn(notice.decode(), float(until))

    def _learn(self, notice: str, until: float) -> None:
        now = self._clock.now()
        self._known.expire(now)
        if until > max(now, self._known.ends.get(notice, 0.0)):
            self._known.put(notice, until)
            self.learnt += 1
            self._listener(notice, until)

    def _on_ready(self) -> None:
        # Only what is posted from here on is sure to be heard.
        self._doubtful = True
        self.heartbeat.hurry()

    async def run(self) -> None:
        """Look at the board now and then, until cancelled. Exactly one task runs this."""
        await self.heartbeat.run(self.look)

    async def look(self) -> None:
        """Learn what is new on the board; put up again what it has lost.

        Raises:
            ReplyError: `unavailable`.
        """
        doubtful, self._doubtful = self._doubtful, False
        try:
            if not doubtful and await self._read(*self._place) is not None:
                return
            # Another board, or one that may have lost some: read from its beginning, and compare.
            up = await self._read("", 0)
            self._known.expire(self._clock.now())
            lost = {notice: until for notice, until in self._known.ends.items() if until > (up or {}).get(notice, 0.0)}
            for batch in batches(lost.items(), PAGE):
                self.reposted += await self._post(dict(batch))
        except BaseException:
            self._doubtful = True
            raise

    async def _read(self, epoch: str, after: int) -> dict[str, float] | None:
        """Read what was posted after a number. `None`: that number isn't of this board (any is, without `epoch`)."""
        up: dict[str, float] = {}
        while True:
            found = await self._backbone.queries.call(Call(NOTICE_READ, self._keys, (after, PAGE)))
            there, top, rows = found[0].decode(), found[1], found[2:]
            if epoch and (there != epoch or top < after):
                return None
            epoch = there
            for notice, number, until in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
                up[notice.decode()] = float(until)
                self._learn(notice.decode(), float(until))
                after = number
            if len(rows) < 3 * PAGE:
                self._place = (epoch, after)
                return up
