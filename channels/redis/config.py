"""Where Redis is, and how to talk to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

DEFAULT_PORT: Final = 6379
SENTINEL_PORT: Final = 26379


class Address(NamedTuple):
    """A server. With port 0, `host` is the path of a Unix socket."""

    host: str
    port: int

    def __str__(self) -> str:
        if not self.port:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Redis:
    """One Redis, as configured.

    Attributes:
        addresses: of the server, or of some of the sentinels or of the cluster's nodes.
        mode: `single`, `sentinel` or `cluster`.
        master: name by which the sentinels know the server.
        sentinel_username, sentinel_password: for the sentinels, which have users of their own.
        tls_server_name: what the servers' certificates are for; empty: the host that we connect to.
        prefix: what all keys and channels begin with.
        timeout: seconds without an answer after which a connection counts as lost.
    """

    addresses: tuple[Address, ...]
    mode: str = "single"
    master: str = ""
    database: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    sentinel_username: str = ""
    sentinel_password: str = field(default="", repr=False)
    tls: bool = False
    tls_ca: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    tls_server_name: str = ""
    prefix: str = "tocsin"
    timeout: float = 3.0


def parse_url(url: str, default_port: int = DEFAULT_PORT) -> tuple[tuple[Address, ...], int, bool]:
    """Take `redis://host:port,host:port/db`, `rediss://...` or `unix:///path` apart: addresses, database, whether TLS.

    Raises:
        ValueError: it is none of these. The message doesn't repeat it, since it may hold a password.
    """
    expected = "expected redis://host:port/db, rediss://host:port/db or unix:///path, without a password"
    try:
        parts = urlsplit(url)
        if parts.scheme == "unix" and parts.path.strip("/") and not parts.netloc:
            return (Address(unquote(parts.path), 0),), 0, False
        addresses = tuple(_address(item, default_port) for item in parts.netloc.split(","))
    except ValueError:
        raise ValueError(expected) from None
    if parts.scheme not in ("redis", "rediss") or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(expected)
    database = parts.path.strip("/")
    if database and not (database.isascii() and database.isdecimal()):
        raise ValueError("expected a number as database, such as redis://host:6379/0")
    return addresses, int(database or 0), parts.scheme == "rediss"


def _address(text: str, default_port: int) -> Address:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.port == 0:
        raise ValueError("expected a host, and a port from 1 to 65535")
    return Address(parts.hostname, parts.port or default_port)
