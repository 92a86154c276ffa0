"""Which passwords may be chosen."""

from __future__ import annotations

import pytest

from agents.accounts.password_rules import require_good
from channels.errors import ErrorCode, ReplyError


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("123456789", "expected 10 to 200 characters, got 9"),
        ("x" * 5 + "abcdefg" * 30, "expected 10 to 200 characters, got 215"),
        ("aaaaaaaaaaaa", "at least 5 different characters"),
        ("12341234123412", "at least 5 different characters"),
        ("ADA.lovelace@example.org", "something else than the e-mail address"),
        ("Ada.Lovelace", "something else than the e-mail address"),
        ("ﬀﬀﬀﬀﬀﬀ", "at least 5 different characters"),
    ],
)
def test_what_is_refused(password: str, why: str) -> None:
    """With the rule, and never with the password."""
    with pytest.raises(ReplyError, match=why) as caught:
        require_good(password, "ada.lovelace@example.org", "/new")
    assert caught.value.code is ErrorCode.INVALID_DATA
    assert caught.value.details == {"path": "/new"}
    assert password not in caught.value.message
    assert caught.value.message.startswith("new: ")


@pytest.mark.parametrize("password", ["correct horse", "пароль из слов", "🐎🔋🪡✅🧷" * 2, "abcde12345", "ab cd" * 40])
def test_what_is_good(password: str) -> None:
    """Length is what counts; no kind of character is asked for."""
    require_good(password, "ada.lovelace@example.org")
