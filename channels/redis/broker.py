"""`RedisBroker`: streams in Redis, heard by every process that follows them.

What is published is heard by the reader, put in order by a feed per followed channel, and given to the listener. A feed
also keeps the channel's newest publications, so history of a followed channel is answered from memory, and is by
construction never ahead of the listener.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial

from channels.clock import Clock
from channels.model import START, Draft, Gap, History, Position, Publication, Published
from channels.policy import ChannelOptions
from channels.ports import ignore_gap
from channels.redis.backbone import Backbone
from channels.redis.backoff import Backoff
from channels.redis.body import encode
from channels.redis.feed import Feed
from channels.redis.feeds import Feeds
from channels.redis.history import HistoryReader, renewal
from channels.redis.script import FORGET, PUBLISH, Call
from channels.redis.sender import Pending, Sender, Spool


@dataclass(frozen=True, slots=True)
class BrokerOptions:
    """How the broker behaves. Times in seconds.

    Attributes:
        idempotency_window: for which a repeated idempotency key is recognised.
        publisher_window: for which a publish that is sent again is recognised.
        forget_after: after which a channel with no history left and nobody following is dropped, epoch and all.
        linger: for which a channel is still listened to after nobody follows it.
        check_interval: between two comparisons of what was heard with what Redis holds.
        patience: for which `follow` waits for Redis.
    """

    spool: Spool = field(default_factory=Spool)
    idempotency_window: float = 300.0
    publisher_window: float = 600.0
    forget_after: float = 3600.0
    linger: float = 5.0
    check_interval: float = 20.0
    patience: float = 5.0


class RedisBroker:
    """The broker of several processes (`channels.ports.Broker`).

    Args:
        node: this process's name; no two at one time have the same.
    """

    def __init__(self, backbone: Backbone, options: BrokerOptions, clock: Clock, node: str) -> None:
        self._backbone = backbone
        self._keys = backbone.keys
        self._options = options
        self._node = node
        self._random = backbone.random
        self._pending: dict[int, Pending] = {}
        self._life = _milliseconds(options.forget_after)
        self.reader = HistoryReader(backbone, clock, self._life)
        self.feeds = Feeds(
            backbone,
            self.reader,
            clock,
            self._on_heard,
            linger=options.linger,
            check_interval=options.check_interval,
            patience=options.patience,
        )
        self.sender = Sender(
            backbone.publishing,
            options.spool,
            Backoff(backbone.random),
            self._on_link,
            self._renew,
            options.publisher_window / 2,
        )
        backbone.employ("redis publishing", self.sender.run)
        backbone.employ("redis spool", self._answer_late)

    def _on_link(self, up: bool, reason: str) -> None:
        self._backbone.report("publishing", "" if up else reason or "connection lost")

    def listen(self, listener: Callable[[Publication], int], on_gap: Callable[[Gap], None] = ignore_gap) -> None:
        self.feeds.listener, self.feeds.on_gap = listener, on_gap

    # Publishing.

    async def publish(self, draft: Draft, options: ChannelOptions) -> Published:
        loop = asyncio.get_running_loop()
        mark = self._random.getrandbits(63)
        body = encode(draft)
        call = partial(self._call, draft, options, mark, body)
        pending = Pending(draft.channel, len(body), call, loop.time(), loop.create_future())
        if self.feeds.follows(draft.channel):
            self._pending[mark] = pending
        else:
            pending.reached = 0
        try:
            self.sender.put(pending, away=self._backbone.is_away())
            return await pending.future
        finally:
            self._pending.pop(mark, None)

    def _call(self, draft: Draft, options: ChannelOptions, mark: int, body: bytes, number: int, before: int) -> Call:
        keys, channel = self._keys, draft.channel
        fanout, meta = keys.fanout(channel), keys.meta(channel)
        once = draft.idempotency_key is not None
        age = _milliseconds(options.history_age)
        return Call(
            PUBLISH,
            (
                meta,
                keys.stream(channel),
                keys.publisher(channel, self._node),
                keys.idempotency(channel, draft.idempotency_key or "") if once else meta,
            ),
            (
                *(number, before, mark, _epoch_of(mark), options.history_size, age, age + self._life),
                _milliseconds(self._options.publisher_window),
                _milliseconds(self._options.idempotency_window) if once else 0,
                *(draft.version or 0, fanout, self._backbone.spread, body),
            ),
        )

    def _renew(self, channel: str, epoch: str) -> Call:
        return renewal(self._keys.meta(channel), epoch)

    def _on_heard(self, mark: int, reached: int) -> None:
        pending = self._pending.get(mark)
        if pending is not None:
            pending.reached = reached
            pending.resolve()

    async def _answer_late(self) -> None:
        """Answer those that wait for a listener that hears nothing at the moment, and those in the spool."""
        loop = asyncio.get_running_loop()
        wait = self._options.spool.wait
        while True:
            await asyncio.sleep(max(0.05, wait / 8))
            self.sender.answer_late(loop.time() - wait)
            for pending in list(self._pending.values()):
                if pending.since > loop.time() - wait:
                    break
                if pending.answer is not None:
                    pending.reached = 0
                    pending.resolve()

    async def drain(self, seconds: float) -> int:
        """Wait until everything that was accepted is published, at most `seconds`; return how many are not."""
        try:
            async with asyncio.timeout(seconds):
                await self.sender.drained()
        except TimeoutError:
            pass
        return len(self.sender)

    # Following and reading.

    async def follow(self, channels: Collection[str]) -> None:
        await self.feeds.follow(channels)

    async def unfollow(self, channels: Collection[str]) -> None:
        await self.feeds.unfollow(channels)

    async def history(
        self, channel: str, options: ChannelOptions, since: Position | None, limit: int, reverse: bool = False
    ) -> History:
        feed = await self.feeds.feed(channel, options.history_size, partial(_suffices, since=since, limit=limit))
        if feed is not None and feed.stream is not None:
            return feed.stream.read(since, limit, reverse)
        return await self._history(channel, since, limit, reverse)

    async def _history(self, channel: str, since: Position | None, limit: int, reverse: bool) -> History:
        """Read a channel that isn't followed here."""
        found = await self.reader.read(channel, None if since is None else since.offset, limit + (since is not None))
        if since == START:
            since = Position(found.top.epoch, 0)
        comparable = since is not None and since.epoch == found.top.epoch and since.offset <= found.top.offset
        if since is not None and not comparable:
            found = await self.reader.read(channel, None, limit)
        publications = [arrival.publication(channel) for arrival in found.entries]
        missed = found.top.offset - since.offset if since is not None and comparable else -1
        recovered = len(publications) == missed and missed <= limit
        chosen = publications[:limit]
        if reverse:
            chosen.reverse()
        return History(tuple(chosen), found.top, recovered)

    async def forget(self, channel: str) -> None:
        await self._backbone.queries.call(Call(FORGET, (self._keys.meta(channel), self._keys.stream(channel)), ()))


def _suffices(feed: Feed, since: Position | None, limit: int) -> bool:
    """Tell whether a feed can answer as it is."""
    stream = feed.stream
    assert stream is not None
    if since is None:
        return limit == 0 or feed.complete
    if since == stream.top:
        return True
    # Another epoch, or an offset above the top: Redis may have what hasn't been heard here yet.
    known = since == START or (since.epoch == stream.epoch and since.offset < stream.offset)
    return known and (feed.complete or limit == 0)


def _epoch_of(mark: int) -> bytes:
    """The epoch that a publication begins if there is none: 40 bits of its mark, which are as random as any."""
    return b"%010x" % (mark & 0xFFFFFFFFFF)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
