"""Accounts with a clock that stands still, tokens that anybody can read, and hashes that cost nothing."""

from __future__ import annotations

from collections.abc import Sequence

from agents.accounts.accounts import Accounts, Farewell
from agents.accounts.attempts import Attempts
from agents.accounts.authentication import Authentication
from agents.accounts.members import Members
from agents.accounts.passwords import HashOptions, Passwords
from agents.accounts.sign_ins import SignInOptions, SignIns
from agents.accounts.tokens import Caller, SignedIn
from agents.bus.limits import MemoryLimiter
from agents.store.database import Database
from agents.store.scope import Scope
from channels.errors import ErrorCode, ReplyError
from tests.kit import ManualClock

CHEAP = HashOptions(memory=8, passes=1, lanes=1)
PASSWORD = "correct horse battery"
LASTING = SignInOptions()
CALLER = Caller("192.0.2.1", "Browser/1")


class Signer:
    """Signs and ends access tokens, as the hub does.

    Attributes:
        away: nothing can be ended now.
        ended: ids of tokens that were ended.
        ended_all: users whose tokens were ended, each time.
    """

    def __init__(self) -> None:
        self.away = False
        self.ended: list[str] = []
        self.ended_all: list[str] = []

    def issue(self, subject: str, token_id: str, lifetime: float) -> str:
        return f"{subject} {token_id} {lifetime:g}"

    async def end(self, token_id: str, lifetime: float) -> None:
        self._check()
        assert lifetime == 1800
        self.ended.append(token_id)

    async def end_all(self, subject: str) -> None:
        self._check()
        self.ended_all.append(subject)

    def _check(self) -> None:
        if self.away:
            raise ReplyError(ErrorCode.UNAVAILABLE, "the broker is away")


class World:
    """All of it, on one database."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.clock = ManualClock()
        self.signer = Signer()
        self.members = Members(store)
        self.authentication = self.door()
        self.accounts = self.desk()

    def door(
        self,
        *,
        registration: bool = True,
        attempts: int = 1_000,
        hashes: HashOptions = CHEAP,
        options: SignInOptions = LASTING,
    ) -> Authentication:
        """Make a way to tokens with other options."""
        return Authentication(
            self.store,
            Passwords(hashes),
            self._sign_ins(options),
            self._attempts(attempts),
            registration=registration,
        )

    def desk(self, *, attempts: int = 1_000, farewells: Sequence[Farewell] = ()) -> Accounts:
        """Make what users may do to their accounts, with other options."""
        return Accounts(self.store, Passwords(CHEAP), self._sign_ins(LASTING), self._attempts(attempts), farewells)

    def _sign_ins(self, options: SignInOptions) -> SignIns:
        return SignIns(options, self.signer, self.clock)

    def _attempts(self, limit: int) -> Attempts:
        per_email = MemoryLimiter(limit, 60.0, self.clock.monotonic)
        return Attempts(per_email, MemoryLimiter(10 * limit, 60.0, self.clock.monotonic))

    async def register(self, email: str = "ada@example.org") -> SignedIn:
        """Make an account whose password is `PASSWORD`."""
        return await self.authentication.register(email, PASSWORD, "Ada", CALLER)

    async def scope(self, signed_in: SignedIn) -> Scope:
        """The scope of a user who is signed in."""
        return await self.members.scope(signed_in.account.subject)


def family_of(signed_in: SignedIn) -> str:
    """The id that all access tokens of a sign-in have."""
    return signed_in.access_token.split()[1]
