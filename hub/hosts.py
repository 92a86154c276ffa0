"""Names of hosts and origins, as they stand in `Host` and `Origin` headers and in the options.

Parsing is strict: what doesn't match the grammar is `None`, never repaired. Checks on names are got round by lenient
reading.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

_AUTHORITY = r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_][a-z0-9._-]{0,252})(?::(?P<port>[0-9]{1,5}))?"
_host = re.compile(_AUTHORITY, re.ASCII).fullmatch
_origin = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*)://{_AUTHORITY}", re.ASCII).fullmatch

DEFAULT_PORTS = {"http": 80, "https": 443}


class Host(NamedTuple):
    """A `Host` header. `name` is in lower case, an IPv6 address without brackets in its shortest form."""

    name: str
    port: int | None


class Origin(NamedTuple):
    """A web origin. The default port of the scheme is filled in, so that two spellings of one origin are equal."""

    scheme: str
    name: str
    port: int | None


@lru_cache(maxsize=256)
def parse_host(text: str) -> Host | None:
    """Read `name`, `name:port` or `[address]:port`; `None` for anything else."""
    match = _host(text.lower())
    return _split(match) if match else None


@lru_cache(maxsize=256)
def parse_origin(text: str) -> Origin | None:
    """Read `scheme://name[:port]`; `None` for anything else, and for `null`."""
    match = _origin(text.lower())
    host = _split(match) if match else None
    if match is None or host is None:
        return None
    scheme: str = match["scheme"]
    return Origin(scheme, host.name, DEFAULT_PORTS.get(scheme) if host.port is None else host.port)


@lru_cache(maxsize=256)
def is_loopback(name: str) -> bool:
    """Tell whether `name`, with or without brackets, is one by which only this machine can be reached."""
    if name.lower() == "localhost":
        return True
    try:
        address = ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _split(match: re.Match[str]) -> Host | None:
    name, port = match["name"], match["port"]
    if port is not None and int(port) > 65535:
        return None
    if name.startswith("["):
        try:
            name = str(IPv6Address(name[1:-1]))
        except ValueError:
            return None
    return Host(name, None if port is None else int(port))
