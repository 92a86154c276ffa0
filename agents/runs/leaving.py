"""Agents that are being deleted: from then on they take no messages, in no process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from agents.ports import Signals
from channels.errors import ErrorCode, ReplyError

TOPIC: Final = "agents.runs.leaving"

KNOWN_MAX: Final = 10_000
"""Agents that leave at once; beyond it the first one is forgotten."""


class Leaving:
    """Which agents leave. A process that didn't get the word takes messages; their runs end with the others.

    Args:
        longest: seconds that leaving may take; then it is over, also when who said so has died meanwhile.
        now: monotonic seconds.
    """

    def __init__(self, signals: Signals, longest: float, now: Callable[[], float]) -> None:
        self._signals = signals
        self._longest = longest
        self._now = now
        self._until: dict[UUID, float] = {}
        signals.listen(TOPIC, self._hear)

    @contextmanager
    def one(self, agent_id: UUID) -> Iterator[None]:
        """Have an agent refused in all processes, until the block ends: the agent is gone then, or stays after all."""
        self._signals.tell(TOPIC, {"agent": str(agent_id), "leaves": True})
        try:
            yield
        finally:
            self._signals.tell(TOPIC, {"agent": str(agent_id), "leaves": False})

    def check(self, agent_id: UUID) -> None:
        """Refuse an agent that leaves.

        Raises:
            ReplyError: `not_found`.
        """
        if self._until.get(agent_id, 0.0) > self._now():
            raise ReplyError(ErrorCode.NOT_FOUND, "the agent is being deleted; send the message to another one")

    def _hear(self, word: Mapping[str, Any]) -> None:
        agent_id = UUID(word["agent"])
        self._until.pop(agent_id, None)
        if word["leaves"]:
            if len(self._until) >= KNOWN_MAX:
                del self._until[next(iter(self._until))]
            self._until[agent_id] = self._now() + self._longest
