"""The endpoints of accounts; what they do is in tests/integration/test_accounts.py."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from hub.http.api.endpoint import Who
from hub.http.api.my.account_bodies import LoginBody
from hub.http.api.my.accounts import ROWS, get_account, login
from tests.kit import principal
from tests.unit.hub.http.api.calls import call, put_together


def test_who_may_call_what() -> None:
    """Tokens are had without one; one's own account only with one. No cookie is taken or given anywhere."""
    assert {row.path.split("/")[1]: row.who for row in ROWS} == {"auth": Who.ANYONE, "my": Who.MEMBER}
    assert all(row.who is (Who.ANYONE if row.path.startswith("/auth/") else Who.MEMBER) for row in ROWS)
    assert not any(row.cookies for row in ROWS)


async def test_without_agents_there_are_no_accounts() -> None:
    """404, and what would have to be set."""
    hub = put_together()
    body = LoginBody.model_validate({"email": "a@example.org", "password": "any"})
    for work in (login(hub, call(body)), get_account(hub, call(caller=principal("alice")))):
        with pytest.raises(ReplyError, match="agents are off") as caught:
            await work
        assert caught.value.code is ErrorCode.NOT_FOUND
