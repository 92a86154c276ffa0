"""Whose request it is, the ids in its path, and pages of lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from structlog.contextvars import bound_contextvars, get_contextvars

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.http.api.my.member import (
    Position,
    cursor_at,
    decode_cursor,
    encode_cursor,
    id_of,
    member,
    position_of,
    stamp,
)
from tests.unit.hub.http.api.calls import call, put_together

ID = UUID("0b5c1f9e-6a2d-4a53-9d3e-0123456789ab")


async def test_agents_that_are_off() -> None:
    """Are not there, and the refusal says how to have them."""
    with pytest.raises(ReplyError, match=r"agents\.enabled: true") as refused:
        await member(put_together(), call(caller=Principal("alice")))
    assert refused.value.code is ErrorCode.NOT_FOUND


async def test_agents_that_are_not_up() -> None:
    """May be there soon."""
    hub = put_together(agents__enabled=True, database__url="postgresql://127.0.0.1:1/none")
    with pytest.raises(ReplyError) as refused:
        await member(hub, call(caller=Principal("alice")))
    assert (refused.value.code, refused.value.details) == (ErrorCode.UNAVAILABLE, {"retry_after": 1})


def test_an_id() -> None:
    """Is read in either case, and stands in the request's log lines from then on."""
    with bound_contextvars(agent_id=""):
        assert id_of(call(agent_id=str(ID).upper()), "agent_id", "agent") == ID
        assert get_contextvars()["agent_id"] == str(ID)


@pytest.mark.parametrize(
    "text", ["", "7", ID.hex, f"{{{ID}}}", f"urn:uuid:{ID}", f"{ID}\n", str(ID)[:-1] + "é", "x" * 300, "' OR 1=1--"]
)
def test_what_is_no_id(text: str) -> None:
    """Is the id of nothing, as one of somebody else's is; only its beginning is repeated."""
    with pytest.raises(ReplyError) as refused:
        id_of(call(session_id=text), "session_id", "session")
    assert refused.value.code is ErrorCode.NOT_FOUND
    assert len(refused.value.message) < 100


def test_a_place_in_a_list() -> None:
    """Comes back from its cursor as it was, whatever its zone; a cursor is safe in a URL."""
    time = datetime(2026, 5, 1, 12, 0, 0, 123456, timezone(timedelta(hours=2)))
    cursor = cursor_at(time, ID)
    assert position_of(cursor) == Position(time, ID)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert position_of(None) is None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "abc",
        "é",
        "====",
        encode_cursor("2026-01-01T00:00:00+00:00"),
        encode_cursor("2026-01-01T00:00:00", str(ID)),
        encode_cursor("9999-12-31T23:59:59-12:00", str(ID)),
        encode_cursor("yesterday", str(ID)),
        encode_cursor(1, str(ID)),
        encode_cursor("2026-01-01T00:00:00+00:00", 5),
    ],
)
def test_what_is_no_cursor(cursor: str) -> None:
    """Is refused: nothing a client makes up reaches the database."""
    with pytest.raises(ReplyError) as refused:
        position_of(cursor)
    assert refused.value.code is ErrorCode.INVALID_DATA


def test_other_cursors() -> None:
    """Hold what their list is ordered by."""
    assert decode_cursor(encode_cursor(0.25, "x", 3), 3) == [0.25, "x", 3]


def test_times() -> None:
    """As everywhere in the API."""
    time = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert stamp(time) == stamp(time.astimezone(UTC)) == "2026-01-01T00:00:00.000000Z"


async def test_a_call_of_nobody() -> None:
    """Has nothing of its own."""
    hub = put_together(agents__enabled=True, database__url="postgresql://127.0.0.1:1/none")
    agents = hub.adapters.agents
    assert agents is not None
    agents.ready = True
    with pytest.raises(ReplyError) as refused:
        await member(hub, call(caller=Principal(), agent_id=str(uuid4())))
    assert refused.value.code is ErrorCode.UNAUTHENTICATED
