"""Chat sessions, put together. tests/integration/test_session_streams.py has them at work."""

from __future__ import annotations

from uuid import uuid4

import pytest

from channels.errors import ErrorCode, ReplyError
from tests.unit.hub.http.api.calls import put_together


async def test_nobody_is_turned_away_for_good_before_the_tables_are_there() -> None:
    """Whose a session is isn't known then, which is not the same as somebody else's."""
    hub = put_together(agents__enabled=True, database__url="postgresql://127.0.0.1:1/none")
    with pytest.raises(ReplyError) as refused:
        await hub.engine.gate.membership.contains(f"session:{uuid4()}", "alice")
    assert refused.value.code is ErrorCode.UNAVAILABLE
    assert not await hub.engine.gate.membership.contains("session:of-others", "alice")
