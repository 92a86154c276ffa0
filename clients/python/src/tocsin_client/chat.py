"""Messages to agents, over a hub's connection: what becomes of them comes on the channel `session:ID`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tocsin_client.hub import Hub

IfActive = Literal["queue", "reject", "steer"]


@dataclass(frozen=True, slots=True)
class Run:
    """How a message is answered.

    Attributes:
        message_id: the user's message.
        status: waiting, queued, running, completed, failed, cancelled or interrupted.
        reply_id: what it wrote, whole or partial.
        error: why it gave no whole answer: `code`, `message`, `temporary`.
        fields: all that the hub said of it.
    """

    id: str
    session_id: str
    agent_name: str
    message_id: str
    status: str
    reply_id: str | None
    error: Mapping[str, Any] | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was stored, before it is answered.

    Attributes:
        message_id, seq: the message, and the number of the event that told of it.
        run: that answers it.
    """

    message_id: str
    seq: int
    run: Run


class Chat:
    """Sends messages to agents, and stops them. The hub's connection needs a user's token.

    Requests are sent again when the connection breaks before the answer; nothing is done twice. They raise what those
    of `Hub` raise.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def send_message(
        self,
        session_id: str,
        content: str,
        *,
        target_agent: str | None = None,
        if_active: IfActive = "queue",
        priority: int = 0,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Sent:
        """Send a message in a session of one's own; return when it is stored.

        Args:
            target_agent: name or id; without it the first `@name` in the text, the agent of the session's newest run,
                or the only agent.
            if_active: while a run of the session goes on: wait behind it, be refused, or stop it and go first.
            priority: -100 to 100; higher comes first among what waits for the agent.
            idempotency_key: the same key in the same session is the same run; otherwise one is made up.
            timeout: seconds; otherwise those of the client's options.
        """
        command: dict[str, Any] = {
            "action": "send_message",
            "session": session_id,
            "content": content,
            "if_active": if_active,
        }
        command |= {"priority": priority, "idempotency_key": idempotency_key or uuid.uuid4().hex}
        if target_agent is not None:
            command["target_agent"] = target_agent
        reply = await self._hub.ask(command, timeout=timeout)
        message = reply["message"]
        return Sent(str(message["id"]), int(message["seq"]), run_of(reply["run"]))

    async def stop_run(self, run_id: str, *, timeout: float | None = None) -> Run:
        """Stop a run of one's own; return it as it is then. Twice is once."""
        return run_of((await self._hub.ask({"action": "stop_run", "run": run_id}, timeout=timeout))["run"])

    async def stop_session(self, session_id: str, *, timeout: float | None = None) -> int:
        """Stop what goes on and what waits in a session of one's own; return how many runs that were."""
        return int((await self._hub.ask({"action": "stop_session", "session": session_id}, timeout=timeout))["stopped"])


def run_of(fields: Mapping[str, Any]) -> Run:
    """Read a run."""
    return Run(
        str(fields["id"]),
        str(fields["session_id"]),
        str(fields.get("agent_name", "")),
        str(fields["message_id"]),
        str(fields["status"]),
        fields.get("reply_id"),
        fields.get("error"),
        fields,
    )
