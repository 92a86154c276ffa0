"""Who comes and goes on watched channels, as watchers are told: each once, whatever was missed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

import pytest

from channels.model import Member
from channels.redis.backbone import Backbone
from channels.redis.config import Address, Redis
from channels.redis.queries import unavailable
from channels.redis.watches import Watches, read_member
from tests.kit import ManualClock, rest

GRACE = 10.0


def member(session: str) -> Member:
    return Member("client", "alice", session, "then")


class Stage:
    """Watches of channel `a`, whose state the test decides, and whose Redis channel it speaks on."""

    def __init__(self) -> None:
        self.backbone = Backbone(Redis((Address("127.0.0.1", 1),)), Random(1))
        self.clock = ManualClock()
        self.present: list[str] = []
        self.told: list[str] = []
        self.hurried = 0
        self.while_reading: Callable[[], None] = lambda: None
        self.watches = Watches(self.backbone, self.clock, self._read, self._hurry, GRACE)
        self.watches.listen(lambda event, channel, who: self.told.append(f"{event} {channel} {who.session}"))
        self.watches.watch("a", True)

    async def _read(self, channel: str) -> list[Member]:
        assert channel == "a"
        present = [member(session) for session in self.present]
        self.while_reading()
        return present

    def _hurry(self) -> None:
        self.hurried += 1

    @property
    def name(self) -> bytes:
        return self.backbone.keys.attendance("a")

    def ready(self) -> None:
        self.backbone._ready((self.name,))

    def say(self, event: str, session: str) -> None:
        text = b'["client","alice","then"]'
        self.backbone._take(self.name, b"\n".join((event.encode(), session.encode(), text)))

    async def begin(self, *present: str) -> None:
        self.present = list(present)
        self.ready()
        await self.watches.compare()

    async def come_back(self, *present: str) -> None:
        await self.begin(*present)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_members_are_read_as_they_were_written() -> None:
    """With or without a user."""
    assert read_member(b"s1", b'["tab",null,"then"]') == Member("tab", None, "s1", "then")
    assert read_member(b"s1", b'["tab","alice","then"]') == Member("tab", "alice", "s1", "then")


async def test_what_is_heard_is_told(stage: Stage) -> None:
    """Who was there at the beginning isn't: watchers ask for the state themselves."""
    await stage.begin("old")
    stage.say("join", "new")
    stage.say("leave", "old")
    assert stage.told == ["join a new", "leave a old"]
    assert stage.hurried == 1


async def test_who_is_noted_again_is_not_told_again(stage: Stage) -> None:
    """After Redis had lost it. Nor is the leave of somebody who was never there."""
    await stage.begin("old")
    stage.clock.advance(1.0)
    stage.say("join", "old")
    stage.say("join", "new")
    stage.say("join", "new")
    stage.say("leave", "stranger")
    assert stage.told == ["join a new"]


async def test_what_is_heard_before_the_first_reading_is_told(stage: Stage) -> None:
    """Also of somebody who is only known from the state that the watcher has."""
    stage.ready()
    stage.say("join", "new")
    stage.say("leave", "old")
    await stage.begin("new", "other")
    assert stage.told == ["join a new", "leave a old"]


async def test_a_join_that_was_on_its_way_at_the_first_reading_is_told(stage: Stage) -> None:
    """Once: a watcher may have asked for the state just before it."""
    await stage.begin("new", "old")
    for _ in range(2):
        stage.say("join", "new")
    stage.clock.advance(1.0)
    stage.say("join", "old")
    assert stage.told == ["join a new"]


async def test_what_was_missed_is_found_by_comparing(stage: Stage) -> None:
    """Joins at once; leaves when others have had the time to come back themselves."""
    await stage.begin("old", "steady")
    await stage.come_back("steady", "new")
    assert stage.told == ["join a new"]
    stage.clock.advance(GRACE - 1)
    await stage.watches.compare()
    assert stage.told == ["join a new"]
    stage.clock.advance(1)
    await stage.watches.compare()
    assert stage.told == ["join a new", "leave a old"]
    assert stage.watches.caught_up == 2
    stage.present.clear()
    stage.clock.advance(GRACE)
    await stage.watches.compare()
    assert len(stage.told) == 2


async def test_a_further_loss_begins_the_grace_again(stage: Stage) -> None:
    """The last return counts."""
    await stage.begin("old")
    await stage.come_back()
    stage.clock.advance(GRACE - 1)
    await stage.come_back()
    stage.clock.advance(GRACE - 1)
    await stage.watches.compare()
    assert stage.told == []
    stage.clock.advance(1)
    await stage.watches.compare()
    assert stage.told == ["leave a old"]


async def test_what_is_heard_while_comparing_is_newer(stage: Stage) -> None:
    """Whether it came or went: the reading may be from before or after."""
    await stage.begin("goes", "stays")
    stage.present = ["goes", "stays"]
    stage.ready()
    stage.clock.advance(GRACE)

    def move() -> None:
        stage.say("leave", "goes")
        stage.say("join", "comes")

    stage.while_reading = move
    await stage.watches.compare()
    assert stage.told == ["leave a goes", "join a comes"]


async def test_a_comparison_that_fails_stays_due(stage: Stage) -> None:
    """Until Redis answers."""
    await stage.begin()

    def fail() -> None:
        raise unavailable("down")

    stage.while_reading = fail
    with pytest.raises(Exception, match="Redis is away"):
        await stage.come_back("new")
    stage.while_reading = lambda: None
    await stage.watches.compare()
    assert stage.told == ["join a new"]


async def test_a_channel_that_is_not_watched_any_more_is_nothing(stage: Stage) -> None:
    """Also when that happens while it is read; watching it again begins anew."""
    await stage.begin("old")
    stage.ready()
    stage.while_reading = lambda: stage.watches.watch("a", False)
    stage.present = ["new"]
    await stage.watches.compare()
    stage.say("join", "late")
    assert stage.told == []
    stage.while_reading = lambda: None
    stage.watches.watch("a", True)
    stage.watches.watch("a", True)
    await stage.begin("new")
    stage.say("leave", "new")
    assert stage.told == ["leave a new"]


async def test_waiting_until_a_channel_is_heard(stage: Stage) -> None:
    """Ends when it is, and at once for one that nobody watches."""
    await stage.watches.heard("b")
    waiting = asyncio.create_task(stage.watches.heard("a"))
    await rest()
    assert not waiting.done()
    stage.ready()
    await waiting
