"""Accounts on the hub: its keys sign their tokens, and its revocations end them."""

from __future__ import annotations

from agents.accounts.accounts import Accounts
from agents.accounts.attempts import Attempts
from agents.accounts.authentication import Authentication
from agents.accounts.members import Members
from agents.accounts.passwords import HashOptions, Passwords
from agents.accounts.sign_ins import SignInOptions, SignIns
from agents.bus.limits import MemoryLimiter
from agents.catalog.catalog import Catalog
from agents.ports import RateLimiter
from agents.redis.limiter import RedisLimiter
from agents.store.database import Database
from channels.clock import Clock
from hub.adapters.adapter import Surroundings
from hub.auth import Authenticator
from hub.hosts import is_loopback
from hub.options import ServerOptions, Settings
from hub.revocations import Revocation, Revocations
from hub.sections.agents_accounts import AccountsSection


class HubTokens:
    """Signs and ends tokens of accounts (`agents.accounts.tokens.AccessTokens`)."""

    def __init__(self, authenticator: Authenticator, revocations: Revocations, clock: Clock) -> None:
        self._authenticator = authenticator
        self._revocations = revocations
        self._clock = clock

    def issue(self, subject: str, token_id: str, lifetime: float) -> str:
        return self._authenticator.issue(subject, lifetime, token_id)

    async def end(self, token_id: str, lifetime: float) -> None:
        await self._revocations.revoke_token(token_id, self._clock.now() + lifetime)

    async def end_all(self, subject: str) -> None:
        await self._revocations.revoke_user(subject)


def make_accounts(
    settings: Settings, hub: Surroundings, database: Database, members: Members, catalog: Catalog
) -> tuple[Authentication, Accounts]:
    """Make the way to tokens, and what users may do to their accounts."""
    options = settings.agents.accounts
    passwords = Passwords(hash_options(options))
    sign_ins = SignIns(
        SignInOptions(
            access_lifetime=min(options.access_lifetime, settings.auth.max_lifetime),
            refresh_lifetime=options.refresh_lifetime,
            grace=options.refresh_grace,
            most=options.sign_ins,
        ),
        HubTokens(hub.authenticator, hub.revocations, hub.clock),
        hub.clock,
    )
    attempts = Attempts(_limiter(options.attempts, options, hub), _limiter(options.attempts_per_address, options, hub))

    def forget(revocation: Revocation) -> None:
        if revocation.user is not None:
            members.forget(revocation.user)

    hub.revocations.listen(forget)  # also when another process has deleted the account
    is_open = may_register(options, settings.server)

    return (
        Authentication(database, passwords, sign_ins, attempts, registration=is_open),
        # Agents have what the tables don't take along: runs at work, queues, vectors.
        Accounts(database, passwords, sign_ins, attempts, farewells=(catalog.delete_all,)),
    )


def hash_options(options: AccountsSection) -> HashOptions:
    """Return what a password costs."""
    return HashOptions(
        memory=max(options.argon2_memory, 8 * options.argon2_lanes),
        passes=options.argon2_passes,
        lanes=options.argon2_lanes,
        at_once=options.hashing_at_once,
        waiting=options.hashing_waiting,
    )


def may_register(options: AccountsSection, server: ServerOptions) -> bool:
    """Tell whether anybody may register.

    Unless it is said, nobody may where strangers come: where other machines reach the hub, by themselves or through a
    proxy.
    """
    if options.registration != "auto":
        return options.registration == "open"
    return is_loopback(server.host) and not server.trusted_proxies


def _limiter(limit: int, options: AccountsSection, hub: Surroundings) -> RateLimiter:
    window, now = options.attempts_window, hub.clock.monotonic
    if (backbone := hub.backends.backbone) is not None:
        return RedisLimiter(backbone, limit, window, now)
    return MemoryLimiter(limit, window, now)
