"""Agents that are being deleted."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

import pytest

from agents.runs import leaving
from agents.runs.leaving import Leaving
from channels.errors import ErrorCode, ReplyError
from tests.kit import ManualClock
from tests.unit.agents.catalog.catalogs import Wire


def test_an_agent_that_leaves_is_refused_in_every_process() -> None:
    """From the beginning to the end, however that comes; others aren't."""

    def fail() -> None:
        raise RuntimeError

    wire, clock, agent = Wire(), ManualClock(), uuid4()
    here, elsewhere = (Leaving(wire, 30.0, clock.monotonic) for _ in range(2))
    with suppress(RuntimeError), here.one(agent):
        for process in (here, elsewhere):
            process.check(uuid4())
            with pytest.raises(ReplyError, match="being deleted") as refused:
                process.check(agent)
            assert refused.value.code is ErrorCode.NOT_FOUND
        fail()
    here.check(agent)
    elsewhere.check(agent)


def test_a_process_that_died_on_it_hinders_nobody_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody says that it is over then. And what is known is bounded."""
    monkeypatch.setattr(leaving, "KNOWN_MAX", 2)
    wire, clock, agents = Wire(), ManualClock(), [uuid4() for _ in range(3)]
    process = Leaving(wire, 30.0, clock.monotonic)
    for agent in agents:
        wire.tell(leaving.TOPIC, {"agent": str(agent), "leaves": True})
    process.check(agents[0])
    clock.advance(29.0)
    with pytest.raises(ReplyError):
        process.check(agents[2])
    clock.advance(1.0)
    process.check(agents[2])
