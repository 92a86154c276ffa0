"""Sources of tokens."""

from __future__ import annotations

import pytest

from tocsin_client.tokens import authorization, current, fresh


async def test_sources() -> None:
    """A text, a function, a coroutine function, nothing."""

    async def source() -> str:
        return "c"

    assert [await fresh(token) for token in ("a", lambda: "b", source, None)] == ["a", "b", "c", None]
    assert [current(token) for token in ("a", lambda: "b", None)] == ["a", "b", None]


def test_headers() -> None:
    """None without a token."""
    assert authorization(None) == {}
    assert authorization("a.b.c") == {"Authorization": "Bearer a.b.c"}


@pytest.mark.parametrize("token", ["", "geheim geheim", "geheim\r\nX: y", "gehéim"])
def test_what_no_header_can_carry(token: str) -> None:
    """Is refused, and not repeated."""
    with pytest.raises(ValueError, match="token") as caught:
        authorization(token)
    assert "geheim" not in str(caught.value)
