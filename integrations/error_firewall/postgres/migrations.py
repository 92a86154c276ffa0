"""The store's tables, and how they come to be: numbered steps, each taken once, forward only.

A table that stands in a released version never changes its step: what is to be different is a new step at the end.
"""

from __future__ import annotations

import re
from typing import Any, Final

import asyncpg

from integrations.error_firewall.postgres.tables import STEPS

_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,47}")
_LOCK: Final = 0x7463_7366  # of all processes, one at a time; the same number in every version


class UnknownVersion(Exception):
    """The tables were made by a newer version of this program, which may mean anything by them."""


def in_schema(statement: str, schema: str) -> str:
    """Write a statement for the tables in `schema`, which stands in it as `{schema}`.

    Raises:
        ValueError: `schema` is no plain name. (It goes into the statement as it is, so it has to be.)
    """
    if not _NAME.fullmatch(schema):
        raise ValueError(f"schema: expected a-z, 0-9 and _, at most 48, no digit first; got {schema[:80]!r}")
    return statement.replace("{schema}", schema)


async def migrate(connection: asyncpg.Connection[Any], schema: str) -> int:
    """Bring the tables up to date; return their version. Doing it again, or in several processes at once, is safe.

    All steps are one transaction: after a failure, everything is as it was.

    Raises:
        UnknownVersion: a newer version of this program was here.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _LOCK, schema)
        # Asked first: CREATE ... IF NOT EXISTS wants the right to create even where there is nothing to do.
        if await connection.fetchval("SELECT to_regclass($1)", f"{schema}.versions") is None:
            await connection.execute(in_schema(_FOUNDATION, schema))
        version: int = await connection.fetchval(
            in_schema("SELECT coalesce(max(version), 0) FROM {schema}.versions", schema)
        )
        if version > len(STEPS):
            raise UnknownVersion(
                f"schema {schema}: expected version {len(STEPS)} or older, found {version}; run the newer program, or "
                "give this one a schema of its own"
            )
        for number, step in enumerate(STEPS[version:], start=version + 1):
            await connection.execute(in_schema(step, schema))
            await connection.execute(in_schema("INSERT INTO {schema}.versions (version) VALUES ($1)", schema), number)
    return len(STEPS)


_FOUNDATION: Final = """
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE {schema}.versions (
    version integer PRIMARY KEY,
    taken_at timestamptz NOT NULL DEFAULT now()
);
"""
