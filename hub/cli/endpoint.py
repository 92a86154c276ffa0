"""Where a hub is and who asks: URL and token, as `publish` and `tail` take them."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from hub.cli.exits import Exit, Failure
from hub.hosts import is_loopback

DEFAULT_URL = "http://127.0.0.1:8080"
TOKEN_VARIABLE = "TOCSIN_TOKEN"  # noqa: S105 - a name, not a secret
URL_VARIABLE = "TOCSIN_URL"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A hub's address.

    Attributes:
        url: as the user gave it.
        secure: TLS.
        base: host, port and path prefix, without the scheme.
        path: the WebSocket's own path, when the user gave a `ws:` URL.
    """

    url: str
    secure: bool
    base: str
    path: str | None = None

    @property
    def host(self) -> str:
        """The host alone."""
        return urlsplit(self.url).hostname or ""

    def http(self, path: str) -> str:
        """The URL of an HTTP route."""
        return f"http{'s' if self.secure else ''}://{self.base}{path}"

    def websocket(self, client_id: str) -> str:
        """The URL to connect to, without channels that nobody asked for. It never holds a token."""
        path = "/ws" if self.path is None else self.path
        return f"ws{'s' if self.secure else ''}://{self.base}{path}?channels=&client_id={quote(client_id, safe='')}"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add `--url` and `--token-file`."""
    parser.add_argument("--url", help=f"the hub's address; otherwise ${URL_VARIABLE}, otherwise {DEFAULT_URL}")
    parser.add_argument("--token-file", metavar="FILE", help=f"file with the token; otherwise ${TOKEN_VARIABLE}")


def endpoint_of(url: str | None) -> Endpoint:
    """Read a hub's address.

    Raises:
        Failure: it is not one.
    """
    text = url or os.environ.get(URL_VARIABLE) or DEFAULT_URL
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _bad(text, str(error)) from None
    if parts.scheme not in ("http", "https", "ws", "wss") or not host:
        raise _bad(text, "expected http://HOST:PORT or https://HOST")
    if parts.username is not None or parts.query or parts.fragment:
        raise _bad("it", f"may hold no user, query or fragment; give a token by ${TOKEN_VARIABLE} or --token-file")
    name = f"[{host}]" if ":" in host else host
    place = name if port is None else f"{name}:{port}"
    if parts.scheme.startswith("ws"):
        return Endpoint(text, parts.scheme == "wss", place, parts.path)
    return Endpoint(text.rstrip("/"), parts.scheme == "https", place + parts.path.rstrip("/"))


def _bad(url: str, why: str) -> Failure:
    return Failure(Exit.USAGE, f"--url: {url}: {why}")


def token_of(token_file: str | None) -> str | None:
    """Read the token from the file, or from the environment. It has no option: other users see a command's arguments.

    Raises:
        Failure: the file can't be read, or holds something else.
    """
    if token_file is None:
        token, source = os.environ.get(TOKEN_VARIABLE, ""), f"${TOKEN_VARIABLE}"
    else:
        token, source = _read(token_file), token_file
    token = token.strip()
    if not token:
        return None
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Failure(Exit.USAGE, f"{source}: is not a token: expected three parts with dots between")
    return token


def _read(file: str) -> str:
    try:
        text = Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise Failure(Exit.USAGE, f"--token-file: {file}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Failure(Exit.USAGE, f"--token-file: {file}: is not text") from None
    if not text.strip():
        raise Failure(Exit.USAGE, f"--token-file: {file}: is empty")
    return text


def authorization(token: str | None) -> dict[str, str]:
    """The header that carries the token."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def warning(endpoint: Endpoint, token: str | None) -> str | None:
    """What to tell a user whose token can be read on its way."""
    if token is None or endpoint.secure or is_loopback(endpoint.host):
        return None
    return f"warning: {endpoint.url} is not encrypted, so the token can be read on its way; use https"
