"""One followed channel in this process: what has been heard of it, in order, each once. Pure and synchronous.

Redis gives offsets and publishes in one step, so what arrives on one connection rises by one. When it doesn't,
something was lost on the way (a cut connection, a restarted server), and history is read to heal that: `wants_reading`
says so, and `settle` takes what was read.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from channels.model import Gap, Position, Publication
from channels.redis.body import Arrival, Reading
from channels.stream import Stream

AHEAD_MAX = 10_000
"""Arrivals that wait for a reading at most; beyond it the oldest are dropped, since the reading brings them as well."""


class Heard(NamedTuple):
    """A publication whose turn has come.

    Attributes:
        mark: its own random number, by which its publisher knows it.
        healed: it was read from history, since it had been lost on the way.
    """

    publication: Publication
    mark: int
    healed: bool = False


Step: TypeAlias = Heard | Gap
"""What the listener gets next."""


class Mark(NamedTuple):
    """A place in the stream and the publication there: what a server must have if it has lost nothing.

    Attributes:
        mark: the publication's random number; `None` when it isn't known here.
    """

    epoch: str
    offset: int
    mark: int | None


def continues(reading: Reading, last: Mark) -> bool:
    """Tell whether a reading is of the same stream, and has what was the last before it."""
    if reading.top.epoch != last.epoch or reading.top.offset < last.offset:
        return False
    return reading.mark is None or last.mark is None or reading.mark == last.mark


class Feed:
    """The channel's newest publications as this process has them, and what waits for those before it.

    Args:
        keep: publications kept, so that who comes back is served from here.

    Attributes:
        stream: `None` until the first reading.
        complete: `stream` holds all that Redis keeps, so that history needs no reading.
        wants_reading: something is missing, or may be.
        begun: set after the first reading.
    """

    __slots__ = (
        "_ahead",
        "_doubtful",
        "_left_over",
        "_marks",
        "_newest_ends",
        "begun",
        "channel",
        "complete",
        "keep",
        "stream",
        "wants_reading",
    )

    def __init__(self, channel: str, keep: int) -> None:
        self.channel = channel
        self.keep = keep
        self.stream: Stream | None = None
        self.complete = False
        self.wants_reading = True
        self.begun = asyncio.Event()
        self._ahead: deque[Arrival] = deque(maxlen=AHEAD_MAX)
        self._marks: deque[tuple[int, int]] = deque(maxlen=max(keep, 1))
        self._newest_ends = 0
        self._doubtful = False
        self._left_over = 0

    def resize(self, keep: int) -> None:
        """Keep another number of publications."""
        if keep == self.keep:
            return
        self.complete = self.complete and keep < self.keep
        self.keep = keep
        self._marks = deque(self._marks, maxlen=max(keep, 1))

    def doubt(self) -> None:
        """Deliver nothing until a reading shows that the server still has what was heard.

        The link was lost: the server may have come back with an older copy of its data, whose next offset may by chance
        be the one that follows ours.
        """
        self.wants_reading = self._doubtful = True

    def hear(self, arrival: Arrival) -> list[Heard]:
        """Take what came from Redis; return what can be delivered now."""
        stream = self.stream
        if stream is None or self._doubtful or arrival.epoch != stream.epoch or arrival.offset > stream.offset + 1:
            self._ahead.append(arrival)
            self.wants_reading = True
            return []
        if arrival.offset <= stream.offset:
            return []
        heard = [self._append(stream, arrival)]
        return heard + self._catch_up(stream) if self._ahead else heard

    @property
    def last(self) -> Mark:
        """The newest publication that was delivered."""
        if self.stream is None:
            return Mark("", 0, None)
        known = self._marks and self._marks[-1][0] == self.stream.offset
        return Mark(*self.stream.top, self._marks[-1][1] if known else None)

    def settle(self, reading: Reading, full: bool, last: Mark) -> list[Step] | None:
        """Take what was read.

        Args:
            full: everything that is kept was read, not only what came after `last`.
            last: the feed's last when it began to read. More may have been heard since.

        Returns:
            What to deliver; `None` when a full reading is needed, since the stream is another one than was heard.
        """
        steps: list[Step] = []
        if self.stream is None:
            # Following begins with what comes next; the past is history's.
            self.stream = Stream(*reading.top)
            self._remember(reading.entries)
            self.begun.set()
        elif continues(reading, last):
            self._go_on(self.stream, reading, steps)
        elif full:
            self._begin_anew(self.stream, reading, steps)
        else:
            return None
        if full and not self.complete:
            self._complete(self.stream, reading)
        self.wants_reading = self._doubtful = False
        self._drop_what_is_past(reading)
        steps += self._catch_up(self.stream)
        self._left_over = len(self._ahead)
        return steps

    def _go_on(self, stream: Stream, reading: Reading, steps: list[Step]) -> None:
        ahead = {a.offset: a for a in self._ahead if a.epoch == stream.epoch and a.offset <= reading.top.offset}
        known = {arrival.offset: arrival for arrival in reading.entries} | ahead
        for offset in sorted(known):
            if offset > stream.offset:
                self._skip(stream, offset - 1, steps)
                steps.append(self._append(stream, known[offset])._replace(healed=offset not in ahead))
        self._skip(stream, reading.top.offset, steps)

    def _skip(self, stream: Stream, offset: int, steps: list[Step]) -> None:
        """Give up what is kept nowhere any more, if there is such up to `offset`."""
        if offset <= stream.offset:
            return
        steps.append(Gap(self.channel, stream.top, Position(stream.epoch, offset)))
        stream.entries.clear()
        stream.offset = offset

    def _begin_anew(self, old: Stream, reading: Reading, steps: list[Step]) -> None:
        """Another epoch. What of it was delivered under the old one, or came before that, is not delivered again."""
        begin = self._known_up_to(reading)
        steps.append(Gap(self.channel, old.top, Position(reading.top.epoch, begin)))
        self.stream = stream = Stream(reading.top.epoch, begin)
        self.complete = False
        self._marks.clear()
        self._remember([arrival for arrival in reading.entries if arrival.offset <= begin])
        fresh = [arrival for arrival in reading.entries if arrival.offset > begin]
        steps += [self._append(stream, arrival)._replace(healed=True) for arrival in fresh]

    def _known_up_to(self, reading: Reading) -> int:
        """Find the offset up to which another epoch's entries are old: a copy of the server's data begins with them.

        They are known by their marks, as far back as those go, and before that by their time: they were published
        before the newest that was heard, and end before it.
        """
        known = set(self._marks)
        for arrival in reversed(reading.entries):
            if (arrival.offset, arrival.mark) in known or arrival.ends < self._newest_ends:
                return arrival.offset
        return reading.entries[0].offset - 1 if reading.entries else reading.top.offset

    def _drop_what_is_past(self, reading: Reading) -> None:
        """Drop what waited already when this reading was asked for and is of another epoch: nothing can bring it."""
        waited = [self._ahead.popleft() for _ in range(min(self._left_over, len(self._ahead)))]
        self._ahead.extendleft(reversed([arrival for arrival in waited if arrival.epoch == reading.top.epoch]))

    def _complete(self, stream: Stream, reading: Reading) -> None:
        """Put what was read before what was heard, so that both together are all that is kept."""
        heard = len(stream.entries)
        older = [arrival for arrival in reading.entries if arrival.offset <= stream.offset - heard]
        older = older[max(0, len(older) - (self.keep - heard)) :] if self.keep > heard else []
        stream.entries.extendleft((arrival.ends, arrival.publication(self.channel)) for arrival in reversed(older))
        self.complete = True

    def _append(self, stream: Stream, arrival: Arrival) -> Heard:
        publication = arrival.publication(self.channel)
        stream.append(publication, arrival.ends, self.keep)
        self._remember((arrival,))
        return Heard(publication, arrival.mark)

    def _remember(self, arrivals: Iterable[Arrival]) -> None:
        """Know these again, should the server lose its data."""
        for arrival in arrivals:
            self._marks.append((arrival.offset, arrival.mark))
            self._newest_ends = max(self._newest_ends, arrival.ends)

    def _catch_up(self, stream: Stream) -> list[Heard]:
        """Deliver what was ahead and now follows; drop what has come otherwise; keep what is still ahead."""
        heard: list[Heard] = []
        ahead = list(self._ahead)
        self._ahead.clear()
        for arrival in ahead:
            if arrival.epoch == stream.epoch and arrival.offset <= stream.offset:
                continue
            if arrival.epoch == stream.epoch and arrival.offset == stream.offset + 1:
                heard.append(self._append(stream, arrival))
            else:
                self._ahead.append(arrival)
                self.wants_reading = True
        return heard
