"""The accounts of the configured database, for `tocsin account`: opened without a hub, and never over HTTP."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from agents.accounts.administration import Administration, Overview
from agents.accounts.passwords import Passwords
from agents.store.database import Database, DatabaseOptions, sqlstate
from channels.clock import SystemClock, iso
from hub.adapters.agents.accounts import hash_options
from hub.database.cluster import ROLE
from hub.database.embedded import KIND, default_path, url_of
from hub.database.watch import dsn_of, place_of
from hub.options import Settings

__all__ = ["Administration", "NoAccounts", "Overview", "administration", "shown"]

_NO_TABLES = ("3F000", "42P01", "42703")
"""PostgreSQL's codes for a schema, a table and a column that aren't there."""


class NoAccounts(Exception):
    """There are none to be reached. The text says why, and what to do."""


@asynccontextmanager
async def administration(
    settings: Settings, environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> AsyncIterator[Administration]:
    """Open the accounts that a hub with these settings has. An embedded database is the running hub's.

    Raises:
        NoAccounts: the database is away, or has no tables of agents.
    """
    dsn, hint = _database_of(settings, environment, home or Path.home())
    options = settings.agents
    database = Database(
        DatabaseOptions(dsn, options.database_schema, options.database_role, 1, 1, options.acquire_timeout)
    )
    try:
        if not await database.is_there():
            raise NoAccounts(hint)
        yield Administration(database, Passwords(hash_options(options.accounts)), SystemClock())
    except DBAPIError as error:
        if sqlstate(error) not in _NO_TABLES:
            raise
        raise NoAccounts(
            f"the database has no accounts in schema {options.database_schema} (agents.database_schema); a hub with "
            "agents.enabled: true makes the tables when it starts"
        ) from error
    finally:
        await database.close()


def shown(found: Overview) -> dict[str, object]:
    """Return an account as JSON has it."""
    account, refreshed = found.account, found.refreshed_at
    return {
        "id": str(account.id),
        "subject": account.subject,
        "email": account.email,
        "name": account.name,
        "state": found.state,
        "sign_ins": found.sign_ins,
        "refreshed_at": None if refreshed is None else iso(refreshed.timestamp()),
        "created_at": iso(account.created_at.timestamp()),
    }


def _database_of(settings: Settings, environment: Mapping[str, str], home: Path) -> tuple[str, str]:
    """Return the database's address, and what to say when nobody answers there."""
    options = settings.database
    if options.url:
        return dsn_of(options), f"the database at {place_of(options)} can't be used (database.url)"
    folder = (
        Path(options.embedded_dir) if options.embedded_dir else default_path(settings.server.port, environment, home)
    )
    socket = folder.absolute() / KIND.socket
    return url_of(socket.parent, ROLE), (
        f"no embedded PostgreSQL answers in {folder}: start the hub (`tocsin serve`), and run this as the user that it "
        "runs as, with its configuration"
    )
