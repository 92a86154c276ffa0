"""Names of keys and of Redis' channels. What belongs to one channel is in one slot of a cluster, by its `{}`."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple


class PresenceKeys(NamedTuple):
    """The keys about who is on a channel.

    Attributes:
        leases: sorted set: the processes that have sessions there, by the end of their lease.
        users: hash: how many sessions each user has.
        sessions: hash: the sessions of one process. Begins with the name of `leases`, by which scripts find others'.
    """

    leases: bytes
    users: bytes
    sessions: bytes


class Keys:
    """All names under one prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix.encode()

    def meta(self, channel: str) -> bytes:
        """Hash: epoch, top and version of a channel."""
        return self.fanout(channel) + b":meta"

    def stream(self, channel: str) -> bytes:
        """Stream: the publications that are kept."""
        return self.fanout(channel) + b":stream"

    def publisher(self, channel: str, node: str) -> bytes:
        """Text: what a process published last on a channel, so that nothing it sends twice is done twice."""
        return self.fanout(channel) + b":node:" + node.encode()

    def idempotency(self, channel: str, key: str) -> bytes:
        """Text: the position of the publication with an idempotency key."""
        return self.fanout(channel) + b":key:" + key.encode()

    def fanout(self, channel: str) -> bytes:
        """The Redis channel on which publications of a channel go out; also the beginning of its keys."""
        return b"%b:{%b}" % (self._prefix, channel.encode())

    def channel(self, fanout: bytes) -> str:
        """The channel whose publications go out on a Redis channel."""
        return fanout[len(self._prefix) + 2 : -1].decode()

    def presence(self, channel: str, node: str) -> PresenceKeys:
        """Who is on a channel, and the sessions of one process there."""
        leases = self.fanout(channel) + b":presence"
        return PresenceKeys(leases, self.fanout(channel) + b":users", b"%b:%b" % (leases, node.encode()))

    def attendance(self, channel: str) -> bytes:
        """The Redis channel on which joins and leaves of a channel go out."""
        return self.fanout(channel) + b":attendance"

    def members(self, channel: str) -> bytes:
        """Set: the users that were added to a channel."""
        return self.fanout(channel) + b":members"

    def claim(self, name: str) -> bytes:
        """Text: who has claimed something. The name isn't in it: it may be secret, or long."""
        return b"%b:claim:{%b}" % (self._prefix, sha256(name.encode()).hexdigest().encode())

    def group(self, kind: str, name: str) -> bytes:
        """The key of something that is neither a channel's nor the hub's, or the beginning of its keys: all of them are
        in one slot. `kind` keeps it apart from others with its name."""
        return b"%b:%b:{%b}" % (self._prefix, kind.encode(), name.encode())

    def shared(self, name: str) -> bytes:
        """A key of the hub as a whole, such as `nodes`; all of them are in one slot. No channel is called `*`."""
        return b"%b:{*}:%b" % (self._prefix, name.encode())
