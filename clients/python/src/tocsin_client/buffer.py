"""What one subscription hasn't read yet, and how far it came. No I/O, no waiting.

A buffer is bounded. When it is full it *lags*: what comes is left out and the position stays. When the reader has
emptied it, the missing part is read from the hub's history (`fill`), until there is nothing left between the buffer and
what is delivered now. The hub's history is thereby the overflow of a slow reader, and a gap is what history has lost.
An offset that was skipped on the way heals the same way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tocsin_client.model import START, Event, Gap, History, Joined, Left, Message, Position

OnGap = Callable[[Gap], None]
_NOTICE_BYTES = 200


class Buffer:
    """The queue of one subscription.

    Args:
        start: where it begins; what came after is read from history. `None` begins with what comes next.
        on_gap: is told of each gap when it is found; it is also in the queue, in its place.

    Attributes:
        position: of the last message taken; `None` before the first, and on channels without positions.
        lagging: what comes is left out, until `fill` has closed up.
        wake: is called when there is something new to `pop`, or an end.
    """

    def __init__(self, channel: str, limit: int, limit_bytes: int, start: Position | None, on_gap: OnGap) -> None:
        self.channel = channel
        self.position = start
        self.lagging = start is not None
        self.wake: Callable[[], None] = lambda: None
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._on_gap = on_gap
        self._queue: deque[tuple[Event, int]] = deque()
        self._bytes = 0
        self._dropped: int | None = 0

    def __len__(self) -> int:
        return len(self._queue)

    def pop(self) -> Event | None:
        """Take the oldest; `None` when there is nothing."""
        if not self._queue:
            return None
        event, size = self._queue.popleft()
        self._bytes -= size
        return event

    def take(self, message: Message, size: int) -> None:
        """Take a publication of `size` bytes that was delivered now, unless it was seen before."""
        if not self._is_next(message.position, message.key):
            if message.position is None and self._dropped is not None:
                self._dropped += 1
        elif len(self._queue) >= self._limit or (self._queue and self._bytes + size > self._limit_bytes):
            self.lagging = True
            self._dropped = int(message.position is None)
        else:
            self.position = message.position or self.position
            self._push(message, size)

    def move(self, position: Position) -> None:
        """Take the position of a publication that was withheld from this client."""
        if self._is_next(position, None):
            self.position = position

    def notice(self, event: Joined | Left) -> None:
        """Take a notice, if there is room: nobody keeps those for later."""
        if not self.lagging and len(self._queue) < self._limit:
            self._push(event, _NOTICE_BYTES)

    def begin(self, top: Position | None) -> None:
        """Note the channel's top at the time of subscribing, as the place to begin from."""
        if self.position is None:
            self.position = top
        elif top is None and self.position != START:
            self.gap("the channel keeps no history", None)
        elif top is None:
            self.position, self.lagging = None, False

    def gap(self, reason: str, then: Position | None, missing: int | None = None) -> None:
        """Note that something is lost, and go on after `then`; `START` goes on with whatever comes."""
        after = None if self.position == START else self.position
        self._note(Gap(self.channel, after, missing, reason))
        self.position, self.lagging = then, False

    def overtaken(self, position: Position) -> None:
        """Note that the hub can't deliver what is between here and `position`."""
        here = self.position
        if self.lagging or here is None or _stands_at_or_after(here, position):
            return
        missing = position.offset - here.offset if here.epoch == position.epoch else None
        self.gap("the hub lost them", position, missing)

    def interrupted(self) -> None:
        """Note that the link was lost: on a channel without positions nobody can count what was missed."""
        if self.position is None:
            self._dropped = None

    def fill(self, page: History, delivered: Position | None) -> None:
        """Take what history has after `position`.

        Args:
            delivered: position of the last publication that was delivered on this channel.
        """
        here = self.position
        if here is None:
            return
        if here != START and not self._joins(here, page):
            return
        for message in page.messages:
            self._push(message, 0)
            self.position = message.position
        if self.position == START:
            self.position = page.top
        here = self.position or page.top
        # Behind what was delivered meanwhile, there is another page to read. In another epoch there is nothing to
        # compare: the next publication shows it.
        behind = delivered is not None and delivered.epoch == here.epoch and delivered.offset > here.offset
        self.lagging = behind or not _stands_at_or_after(here, page.top)

    def _joins(self, here: Position, page: History) -> bool:
        """Tell whether a page has the epoch that it continues; note what is missing before it."""
        if page.top.epoch != here.epoch:
            self.gap("the channel's stream was begun anew", START)
            self.lagging = True  # and the next page is all that the new one holds
            return False
        first = page.messages[0].position if page.messages else None
        missing = (page.top.offset if first is None else first.offset - 1) - here.offset
        if missing:
            then = page.top if first is None else Position(here.epoch, first.offset - 1)
            self.gap("history doesn't reach back that far", then, missing if missing > 0 else None)
        return True

    def count_lost(self) -> None:
        """Go on after lagging on a channel without positions: say how many were left out."""
        self.gap("read too slowly, and the channel keeps no history", None, self._dropped)
        self._dropped = 0

    def _is_next(self, there: Position | None, key: str | None) -> bool:
        here = self.position
        if self.lagging:
            return False
        if there is None or here is None or here == START:
            return True
        if there.epoch == here.epoch:
            if there.offset <= here.offset:
                return False
            # Offsets may skip where a newer publication replaces an older one, and only there.
            if there.offset == here.offset + 1 or key is not None:
                return True
        self.lagging = True
        return False

    def _push(self, event: Event, size: int) -> None:
        self._queue.append((event, size))
        self._bytes += size
        self.wake()

    def _note(self, gap: Gap) -> None:
        last = self._queue[-1][0] if self._queue else None
        if isinstance(last, Gap):  # one hole, however often it grew: an unread queue stays bounded
            both = None if last.missing is None or gap.missing is None else last.missing + gap.missing
            self._queue[-1] = (Gap(self.channel, last.after, both, gap.reason), 0)
        else:
            self._push(gap, 0)
        self._on_gap(gap)


def _stands_at_or_after(here: Position, there: Position) -> bool:
    return here.epoch == there.epoch and here.offset >= there.offset
