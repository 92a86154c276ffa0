"""From the `sub` of a token to the scope of its user."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from agents.store.database import Database
from agents.store.scope import Scope
from agents.store.tables import users
from channels.errors import ErrorCode, ReplyError

KNOWN_MAX: Final = 10_000
"""Users whose id is remembered; beyond it the oldest is looked up anew. An id never changes."""


class Members:
    """Finds users, and takes in those of other issuers: whoever signs with the hub's keys says who somebody is.

    A subject that is a UUID is an account of this hub's own, and must be there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, UUID] = {}

    async def scope(self, subject: str) -> Scope:
        """Return the scope of a user.

        Raises:
            ReplyError: `invalid_token` for an account that was deleted; `unavailable`.
        """
        user = self._known.get(subject)
        if user is None:
            user = await self._find(subject)
            if len(self._known) >= KNOWN_MAX:
                del self._known[next(iter(self._known))]
            self._known[subject] = user
        return Scope(self._database, user, subject)

    def forget(self, subject: str) -> None:
        """Look a user up anew, whose account was deleted."""
        self._known.pop(subject, None)

    async def _find(self, subject: str) -> UUID:
        async with self._database.of_system() as connection:
            found = await connection.scalar(select(users.c.id).where(users.c.subject == subject))
            if found is None and not _is_account(subject):
                fresh = insert(users).values(id=uuid4(), subject=subject).on_conflict_do_nothing()
                await connection.execute(fresh)
                found = await connection.scalar(select(users.c.id).where(users.c.subject == subject))
        if found is None:
            raise ReplyError(ErrorCode.INVALID_TOKEN, "the account of this token is no longer there")
        user: UUID = found
        return user


def _is_account(subject: str) -> bool:
    try:
        return str(UUID(subject)) == subject
    except ValueError:
        return False
