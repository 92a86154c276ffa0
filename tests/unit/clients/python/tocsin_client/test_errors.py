"""Errors are one family, and ordinary ones for who doesn't know it."""

from __future__ import annotations

import pytest

from tocsin_client.errors import Closed, HubError, RequestTimeout, Unreachable


def test_everything_is_a_hub_error() -> None:
    """And what it would be without this package."""
    assert issubclass(Unreachable, ConnectionError)
    assert issubclass(RequestTimeout, TimeoutError)
    assert all(issubclass(kind, HubError) for kind in (Unreachable, RequestTimeout, Closed))


def test_an_error_says_what_the_hub_said() -> None:
    """Word, text and details."""
    error = HubError("rate_limited", "too fast", temporary=True, details={"retry_after": 2})
    assert str(error) == "too fast (rate_limited)"
    assert (error.temporary, error.retry_after) == (True, 2.0)


@pytest.mark.parametrize("value", [None, "soon", -1])
def test_a_time_that_is_none(value: object) -> None:
    """Is as if none had been named."""
    assert HubError("x", "y", details={"retry_after": value}).retry_after is None
