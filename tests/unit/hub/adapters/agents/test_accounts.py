"""The hub's keys sign tokens of accounts, and its revocations end them."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from channels.errors import ReplyError
from hub.adapters.agents.accounts import HubTokens, may_register
from hub.auth import Authenticator
from hub.options import AuthOptions, KeyOptions, ServerOptions
from hub.revocations import Revocations
from hub.sections.agents_accounts import AccountsSection
from tests.kit import ManualClock

KEY = KeyOptions(id="k1", secret=SecretStr("a-secret-for-tests-of-at-least-32-bytes"))


def world() -> tuple[HubTokens, Authenticator, ManualClock]:
    options, clock = AuthOptions(keys=(KEY,)), ManualClock(1_800_000_000.25)
    revocations = Revocations(options, clock)
    authenticator = Authenticator(options, revocations, clock)
    return HubTokens(authenticator, revocations, clock), authenticator, clock


async def test_tokens_end_by_their_sign_in() -> None:
    """All of one, none of another."""
    tokens, authenticator, _ = world()
    mine, other = tokens.issue("alice", "s1", 1800), tokens.issue("alice", "s2", 1800)
    principal = authenticator.authenticate(mine)
    assert (principal.user, principal.token_id, principal.admin) == ("alice", "s1", False)
    assert not principal.capabilities
    await tokens.end("s1", 1800)
    for text in (mine, tokens.issue("alice", "s1", 1800)):
        with pytest.raises(ReplyError, match="revoked"):
            authenticator.authenticate(text)
    assert authenticator.authenticate(other).user == "alice"


async def test_tokens_end_by_their_user_and_new_ones_are_good_at_once() -> None:
    """Not a second later: who changes a password goes on with the tokens of the answer."""
    tokens, authenticator, clock = world()
    old, other = tokens.issue("alice", "s1", 1800), tokens.issue("bob", "s2", 1800)
    clock.advance(0.001)
    await tokens.end_all("alice")
    clock.advance(0.001)
    with pytest.raises(ReplyError, match="revoked"):
        authenticator.authenticate(old)
    assert authenticator.authenticate(tokens.issue("alice", "s3", 1800)).user == "alice"
    assert authenticator.authenticate(other).user == "bob"


@pytest.mark.parametrize(
    ("registration", "host", "proxies", "may"),
    [
        ("auto", "127.0.0.1", (), True),
        ("auto", "::1", (), True),
        ("auto", "127.0.0.1", ("10.0.0.1",), False),
        ("auto", "0.0.0.0", (), False),
        ("open", "0.0.0.0", (), True),
        ("closed", "127.0.0.1", (), False),
    ],
)
def test_who_may_register(registration: str, host: str, proxies: tuple[str, ...], may: bool) -> None:
    """Unless it is said, nobody may where strangers come."""
    options = AccountsSection.model_validate({"registration": registration})
    assert may_register(options, ServerOptions(host=host, trusted_proxies=proxies)) is may
