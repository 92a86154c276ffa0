"""Broker, presence and membership in the memory of one process: the default, and complete."""

from __future__ import annotations

from collections.abc import Callable, Collection

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.model import Draft, Gap, History, Member, Position, PresenceState, Publication, Published
from channels.policy import ChannelOptions
from channels.ports import ignore_gap
from channels.stream import Stream, random_epoch


class _Stream(Stream):
    """A stream, and when somebody last used it."""

    __slots__ = ("used",)

    def __init__(self, epoch: str, now: float) -> None:
        super().__init__(epoch)
        self.used = now


def _publication(draft: Draft, position: Position | None) -> Publication:
    return Publication(draft.channel, draft.type, draft.data, draft.timestamp, position, draft.key, draft.exclude)


class MemoryBroker:
    """Streams in dictionaries. Publishing calls the listener before it returns, so it has no queue and no delay.

    Args:
        clock: for ages.
        new_epoch: makes a name for a new stream.
        idempotency_window: seconds during which a repeated idempotency key is recognised.
        idempotency_keys: keys remembered at most; a further keyed publish is refused until the oldest end. None is
        forgotten early.
        max_channels: streams kept at most; a publish on a further channel is refused.
        forget_after: seconds after which a channel with no history left and nobody following is dropped, epoch and all.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        new_epoch: Callable[[], str] = random_epoch,
        idempotency_window: float = 300.0,
        idempotency_keys: int = 1_000_000,
        max_channels: int = 100_000,
        forget_after: float = 3600.0,
    ) -> None:
        self._clock = clock
        self._new_epoch = new_epoch
        self._window = idempotency_window
        self._max_keys = idempotency_keys
        self._max_channels = max_channels
        self._forget_after = forget_after
        self._streams: dict[str, _Stream] = {}
        self._followed: set[str] = set()
        self._keys: dict[tuple[str, str], tuple[float, Position | None]] = {}
        self._listener: Callable[[Publication], int] = lambda _: 0

    def listen(self, listener: Callable[[Publication], int], on_gap: Callable[[Gap], None] = ignore_gap) -> None:
        self._listener = listener  # and there are no gaps: nothing is between publishing and the listener

    async def publish(self, draft: Draft, options: ChannelOptions) -> Published:
        now = self._clock.monotonic()
        if draft.idempotency_key is not None:
            known = self._known(draft.channel, draft.idempotency_key, now)
            if known is not None:
                return Published(known[1], duplicate=True)
        if draft.version is not None:
            stream = self._stream(draft.channel)
            if draft.version <= stream.version:
                return Published(stream.top if options.history_size else None, superseded=True)
            stream.version = draft.version
        publication = self._place(draft, options, now)
        if draft.idempotency_key is not None:
            self._keys[draft.channel, draft.idempotency_key] = (now + self._window, publication.position)
        reached = self._listener(publication) if draft.channel in self._followed else 0
        return Published(publication.position, reached)

    def _place(self, draft: Draft, options: ChannelOptions, now: float) -> Publication:
        if options.history_size == 0:
            return _publication(draft, None)
        stream = self._stream(draft.channel)
        publication = _publication(draft, Position(stream.epoch, stream.offset + 1))
        stream.append(publication, now + options.history_age, options.history_size)
        stream.used = now
        stream.expire(now)
        return publication

    def _known(self, channel: str, key: str, now: float) -> tuple[float, Position | None] | None:
        # Every key lives equally long, so the oldest stand first.
        while self._keys and (oldest := next(iter(self._keys.items())))[1][0] <= now:
            del self._keys[oldest[0]]
        known = self._keys.get((channel, key))
        if known is None and len(self._keys) >= self._max_keys:
            raise ReplyError(
                ErrorCode.UNAVAILABLE,
                f"{self._max_keys} idempotency keys are in use; publish without one, or later, when some have ended",
            )
        return known

    def _stream(self, channel: str) -> _Stream:
        stream = self._streams.get(channel)
        if stream is None:
            if len(self._streams) >= self._max_channels:
                self.sweep()
            if len(self._streams) >= self._max_channels:
                raise ReplyError(
                    ErrorCode.TOO_MANY_CHANNELS, f"the hub's limit of {self._max_channels} channels is reached"
                )
            stream = self._streams[channel] = _Stream(self._new_epoch(), self._clock.monotonic())
        return stream

    async def follow(self, channels: Collection[str]) -> None:
        self._followed.update(channels)

    async def unfollow(self, channels: Collection[str]) -> None:
        self._followed.difference_update(channels)
        now = self._clock.monotonic()
        for stream in filter(None, map(self._streams.get, channels)):
            stream.used = now

    async def history(
        self, channel: str, options: ChannelOptions, since: Position | None, limit: int, reverse: bool = False
    ) -> History:
        stream = self._stream(channel)
        stream.expire(self._clock.monotonic())
        return stream.read(since, limit, reverse)

    async def forget(self, channel: str) -> None:
        self._streams.pop(channel, None)

    def sweep(self) -> int:
        """Drop streams that hold nothing and that nobody follows; return how many. Called now and then."""
        now = self._clock.monotonic()
        for stream in self._streams.values():
            stream.expire(now)
        stale = [
            channel
            for channel, stream in self._streams.items()
            if not stream.entries and channel not in self._followed and stream.used + self._forget_after <= now
        ]
        for channel in stale:
            del self._streams[channel]
        return len(stale)


class MemoryPresence:
    """Presence of one process: exact, no leases needed. Tells of all channels, watched or not."""

    def __init__(self) -> None:
        self._channels: dict[str, dict[str, Member]] = {}
        self._listener: Callable[[str, str, Member], None] = lambda _event, _channel, _member: None

    async def join(self, channel: str, member: Member) -> None:
        here = self._channels.setdefault(channel, {})
        if member.session not in here:
            here[member.session] = member
            self._listener("join", channel, member)

    async def leave(self, channel: str, session: str) -> None:
        here = self._channels.get(channel)
        member = here.pop(session, None) if here is not None else None
        if not here:
            self._channels.pop(channel, None)
        if member is not None:
            self._listener("leave", channel, member)

    async def state(self, channel: str, members: bool) -> PresenceState:
        here = self._channels.get(channel, {})
        users = {member.user for member in here.values() if member.user is not None}
        return PresenceState(len(here), len(users), tuple(here.values()) if members else None)

    def listen(self, listener: Callable[[str, str, Member], None]) -> None:
        self._listener = listener

    def watch(self, channel: str, wanted: bool) -> None:
        return None


class MemoryMembership:
    """Members of rooms, sessions and jobs.

    Args:
        limit: entries kept at most; a further one is refused.
    """

    def __init__(self, limit: int = 1_000_000) -> None:
        self._limit = limit
        self._size = 0
        self._members: dict[str, set[str]] = {}

    async def add(self, channel: str, user: str) -> None:
        if user in self._members.get(channel, ()):
            return
        if self._size >= self._limit:
            raise ReplyError(ErrorCode.UNAVAILABLE, f"the hub's limit of {self._limit} memberships is reached")
        self._members.setdefault(channel, set()).add(user)
        self._size += 1

    async def remove(self, channel: str, user: str) -> None:
        users = self._members.get(channel)
        if users is None or user not in users:
            return
        users.remove(user)
        self._size -= 1
        if not users:
            del self._members[channel]

    async def contains(self, channel: str, user: str) -> bool:
        return user in self._members.get(channel, ())

    async def members(self, channel: str) -> frozenset[str]:
        return frozenset(self._members.get(channel, ()))
