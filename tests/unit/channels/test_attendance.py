"""Presence, and the notices that follow from it."""

from __future__ import annotations

import pytest

from channels.attendance import Attendance
from channels.errors import ErrorCode, ReplyError
from channels.memory import MemoryPresence
from channels.model import Member
from channels.policy import ChannelOptions, Policy, Principal
from channels.ports import Subscription
from channels.registry import Registry
from tests.kit import InterruptedPresence, Interruptions, ManualClock, RecordingDelivery, RecordingSubscriber

WATCHING = Subscription(presence=True)
START = "2027-01-15T08:00:00.000000Z"


class Room:
    """An attendance with its collaborators."""

    def __init__(self) -> None:
        self.interruptions = Interruptions()
        self.presence = InterruptedPresence(MemoryPresence(), self.interruptions)
        self.registry = Registry()
        self.clock = ManualClock()
        policy = Policy({"a": ChannelOptions(), "quiet": ChannelOptions(presence_events=False)}, {})
        self.attendance = Attendance(self.presence, self.registry, RecordingDelivery(), policy, self.clock)

    def watcher(self, channel: str = "a") -> RecordingSubscriber:
        subscriber = RecordingSubscriber("watcher")
        self.registry.add(subscriber, channel, WATCHING)
        return subscriber


class WatchedPresence(MemoryPresence):
    """A presence that keeps what is watched."""

    def __init__(self) -> None:
        super().__init__()
        self.watched: set[str] = set()

    def watch(self, channel: str, wanted: bool) -> None:
        (self.watched.add if wanted else self.watched.discard)(channel)


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_member_is_described_with_the_time_of_now(room: Room) -> None:
    """Client, user, session, and since when."""
    subscriber = RecordingSubscriber("tab", Principal("alice"))
    assert room.attendance.member(subscriber) == Member("tab", "alice", subscriber.session, START)


async def test_joining_and_leaving_are_noted(room: Room) -> None:
    """With or without anyone who watches."""
    member = room.attendance.member(RecordingSubscriber())
    await room.attendance.join("a", member)
    assert (await room.presence.state("a", True)).members == (member,)
    await room.attendance.leave("a", member)
    assert (await room.presence.state("a", True)).members == ()


async def test_those_who_asked_are_told(room: Room) -> None:
    """The notice is the protocol's, with the time at which it happened."""
    watcher, bystander = room.watcher(), RecordingSubscriber()
    room.registry.add(bystander, "a")
    member = room.attendance.member(RecordingSubscriber("tab", Principal("alice")))
    await room.attendance.join("a", member)
    room.clock.advance(1.0)
    await room.attendance.leave("a", member)
    client = {"client_id": "tab", "user": "alice", "session": member.session}
    expected = {"type": "presence", "channel": "a", "event": "join", "client": client, "timestamp": START}
    assert watcher.notices == [expected, {**expected, "event": "leave", "timestamp": "2027-01-15T08:00:01.000000Z"}]
    assert bystander.notices == []


async def test_nobody_hears_of_itself(room: Room) -> None:
    """Of another connection of the same client it does."""
    watcher = room.watcher()
    await room.attendance.join("a", room.attendance.member(watcher))
    assert watcher.notices == []
    await room.attendance.join("a", room.attendance.member(RecordingSubscriber(watcher.client_id)))
    assert [notice["event"] for notice in watcher.notices] == ["join"]


async def test_watchers_of_other_channels_hear_nothing(room: Room) -> None:
    """Notices stay on their channel."""
    watcher = room.watcher("quiet")
    await room.attendance.join("a", room.attendance.member(RecordingSubscriber()))
    assert watcher.notices == []


async def test_a_channel_without_presence_events_sends_none(room: Room) -> None:
    """Presence itself is kept all the same."""
    watcher = room.watcher("quiet")
    await room.attendance.join("quiet", room.attendance.member(RecordingSubscriber()))
    assert watcher.notices == []
    assert (await room.presence.state("quiet", False)).clients == 1


async def test_what_happens_in_another_process_is_told_as_well(room: Room) -> None:
    """Presence says so; it makes no difference where."""
    watcher = room.watcher()
    await room.presence.join("a", Member("tab", "bob", "s-elsewhere", START))
    await room.presence.leave("a", "s-elsewhere")
    assert [(notice["event"], notice["client"]["user"]) for notice in watcher.notices] == [
        ("join", "bob"),
        ("leave", "bob"),
    ]


async def test_what_changes_nothing_is_not_told(room: Room) -> None:
    """Joining twice, leaving without having joined."""
    watcher = room.watcher()
    member = room.attendance.member(RecordingSubscriber())
    await room.attendance.leave("a", member)
    for _ in range(2):
        await room.attendance.join("a", member)
    assert [notice["event"] for notice in watcher.notices] == ["join"]


def test_only_channels_that_send_events_are_watched() -> None:
    """From their first watcher to their last; and none that isn't configured any more."""
    presence, registry = WatchedPresence(), Registry()
    policy = Policy({"a": ChannelOptions(), "quiet": ChannelOptions(presence_events=False)}, {})
    Attendance(presence, registry, RecordingDelivery(), policy, ManualClock())
    subscriber = RecordingSubscriber()
    for channel in ("a", "quiet", "gone"):
        registry.add(subscriber, channel, WATCHING)
    assert presence.watched == {"a"}
    registry.remove(subscriber, "a")
    assert presence.watched == set()


async def test_a_channel_that_is_not_configured_any_more_is_silent(room: Room) -> None:
    """Its last members may still leave."""
    watcher = room.watcher("gone")
    await room.presence.join("gone", Member("tab", "bob", "s-elsewhere", START))
    assert watcher.notices == []


async def test_what_could_not_be_noted_is_not_told(room: Room) -> None:
    """Who failed to join never was there."""

    async def fail() -> None:
        raise ReplyError(ErrorCode.UNAVAILABLE, "away")

    watcher = room.watcher()
    room.interruptions.before["join"] = fail
    with pytest.raises(ReplyError):
        await room.attendance.join("a", room.attendance.member(RecordingSubscriber()))
    assert watcher.notices == []
