"""Where Redis is, and how to talk to it."""

from __future__ import annotations

import pytest

from channels.redis.config import Address, Redis, parse_url


@pytest.mark.parametrize(
    ("url", "addresses", "database", "tls"),
    [
        ("redis://host", [("host", 6379)], 0, False),
        ("redis://host:1/", [("host", 1)], 0, False),
        ("rediss://host:1/12", [("host", 1)], 12, True),
        ("redis://a,b:2,[::1]:3,[fe80::1]", [("a", 6379), ("b", 2), ("::1", 3), ("fe80::1", 6379)], 0, False),
        ("unix:///run/redis%20x/s.sock", [("/run/redis x/s.sock", 0)], 0, False),
    ],
)
def test_urls(url: str, addresses: list[tuple[str, int]], database: int, tls: bool) -> None:
    """Hosts, ports and database."""
    assert parse_url(url) == (tuple(Address(*address) for address in addresses), database, tls)


def test_the_usual_port_depends_on_what_listens() -> None:
    """Sentinels have another one."""
    assert parse_url("redis://a,b:2", 26379)[0] == (Address("a", 26379), Address("b", 2))


@pytest.mark.parametrize(
    "url",
    [
        *("", "host", "redis://", "redis:///0", "http://host", "unix://", "unix:///", "unix://host/s", "redis://a,,b"),
        *("redis://host:hunter2", "redis://user:hunter2@host", "redis://host:0", "redis://host:70000"),
        *("redis://host?password=hunter2", "redis://host/hunter2", "redis://[::1", "redis://host/٣"),
    ],
)
def test_what_is_no_url(url: str) -> None:
    """It isn't repeated, since there may be a password in it."""
    with pytest.raises(ValueError, match="expected") as caught:
        parse_url(url)
    assert "hunter2" not in str(caught.value)


def test_addresses_are_written_as_people_do() -> None:
    """An IPv6 address in brackets, a socket by its path."""
    written = [str(Address(*address)) for address in (("h", 1), ("::1", 2), ("/run/s", 0))]
    assert written == ["h:1", "[::1]:2", "/run/s"]


def test_no_password_is_shown() -> None:
    """A configuration may land in a log."""
    shown = repr(Redis((Address("h", 1),), password="hunter2", sentinel_password="hunter3"))
    assert "hunter" not in shown
