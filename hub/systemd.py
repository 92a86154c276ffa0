"""Telling the service manager how far the hub is (`sd_notify`): nothing happens where none asked to be told."""

from __future__ import annotations

import socket
from collections.abc import Mapping

VARIABLE = "NOTIFY_SOCKET"
READY = "READY=1"
STOPPING = "STOPPING=1"


def tell(state: str, environment: Mapping[str, str]) -> bool:
    """Send `state` to the socket that the service manager named; return whether it took it.

    A manager that doesn't listen must not keep the hub from working, so nothing is raised.
    """
    name = environment.get(VARIABLE, "")
    if not name.startswith(("/", "@")):
        return False
    # A name in the abstract namespace is written with @, and begins with a zero byte for the kernel.
    address = "\0" + name[1:] if name.startswith("@") else name
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.setblocking(False)
            manager.sendto(state.encode(), address)
    except OSError:
        return False
    return True
