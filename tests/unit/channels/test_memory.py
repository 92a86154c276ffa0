"""What is particular to memory: its bounds. What it has in common with others stands in tests/contract."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.memory import MemoryBroker, MemoryMembership, MemoryPresence
from channels.model import START, Member, Position, Publication, Published
from channels.policy import ChannelOptions
from tests.kit import ManualClock, draft

OPTIONS = ChannelOptions(history_size=3, history_age=60.0)
NO_HISTORY = ChannelOptions(history_size=0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def top(broker: MemoryBroker, channel: str = "a") -> Position:
    return (await broker.history(channel, OPTIONS, None, 0)).top


# Streams.


async def test_without_a_listener_publishing_works(clock: ManualClock) -> None:
    """A broker may be used alone, for its history."""
    broker = MemoryBroker(clock)
    await broker.follow(("a",))
    published = await broker.publish(draft("a"), OPTIONS)
    assert published.position is not None
    assert published == Published(Position(published.position.epoch, 1))


async def test_history_is_kept_by_size_and_by_age(clock: ManualClock) -> None:
    """What has ended is not counted among those that are kept."""
    broker = MemoryBroker(clock)
    for _ in range(2):
        await broker.publish(draft("a"), OPTIONS)
    clock.advance(59.0)
    for _ in range(2):
        await broker.publish(draft("a"), OPTIONS)
    clock.advance(1.0)
    found = await broker.history("a", OPTIONS, None, 10)
    assert [p.position.offset for p in found.publications if p.position] == [3, 4]
    assert found.top.offset == 4


@pytest.mark.parametrize("reverse", [False, True])
async def test_a_piece_of_history(clock: ManualClock, reverse: bool) -> None:
    """After a position, from the start, or the newest; turned round if asked."""
    broker = MemoryBroker(clock, new_epoch=lambda: "e1")
    for _ in range(4):
        await broker.publish(draft("a"), OPTIONS)

    async def offsets(since: Position | None, limit: int) -> list[int]:
        found = await broker.history("a", OPTIONS, since, limit, reverse)
        offsets = [p.position.offset for p in found.publications if p.position]
        return offsets[::-1] if reverse else offsets

    assert await offsets(Position("e1", 2), 10) == [3, 4]
    assert await offsets(Position("e1", 2), 1) == [3]
    assert await offsets(START, 2) == [2, 3]
    assert await offsets(None, 2) == [3, 4]
    assert await offsets(Position("e2", 2), 2) == [3, 4]


async def test_a_stream_that_was_forgotten_begins_anew(clock: ManualClock) -> None:
    """Forgetting what was never there is nothing."""
    broker = MemoryBroker(clock)
    await broker.forget("a")
    before = await top(broker)
    await broker.forget("a")
    assert (await top(broker)).epoch != before.epoch


async def test_a_quiet_channel_is_dropped_after_its_time(clock: ManualClock) -> None:
    """Not while it holds history, nor while somebody follows it."""
    broker = MemoryBroker(clock, forget_after=100.0)
    await broker.follow(("followed",))
    for channel in ("followed", "quiet"):
        await broker.publish(draft(channel), OPTIONS)
    clock.advance(99.0)
    await broker.publish(draft("busy"), ChannelOptions(history_age=1_000.0))
    assert broker.sweep() == 0
    clock.advance(1.0)
    assert broker.sweep() == 1
    clock.advance(500.0)
    assert broker.sweep() == 0
    assert set(broker._streams) == {"followed", "busy"}


async def test_a_channel_is_kept_for_its_time_after_the_last_one_left(clock: ManualClock) -> None:
    """Who reconnects within that time to a channel that was quiet all day has missed nothing, and is told so."""
    broker = MemoryBroker(clock, forget_after=100.0)
    await broker.follow(("a",))
    before = await top(broker)
    clock.advance(10_000.0)
    await broker.unfollow(("a", "unknown"))
    clock.advance(99.0)
    assert broker.sweep() == 0
    assert (await broker.history("a", OPTIONS, before, 10)).recovered
    clock.advance(1.0)
    assert broker.sweep() == 1


async def test_the_number_of_channels_is_bounded(clock: ManualClock) -> None:
    """A further one is refused for the time being; quiet ones make room."""
    broker = MemoryBroker(clock, max_channels=2, forget_after=100.0)
    for channel in ("a", "b"):
        await broker.publish(draft(channel), OPTIONS)
    with pytest.raises(ReplyError, match="limit of 2 channels") as caught:
        await broker.publish(draft("c"), OPTIONS)
    assert caught.value.code is ErrorCode.TOO_MANY_CHANNELS
    await broker.publish(draft("a"), OPTIONS)
    await broker.publish(draft("c"), NO_HISTORY)
    clock.advance(100.0)
    assert (await broker.publish(draft("c"), OPTIONS)).position is not None


# Idempotency.


async def test_a_key_is_known_for_its_window(clock: ManualClock) -> None:
    """Then the same key is a new publication."""
    broker = MemoryBroker(clock, idempotency_window=10.0)
    heard: list[Publication] = []

    def hear(publication: Publication) -> int:
        heard.append(publication)
        return 1

    broker.listen(hear)
    await broker.follow(("a",))
    first = await broker.publish(draft("a", idempotency_key="k"), OPTIONS)
    clock.advance(9.0)
    assert await broker.publish(draft("a", idempotency_key="k"), OPTIONS) == Published(first.position, duplicate=True)
    clock.advance(1.0)
    again = await broker.publish(draft("a", idempotency_key="k"), OPTIONS)
    assert again.position is not None
    assert (again.position.offset, again.subscribers, again.duplicate, len(heard)) == (2, 1, False, 2)


async def test_keys_end_in_the_order_in_which_they_came(clock: ManualClock) -> None:
    """Nothing remembers them afterwards."""
    broker = MemoryBroker(clock, idempotency_window=10.0)
    for number in range(100):
        await broker.publish(draft("a", idempotency_key=str(number)), OPTIONS)
        clock.advance(1.0)
    assert {key for _, key in broker._keys} == {str(number) for number in range(90, 100)}


async def test_the_number_of_keys_is_bounded_and_none_is_forgotten_early(clock: ManualClock) -> None:
    """A further keyed publication is refused; what is known stays known, and without a key everything works."""
    broker = MemoryBroker(clock, idempotency_window=10.0, idempotency_keys=2)
    for key in ("a", "b"):
        await broker.publish(draft("a", idempotency_key=key), OPTIONS)
    with pytest.raises(ReplyError, match="2 idempotency keys are in use") as caught:
        await broker.publish(draft("a", idempotency_key="c"), OPTIONS)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert (await broker.publish(draft("a", idempotency_key="a"), OPTIONS)).duplicate
    assert (await broker.publish(draft("a"), OPTIONS)).position == Position((await top(broker)).epoch, 3)
    clock.advance(10.0)
    assert not (await broker.publish(draft("a", idempotency_key="c"), OPTIONS)).duplicate


async def test_a_publication_that_was_refused_leaves_no_key(clock: ManualClock) -> None:
    """Trying again later publishes."""
    broker = MemoryBroker(clock, max_channels=1, forget_after=0.0)
    await broker.publish(draft("a"), OPTIONS)
    with pytest.raises(ReplyError):
        await broker.publish(draft("b", idempotency_key="k"), OPTIONS)
    clock.advance(60.0)
    assert not (await broker.publish(draft("b", idempotency_key="k"), OPTIONS)).duplicate


# Presence and membership.


async def test_presence_remembers_nobody_who_left() -> None:
    """An empty channel is in no map."""
    presence = MemoryPresence()
    for session in ("s1", "s2"):
        await presence.join("a", Member("c", None, session, ""))
        await presence.join("a", Member("c", None, session, ""))
    await presence.leave("a", "s1")
    assert (await presence.state("a", True)).members == (Member("c", None, "s2", ""),)
    for session in ("s1", "s2", "s2"):
        await presence.leave("a", session)
    await presence.leave("b", "s1")
    assert (await presence.state("a", False)).members is None
    assert presence._channels == {}


async def test_the_number_of_memberships_is_bounded() -> None:
    """Twice is once, and what is taken away makes room."""
    membership = MemoryMembership(limit=2)
    for user in ("alice", "bob", "bob"):
        await membership.add("room:a", user)
    with pytest.raises(ReplyError, match="limit of 2 memberships") as caught:
        await membership.add("room:b", "carol")
    assert caught.value.code is ErrorCode.UNAVAILABLE
    await membership.remove("room:a", "carol")
    await membership.remove("room:b", "alice")
    await membership.remove("room:a", "alice")
    await membership.add("room:b", "carol")
    assert await membership.contains("room:b", "carol")
    assert await membership.members("room:a") == {"bob"}


async def test_membership_remembers_no_empty_channel() -> None:
    """The last member takes the channel along."""
    membership = MemoryMembership()
    for number in range(100):
        await membership.add(f"room:{number}", "alice")
        await membership.remove(f"room:{number}", "alice")
    assert (membership._members, membership._size) == ({}, 0)
