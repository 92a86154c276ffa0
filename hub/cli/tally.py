"""What a `tail` saw in all, and whether that is what was expected."""

from __future__ import annotations

from collections import Counter

from channels.model import Position
from hub.cli.follow import Arrived, Event
from hub.cli.stream import Gap, Joined, Repeated, position_of


class Tally:
    """Counts events.

    Args:
        expected: publications that must come, in order and without a gap; 0 expects nothing.
    """

    def __init__(self, expected: int = 0) -> None:
        self.expected = expected
        self.messages: Counter[str] = Counter()
        self.faults: list[str] = []
        self.reconnects = 0
        self._gaps = 0
        self._last: dict[str, Position] = {}

    def count(self, event: Event) -> None:
        """Take an event."""
        match event:
            case Joined(channel, _, position) if position is not None:
                self._last.setdefault(channel, position)
            case Arrived(message):
                channel = str(message["channel"])
                self.messages[channel] += 1
                self._last[channel] = position_of(message) or self._last.get(channel, Position("", 0))
            case Gap():
                self._gaps += 1
                self.faults.append(gap(event))
            case Repeated():
                self.faults.append(repetition(event))

    @property
    def is_settled(self) -> bool:
        """An expectation is met, or can't be met any more."""
        return self.expected > 0 and (bool(self.faults) or self.messages.total() >= self.expected)

    @property
    def is_met(self) -> bool:
        """All that was expected came, in order and without a gap."""
        return not self.faults and self.messages.total() >= self.expected

    def missing(self) -> list[str]:
        """Say what an unmet expectation wants."""
        wanted = f"expected {_plural(self.expected, 'message')} in order and without a gap, got {self.messages.total()}"
        channels = [
            f"{name}: {_plural(self.messages[name], 'message')}, last position {show(position)}"
            for name, position in self._last.items()
        ]
        return [wanted, *channels, *self.faults]

    def summary(self) -> str:
        """Sum up in one line."""
        parts = [_plural(self.messages.total(), "message"), _plural(self._gaps, "gap")]
        repeated = len(self.faults) - self._gaps
        if repeated:
            parts.append(_plural(repeated, "repetition"))
        return ", ".join([*parts, _plural(self.reconnects, "reconnect")])


def show(position: Position | None) -> str:
    """Write a position as `--since` reads it."""
    return "the start" if position is None or not position.epoch else f"{position.epoch}:{position.offset}"


def gap(event: Gap) -> str:
    """Say what is missing."""
    if event.after is None:
        return f"{event.channel}: gap: it keeps no history, so what was published while we were away is lost"
    between = f"between {show(event.after)} and {show(event.before)}"
    if event.missing is None:
        return f"{event.channel}: gap: publications may be missing {between}"
    return f"{event.channel}: gap: {_plural(event.missing, 'publication')} missing {between}"


def repetition(event: Repeated) -> str:
    """Say what came out of order."""
    return f"{event.channel}: {show(event.again)} came after {show(event.after)}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
