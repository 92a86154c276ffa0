"""Listening sockets: bound to every address of a host, and let go of without losing who waits in them."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterable

CAN_BALANCE = sys.platform == "linux"
"""Whether the kernel spreads connections over sockets that share a port (`SO_REUSEPORT`). Elsewhere it gives all of
them to one of those, so processes must share one socket instead."""

_UNAVAILABLE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def bind(host: str, port: int, *, share_port: bool = False) -> list[socket.socket]:
    """Bind, without listening, to every address of `host`.

    Args:
        port: 0 takes a free one, the same for all addresses.
        share_port: let other sockets of this user, that ask for it as well, have the port too.

    Raises:
        OSError: an address can't be had; nothing is bound then. socket.gaierror: `host` has no address.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound: list[socket.socket] = []
    unavailable: OSError | None = None
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            try:
                taken = bound[0].getsockname()[1] if bound else port
                bound.append(_bind_one(family, kind, protocol, (address[0], taken, *address[2:]), share_port))
            except OSError as error:
                # A name such as localhost may have an address of a family that this machine doesn't use.
                if error.errno not in _UNAVAILABLE:
                    raise
                unavailable = error
        if unavailable is not None and not bound:
            raise unavailable
    except BaseException:
        close(bound)
        raise
    return bound


def close(sockets: Iterable[socket.socket]) -> None:
    """Close all of them."""
    for each in sockets:
        each.close()


def take_waiting(listener: socket.socket) -> list[socket.socket]:
    """Accept everyone who waits in the queue of a non-blocking listener: closing it would reset them."""
    taken = []
    while True:
        try:
            taken.append(listener.accept()[0])
        except OSError:  # nobody waits any more; or one who waited is gone, or there is no descriptor left
            return taken


def _bind_one(family: int, kind: int, protocol: int, address: tuple[str | int, ...], share_port: bool) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    try:
        # Connections that were closed a moment ago don't keep the port.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if share_port:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except OSError as error:
        made.close()
        reason = os.strerror(error.errno or 0).lower()
        raise OSError(error.errno, f"error while attempting to bind on address {address[:2]}: {reason}") from None
    return made
