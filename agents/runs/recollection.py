"""An agent's memory, as a run uses it: it may be slow, broken or absent, and the run goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

import structlog

from agents.catalog.agent import Agent
from agents.memory.episode import Episode
from agents.memory.item import Recalled
from agents.runs.options import RunOptions
from agents.store.scope import Scope
from channels.errors import ReplyError

log = structlog.get_logger(__name__)

QUERY_MAX: Final = 4_000
"""Characters of a message that memory is searched with."""


class Memory(Protocol):
    """What runs need of memory (`agents.memory.memory.Memory`)."""

    async def recall(self, scope: Scope, agent_id: UUID, query: str, limit: int) -> list[Recalled]: ...

    async def remember(self, scope: Scope, agent_id: UUID, episode: Episode) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class Context:
    """What was found for a message.

    Attributes:
        warning: why nothing could be searched; empty: it could.
    """

    items: Sequence[Recalled] = ()
    warning: str = ""


class Recollection:
    """Asks a memory, and never fails.

    Args:
        memory: `None`: there is none.
    """

    def __init__(self, memory: Memory | None, options: RunOptions) -> None:
        self._memory = memory
        self._options = options

    async def recall(self, scope: Scope, agent: Agent, content: str) -> Context:
        """Search for what fits a message."""
        if self._memory is None or not agent.config.memory or not agent.config.recall:
            return Context()
        try:
            async with asyncio.timeout(self._options.recall):
                found = await self._memory.recall(scope, agent.id, content[:QUERY_MAX], agent.config.recall)
        except TimeoutError:
            return _nothing(f"memory gave no answer within {self._options.recall:g} s")
        except ReplyError as error:
            return _nothing(f"memory can't be searched: {error.message}")
        except Exception:
            log.exception("memory can't be searched")
            return Context(warning="memory can't be searched; the hub's log has the reason")
        return Context(found)

    async def remember(self, scope: Scope, agent: Agent, episode: Episode) -> None:
        """Store an exchange."""
        if self._memory is None or not agent.config.memory:
            return
        try:
            async with asyncio.timeout(self._options.remember):
                await self._memory.remember(scope, agent.id, episode)
        except TimeoutError:
            log.warning("an exchange isn't remembered: memory took too long", seconds=self._options.remember)
        except ReplyError as error:
            log.warning("an exchange isn't remembered", reason=error.message)
        except Exception:
            log.exception("an exchange isn't remembered")


def _nothing(warning: str) -> Context:
    log.warning("a run goes on without memory", reason=warning)
    return Context(warning=warning)
