"""Names of hosts and origins: strict reading, one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.hosts import Host, Origin, is_loopback, parse_host, parse_origin


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("hub.example.com", Host("hub.example.com", None)),
        ("HUB.Example.com:8443", Host("hub.example.com", 8443)),
        ("127.0.0.1:80", Host("127.0.0.1", 80)),
        ("[::1]", Host("::1", None)),
        ("[0:0:0:0:0:0:0:1]:8080", Host("::1", 8080)),
        ("my_service:80", Host("my_service", 80)),
    ],
)
def test_a_host_has_one_spelling(text: str, host: Host) -> None:
    """Case, and the ways to write an IPv6 address, make no difference."""
    assert parse_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":80",
        "hub:",
        "hub:65536",
        "hub:123456",
        "hub:8o",
        "hub:٣",
        "hub name",
        "hub/",
        "hub\n",
        "user@hub",
        "-hub",
        "::1",
        "[::1",
        "[::g]",
        "[1.2.3]",
        "[]",
        "xn--é",
        "a" * 254,
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    """Nothing is repaired."""
    assert parse_host(text) is None


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://hub", Origin("http", "hub", 80)),
        ("https://hub", Origin("https", "hub", 443)),
        ("HTTPS://Hub:443", Origin("https", "hub", 443)),
        ("http://hub:8080", Origin("http", "hub", 8080)),
        ("https://[::1]:1", Origin("https", "::1", 1)),
        ("chrome-extension://abcdef", Origin("chrome-extension", "abcdef", None)),
    ],
)
def test_an_origin_has_its_default_port_filled_in(text: str, origin: Origin) -> None:
    """Two spellings of one origin are equal."""
    assert parse_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "hub",
        "http://",
        "http://hub/",
        "http://hub?",
        "http://a@hub",
        "://hub",
        "http://hub:65536",
        "http:hub",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    """`null` is what a browser sends for a page without an origin: a sandboxed frame, or a file."""
    assert parse_origin(text) is None


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]", "::ffff:127.0.0.1"])
def test_loopback(name: str) -> None:
    """Only this machine can be behind these."""
    assert is_loopback(name)


@pytest.mark.parametrize(
    "name", ["", "0.0.0.0", "::", "10.0.0.1", "hub", "localhost.evil.example", "127.0.0.1.evil.example", "127.1", "::2"]
)
def test_not_loopback(name: str) -> None:
    """Others may be behind these, or nobody."""
    assert not is_loopback(name)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Headers hold what strangers write into them."""
    parse_host(text)
    parse_origin(text)
    is_loopback(text)
