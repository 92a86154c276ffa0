"""Where a hub is."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_SCHEMES = {"http": False, "https": True, "ws": False, "wss": True}


@dataclass(frozen=True, slots=True)
class Address:
    """A hub's address.

    Attributes:
        prefix: of all paths, for a hub that isn't at the root; without a slash at its end.
        socket: path of the WebSocket.
    """

    secure: bool
    host: str
    port: int
    prefix: str
    socket: str

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read `http(s)://host[:port][/prefix]` or `ws(s)://host[:port]/path/ws`.

        Raises:
            ValueError: it is neither. The text is not repeated: it may hold a password.
        """
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES or not parts.hostname:
            raise ValueError("url: expected http(s)://host:port or ws(s)://host:port/ws")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("url: expected no user, query or fragment; give the token by token=")
        secure = _SCHEMES[parts.scheme]
        port = parts.port or (443 if secure else 80)
        path = parts.path.rstrip("/")
        if parts.scheme.startswith("ws"):
            return cls(secure, parts.hostname, port, path.removesuffix("/ws"), path or "/ws")
        return cls(secure, parts.hostname, port, path.removesuffix("/ws"), f"{path.removesuffix('/ws')}/ws")

    @property
    def authority(self) -> str:
        """Host and port, as they stand in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The HTTP address; never holds a secret."""
        return f"http{'s' if self.secure else ''}://{self.authority}{self.prefix}"

    def websocket(self, client_id: str | None) -> str:
        """Return the URL to connect to."""
        # No channels but those that are asked for by position: the hub may have some for clients that ask for none.
        query = "?channels=" if client_id is None else f"?channels=&client_id={quote(client_id, safe='')}"
        return f"ws{'s' if self.secure else ''}://{self.authority}{self.socket}{query}"
