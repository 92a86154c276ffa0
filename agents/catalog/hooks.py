"""What else is done when an agent is made or deleted, by who keeps something of agents elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from agents.ports import IndexUnavailable
from agents.store.scope import Scope
from channels.errors import ErrorCode, ReplyError

Hook = Callable[[Scope, UUID], Awaitable[object]]
"""Work for one agent. What it does twice is as if done once."""


@dataclass(slots=True)
class Hooks:
    """Filled when the agents' parts are put together, since those need the catalogue first.

    Attributes:
        prepare: makes room for an agent's memory, before the agent is there. What fails undoes the agent. The agent's
            row isn't committed then, so nobody else sees it.
        stop: ends what an agent is doing, before it is deleted. What fails leaves the agent as it is.
        forget: removes what is kept of it outside of the database, before its row goes: what fails leaves an agent that
            can be deleted again. It is called once more after that, for what was written in between.
    """

    prepare: tuple[Hook, ...] = ()
    stop: tuple[Hook, ...] = ()
    forget: tuple[Hook, ...] = ()

    async def make_room(self, scope: Scope, agent_id: UUID) -> None:
        """Prepare for a new agent.

        Raises:
            ReplyError: `unavailable`.
        """
        await _run(self.prepare, scope, agent_id, "the agent's memory can't be made, so nothing was made")

    async def end(self, scope: Scope, agent_id: UUID) -> None:
        """Stop an agent.

        Raises:
            ReplyError: `unavailable`.
        """
        await _run(self.stop, scope, agent_id, "the agent can't be stopped, so it is still there")

    async def clear(self, scope: Scope, agent_id: UUID) -> None:
        """Remove what is kept of an agent.

        Raises:
            ReplyError: `unavailable`.
        """
        await _run(self.forget, scope, agent_id, "the agent's memory can't be removed, so it is still there")


async def _run(hooks: tuple[Hook, ...], scope: Scope, agent_id: UUID, trouble: str) -> None:
    try:
        for hook in hooks:
            await hook(scope, agent_id)
    except IndexUnavailable as error:
        raise ReplyError(ErrorCode.UNAVAILABLE, f"{trouble}; try again: {error}", retry_after=1) from error
