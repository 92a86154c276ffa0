"""Messages to agents over HTTP: bodies and what is shown. The rest is in tests/integration/test_chat.py."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import ValidationError

from agents.sessions.run import Request, Run
from hub.chat_descriptions import MessageState, RunState
from hub.http.api.my.runs import Accepted, MessageBody


def test_a_message_is_content_or_message() -> None:
    """One of both; the rest has its defaults."""
    assert MessageBody(content="Hi").request() == Request("Hi")
    assert MessageBody(message="Hi").request() == Request("Hi")
    whole = MessageBody(content="Hi", target_agent="coder", if_active="steer", priority=3, idempotency_key="k")
    assert whole.request() == Request("Hi", "coder", "steer", 3, "k")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": "a", "message": "a"},
        {"content": ""},
        {"content": " \t\n"},
        {"content": "a" * 100_001},
        {"content": "a", "priority": 101},
        {"content": "a", "idempotency_key": ""},
        {"content": "a", "target_agent": ""},
        {"content": "a", "more": 1},
    ],
)
def test_what_is_no_message(body: dict[str, object]) -> None:
    """Nothing to say, too much, or what nobody knows."""
    with pytest.raises(ValidationError):
        MessageBody.model_validate(body)


def test_a_run_that_goes_on_is_accepted() -> None:
    """With the status that HTTP has for that; null stands for what isn't there yet."""
    now = datetime(2026, 11, 2, tzinfo=UTC)
    run = Run(uuid4(), uuid4(), None, "", uuid4(), "waiting", now, None, None, None, None, None)
    shown = RunState.of(run)
    assert (shown.agent_id, shown.started_at, shown.error) == (None, None, None)
    message = MessageState(
        id=str(run.message_id),
        seq=1,
        role="user",
        content="Hi",
        agent_id=None,
        agent_name="",
        run_id=str(run.id),
        status="complete",
        citations=[],
        usage=None,
        created_at=shown.created_at,
    )
    assert Accepted(run=shown, message=message).http_status == 202
