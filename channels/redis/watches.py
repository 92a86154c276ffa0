"""Who comes and goes on channels that this process watches, as far as its watchers were told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial

import orjson

from channels.clock import Clock
from channels.model import Member
from channels.redis.backbone import Backbone
from channels.redis.topic import Topic

PATIENCE = 1.0
"""Seconds for which a state waits until later joins and leaves are sure to be heard; and for which a message may be on
its way."""

Listener = Callable[[str, str, Member], None]


def read_member(session: bytes, text: bytes) -> Member:
    """Read how a session describes itself."""
    client_id, user, since = orjson.loads(text)
    return Member(client_id, user, session.decode(), since)


class _Watch:
    """One channel.

    Attributes:
        members: those that watchers take for present.
        begun: whether they were ever read.
        heard: set when listening has begun.
        joins_due, leaves_due_at: whether and when to compare with Redis.
        silent: those of `members` that were read at the beginning, until `silent_until`: if their join is still on its
            way, it is news to who asked for the state a moment before.
        moved: sessions that have come or gone since a comparison began; `None` when none is under way.
    """

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.begun = False
        self.silent: set[str] = set()
        self.silent_until = 0.0
        self.heard = asyncio.Event()
        self.joins_due = True
        self.leaves_due_at = float("inf")
        self.moved: set[str] | None = None


class Watches:
    """Tells the listener of each join and leave once.

    After a loss of the connection, what was missed is found by comparing with Redis. Leaves are compared only after a
    grace: processes that were cut off as well must have had the time to note their sessions again.

    Args:
        members: reads who is on a channel; raises `ReplyError`.
        grace: seconds.

    Attributes:
        compared: comparisons after a loss.
        caught_up: joins and leaves that were missed and found by comparing.
    """

    def __init__(
        self,
        backbone: Backbone,
        clock: Clock,
        members: Callable[[str], Awaitable[Iterable[Member]]],
        hurry: Callable[[], None],
        grace: float,
    ) -> None:
        self._backbone = backbone
        self._clock = clock
        self._members = members
        self._hurry = hurry
        self._grace = grace
        self._watches: dict[str, _Watch] = {}
        self._listener: Listener = lambda _event, _channel, _member: None
        self.compared = self.caught_up = 0

    def listen(self, listener: Listener) -> None:
        """Name the one function that is told."""
        self._listener = listener

    def watch(self, channel: str, wanted: bool) -> None:
        """Begin or cease to want a channel's joins and leaves."""
        if wanted == (channel in self._watches):
            return
        name = self._backbone.keys.attendance(channel)
        if wanted:
            watch = self._watches[channel] = _Watch()
            self._backbone.hear((name,), Topic(partial(self._take, channel), partial(self._on_ready, watch)))
        else:
            del self._watches[channel]
            self._backbone.ignore((name,))

    async def heard(self, channel: str) -> None:
        """Return when all that happens on a channel from now on is heard, if it is watched; or after a second."""
        watch = self._watches.get(channel)
        if watch is not None and not watch.heard.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await watch.heard.wait()

    def _on_ready(self, watch: _Watch) -> None:
        watch.heard.set()
        watch.joins_due = True
        if watch.begun:
            watch.leaves_due_at = self._clock.monotonic() + self._grace
        self._hurry()

    def _take(self, channel: str, message: bytes) -> None:
        event, session, text = message.split(b"\n", 2)
        watch = self._watches.get(channel)
        if watch is None:
            return
        who = read_member(session, text)
        if watch.moved is not None:
            watch.moved.add(who.session)
        if event == b"join":
            self._join(channel, watch, who)
        else:
            self._leave(channel, watch, who)

    def _join(self, channel: str, watch: _Watch, who: Member) -> bool:
        if who.session in watch.members and not self._is_on_its_way(watch, who):
            return False  # noted again, by a process that Redis had lost
        watch.members[who.session] = who
        self._listener("join", channel, who)
        return True

    def _is_on_its_way(self, watch: _Watch, who: Member) -> bool:
        if self._clock.monotonic() >= watch.silent_until:
            watch.silent.clear()
        known = who.session in watch.silent
        watch.silent.discard(who.session)
        return known

    def _leave(self, channel: str, watch: _Watch, who: Member) -> bool:
        known = watch.members.pop(who.session, None)
        if known is None and watch.begun:
            return False
        self._listener("leave", channel, who)
        return True

    async def compare(self) -> None:
        """Find what was missed, where that is due.

        Raises:
            ReplyError: `unavailable`; it stays due.
        """
        for channel, watch in list(self._watches.items()):
            leaves = watch.leaves_due_at <= self._clock.monotonic()
            if watch.heard.is_set() and (watch.joins_due or leaves):
                await self._compare(channel, watch, leaves)

    async def _compare(self, channel: str, watch: _Watch, leaves: bool) -> None:
        moved = watch.moved = set()
        due_at = watch.leaves_due_at
        watch.joins_due = False
        try:
            present = {who.session: who for who in await self._members(channel)}
        except BaseException:
            watch.joins_due = True
            raise
        finally:
            watch.moved = None
        if self._watches.get(channel) is not watch:
            return
        # Of who has moved meanwhile, what was heard is newer than what was read.
        joined = [who for session, who in present.items() if session not in moved]
        if not watch.begun:
            # The watchers ask for the state themselves.
            watch.begun = True
            watch.members.update((who.session, who) for who in joined)
            watch.silent.update(who.session for who in joined)
            watch.silent_until = self._clock.monotonic() + PATIENCE
            return
        self.compared += 1
        self.caught_up += sum(self._join(channel, watch, who) for who in joined if who.session not in watch.members)
        if not leaves:
            return
        if watch.leaves_due_at == due_at:
            watch.leaves_due_at = float("inf")
        gone = [who for session, who in watch.members.items() if session not in present and session not in moved]
        self.caught_up += sum(self._leave(channel, watch, who) for who in gone)
