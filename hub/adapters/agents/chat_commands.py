"""Chat over a connection: what clients ask for in the plain protocol, done as `hub.http.api.my` does it over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from structlog.contextvars import bound_contextvars

from agents.runs.submission import Submitted
from agents.sessions.run import Request
from agents.store.scope import Scope
from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.adapters.agents.ids import id_from
from hub.adapters.agents.parts import Parts
from hub.adapters.agents.shared import require
from hub.commands import Handler
from hub.wire import Chat, Command, SendMessage, StopRun, StopSession, holds_zero

_SUCCESS: Final = "success"


class ChatCommands:
    """Takes messages, and stops what answers them.

    Args:
        parts: what the agents are made of; raises `unavailable` as long as they aren't up.
    """

    def __init__(self, parts: Callable[[], Parts]) -> None:
        self._parts = parts

    def handlers(self) -> Mapping[type[Command], Handler]:
        """Return what runs which command."""
        return dict.fromkeys((SendMessage, StopRun, StopSession), self.run)

    async def run(self, command: Chat, principal: Principal) -> dict[str, Any]:
        """Run a command; return its reply. It counts as a request of the user's.

        Raises:
            ReplyError: as the same request over HTTP is refused.
        """
        if principal.user is None or not principal.has_token:
            message = f"{command.action}: expected a connection with a user's token; POST /auth/login gives one"
            raise ReplyError(ErrorCode.UNAUTHENTICATED, message)
        parts = self._parts()
        with bound_contextvars(user=principal.user):
            scope = await parts.members.scope(principal.user)
            if parts.limiter is not None:
                require(await parts.limiter.take(scope.key))
            return {"type": command.action, "status": _SUCCESS, **await _done(command, parts, scope)}


async def _done(command: Chat, parts: Parts, scope: Scope) -> dict[str, Any]:
    runs = parts.runs.runs
    match command:
        case SendMessage():
            if holds_zero([command.content, command.target_agent, command.idempotency_key]):
                raise ReplyError(ErrorCode.INVALID_DATA, "expected text without the character 0")
            submitted = await runs.submit(scope, id_from(command.session, "session"), _request(command))
            return await _accepted(parts, scope, submitted)
        case StopRun():
            run = await runs.stop(scope, id_from(command.run, "run"))
            return {"run": run.as_dict()}
        case StopSession():
            return {"stopped": await runs.stop_all(scope, id_from(command.session, "session"))}


def _request(command: SendMessage) -> Request:
    return Request(
        command.content, command.target_agent or "", command.if_active, command.priority, command.idempotency_key
    )


async def _accepted(parts: Parts, scope: Scope, submitted: Submitted) -> dict[str, Any]:
    message = await parts.runs.runs.message(scope, submitted)
    return {"run": submitted.run.as_dict(), "message": message.as_dict()}
