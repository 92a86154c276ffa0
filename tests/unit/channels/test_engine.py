"""Publish, subscribe, recover, deliver: the hub without its sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace

import pytest

from channels import recovery
from channels.clock import iso
from channels.errors import ErrorCode, ReplyError
from channels.model import START, Position, Published
from channels.policy import Access, ChannelOptions, Policy, Principal
from channels.ports import Subscription
from tests.kit import Domain, Interruption, RecordingSubscriber, draft, eventually, principal, rest

MEMBERS = ChannelOptions(
    subscribe=Access.MEMBERS, publish=Access.MEMBERS, history=Access.MEMBERS, presence=Access.MEMBERS
)
WATCHING = Subscription(presence=True)


def policy() -> Policy:
    return Policy(
        {
            "alerts": ChannelOptions(),
            "fleeting": ChannelOptions(history_size=0),
            "forgetful": ChannelOptions(recover=False),
            "pools": ChannelOptions(conflate="/pool"),
            "keyed": ChannelOptions(conflate="key"),
            "small": ChannelOptions(history_size=3),
            "rewound": ChannelOptions(rewind=2),
            "rewound secret": ChannelOptions(rewind=2, history=Access.TOKEN),
            "rewound forgetful": ChannelOptions(rewind=2, recover=False),
            "rewound pools": ChannelOptions(rewind=3, conflate="/pool"),
            "strict": ChannelOptions(schema={"type": "object"}, max_bytes=20, max_rate=2.0),
            "private": ChannelOptions(history=Access.TOKEN, presence=Access.TOKEN),
        },
        {"room": MEMBERS, "user": MEMBERS},
    )


@pytest.fixture
async def domain() -> AsyncIterator[Domain]:
    """A domain whose departures are worked off."""
    domain = Domain(policy(), max_subscriptions=3)
    async with domain.running():
        yield domain


@pytest.fixture
def alice() -> RecordingSubscriber:
    return RecordingSubscriber("tab", Principal("alice"))


async def refused(code: ErrorCode, asking: Awaitable[object]) -> ReplyError:
    with pytest.raises(ReplyError) as caught:
        await asking
    assert caught.value.code is code
    return caught.value


def failing(code: ErrorCode = ErrorCode.UNAVAILABLE) -> Interruption:
    async def fail() -> None:
        raise ReplyError(code, "away")

    return fail


async def clients(domain: Domain, channel: str) -> int:
    return (await domain.presence.state(channel, False)).clients


async def nothing_is_left(domain: Domain) -> None:
    """No map, no presence and no broker subscription remembers anyone."""
    await rest()
    assert domain.engine.registry.counts() == {}
    assert domain.presence._channels == {}
    assert domain.broker._followed == set()
    assert domain.engine._followed == set()
    assert domain.engine._catching_up._held == {}


# Publishing.


async def test_a_publication_reaches_everyone_on_its_channel(domain: Domain, alice: RecordingSubscriber) -> None:
    """And nobody else; the publisher learns how many those were."""
    bob, elsewhere = RecordingSubscriber("bob"), RecordingSubscriber("elsewhere")
    await domain.subscribe(alice, "alerts")
    await domain.subscribe(bob, "alerts")
    await domain.subscribe(elsewhere, "small")
    assert await domain.publish("alerts", {"n": 1}, type="alert") == Published(Position("e1", 1), 2)
    assert alice.publications == bob.publications
    [got] = alice.publications
    assert (got.channel, got.type, got.data, got.position) == ("alerts", "alert", b'{"n":1}', Position("e1", 1))
    assert elsewhere.publications == []


async def test_publishing_to_nobody_is_no_error(domain: Domain) -> None:
    """History has it all the same."""
    assert await domain.publish("alerts") == Published(Position("e1", 1), 0)
    assert (await domain.engine.history("alerts", None, START, 10)).top == Position("e1", 1)


async def test_publications_of_one_channel_come_in_the_order_of_their_offsets(domain: Domain) -> None:
    """Also from many publishers at once."""
    subscriber = RecordingSubscriber()
    await domain.subscribe(subscriber, "alerts")
    await asyncio.gather(*(domain.publish("alerts", number) for number in range(200)))
    assert subscriber.offsets == list(range(1, 201))


async def test_a_channel_without_history_has_no_positions(domain: Domain, alice: RecordingSubscriber) -> None:
    """What is published is delivered, and gone."""
    await domain.subscribe(alice, "fleeting")
    assert await domain.publish("fleeting") == Published(None, 1)
    assert [p.position for p in alice.publications] == [None]


async def test_the_excluded_client_does_not_get_it(domain: Domain, alice: RecordingSubscriber) -> None:
    """And isn't counted."""
    bob = RecordingSubscriber("bob")
    await domain.subscribe(alice, "alerts")
    await domain.subscribe(bob, "alerts")
    assert (await domain.publish("alerts", exclude="tab")).subscribers == 1
    assert (alice.offsets, bob.offsets) == ([], [1])


async def test_the_same_idempotency_key_is_the_same_publication(domain: Domain, alice: RecordingSubscriber) -> None:
    """The first position, said to be a duplicate, and nothing delivered again."""
    await domain.subscribe(alice, "alerts")
    first = await domain.publish("alerts", idempotency_key="k")
    assert await domain.publish("alerts", idempotency_key="k") == Published(first.position, 0, duplicate=True)
    assert alice.offsets == [1]


async def test_who_may_not_publish_publishes_nothing(domain: Domain, alice: RecordingSubscriber) -> None:
    """The server itself needs no permission; a client needs its token's."""
    await domain.subscribe(alice, "alerts")
    await refused(ErrorCode.PERMISSION_DENIED, domain.engine.publish(draft("alerts"), alice.principal))
    assert alice.publications == []
    granted = principal("alice", publish=("alerts",))
    assert (await domain.engine.publish(draft("alerts"), granted)).subscribers == 1


@pytest.mark.parametrize("channel", ["X", "room:", "job:1", "room:a b", "room:../a", "room:\u202ea", "user:a\n"])
async def test_there_is_no_publishing_to_a_channel_that_does_not_exist(domain: Domain, channel: str) -> None:
    """Not by the server either, so a bad name never makes a stream."""
    await refused(ErrorCode.UNKNOWN_CHANNEL, domain.publish(channel))
    assert domain.broker._streams == {}


async def test_what_the_channel_does_not_take_is_not_published(domain: Domain, alice: RecordingSubscriber) -> None:
    """Schema, size and rate hold for the server too."""
    await domain.subscribe(alice, "strict")
    await refused(ErrorCode.INVALID_DATA, domain.publish("strict", "text"))
    await refused(ErrorCode.DATA_TOO_LARGE, domain.publish("strict", {"long": "x" * 20}))
    await domain.publish("strict", {})
    await domain.publish("strict", {})
    await refused(ErrorCode.RATE_LIMITED, domain.publish("strict", {}))
    assert alice.offsets == [1, 2]


@pytest.mark.parametrize(
    ("channel", "given", "key"),
    [
        ("alerts", "k", None),
        ("keyed", "k", "k"),
        ("keyed", None, None),
        ("pools", "k", "main"),
        ("pools", None, "main"),
    ],
)
async def test_the_key_is_the_channels_business(
    domain: Domain, alice: RecordingSubscriber, channel: str, given: str | None, key: str | None
) -> None:
    """A channel without conflation has none, whatever the publisher says."""
    await domain.subscribe(alice, channel)
    await domain.publish(channel, {"pool": "main"}, key=given)
    assert [p.key for p in alice.publications] == [key]


# Subscribing.


async def test_a_subscriber_gets_everything_from_now_on(domain: Domain, alice: RecordingSubscriber) -> None:
    """The answer says where the channel stands and how many are on it."""
    await domain.publish("alerts")
    first = await domain.subscribe(alice, "alerts")
    assert (first.subscribers, first.position, first.recovered, first.missed) == (1, Position("e1", 1), None, ())
    second = await domain.subscribe(RecordingSubscriber(), "alerts")
    assert second.subscribers == 2
    await domain.publish("alerts")
    assert alice.offsets == [2]
    assert await clients(domain, "alerts") == 2


async def test_a_channel_on_which_nothing_was_published_has_a_position(
    domain: Domain, alice: RecordingSubscriber
) -> None:
    """So the first publication can be recovered as well."""
    subscribed = await domain.subscribe(alice, "alerts")
    assert subscribed.position == Position("e1", 0)
    await domain.publish("alerts")
    again = await domain.subscribe(RecordingSubscriber(), "alerts", subscribed.position)
    assert (again.recovered, [p.position for p in again.missed]) == (True, [Position("e1", 1)])


async def test_a_rewound_channel_begins_with_its_newest_publications(
    domain: Domain, alice: RecordingSubscriber
) -> None:
    """For who doesn't say what it has seen. Nobody has promised them, so nothing is said of a recovery."""
    nothing = await domain.subscribe(RecordingSubscriber(), "rewound")
    assert (nothing.recovered, nothing.missed, nothing.position) == (None, (), Position("e1", 0))
    for _ in range(5):
        await domain.publish("rewound")
    first = await domain.subscribe(alice, "rewound")
    assert (first.recovered, first.position) == (None, Position("e1", 5))
    assert [p.position.offset for p in first.missed if p.position] == [4, 5]
    assert (await domain.subscribe(alice, "rewound")).missed == ()
    since = await domain.subscribe(RecordingSubscriber(), "rewound", Position("e1", 1))
    assert (since.recovered, len(since.missed)) == (True, 4)


@pytest.mark.parametrize("channel", ["rewound secret", "rewound forgetful"])
async def test_who_may_not_recover_is_not_rewound(domain: Domain, alice: RecordingSubscriber, channel: str) -> None:
    """It is a piece of history like any other."""
    await domain.publish(channel)
    assert (await domain.subscribe(alice, channel)).missed == ()


async def test_a_rewound_conflated_channel_begins_with_the_newest_of_each_key(
    domain: Domain, alice: RecordingSubscriber
) -> None:
    """What was replaced is no state."""
    for pool in (b'{"pool": "a"}', b'{"pool": "b"}', b'{"pool": "b"}'):
        await domain.engine.publish(replace(draft("rewound pools"), data=pool))
    first = await domain.subscribe(alice, "rewound pools")
    assert [p.position.offset for p in first.missed if p.position] == [1, 3]


async def test_what_comes_while_a_rewound_channel_is_read_is_not_lost(
    domain: Domain, alice: RecordingSubscriber
) -> None:
    """And comes once, however many those are."""
    await domain.publish("rewound")

    async def three() -> None:
        for _ in range(3):
            await domain.publish("rewound")

    domain.interruptions.after["history"] = three
    first = await domain.subscribe(alice, "rewound")
    assert [p.position.offset for p in first.missed if p.position] == [3, 4]
    await domain.publish("rewound")
    assert (first.position, alice.offsets) == (Position("e1", 4), [3, 4, 5])


@pytest.mark.parametrize("channel", ["X", "", "ALERTS", "alerts ", " alerts", "alerts\n", "room:a b", "user:"])
async def test_an_unknown_channel_is_refused(domain: Domain, alice: RecordingSubscriber, channel: str) -> None:
    """With those that there are for this client; case and spaces count."""
    error = await refused(ErrorCode.UNKNOWN_CHANNEL, domain.subscribe(alice, channel))
    assert error.details["available_channels"] == [*policy().names, "user:alice"]
    await nothing_is_left(domain)


async def test_a_strangers_room_is_refused(domain: Domain, alice: RecordingSubscriber) -> None:
    """Two rooms and three users: each hears its own room and no other."""
    bob, carol = (RecordingSubscriber(name, Principal(name)) for name in ("bob", "carol"))
    for room, member in (("room:1", alice), ("room:1", bob), ("room:2", carol)):
        await refused(ErrorCode.PERMISSION_DENIED, domain.subscribe(member, room))
        await domain.membership.add(room, member.principal.user or "")
        await domain.subscribe(member, room)
    await refused(ErrorCode.PERMISSION_DENIED, domain.subscribe(carol, "room:1"))
    await refused(ErrorCode.PERMISSION_DENIED, domain.subscribe(alice, "user:bob"))
    assert (await domain.publish("room:1", type="one")).subscribers == 2
    assert (await domain.publish("room:2", type="two")).subscribers == 1
    assert (alice.types, bob.types, carol.types) == (["one"], ["one"], ["two"])


async def test_subscribing_twice_is_once(domain: Domain, alice: RecordingSubscriber) -> None:
    """Answered again, counted and delivered once; nothing is replayed."""
    await domain.subscribe(alice, "alerts")
    await domain.publish("alerts")
    again = await domain.subscribe(alice, "alerts", START)
    assert (again.subscribers, again.position, again.recovered, again.missed) == (1, Position("e1", 1), None, ())
    await domain.publish("alerts")
    assert alice.offsets == [1, 2]
    assert await clients(domain, "alerts") == 1
    assert (await domain.subscribe(alice, "fleeting")).position is None
    assert (await domain.subscribe(alice, "fleeting")).position is None


async def test_subscribing_again_replaces_what_was_asked_for(domain: Domain, alice: RecordingSubscriber) -> None:
    """Presence notices can be had later, and given up."""
    await domain.subscribe(alice, "alerts")
    await domain.subscribe(alice, "alerts", subscription=WATCHING)
    bob = RecordingSubscriber("bob")
    await domain.subscribe(bob, "alerts")
    await domain.subscribe(alice, "alerts")
    await domain.engine.unsubscribe(bob, "alerts")
    assert [(notice["event"], notice["client"]["client_id"]) for notice in alice.notices] == [("join", "bob")]


async def test_a_subscriber_is_on_a_limited_number_of_channels(domain: Domain, alice: RecordingSubscriber) -> None:
    """Leaving one makes room for another; being on one already needs none."""
    for channel in ("alerts", "small", "pools"):
        await domain.subscribe(alice, channel)
    error = await refused(ErrorCode.TOO_MANY_SUBSCRIPTIONS, domain.subscribe(alice, "keyed"))
    assert error.details == {"limit": 3}
    await domain.subscribe(alice, "small")
    await domain.engine.unsubscribe(alice, "small")
    await domain.subscribe(alice, "keyed")
    assert domain.engine.registry.channels_of(alice) == ("alerts", "pools", "keyed")


async def test_the_broker_is_asked_for_a_channel_once(domain: Domain) -> None:
    """The first subscriber brings the channel here, the last one lets it go."""
    first, second = RecordingSubscriber(), RecordingSubscriber()
    for subscriber in (first, second):
        await domain.subscribe(subscriber, "alerts")
    await domain.engine.unsubscribe(first, "alerts")
    assert domain.broker._followed == {"alerts"}
    await domain.engine.unsubscribe(second, "alerts")
    calls = [call for call in domain.interruptions.calls if "follow" in call[0]]
    assert calls == [("follow", "alerts"), ("unfollow", "alerts")]


# Recovering.


@pytest.mark.parametrize(
    ("since", "recovered", "missed"),
    [
        (Position("e1", 5), True, []),
        (Position("e1", 4), True, [5]),
        (Position("e1", 2), True, [3, 4, 5]),
        (Position("e1", 1), False, [3, 4, 5]),
        (Position("e1", 6), False, [3, 4, 5]),
        (Position("e0", 5), False, [3, 4, 5]),
        (Position("e1", 0), False, [3, 4, 5]),
        (START, False, [3, 4, 5]),
    ],
)
async def test_recovery_is_complete_or_says_that_it_is_not(
    domain: Domain, alice: RecordingSubscriber, since: Position, recovered: bool, missed: list[int]
) -> None:
    """Five were published, three are kept."""
    for _ in range(5):
        await domain.publish("small")
    subscribed = await domain.subscribe(alice, "small", since)
    assert (subscribed.recovered, subscribed.position) == (recovered, Position("e1", 5))
    assert alice.offsets == missed
    await domain.publish("small")
    assert alice.offsets == [*missed, 6]


async def test_from_the_start_is_complete_while_nothing_has_ended(domain: Domain, alice: RecordingSubscriber) -> None:
    """All that history holds is then all that there was."""
    for _ in range(3):
        await domain.publish("small")
    subscribed = await domain.subscribe(alice, "small", START)
    assert (subscribed.recovered, alice.offsets) == (True, [1, 2, 3])


@pytest.mark.parametrize("channel", ["fleeting", "forgetful"])
async def test_a_channel_without_recovery_says_so(domain: Domain, alice: RecordingSubscriber, channel: str) -> None:
    """`recovered: false`, and nothing is replayed; who didn't ask isn't told."""
    await domain.publish(channel)
    subscribed = await domain.subscribe(alice, channel, START)
    assert (subscribed.recovered, subscribed.missed) == (False, ())
    assert (await domain.subscribe(RecordingSubscriber(), channel)).recovered is None


async def test_a_conflated_channel_replays_the_newest_of_each_key(domain: Domain, alice: RecordingSubscriber) -> None:
    """What was replaced is not missed: the recovery is complete."""
    for pool in ("a", "b", "a", None, "a"):
        await domain.publish("pools", {} if pool is None else {"pool": pool})
    subscribed = await domain.subscribe(alice, "pools", START)
    assert (subscribed.recovered, subscribed.position) == (True, Position("e1", 5))
    assert alice.offsets == [2, 4, 5]


async def test_who_missed_more_than_the_limit_gets_the_newest(
    domain: Domain, alice: RecordingSubscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gap is before what is replayed, never between that and what follows."""
    monkeypatch.setattr(recovery, "RECOVERY_LIMIT", 3)
    for _ in range(8):
        await domain.publish("alerts")
    subscribed = await domain.subscribe(alice, "alerts", Position("e1", 2))
    await domain.publish("alerts")
    assert (subscribed.recovered, alice.offsets) == (False, [6, 7, 8, 9])
    exactly = RecordingSubscriber()
    assert (await domain.subscribe(exactly, "alerts", Position("e1", 6))).recovered
    assert exactly.offsets == [7, 8, 9]


async def test_what_is_published_meanwhile_is_replayed_in_its_place(domain: Domain, alice: RecordingSubscriber) -> None:
    """While history is being read, other subscribers get it at once."""
    bob = RecordingSubscriber("bob")
    await domain.subscribe(bob, "alerts")
    await domain.publish("alerts")

    async def publish() -> None:
        assert (await domain.publish("alerts")).subscribers == 1

    domain.interruptions.before["history"] = domain.interruptions.after["history"] = publish
    subscribed = await domain.subscribe(alice, "alerts", Position("e1", 0))
    assert (subscribed.position, alice.offsets, bob.offsets) == (Position("e1", 3), [1, 2, 3], [1, 2, 3])


# Leaving.


async def test_nothing_comes_after_unsubscribing(domain: Domain, alice: RecordingSubscriber) -> None:
    """Delivery has let go before the answer is given; a second time is nothing."""
    await domain.subscribe(alice, "alerts")
    await domain.publish("alerts")
    assert await domain.engine.unsubscribe(alice, "alerts")
    assert domain.delivery.released == [(alice, "alerts")]
    await domain.publish("alerts")
    assert alice.offsets == [1]
    assert not await domain.engine.unsubscribe(alice, "alerts")
    assert not await domain.engine.unsubscribe(alice, "X")
    await nothing_is_left(domain)


async def test_a_lost_subscriber_is_gone_at_once(domain: Domain, alice: RecordingSubscriber) -> None:
    """The maps are right before anything is awaited; presence and broker follow."""
    for channel in ("alerts", "small"):
        await domain.subscribe(alice, channel)
    assert domain.lose(alice) == ("alerts", "small")
    assert domain.engine.registry.counts() == {}
    assert (await domain.publish("alerts")).subscribers == 0
    await nothing_is_left(domain)
    assert domain.lose(alice) == ()


async def test_those_who_watch_hear_of_a_lost_subscriber(domain: Domain, alice: RecordingSubscriber) -> None:
    """As of one that left by itself."""
    await domain.subscribe(alice, "alerts", subscription=WATCHING)
    bob = RecordingSubscriber("bob")
    await domain.subscribe(bob, "alerts")
    domain.lose(bob)
    await eventually(lambda: len(alice.notices) == 2)
    assert [notice["event"] for notice in alice.notices] == ["join", "leave"]


async def test_departures_go_on_after_the_broker_was_away(domain: Domain, alice: RecordingSubscriber) -> None:
    """One that couldn't be noted ends with its lease, and holds up nobody."""
    bob = RecordingSubscriber("bob")
    for subscriber in (alice, bob):
        await domain.subscribe(subscriber, "alerts")
    domain.interruptions.before["leave"] = domain.interruptions.before["unfollow"] = failing()
    domain.lose(alice)
    await rest()
    domain.interruptions.before.clear()
    domain.lose(bob)
    await rest()
    state = await domain.presence.state("alerts", True)
    assert [member.session for member in state.members or ()] == [alice.session]
    assert domain.engine._followed == domain.broker._followed == set()


async def test_unsubscribing_works_while_the_broker_is_away(domain: Domain, alice: RecordingSubscriber) -> None:
    """The client is off the channel, and is told so."""
    await domain.subscribe(alice, "alerts")
    domain.interruptions.before["leave"] = domain.interruptions.before["unfollow"] = failing()
    assert await domain.engine.unsubscribe(alice, "alerts")
    await domain.publish("alerts")
    assert alice.publications == []


@pytest.mark.parametrize("moment", ["before follow", "after follow", "after history", "before join", "after join"])
async def test_leaving_in_the_middle_of_a_subscribe(domain: Domain, alice: RecordingSubscriber, moment: str) -> None:
    """A connection that ends while it subscribes is on no channel afterwards."""

    async def lose() -> None:
        domain.lose(alice)

    when, call = moment.split()
    getattr(domain.interruptions, when)[call] = lose
    subscribed = await domain.subscribe(alice, "alerts", START)
    assert (subscribed.subscribers, subscribed.missed) == (0, ())
    await nothing_is_left(domain)


async def test_leaving_while_subscribing_again(domain: Domain, alice: RecordingSubscriber) -> None:
    """The second subscribe doesn't bring back what the connection's end took away."""

    async def lose() -> None:
        domain.lose(alice)

    await domain.subscribe(alice, "alerts")
    domain.interruptions.before["history"] = lose
    await domain.subscribe(alice, "alerts")
    await nothing_is_left(domain)


@pytest.mark.parametrize("moment", ["before follow", "before history", "after history", "before join", "after join"])
async def test_a_subscribe_that_fails_leaves_nothing_behind(
    domain: Domain, alice: RecordingSubscriber, moment: str
) -> None:
    """The subscriber is as it was, and can try again."""
    when, call = moment.split()
    hooks = getattr(domain.interruptions, when)
    hooks[call] = failing()
    await refused(ErrorCode.UNAVAILABLE, domain.subscribe(alice, "alerts"))
    await nothing_is_left(domain)
    hooks.clear()
    await domain.subscribe(alice, "alerts")
    await rest()
    assert await clients(domain, "alerts") == 1
    assert (await domain.publish("alerts")).subscribers == 1


async def test_a_subscribe_that_fails_disturbs_nobody(domain: Domain, alice: RecordingSubscriber) -> None:
    """Who is on the channel stays there."""
    await domain.subscribe(alice, "alerts")
    domain.interruptions.before["history"] = failing()
    await refused(ErrorCode.UNAVAILABLE, domain.subscribe(RecordingSubscriber(), "alerts"))
    await domain.publish("alerts")
    assert alice.offsets == [1]


@pytest.mark.parametrize("call", ["history", "join"])
async def test_a_subscribe_that_is_cancelled_leaves_nothing_behind(
    domain: Domain, alice: RecordingSubscriber, call: str
) -> None:
    """Whatever it was waiting for."""
    reached, never = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        reached.set()
        await never.wait()

    domain.interruptions.after[call] = hang
    subscribing = asyncio.create_task(domain.subscribe(alice, "alerts"))
    await reached.wait()
    subscribing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await subscribing
    await nothing_is_left(domain)


async def test_coming_while_the_last_one_leaves(domain: Domain, alice: RecordingSubscriber) -> None:
    """The channel is asked for again, although it is just being let go."""
    await domain.subscribe(alice, "alerts")
    leaving, go_on = asyncio.Event(), asyncio.Event()

    async def linger() -> None:
        leaving.set()
        await go_on.wait()

    domain.interruptions.after["unfollow"] = linger
    departure = asyncio.create_task(domain.engine.unsubscribe(alice, "alerts"))
    await leaving.wait()
    bob = RecordingSubscriber("bob")
    await domain.subscribe(bob, "alerts")
    go_on.set()
    await departure
    await domain.publish("alerts")
    assert (alice.offsets, bob.offsets) == ([], [1])


async def test_leaving_while_another_one_comes(domain: Domain, alice: RecordingSubscriber) -> None:
    """The channel isn't let go under the feet of who is still reading its history."""
    await domain.subscribe(alice, "alerts")

    async def leave() -> None:
        domain.interruptions.before.clear()
        await domain.engine.unsubscribe(alice, "alerts")

    domain.interruptions.before["history"] = leave
    bob = RecordingSubscriber("bob")
    await domain.subscribe(bob, "alerts")
    await domain.publish("alerts")
    assert (alice.offsets, bob.offsets) == ([], [1])


async def test_ten_thousand_comings_and_goings_leave_nothing_behind(domain: Domain) -> None:
    """By unsubscribing, by losing the connection, and in the middle of things."""
    for number in range(2_500):
        subscribers = [RecordingSubscriber(f"c{number}-{index}") for index in range(4)]
        await asyncio.gather(*(domain.subscribe(subscriber, "alerts") for subscriber in subscribers))
        await domain.engine.unsubscribe(subscribers[0], "alerts")
        for subscriber in subscribers:
            domain.lose(subscriber)
    await nothing_is_left(domain)


# Gaps.


async def test_a_gap_is_told_to_all_on_the_channel(domain: Domain, alice: RecordingSubscriber) -> None:
    """Also to those who asked for an interval, and to nobody else."""
    slow, other = RecordingSubscriber("slow"), RecordingSubscriber("other")
    await domain.subscribe(alice, "pools")
    await domain.subscribe(slow, "pools", subscription=Subscription(interval=1.0))
    await domain.subscribe(other, "alerts")
    domain.announce_gap("pools", Position("e9", 41))
    notice = {
        "type": "gap",
        "channel": "pools",
        "epoch": "e9",
        "offset": 41,
        "timestamp": iso(domain.clock.now()),
    }
    assert (alice.notices, slow.notices, other.notices) == ([notice], [notice], [])


async def test_a_gap_on_a_channel_without_subscribers_is_nothing(domain: Domain) -> None:
    """There is nobody to tell."""
    domain.announce_gap("alerts", Position("e9", 41))


@pytest.mark.parametrize("moment", ["before history", "after history", "after join"])
async def test_a_gap_in_the_middle_of_a_subscribe(domain: Domain, alice: RecordingSubscriber, moment: str) -> None:
    """History is read again: what had been read, and what came since, don't join. The answer is then honest by
    itself."""
    for _ in range(3):
        await domain.publish("alerts")

    async def lose() -> None:
        getattr(domain.interruptions, when).pop(call)
        await domain.publish("alerts")
        await domain.broker.forget("alerts")
        await domain.publish("alerts")
        domain.announce_gap("alerts", Position("e2", 0))
        await domain.publish("alerts")

    when, call = moment.split()
    getattr(domain.interruptions, when)[call] = lose
    subscribed = await domain.subscribe(alice, "alerts", Position("e1", 2))
    await domain.publish("alerts")
    assert subscribed.recovered is False
    assert subscribed.position == Position("e2", 2)
    assert alice.positions == [Position("e2", 1), Position("e2", 2), Position("e2", 3)]
    assert alice.notices == []


async def test_a_subscribe_that_fails_after_a_gap_leaves_nothing(domain: Domain, alice: RecordingSubscriber) -> None:
    """The broker may be gone when history has to be read again."""

    async def lose() -> None:
        domain.announce_gap("alerts", Position("e2", 0))
        domain.interruptions.before["history"] = failing()

    domain.interruptions.after["join"] = lose
    await refused(ErrorCode.UNAVAILABLE, domain.subscribe(alice, "alerts"))
    await nothing_is_left(domain)


# Expelling.


@pytest.fixture
async def room(domain: Domain) -> Domain:
    """The domain, with Alice and Bob as members of `room:ops`."""
    for user in ("alice", "bob"):
        await domain.membership.add("room:ops", user)
    return domain


async def test_an_expelled_user_is_off_the_room(room: Domain, alice: RecordingSubscriber) -> None:
    """All of its connections, and nobody else's; each is told once, and can't come back."""
    other_tab = RecordingSubscriber("tab2", alice.principal)
    bob = RecordingSubscriber("bob", Principal("bob"))
    for subscriber in (alice, bob):
        await room.subscribe(subscriber, "room:ops")
    await room.subscribe(other_tab, "room:ops", subscription=Subscription(interval=1.0))
    assert await room.engine.expel("room:ops", "alice") == 2
    notice = {
        "type": "unsubscribed",
        "channel": "room:ops",
        "code": "permission_denied",
        "message": "user alice no longer belongs to room:ops",
    }
    assert (alice.notices, other_tab.notices, bob.notices) == ([notice], [notice], [])
    assert (await room.publish("room:ops")).subscribers == 1
    assert alice.publications == other_tab.publications == []
    await refused(ErrorCode.PERMISSION_DENIED, room.subscribe(alice, "room:ops"))
    assert await clients(room, "room:ops") == 1


async def test_who_has_another_right_stays(room: Domain, alice: RecordingSubscriber) -> None:
    """A token that names the room doesn't rest on membership."""
    alice.principal = replace(alice.principal, capabilities={"subscribe": ("room:*",)})
    await room.subscribe(alice, "room:ops")
    assert await room.engine.expel("room:ops", "alice") == 0
    assert (await room.publish("room:ops")).subscribers == 1
    assert alice.notices == []


async def test_a_membership_that_another_process_took_away(room: Domain, alice: RecordingSubscriber) -> None:
    """The subscriptions here end, and only for who belongs no more."""
    bob = RecordingSubscriber("bob", Principal("bob"))
    for subscriber in (alice, bob):
        await room.subscribe(subscriber, "room:ops")
    assert await room.engine.dismiss("room:ops", "alice") == 0, "still a member"
    await room.membership.remove("room:ops", "alice")
    assert await room.engine.dismiss("room:ops", "alice") == 1
    assert (await room.publish("room:ops")).subscribers == 1


async def test_expelling_who_is_not_there_is_nothing(room: Domain) -> None:
    """Nobody on the channel, or nobody of that name."""
    assert await room.engine.expel("room:ops", "alice") == 0
    assert await room.engine.expel("room:ops", "stranger") == 0


@pytest.mark.parametrize("moment", ["after contains", "after follow", "before history", "after history", "after join"])
async def test_expelled_in_the_middle_of_a_subscribe(room: Domain, alice: RecordingSubscriber, moment: str) -> None:
    """Permission that was taken away after it was asked for doesn't count any more."""
    when, call = moment.split()

    async def expel() -> None:
        getattr(room.interruptions, when).clear()
        assert await room.engine.expel("room:ops", "alice") == 0

    getattr(room.interruptions, when)[call] = expel
    await refused(ErrorCode.PERMISSION_DENIED, room.subscribe(alice, "room:ops"))
    await nothing_is_left(room)


async def test_another_ones_expulsion_in_the_middle_of_a_subscribe(room: Domain, alice: RecordingSubscriber) -> None:
    """Permission is asked for again, and is still there."""

    async def expel() -> None:
        room.interruptions.before.clear()
        await room.engine.expel("room:ops", "bob")

    room.interruptions.before["history"] = expel
    assert (await room.subscribe(alice, "room:ops")).subscribers == 1


async def test_expelled_while_subscribing_again(room: Domain, alice: RecordingSubscriber) -> None:
    """The second subscribe doesn't bring back what was taken away."""

    async def expel() -> None:
        room.interruptions.before.clear()
        assert await room.engine.expel("room:ops", "alice") == 1

    await room.subscribe(alice, "room:ops")
    room.interruptions.before["history"] = expel
    await room.subscribe(alice, "room:ops")
    await nothing_is_left(room)


async def test_who_leaves_while_being_expelled_is_not_told(room: Domain, alice: RecordingSubscriber) -> None:
    """It is off the channel already, and counts as such."""

    async def lose() -> None:
        room.lose(alice)

    await room.subscribe(alice, "room:ops")
    room.interruptions.after["contains"] = lose
    assert await room.engine.expel("room:ops", "alice") == 0
    assert alice.notices == []


# Asking.


async def test_history_can_be_read(domain: Domain, alice: RecordingSubscriber) -> None:
    """The newest oldest first, what came after a position, and either way round."""
    for _ in range(5):
        await domain.publish("alerts")

    async def offsets(since: Position | None, limit: int, reverse: bool = False) -> list[int]:
        found = await domain.engine.history("alerts", alice.principal, since, limit, reverse)
        assert found.top == Position("e1", 5)
        return [p.position.offset for p in found.publications if p.position]

    assert await offsets(None, 2) == [4, 5]
    assert await offsets(Position("e1", 1), 2) == [2, 3]
    assert await offsets(None, 2, reverse=True) == [5, 4]
    assert await offsets(None, 0) == []


async def test_history_needs_a_channel_that_keeps_it_and_permission(domain: Domain, alice: RecordingSubscriber) -> None:
    """The server itself needs no permission."""
    ask = domain.engine.history
    error = await refused(ErrorCode.NO_HISTORY, ask("fleeting", None, None, 10))
    assert error.details == {"channel": "fleeting"}
    await refused(ErrorCode.UNKNOWN_CHANNEL, ask("X", None, None, 10))
    await refused(ErrorCode.PERMISSION_DENIED, ask("private", alice.principal, None, 10))
    await refused(ErrorCode.PERMISSION_DENIED, ask("room:ops", alice.principal, None, 10))
    assert (await ask("private", None, None, 10)).publications == ()
    assert (await ask("private", principal(history=("private",)), None, 10)).publications == ()


async def test_presence_can_be_read(domain: Domain, alice: RecordingSubscriber) -> None:
    """Connections, and users; members only when they are asked for."""
    await domain.subscribe(alice, "alerts")
    await domain.subscribe(RecordingSubscriber("tab2", alice.principal), "alerts")
    await domain.subscribe(RecordingSubscriber("anonymous"), "alerts")
    state = await domain.engine.presence("alerts", alice.principal, True)
    assert (state.clients, state.users) == (3, 1)
    assert [member.client_id for member in state.members or ()] == ["tab", "tab2", "anonymous"]
    assert (await domain.engine.presence("alerts", alice.principal, False)).members is None


async def test_presence_needs_a_channel_and_permission(domain: Domain, alice: RecordingSubscriber) -> None:
    """The server itself needs no permission."""
    ask = domain.engine.presence
    await refused(ErrorCode.UNKNOWN_CHANNEL, ask("X", None, False))
    await refused(ErrorCode.PERMISSION_DENIED, ask("private", alice.principal, False))
    assert (await ask("private", None, False)).clients == 0


@pytest.mark.parametrize("since", [START, Position("e1", 0), Position("made-up", 5)])
async def test_a_replay_needs_the_history_permission(
    domain: Domain, alice: RecordingSubscriber, since: Position
) -> None:
    """Whatever position is named: it is a way to read history."""
    await domain.engine.publish(draft("private"))
    subscribed = await domain.subscribe(alice, "private", since)
    assert (subscribed.recovered, subscribed.missed) == (False, ())
    reader = RecordingSubscriber("other", principal("bob", history=("private",)))
    assert len((await domain.subscribe(reader, "private", since)).missed) == 1
