"""The hub that is measured."""

from __future__ import annotations

import time

import pytest

from benchmarks.agents.hub import MeasuredHub, measured_hub, options_for
from benchmarks.processes import Failed


async def test_what_it_did_is_counted_until_it_is_asked(hub: MeasuredHub) -> None:
    """Each statement of a transaction, and two more round trips for its beginning and its end."""
    await hub.counts()
    scope = await hub.agents.parts.members.scope("anna")
    session = await hub.agents.parts.chat.sessions.create(scope)
    counts = await hub.counts()
    made = [times for text, times in counts.statements.items() if text.startswith("INSERT INTO chat_sessions")]
    assert made == [1]
    assert counts.trips >= sum(counts.statements.values()) + 4
    assert set(counts.spent) == set(counts.statements)
    assert len(counts.waits) >= 3
    before = time.monotonic()
    written = await hub.write("anna", [str(session.id)], 3, 0.001)
    assert [(id, seq) for id, seq, _ in written] == [(str(session.id), number) for number in (2, 3, 4)]
    assert before < written[0][2] < written[1][2] < written[2][2] < time.monotonic()


async def test_agents_that_dont_come_up_are_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the hub's own words."""
    monkeypatch.setattr("benchmarks.agents.hub.UP_SECONDS", 0.05)
    with pytest.raises(Failed, match="don't come up"):
        async with measured_hub(options_for("postgresql://nobody@127.0.0.1:1/none")):
            pass
