"""What every broker owes: order, atomicity, idempotency, epochs, history, recovery. See `channels.ports.Broker`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from channels.model import START, History, Position, Publication, Published
from channels.policy import ChannelOptions
from channels.ports import Broker
from tests.contract.worlds import BROKERS, BrokerWorld
from tests.kit import draft

OPTIONS = ChannelOptions(history_size=100, history_age=3600.0)
SMALL = ChannelOptions(history_size=3, history_age=3600.0)
NO_HISTORY = ChannelOptions(history_size=0)


class Listener:
    """The one function that gets publications, as a list of what it got."""

    def __init__(self) -> None:
        self.heard: list[Publication] = []
        self.reached = 1

    def hear(self, publication: Publication) -> int:
        self.heard.append(publication)
        return self.reached

    def offsets(self, channel: str = "a") -> list[int]:
        return [p.position.offset for p in self.heard if p.channel == channel and p.position]

    def types(self, channel: str = "a") -> list[str]:
        return [p.type for p in self.heard if p.channel == channel]


@pytest.fixture(params=BROKERS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[BrokerWorld]:
    async with BROKERS[request.param]() as world:
        yield world


@pytest.fixture
def broker(world: BrokerWorld) -> Broker:
    return world.here


@pytest.fixture
def listener(world: BrokerWorld) -> Listener:
    listener = Listener()
    world.here.listen(listener.hear)
    return listener


async def publish(broker: Broker, times: int = 1, channel: str = "a", options: ChannelOptions = OPTIONS) -> Position:
    """Publish a few times; return the last position."""
    position: Position | None = None
    for _ in range(times):
        position = (await broker.publish(draft(channel), options)).position
    assert position is not None
    return position


def offsets(history: History) -> list[int]:
    return [p.position.offset for p in history.publications if p.position]


# Positions and order.


async def test_offsets_begin_at_one_and_rise_by_one(broker: Broker) -> None:
    """Of one epoch, per channel."""
    first = await publish(broker)
    assert first.offset == 1
    assert first.epoch
    assert await publish(broker, 4) == Position(first.epoch, 5)
    assert (await publish(broker, channel="b")).offset == 1


async def test_publications_at_once_get_offsets_without_gap_or_repetition(broker: Broker) -> None:
    """A hundred publishers, one stream: history has them in the order of their offsets."""
    answers = await asyncio.gather(*(broker.publish(draft("a", type=f"t{n}"), OPTIONS) for n in range(100)))
    given = {answer.position: n for n, answer in enumerate(answers)}
    history = await broker.history("a", OPTIONS, START, 1000)
    assert offsets(history) == list(range(1, 101))
    assert [p.type for p in history.publications] == [f"t{given[p.position]}" for p in history.publications]


async def test_processes_share_one_stream(world: BrokerWorld) -> None:
    """Wherever it is published, offsets rise by one."""
    brokers = (world.here, world.there)
    answers = await asyncio.gather(*(brokers[n % 2].publish(draft("a"), OPTIONS) for n in range(50)))
    assert {answer.position.offset for answer in answers if answer.position} == set(range(1, 51))
    assert len({answer.position.epoch for answer in answers if answer.position}) == 1
    for broker in brokers:
        assert offsets(await broker.history("a", OPTIONS, START, 1000)) == list(range(1, 51))


async def test_a_publication_is_the_draft_with_a_position(broker: Broker, listener: Listener) -> None:
    """Nothing is lost or rewritten on the way, neither to the listener nor into history."""
    text = {"text": 'é\u2028\x00"\\ 🔔', "n": 1.5, "deep": [[{}]]}
    sent = draft("room:ops", text, type="type é", key="key", exclude="client", idempotency_key="once")
    await broker.follow(("room:ops",))
    position = (await broker.publish(sent, OPTIONS)).position
    expected = Publication("room:ops", "type é", sent.data, sent.timestamp, position, "key", "client")
    assert listener.heard == [expected]
    assert (await broker.history("room:ops", OPTIONS, None, 1)).publications == (expected,)


async def test_a_channel_without_history_has_no_positions(broker: Broker, listener: Listener) -> None:
    """It is fanned out all the same, in order."""
    await broker.follow(("a",))
    for n in range(10):
        assert (await broker.publish(draft("a", type=f"t{n}"), NO_HISTORY)).position is None
    assert listener.types() == [f"t{n}" for n in range(10)]
    assert {p.position for p in listener.heard} == {None}


# Fan-out.


async def test_the_listener_has_been_called_when_publish_returns(broker: Broker, listener: Listener) -> None:
    """So the answer can say how many subscribers it reached here."""
    await broker.follow(("a",))
    listener.reached = 7
    for n in range(1, 20):
        published = await broker.publish(draft("a"), OPTIONS)
        assert listener.heard[-1].position == published.position
        assert (len(listener.heard), published.subscribers, published.duplicate) == (n, 7, False)


async def test_the_listener_gets_every_publication_once_and_in_order(world: BrokerWorld, listener: Listener) -> None:
    """From both processes, with many at once."""
    await world.here.follow(("a", "b"))
    brokers = (world.here, world.there)
    await asyncio.gather(*(brokers[n % 2].publish(draft("ab"[n % 3 > 0]), OPTIONS) for n in range(300)))
    await world.time.until(lambda: len(listener.heard) >= 300)
    assert listener.offsets("a") == list(range(1, 101))
    assert listener.offsets("b") == list(range(1, 201))


async def test_only_followed_channels_are_heard(broker: Broker, listener: Listener) -> None:
    """Publishing elsewhere reaches nobody here, and is kept in history."""
    await broker.follow(("b",))
    assert (await broker.publish(draft("a"), OPTIONS)).subscribers == 0
    await publish(broker, channel="b")
    assert [p.channel for p in listener.heard] == ["b"]
    assert offsets(await broker.history("a", OPTIONS, None, 10)) == [1]


async def test_following_begins_with_what_comes_next(broker: Broker, listener: Listener) -> None:
    """What was published before is history's; what comes after `follow` has returned is heard."""
    await publish(broker, 2)
    await broker.follow(("a",))
    await publish(broker, 2)
    assert listener.offsets() == [3, 4]


async def test_following_twice_hears_once(broker: Broker, listener: Listener) -> None:
    """And takes one `unfollow` to end."""
    await broker.follow(("a",))
    await broker.follow(("a", "b"))
    await publish(broker)
    await broker.unfollow(("a",))
    await publish(broker)
    assert listener.offsets() == [1]


async def test_an_unfollowed_channel_is_not_heard(world: BrokerWorld, listener: Listener) -> None:
    """Others still are; ending what never began is nothing."""
    await world.here.follow(("a", "b"))
    await world.here.unfollow(("a", "never"))
    await publish(world.there, 5)
    await publish(world.there, channel="b")
    await world.time.until(lambda: "b" in [p.channel for p in listener.heard])
    assert listener.offsets("a") == []


async def test_following_again_hears_again(broker: Broker, listener: Listener) -> None:
    """With a gap that history fills."""
    await broker.follow(("a",))
    await publish(broker)
    await broker.unfollow(("a",))
    await publish(broker)
    await broker.follow(("a",))
    await publish(broker)
    assert listener.offsets() == [1, 3]
    assert offsets(await broker.history("a", OPTIONS, START, 10)) == [1, 2, 3]


@pytest.mark.parametrize("begun", [False, True])
async def test_the_last_of_overlapping_calls_decides(broker: Broker, listener: Listener, begun: bool) -> None:
    """`follow` that is called while an `unfollow` still runs wins over it, and the other way round."""
    await broker.follow(("a", "b"))
    if begun:
        await publish(broker)
        await publish(broker, channel="b")
    await asyncio.gather(broker.unfollow(("a",)), broker.follow(("a",)))
    await asyncio.gather(broker.follow(("b",)), broker.unfollow(("b",)))
    before = len(listener.heard)
    await publish(broker)
    assert (await broker.publish(draft("b"), OPTIONS)).subscribers == 0
    assert [p.channel for p in listener.heard[before:]] == ["a"]


async def test_many_channels_are_followed_at_once(broker: Broker, listener: Listener) -> None:
    """A thousand in one call, each heard."""
    channels = [f"room:{n}" for n in range(1_000)]
    await broker.follow(channels)
    for channel in channels:
        await publish(broker, channel=channel)
    assert [p.channel for p in listener.heard] == channels
    await broker.unfollow(channels)
    await publish(broker, channel="room:5")
    assert len(listener.heard) == 1_000


async def test_no_channels_are_no_error(broker: Broker) -> None:
    """Nothing to follow is nothing to do."""
    await broker.follow(())
    await broker.unfollow(())


# History.


async def test_a_channel_without_publications_has_a_top(broker: Broker, listener: Listener) -> None:
    """Offset 0, in the epoch that its first publication will have: who subscribes now can recover from here."""
    before = await broker.history("a", OPTIONS, None, 10)
    assert (before.publications, before.top.offset) == ((), 0)
    assert await publish(broker) == Position(before.top.epoch, 1)
    history = await broker.history("a", OPTIONS, before.top, 10)
    assert (offsets(history), history.recovered) == ([1], True)


async def test_the_newest_come_without_a_position(broker: Broker) -> None:
    """Oldest first, or newest first when asked; no recovery is claimed."""
    await publish(broker, 5)
    for limit, expected in ((0, []), (1, [5]), (2, [4, 5]), (5, [1, 2, 3, 4, 5]), (1000, [1, 2, 3, 4, 5])):
        history = await broker.history("a", OPTIONS, None, limit)
        assert (offsets(history), history.top.offset, history.recovered) == (expected, 5, False)
        assert offsets(await broker.history("a", OPTIONS, None, limit, reverse=True)) == expected[::-1]


async def test_after_a_position_the_oldest_come_first(broker: Broker) -> None:
    """The limit cuts at the far end: who reads on from the last one misses nothing. `reverse` turns what was found."""
    epoch = (await publish(broker, 5)).epoch
    for since, limit, expected in ((0, 2, [1, 2]), (2, 2, [3, 4]), (4, 2, [5]), (5, 2, [])):
        history = await broker.history("a", OPTIONS, Position(epoch, since), limit)
        assert offsets(history) == expected
        assert (
            offsets(await broker.history("a", OPTIONS, Position(epoch, since), limit, reverse=True)) == expected[::-1]
        )


async def test_history_is_cut_by_size(broker: Broker) -> None:
    """The oldest go; the top stays what it was."""
    await publish(broker, 7, options=SMALL)
    history = await broker.history("a", SMALL, None, 100)
    assert (offsets(history), history.top.offset) == ([5, 6, 7], 7)


async def test_history_is_cut_by_age(world: BrokerWorld) -> None:
    """Each publication ends in its own time; the top outlives them all."""
    broker, tick = world.here, world.time.tick
    options = ChannelOptions(history_size=100, history_age=3 * tick)
    first = await publish(broker, 2, options=options)
    await world.time.let_pass(2 * tick)
    await publish(broker, options=options)
    assert offsets(await broker.history("a", options, None, 100)) == [1, 2, 3]
    await world.time.let_pass(tick)
    history = await broker.history("a", options, None, 100)
    assert (offsets(history), history.top) == ([3], Position(first.epoch, 3))
    await world.time.let_pass(2 * tick)
    history = await broker.history("a", options, None, 100)
    assert (offsets(history), history.top) == ([], Position(first.epoch, 3))
    assert await publish(broker, options=options) == Position(first.epoch, 4)


async def test_history_is_never_ahead_of_the_listener(world: BrokerWorld, listener: Listener) -> None:
    """What is in history of a followed channel has been heard: nobody hears later what it has read before."""
    await world.here.follow(("a",))

    async def read() -> None:
        for _ in range(50):
            top = (await world.here.history("a", OPTIONS, None, 0)).top.offset
            assert len(listener.heard) >= top
            await asyncio.sleep(0)

    await asyncio.gather(publish(world.there, 100), publish(world.here, 100), read(), read())


async def test_a_subscriber_that_reads_while_others_publish(world: BrokerWorld, listener: Listener) -> None:
    """History up to its top, and what is heard after that, is everything, once."""
    await world.here.follow(("a",))
    publishing = asyncio.gather(publish(world.there, 50), publish(world.here, 50))
    history = await world.here.history("a", OPTIONS, START, 1000)
    await publishing
    await world.time.until(lambda: len(listener.heard) == 100)
    later = [offset for offset in listener.offsets() if offset > history.top.offset]
    assert offsets(history) + later == list(range(1, 101))


# Recovery.


@pytest.mark.parametrize(
    ("since", "limit", "expected", "recovered"),
    [
        pytest.param(7, 100, [], True, id="at the top"),
        pytest.param(7, 0, [], True, id="at the top, with no limit left"),
        pytest.param(6, 100, [7], True, id="one missed"),
        pytest.param(4, 100, [5, 6, 7], True, id="all that is kept"),
        pytest.param(4, 3, [5, 6, 7], True, id="as many as the limit"),
        pytest.param(4, 2, [5, 6], False, id="cut by the limit"),
        pytest.param(6, 0, [], False, id="cut to nothing"),
        pytest.param(3, 100, [5, 6, 7], False, id="one too old"),
        pytest.param(0, 100, [5, 6, 7], False, id="everything, of which some is gone"),
        pytest.param(8, 100, [5, 6, 7], False, id="above the top"),
        pytest.param(8, 2, [6, 7], False, id="above the top: the newest"),
    ],
)
async def test_recovered_means_complete(
    broker: Broker, since: int, limit: int, expected: list[int], recovered: bool
) -> None:
    """Seven were published, three are kept."""
    epoch = (await publish(broker, 7, options=SMALL)).epoch
    history = await broker.history("a", SMALL, Position(epoch, since), limit)
    assert (offsets(history), history.recovered, history.top) == (expected, recovered, Position(epoch, 7))


@pytest.mark.parametrize("offset", [0, 1, 2, 3])
@pytest.mark.parametrize("epoch", ["", "another"])
async def test_another_epoch_is_never_recovered(broker: Broker, epoch: str, offset: int) -> None:
    """The newest come, so that the present state can be shown. (Offset 0 without an epoch is `START`.)"""
    await publish(broker, 2)
    since = Position(epoch, offset)
    history = await broker.history("a", OPTIONS, since, 1)
    assert (offsets(history), history.recovered) == (([1], False) if since == START else ([2], False))
    assert (await broker.history("a", OPTIONS, since, 2)).recovered is (since == START)


async def test_from_the_start_is_recovered_while_everything_is_there(broker: Broker) -> None:
    """Whatever epoch there is; on a channel without publications there is nothing to miss."""
    assert (await broker.history("a", SMALL, START, 10)).recovered
    await publish(broker, 3, options=SMALL)
    history = await broker.history("a", SMALL, START, 10)
    assert (offsets(history), history.recovered) == ([1, 2, 3], True)
    await publish(broker, options=SMALL)
    history = await broker.history("a", SMALL, START, 10)
    assert (offsets(history), history.recovered) == ([2, 3, 4], False)


async def test_what_ended_by_age_is_not_recovered(world: BrokerWorld) -> None:
    """But who has seen the top has missed nothing, however long ago that was."""
    options = ChannelOptions(history_size=100, history_age=world.time.tick)
    top = await publish(world.here, 2, options=options)
    await world.time.let_pass(world.time.tick)
    assert (await world.here.history("a", options, top, 10)).recovered
    assert not (await world.here.history("a", options, Position(top.epoch, 1), 10)).recovered


# Epochs.


async def test_a_forgotten_channel_has_another_epoch(broker: Broker) -> None:
    """Its offsets begin anew, and old positions are not taken for new ones."""
    old = await publish(broker, 3)
    await broker.forget("a")
    fresh = (await broker.history("a", OPTIONS, None, 10)).top
    assert fresh.offset == 0
    assert fresh.epoch != old.epoch
    assert await publish(broker, 3) == Position(fresh.epoch, 3)
    history = await broker.history("a", OPTIONS, old, 10)
    assert (offsets(history), history.recovered) == ([1, 2, 3], False)


async def test_forgetting_concerns_one_channel(broker: Broker) -> None:
    """And one that isn't there is nothing."""
    kept = await publish(broker, channel="b")
    await publish(broker)
    await broker.forget("a")
    await broker.forget("never")
    assert (await broker.history("b", OPTIONS, kept, 10)).recovered


async def test_a_forgotten_channel_is_still_followed(broker: Broker, listener: Listener) -> None:
    """The listener hears the new epoch from its first publication."""
    await broker.follow(("a",))
    await publish(broker, 2)
    await broker.forget("a")
    await publish(broker)
    assert listener.offsets() == [1, 2, 1]
    assert len({p.position.epoch for p in listener.heard if p.position}) == 2


# Idempotency.


async def test_the_same_key_is_the_same_publication(broker: Broker, listener: Listener) -> None:
    """The first position, nothing delivered and nothing kept again, whatever the data."""
    await broker.follow(("a",))
    published = await broker.publish(draft("a", 1, idempotency_key="k"), OPTIONS)
    assert not published.duplicate
    first = published.position
    for data in (1, 2):
        assert await broker.publish(draft("a", data, idempotency_key="k"), OPTIONS) == Published(first, duplicate=True)
    assert len(listener.heard) == 1
    history = await broker.history("a", OPTIONS, START, 10)
    assert [p.data for p in history.publications] == [b"1"]
    assert history.top == first


async def test_the_first_position_comes_back_when_others_came_between(broker: Broker) -> None:
    """Not the top of the moment."""
    first = (await broker.publish(draft("a", idempotency_key="k"), OPTIONS)).position
    await publish(broker, 3)
    assert await broker.publish(draft("a", idempotency_key="k"), OPTIONS) == Published(first, duplicate=True)
    assert (await publish(broker)).offset == 5


async def test_a_key_is_the_channels_own(broker: Broker) -> None:
    """The same key elsewhere is another publication; so is another key, and so is none."""
    for channel, key in (("a", "k"), ("b", "k"), ("a", "K"), ("a", None), ("a", None), ("a", "")):
        assert not (await broker.publish(draft(channel, idempotency_key=key), OPTIONS)).duplicate
    assert (await broker.publish(draft("a", idempotency_key=""), OPTIONS)).duplicate


async def test_one_of_many_at_once_is_the_first(world: BrokerWorld, listener: Listener) -> None:
    """Twenty retries in two processes are one publication, and all learn its position."""
    await world.here.follow(("a",))
    brokers = (world.here, world.there)
    answers = await asyncio.gather(
        *(brokers[n % 2].publish(draft("a", n, idempotency_key="k"), OPTIONS) for n in range(20))
    )
    assert [answer.duplicate for answer in answers].count(False) == 1
    assert len({answer.position for answer in answers}) == 1
    await publish(world.there)
    await world.time.until(lambda: 2 in listener.offsets())
    assert listener.offsets() == [1, 2]


async def test_keys_work_without_history(broker: Broker, listener: Listener) -> None:
    """There is no position to tell, but nothing is delivered twice."""
    await broker.follow(("a",))
    assert (await broker.publish(draft("a", idempotency_key="k"), NO_HISTORY)).duplicate is False
    assert await broker.publish(draft("a", idempotency_key="k"), NO_HISTORY) == Published(None, duplicate=True)
    assert len(listener.heard) == 1


async def test_a_key_ends_with_its_window(world: BrokerWorld) -> None:
    """The window begins with the first publication; repeating it doesn't make it longer."""
    broker = world.here

    async def is_duplicate() -> bool:
        return (await broker.publish(draft("a", idempotency_key="k"), OPTIONS)).duplicate

    assert not await is_duplicate()
    await world.time.let_pass(world.window / 2)
    assert await is_duplicate()
    await world.time.let_pass(world.window / 2)
    assert not await is_duplicate()
    assert await is_duplicate()
    assert (await broker.history("a", OPTIONS, None, 0)).top.offset == 2
