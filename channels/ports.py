"""The seams: what the engine needs from the world, with the guarantees that each side owes.

Implementations are found by shape (`typing.Protocol`), never by inheritance. One contract suite per seam runs on every
implementation. All methods are called on the event loop that runs the engine, unless a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from channels.model import Draft, History, Member, Position, PresenceState, Publication
from channels.policy import ChannelOptions, Principal


class Subscriber(Protocol):
    """One connection, as the engine sees it. Compared and hashed by identity."""

    @property
    def client_id(self) -> str: ...

    @property
    def session(self) -> str: ...

    @property
    def principal(self) -> Principal: ...

    @property
    def is_open(self) -> bool:
        """`False` from the moment the connection is lost or being closed; it then gets nothing more."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one subscriber asked for on one channel.

    Attributes:
        presence: send it join and leave notices.
        interval: seconds between two publications of one key to it (conflated channels); 0 sends all.
    """

    presence: bool = False
    interval: float = 0.0


PLAIN_SUBSCRIPTION = Subscription()
"""Shared by all who asked for nothing special: a subscription then costs no object."""


class Audience(Protocol):
    """The subscribers of a channel at one moment. Never changes: a later change makes a new audience.

    Attributes:
        plan: room for what a `Delivery` works out about this audience and wants to keep as long as it lives.
    """

    plan: Any

    @property
    def prompt(self) -> Collection[Subscriber]:
        """Those who get every publication at once."""

    @property
    def throttled(self) -> Mapping[Subscriber, float]:
        """Those who asked for an interval, in seconds."""

    def __len__(self) -> int: ...


class Delivery(Protocol):
    """Carries publications the last step, to connections. Implemented at the edge."""

    def deliver(self, publication: Publication, audience: Audience, options: ChannelOptions) -> int:
        """Hand a publication to everyone in `audience`; return how many that were.

        Synchronous: never awaits, never raises for the sake of one connection. Order per connection is the order of the
        calls. Bytes may leave later, but within a few milliseconds.
        """

    def release(self, subscriber: Subscriber, channel: str) -> None:
        """Finish with a subscriber that leaves `channel`: what was delivered before is on its way when this returns,
        and nothing comes later."""

    def notify(self, subscriber: Subscriber, notice: Mapping[str, Any]) -> None:
        """Send one notice (not a publication) to one subscriber."""


class Broker(Protocol):
    """Keeps each channel's stream and spreads publications over the processes.

    Guarantees: giving a publication its offset, adding it to history and fanning it out are one atomic step per
    channel; the listener gets the publications of a followed channel in the order of their offsets, each once; a stream
    that was lost or reset has a new epoch.
    """

    def listen(self, listener: Callable[[Publication], int]) -> None:
        """Name the one function that gets publications of followed channels. It returns how many subscribers got it."""

    async def publish(self, draft: Draft, options: ChannelOptions) -> tuple[Position | None, int, bool]:
        """Publish; return the position, the number of subscribers reached in this process, and whether it was a
        duplicate.

        When it returns, the listener of this process has been called if the channel is followed here.

        Raises:
            ReplyError: `unavailable` (temporary); nothing was published then.
        """

    async def follow(self, channels: Collection[str]) -> None:
        """Start giving publications of `channels` to the listener; in force when this returns.

        Calls of `follow` and `unfollow` that overlap end as if they had come one after the other, in order of calling.
        """

    async def unfollow(self, channels: Collection[str]) -> None:
        """Stop giving publications of `channels` to the listener."""

    async def history(
        self, channel: str, options: ChannelOptions, since: Position | None, limit: int, reverse: bool = False
    ) -> History:
        """Read a piece of the stream: what came after `since`, or the newest `limit` publications without it.

        `START` means from the beginning of whatever epoch there is. `recovered` is true only if the piece is
        complete: same epoch, nothing missing at its start, not cut by `limit`. With another epoch the newest
        publications come, and `recovered` is false. An offset above the top counts as another epoch.

        Never ahead of the listener: on a followed channel, the listener has been given everything up to `top` when this
        returns. (Otherwise a subscriber would get from the listener again what it has just read here.)
        """

    async def forget(self, channel: str) -> None:
        """Drop a channel's history; its epoch changes."""


class Presence(Protocol):
    """Who is on which channel, over all processes. A process that dies is forgotten within its lease."""

    async def join(self, channel: str, member: Member) -> None:
        """Note that a connection is on a channel. Doing it twice is once."""

    async def leave(self, channel: str, session: str) -> None:
        """Note that a connection left. Leaving without having joined is nothing."""

    async def state(self, channel: str, members: bool) -> PresenceState:
        """Tell who is on a channel; only the counts with `members=False`."""


class Membership(Protocol):
    """Which users belong to a `room:`, `session:` or `job:` channel, beside those named in configuration or token."""

    async def add(self, channel: str, user: str) -> None:
        """Let `user` see `channel`. Twice is once."""

    async def remove(self, channel: str, user: str) -> None:
        """Take that away. Removing a stranger is nothing."""

    async def contains(self, channel: str, user: str) -> bool:
        """Tell whether `user` was added."""

    async def members(self, channel: str) -> frozenset[str]:
        """All users that were added to `channel`."""


class Publisher(Protocol):
    """All that an adapter needs of the hub: say what happened, and go on.

    Callable from any thread. Never blocks, never raises; a failure is counted. See `hub.notify`.
    """

    def __call__(self, channel: str, type: str, data: Any) -> object: ...
