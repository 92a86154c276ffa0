"""An agent's memory that says what it remembers and forgets: in full to the owner, in numbers to everybody.

TOCSIN_URL=http://127.0.0.1:8080 python examples/memory_updates.py alice

A token, where the hub wants one, is in $TOCSIN_TOKEN; it needs publish: user:*, memory_updates.
"""

from __future__ import annotations

import sys

from channels.push import Push
from integrations.memory_updates import MemoryUpdates
from tocsin_client import flush, notify_channel


class Memory:
    """What an agent knows of one user, the newest few things."""

    def __init__(self, owner: str, updates: MemoryUpdates, limit: int = 3) -> None:
        self.owner = owner
        self.known: dict[str, str] = {}
        self._updates = updates
        self._limit = limit

    def remember(self, memory_id: str, summary: str) -> None:
        """Keep something, and forget the oldest when that is too much."""
        tell = self._updates.changed if memory_id in self.known else self._updates.created
        self.known[memory_id] = summary
        tell(self.owner, memory_id, kind="fact", summary=summary, agent="planner")
        oldest = list(self.known)[: -self._limit]
        for one in oldest:
            del self.known[one]
        if oldest:
            self._updates.pruned(self.owner, len(oldest), f"more than {self._limit}", oldest, agent="planner")


def main() -> None:
    """Remember a few things, and one of them twice."""
    updates = MemoryUpdates(Push(notify_channel))
    memory = Memory(sys.argv[1], updates)
    for number in (1, 2, 3, 2, 4):
        memory.remember(f"m-{number}", f"Fact {number} of what was said")
    updates.flush()  # the numbers of the last seconds
    flush()
    print("remembers", *memory.known)


if __name__ == "__main__":
    main()
