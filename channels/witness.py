"""The seam for records: who came to which channel and left it, so that it can be said later what was delivered to whom.

A witness is told of no publication, so that it costs delivery nothing.
"""

from __future__ import annotations

from typing import Final

from channels.errors import ReplyError
from channels.model import Gap, Position, Subscribed
from channels.ports import Subscriber, Subscription


class Witness:
    """Is told who comes and goes, at that very moment, and takes no notice; subclasses do.

    Synchronous; never raises.
    """

    def entered(
        self,
        subscriber: Subscriber,
        channel: str,
        since: Position | None,
        subscription: Subscription,
        subscribed: Subscribed,
    ) -> None:
        """A subscriber is on a channel from `subscribed.position` on, or has asked for something else there."""

    def refused(self, subscriber: Subscriber, channel: str, error: ReplyError) -> None:
        """A subscriber may not be on a channel."""

    def left(self, subscriber: Subscriber, channels: tuple[str, ...], why: str) -> None:
        """A subscriber is off some channels; with its connection if that isn't open any more, and perhaps off none."""

    def gap(self, gap: Gap) -> None:
        """Some publications can't be had, and nobody here was sent them."""


UNWITNESSED: Final = Witness()
"""Takes no notice."""
