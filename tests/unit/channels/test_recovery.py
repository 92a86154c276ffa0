"""Recovery: no gap, no repetition, whatever happens while history is being read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from channels.model import START, History, Position, Publication
from channels.policy import ChannelOptions, Policy
from channels.recovery import CatchingUp, follows, join
from tests.kit import Domain, RecordingSubscriber, publication

CHANNEL = "a"


def offsets(publications: tuple[Publication, ...]) -> list[int]:
    return [p.position.offset for p in publications if p.position]


def history(*offsets: int, epoch: str = "e1", recovered: bool = True, key: str | None = None) -> History:
    found = tuple(publication(CHANNEL, offset, epoch, key) for offset in offsets)
    return History(found, Position(epoch, offsets[-1] if offsets else 0), recovered)


# Holding.


def test_publications_are_held_as_long_as_the_block_runs() -> None:
    """Before and afterwards they go past."""
    catching_up = CatchingUp()
    catching_up.offer(publication(CHANNEL, 1))
    with catching_up.hold(CHANNEL) as held:
        assert catching_up.waits_for(CHANNEL)
        catching_up.offer(publication(CHANNEL, 2))
        catching_up.offer(publication("b", 3))
    catching_up.offer(publication(CHANNEL, 4))
    assert offsets(tuple(held)) == [2]
    assert not catching_up.waits_for(CHANNEL)


def test_each_holder_gets_what_came_since_it_began() -> None:
    """Holders of one channel don't share a list, even while both are equal."""
    catching_up = CatchingUp()
    with catching_up.hold(CHANNEL) as first:
        with catching_up.hold(CHANNEL) as second:
            catching_up.offer(publication(CHANNEL, 1))
        catching_up.offer(publication(CHANNEL, 2))
        assert catching_up.waits_for(CHANNEL)
    assert (offsets(tuple(first)), offsets(tuple(second))) == ([1, 2], [1])
    assert not catching_up.waits_for(CHANNEL)


def test_an_interruption_begins_anew() -> None:
    """For all who hold the channel: what was held until then is dropped, once."""
    catching_up = CatchingUp()
    with catching_up.hold(CHANNEL) as first, catching_up.hold(CHANNEL) as second, catching_up.hold("b") as other:
        catching_up.offer(publication(CHANNEL, 1))
        assert not first.resume()
        catching_up.interrupt(CHANNEL)
        catching_up.offer(publication(CHANNEL, 2))
        assert first.resume()
        assert not first.resume()
        catching_up.offer(publication(CHANNEL, 3))
        assert second.interrupted
        assert not other.interrupted
    assert offsets(tuple(first)) == [3]
    catching_up.interrupt(CHANNEL)


def test_a_failure_lets_go() -> None:
    """Nothing is collected for who gave up."""
    catching_up = CatchingUp()
    with pytest.raises(RuntimeError), catching_up.hold(CHANNEL):
        raise RuntimeError
    assert not catching_up.waits_for(CHANNEL)


# Joining.


@pytest.mark.parametrize(
    ("position", "top", "after"),
    [
        (Position("e1", 5), Position("e1", 4), True),
        (Position("e1", 4), Position("e1", 4), False),
        (Position("e1", 3), Position("e1", 4), False),
        (Position("e2", 1), Position("e1", 4), True),
    ],
)
def test_what_comes_after_a_position(position: Position, top: Position, after: bool) -> None:
    """Offsets of another epoch can't be compared: that stream began later."""
    assert follows(position, top) is after


def test_nothing_held_leaves_history_as_it_is() -> None:
    """The position afterwards is history's top, also when nothing was missed."""
    assert join(history(3, 4), [], False) == (history(3, 4).publications, Position("e1", 4))
    assert join(history(), [], False) == ((), Position("e1", 0))


@given(st.integers(0, 10), st.integers(0, 10), st.integers(0, 10))
def test_held_and_history_overlap_in_any_way(oldest: int, missed: int, held: int) -> None:
    """Each offset comes once, in order, up to the newest of both."""
    top = oldest + missed
    read = History(
        tuple(publication(CHANNEL, offset) for offset in range(oldest + 1, top + 1)), Position("e1", top), True
    )
    first = max(1, top - 5)
    late = [publication(CHANNEL, offset) for offset in range(first, first + held)]
    joined, position = join(read, late, False)
    newest = max(top, first + held - 1)
    assert offsets(joined) == list(range(oldest + 1, newest + 1))
    assert position == Position("e1", newest)


def test_a_stream_that_began_anew_after_the_reading() -> None:
    """What was held of the new epoch follows what history held of the old one."""
    joined, position = join(history(1, 2), [publication(CHANNEL, 2), publication(CHANNEL, 1, "e2")], False)
    assert [p.position for p in joined] == [Position("e1", 1), Position("e1", 2), Position("e2", 1)]
    assert position == Position("e2", 1)


def test_a_stream_that_began_anew_before_the_reading() -> None:
    """What was held of the old epoch isn't sent after what history holds of the new one."""
    held = [publication(CHANNEL, 9, "e1"), publication(CHANNEL, 1, "e2"), publication(CHANNEL, 2, "e2")]
    joined, position = join(history(1, epoch="e2", recovered=False), held, False)
    assert [p.position for p in joined] == [Position("e2", 1), Position("e2", 2)]
    assert position == Position("e2", 2)


def test_what_has_no_position_cannot_be_joined() -> None:
    """A publication of a channel that kept no history when it was made is not part of the stream."""
    loose = Publication(CHANNEL, "event", b"{}", "2026-11-21T10:15:00.000000Z")
    assert join(history(1), [loose, publication(CHANNEL, 2), loose], False)[1] == Position("e1", 2)
    assert offsets(join(history(1), [loose], False)[0]) == [1]


def test_a_conflated_channel_replays_the_newest_of_each_key() -> None:
    """Also across the seam of what was read and what was held; the position is the newest all the same."""
    held = [publication(CHANNEL, 3, key="k"), publication(CHANNEL, 4, key="other")]
    joined, position = join(history(1, 2, key="k"), held, True)
    assert offsets(joined) == [3, 4]
    assert position == Position("e1", 4)
    assert offsets(join(history(1, 2, key="k"), held, False)[0]) == [1, 2, 3, 4]


# All interleavings.

_STOPS_BEFORE = ("history", "leave")
_STOPS_AFTER = ("follow", "unfollow", "history", "join")
"""Where calls stop: everywhere but before `follow` and `unfollow`, which take effect in the order of calling."""


class Reader:
    """A subscriber with what it asked for, and its conversation in steps."""

    def __init__(self, since: Position | None) -> None:
        self.since = since
        self.subscriber = RecordingSubscriber()
        self.task: asyncio.Task[None] | None = None
        self.recovered: bool | None = None
        self.replayed = 0
        self.top: Position | None = None

    @property
    def is_busy(self) -> bool:
        return self.task is not None and not self.task.done()


class Interleavings(RuleBasedStateMachine):
    """Publications, subscribers, disconnections and resets, each port call stopping before and after its effect.

    Checked against the log of all publications: what a subscriber got is the unbroken end of it, which begins where it
    asked for if `recovered` says so.
    """

    @initialize(size=st.sampled_from([1, 3, 100]), before=st.integers(0, 6))
    def begin(self, size: int, before: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.stopped: list[asyncio.Future[None]] = []
        self.log: list[Position] = []
        self.was_reset = False
        self.readers: list[Reader] = []
        self.departures: asyncio.Task[None] | None = None
        self.domain = Domain(Policy({CHANNEL: ChannelOptions(history_size=size)}, {}))
        self.domain.interruptions.before.update(dict.fromkeys(_STOPS_BEFORE, self.stop))
        self.domain.interruptions.after.update(dict.fromkeys(_STOPS_AFTER, self.stop))
        self.run(self.start_departures())
        for _ in range(before):
            self.publish()

    async def start_departures(self) -> None:
        self.departures = asyncio.create_task(self.domain.engine.run())

    async def stop(self) -> None:
        future = self.loop.create_future()
        self.stopped.append(future)
        await future

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        async def until_rest() -> None:
            await work
            for _ in range(20):
                await asyncio.sleep(0)

        self.loop.run_until_complete(until_rest())

    @rule()
    def publish(self) -> None:
        async def publish() -> None:
            position = (await self.domain.publish(CHANNEL)).position
            assert position is not None
            self.log.append(position)

        self.run(publish())

    @rule(back=st.none() | st.integers(-1, 8), start=st.booleans(), steps=st.integers(0, 5))
    def subscribe(self, back: int | None, start: bool, steps: int) -> None:
        """A subscribe begins, and goes on for a few steps."""
        since: Position | None = None
        if start:
            since = START
        elif back is not None and self.log:
            epoch, offset = self.log[-1]
            since = Position(epoch, max(0, offset - back))
        reader = Reader(since)
        self.readers.append(reader)

        async def converse() -> None:
            subscribed = await self.domain.subscribe(reader.subscriber, CHANNEL, reader.since)
            reader.recovered, reader.top = subscribed.recovered, subscribed.position
            reader.replayed = len(subscribed.missed)

        async def begin() -> None:
            reader.task = asyncio.create_task(converse())

        self.run(begin())
        for _ in range(steps):
            self.release(-1)

    def release(self, index: int) -> None:
        """Let one of the stopped calls go on; -1 is the one that was made last."""
        if self.stopped:
            future = self.stopped.pop(index)

            async def go_on() -> None:
                future.set_result(None)

            self.run(go_on())

    @precondition(lambda self: self.stopped)
    @rule(data=st.data(), steps=st.integers(1, 4))
    def step(self, data: st.DataObject, steps: int) -> None:
        """Stopped calls go on, in any order."""
        for _ in range(steps):
            if self.stopped:
                self.release(data.draw(st.integers(0, len(self.stopped) - 1)))

    @precondition(lambda self: self.readers)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """A connection ends, perhaps in the middle of its subscribe."""
        reader = self.readers.pop(data.draw(st.integers(0, len(self.readers) - 1)))

        async def lose() -> None:
            self.domain.lose(reader.subscriber)

        self.run(lose())

    @rule()
    def reset(self) -> None:
        """The stream is lost."""
        self.was_reset = True
        self.run(self.domain.broker.forget(CHANNEL))

    @invariant()
    def nobody_misses_gets_twice_or_out_of_order(self) -> None:
        for reader in self.readers:
            if reader.is_busy or reader.top is None:
                continue
            got = reader.subscriber.positions
            replayed, delivered = got[: reader.replayed], got[reader.replayed :]
            assert delivered == self.log_after(reader.top)
            before = [position for position in self.log if position not in delivered]
            assert replayed == before[len(before) - len(replayed) :]
            if reader.recovered and reader.since == START:
                assert self.was_reset or len(replayed) == len(before)
            elif reader.recovered:
                assert reader.since is not None
                assert got == self.log_after(reader.since)
            elif reader.since is None:
                assert replayed == []

    def log_after(self, top: Position) -> list[Position]:
        """What was published after `top`. The names of epochs are numbered."""

        def order(position: Position) -> tuple[int, int]:
            return int(position.epoch[1:]), position.offset

        return [position for position in self.log if order(position) > order(top)]

    def finish(self) -> None:
        """When all are gone, and everything has run to its end, nothing is left behind."""

        async def finish() -> None:
            for reader in self.readers:
                self.domain.lose(reader.subscriber)
            for _ in range(300):
                for future in self.stopped:
                    future.set_result(None)
                self.stopped.clear()
                await asyncio.sleep(0)

        self.run(finish())
        engine = self.domain.engine
        assert engine.registry.counts() == {}
        assert not engine._catching_up.waits_for(CHANNEL)
        assert engine._followed == set()
        assert self.domain.broker._followed == set()
        assert self.domain.presence._channels == {}

    def teardown(self) -> None:
        try:
            self.finish()
        finally:
            assert self.departures is not None
            self.departures.cancel()
            self.loop.run_until_complete(asyncio.gather(self.departures, return_exceptions=True))
            self.loop.close()


Interleavings.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestInterleavings = Interleavings.TestCase


Happening = Callable[[], Awaitable[None]]


@pytest.mark.parametrize("moment", ["before follow", "after follow", "before history", "after history", "before join"])
@pytest.mark.parametrize("publications", [0, 1, 3])
@pytest.mark.parametrize("seen", [0, 2, 5])
async def test_publications_in_the_middle_of_a_subscribe(moment: str, publications: int, seen: int) -> None:
    """Whenever they come, they are replayed or delivered, and never both."""
    domain = Domain(Policy({CHANNEL: ChannelOptions()}, {}))
    for _ in range(5):
        await domain.publish(CHANNEL)

    async def publish() -> None:
        for _ in range(publications):
            await domain.publish(CHANNEL)

    when, call = moment.split()
    getattr(domain.interruptions, when)[call] = publish
    subscriber = RecordingSubscriber()
    subscribed = await domain.subscribe(subscriber, CHANNEL, Position("e1", seen))
    await domain.publish(CHANNEL)
    assert subscribed.recovered
    assert subscribed.position == Position("e1", 5 + publications)
    assert subscriber.offsets == list(range(seen + 1, 5 + publications + 2))
