"""What is appended to a session's log."""

from __future__ import annotations

from typing import Any

import pytest

from agents.sessions.entry import storable
from agents.sessions.events import MessageDelta
from agents.sessions.log import EventLog
from agents.sessions.message import Role
from agents.store.database import Database
from agents.store.tables import users
from tests.unit.agents.sessions.session_worlds import Teller, a_session


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("plain", "plain"),
        ("a\0b", "a\ufffdb"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\ud83d", "\ufffd"),
        ({"a\0": ["\0", 1, None, {"b": ("\udc00",)}]}, {"a\ufffd": ["\ufffd", 1, None, {"b": ["\ufffd"]}]}),
    ],
)
def test_what_postgresql_can_t_hold_is_replaced(value: Any, stored: Any) -> None:
    """Models write anything; an answer isn't lost for one character."""
    assert storable(value) == stored


async def test_the_first_message_gives_a_session_its_title(store: Database) -> None:
    """Its event says so. A later one changes nothing, and an assistant's gives none."""
    scope, session = await a_session(store)
    teller = Teller()
    log = EventLog(teller)
    roles: tuple[Role, ...] = ("assistant", "user", "user")
    for role in roles:
        async with log.write(scope, session) as entry:
            await entry.append_message(role, f"  by {role}\nmore")
    assert [events[0].data.get("title") for _, _, events in teller.told] == [None, "by user", None]
    async with log.write(scope, session) as entry:
        assert entry.title == "by user"


async def test_data_may_be_a_model(store: Database) -> None:
    """And is then what the model says."""
    scope, session = await a_session(store)
    log = EventLog(Teller())
    async with log.write(scope, session) as entry:
        await entry.append("MESSAGE_DELTA", MessageDelta(message_id="m", start=0, text="hi"))
    [event] = await log.read(scope, session)
    assert event.data == {"message_id": "m", "start": 0, "text": "hi"}


async def test_other_changes_go_with_the_events(store: Database) -> None:
    """Of several changes of the same thing the last counts; all are undone together."""
    scope, session = await a_session(store)
    log = EventLog(Teller())

    async def rename(*titles: str, fails: bool = False) -> str:
        async with log.write(scope, session) as entry:
            for title in titles:
                entry.change(entry.work.update(users).values(name=title), of="name")
            await entry.append("SESSION_CHANGED", {})
            if fails:
                raise ZeroDivisionError
        async with scope.begin() as work:
            return str(await work.scalar(work.select(users, users.c.name)))

    assert await rename("Ann", "Ben") == "Ben"
    with pytest.raises(ZeroDivisionError):
        await rename("Cem", fails=True)
    assert await rename() == "Ben"
