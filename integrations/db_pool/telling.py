"""What a pool says on `db_pool_stats`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import structlog

from channels import Channels
from channels.messages.fields import Message
from channels.messages.pool import PoolLeakSuspected, PoolResized, PoolStats, SlowQuery
from channels.push import Push
from integrations.db_pool.numbers import PoolNumbers
from integrations.db_pool.options import PoolOptions
from integrations.db_pool.sizing import Decision

log = structlog.get_logger(__name__)

_QUOTED: Final = re.compile(r"'(?:[^']|'')*(?:'|$)|(\$\w*\$).*?(?:\1|$)", re.DOTALL)
"""Text in quotes or between dollar signs, also when the cut left it without its end."""


class Allowance:
    """So many notices a minute, and a count of those that were kept back.

    Attributes:
        kept_back: notices since the last one that was let through.
    """

    def __init__(self, per_minute: int) -> None:
        self._each = 60.0 / per_minute if per_minute else float("inf")
        self._most = float(per_minute)
        self._left = self._most
        self._at: float | None = None
        self.kept_back = 0

    def take(self, now: float) -> bool:
        """Ask for one."""
        if self._at is not None:
            self._left = min(self._most, self._left + (now - self._at) / self._each)
        self._at = now
        if self._left < 1:
            self.kept_back += 1
            return False
        self._left -= 1
        return True

    def told(self) -> int:
        """How many were kept back before this one; the count begins anew."""
        count, self.kept_back = self.kept_back, 0
        return count


class Telling:
    """Puts what happened into typed messages and pushes them. Never raises: what can't be told is counted.

    Attributes:
        failures: messages that could not be made. It stays 0 unless this package has a bug.
    """

    def __init__(self, push: Push, options: PoolOptions, node: str | None = None) -> None:
        self._push = push
        self._options = options
        self._node = node
        self._leaks = Allowance(options.notices_per_minute)
        self._slow = Allowance(options.notices_per_minute)
        self.failures = 0

    def resized(self, old: int, decision: Decision, numbers: PoolNumbers, resize_id: str) -> None:
        """The size changed; `numbers` are those after it."""
        own = {name: value for name, value in numbers.as_dict().items() if name in PoolResized.model_fields}
        self._tell(
            lambda: PoolResized(
                **own,
                old_size=old,
                new_size=decision.size,
                reason=decision.reason,
                samples=list(decision.samples) or None,
                resize_id=resize_id,
                pool=self._options.name,
                node=self._node,
            )
        )

    def stats(self, numbers: PoolNumbers, maximum: int | None = None) -> None:
        """The numbers, on the timer."""
        self._tell(
            lambda: PoolStats(
                **numbers.as_dict(),
                maximum=maximum,
                window=self._options.window,
                pool=self._options.name,
                node=self._node,
            )
        )

    def leak(self, now: float, held: float, active: int, stack: list[str], task: str, pid: int | None) -> None:
        """A connection is held for `held` seconds."""
        if self._leaks.take(now):
            self._tell(
                lambda: PoolLeakSuspected(
                    held_seconds=round(held, 3),
                    limit_seconds=self._options.leak_after,
                    active_connections=active,
                    stack=stack,
                    task="".join(sign if sign.isprintable() else "?" for sign in task)[:1_000] or None,
                    backend_pid=pid,
                    suppressed=self._leaks.told(),
                    pool=self._options.name,
                    node=self._node,
                )
            )

    def slow(self, now: float, query: str, seconds: float, failed: bool) -> None:
        """A query took `seconds`."""
        if self._slow.take(now):
            text, cut = told_query(query, self._options.query_text)
            self._tell(
                lambda: SlowQuery(
                    duration=round(1000 * seconds, 3),
                    limit=1000 * self._options.slow_query,
                    query=text,
                    truncated=cut,
                    failed=failed,
                    suppressed=self._slow.told(),
                    pool=self._options.name,
                    node=self._node,
                )
            )

    def _tell(self, make: Callable[[], Message]) -> None:
        try:
            message = make()
        except Exception:
            self.failures += 1
            log.exception("a pool's message could not be made", pool=self._options.name)
        else:
            self._push(Channels.DB_POOL_STATS, message.type, message)


def told_query(query: str, most: int) -> tuple[str, bool]:
    """What may be told of a query: its first `most` characters, with everything in quotes masked; and whether it was
    cut. What is not quoted, such as a number or a comment, stays."""
    masked = _QUOTED.sub("'?'", query[: 4 * most + 1_000])
    text = masked[:most].encode("utf-8", "replace").decode()
    return text, len(masked) > most or len(query) > 4 * most + 1_000
