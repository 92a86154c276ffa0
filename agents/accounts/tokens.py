"""The seam to whoever signs and ends access tokens, and what a client gets when it has signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


class AccessTokens(Protocol):
    """Signs access tokens, and has them refused before their time, by every process of the hub."""

    def issue(self, subject: str, token_id: str, lifetime: float) -> str:
        """Sign a token that allows what every user may.

        Args:
            subject: whose it is.
            token_id: the id to end it by. All tokens of one sign-in have the same.
            lifetime: seconds.
        """

    async def end(self, token_id: str, lifetime: float) -> None:
        """Refuse tokens by their id from now on, and close the connections that came with them.

        Args:
            lifetime: seconds for which one of them may still be good.

        Raises:
            ReplyError: `unavailable`; nothing has ended then.
        """

    async def end_all(self, subject: str) -> None:
        """Refuse all tokens that a user has been given until now, likewise.

        Raises:
            ReplyError: `unavailable`; nothing has ended then.
        """


@dataclass(frozen=True, slots=True)
class Account:
    """A user as the user sees it. `email` is `None` for users of other issuers."""

    id: UUID
    subject: str
    email: str | None
    name: str
    created_at: datetime

    def __repr__(self) -> str:
        return f"Account({self.id})"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a client gets. Secrets are kept out of the `repr`.

    Attributes:
        expires_in, refresh_expires_in: seconds that the two tokens are good for.
    """

    account: Account
    access_token: str
    expires_in: float
    refresh_token: str
    refresh_expires_in: float

    def __repr__(self) -> str:
        return f"SignedIn({self.account!r})"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in, and all that was refreshed from it.

    Attributes:
        client: what the client called itself when it signed in or last refreshed.
        refreshed_at: when that was.
    """

    id: UUID
    client: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks to sign in, for limits and for the list of sign-ins."""

    address: str
    client: str = ""
