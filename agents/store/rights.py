"""The schema, and the role that transactions of users run as: made where they aren't there, and checked.

What confines users is worth something only while that role is another than the tables' owner and may not bypass
Row-Level Security. So a database where that isn't so is refused.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateSchema

from agents.store.database import DatabaseOptions, sqlstate

INSUFFICIENT_PRIVILEGE: Final = "42501"
_MADE_MEANWHILE: Final = ("42710", "23505")
"""`duplicate_object`, and what a race for it ends as: roles belong to a server, whose other databases have hubs too."""

_ROLE: Final = text(
    "SELECT rolsuper OR rolbypassrls AS unconfined, rolname = current_user AS own,"
    " pg_has_role(current_user, oid, 'MEMBER') AS usable FROM pg_roles WHERE rolname = :role"
)


class MigrationFailed(Exception):
    """The database can't be brought to this version. The text says why, and what to do."""


async def prepare(connection: AsyncConnection, options: DatabaseOptions) -> None:
    """Make schema and role.

    Raises:
        MigrationFailed: this user may not, or the role wouldn't confine anybody.
    """
    there = await connection.scalar(text("SELECT to_regnamespace(quote_ident(:schema))"), {"schema": options.schema})
    if there is None:
        await connection.execute(CreateSchema(options.schema, if_not_exists=True))
    user = str(await connection.scalar(text("SELECT quote_ident(current_user)")))
    role = connection.dialect.identifier_preparer.quote(options.role)
    create, grant = f"CREATE ROLE {role} NOLOGIN NOBYPASSRLS", f"GRANT {role} TO {user}"
    found = (await connection.execute(_ROLE, {"role": options.role})).mappings().first()
    if found is None:
        words = f"the database has no role {role}, and {user} may not make it; have somebody who may run: "
        await _run(connection, create, f"{words}{create}; {grant}")
        await _run(connection, grant, f"{words}{grant}")
    elif found["own"] or found["unconfined"]:
        why = "is the hub's own" if found["own"] else "isn't confined by Row-Level Security"
        raise MigrationFailed(
            f"the role {role} {why}; set agents.database_role to another one, or to none that is there"
        )
    elif not found["usable"]:
        raise MigrationFailed(f"{user} may not become the role {role}; have somebody who may run: {grant}")


async def check(connection: AsyncConnection, options: DatabaseOptions) -> None:
    """See to it that the role may use the tables that are there.

    Raises:
        MigrationFailed: they were made for another role.
    """
    words = text("SELECT has_table_privilege(:role, 'users', 'SELECT')")
    if not await connection.scalar(words, {"role": options.role}):
        raise MigrationFailed(
            f"the tables in schema {options.schema} were made for another role than {options.role} "
            "(agents.database_role); name that role again"
        )


async def _run(connection: AsyncConnection, statement: str, words: str) -> None:
    try:
        async with connection.begin_nested():
            await connection.execute(text(statement))
    except DBAPIError as error:
        if sqlstate(error) == INSUFFICIENT_PRIVILEGE:
            raise MigrationFailed(words) from error
        if sqlstate(error) not in _MADE_MEANWHILE:
            raise
