"""What one process knows of its own sessions: on which channels they are, and of which of them Redis may not know."""

from __future__ import annotations

from collections.abc import Iterable


class Here:
    """This process' sessions on one channel.

    Attributes:
        members: how each describes itself, JSON, by session.
        moves: joins and leaves that have begun or ended: while it doesn't change, nothing is under way.
        under_way: calls that aren't answered.
    """

    __slots__ = ("members", "moves", "under_way")

    def __init__(self) -> None:
        self.members: dict[str, bytes] = {}
        self.moves = 0
        self.under_way = 0


class Attendees:
    """All channels with sessions of this process, and the channels on which Redis may have others than are here.

    Attributes:
        size: sessions on channels, in all.
        doubtful: channels to put right.
    """

    def __init__(self, most_doubtful: int = 100_000) -> None:
        self._channels: dict[str, Here] = {}
        self._most_doubtful = most_doubtful
        self.size = 0
        self.doubtful: set[str] = set()

    def at(self, channel: str) -> Here | None:
        """This process' sessions on a channel; `None` without any."""
        return self._channels.get(channel)

    def channels(self) -> list[str]:
        """The channels with sessions of this process."""
        return [channel for channel, here in self._channels.items() if here.members]

    def begin(self, channel: str) -> Here:
        """Begin a call about a channel."""
        here = self._channels.get(channel)
        if here is None:
            here = self._channels[channel] = Here()
        here.moves += 1
        here.under_way += 1
        return here

    def end(self, channel: str, here: Here) -> None:
        """End it."""
        here.moves += 1
        here.under_way -= 1
        if not here.members and not here.under_way:
            del self._channels[channel]

    def add(self, here: Here, session: str, member: bytes) -> bool:
        """Note a session; tell whether it is new."""
        if session in here.members:
            return False
        here.members[session] = member
        self.size += 1
        return True

    def drop(self, here: Here, session: str) -> None:
        """Forget a session."""
        if here.members.pop(session, None) is not None:
            self.size -= 1

    def doubt(self, channels: Iterable[str]) -> None:
        """Note that Redis may have others on some channels than are here.

        Those without sessions of ours may be dropped when there are too many: nobody renews their leases.
        """
        self.doubtful.update(channels)
        if len(self.doubtful) > self._most_doubtful:
            self.doubtful.intersection_update(self._channels)
