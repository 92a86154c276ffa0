"""What a stream begins with, read from the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete

from agents.sessions import replay
from agents.sessions.log import EventLog
from agents.sessions.replay import Replays
from agents.sessions.run import reply_id
from agents.store.database import Database
from agents.store.tables import session_events, tasks
from channels.errors import ErrorCode, ReplyError
from tests.agents_kit import a_user
from tests.unit.agents.sessions.session_worlds import Teller, a_session

REPLAYS = Replays(10)


async def test_events_after_a_number_or_from_a_time_on(store: Database) -> None:
    """A number at the end has nothing after it; a time in the future neither."""
    scope, session = await a_session(store)
    log = EventLog(Teller())
    for _ in range(3):
        async with log.write(scope, session) as entry:
            await entry.append("TASK_STARTED", {})
    events = await log.read(scope, session)
    for after in range(4):
        start = await REPLAYS.read(scope, session, after=after)
        assert (list(start.events), start.seq, start.snapshot) == (events[after:], 3, None)
    later = events[-1].created_at + timedelta(hours=1)
    for time in (events[1].created_at, later, datetime(1970, 1, 1, tzinfo=UTC)):
        start = await REPLAYS.read(scope, session, since=time)
        assert list(start.events) == [event for event in events if event.created_at >= time]


async def test_a_snapshot_has_the_newest_messages_and_what_is_being_written(store: Database) -> None:
    """Of open runs alone, as far as they are at that number."""
    scope, session = await a_session(store)
    run, ended = uuid4(), uuid4()
    async with EventLog(Teller(known=1)).write(scope, session) as entry:
        for number in range(59):
            await entry.append_message("user", f"message {number}")
        asked = await entry.append_message("user", "the last one")
        for id, status in ((run, "running"), (ended, "completed")):
            await entry.work.run(
                entry.work.insert(tasks, id=id, session_id=session, status=status, message_id=asked.id)
            )
            for text in ("a", "b\n", "\U0001f600"):
                await entry.append("MESSAGE_DELTA", {"text": text}, id)
    start = await REPLAYS.read(scope, session)
    assert start.snapshot is not None
    assert (start.seq, start.published, start.missing, start.events) == (66, 1, None, ())
    assert [message["seq"] for message in start.snapshot["messages"]] == list(range(11, 61))
    [shown] = start.snapshot["runs"]
    assert (shown["id"], shown["text"], shown["reply_id"]) == (str(run), "ab\n\U0001f600", str(reply_id(run)))
    assert (start.snapshot["session"]["last_seq"], start.snapshot["session"]["active_runs"]) == (66, 1)


@pytest.mark.parametrize(("after", "reason"), [(13, "ahead"), (1, "too_many"), (4, "expired")])
async def test_what_can_t_be_replayed_is_named_before_the_snapshot(store: Database, after: int, reason: str) -> None:
    """Where the client was, where the log is, and why."""
    scope, session = await a_session(store)
    async with EventLog(Teller()).write(scope, session) as entry:
        for _ in range(12):
            await entry.append("MESSAGE_DELTA", {})
    async with store.of_system() as connection:
        await connection.execute(delete(session_events).where(session_events.c.seq == 6))
    start = await REPLAYS.read(scope, session, after=after)
    assert start.missing is not None
    assert start.missing.as_dict() == {"from": after, "to": 12, "reason": reason}
    assert start.snapshot is not None


async def test_somebody_elses_session_is_not_there(store: Database) -> None:
    """For none of the ways to begin."""
    _, session = await a_session(store)
    for after in (None, 0):
        with pytest.raises(ReplyError) as refused:
            await REPLAYS.read(await a_user(store), session, after=after)
        assert refused.value.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("after", [0, None])
async def test_what_is_written_meanwhile_is_left_to_the_channel(
    store: Database, monkeypatch: pytest.MonkeyPatch, after: int | None
) -> None:
    """A stream begins with what there was at one number, though it is read in several steps."""
    scope, session = await a_session(store)
    log = EventLog(Teller())

    async def say() -> None:
        async with log.write(scope, session) as entry:
            await entry.append_message("user", "hello")

    async def state_and_then_more(*given: Any) -> Any:
        found = await read_state(*given)
        await say()
        return found

    await say()
    read_state = replay._state
    monkeypatch.setattr(replay, "_state", state_and_then_more)
    start = await REPLAYS.read(scope, session, after=after)
    shown = start.events if start.snapshot is None else start.snapshot["messages"]
    assert (start.seq, len(shown), await log.last(scope, session)) == (1, 1, 2)
