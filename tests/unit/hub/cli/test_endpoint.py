"""The hub's address, and the token."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.cli.endpoint import DEFAULT_URL, authorization, endpoint_of, token_of, warning
from hub.cli.exits import Exit, Failure


@pytest.mark.parametrize(
    ("url", "http", "websocket"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api", "ws://127.0.0.1:8080/ws"),
        ("https://hub.example.com/", "https://hub.example.com/api", "wss://hub.example.com/ws"),
        ("https://example.com/tocsin/", "https://example.com/tocsin/api", "wss://example.com/tocsin/ws"),
        ("http://[::1]:9000", "http://[::1]:9000/api", "ws://[::1]:9000/ws"),
        ("wss://hub.example.com/live", "https://hub.example.com/api", "wss://hub.example.com/live"),
        ("HTTP://LOCALHOST:80", "http://localhost:80/api", "ws://localhost:80/ws"),
    ],
)
def test_one_address_gives_both_urls(url: str, http: str, websocket: str) -> None:
    """A path is a prefix, as behind a proxy; of a `ws:` URL it is the WebSocket's own."""
    endpoint = endpoint_of(url)
    assert endpoint.http("/api") == http
    assert endpoint.websocket("a:b@c") == f"{websocket}?channels=&client_id=a%3Ab%40c"


def test_the_address_has_a_variable_and_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """The option wins over the variable, and that over the default."""
    assert endpoint_of(None).url == DEFAULT_URL
    monkeypatch.setenv("TOCSIN_URL", "http://127.0.0.1:1")
    assert endpoint_of(None).url == "http://127.0.0.1:1"
    assert endpoint_of("http://127.0.0.1:2").url == "http://127.0.0.1:2"


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8080", "localhost:8080", "ftp://host", "http://", "http://[::1", "http://a:b"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """Before anything is sent anywhere."""
    with pytest.raises(Failure) as caught:
        endpoint_of(url)
    assert caught.value.code is Exit.USAGE
    assert url in str(caught.value)


@pytest.mark.parametrize("url", ["http://me:secret@host", "http://host?token=secret", "http://host#secret"])
def test_a_url_holds_no_secret(url: str) -> None:
    """Other users see a command's arguments, and proxies log URLs. The refusal doesn't repeat it."""
    with pytest.raises(Failure, match="--token-file") as caught:
        endpoint_of(url)
    assert "secret" not in str(caught.value)


def test_a_token_comes_from_a_file_or_a_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file wins; line ends around it don't count."""
    assert token_of(None) is None
    monkeypatch.setenv("TOCSIN_TOKEN", " a.b.c\n")
    assert token_of(None) == "a.b.c"
    (tmp_path / "token").write_text("d.e.f\n")
    assert token_of(str(tmp_path / "token")) == "d.e.f"


@pytest.mark.parametrize("content", [b"", b" \n", b"two words", b"a\x1bb", "schlüssel".encode(), b"\xff"])
def test_a_file_that_holds_no_token_is_refused(content: bytes, tmp_path: Path) -> None:
    """Without repeating what it holds."""
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(Failure, match="token") as caught:
        token_of(str(file))
    assert caught.value.code is Exit.USAGE
    assert "words" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(Failure, match="No such file"):
        token_of(str(tmp_path / "none"))


def test_the_token_travels_in_a_header() -> None:
    """And nowhere else."""
    assert authorization("a.b.c") == {"Authorization": "Bearer a.b.c"}
    assert authorization(None) == {}


@pytest.mark.parametrize(
    ("url", "token", "warned"),
    [
        ("http://hub.example.com", "t", True),
        ("http://hub.example.com", None, False),
        ("https://hub.example.com", "t", False),
        ("http://127.0.0.1:8080", "t", False),
        ("http://localhost:8080", "t", False),
        ("http://[::1]:8080", "t", False),
    ],
)
def test_a_token_in_the_clear_is_worth_a_warning(url: str, token: str | None, warned: bool) -> None:
    """Not on this machine's own addresses."""
    assert (warning(endpoint_of(url), token) is not None) is warned
