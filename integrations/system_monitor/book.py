"""The alert book: which alerts fire, which were resolved of late, who has acknowledged them, what is silent.

Every process of the hub has the whole book: they write it by notices that all of them read. Notices come in any order
and more than once, so each entry says itself what it is later than.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from channels.messages import SystemAlert
from integrations.system_monitor.silences import Silence

EXTERNAL: Final = "external/"
"""Begins the keys of alerts from other systems."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody takes care of an alert: it is not told again while it fires.

    Attributes:
        episode: when the alert that is meant began, in seconds since 1970: the same id may fire again.
        at: seconds since 1970.
    """

    by: str
    at: float
    episode: float
    note: str = ""


@dataclass(slots=True)
class Entry:
    """An alert in the book.

    Attributes:
        alert: as it was published last.
        key: what makes two alerts the same one.
        owner: the process that tells how it is.
        until: seconds since 1970 when its owner's word ends, unless it is given again; of a resolved alert, when the
            book forgets it.
        told: when it was last published, in seconds since 1970; here alone.
        repetitions: how often it was told again; here alone.
        shared: the `until` that the other processes were told; here alone.
    """

    alert: SystemAlert
    key: str
    owner: str
    until: float
    acknowledgement: Acknowledgement | None = None
    told: float = 0.0
    repetitions: int = 0
    shared: float = 0.0

    @property
    def firing(self) -> bool:
        """It isn't resolved."""
        return self.alert.status == "firing"


class Book:
    """Holds entries and silences.

    Args:
        limit: up to which it takes alerts of other systems, and silences; what comes beyond that is counted, and not
            held. The hub's own alerts always have room: there are no more than rules and processes.
        configured: silences that never end.

    Attributes:
        overflowed: alerts and silences that found no place.
    """

    def __init__(self, limit: int, configured: Iterable[Silence] = ()) -> None:
        self.overflowed = 0
        self._limit = limit
        self._entries: dict[str, Entry] = {}
        self._silences = {silence.id: silence for silence in configured}
        self._lifted: dict[str, float] = {}
        self._early: dict[str, tuple[Acknowledgement, float]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        """Go through all entries, those that fire and those that were resolved of late."""
        return iter(list(self._entries.values()))

    def get(self, alert_id: str) -> Entry | None:
        """Return an alert by its id."""
        return self._entries.get(alert_id)

    def firing(self, key: str) -> Entry | None:
        """Return the alert of this key that fires."""
        return next((entry for entry in self._entries.values() if entry.key == key and entry.firing), None)

    def write(self, alert: SystemAlert, key: str, owner: str, until: float) -> bool:
        """Enter an alert, or what is newer about it. Returns `False` for what is known, older, or one too many."""
        known = self._entries.get(alert.alert_id)
        if known is None:
            if key.startswith(EXTERNAL) and not self._has_room():
                self.overflowed += 1
                return False
            entry = self._entries[alert.alert_id] = Entry(alert, key, owner, until)
            early = self._early.pop(alert.alert_id, None)
            if early is not None:
                self._acknowledge(entry, early[0])
            return True
        if not _is_news(alert, owner, until, known):
            return False
        if alert.started_at > known.alert.started_at:
            known.acknowledgement, known.told, known.repetitions = None, 0.0, 0
        elif alert.description is None:  # notices go without
            alert = alert.model_copy(update={"description": known.alert.description})
        known.alert, known.key, known.owner, known.until = alert, key, owner, until
        return True

    def _has_room(self) -> bool:
        """Tell whether an alert of another system may come; the first one that is resolved makes room."""
        if len(self._entries) >= self._limit:
            resolved = next((name for name, entry in self._entries.items() if not entry.firing), None)
            if resolved is None:
                return False
            del self._entries[resolved]
        return True

    def acknowledge(self, alert_id: str, acknowledgement: Acknowledgement, until: float) -> None:
        """Note who takes care of an alert; the latest word counts. An alert that isn't known yet may still come."""
        entry = self._entries.get(alert_id)
        if entry is not None:
            self._acknowledge(entry, acknowledgement)
        elif len(self._early) < self._limit:
            self._early[alert_id] = (acknowledgement, until)

    def _acknowledge(self, entry: Entry, acknowledgement: Acknowledgement) -> None:
        newer = entry.acknowledgement is None or acknowledgement.at >= entry.acknowledgement.at
        if newer and acknowledgement.episode == entry.alert.started_at.timestamp():
            entry.acknowledgement = acknowledgement

    def silence(self, silence: Silence) -> None:
        """Put a silence in force, unless it was lifted."""
        if silence.id in self._lifted:
            return
        if len(self._silences) >= self._limit:
            self.overflowed += 1
            return
        self._silences[silence.id] = silence

    def lift(self, silence_id: str, until: float) -> None:
        """End a silence before its time. Remembered until `until`: its notice may come later than this one."""
        self._lifted[silence_id] = until
        self._silences.pop(silence_id, None)

    def silences(self, now: float) -> list[Silence]:
        """Return those in force."""
        return [silence for silence in self._silences.values() if silence.in_force(now)]

    def silenced_by(self, alert: SystemAlert, now: float) -> list[str]:
        """Return the ids of the silences that cover an alert."""
        return [silence.id for silence in self._silences.values() if silence.covers(alert, now)]

    def sweep(self, now: float) -> None:
        """Forget resolved alerts, silences and what goes with them, whose time is over."""
        self._entries = {name: entry for name, entry in self._entries.items() if entry.firing or entry.until > now}
        self._silences = {name: silence for name, silence in self._silences.items() if silence.in_force(now)}
        self._lifted = {name: until for name, until in self._lifted.items() if until > now}
        self._early = {name: early for name, early in self._early.items() if early[1] > now}


def _is_news(alert: SystemAlert, owner: str, until: float, known: Entry) -> bool:
    if alert.started_at != known.alert.started_at:  # another time that it fired
        return alert.started_at > known.alert.started_at
    if not known.firing:  # the end is the end
        return alert.status == "resolved" and until > known.until
    return alert.status == "resolved" or until > known.until or (until == known.until and owner == known.owner)
