"""What a server's error means."""

from __future__ import annotations

import pytest

from channels.redis.config import Address
from channels.redis.refusal import CANT_SERVE, ELSEWHERE, MISPLACED, Refused, redirection

TELLER = Address("teller", 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("OOM command not allowed when used memory > 'maxmemory'.", "OOM"),
        ("ERR unknown command", "ERR"),
        ("LOADING", "LOADING"),
    ],
)
def test_codes(text: str, code: str) -> None:
    """The first word."""
    assert Refused(text).code == code


def test_the_kinds_are_told_apart() -> None:
    """What is about a slot ends no connection, and what is about the server does."""
    assert CANT_SERVE >= ELSEWHERE
    assert not CANT_SERVE & MISPLACED
    assert not CANT_SERVE & {"ERR", "WRONGTYPE", "NOSCRIPT", "CROSSSLOT"}


@pytest.mark.parametrize(
    ("text", "slot", "address"),
    [
        ("MOVED 3999 10.0.0.1:6381", 3999, ("10.0.0.1", 6381)),
        ("ASK 0 redis.internal:6381", 0, ("redis.internal", 6381)),
        ("MOVED 1 ::1:6381", 1, ("::1", 6381)),
        ("MOVED 1 [::1]:6381", 1, ("::1", 6381)),
        ("MOVED 1 :6381", 1, ("teller", 6381)),
        ("MOVED 1 ?:6381", 1, ("teller", 6381)),
    ],
)
def test_redirections(text: str, slot: int, address: tuple[str, int]) -> None:
    """Without a host, the one that said so is meant."""
    assert redirection(Refused(text), TELLER) == (slot, Address(*address))


@pytest.mark.parametrize("text", ["TRYAGAIN x y", "MOVED", "MOVED x h:1", "MOVED 1 h", "MOVED 1 h:x", "ERR 1 h:1"])
def test_what_is_no_redirection(text: str) -> None:
    """It leads nowhere."""
    assert redirection(Refused(text), TELLER) is None
