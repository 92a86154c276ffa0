"""The seams: what the engine needs from the world, with the guarantees that each side owes.

Implementations are found by shape (`typing.Protocol`), never by inheritance. One contract suite per seam runs on every
implementation. All methods are called on the event loop that runs the engine, unless a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from channels.model import Draft, Gap, History, Member, Position, PresenceState, Publication, Published
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


def ignore_gap(_gap: Gap) -> None:
    """Take no notice."""


class Broker(Protocol):
    """Keeps each channel's stream and spreads publications over the processes.

    Guarantees: giving a publication its offset, adding it to history and fanning it out are one atomic step per
    channel; the listener gets the publications of a followed channel in the order of their offsets, each once, or is
    told of the gap first; a stream that was lost or reset has a new epoch.
    """

    def listen(self, listener: Callable[[Publication], int], on_gap: Callable[[Gap], None] = ignore_gap) -> None:
        """Name the one function that gets publications of followed channels, and returns how many subscribers got it;
        and the one that is told when some can't be had any more."""

    async def publish(self, draft: Draft, options: ChannelOptions) -> Published:
        """Publish.

        When it returns, the listener of this process has been called if the channel is followed here. Calls for one
        channel take effect in the order in which they were begun.

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
        """Note that a connection of this process is on a channel. Doing it twice is once.

        Raises:
            ReplyError: `unavailable`; it isn't there then, or is taken out as soon as that is possible.
        """

    async def leave(self, channel: str, session: str) -> None:
        """Note that a connection of this process left. Leaving without having joined is nothing.

        Raises:
            ReplyError: `unavailable`; it is taken out as soon as that is possible, and needs no second call.
        """

    async def state(self, channel: str, members: bool) -> PresenceState:
        """Tell who is on a channel; only the counts with `members=False`.

        On a watched channel, the listener is told of everything that happens after this state.

        Raises:
            ReplyError: `unavailable`.
        """

    def listen(self, listener: Callable[[str, str, Member], None]) -> None:
        """Name the one function that is told who comes and goes on watched channels, in whatever process: `join` or
        `leave`, the channel, the member. Each is told once, or not at all when this process is cut off at that moment;
        the leaves of a process that died, when its lease has ended."""

    def watch(self, channel: str, wanted: bool) -> None:
        """Begin or cease to want a channel's joins and leaves."""


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


class Claims(Protocol):
    """Things that may be had once, such as a ticket, by whoever asks first in any process."""

    async def claim(self, name: str, seconds: float) -> bool:
        """Take `name`; `False` when somebody took it less than `seconds` (of that claim) ago.

        Raises:
            ReplyError: `unavailable`; it is not known then whether it is free.
        """


class Noticeboard(Protocol):
    """Notices that every process must know for a time, such as a revocation: also those that start later, and those
    that were cut off when it was posted."""

    def listen(self, listener: Callable[[str, float], None]) -> None:
        """Name the one function that gets each notice once, with the time it ends (seconds since 1970).

        Those that are already up come when the process joins; one that was posted again with a later end comes again.
        """

    async def post(self, notice: str, until: float) -> None:
        """Put up a notice until `until` (seconds since 1970); the listener of this process has it when this returns.

        Raises:
            ReplyError: `unavailable`; it is up nowhere then.
        """


class Nodes(Protocol):
    """The processes of one hub, and what they tell each other beside publications.

    Attributes:
        node: this process's name, another one at each start.
    """

    node: str

    def listen(self, topic: str, handler: Callable[[Mapping[str, Any]], None]) -> None:
        """Have `handler` called with what other processes tell about `topic`, in the order of each one's telling."""

    async def tell(self, topic: str, message: Mapping[str, Any]) -> int:
        """Tell every other process something (JSON), and return how many it was sent to. At most once: a process that
        is cut off at this moment misses it; what it must not miss goes on the `Noticeboard`.

        Raises:
            ReplyError: `unavailable`; nobody was told then.
        """

    def report(self, numbers: Callable[[], Mapping[str, Any]]) -> None:
        """Name the function that says how this process is (JSON). Asked at each heartbeat."""

    async def reports(self) -> Mapping[str, Mapping[str, Any]]:
        """Tell how each live process is, by its name: this one as of now, others as of their last heartbeat. A process
        that died is gone within its lease.

        Raises:
            ReplyError: `unavailable`.
        """


class Publisher(Protocol):
    """All that an adapter needs of the hub: say what happened, and go on.

    Callable from any thread. Never blocks, never raises; a failure is counted. See `hub.notify`.
    """

    def __call__(self, channel: str, type: str, data: Any) -> object: ...
