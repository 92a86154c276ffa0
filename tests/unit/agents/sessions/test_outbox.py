"""What the relay asks the database."""

from __future__ import annotations

from agents.sessions.log import EventLog
from agents.sessions.outbox import Backlog, Outbox
from agents.store.database import Database
from tests.unit.agents.sessions.session_worlds import Teller, a_session


async def test_marks_never_go_back(store: Database) -> None:
    """Two processes may mark one session, in any order."""
    scope, session = await a_session(store)
    async with EventLog(Teller()).write(scope, session) as entry:
        for _ in range(3):
            await entry.append("MESSAGE_DELTA", {})
    outbox = Outbox(store)
    for seq in (2, 1):
        await outbox.mark({session: seq})
    assert await outbox.backlogs(60, 10) == [Backlog(session, 2, 3)]
    assert await outbox.backlogs(0, 10) == []
    await outbox.mark({session: 3})
    assert await outbox.backlogs(60, 10) == []
    assert [event.seq for event in await outbox.read(session, 1, 1)] == [2]
