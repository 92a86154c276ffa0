"""Brings a database to the tables of this version, and back: Alembic, run from the hub and from the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.store.database import Database, DatabaseOptions, sqlstate
from agents.store.rights import INSUFFICIENT_PRIVILEGE, MigrationFailed, check, prepare

__all__ = ["BASE", "HEAD", "MigrationFailed", "downgrade", "revision", "upgrade"]

HEAD: Final = "head"
BASE: Final = "base"

_LOCK: Final = 0x746F6373696E  # "tocsin": only one process migrates at a time


async def upgrade(database: Database, revision: str = HEAD) -> None:
    """Bring the tables to a revision. Several processes may ask at once: one works, the others wait for it.

    Raises:
        MigrationFailed: rights are missing, or the database is of a newer version.
        ReplyError: `unavailable`.
    """
    async with _migrating(database) as connection:
        await connection.run_sync(_run, database.options, lambda config: command.upgrade(config, revision))
        if revision == HEAD:
            await check(connection, database.options)


async def downgrade(database: Database, revision: str = BASE) -> None:
    """Take tables back to an earlier revision; what they held beyond it is lost.

    Raises:
        MigrationFailed: see `upgrade`.
        ReplyError: `unavailable`.
    """
    async with _migrating(database) as connection:
        await connection.run_sync(_run, database.options, lambda config: command.downgrade(config, revision))


async def revision(database: Database) -> str | None:
    """Return the revision that the tables are of; `None` without any."""

    def read(connection: Connection) -> str | None:
        context = MigrationContext.configure(connection, opts={"version_table_schema": database.options.schema})
        return context.get_current_revision()

    async with database.of_system() as connection:
        return await connection.run_sync(read)


@asynccontextmanager
async def _migrating(database: Database) -> AsyncIterator[AsyncConnection]:
    try:
        async with database.of_system() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            await prepare(connection, database.options)
            yield connection
    except DBAPIError as error:
        if sqlstate(error) != INSUFFICIENT_PRIVILEGE:
            raise
        schema = database.options.schema
        why = getattr(error.orig, "__cause__", None) or error.orig
        message = f"the database's user lacks a right: {why}; it must be able to make the schema {schema}, or own it"
        raise MigrationFailed(message) from error


def _run(connection: Connection, options: DatabaseOptions, work: Callable[[Config], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("agents.store").joinpath("migrations")).replace("%", "%%"))
    config.attributes.update(connection=connection, schema=options.schema, role=options.role)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = MigrationContext.configure(
        connection, opts={"version_table_schema": options.schema}
    ).get_current_revision()
    if current is not None and current not in known:
        raise MigrationFailed(
            f"the tables in schema {options.schema} are of revision {current}, which this version doesn't know; "
            "run the version that made them, or a newer one"
        )
    work(config)
