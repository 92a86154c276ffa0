"""Tokens that are refused before their time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.local import LocalNoticeboard
from channels.policy import Principal
from hub.notices import Details, Notices
from hub.options import AuthOptions

_BY_ID = "token"
_BY_USER = "user"
"""Kinds of notices."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """One token by its `jti`, or all tokens that a user was issued until `issued`."""

    token_id: str | None = None
    user: str | None = None
    issued: float = 0.0

    def covers(self, principal: Principal) -> bool:
        """Tell whether `principal` came with a token that this revokes. Without a token there is nothing to revoke."""
        if principal.issued is None:
            return False
        if self.token_id is not None:
            return principal.token_id == self.token_id
        return principal.user == self.user and principal.issued <= self.issued


class Revocations:
    """What was revoked, in all processes of the hub.

    Asking is synchronous and local, since each request does it. Revoking puts up a notice that every process reads,
    also one that starts later or was cut off at this moment.

    An entry ends when no token that it covers can be valid any more: no token lives longer than `auth.max_lifetime`.

    Args:
        options: for `max_lifetime` and `leeway`.
        notices: what joins the processes, not yet started; without it revocations are this process's own.
        limit: entries that may be made here; none is dropped early, a further one is refused. What other processes
        have revoked is taken in any case.
    """

    def __init__(
        self, options: AuthOptions, clock: Clock, notices: Notices | None = None, *, limit: int = 100_000
    ) -> None:
        # A clock that is ahead may have issued the token, and another one that is behind may still take it.
        self._longest = options.max_lifetime + 2 * options.leeway
        self._leeway = options.leeway
        self._clock = clock
        self._notices = notices or Notices(LocalNoticeboard(clock, 2 * limit))
        self._limit = limit
        self._tokens: dict[str, float] = {}
        self._users: dict[str, tuple[float, Revocation]] = {}
        self._listeners: list[Callable[[Revocation], None]] = []
        self._notices.listen(_BY_ID, self._token_revoked)
        self._notices.listen(_BY_USER, self._user_revoked)
        if notices is None:
            self._notices.start()

    def __len__(self) -> int:
        return len(self._tokens) + len(self._users)

    def listen(self, callback: Callable[[Revocation], None]) -> None:
        """Have `callback` called with each revocation once it is in force, to close the connections that it covers."""
        self._listeners.append(callback)

    async def revoke_token(self, token_id: str, until: float | None = None) -> None:
        """Refuse the token with this `jti` from now on.

        Args:
            until: when the token ends, seconds since 1970; without it the entry is kept as long as any token may live.

        Raises:
            ReplyError: `unavailable`; nothing is revoked then.
        """
        self._make_room(token_id in self._tokens)
        latest = self._clock.now() + self._longest
        await self._notices.post(_BY_ID, (token_id,), latest if until is None else min(until + self._leeway, latest))

    async def revoke_user(self, user: str) -> None:
        """Refuse all tokens of `user` that were issued until now.

        Tokens mostly tell that in whole seconds, so one that is issued later in this second is refused, too.

        Raises:
            ReplyError: `unavailable`; nothing is revoked then.
        """
        self._make_room(user in self._users)
        now = self._clock.now()
        await self._notices.post(_BY_USER, (user, now), now + self._longest)

    def _token_revoked(self, details: Details, until: float) -> None:
        token_id = str(details[0])
        self._tokens[token_id] = max(until, self._tokens.get(token_id, 0.0))
        self._tell(Revocation(token_id=token_id))

    def _user_revoked(self, details: Details, until: float) -> None:
        user, issued = str(details[0]), float(details[1])
        known = self._users.get(user)
        if known is not None and known[1].issued >= issued:  # notices may come in any order
            return
        revocation = Revocation(user=user, issued=issued)
        self._users[user] = (until, revocation)
        self._tell(revocation)

    def is_revoked(self, principal: Principal) -> bool:
        """Tell whether the token that `principal` came with is revoked."""
        if principal.issued is None:
            return False
        now = self._clock.now()
        if principal.token_id is not None and self._tokens.get(principal.token_id, 0.0) > now:
            return True
        ends, revocation = self._users.get(principal.user or "", (0.0, None))
        return revocation is not None and ends > now and revocation.covers(principal)

    def sweep(self) -> int:
        """Drop the entries that have ended; return how many. Called now and then, and whenever the limit is reached."""
        now, before = self._clock.now(), len(self)
        self._tokens = {token_id: ends for token_id, ends in self._tokens.items() if ends > now}
        self._users = {user: entry for user, entry in self._users.items() if entry[0] > now}
        return before - len(self)

    def _make_room(self, known: bool) -> None:
        if known or len(self) < self._limit or self.sweep():
            return
        raise ReplyError(ErrorCode.UNAVAILABLE, f"the hub's limit of {self._limit} revocations is reached")

    def _tell(self, revocation: Revocation) -> None:
        for listener in self._listeners:
            listener(revocation)
