"""Several clients come, go, subscribe and publish at random, and a simple model says who must have got what.

What happens in one turn of the loop is a burst: its publications are written together at its end, while subscriptions
change between them. There the order is decided that a client sees.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from channels.policy import Access, ChannelOptions, Policy, Principal
from hub.options import LimitOptions, Settings
from tests.kit import draft, rest
from tests.unit.hub.stage import MEMBERS, Seat, Stage, check_invariants

pytestmark = pytest.mark.timeout(300)  # a failure takes its time until it is small

OPEN = ChannelOptions(publish=Access.EVERYONE, history_size=10_000)

POLICY = Policy(
    {
        "news": OPEN,
        "fleeting": ChannelOptions(publish=Access.EVERYONE, history_size=0),
        "pools": ChannelOptions(publish=Access.EVERYONE, history_size=10_000, conflate="key"),
    },
    {"room": MEMBERS, "user": MEMBERS},
)
CHANNELS = ["news", "fleeting", "pools", "room:x"]
USERS = ["alice", "bob", "carol"]


class Step(NamedTuple):
    """One command of a burst: `who` is a number that is brought down to those who are there."""

    who: int
    action: str
    channel: str
    echo: bool = True
    key: str | None = None
    since: int | None = None


STEP = st.builds(
    Step,
    who=st.integers(0, 3),
    action=st.sampled_from(["publish", "subscribe", "unsubscribe", "publish", "publish"]),
    channel=st.sampled_from(CHANNELS),
    echo=st.booleans(),
    key=st.sampled_from(["a", "b", None]),
    since=st.none() | st.integers(0, 5),
)

Event = tuple[str, object]


class Account:
    """What a seat must have heard of each channel: `sub`, `pub` and its data, `pos` and its offset, `end`."""

    def __init__(self, seat: Seat, user: str) -> None:
        self.seat = seat
        self.user = user
        self.channels: set[str] = set()
        self.events: defaultdict[str, list[Event]] = defaultdict(list)
        self.keys: dict[object, str | None] = {}
        self.ever_stalled = False

    def heard(self) -> dict[str, list[Event]]:
        """Return the same of what it did hear."""
        found: defaultdict[str, list[Event]] = defaultdict(list)
        on: set[str] = set()
        for message in self.seat.heard:
            event = _event(message)
            if event is None or (event[0] == "sub" and message["channel"] in on):
                continue
            if event[0] == "sub":
                on.add(message["channel"])
            elif event[0] == "end":
                on.discard(message["channel"])
            found[message["channel"]].append(event)
        return found


def _event(message: dict[str, Any]) -> Event | None:
    match message:
        case {"data": data, "timestamp": _}:
            return "pub", data
        case {"type": "position", "offset": offset}:
            return "pos", offset
        case {"type": "subscribe", "status": "success"}:
            return "sub", None
        case {"type": "unsubscribe", "status": "success"} | {"type": "unsubscribed"}:
            return "end", None
    return None


class Delivery(RuleBasedStateMachine):
    """The hub without sockets, and beside it the model."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.runner.run(self._set_up())

    async def _set_up(self) -> None:
        limits = LimitOptions(commands_per_second=0, errors_per_minute=0)
        self.stage = Stage(Settings(limits=limits), POLICY)
        self.departures = asyncio.create_task(self.stage.engine.run())
        self.accounts: dict[int, Account] = {}
        self.made = 0
        self.published = 0
        self.members: set[str] = set()
        self.history: defaultdict[str, list[tuple[int, int, str | None, str | None]]] = defaultdict(list)

    # What happens.

    @initialize()
    def begin(self) -> None:
        """Three clients are there, on all channels that they may be on."""
        self.let_in("alice")
        for place, user in enumerate(USERS):
            self.connect(place, user)
        self.burst([Step(place, "subscribe", channel) for place in range(3) for channel in CHANNELS])

    @rule(place=st.integers(0, 3), user=st.sampled_from(USERS))
    def connect(self, place: int, user: str) -> None:
        """A client takes a place, if that is free."""
        if place not in self.accounts:
            self.made += 1
            self.accounts[place] = Account(self.stage.seat(f"c{self.made}", Principal(user)), user)

    @precondition(lambda self: self.accounts)
    @rule(steps=st.lists(STEP, min_size=4, max_size=16))
    def burst(self, steps: list[Step]) -> None:
        """Several clients send commands at the same time."""
        here = sorted(self.accounts)
        steps = [step._replace(who=here[step.who % len(here)]) for step in steps]
        turns: dict[int, list[Step]] = {}
        for step in steps:
            turns.setdefault(step.who, []).append(step)
        # Each client's commands run in one go, in the order in which the clients began.
        numbered = [(step, self._apply(step)) for commands in turns.values() for step in commands]
        frames = {id(step): frame for step, frame in numbered}

        async def send() -> None:
            for step in steps:
                self.accounts[step.who].seat.say(frames[id(step)])
            await rest()

        self.runner.run(send())

    @rule(channel=st.sampled_from(CHANNELS), key=st.sampled_from(["a", "b"]))
    def tell(self, channel: str, key: str) -> None:
        """The server itself publishes."""
        number = self._published(channel, None, key if channel == "pools" else None)

        async def publish() -> None:
            await self.stage.engine.publish(draft(channel, number, key=key if channel == "pools" else None))
            await rest()

        self.runner.run(publish())

    @precondition(lambda self: self.accounts)
    @rule(place=st.integers(0, 3))
    def lose(self, place: int) -> None:
        """A connection is lost."""
        account = self.accounts.pop(place, None)
        if account is not None:
            self.stage.lose(account.seat)

    @rule(user=st.sampled_from(USERS))
    def let_in(self, user: str) -> None:
        """A user may enter the room."""
        self.members.add(user)
        self.runner.run(self.stage.engine.gate.membership.add("room:x", user))

    @rule(user=st.sampled_from(USERS))
    def expel(self, user: str) -> None:
        """A user may no longer be in the room."""
        self.members.discard(user)
        for account in self.accounts.values():
            if account.user == user and "room:x" in account.channels:
                account.channels.discard("room:x")
                account.events["room:x"].append(("end", None))
        self.runner.run(self.stage.engine.expel("room:x", user))

    @precondition(lambda self: self.accounts)
    @rule(place=st.integers(0, 3), steps=st.lists(STEP, min_size=4, max_size=16), more=st.lists(STEP, max_size=8))
    def stall(self, place: int, steps: list[Step], more: list[Step]) -> None:
        """A client doesn't read for two bursts."""
        account = self.accounts[sorted(self.accounts)[place % len(self.accounts)]]
        account.ever_stalled = True
        account.seat.connection.pause_writing()
        self.burst(steps)
        self.burst(more)
        account.seat.connection.resume_writing()

    # What must follow.

    def _apply(self, step: Step) -> dict[str, Any]:
        account = self.accounts[step.who]
        allowed = step.channel != "room:x" or account.user in self.members
        command: dict[str, Any] = {"action": step.action, "channel": step.channel}
        match step.action:
            case "subscribe":
                if step.since is not None:
                    command["since"] = {"epoch": "e1", "offset": min(step.since, len(self.history[step.channel]))}
                if allowed and step.channel not in account.channels:
                    self._subscribed(account, step.channel, command.get("since"))
            case "unsubscribe":
                if step.channel in account.channels:
                    account.channels.discard(step.channel)
                    account.events[step.channel].append(("end", None))
            case _:
                key = step.key if step.channel == "pools" else None
                command |= {"type": "event", "data": -1, "echo": step.echo}
                if step.key is not None:
                    command["key"] = step.key
                if allowed:
                    exclude = None if step.echo else account.seat.connection.client_id
                    command["data"] = self._published(step.channel, exclude, key)
        return command

    def _subscribed(self, account: Account, channel: str, since: dict[str, Any] | None) -> None:
        account.channels.add(channel)
        events = account.events[channel]
        events.append(("sub", None))
        if since is None:
            return
        missed = [entry for entry in self.history[channel] if entry[0] > since["offset"]]
        newest = {key: offset for offset, _, key, _ in missed}
        for offset, number, key, exclude in missed:
            if key is None or newest[key] == offset:
                account.keys[number] = key
                events.append(_delivered(account, offset, number, exclude))

    def _published(self, channel: str, exclude: str | None, key: str | None) -> int:
        """Note a publication, and who must get it; return its data."""
        self.published += 1
        offset = len(self.history[channel]) + 1
        if channel != "fleeting":
            self.history[channel].append((offset, self.published, key, exclude))
        for account in self.accounts.values():
            if channel in account.channels:
                event = _delivered(account, offset, self.published, exclude)
                if event != ("pos", offset) or channel != "fleeting":
                    account.keys[self.published] = key
                    account.events[channel].append(event)
        return self.published

    @invariant()
    def everybody_got_what_is_theirs(self) -> None:
        """Each in order, once, and nothing else. A client that stalled may have missed older values of a key."""
        for account in self.accounts.values():
            heard = account.heard()
            for channel in CHANNELS:
                expected = account.events[channel]
                if channel == "pools" and account.ever_stalled:
                    _check_conflated(account, heard[channel])
                else:
                    assert heard[channel] == expected, (account.seat.connection.client_id, channel)

    @invariant()
    def the_books_agree(self) -> None:
        """The registry has exactly the model's subscriptions."""
        registry = self.stage.engine.registry
        check_invariants(registry)
        for account in self.accounts.values():
            assert set(registry.channels_of(account.seat.connection)) == account.channels
        assert len(registry) == sum(len(account.channels) for account in self.accounts.values())

    def teardown(self) -> None:
        """All leave; nothing is left of them."""

        async def leave() -> None:
            for account in self.accounts.values():
                self.stage.lose(account.seat)
            await rest()
            assert len(self.stage.engine.registry) == 0
            assert self.stage.engine._followed == set()
            assert self.stage.tasks == set()
            self.departures.cancel()

        self.runner.run(leave())
        self.runner.close()


def _delivered(account: Account, offset: int, number: int, exclude: str | None) -> Event:
    return ("pos", offset) if exclude == account.seat.connection.client_id else ("pub", number)


def _check_conflated(account: Account, heard: list[Event]) -> None:
    """Nothing twice, nothing out of order, nothing foreign; the newest of each key, and all without one, are there."""
    expected = account.events["pools"]
    places = iter(expected)
    assert all(event in places for event in heard), (heard, expected)
    newest: dict[str, Event] = {}
    for event in expected:
        if event[0] == "end":
            newest.clear()
        if event[0] != "pub":
            continue
        key = account.keys[event[1]]
        if key is None:
            assert event in heard
        else:
            newest[key] = event
    assert set(newest.values()) <= set(heard)


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
