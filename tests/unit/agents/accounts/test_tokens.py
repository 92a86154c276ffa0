"""What a client gets, as it may stand in logs."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from agents.accounts.tokens import Account, SignedIn


def test_no_repr_tells_anything() -> None:
    """Neither tokens nor the address; the id is enough to find somebody by."""
    account = Account(UUID(int=7), "s", "ada@example.org", "Ada", datetime(2026, 1, 1, tzinfo=UTC))
    signed_in = SignedIn(account, "access", 1.0, "refresh", 2.0)
    assert repr(signed_in) == "SignedIn(Account(00000000-0000-0000-0000-000000000007))"
