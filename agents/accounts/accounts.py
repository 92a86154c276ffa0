"""One's own account: name, password, sign-ins, and its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

import structlog
from sqlalchemy import delete, update
from sqlalchemy.engine import RowMapping

from agents.accounts.attempts import Attempts
from agents.accounts.password_rules import require_good
from agents.accounts.passwords import Passwords
from agents.accounts.sign_ins import SignIns, account_of, lock
from agents.accounts.tokens import Account, Caller, SignedIn, SignIn
from agents.store.database import Database
from agents.store.scope import Scope
from agents.store.tables import users
from channels.errors import ErrorCode, ReplyError

log = structlog.get_logger(__name__)

Farewell = Callable[[Scope], Awaitable[None]]
"""Lets go of what a user has outside of the tables, before the account is deleted. Doing it twice is once."""


class Accounts:
    """The account of who calls. What else is theirs is reached through `Scope`.

    Args:
        farewells: what else goes with an account, in this order. When one fails, the account stays.
    """

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        sign_ins: SignIns,
        attempts: Attempts,
        farewells: Sequence[Farewell] = (),
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._sign_ins = sign_ins
        self._attempts = attempts
        self._farewells = farewells

    async def get(self, scope: Scope) -> Account:
        """Return a user's account.

        Raises:
            ReplyError: `unavailable`, or `invalid_token` when it was deleted a moment ago.
        """
        async with scope.begin() as work:
            row = await work.one(work.select(users))
        return account_of(row if row is not None else _gone())

    async def rename(self, scope: Scope, name: str) -> Account:
        """Give a user another name.

        Raises:
            ReplyError: as `get`.
        """
        async with scope.begin() as work:
            row = await work.one(work.update(users).values(name=name).returning(*users.c))
        return account_of(row if row is not None else _gone())

    async def change_password(self, scope: Scope, current: str, new: str, caller: Caller) -> SignedIn:
        """Change the password, end all tokens of the user, and sign in anew.

        Raises:
            ReplyError: `invalid_data`, `conflict` for a user without a password here or when it has just been changed,
                `rate_limited`, `unavailable`.
        """
        row = await self._confirmed(scope, current, "/current")
        require_good(new, row["email"], "/new")
        hashed = await self._passwords.hash(new)
        async with self._database.of_system() as connection:
            unchanged = (users.c.id == row["id"]) & (users.c.password_hash == row["password_hash"])
            if await lock(connection, unchanged, change=True) is None:
                raise ReplyError(ErrorCode.CONFLICT, "the password has just been changed by somebody else")
            await connection.execute(update(users).where(unchanged).values(password_hash=hashed))
            await self._sign_ins.end_all(connection, row)
            signed_in = await self._sign_ins.begin(connection, row, caller.client)
        log.info("password changed", user=str(row["id"]))
        return signed_in

    async def sign_ins(self, scope: Scope) -> list[SignIn]:
        """Return where a user is signed in, the newest first."""
        async with self._database.of_system() as connection:
            row = await lock(connection, users.c.subject == scope.subject)
            return [] if row is None else await self._sign_ins.of(connection, row["id"])

    async def sign_out_everywhere(self, scope: Scope) -> None:
        """End all tokens of a user.

        Raises:
            ReplyError: `unavailable`; all go on then.
        """
        async with self._database.of_system() as connection:
            row = await lock(connection, users.c.subject == scope.subject, change=True)
            if row is not None:
                await self._sign_ins.end_all(connection, row)
        log.info("signed out everywhere", user=scope.subject)

    async def delete(self, scope: Scope, password: str | None) -> None:
        """Delete a user with all that is the user's, and end all tokens.

        Args:
            password: `None` only for users of other issuers.

        Raises:
            ReplyError: `invalid_data`, `rate_limited`, `unavailable`; the account stays then.
        """
        account = await self.get(scope)
        if account.email is not None:
            await self._confirmed(scope, password or "", "/password")
        for farewell in self._farewells:
            await farewell(scope)
        async with self._database.of_system() as connection:
            row = await lock(connection, users.c.subject == scope.subject, change=True)
            if row is not None:
                await self._sign_ins.end_all(connection, row)
                await connection.execute(delete(users).where(users.c.id == row["id"]))
        log.info("account deleted", user=scope.subject)

    async def _confirmed(self, scope: Scope, password: str, path: str) -> RowMapping:
        """Return the user's row when that is the password."""
        async with scope.begin() as work:
            row = await work.one(work.select(users))
        if row is None:
            _gone()
        if row["password_hash"] is None:
            raise ReplyError(ErrorCode.CONFLICT, "this account has no password here: its tokens come from elsewhere")
        await self._attempts.with_email(row["email"])
        if not await self._passwords.matches(row["password_hash"], password):
            raise ReplyError(ErrorCode.INVALID_DATA, f"{path[1:]}: expected the account's password", path=path)
        return row


def _gone() -> NoReturn:
    raise ReplyError(ErrorCode.INVALID_TOKEN, "the account of this token is no longer there")
