"""Where a session's stream begins, as asked. tests/integration/test_session_streams.py has real ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from channels.errors import ErrorCode, ReplyError
from hub.http.api.my.stream import StreamQuery, _position
from tests.unit.hub.http.api.calls import call


def position(query: dict[str, Any], **headers: str) -> int | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return _position(call(query=StreamQuery.model_validate(query), headers=named))


def test_what_a_browser_has_seen_comes_before_what_its_url_says() -> None:
    """It comes back to the same URL."""
    assert position({}) is None
    assert position({"after": "3"}) == 3
    assert position({"after": "3"}, Last_Event_ID="7") == 7
    assert position({"since": "2026-11-21T10:15:00Z"}, Last_Event_ID="7") == 7
    assert position({"after": 3}, Last_Event_ID="") == 3


@pytest.mark.parametrize("id", ["-1", "x", "7 ", "1.5", "\u0663", "9" * 19, "chat:e:7"])
def test_a_foreign_last_id_is_refused(id: str) -> None:
    """An id of another stream says nothing about this one."""
    with pytest.raises(ReplyError) as refused:
        position({}, Last_Event_ID=id)
    assert refused.value.code is ErrorCode.INVALID_DATA


def test_one_position_is_enough() -> None:
    """Two may contradict each other; times before computers are mistakes."""
    time = datetime(2026, 1, 1, tzinfo=UTC)
    for query in ({"after": 1, "since": time}, {"since": time.replace(year=1)}, {"since": time.replace(year=9999)}):
        with pytest.raises(ReplyError):
            position(query)
    for wrong in ({"after": -1}, {"after": 2**63}, {"since": "2026-11-21T10:15:00"}, {"since": "noon"}, {"x": "1"}):
        with pytest.raises(ValidationError):
            StreamQuery.model_validate(wrong)
