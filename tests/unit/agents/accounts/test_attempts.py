"""How often somebody may try."""

from __future__ import annotations

import pytest

from agents.accounts.attempts import Attempts
from agents.ports import Allowance
from channels.errors import ErrorCode, ReplyError


class Counter:
    """A limit that lets a number of requests through, and remembers the keys."""

    def __init__(self, allowed: int) -> None:
        self.keys: list[str] = []
        self._allowed = allowed

    async def take(self, key: str) -> Allowance:
        self.keys.append(key)
        over = self.keys.count(key) > self._allowed
        return Allowance(self._allowed, 0, 60.0, 12.3456 if over else 0.0)


async def test_each_counts_for_itself() -> None:
    """One address of either kind doesn't use up another's."""
    emails, addresses = Counter(1), Counter(1)
    attempts = Attempts(emails, addresses)
    await attempts.with_email("ada@example.org")
    await attempts.with_email("bob@example.org")
    await attempts.from_address("192.0.2.1")
    with pytest.raises(ReplyError, match=r"more than 1 attempts for this e-mail address; try again in 12 s") as caught:
        await attempts.with_email("ADA@example.org")
    assert caught.value.code is ErrorCode.RATE_LIMITED
    assert caught.value.details == {"retry_after": 12.346}
    with pytest.raises(ReplyError, match="from this address"):
        await attempts.from_address("192.0.2.1")


async def test_no_limit_is_told_an_e_mail_address() -> None:
    """Keys end up in Redis, and in what people look at there."""
    emails = Counter(9)
    await Attempts(emails, emails).with_email("ada@example.org")
    assert "ada" not in emails.keys[0]
    assert emails.keys[0].startswith("sign-in:email:")
