"""What a server's error means: that one command was wrong, or that the server can't serve anybody at the moment.

The difference decides over publications that were accepted already: those wait for a server that comes back, and are
given up only for an error that would come again.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from channels.redis.config import Address

CANT_SERVE: Final = frozenset(
    {
        "BUSY",  # somebody's script runs for too long
        "CLUSTERDOWN",  # slots without a server, or the node is in a minority
        "DENIED",  # protected mode
        "LOADING",  # reads its data after a start
        "MASTERDOWN",  # a replica without its master
        "MISCONF",  # can't save to disk
        "NOAUTH",  # a password was set since we connected
        "NOPERM",  # the ACL misses something: an operator's mistake, and all of ours wait until it is set right
        "NOREPLICAS",  # too few replicas to accept writes (min-replicas-to-write)
        "OOM",  # maxmemory is reached, and nothing may be evicted
        "READONLY",  # it has become a replica
        "UNKILLABLE",  # somebody's script can't be ended
        "WRONGPASS",  # the user or its password was changed since we connected
    }
)
"""Codes of errors that are about the server and not about the command: the same command may work later."""

ELSEWHERE: Final = frozenset({"CLUSTERDOWN", "MASTERDOWN", "READONLY"})
"""Those of `CANT_SERVE` after which another server may be the right one."""

MISPLACED: Final = frozenset({"ASK", "MOVED", "TRYAGAIN"})
"""Codes by which a cluster says that a slot has moved, or is moving."""


class Refused(Exception):
    """A server's answer to one command is an error."""

    @property
    def code(self) -> str:
        """The first word, such as `WRONGTYPE`; `ERR` where there is nothing better."""
        return str(self).partition(" ")[0]


class Redirection(NamedTuple):
    """What `MOVED` and `ASK` say."""

    slot: int
    address: Address


def redirection(error: Refused, teller: Address) -> Redirection | None:
    """Read `MOVED slot host:port` or `ASK slot host:port`; `None` where it isn't one.

    Args:
        teller: the server that said so. Without a host, it means its own.
    """
    words = str(error).split(" ")
    if len(words) < 3 or words[0] not in ("ASK", "MOVED"):
        return None
    host, _, port = words[2].rpartition(":")
    if not (words[1].isdecimal() and port.isdecimal()):
        return None
    return Redirection(int(words[1]), Address(host.strip("[]") if host not in ("", "?") else teller.host, int(port)))
