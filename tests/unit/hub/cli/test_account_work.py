"""Reaching accounts, and the hub that has given tokens."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from hub.adapters.agents.administration import Administration
from hub.cli.account_work import address_of, on_accounts
from hub.cli.exits import Exit, Failure
from tests.agents_kit import agents_dsn, agents_template
from tests.live import settings_for, with_keys
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]


async def _nothing(_: Administration) -> None: ...


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"server__host": "0.0.0.0"}, "http://127.0.0.1:8080"),
        ({"server__host": "::1", "server__port": 9000}, "http://[::1]:9000"),
    ],
)
def test_where_the_hub_of_a_configuration_is(options: dict[str, object], url: str) -> None:
    """As this machine reaches it, when it listens everywhere."""
    assert address_of(with_keys(**{"server__port": 8080, **options})) == url


def test_a_hub_without_agents_has_no_accounts() -> None:
    """That is a matter of the configuration."""
    with pytest.raises(Failure, match=r"agents\.enabled") as caught:
        on_accounts(settings_for(), _nothing)
    assert caught.value.code is Exit.USAGE


def test_a_database_that_is_away(agents_dsn: str) -> None:
    """Can't be reached, and may be later; what is refused there is a refusal."""
    options = {"agents__enabled": True, "agents__acquire_timeout": 1.0}
    with pytest.raises(Failure, match=r"database at 127\.0\.0\.1:1/x can't be used") as caught:
        on_accounts(settings_for(**options, database__url="postgresql://127.0.0.1:1/x"), _nothing)
    assert (caught.value.code, caught.value.temporary) == (Exit.UNREACHABLE, True)

    async def refuse(_: Administration) -> None:
        raise ReplyError(ErrorCode.CONFLICT, "there is one")

    with pytest.raises(Failure, match=r"there is one \(conflict\)") as caught:
        on_accounts(settings_for(**options, database__url=agents_dsn), refuse)
    assert caught.value.code is Exit.REFUSED
