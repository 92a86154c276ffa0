"""Register, sign in, refresh, sign out."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.accounts.attempts import Attempts
from agents.accounts.email_address import normal
from agents.accounts.password_rules import require_good
from agents.accounts.passwords import Passwords
from agents.accounts.sign_ins import SignIns, lock, owner_of
from agents.accounts.tokens import Caller, SignedIn
from agents.store.database import Database
from agents.store.tables import users
from channels.errors import ErrorCode, ReplyError

log = structlog.get_logger(__name__)

_WRONG: Final = "the e-mail address or the password is wrong"


class Authentication:
    """The way to tokens, for who has none (any more).

    Args:
        registration: whether anybody may register.
    """

    def __init__(
        self, database: Database, passwords: Passwords, sign_ins: SignIns, attempts: Attempts, *, registration: bool
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._sign_ins = sign_ins
        self._attempts = attempts
        self._registration = registration

    async def register(self, email: str, password: str, name: str, caller: Caller) -> SignedIn:
        """Make an account, and sign in.

        Raises:
            ReplyError: `permission_denied` while registration is closed, `invalid_data`, `conflict` when there is an
                account with this address, `rate_limited`, `unavailable`.
        """
        if not self._registration:
            message = "registration is closed here (agents.accounts.registration); ask an operator for an account"
            raise ReplyError(ErrorCode.PERMISSION_DENIED, message)
        await self._attempts.from_address(caller.address)
        email = normal(email)
        require_good(password, email)
        hashed = await self._passwords.hash(password)
        async with self._database.of_system() as connection:
            row = await insert_account(connection, email, name, hashed)
            if row is None:
                raise ReplyError(ErrorCode.CONFLICT, "there is an account with this e-mail address already: sign in")
            signed_in = await self._sign_ins.begin(connection, row, caller.client)
        log.info("account registered", user=str(row["id"]))
        return signed_in

    async def login(self, email: str, password: str, caller: Caller) -> SignedIn:
        """Sign in. Whether there is such an account can't be told from the answer, nor from the time it takes.

        Raises:
            ReplyError: `unauthenticated`, `rate_limited`, `unavailable`.
        """
        email = _normal_or_not(email)
        await self._attempts.from_address(caller.address)
        await self._attempts.with_email(email)
        async with self._database.of_system() as connection:
            row = (await connection.execute(select(users).where(_has_email(email)))).mappings().first()
        known: str | None = None if row is None else row["password_hash"]
        if not await self._passwords.matches(known, password) or row is None or known is None:
            log.info("sign-in refused", user=None if row is None else str(row["id"]), address=caller.address)
            raise ReplyError(ErrorCode.UNAUTHENTICATED, _WRONG)
        fresh = await self._passwords.hash(password) if self._passwords.is_outdated(known) else None
        async with self._database.of_system() as connection:
            # Whoever changed the password in the meantime wins.
            unchanged = (users.c.id == row["id"]) & (users.c.password_hash == known)
            if await lock(connection, unchanged, change=fresh is not None) is None:
                raise ReplyError(ErrorCode.UNAUTHENTICATED, _WRONG)
            if fresh is not None:
                await connection.execute(update(users).where(unchanged).values(password_hash=fresh))
            signed_in = await self._sign_ins.begin(connection, row, caller.client)
        log.info("signed in", user=str(row["id"]))
        return signed_in

    async def refresh(self, token: str, caller: Caller) -> SignedIn:
        """Exchange a refresh token for two new tokens. It works once; the second time all that came of its sign-in
        ends.

        Raises:
            ReplyError: `invalid_token`, `rate_limited`, `unavailable`.
        """
        await self._attempts.from_address(caller.address)
        async with self._database.of_system() as connection:
            owner = await owner_of(connection, token)
            row = None if owner is None else await lock(connection, users.c.id == owner[0])
            if row is None:
                raise _unknown()
            rotation = await self._sign_ins.rotate(connection, row, token, caller.client)
        if rotation.reused:
            await self._refuse_stolen(row["id"], rotation.family)
        if rotation.signed_in is None:
            raise _unknown()
        return rotation.signed_in

    async def logout(self, token: str) -> None:
        """End the sign-in that a refresh token is of, with its access tokens. Of an unknown one, nothing is told.

        Raises:
            ReplyError: `unavailable`; it goes on then.
        """
        async with self._database.of_system() as connection:
            owner = await owner_of(connection, token)
            if owner is None or await lock(connection, users.c.id == owner[0]) is None:
                return
            await self._sign_ins.end(connection, owner[1])
        log.info("signed out", user=str(owner[0]))

    async def restore(self) -> int:
        """Have refused again what was signed out before a restart; return how many sign-ins that were.

        Raises:
            ReplyError: `unavailable`.
        """
        async with self._database.of_system() as connection:
            return await self._sign_ins.restore(connection)

    async def _refuse_stolen(self, user: UUID, family: UUID) -> None:
        log.warning("a used refresh token was shown again; its sign-in has ended", user=str(user))
        try:
            await self._sign_ins.refuse(family)
        except ReplyError as error:  # the family has ended all the same; what it gave last ends by itself
            log.warning("its access tokens go on until they expire", user=str(user), reason=error.message)


async def insert_account(connection: AsyncConnection, email: str, name: str, hashed: str) -> RowMapping | None:
    """Insert an account; `None` when there is one with this address."""
    id = uuid4()
    values = {"id": id, "subject": str(id), "email": email, "name": name, "password_hash": hashed}
    statement = insert(users).values(values).on_conflict_do_nothing().returning(*users.c)
    return (await connection.execute(statement)).mappings().first()


def _has_email(email: str) -> ColumnElement[bool]:
    return func.lower(users.c.email) == func.lower(email)


def _normal_or_not(email: str) -> str:
    """The spelling under which an address would be kept; what is no address has no account."""
    try:
        return normal(email)
    except ReplyError:
        return ""


def _unknown() -> ReplyError:
    return ReplyError(ErrorCode.INVALID_TOKEN, "the refresh token isn't good (any more); sign in again")
