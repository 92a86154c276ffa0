"""Opening the accounts of a configured database."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.adapters.agents.administration import NoAccounts, administration, shown
from tests.agents_kit import CHEAP_PASSWORDS, agents_dsn, agents_template
from tests.live import settings_for
from tests.postgres_server import PostgresServer, postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]


async def test_accounts_without_a_hub(agents_dsn: str) -> None:
    """They are shown without what proves who somebody is."""
    settings = settings_for(agents__enabled=True, database__url=agents_dsn, **CHEAP_PASSWORDS)
    async with administration(settings) as accounts:
        made = shown(await accounts.create("ada@example.org", "a long passphrase", "Ada"))
        assert made["subject"] == made["id"]
        assert {"email": "ada@example.org", "name": "Ada", "state": "active", "sign_ins": 0}.items() <= made.items()
        assert made.keys() == {
            *("id", "subject", "email", "name", "state", "sign_ins", "refreshed_at", "created_at"),
        }


async def test_a_database_without_tables(postgres: PostgresServer) -> None:
    """Nothing is made there."""
    dsn = postgres.create()
    with pytest.raises(NoAccounts, match="no accounts in schema tocsin_agents"):
        async with administration(settings_for(agents__enabled=True, database__url=dsn)) as accounts:
            await accounts.list()
    postgres.drop(dsn)


async def test_an_embedded_database_is_the_hubs_to_run(tmp_path: Path) -> None:
    """Without a hub nobody answers; the words name the folder where it would be."""
    for options, environment, folder in (
        ({"database__embedded_dir": str(tmp_path / "own")}, {}, tmp_path / "own"),
        ({"server__port": 8123}, {"XDG_STATE_HOME": str(tmp_path)}, tmp_path / "tocsin" / "postgres-8123"),
    ):
        with pytest.raises(NoAccounts, match="start the hub") as caught:
            async with administration(settings_for(agents__enabled=True, **options), environment):
                pass
        assert f" {folder}:" in str(caught.value)
