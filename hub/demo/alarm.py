"""The act of the alerts: a rule on the demo's own pool, which the waves of queries cross, and clear again."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Final

from channels.messages import SystemAlert
from channels.model import Channels
from channels.push import Push
from hub.demo.stage import Stage
from integrations.db_pool import DynamicPool
from integrations.system_monitor.evaluation import Evaluation, State
from integrations.system_monitor.rules import Rule

RULE: Final = Rule(
    "demo_pool_busy",
    "database_waiters",
    2.0,
    hold=1.0,
    clear=0.0,
    clear_hold=2.0,
    flap_window=0.0,
    summary="{value} callers wait for a connection of the demo's pool",
)
_EVERY: Final = 0.25
"""Seconds between two looks."""


class Alarm:
    """Looks at the pool, fires and resolves."""

    def __init__(self, stage: Stage, pool: DynamicPool) -> None:
        self._stage = stage
        self._pool = pool
        self._push = Push(stage.publish)
        self._evaluation = Evaluation(RULE)
        self._fired: SystemAlert | None = None

    async def run(self) -> None:
        """Look, until cancelled; an alert that fires then is resolved as stopped."""
        tell = self._stage.telling("alerts")
        try:
            while True:
                waiters = float(self._pool.numbers().waiters)
                match self._evaluation.step(waiters, self._stage.clock.monotonic()):
                    case State.FIRING:
                        self._fire(waiters)
                        tell(f"fires: {RULE.summary_for(waiters, '', '')}")
                    case State.RESOLVED:
                        self._resolve(waiters, "cleared")
                        tell("resolved: nobody waits any more")
                await asyncio.sleep(_EVERY)
        finally:
            self._resolve(float(self._pool.numbers().waiters), "stopped")

    def _fire(self, value: float) -> None:
        self._fired = SystemAlert(
            alert_id=f"a-{secrets.token_hex(9)}",
            name=RULE.name,
            severity="warning",
            status="firing",
            summary=RULE.summary_for(value, "", ""),
            value=value,
            threshold=RULE.threshold,
            started_at=self._now(),
            metric=RULE.metric,
            unit=RULE.measure.unit,
            source="tocsin demo",
        )
        self._push(Channels.SYSTEM_ALERTS, SystemAlert.type, self._fired)

    def _resolve(self, value: float, reason: str) -> None:
        if self._fired is None:
            return
        update = {"status": "resolved", "ended_at": self._now(), "reason": reason, "value": value}
        self._push(Channels.SYSTEM_ALERTS, SystemAlert.type, self._fired.model_copy(update=update))
        self._fired = None

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._stage.clock.now(), UTC)
