"""One notifier's lane: what waits for it, and the task that sends it.

Nothing disappears: each alert that is offered ends in exactly one of the outcomes. What comes faster than the rate is
told as one message that shows the most severe and says how many more there were.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol
from uuid import uuid4

import structlog

from channels.messages import SystemAlert
from integrations.alert_notifiers.filter import SEVERITIES, Filter
from integrations.alert_notifiers.notice import Notice
from integrations.alert_notifiers.notifier import Notifier, Refused, Unreachable
from integrations.alert_notifiers.pauses import Pauses

log = structlog.get_logger(__name__)


class Rate(Protocol):
    """Messages per time, such as a token bucket."""

    def take(self, now: float) -> float:
        """Let one message through and return 0; or return the seconds after which to ask again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a lane.

    Attributes:
        waiting: alerts that may wait; of more, the oldest are told as a number.
        shown: alerts that one message shows at most.
        timeout: seconds that one try may take.
    """

    waiting: int = 1_000
    shown: int = 10
    timeout: float = 10.0


_ALL: Final = Filter()
_LIMITS: Final = Limits()
_PAUSES: Final = Pauses()


@dataclass(frozen=True, slots=True)
class _Waiting:
    alert: SystemAlert
    acknowledged: bool = False


class Lane:
    """Sends to one notifier.

    Args:
        name: in metrics and logs.
        now: seconds, any monotonic clock.
        sleep: waits so many seconds.

    Attributes:
        outcomes: alerts by what became of them: `filtered` (not for this notifier), `sent`, `collapsed` (told as a
            number, in a message that was sent), `superseded` (a newer state of the same alert took its place while it
            waited), `refused` (the other side said never), `failed` (given up), `unsent` (the hub stopped). Beside
            these `retried`, which counts tries.
    """

    def __init__(
        self,
        name: str,
        notifier: Notifier,
        rate: Rate,
        now: Callable[[], float],
        *,
        filter: Filter = _ALL,
        limits: Limits = _LIMITS,
        pauses: Pauses = _PAUSES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self.notifier = notifier
        self.outcomes: Counter[str] = Counter()
        self._rate = rate
        self._now = now
        self._filter = filter
        self._limits = limits
        self._pauses = pauses
        self._sleep = sleep
        self._queue: deque[_Waiting] = deque()
        self._more = 0
        self._missed = 0
        self._in_hand = 0
        self._reachable = False
        self._wake = asyncio.Event()
        self._ending = asyncio.Event()

    def __len__(self) -> int:
        """Alerts that wait or are being sent."""
        return len(self._queue) + self._more + self._in_hand

    def offer(self, alert: SystemAlert, *, acknowledged: bool = False) -> None:
        """Take an alert, or count why not. Never waits."""
        if not self._filter.passes(alert) or (acknowledged and not self.notifier.each):
            self.outcomes["filtered"] += 1
            return
        if self.notifier.each:
            self._forget_older(alert)
        if len(self._queue) >= self._limits.waiting:
            self._queue.popleft()
            self._more += 1
        self._queue.append(_Waiting(alert, acknowledged))
        self._wake.set()

    def _forget_older(self, alert: SystemAlert) -> None:
        for waiting in self._queue:
            if waiting.alert.alert_id == alert.alert_id:
                self._queue.remove(waiting)
                self.outcomes["superseded"] += 1
                return

    async def run(self) -> None:
        """Send until `end` was called and nothing waits any more, or until cancelled."""
        try:
            while True:
                if not self._has_something_to_say():
                    if self._ending.is_set():
                        return
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                late = await self._wait_for_the_rate()
                await self._send(self._next(late))
        finally:
            self.outcomes["unsent"] += len(self)
            self._queue.clear()
            self._more = self._in_hand = 0

    def _has_something_to_say(self) -> bool:
        # Where each alert is a message, no message has room for what was missed: it needs one of its own.
        return bool(self._queue or self._more or (self.notifier.each and self._missed and self._reachable))

    def end(self) -> None:
        """Have `run` try once more whatever waits, without pauses, and return."""
        self._ending.set()
        self._wake.set()

    async def _wait_for_the_rate(self) -> bool:
        """Wait until a message may go; tell whether that took time."""
        late = False
        while not self._ending.is_set() and (wait := self._rate.take(self._now())):
            late = True
            await self._pause(wait)
        return late or self._ending.is_set()

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until the end is near."""
        waits = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(self._ending.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _next(self, late: bool) -> Notice:
        """Take off the queue what the next message tells."""
        id = uuid4().hex
        if self.notifier.each and self._queue:
            waiting = self._queue.popleft()
            notice = Notice(id, (waiting.alert,), acknowledged=waiting.acknowledged)
        elif self.notifier.each:
            notice = Notice(id, (), self._more, self._missed)
            self._more = 0
        else:
            notice = self._together(id, late)
        self._in_hand = len(notice)
        return notice

    def _together(self, id: str, late: bool) -> Notice:
        shown = self._limits.shown
        taken = [waiting.alert for waiting in islice(self._queue, None if late else shown)]
        for _ in taken:
            self._queue.popleft()
        if len(taken) > 1:
            taken.sort(key=lambda alert: SEVERITIES.index(alert.severity), reverse=True)
        notice = Notice(id, tuple(taken[:shown]), self._more + len(taken[shown:]), self._missed)
        self._more = 0
        return notice

    async def _send(self, notice: Notice) -> None:
        outcome = await self._try(notice)
        self.outcomes[outcome] += len(notice.alerts)
        self.outcomes["collapsed" if outcome == "sent" else outcome] += notice.more
        self._in_hand = 0
        self._reachable = outcome == "sent"
        if self._reachable:
            self._missed -= notice.missed
        else:
            self._missed += len(notice)

    async def _try(self, notice: Notice) -> str:
        """Send, again and again; return the outcome."""
        began = self._now()
        repetition = 0
        while True:
            try:
                async with asyncio.timeout(self._limits.timeout):
                    await self.notifier.send(notice)
                return "sent"
            except Refused as error:
                return self._give_up("refused", str(error), notice)
            except Unreachable as error:
                reason, asked = str(error), error.retry_after
            except TimeoutError:
                reason, asked = f"no answer within {self._limits.timeout:g} s", 0.0
            except Exception as error:  # its text may quote the URL
                return self._give_up("failed", f"a fault in the notifier: {type(error).__name__}", notice)
            repetition += 1
            pause = self._pauses.before(repetition, asked, self._now() - began)
            if self._ending.is_set() or pause is None:
                return self._give_up("unsent" if self._ending.is_set() else "failed", reason, notice)
            self.outcomes["retried"] += 1
            await self._pause(pause)

    def _give_up(self, outcome: str, reason: str, notice: Notice) -> str:
        log.warning("alerts could not be sent", notifier=self.name, outcome=outcome, reason=reason, alerts=len(notice))
        return outcome
