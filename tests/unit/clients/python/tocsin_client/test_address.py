"""Where a hub is: what may be written, and what comes of it."""

from __future__ import annotations

import pytest

from tocsin_client.address import Address


@pytest.mark.parametrize(
    ("url", "http", "websocket"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "ws://127.0.0.1:8080/ws"),
        ("https://hub.example.com/", "https://hub.example.com:443", "wss://hub.example.com:443/ws"),
        ("ws://localhost:8080/ws", "http://localhost:8080", "ws://localhost:8080/ws"),
        ("wss://example.com/tocsin/ws", "https://example.com:443/tocsin", "wss://example.com:443/tocsin/ws"),
        ("http://example.com/tocsin", "http://example.com:80/tocsin", "ws://example.com:80/tocsin/ws"),
        ("ws://[::1]:9000/live", "http://[::1]:9000/live", "ws://[::1]:9000/live"),
        ("ws://localhost:8080", "http://localhost:8080", "ws://localhost:8080/ws"),
    ],
)
def test_addresses(url: str, http: str, websocket: str) -> None:
    """HTTP or WebSocket, at the root or under a prefix."""
    address = Address.parse(url)
    assert (address.url, address.websocket(None)) == (http, f"{websocket}?channels=")


def test_a_client_id_is_quoted() -> None:
    """It stands in the query."""
    assert Address.parse("http://h:1").websocket("a:b@c&d").endswith("/ws?channels=&client_id=a%3Ab%40c%26d")


@pytest.mark.parametrize("url", ["", "hub", "ftp://h", "http://", "http://u:geheim@h", "ws://h/ws?token=geheim"])
def test_what_is_none_is_refused(url: str) -> None:
    """Without repeating it: there may be a secret in it."""
    with pytest.raises(ValueError, match=r"^url: ") as caught:
        Address.parse(url)
    assert "geheim" not in str(caught.value)
