"""A run as it is stored and shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest
from sqlalchemy.engine import RowMapping

from agents.sessions.run import Run, reply_id

ID, SESSION, AGENT, MESSAGE = (uuid4() for _ in range(4))
NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


def a_row(**changes: Any) -> RowMapping:
    row = {
        "id": ID,
        "session_id": SESSION,
        "agent_id": AGENT,
        "agent_name": "coder",
        "message_id": MESSAGE,
        "status": "queued",
        "request": {},
        "created_at": NOW,
        "started_at": None,
        "completed_at": None,
        "result": None,
    }
    return cast(RowMapping, row | changes)


def test_a_run_that_waits_has_no_result() -> None:
    """What it doesn't have yet is null."""
    run = Run.of(a_row())
    assert run.as_dict() == {
        "id": str(ID),
        "session_id": str(SESSION),
        "agent_id": str(AGENT),
        "agent_name": "coder",
        "message_id": str(MESSAGE),
        "status": "queued",
        "created_at": "2026-11-02T08:30:00.000000Z",
        "started_at": None,
        "completed_at": None,
        "error": None,
        "usage": None,
        "reply_id": None,
    }


def test_a_run_that_failed() -> None:
    """Has its error and its partial reply; its agent may be gone, and is named as it was when it was asked."""
    error = {"code": "cut", "message": "it broke", "temporary": True}
    result = {"reply_id": str(reply_id(ID)), "error": error, "since": 4}
    run = Run.of(a_row(status="failed", result=result, completed_at=NOW, agent_id=None, agent_name=None))
    assert (run.reply_id, run.error, run.agent_name) == (reply_id(ID), error, "")
    assert run.as_dict()["agent_id"] is None
    asked = a_row(agent_id=None, agent_name=None, request={"agent": "coder"})
    assert Run.of(asked).agent_name == "coder"
    assert Run.of({**asked, "agent_name": "renamed"}).agent_name == "renamed"


@pytest.mark.parametrize("status", ["waiting", "queued", "running"])
def test_what_hasnt_ended(status: str) -> None:
    """The other four have."""
    assert not Run.of(a_row(status=status)).has_ended
    assert all(Run.of(a_row(status=one)).has_ended for one in ("completed", "failed", "cancelled", "interrupted"))


def test_a_run_has_one_reply() -> None:
    """Its id is known before, to every process, and is another one for each run."""
    assert reply_id(ID) == reply_id(ID)
    assert reply_id(ID) != reply_id(SESSION)
