"""Presence over all processes, on Redis.

Each process has one lease per channel, not one per session, so that being alive costs the same with one session and
with ten thousand. Joins and leaves are told on a Redis channel by the very script that notes them: once, whoever
causes them, also when a dead process' sessions are removed by another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

import orjson

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.model import Member, PresenceState
from channels.redis.attendees import Attendees
from channels.redis.backbone import Backbone
from channels.redis.batches import batches
from channels.redis.heartbeat import LEASE_TURNS, Heartbeat
from channels.redis.keys import PresenceKeys
from channels.redis.script import (
    PRESENCE_JOIN,
    PRESENCE_LEAVE,
    PRESENCE_MINE,
    PRESENCE_RENEW,
    PRESENCE_STATE,
    Call,
    Reply,
)
from channels.redis.watches import Watches, read_member

LIFE = 10
"""Leases after which Redis drops what no process has touched."""

SESSIONS, CHANNELS, AT_ONCE = 500, 64, 16
"""Sessions or channels in one call, and calls or channels in one round trip: bound how long a call keeps the server."""

BURIED = 2000
"""Sessions of dead processes after which a renewal leaves further ones to the next."""


class RedisPresence:
    """Presence with leases.

    Guarantees: a process that dies is out of every state within `lease`, and the leaves of its sessions are told within
    a third of that more, as long as another process is on the channel. Time in which Redis is away takes nobody's
    presence: who comes back renews first, and nobody is taken for dead by a process that has just come back itself.

    Args:
        node: name of this process, another one at each start.
        limit: sessions on channels, of this process; a further one is refused.

    Attributes:
        renewals: leases that were renewed, one per channel and turn.
        lost: times that Redis knew less of this process' sessions on a channel than it should.
        repaired: channels that were put right.
    """

    def __init__(
        self, backbone: Backbone, node: str, clock: Clock, lease: float = 30.0, limit: int = 1_000_000
    ) -> None:
        self._backbone = backbone
        self._node = node.encode()
        self._node_name = node
        self._clock = clock
        self._lease = lease
        self._limit = limit
        self._attendees = Attendees()
        self._steady_since = self._last_turn = float("-inf")
        self.heartbeat = Heartbeat(lease / LEASE_TURNS, backbone.random)
        self.watches = Watches(backbone, clock, self._members, self.heartbeat.hurry, lease / 2)
        self.renewals = self.lost = self.repaired = 0
        backbone.watch(self._on_link)
        backbone.employ("redis presence", self.run)

    # Joining and leaving.

    async def join(self, channel: str, member: Member) -> None:
        if self._attendees.size >= self._limit:
            raise ReplyError(
                ErrorCode.UNAVAILABLE, f"{self._limit} sessions are on channels of this process, its limit"
            )
        here = self._attendees.begin(channel)
        expected = 1 if here.members else 0
        text = orjson.dumps((member.client_id, member.user, member.since))
        new = self._attendees.add(here, member.session, text)
        try:
            was = await self._call_join(channel, ((member.session, text),))
        except BaseException:
            # Whether it took effect isn't known.
            if new:
                self._attendees.drop(here, member.session)
            self._doubt(channel)
            raise
        finally:
            self._attendees.end(channel, here)
        if was != expected:
            self._doubt(channel)

    async def leave(self, channel: str, session: str) -> None:
        here = self._attendees.begin(channel)
        self._attendees.drop(here, session)
        try:
            await self._call_leave(channel, (session,))
        except BaseException:
            self._doubt(channel)
            raise
        finally:
            self._attendees.end(channel, here)

    def _doubt(self, channel: str) -> None:
        self._attendees.doubt((channel,))
        self.heartbeat.hurry()

    async def _call_join(self, channel: str, members: Sequence[tuple[str, bytes]]) -> int:
        arguments: list[bytes | int] = [self._node, self._milliseconds, LIFE * self._milliseconds]
        arguments += (self._backbone.spread, self._backbone.keys.attendance(channel))
        for session, member in members:
            arguments += (session.encode(), member)
        return int(await self._call(Call(PRESENCE_JOIN, self._keys(channel), tuple(arguments))))

    async def _call_leave(self, channel: str, sessions: Sequence[str]) -> None:
        arguments = (self._node, self._backbone.spread, self._backbone.keys.attendance(channel))
        names = tuple(session.encode() for session in sessions)
        await self._call(Call(PRESENCE_LEAVE, self._keys(channel), (*arguments, *names)))

    async def _call(self, call: Call) -> Reply:
        return await self._backbone.queries.call(call)

    def _keys(self, channel: str) -> PresenceKeys:
        return self._backbone.keys.presence(channel, self._node_name)

    @property
    def _milliseconds(self) -> int:
        return round(1000 * self._lease)

    # Asking.

    async def state(self, channel: str, members: bool) -> PresenceState:
        await self.watches.heard(channel)
        return await self._state(channel, members)

    async def _state(self, channel: str, members: bool) -> PresenceState:
        found = await self._call(Call(PRESENCE_STATE, self._keys(channel)[:2], (int(members),)))
        if not members:
            return PresenceState(found[0], found[1], None)
        rows = [row for rows in found[2:] for row in zip(rows[::2], rows[1::2], strict=True)]
        return PresenceState(found[0], found[1], tuple(read_member(session, text) for session, text in rows))

    async def _members(self, channel: str) -> tuple[Member, ...]:
        return (await self._state(channel, True)).members or ()

    # Notices.

    def listen(self, listener: Callable[[str, str, Member], None]) -> None:
        self.watches.listen(listener)

    def watch(self, channel: str, wanted: bool) -> None:
        self.watches.watch(channel, wanted)

    # Staying alive.

    def _on_link(self, up: bool, _reason: str) -> None:
        if up:
            # It may be another server, which knows less. And others may not have had the time to renew yet.
            self._steady_since = self._clock.monotonic()
            self._attendees.doubt(self._attendees.channels())
            self.heartbeat.hurry()

    async def run(self) -> None:
        """Keep this process' sessions present, until cancelled. Exactly one task runs this."""
        await self.heartbeat.run(self._turn)

    async def go(self) -> None:
        """Take all sessions of this process out, when it stops. While Redis is away, the end of its leases does it."""
        with suppress(ReplyError):
            for channel in self._attendees.channels():
                here = self._attendees.at(channel)
                for group in batches(list(here.members) if here is not None else (), SESSIONS):
                    await self._leave_all(channel, group)

    async def _leave_all(self, channel: str, sessions: Sequence[str]) -> None:
        here = self._attendees.begin(channel)
        for session in sessions:
            self._attendees.drop(here, session)
        try:
            await self._call_leave(channel, sessions)
        finally:
            self._attendees.end(channel, here)

    async def _turn(self) -> None:
        await self._renew()
        for batch in batches(list(self._attendees.doubtful), AT_ONCE):
            self._attendees.doubtful.difference_update(batch)
            try:
                await _together([partial(self._repair, channel) for channel in batch])
            except BaseException:
                self._attendees.doubt(batch)
                raise
        await self.watches.compare()

    async def _renew(self) -> None:
        began = self._clock.monotonic()
        if began - self._last_turn > self._lease / 2:
            self._steady_since = began  # no turn was made when one was due: here, or at Redis, time stood still
        budget = BURIED if began - self._steady_since >= self._lease / 2 else 0
        # In a cluster, two channels are hardly ever in one slot.
        together = 1 if self._backbone.spread == b"SPUBLISH" else CHANNELS
        for batch in batches(batches(self._attendees.channels(), together), AT_ONCE):
            await _together([partial(self._renew_some, channels, budget) for channels in batch])
        self._last_turn = began

    async def _renew_some(self, channels: list[str], budget: int) -> None:
        keys = tuple(key for channel in channels for key in self._keys(channel))
        topics = tuple(self._backbone.keys.attendance(channel) for channel in channels)
        before = [here.moves if (here := self._attendees.at(channel)) else -1 for channel in channels]
        lease = self._milliseconds
        arguments = (self._node, lease, LIFE * lease, budget, self._backbone.spread)
        counts = await self._call(Call(PRESENCE_RENEW, keys, (*arguments, *topics)))
        for channel, moves, count in zip(channels, before, counts, strict=True):
            self.renewals += count >= 0
            here = self._attendees.at(channel)
            if here is None or here.under_way or here.moves != moves or count == len(here.members):
                continue
            self.lost += 1
            self._attendees.doubt((channel,))

    async def _repair(self, channel: str) -> None:
        """Give Redis the sessions that are here, and take those from it that aren't."""
        here = self._attendees.begin(channel)
        try:
            for group in batches(list(here.members), SESSIONS):
                await self._rejoin(channel, group)
            found = await self._call(Call(PRESENCE_MINE, self._keys(channel)[2:], ()))
            strays = [session for name in found if (session := name.decode()) not in here.members]
            for group in batches(strays, SESSIONS):
                await self._call_leave(channel, group)
        finally:
            self._attendees.end(channel, here)
        self.repaired += 1

    async def _rejoin(self, channel: str, sessions: Sequence[str]) -> None:
        # No await between looking and calling: who leaves later is taken out by a call that comes later.
        here = self._attendees.at(channel)
        members = here.members if here is not None else {}
        present = [(session, members[session]) for session in sessions if session in members]
        if present:
            await self._call_join(channel, present)


async def _together(works: Sequence[Callable[[], Awaitable[None]]]) -> None:
    """Do all, whatever becomes of each; then raise what one of them raised."""
    for result in await asyncio.gather(*(work() for work in works), return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
