"""The agents that a process has read, so that it doesn't read their configuration again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

from agents.catalog.agent import Agent


class Cache:
    """Agents by owner and id, least recently used first. Bounded in number and in time.

    What is here may be out of date: whoever takes something says which version is the right one.

    Attributes:
        hits, misses: since the start.

    Args:
        most: agents that are kept; one has 2 KB usually, and 40 KB at most.
        lifetime: seconds after which one is forgotten, used or not; 0 keeps none.
        now: seconds, any monotonic clock.
    """

    def __init__(self, most: int, lifetime: float, now: Callable[[], float]) -> None:
        self.hits = 0
        self.misses = 0
        self._most = most
        self._lifetime = lifetime
        self._now = now
        self._kept: OrderedDict[tuple[str, UUID], tuple[Agent, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, owner: str, id: UUID, version: int) -> Agent | None:
        """Return an agent if it is here in this version; another version is dropped."""
        agent, until = self._kept.get((owner, id), (None, 0.0))
        if agent is None or agent.version != version or self._now() >= until:
            self.misses += 1
            self.drop(owner, id)
            return None
        self.hits += 1
        self._kept.move_to_end((owner, id))
        return agent

    def put(self, owner: str, agent: Agent) -> None:
        """Keep an agent that was read just now."""
        if not self._lifetime:
            return
        self._kept[owner, agent.id] = (agent, self._now() + self._lifetime)
        self._kept.move_to_end((owner, agent.id))
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def drop(self, owner: str, id: UUID) -> None:
        """Forget an agent."""
        self._kept.pop((owner, id), None)
