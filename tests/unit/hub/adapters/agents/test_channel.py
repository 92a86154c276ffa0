"""The hub's channel of a session: what is published when, and what it still has. Its contract is in tests/contract."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.model import Draft, Published
from channels.policy import Access, ChannelOptions, Policy
from hub.adapters.agents.channel import HubChannel, channel_of
from tests.kit import Domain

DATA = {"timestamp": "2026-11-21T10:15:00.000000Z"}


class World:
    """A channel over an engine in memory, whose broker can go away."""

    def __init__(self, history: int = 5) -> None:
        options = ChannelOptions(history_size=history, publish=Access.NOBODY)
        self.domain = Domain(Policy({}, {"session": options}))
        self.changed: Callable[[bool, str], None] = lambda there, why: None
        self.channel = HubChannel(self.domain.engine, self.domain.broker, self._watch)
        self.session = uuid4()

    def _watch(self, watcher: Callable[[bool, str], None]) -> None:
        self.changed = watcher

    async def publish(self, *seqs: int) -> None:
        for seq in seqs:
            await self.channel.publish(self.session, seq, "MESSAGE_DELTA", {"seq": seq, **DATA})

    async def recent(self, after: int) -> list[int] | None:
        found = await self.channel.recent(self.session, after)
        return None if found is None else [after + place for place, _ in enumerate(found, 1)]


def test_the_channel_is_named_after_the_session() -> None:
    """As clients name it."""
    assert channel_of(UUID(int=7)) == "session:00000000-0000-0000-0000-000000000007"


async def test_while_the_broker_is_away_nothing_is_queued_there() -> None:
    """The log has it: the relay tries again, and a queue would only fill with tries."""
    world = World()
    world.changed(False, "")
    with pytest.raises(ReplyError) as refused:
        await world.publish(1)
    assert refused.value.code is ErrorCode.UNAVAILABLE
    world.changed(True, "")
    await world.publish(1)
    assert await world.recent(0) == [1]


async def test_what_the_broker_only_queued_isn_t_published() -> None:
    """It is tried again; the number keeps it from coming twice."""
    world = World()

    async def queue(draft: Draft, options: ChannelOptions) -> Published:
        return Published(None, queued=True)

    world.domain.link.publish = queue  # type: ignore[method-assign]
    with pytest.raises(ReplyError, match="went away"):
        await world.publish(1)


async def test_the_newest_events_are_had_without_the_database() -> None:
    """If the channel has all that come after a number; otherwise the log is asked."""
    world = World()
    assert await world.recent(0) is None
    await world.publish(*range(1, 8))
    assert await world.recent(2) == [3, 4, 5, 6, 7]
    assert await world.recent(6) == [7]
    assert await world.recent(7) == []
    assert await world.recent(1) is await world.recent(8) is None


async def test_what_has_a_hole_is_no_answer() -> None:
    """Nor what isn't of the log, nor a channel without history."""
    world = World()
    await world.publish(1, 2, 4)
    assert await world.recent(1) is None
    odd = World()
    await odd.publish(1)
    await odd.domain.publish(channel_of(odd.session), "note")
    assert await odd.recent(1) is None
    without = World(history=0)
    await without.publish(1)
    assert await without.recent(1) is None
