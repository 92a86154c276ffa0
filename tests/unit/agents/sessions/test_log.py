"""The log of a session: numbers without a hole, in the transaction of what they tell about."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from agents.sessions.log import EventLog
from agents.store.database import Database
from agents.store.tables import chat_sessions, messages, session_events
from channels.errors import ErrorCode, ReplyError
from tests.agents_kit import a_user
from tests.unit.agents.sessions.session_worlds import Teller, a_session


async def test_events_get_the_next_numbers_and_are_told_after_the_commit(store: Database) -> None:
    """The teller hears of an event when every other connection sees it, with the progress that the row had."""
    teller = Teller()
    scope, session = await a_session(store)
    log = EventLog(teller)
    async with log.write(scope, session) as entry:
        assert await entry.append("TASK_STARTED", {"agent": "Ada"}) == 1
        assert await entry.append("MESSAGE_DELTA", {"text": "hi\n\U0001f600"}) == 2
        assert not teller.told
    [(told, published, events)] = teller.told
    assert (told, published, [event.seq for event in events]) == (session, 0, [1, 2])
    assert await log.read(scope, session) == events
    assert await log.read(scope, session, after=1) == events[1:]
    assert await log.last(scope, session) == 2
    assert events[1].fields["text"] == "hi\n\U0001f600"


async def test_fifty_writers_leave_no_hole_though_some_fail(store: Database) -> None:
    """Writers of one session come one after the other; who fails takes no number along."""
    scope, session = await a_session(store)
    log = EventLog(Teller())

    async def write(number: int) -> None:
        async with log.write(scope, session) as entry:
            for _ in range(number % 3):
                await entry.append("MESSAGE_DELTA", {"writer": number})
            if number % 5 == 0:
                raise ValueError(number)

    results = await asyncio.gather(*map(write, range(50)), return_exceptions=True)
    assert sum(isinstance(result, ValueError) for result in results) == 10
    events = await log.read(scope, session, limit=1000)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert len(events) == sum(number % 3 for number in range(50) if number % 5)
    times = [event.created_at for event in events]
    assert times == sorted(times)


async def test_a_message_and_its_event_have_one_number(store: Database) -> None:
    """What the event says of the message is what the table has."""
    scope, session = await a_session(store)
    teller = Teller()
    async with EventLog(teller).write(scope, session) as entry:
        await entry.append("TASK_STARTED", {})
        message = await entry.append_message("user", "a\0b \ud83d\ude00 \ud800")
    assert message.content == "a\ufffdb \U0001f600 \ufffd"
    event = teller.told[0][2][1]
    assert (event.seq, event.type) == (2, "MESSAGE_CREATED")
    assert event.data == {"message": message.as_dict(), "title": message.content}
    async with scope.begin() as work:
        row = await work.one(work.select(messages))
        changed = await work.one(work.select(chat_sessions))
    assert row is not None
    assert changed is not None
    assert (row["seq"], row["content"], row["created_at"]) == (2, message.content, event.created_at)
    assert (changed["last_seq"], changed["updated_at"]) == (2, event.created_at)


async def test_somebody_elses_session_is_not_there(store: Database) -> None:
    """Neither for writing nor for reading; the refusal says nothing else."""
    _, session = await a_session(store)
    other = await a_user(store)
    log = EventLog(Teller())
    with pytest.raises(ReplyError) as refused:
        async with log.write(other, session):
            raise AssertionError("was let in")
    assert refused.value.code is ErrorCode.NOT_FOUND
    assert await log.read(other, session) == []
    with pytest.raises(ReplyError, match="no session"):
        await log.last(other, session)


async def test_pieces_of_answers_leave_the_session_where_it_is_in_lists(store: Database) -> None:
    """They come many times a second: an update that changes no index is cheap. `published_seq` goes along."""
    scope, session = await a_session(store)
    log = EventLog(Teller(known=0))
    async with log.write(scope, session) as entry:
        await entry.append("TASK_STARTED", {})
    async with scope.begin() as work:
        before = await work.scalar(work.select(chat_sessions, chat_sessions.c.updated_at))
    async with EventLog(Teller(known=1)).write(scope, session) as entry:
        await entry.append("MESSAGE_DELTA", {})
    async with scope.begin() as work:
        row = await work.one(work.select(chat_sessions))
    assert row is not None
    assert (row["updated_at"], row["published_seq"], row["last_seq"]) == (before, 1, 2)


async def test_times_never_go_back_with_the_databases_clock(store: Database) -> None:
    """An event is not before the one before, also when the clock was set back meanwhile."""
    scope, session = await a_session(store)
    log = EventLog(Teller())
    async with log.write(scope, session) as entry:
        await entry.append("TASK_STARTED", {})
    async with scope.begin() as work:
        ahead = await work.scalar(
            work.update(session_events)
            .values(created_at=func.date_trunc("milliseconds", func.now() + timedelta(hours=1)))
            .returning(session_events.c.created_at)
        )
    async with log.write(scope, session) as entry:
        await entry.append("MESSAGE_DELTA", {})
    first, second = await log.read(scope, session)
    assert first.created_at == ahead
    assert second.created_at == ahead
    assert await log.before(scope, session, ahead) == 0
    assert await log.before(scope, session, ahead + timedelta(seconds=1)) == 2


async def test_nothing_is_written_when_nothing_was_appended(store: Database) -> None:
    """A block may just look, with the session locked."""
    teller = Teller()
    scope, session = await a_session(store)
    async with EventLog(teller).write(scope, session) as entry:
        assert entry.seq == 0
    async with store.of_system() as connection:
        assert await connection.scalar(select(func.count()).select_from(session_events)) == 0
    assert not teller.told
