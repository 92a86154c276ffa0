"""Sign-ins: their refresh and access tokens, made and ended in a transaction that somebody else has begun.

A refresh token is 256 random bits; only its SHA-256 is stored. It works once. What comes of one sign-in is a family:
when a token that was used is shown again, somebody else has a copy, and nobody knows who is who; so the family ends
(RFC 9700, section 4.14.2).

Access tokens carry their family as their id, so one revocation ends all of them. It is put up in the transaction that
ends the family: either both end, or none and the answer is `unavailable`.

Whoever makes tokens locks the user's row first (`lock`), so that what ends all tokens of a user misses none that is
just being made. That order holds everywhere, or two of them could wait for each other.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.accounts.tokens import AccessTokens, Account, SignedIn, SignIn
from agents.store.tables import refresh_tokens, users
from channels.clock import Clock

TOKEN_BYTES: Final = 32

PRUNE_AT_ONCE: Final = 5_000
PRUNE_EVERY: Final = 3_600.0
"""Tokens that a sign-in deletes at most, and seconds between two that do. With more to delete, the next one goes on."""

RESTORED_MAX: Final = 50_000
"""Sign-ins whose access tokens are refused again after a restart: half of what a hub remembers (`hub.revocations`)."""


@dataclass(frozen=True, slots=True)
class SignInOptions:
    """How long sign-ins last.

    Attributes:
        access_lifetime: seconds for which an access token is good.
        refresh_lifetime: seconds for which a refresh token is good. Each refresh gives a new one.
        grace: seconds for which a used token still gives another one of its family; 0: not at all.
        most: sign-ins that a user may have; a further one ends that which was silent longest.
    """

    access_lifetime: float = 1_800.0
    refresh_lifetime: float = 604_800.0
    grace: float = 0.0
    most: int = 100


@dataclass(frozen=True, slots=True)
class Rotation:
    """What became of a refresh token that was shown.

    Attributes:
        signed_in: its successors; `None`: it was refused.
        reused: it was used before, so its family has ended.
    """

    family: UUID
    signed_in: SignedIn | None = None
    reused: bool = False


class SignIns:
    """Begins, prolongs and ends sign-ins. The user's row is locked wherever one is given."""

    def __init__(
        self,
        options: SignInOptions,
        tokens: AccessTokens,
        clock: Clock,
        new_token: Callable[[], str] = lambda: secrets.token_urlsafe(TOKEN_BYTES),
    ) -> None:
        self._options = options
        self._tokens = tokens
        self._clock = clock
        self._new_token = new_token
        self._prune_at = 0.0

    async def begin(self, connection: AsyncConnection, user: RowMapping, client: str) -> SignedIn:
        """Begin a sign-in.

        Raises:
            ReplyError: `unavailable`; there are too many, and none can be ended now.
        """
        await self._prune(connection)
        for each in (await self.of(connection, user["id"]))[self._options.most - 1 :]:
            await self.end(connection, each.id)
        return await self._give(connection, user, uuid4(), client)

    async def rotate(self, connection: AsyncConnection, user: RowMapping, token: str, client: str) -> Rotation:
        """Exchange a refresh token that was found to be the user's. If it was used before, the family ends."""
        now = self._now()
        mine = refresh_tokens.c.token_hash == _digest(token)
        row = (await connection.execute(select(refresh_tokens).where(mine).with_for_update())).mappings().one()
        family: UUID = row["family"]
        if row["revoked_at"] is not None or row["expires_at"] <= now:
            return Rotation(family)
        if row["used_at"] is not None and now >= row["used_at"] + timedelta(seconds=self._options.grace):
            await self._revoke(connection, refresh_tokens.c.family == family)
            return Rotation(family, reused=True)
        if row["used_at"] is None:
            await connection.execute(update(refresh_tokens).where(mine).values(used_at=now))
        return Rotation(family, await self._give(connection, user, family, client or row["client"]))

    async def end(self, connection: AsyncConnection, family: UUID) -> None:
        """End a sign-in.

        Raises:
            ReplyError: `unavailable`.
        """
        if await self._revoke(connection, refresh_tokens.c.family == family):
            await self.refuse(family)

    async def refuse(self, family: UUID) -> None:
        """Have the access tokens of a sign-in refused.

        Raises:
            ReplyError: `unavailable`.
        """
        await self._tokens.end(family.hex, self._options.access_lifetime)

    async def end_all(self, connection: AsyncConnection, user: RowMapping) -> None:
        """End all sign-ins of a user, and all other tokens that name this user.

        Raises:
            ReplyError: `unavailable`.
        """
        await self._revoke(connection, refresh_tokens.c.user_id == user["id"])
        await self._tokens.end_all(user["subject"])

    async def restore(self, connection: AsyncConnection) -> int:
        """Have the access tokens refused of sign-ins that have ended, which a hub that was restarted doesn't know;
        return of how many. Of more than `RESTORED_MAX`, those that ended last.

        Raises:
            ReplyError: `unavailable`.
        """
        columns, now = refresh_tokens.c, self._now()
        ended = func.max(columns.revoked_at)
        recent = columns.revoked_at > now - timedelta(seconds=self._options.access_lifetime)
        found = await connection.execute(
            select(columns.family, ended.label("ended"))
            .where(recent)
            .group_by(columns.family)
            .order_by(ended.desc())
            .limit(RESTORED_MAX)
        )
        rows = found.all()
        for family, at in rows:
            await self._tokens.end(family.hex, self._options.access_lifetime - (now - at).total_seconds())
        return len(rows)

    async def of(self, connection: AsyncConnection, user: UUID) -> list[SignIn]:
        """Return the sign-ins that may still be refreshed, the newest first."""
        columns = refresh_tokens.c
        begun = func.min(columns.created_at).over(partition_by=columns.family).label("begun_at")
        per_family = (
            select(columns.family, columns.client, columns.created_at, columns.expires_at, begun)
            .where(columns.user_id == user, columns.revoked_at.is_(None))
            .ext(distinct_on(columns.family))
            .order_by(columns.family, columns.created_at.desc())
            .subquery()
        )
        latest = per_family.c
        rows = await connection.execute(
            select(per_family).where(latest.expires_at > self._now()).order_by(latest.created_at.desc())
        )
        return [
            SignIn(row["family"], row["client"], row["begun_at"], row["created_at"], row["expires_at"])
            for row in rows.mappings()
        ]

    async def _prune(self, connection: AsyncConnection) -> None:
        """Delete tokens that have expired, some at a time and now and then. What somebody else works on can wait."""
        if self._clock.monotonic() < self._prune_at:
            return
        columns = refresh_tokens.c
        expired = select(columns.id).where(columns.expires_at < self._now()).limit(PRUNE_AT_ONCE)
        which = columns.id.in_(expired.with_for_update(skip_locked=True))
        gone = (await connection.execute(delete(refresh_tokens).where(which))).rowcount
        if gone < PRUNE_AT_ONCE:
            self._prune_at = self._clock.monotonic() + PRUNE_EVERY

    async def _give(self, connection: AsyncConnection, user: RowMapping, family: UUID, client: str) -> SignedIn:
        token, now, options = self._new_token(), self._now(), self._options
        values = {
            "id": uuid4(),
            "user_id": user["id"],
            "family": family,
            "token_hash": _digest(token),
            "client": client,
            "created_at": now,
            "expires_at": now + timedelta(seconds=options.refresh_lifetime),
        }
        await connection.execute(insert(refresh_tokens).values(values))
        access = self._tokens.issue(user["subject"], family.hex, options.access_lifetime)
        return SignedIn(account_of(user), access, options.access_lifetime, token, options.refresh_lifetime)

    async def _revoke(self, connection: AsyncConnection, which: ColumnElement[bool]) -> int:
        return await revoke(connection, which, self._now())

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)


async def revoke(connection: AsyncConnection, which: ColumnElement[bool], now: datetime) -> int:
    """End refresh tokens that have not ended; return how many. Their access tokens go on."""
    alive = refresh_tokens.c.revoked_at.is_(None)
    return (await connection.execute(update(refresh_tokens).where(which, alive).values(revoked_at=now))).rowcount


def account_of(row: RowMapping) -> Account:
    """Return the account that a row of `users` is."""
    return Account(row["id"], row["subject"], row["email"], row["name"], row["created_at"])


async def owner_of(connection: AsyncConnection, token: str) -> tuple[UUID, UUID] | None:
    """Return user and family of a refresh token; `None` when there is none (any more)."""
    columns = refresh_tokens.c
    found = await connection.execute(
        select(columns.user_id, columns.family).where(columns.token_hash == _digest(token))
    )
    row = found.first()
    return None if row is None else (row[0], row[1])


async def lock(connection: AsyncConnection, which: ColumnElement[bool], *, change: bool = False) -> RowMapping | None:
    """Lock a user's row until the transaction ends; return it, `None` when it isn't there.

    Args:
        change: it is going to be changed, or all tokens to be ended: nobody else may hold it then.
    """
    statement: Any = select(users).where(which).with_for_update(read=not change)
    return (await connection.execute(statement)).mappings().first()


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="surrogatepass")).digest()
