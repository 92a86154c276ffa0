"""One spelling for each address."""

from __future__ import annotations

import pytest

from agents.accounts.email_address import normal
from channels.errors import ErrorCode, ReplyError


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ada@example.org", "ada@example.org"),
        (" Ada.L+tag@EXAMPLE.Org\n", "Ada.L+tag@example.org"),
        ("ada＠example．org", "ada@example.org"),
        ("жанна@пример.РФ", "жанна@пример.рф"),
        ("o'neil@a-b.example", "o'neil@a-b.example"),
    ],
)
def test_what_is_kept(text: str, kept: str) -> None:
    """NFKC, no spaces around it, and the domain in lower case; twice is once."""
    assert normal(text) == kept
    assert normal(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@localhost",
        "ada@-a.org",
        "ada@a..org",
        "a da@example.org",
        "a\x00b@example.org",
        "ada@exa\x00mple.org",
        "a<b>@example.org",
        "ada,bob@example.org",
        "a@b@example.org",
        "a" * 65 + "@example.org",
        "ada@" + "a." * 130 + "org",
    ],
)
def test_what_is_no_address(text: str) -> None:
    """Is refused, and not repeated."""
    with pytest.raises(ReplyError) as caught:
        normal(text)
    assert caught.value.code is ErrorCode.INVALID_DATA
    assert caught.value.message == "email: expected an address such as ada@example.org"
