"""Walks through what one client noted of one channel, and finds what must not be."""

from __future__ import annotations

from collections.abc import Iterator

from channels.model import Position
from tests.chaos.events import Cut, Diary, Entered, Event, Fault, Got, Kept, Told


class Walk:
    """One diary against the broker's stream.

    Attributes:
        at: the position of the client, as the protocol defines it.
    """

    def __init__(self, diary: Diary, kept: Kept, *, lossy: bool, repeating: bool, conflated: bool) -> None:
        self.at: Position | None = None
        self._diary = diary
        self._kept = kept
        self._lossy = lossy
        self._repeating = repeating
        self._conflated = conflated
        self._seen: dict[Position, str] = {}
        self._ids: dict[str, Position] = {}
        self._replaying = 0
        self._anew = False
        self._skipped: list[Position] = []

    def faults(self) -> Iterator[Fault]:
        """Find everything that is wrong."""
        for event in self._diary.events:
            yield from self._step(event)
        yield from self._end()

    def _step(self, event: Event) -> Iterator[Fault]:
        match event:
            case Entered():
                yield from self._enter(event)
            case Got():
                yield from self._get(event)
            case Told(until):
                yield from self._pass_over(until)
            case Cut():
                self._anew, self._replaying = False, 0

    def _enter(self, event: Entered) -> Iterator[Fault]:
        if event.since != self.at:
            yield self._fault("asked from elsewhere", f"since {event.since}, and the client was at {self.at}")
        if event.since is None:
            self.at = event.top
        elif event.recovered:
            if event.top.epoch != event.since.epoch:
                yield self._fault("recovered in another epoch", f"{event.since} is not of {event.top}")
        elif event.replayed:
            self._anew, self._replaying = True, event.replayed
        else:
            yield from self._pass_over(event.top)

    def _get(self, event: Got) -> Iterator[Fault]:
        position, repeats = event.position, self._replaying > 0
        self._replaying = max(0, self._replaying - 1)
        if self._anew:
            self._anew = False
            yield from self._pass_over(Position(position.epoch, position.offset - 1))
        elif self.at is None or position.epoch != self.at.epoch:
            yield self._fault("another epoch, unannounced", f"{position} ({event.id}) after {self.at}")
        elif position.offset <= self.at.offset:
            yield self._fault(self._backwards(position), f"{position} ({event.id}) after {self.at}")
            self._seen[position] = event.id
            return
        elif position.offset > self.at.offset + 1:
            if self._conflated:
                self._skipped += (Position(position.epoch, n) for n in range(self.at.offset + 1, position.offset))
            else:
                yield self._fault("lost", f"between {self.at} and {position}")
        first = self._ids.setdefault(event.id, position)
        if first != position and not repeats and not self._was_published_again(first, position):
            yield self._fault("one publication twice", f"{event.id} at {first} and at {position}")
        if position in self._seen and not repeats:
            yield self._fault("duplicate", f"{position} ({event.id})")
        self._seen[position] = event.id
        self.at = position

    def _was_published_again(self, first: Position, then: Position) -> bool:
        """Where the broker forgets, a publisher's repetition is new to it: it is in the next epoch, elsewhere.

        At the same place it would be the same entry, delivered twice only because the epoch is another one.
        """
        return self._lossy and first.epoch != then.epoch and (self._repeating or first.offset != then.offset)

    def _backwards(self, position: Position) -> str:
        return "duplicate" if position in self._seen else "out of order"

    def _pass_over(self, until: Position) -> Iterator[Fault]:
        """A gap was announced: it must be needed, and cover nothing that could be had."""
        begin, self.at = self.at, until
        if not self._lossy:
            yield self._fault("gap, and nothing was lost", f"{begin} to {until}")
            return
        if until.epoch != self._kept.top.epoch or self._conflated:
            return  # of that epoch nothing is left to compare with; or what didn't come may have been replaced
        first = begin.offset + 1 if begin is not None and begin.epoch == until.epoch else 1
        for offset in range(first, until.offset + 1):
            id, _ = self._kept.entries.get(offset, ("", None))
            if id and id not in self._ids:
                yield self._fault("gap over what could be had", f"{id} at offset {offset}, {begin} to {until}")

    def _end(self) -> Iterator[Fault]:
        if self.at != self._kept.top:
            yield self._fault("not at the end", f"at {self.at}, and the channel's top is {self._kept.top}")
        elif self._conflated:
            yield from self._newest_of_each_key()

    def _newest_of_each_key(self) -> Iterator[Fault]:
        """What was skipped was replaced by a newer publication with the same key, which came."""
        got = [position.offset for position in self._seen if position.epoch == self._kept.top.epoch]
        newest: dict[str | None, int] = {}
        for offset in sorted(got):
            newest[self._kept.entries.get(offset, ("", None))[1]] = offset
        for epoch, offset in self._skipped:
            if epoch != self._kept.top.epoch or offset not in self._kept.entries:
                continue
            id, key = self._kept.entries[offset]
            if key is None or newest.get(key, 0) < offset:
                yield self._fault("lost", f"{id} with key {key} at offset {offset}, replaced by nothing newer")

    def _fault(self, what: str, detail: str) -> Fault:
        return Fault(self._diary.client, self._diary.channel, what, detail.replace("Position", ""))
