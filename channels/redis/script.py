"""Lua scripts, and calls of them. Everything that we ask of Redis is a call of a script, so it is atomic."""

from __future__ import annotations

from hashlib import sha1
from importlib.resources import files
from typing import Any, Final, NamedTuple

from channels.redis.connection import pack


class Script:
    """A script from the folder `scripts/` of a package, known to servers by its digest.

    Args:
        name: of the file, without `.lua`.
        package: that has the folder. Scripts of others than this one are loaded when a server turns out not to know
            them, which costs the first call of each a further round trip.
    """

    def __init__(self, name: str, package: str = "channels.redis") -> None:
        self.name = name
        self.source = files(package).joinpath("scripts", f"{name}.lua").read_bytes()
        self.digest = sha1(self.source, usedforsecurity=False).hexdigest().encode()

    @property
    def load(self) -> bytes:
        """The command that makes a server know the script."""
        return pack(b"SCRIPT", b"LOAD", self.source)


class Call(NamedTuple):
    """One run of a script. All its keys are in one slot."""

    script: Script
    keys: tuple[bytes, ...]
    arguments: tuple[bytes | int, ...]

    def packed(self) -> bytes:
        """Write the command."""
        return pack(b"EVALSHA", self.script.digest, len(self.keys), *self.keys, *self.arguments)


PUBLISH: Final = Script("publish")
READ: Final = Script("read")
FORGET: Final = Script("forget")
RENEW: Final = Script("renew")
CLAIM: Final = Script("claim")
MEMBERSHIP_CHANGE: Final = Script("membership_change")
MEMBERSHIP_CONTAINS: Final = Script("membership_contains")
MEMBERSHIP_MEMBERS: Final = Script("membership_members")
NODES_BEAT: Final = Script("nodes_beat")
NODES_READ: Final = Script("nodes_read")
NODES_TELL: Final = Script("nodes_tell")
NOTICE_POST: Final = Script("notice_post")
NOTICE_READ: Final = Script("notice_read")
PRESENCE_JOIN: Final = Script("presence_join")
PRESENCE_LEAVE: Final = Script("presence_leave")
PRESENCE_MINE: Final = Script("presence_mine")
PRESENCE_RENEW: Final = Script("presence_renew")
PRESENCE_STATE: Final = Script("presence_state")

SCRIPTS: Final[list[Script]] = [
    PUBLISH,
    READ,
    FORGET,
    RENEW,
    CLAIM,
    MEMBERSHIP_CHANGE,
    MEMBERSHIP_CONTAINS,
    MEMBERSHIP_MEMBERS,
    NODES_BEAT,
    NODES_READ,
    NODES_TELL,
    NOTICE_POST,
    NOTICE_READ,
    PRESENCE_JOIN,
    PRESENCE_LEAVE,
    PRESENCE_MINE,
    PRESENCE_RENEW,
    PRESENCE_STATE,
]
"""Loaded on each new connection."""

Reply = Any
"""What a script returns: integers, bytes, `None`, and lists of these; or an exception, for a call that failed alone."""
