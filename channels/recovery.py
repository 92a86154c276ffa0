"""Recovery without a gap and without a repetition, while publications keep coming.

The order is: hold what arrives from now on; read history up to its top; replay it; add what was held and is newer than
that top. Whatever was published while history was being read is then in exactly one of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from channels.check import newest_per_key
from channels.model import History, Position, Publication
from channels.policy import ChannelOptions
from channels.ports import Broker

RECOVERY_LIMIT = 10_000
"""Most publications that one recovery replays; who missed more gets `recovered: false` and the newest of them."""


@dataclass(frozen=True, slots=True)
class Past:
    """What of a channel's history a subscriber gets: all since a position, or the newest publications."""

    since: Position | None = None
    newest: int = 0


NOTHING: Final = Past()


async def read(broker: Broker, channel: str, options: ChannelOptions, past: Past) -> History | None:
    """Read a piece of a channel's past, and the top in any case; `None` where no history is kept.

    Raises:
        ReplyError: `unavailable`.
    """
    if options.history_size == 0:
        return None
    since = past.since
    history = await broker.history(channel, options, since, RECOVERY_LIMIT if since else past.newest)
    if since is not None and not history.recovered and len(history.publications) == RECOVERY_LIMIT:
        # A broker cuts off the newest. Who can't have all gets those instead: the gap is then before, not behind.
        history = await broker.history(channel, options, None, RECOVERY_LIMIT)
    return history


class Held(list[Publication]):
    """What one subscriber that is still reading history must get afterwards."""

    interrupted = False

    def resume(self) -> bool:
        """Begin anew after an interruption; tell whether there was one, so that history must be read again."""
        interrupted, self.interrupted = self.interrupted, False
        if interrupted:
            self.clear()
        return interrupted


class CatchingUp:
    """Publications held for subscribers that are still reading history."""

    def __init__(self) -> None:
        self._held: dict[str, list[Held]] = {}

    @contextmanager
    def hold(self, channel: str) -> Iterator[Held]:
        """Collect the channel's publications into the list that this yields, as long as the block runs."""
        held = Held()
        lists = self._held.setdefault(channel, [])
        lists.append(held)
        try:
            yield held
        finally:
            lists[:] = [other for other in lists if other is not held]
            if not lists:
                self._held.pop(channel, None)

    def offer(self, publication: Publication) -> None:
        """Give a publication to all who are catching up on its channel."""
        for held in self._held.get(publication.channel, ()):
            held.append(publication)

    def interrupt(self, channel: str) -> None:
        """Some publications of `channel` can't be had: what was read and what is held don't join any more."""
        for held in self._held.get(channel, ()):
            held.interrupted = True

    def waits_for(self, channel: str) -> bool:
        """Tell whether anyone is catching up on `channel`."""
        return channel in self._held


def join(history: History, held: list[Publication], conflated: bool) -> tuple[tuple[Publication, ...], Position]:
    """Put together what a subscriber missed, and the position that it is at afterwards."""
    placed = [(p.position, p) for p in held if p.position is not None]
    epochs = [position.epoch for position, _ in placed]
    # What was held before the first of history's epoch belongs to an older one, which had ended when history was read.
    begin = epochs.index(history.top.epoch) if history.top.epoch in epochs else 0
    late = [(position, p) for position, p in placed[begin:] if follows(position, history.top)]
    missed = history.publications + tuple(p for _, p in late)
    return (newest_per_key(missed) if conflated else missed), late[-1][0] if late else history.top


def follows(position: Position, top: Position) -> bool:
    """Tell whether `position` comes after `top`. Another epoch does: the stream was begun anew since."""
    return position.epoch != top.epoch or position.offset > top.offset
