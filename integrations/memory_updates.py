"""What agents remember and forget, told to whom it belongs.

Each operation on a memory is one message on the owner's channel `user:OWNER`, which only the owner may subscribe to. On
the shared channel `memory_updates` there are only numbers, of all owners together and over at least `interval` seconds,
so that nobody can tell from them whose memory changed, which, what it says, or at which moment.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError

from channels.messages import (
    MemoryChanged,
    MemoryCounts,
    MemoryCreated,
    MemoryDeleted,
    MemoryNearlyFull,
    MemoryPruned,
    Message,
)
from channels.messages.memory import MOST_IDS
from channels.messages.texts import LINE_MAX, one_line
from channels.model import Channels, is_name, user_channel
from channels.push import Push

_KINDS: Final = ("created", "changed", "pruned", "deleted")


class MemoryUpdates:
    """Tells of memories. Never blocks, never raises; callable from any thread.

    What can't be told (an owner that is no user id, a name that is too long) is counted as `invalid`. Texts for people
    are cut and cleaned, never refused.

    Args:
        push: the way to the hub.
        interval: seconds that the numbers on the shared channel are of, at least.
        now: seconds, any monotonic clock.

    Attributes:
        outcomes: operations by what became of their message: `told`, `untold` (the hub didn't take it, see
            `push.outcomes`), `invalid`.
    """

    def __init__(self, push: Push, *, interval: float = 10.0, now: Callable[[], float] = time.monotonic) -> None:
        self.push = push
        self.outcomes: Counter[str] = Counter()
        self._interval = interval
        self._now = now
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._since = 0.0

    def created(
        self,
        owner: str,
        memory_id: str,
        *,
        kind: str,
        summary: str,
        agent: str | None = None,
        importance: float | None = None,
        source: str | None = None,
    ) -> bool:
        """Say that something new is remembered. Fields are those of `channels.messages.MemoryCreated`.

        Returns:
            Whether the hub took the message.
        """
        fields = {"memory_id": memory_id, "kind": kind, "summary": _line(summary), "agent": agent}
        return self._tell("created", 1, owner, MemoryCreated, fields | {"importance": importance, "source": source})

    def changed(
        self,
        owner: str,
        memory_id: str,
        *,
        kind: str,
        summary: str,
        changed: Iterable[str] = (),
        agent: str | None = None,
        importance: float | None = None,
        reason: str | None = None,
    ) -> bool:
        """Say that a memory is another one now; `summary` is the new one, `changed` names fields."""
        fields: dict[str, Any] = {"memory_id": memory_id, "kind": kind, "summary": _line(summary), "agent": agent}
        fields |= {"changed": list(changed), "importance": importance, "reason": _line(reason)}
        return self._tell("changed", 1, owner, MemoryChanged, fields)

    def pruned(
        self, owner: str, count: int, reason: str, memory_ids: Iterable[str] = (), *, agent: str | None = None
    ) -> bool:
        """Say that `count` memories were forgotten together; the first 100 ids are named."""
        ids = list(islice(memory_ids, MOST_IDS))
        fields = {"count": count, "reason": _line(reason), "memory_ids": ids, "agent": agent}
        return self._tell("pruned", count, owner, MemoryPruned, fields)

    def deleted(self, owner: str, memory_id: str, *, agent: str | None = None, reason: str | None = None) -> bool:
        """Say that one memory was deleted."""
        fields = {"memory_id": memory_id, "agent": agent, "reason": _line(reason)}
        return self._tell("deleted", 1, owner, MemoryDeleted, fields)

    def nearly_full(self, owner: str, agent: str, count: int, limit: int) -> bool:
        """Say that an agent's memory is so full that the oldest go soon. On the shared channel it isn't counted."""
        return self._tell(None, 0, owner, MemoryNearlyFull, {"agent": agent, "count": count, "limit": limit})

    def flush(self) -> bool:
        """Publish what is counted so far on the shared channel; tell whether there was anything. For the end."""
        with self._lock:
            message = self._take()
        return message is not None and self.push(Channels.MEMORY_UPDATES, MemoryCounts.type, message)

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Publish the numbers when their time has come, until cancelled. Without it they come with later operations."""
        while True:
            await sleep(self._interval)
            self._flush_if_due()

    def _tell(self, kind: str | None, number: int, owner: str, model: type[Message], fields: dict[str, Any]) -> bool:
        try:
            if not is_name(owner):
                raise ValueError
            data = model.model_validate({"owner": owner, **fields}).model_dump(mode="json")
            outcome = "told" if self.push(user_channel(owner), model.type, data) else "untold"
        except (ValidationError, ValueError, TypeError):
            outcome = "invalid"
        with self._lock:
            self.outcomes[outcome] += 1
            if not self._counts:
                self._since = self._now()
            if kind is not None and isinstance(number, int) and number > 0:
                self._counts[kind] += number
        self._flush_if_due()
        return outcome == "told"

    def _flush_if_due(self) -> None:
        with self._lock:
            due = bool(self._counts) and self._now() - self._since >= self._interval
            message = self._take() if due else None
        if message is not None:
            self.push(Channels.MEMORY_UPDATES, MemoryCounts.type, message)

    def _take(self) -> dict[str, float] | None:
        if not self._counts:
            return None
        # Whole seconds: a finer number would tell when the first of them came.
        seconds = float(max(1, round(self._now() - self._since)))
        counts, self._counts = self._counts, Counter()
        return {"seconds": seconds} | {kind: counts[kind] for kind in _KINDS}


def _line(text: str | None) -> str | None:
    """Return a text for people as one visible line that fits; what is no text is left for the check."""
    return one_line(text, LINE_MAX) if isinstance(text, str) else text
