"""From the log to the channel: all events, in order, each once, whoever dies or is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from sqlalchemy import select

from agents.sessions.log import EventLog
from agents.sessions.outbox import Outbox
from agents.sessions.relay import Relay, RelayOptions
from agents.store.database import Database
from agents.store.scope import Scope
from agents.store.tables import chat_sessions
from tests.live import until
from tests.unit.agents.sessions.session_worlds import Channel, Teller, a_session

QUICK = RelayOptions(retry=(0.001, 0.01), quiet=0.02, sweep=0.02, drain=0.2)


@asynccontextmanager
async def relaying(
    store: Database, channel: Channel, options: RelayOptions = QUICK, sweeps: bool = False
) -> AsyncIterator[Relay]:
    relay = Relay(Outbox(store), channel, options)
    if sweeps:
        relay.start()
    try:
        yield relay
    finally:
        await relay.stop()


async def write(log: EventLog, scope: Scope, session: object, count: int = 1) -> None:
    async with log.write(scope, session) as entry:  # type: ignore[arg-type]
        for _ in range(count):
            await entry.append("MESSAGE_DELTA", {"text": "x"})


async def published_seq(store: Database, session: object) -> int:
    async with store.of_system() as connection:
        found = await connection.scalar(select(chat_sessions.c.published_seq).where(chat_sessions.c.id == session))
    return int(found or 0)


async def until_noted(store: Database, session: object, seq: int) -> None:
    async with asyncio.timeout(5):
        while await published_seq(store, session) != seq:  # noqa: ASYNC110 - another connection's news
            await asyncio.sleep(0.01)


async def test_events_come_in_the_order_of_the_log(store: Database) -> None:
    """However many writers there are, and whichever of them is told first."""
    scope, session = await a_session(store)
    channel = Channel()
    async with relaying(store, channel) as relay:
        log = EventLog(relay)
        await asyncio.gather(*(write(log, scope, session, 1 + number % 3) for number in range(30)))
        last = await log.last(scope, session)
        await channel.until(session, last)
    assert channel.seqs(session) == list(range(1, last + 1))
    assert channel.told[session][0][2]["text"] == "x"


async def test_what_another_process_wrote_is_published_first(store: Database) -> None:
    """It may have died between its commit and its publication; nobody has to wait for it."""
    scope, session = await a_session(store)
    channel = Channel()
    await write(EventLog(Teller()), scope, session, 5)  # committed, never told
    async with relaying(store, channel) as relay:
        await write(EventLog(relay), scope, session)
        await channel.until(session, 6)
    assert channel.seqs(session) == [1, 2, 3, 4, 5, 6]


async def test_two_processes_that_write_in_turn_publish_one_order(store: Database) -> None:
    """Both publish what the other may not have; the channel takes each number once, and never one that is lower."""
    scope, session = await a_session(store)
    channel = Channel()
    async with relaying(store, channel) as one, relaying(store, channel) as other:
        logs = EventLog(one), EventLog(other)
        await asyncio.gather(*(write(logs[number % 2], scope, session) for number in range(40)))
        await channel.until(session, 40)
    assert channel.seqs(session) == list(range(1, 41))


async def test_a_broker_that_is_away_costs_nothing_but_time(store: Database) -> None:
    """It is tried again; what has no room in memory is read from the log when the broker is back."""
    scope, session = await a_session(store)
    channel = Channel()
    channel.away = True
    options = RelayOptions(events=3, retry=(0.001, 0.005), batch=2)
    async with relaying(store, channel, options) as relay:
        log = EventLog(relay)
        for _ in range(10):
            await write(log, scope, session)
        await until(lambda: relay.failures >= 3)
        assert channel.seqs(session) == []
        channel.away = False
        await channel.until(session, 10)
    assert channel.seqs(session) == list(range(1, 11))


async def test_the_progress_is_noted_when_a_session_is_quiet_and_at_the_end(store: Database) -> None:
    """So that after a restart nothing is published anew."""
    scope, session = await a_session(store)
    channel = Channel()
    async with relaying(store, channel, sweeps=True) as relay:
        await write(EventLog(relay), scope, session, 3)
        await until_noted(store, session, 3)
    async with relaying(store, channel, RelayOptions()) as relay:
        await write(EventLog(relay), scope, session)
        await channel.until(session, 4)
    assert await published_seq(store, session) == 4


async def test_the_sweep_publishes_what_a_killed_process_left(store: Database) -> None:
    """At the start at once; later what makes no progress between two looks."""
    scope, session = await a_session(store)
    _, other = await a_session(store)
    channel = Channel()
    await write(EventLog(Teller()), scope, session, 3)
    async with relaying(store, channel, sweeps=True):
        await channel.until(session, 3)
        assert channel.seqs(other) == []
        await write(EventLog(Teller()), scope, session, 2)
        await channel.until(session, 5)
    assert channel.seqs(session) == [1, 2, 3, 4, 5]
    assert await published_seq(store, session) == 5


async def test_a_session_at_work_is_left_alone_by_sweeps_of_others(store: Database) -> None:
    """Only what stands still between two looks is taken over."""
    scope, session = await a_session(store)
    channel = Channel()
    async with relaying(store, channel) as relay:
        for known in range(3):
            await write(EventLog(Teller(known)), scope, session)
            await relay.sweep(60)
    assert channel.tries == 0


async def test_reaching_publishes_what_is_missing_and_waits_for_it(store: Database) -> None:
    """A reader can rely on it: what comes on the channel from then on is newer."""
    scope, session = await a_session(store)
    channel = Channel()
    await write(EventLog(Teller()), scope, session, 7)
    async with relaying(store, channel) as relay:
        await relay.reach(session, 0, 7)
        assert channel.seqs(session) == list(range(1, 8))
        await relay.reach(session, 0, 7)
        assert channel.tries == 7


async def test_a_deleted_session_is_dropped(store: Database) -> None:
    """Nothing waits for events that are gone."""
    _, session = await a_session(store)
    async with relaying(store, Channel()) as relay:
        await relay.reach(uuid4(), 0, 5)
        relay.forget(session)
        assert relay.known(session) == 0


async def test_only_so_many_sessions_are_remembered(store: Database) -> None:
    """A further one takes the place of the oldest at rest; when none rests it is left to the sweep."""
    scope, first = await a_session(store)
    _, second = await a_session(store, scope)
    channel = Channel()
    options = RelayOptions(sessions=1, retry=(0.001, 0.005), quiet=0.02, sweep=0.02, drain=0.05)
    async with relaying(store, channel, options, sweeps=True) as relay:
        log = EventLog(relay)
        await write(log, scope, first)
        await relay.reach(first, 0, 1)
        await write(log, scope, second)
        await relay.reach(second, 0, 1)
        assert (relay.known(first), relay.known(second)) == (0, 1)
        channel.away = True
        await write(log, scope, second)
        await write(log, scope, first)
        assert relay.known(first) == 0
        channel.away = False
        await channel.until(second, 2)
        await channel.until(first, 2)
    assert channel.seqs(first) == [1, 2]
