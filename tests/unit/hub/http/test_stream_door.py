"""Whom streams are given to. tests/unit/hub/http/test_events.py has the rest of it, from a request to a stream."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.dialects.ndjson import Ndjson
from hub.dialects.plain import PlainDialect
from hub.transports.stream import StreamConnection
from tests.unit.hub.http.test_events import Door


async def fail_opening(door: Door, *, flood: int = 0) -> StreamConnection:
    """Open a stream, have it flooded, check it, and fail."""
    streams = door.hub.streams.door
    encoding = Ndjson(PlainDialect())
    with streams.opening(door.request(), "127.0.0.1", "tab", encoding, Principal("alice")) as stream:
        await door.hub.engine.subscribe(stream, "system_alerts")
        assert stream.principal.user == "alice"
        stream.send(b"x" * flood)
        streams.check_again(stream)
        raise ReplyError(ErrorCode.UNAVAILABLE, "not now")


@pytest.mark.parametrize(("flood", "why"), [(0, "not now"), (5000, "queued_bytes")])
async def test_what_fails_while_a_stream_is_opened_undoes_it(flood: int, why: str) -> None:
    """It is on no channel then, and nowhere else; also when it got more than it may hold meanwhile."""
    door = Door(limits__queued_bytes=4096)
    with pytest.raises(ReplyError, match=why):
        await fail_opening(door, flood=flood)
    door.nothing_is_left()
