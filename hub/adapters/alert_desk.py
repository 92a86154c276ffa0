"""The alert desk: publishes alerts, enters them in the book that all processes share, and has people notified.

The book here and the publication come first, and neither waits for another machine. Notices and notifications follow;
while the broker is away they are made up for as soon as it is back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import structlog

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.messages import SystemAlert
from channels.model import Channels
from channels.push import Push
from hub.adapters.alert_board import AlertBoard
from hub.adapters.alert_notifying import Notifying
from hub.adapters.first_come import FirstCome
from integrations.system_monitor.book import EXTERNAL, Acknowledgement, Book, Entry

log = structlog.get_logger(__name__)

_MEANWHILE: Final = 10.0
"""Seconds in which a notice is everywhere."""

Reason = Literal["cleared", "stale", "stopped"]


@dataclass(frozen=True, slots=True)
class Times:
    """How long the desk believes things. Seconds.

    Attributes:
        lease: a process's word about its alerts, unless it is given again.
        external_lease: the word of another system.
        keep: how long resolved alerts are listed.
        acknowledgement: how long an acknowledgement holds.
    """

    lease: float = 60.0
    external_lease: float = 86_400.0
    keep: float = 3_600.0
    acknowledgement: float = 86_400.0


class AlertDesk:
    """Takes and ends alerts.

    Attributes:
        first: tells whether this process is the first to do something.
        unshared: notices that could not be posted; those of alerts that fire are tried again.
    """

    def __init__(
        self,
        push: Push,
        book: Book,
        board: AlertBoard,
        first: FirstCome,
        clock: Clock,
        node: str,
        times: Times,
        notifying: Notifying,
    ) -> None:
        self.book = book
        self.times = times
        self.first = first
        self.unshared = 0
        self._push = push
        self._board = board
        self._clock = clock
        self._node = node
        self._notifying = notifying

    async def fire(self, alert: SystemAlert, key: str, lease: float | None = None) -> bool:
        """Take an alert that fires; publish it if it is news. Returns whether it was.

        Args:
            lease: seconds for which it counts as firing, unless it comes again.
        """
        now = self._clock.now()
        until = now + (self.times.lease if lease is None else lease)
        if self.book.silenced_by(alert, now):
            alert = alert.model_copy(update={"silenced": True})
        known = self.book.get(alert.alert_id)
        if known is not None and known.firing and known.alert.started_at == alert.started_at:
            await self._renew(known, until)
            return False
        if not self.book.write(alert, key, self._node, until):
            if known is not None:  # older than what the book knows
                return False
            # No room in the book is no reason to keep silent.
            log.warning("the alert book is full; an alert is published, and not kept", name=alert.name)
        await self._tell(alert)
        await self._share(alert.alert_id)
        return True

    async def resolve(self, entry: Entry, reason: Reason, value: float | None = None) -> None:
        """End an alert of the book, and publish that."""
        now = self._clock.now()
        started = entry.alert.started_at
        update = {
            "status": "resolved",
            "ended_at": max(started, datetime.fromtimestamp(now, UTC)),
            "reason": reason,
            "repetition": None,
            "value": entry.alert.value if value is None else value,
        }
        alert = entry.alert.model_copy(update=update)
        # No sooner than the notice that it fires, which would count again for who starts in between.
        self.book.write(alert, entry.key, self._node, max(now + self.times.keep, entry.until))
        await self._tell(alert)
        await self._share(alert.alert_id)

    async def take(self, alert: SystemAlert) -> bool:
        """Take an alert from another system; publish it if it is news. Returns whether it was.

        Raises:
            ReplyError: `conflict`: the id is that of an alert of the hub's own.
        """
        known = self.book.get(alert.alert_id)
        key = f"{EXTERNAL}{alert.alert_id}"
        if known is not None and known.key != key:
            message = f"{alert.alert_id[:128]} is an alert of the hub's own; post under another alert_id"
            raise ReplyError(ErrorCode.CONFLICT, message)
        # Systems that are there twice post twice, to two processes at once.
        if known is None and not await self.first(
            f"alert-take/{alert.alert_id}/{alert.started_at.timestamp()}/{alert.status}", _MEANWHILE, otherwise=True
        ):
            return False
        if alert.status == "firing":
            return await self.fire(alert, key, self.times.external_lease)
        return await self._take_resolved(alert, key)

    async def _take_resolved(self, alert: SystemAlert, key: str) -> bool:
        known = self.book.get(alert.alert_id)
        if known is not None and known.alert.started_at < alert.started_at and known.firing:
            known = None
        if known is not None and (not known.firing or known.alert.started_at > alert.started_at):
            return False
        if known is not None and known.alert.silenced:
            alert = alert.model_copy(update={"silenced": True})
        until = self._clock.now() + self.times.keep
        self.book.write(alert, key, self._node, until if known is None else max(until, known.until))
        await self._tell(alert)
        await self._share(alert.alert_id)
        return True

    async def tend(self, entry: Entry, repeat: float = 0.0) -> None:
        """Look after an alert of this process that still fires: renew its lease, tell it again where that is wanted."""
        now = self._clock.now()
        if entry.shared - now < 2 / 3 * self.times.lease:
            await self._renew(entry, now + self.times.lease)
        if not repeat or self.book.silenced_by(entry.alert, now) or entry.acknowledgement is not None:
            return
        if now - (entry.told or entry.alert.started_at.timestamp()) >= repeat:
            entry.repetitions += 1
            entry.told = now
            await self._tell(entry.alert.model_copy(update={"repetition": entry.repetitions}))

    async def adopt(self, entry: Entry) -> bool:
        """Go on with an alert whose owner is silent, because it fires here as well. Returns whether it is ours now."""
        if not await self.first(f"alert-adopt/{entry.alert.alert_id}/{entry.until:.3f}"):
            return False
        self.book.write(entry.alert, entry.key, self._node, self._clock.now() + self.times.lease)
        await self._share(entry.alert.alert_id)
        return True

    async def end_stale(self, entries: Iterable[Entry]) -> None:
        """Resolve alerts that nobody speaks for any more; one process does it for all."""
        for entry in entries:
            if await self.first(f"alert-stale/{entry.alert.alert_id}/{entry.until:.3f}"):
                await self.resolve(entry, "stale")

    async def acknowledge(self, alert_id: str, by: str, note: str) -> Entry:
        """Note that somebody takes care of an alert.

        Raises:
            ReplyError: `not_found`; `conflict` when it is resolved; `unavailable`.
        """
        entry = self.book.get(alert_id)
        if entry is None:
            raise ReplyError(ErrorCode.NOT_FOUND, f"no alert has the id {alert_id[:128]}")
        if not entry.firing:
            raise ReplyError(ErrorCode.CONFLICT, f"the alert {alert_id[:128]} is resolved already")
        now = self._clock.now()
        said = Acknowledgement(by, now, entry.alert.started_at.timestamp(), note)
        await self._board.acknowledge(alert_id, said, now + self.times.acknowledgement)
        self._notifying.acknowledge(entry.alert)
        return entry

    async def _renew(self, entry: Entry, until: float) -> None:
        entry.until = max(entry.until, until)
        await self._share(entry.alert.alert_id)

    async def _tell(self, alert: SystemAlert) -> None:
        entry = self.book.get(alert.alert_id)
        if entry is not None:
            entry.told = self._clock.now()
        self._push(Channels.SYSTEM_ALERTS, SystemAlert.type, alert)
        await self._notifying.notify(alert)

    async def _share(self, alert_id: str) -> None:
        entry = self.book.get(alert_id)
        if entry is None:
            return
        until = entry.until
        try:
            await self._board.post(entry)
        except ReplyError as error:
            self.unshared += 1
            if self.unshared == 1:
                log.warning("no other process knows of an alert", name=entry.alert.name, error=str(error))
            if error.code.temporary:
                return
        entry.shared = until

    async def speak_up(self) -> None:
        """Have people notified of what still fires when a silence has ended, unless somebody takes care of it."""
        now = self._clock.now()
        for entry in self.book:
            if not (entry.firing and entry.owner == self._node and entry.alert.silenced):
                continue
            if entry.acknowledgement is None and not self.book.silenced_by(entry.alert, now):
                entry.alert = entry.alert.model_copy(update={"silenced": None})
                entry.shared = 0.0
                await self._notifying.notify(entry.alert)

    async def catch_up(self) -> None:
        """Tell the other processes what they could not be told before."""
        for entry in self.book:
            if entry.owner == self._node and entry.shared < entry.until:
                await self._share(entry.alert.alert_id)
