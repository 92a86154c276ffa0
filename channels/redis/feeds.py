"""All followed channels of this process: heard, kept in order, healed, and given to the listener."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable

import structlog

from channels.clock import Clock
from channels.errors import ReplyError
from channels.model import Gap, Publication
from channels.ports import ignore_gap
from channels.redis.backbone import Backbone
from channels.redis.backoff import Backoff
from channels.redis.body import Reading, from_message
from channels.redis.feed import Feed, Heard, Step
from channels.redis.history import ALL, HistoryReader
from channels.redis.queries import away, unavailable
from channels.redis.readings import Readings

log = structlog.get_logger(__name__)

KEEP = 100
"""Publications that a feed keeps until the channel's options are known."""

CHECK_SIZE = 500
"""Channels that a check asks for at once, so that it doesn't hold up the readings that somebody waits for."""


class Feeds:
    """Follows channels.

    Args:
        history: reads what was missed.
        linger: seconds that a channel is still listened to after nobody follows it.
        check_interval: seconds between two comparisons of what was heard with what Redis holds.
        patience: seconds that `follow` waits for Redis.
        on_heard: told of each publication with its mark, and how many subscribers it reached.

    Attributes:
        healed: publications that were lost on the way and read from history.
        holes: times that some were, per channel.
        gaps: gaps that could not be healed, and were announced.
        malformed: messages on our channels that no hub wrote.
    """

    def __init__(
        self,
        backbone: Backbone,
        history: HistoryReader,
        clock: Clock,
        on_heard: Callable[[int, int], None],
        *,
        linger: float,
        check_interval: float,
        patience: float,
    ) -> None:
        self.healed = self.holes = self.gaps = self.malformed = 0
        self.listener: Callable[[Publication], int] = lambda _: 0
        self.on_gap: Callable[[Gap], None] = ignore_gap
        self._backbone = backbone
        self._history = history
        self._keys = backbone.keys
        self._clock = clock
        self._on_heard = on_heard
        self._linger = linger
        self._check_interval = check_interval
        self._patience = patience
        self._feeds: dict[str, Feed] = {}
        self._listening: set[str] = set()
        self._followed: set[str] = set()
        self._lingering: dict[str, float] = {}
        self._returning: dict[str, asyncio.Future[None]] = {}
        self._awaited: Counter[str] = Counter()
        self._orders = Readings(self._read, self._feeds.__contains__, Backoff(backbone.random))
        self._healing: set[str] = set()
        backbone.employ("redis readings", self._orders.run)
        backbone.employ("redis check", self._check)
        backbone.employ("redis linger", self._let_go)

    # Following.

    async def follow(self, channels: Collection[str]) -> None:
        """Give publications of `channels` to the listener from now on.

        Raises:
            ReplyError: `unavailable`; those that can't be followed now are not followed.
        """
        begun = [channel for channel in channels if channel not in self._followed]
        self._followed.update(begun)
        again = [channel for channel in begun if self._lingering.pop(channel, None) is not None]
        fresh = [channel for channel in begun if channel not in self._feeds]
        for channel in fresh:
            self._feeds[channel] = Feed(channel, KEEP)
        self._backbone.hear([self._keys.fanout(channel) for channel in fresh], self)
        for channel in again:
            self._returning[channel] = asyncio.create_task(self._return(channel), name=f"following {channel} again")
        # Those that others have just begun to follow may not be there yet, either.
        feeds = [feed for channel in channels if (feed := self._feeds.get(channel)) and feed.stream is None]
        returns = [self._returning[channel] for channel in channels if channel in self._returning]
        if not feeds and not returns:
            return
        self._awaited.update(channels)
        try:
            if feeds and self._backbone.is_away():
                raise away()
            async with asyncio.timeout(self._patience):
                await asyncio.gather(*(feed.begun.wait() for feed in feeds), *map(asyncio.shield, returns))
        except TimeoutError:
            raise unavailable(f"no answer within {self._patience:g} s") from None
        finally:
            self._awaited.subtract(channels)
            await self.unfollow([channel for channel in channels if self._is_given_up(channel)])

    def _is_given_up(self, channel: str) -> bool:
        """Tell whether a channel could not be followed, and nobody else waits for it any more."""
        if self._awaited[channel]:
            return False
        del self._awaited[channel]
        feed = self._feeds.get(channel)
        return feed is not None and feed.stream is None

    async def _return(self, channel: str) -> None:
        """Follow a channel again that is still listened to: what was published meanwhile isn't for the listener, and
        may be on its way. While Redis is away nothing is."""
        try:
            await self._orders.wait(channel)
        except ReplyError:
            pass
        finally:
            # It may have been left and followed once more meanwhile.
            if self._returning.get(channel) is asyncio.current_task():
                del self._returning[channel]

    async def unfollow(self, channels: Collection[str]) -> None:
        """Stop that. Redis' channel is listened to a little longer, since who left often comes back."""
        ends = self._clock.monotonic() + self._linger
        for channel in channels:
            if channel in self._followed:
                self._followed.discard(channel)
                self._lingering[channel] = ends

    def follows(self, channel: str) -> bool:
        """Tell whether the channel is followed."""
        return channel in self._followed

    def __len__(self) -> int:
        return len(self._feeds)

    async def _let_go(self) -> None:
        while True:
            await asyncio.sleep(self._linger / 4 + 0.01)
            now = self._clock.monotonic()
            gone = [channel for channel, ends in self._lingering.items() if ends <= now]
            for channel in gone:
                del self._lingering[channel]
                del self._feeds[channel]
                self._listening.discard(channel)
                self._healed(channel)
            self._backbone.ignore([self._keys.fanout(channel) for channel in gone])

    # Hearing (`channels.redis.backbone.Hearer`).

    def take(self, name: bytes, message: bytes) -> None:
        channel = self._keys.channel(name)
        feed = self._feeds.get(channel)
        if feed is None:
            return
        try:
            arrival = from_message(message)
            if arrival.epoch:
                steps: Iterable[Step] = feed.hear(arrival)
            else:
                steps = (Heard(arrival.publication(channel), arrival.mark),)
        except Exception as error:
            self.malformed += 1
            log.warning("a message on our channel is none of ours", channel=channel, error=str(error))
            return
        self._deliver(channel, steps)
        if feed.wants_reading:
            self._orders.ask(channel)

    def ready(self, name: bytes) -> None:
        channel = self._keys.channel(name)
        feed = self._feeds.get(channel)
        if feed is None:
            return
        feed.doubt()
        self._listening.add(channel)
        self._orders.ask(channel)

    def lost(self) -> None:
        self._listening.clear()
        self._healing.update(self._feeds)
        self._say_healing()

    def _say_healing(self) -> None:
        self._backbone.report("healing", "what was missed is not read yet" if self._healing else "")

    def _deliver(self, channel: str, steps: Iterable[Step]) -> None:
        followed = channel in self._followed and channel not in self._returning
        for step in steps:
            if isinstance(step, Gap):
                self.gaps += 1
                if followed:
                    log.warning("publications are lost", channel=channel, after=step.after, until=step.until)
                    self.on_gap(step)
                continue
            self.healed += step.healed
            reached = self.listener(step.publication) if followed else 0
            self._on_heard(step.mark, reached)

    # Reading.

    async def feed(self, channel: str, keep: int, fresh: Callable[[Feed], bool]) -> Feed | None:
        """Return a followed channel's feed with all that Redis keeps; `None` if the channel isn't followed.

        Args:
            keep: the channel's history size.
            fresh: tells whether what the feed has is enough as it is; else it is read first.

        Raises:
            ReplyError: `unavailable`.
        """
        feed = self._feeds.get(channel)
        if feed is None or feed.stream is None or channel not in self._followed:
            return None
        feed.resize(keep)
        if not fresh(feed):
            await self._orders.wait(channel, full=True)
        assert feed.stream is not None
        feed.stream.expire(self._history.now())
        return feed

    async def _read(self, channel: str, full: bool) -> None:
        feed = self._feeds.get(channel)
        if feed is None:
            return
        if feed.stream is None and channel not in self._listening:
            return  # it is read as soon as it is listened to: what came between would be missed
        last = feed.last
        if full or feed.stream is not None:
            found = await self._history.read(channel, 0 if full else last.offset, ALL, last.offset)
        else:
            found = await self._history.read(channel, None, 1)  # the newest, to know it again
        steps = feed.settle(found, full, last)
        if steps is None:
            await self._renew(feed, found)
            found = await self._history.read(channel, 0, ALL)
            steps = feed.settle(found, True, last) or []
        self.holes += any(isinstance(step, Heard) and step.healed for step in steps)
        self._deliver(channel, steps)
        if feed.wants_reading:
            self._orders.ask(channel)
        elif channel in self._listening:
            self._healed(channel)

    def _healed(self, channel: str) -> None:
        if channel in self._healing:
            self._healing.discard(channel)
            self._say_healing()

    async def _renew(self, feed: Feed, found: Reading) -> None:
        stream = feed.stream
        if stream is not None and found.top.epoch == stream.epoch:
            log.error("redis has lost publications that it had acknowledged", channel=feed.channel, had=stream.top)
            await self._history.renew(feed.channel, stream.epoch)

    async def _check(self) -> None:
        """Compare with Redis now and then: a publication that was lost without a trace shows when the next one comes,
        which may be long after."""
        while True:
            await asyncio.sleep(self._check_interval)
            channels = [channel for channel, feed in self._feeds.items() if feed.stream is not None]
            for number in range(0, len(channels), CHECK_SIZE):
                for channel in channels[number : number + CHECK_SIZE]:
                    self._orders.ask(channel)
                await asyncio.sleep(0.05)
