"""What an operator does to accounts of others: for whoever forgot a password, left, or was robbed.

It works in system transactions, as signing in does: on the tables, as the database's user that the hub is. Whoever has
that user's password, or its socket, may do all of this anyway. No endpoint of the hub leads here.

Refresh tokens end here. Access tokens, sockets and streams are the hub's to end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.accounts.authentication import insert_account
from agents.accounts.email_address import normal
from agents.accounts.password_rules import require_good
from agents.accounts.passwords import LOCKED, Passwords
from agents.accounts.sign_ins import account_of, lock, revoke
from agents.accounts.tokens import Account
from agents.store.database import Database
from agents.store.tables import refresh_tokens, users
from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError

LIST_MAX: Final = 1_000
"""Accounts in one list."""


@dataclass(frozen=True, slots=True)
class Overview:
    """An account as an operator sees it: who it is, and nothing of what it has.

    Attributes:
        state: `elsewhere`: a user of another issuer's tokens, without a password here.
        sign_ins: that may still be refreshed.
        refreshed_at: when the newest of them began or was refreshed; `None` without any.
    """

    account: Account
    state: Literal["active", "disabled", "elsewhere"]
    sign_ins: int
    refreshed_at: datetime | None

    @classmethod
    def of(cls, row: RowMapping) -> Overview:
        """Read a row."""
        hashed: str | None = row["password_hash"]
        state: Literal["active", "disabled", "elsewhere"] = "elsewhere"
        if hashed is not None:
            state = "disabled" if hashed.startswith(LOCKED) else "active"
        return cls(account_of(row), state, row["sign_ins"], row["refreshed_at"])


class Administration:
    """Finds, makes and changes accounts. `who` is an e-mail address, an account's id, or the `sub` of its tokens.

    Everything that changes one ends its sign-ins, but for `enable`.
    """

    def __init__(self, database: Database, passwords: Passwords, clock: Clock) -> None:
        self._database = database
        self._passwords = passwords
        self._clock = clock

    async def list(self, text: str = "", limit: int = LIST_MAX) -> list[Overview]:
        """Return accounts, the newest first.

        Args:
            text: part of e-mail address, name or subject, in any case.

        Raises:
            ReplyError: `unavailable`.
        """
        statement = self._overview().order_by(users.c.created_at.desc(), users.c.id).limit(min(limit, LIST_MAX))
        if text:
            columns = (users.c.email, users.c.name, users.c.subject)
            statement = statement.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
        async with self._database.of_system() as connection:
            return [Overview.of(row) for row in (await connection.execute(statement)).mappings()]

    async def get(self, who: str) -> Overview:
        """Return an account.

        Raises:
            ReplyError: `not_found`, `conflict` when it may be one of several, `unavailable`.
        """
        async with self._database.of_system() as connection:
            return await self._shown(connection, await _find(connection, who))

    async def create(self, email: str, password: str, name: str = "") -> Overview:
        """Make an account, also where registration is closed.

        Raises:
            ReplyError: `invalid_data`, `conflict` when there is one with this address, `unavailable`.
        """
        email = normal(email)
        require_good(password, email)
        hashed = await self._passwords.hash(password)
        async with self._database.of_system() as connection:
            row = await insert_account(connection, email, name, hashed)
            if row is None:
                raise ReplyError(ErrorCode.CONFLICT, "there is an account with this e-mail address already")
            return await self._shown(connection, row["id"])

    async def reset_password(self, who: str, password: str) -> Overview:
        """Give an account another password. One that is disabled stays so.

        Raises:
            ReplyError: as `get`; `invalid_data`, `conflict` for a user of another issuer.
        """
        found = await self.get(who)
        _require_password(found)
        require_good(password, found.account.email or "")
        hashed = await self._passwords.hash(password)
        async with self._changing(who) as (connection, row):
            mark = LOCKED if str(row["password_hash"]).startswith(LOCKED) else ""
            await self._change(connection, row, mark + hashed)
            return await self._shown(connection, row["id"])

    async def disable(self, who: str) -> Overview:
        """Let nobody sign in to an account. What it has stays. Twice is once.

        Raises:
            ReplyError: as `get`; `conflict` for a user of another issuer.
        """
        async with self._changing(who) as (connection, row):
            await self._change(connection, row, LOCKED + str(row["password_hash"]).removeprefix(LOCKED))
            return await self._shown(connection, row["id"])

    async def enable(self, who: str) -> Overview:
        """Let an account that was disabled sign in with the password that it had. Twice is once.

        Raises:
            ReplyError: as `disable`.
        """
        async with self._changing(who) as (connection, row):
            hashed = str(row["password_hash"]).removeprefix(LOCKED)
            await connection.execute(update(users).where(users.c.id == row["id"]).values(password_hash=hashed))
            return await self._shown(connection, row["id"])

    async def sign_out(self, who: str) -> Overview:
        """End all sign-ins of an account.

        Raises:
            ReplyError: as `get`.
        """
        async with self._database.of_system() as connection:
            id = await _find(connection, who)
            await lock(connection, users.c.id == id, change=True)
            await self._revoke(connection, id)
            return await self._shown(connection, id)

    @asynccontextmanager
    async def _changing(self, who: str) -> AsyncIterator[tuple[AsyncConnection, RowMapping]]:
        """Lock the row of an account with a password here, in the order that `agents.accounts.sign_ins` has."""
        async with self._database.of_system() as connection:
            row = await lock(connection, users.c.id == await _find(connection, who), change=True)
            if row is None:
                raise _missing(who)
            _require_password(await self._shown(connection, row["id"]))
            yield connection, row

    async def _change(self, connection: AsyncConnection, row: RowMapping, hashed: str) -> None:
        await connection.execute(update(users).where(users.c.id == row["id"]).values(password_hash=hashed))
        await self._revoke(connection, row["id"])

    async def _revoke(self, connection: AsyncConnection, user: UUID) -> None:
        await revoke(connection, refresh_tokens.c.user_id == user, self._now())

    async def _shown(self, connection: AsyncConnection, id: UUID) -> Overview:
        return Overview.of((await connection.execute(self._overview().where(users.c.id == id))).mappings().one())

    def _overview(self) -> Select[Any]:
        tokens = refresh_tokens.c
        alive: ColumnElement[bool] = (
            (tokens.user_id == users.c.id) & tokens.revoked_at.is_(None) & (tokens.expires_at > self._now())
        )
        number = select(func.count(tokens.family.distinct())).where(alive).scalar_subquery()
        newest = select(func.max(tokens.created_at)).where(alive).scalar_subquery()
        return select(users, number.label("sign_ins"), newest.label("refreshed_at"))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)


async def _find(connection: AsyncConnection, who: str) -> UUID:
    which = or_(users.c.subject == who, func.lower(users.c.email) == func.lower(who))
    found = (await connection.execute(select(users.c.id).where(which).limit(3))).scalars().all()
    if not found:
        raise _missing(who)
    if len(found) > 1:
        # A user of another issuer may be called as somebody else's address is.
        raise ReplyError(ErrorCode.CONFLICT, f"{who} may be one of several; name the account by its id")
    id: UUID = found[0]
    return id


def _missing(who: str) -> ReplyError:
    return ReplyError(ErrorCode.NOT_FOUND, f"there is no account {who}")


def _require_password(found: Overview) -> None:
    if found.state == "elsewhere":
        message = f"{found.account.subject} has no password here: its tokens come from elsewhere"
        raise ReplyError(ErrorCode.CONFLICT, message)
