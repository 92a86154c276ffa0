"""Close codes, as the hub's own table has them."""

from __future__ import annotations

import pytest

from hub.closing import CloseCode, should_reconnect
from tocsin_client.closing import may_return, wants_token


@pytest.mark.parametrize("code", [*CloseCode], ids=str)
def test_the_hub_and_the_client_agree(code: CloseCode) -> None:
    """On who may come back."""
    assert may_return(int(code)) == should_reconnect(int(code))


def test_codes_that_no_hub_sends() -> None:
    """A lost link, and what proxies say when they restart."""
    assert all(map(may_return, (1005, 1006, 1012, 1013, 4242)))
    assert not any(map(may_return, (1000, 1002, 1009, 4500, 4999)))


def test_another_token_may_help() -> None:
    """After 4500 to 4502, and after nothing else."""
    assert [code for code in range(4000, 5000) if wants_token(code)] == [4500, 4501, 4502]
