"""Messages to agents over the client's connection."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.clients.python.doubles import Conversation, playing, welcome
from tocsin_client.chat import Chat
from tocsin_client.errors import HubError
from tocsin_client.hub import connect

RUN = {
    "id": "r1",
    "session_id": "s1",
    "agent_id": None,
    "agent_name": "coder",
    "message_id": "m1",
    "status": "queued",
    "reply_id": None,
    "error": None,
}
REPLIES: dict[str, dict[str, Any]] = {
    "send_message": {"run": RUN, "message": {"id": "m1", "seq": 7}},
    "stop_run": {"run": {**RUN, "status": "cancelled", "reply_id": "m2"}},
    "stop_session": {"stopped": 2},
}


async def test_commands_have_what_was_asked_for() -> None:
    """Each message has a key of its own unless it is given one; a hub refuses unknown fields, so there are none."""
    commands: list[dict[str, Any]] = []

    async def script(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        for _ in range(5):
            command = await conversation.heard()
            commands.append(command)
            await conversation.say(type=command["action"], id=command["id"], **REPLIES[command["action"]])

    async with playing(script) as double, connect(double.url) as hub:
        chat = Chat(hub)
        sent = await chat.send_message(
            "s1", "Hi", target_agent="coder", if_active="steer", priority=3, idempotency_key="k"
        )
        assert (sent.message_id, sent.seq, sent.run.agent_name, sent.run.status) == ("m1", 7, "coder", "queued")
        for _ in range(2):
            await chat.send_message("s1", "Hi")
        stopped = await chat.stop_run("r1")
        assert (stopped.status, stopped.reply_id, stopped.fields["agent_id"]) == ("cancelled", "m2", None)
        assert await chat.stop_session("s1") == 2
    told, first, second, *stops = [{name: value for name, value in each.items() if name != "id"} for each in commands]
    message = {"action": "send_message", "session": "s1", "content": "Hi"}
    assert told == message | {"target_agent": "coder", "if_active": "steer", "priority": 3, "idempotency_key": "k"}
    keys = {each.pop("idempotency_key") for each in (first, second)}
    assert len(keys) == 2
    assert first == second == message | {"if_active": "queue", "priority": 0}
    assert stops == [{"action": "stop_run", "run": "r1"}, {"action": "stop_session", "session": "s1"}]


async def test_a_refusal_says_what_the_hub_said() -> None:
    """With the agents that there are."""

    async def script(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        command = await conversation.heard()
        error = {"code": "invalid_data", "message": "which agent?", "temporary": False, "agents": ["coder"]}
        await conversation.say(type="error", id=command["id"], **error)

    async with playing(script) as double, connect(double.url) as hub:
        with pytest.raises(HubError, match="which agent") as caught:
            await Chat(hub).send_message("s1", "Hi")
    assert caught.value.details["agents"] == ["coder"]
