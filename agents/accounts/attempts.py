"""How often somebody may try to sign in."""

from __future__ import annotations

from hashlib import sha256

from agents.ports import RateLimiter
from channels.errors import ErrorCode, ReplyError


class Attempts:
    """Counts attempts per e-mail address and per network address, over all processes.

    Good attempts count, too: whether one was good is known only when its password has been hashed, and hashing is what
    is to be spared. So whoever knows an e-mail address can keep its owner from signing in for a window; refreshing, and
    who is signed in, aren't touched.

    Args:
        per_email, per_address: the limits. No e-mail address is given to them, only a hash of one.
    """

    def __init__(self, per_email: RateLimiter, per_address: RateLimiter) -> None:
        self._per_email = per_email
        self._per_address = per_address

    async def with_email(self, email: str) -> None:
        """Count an attempt at an account, whether or not there is one.

        Raises:
            ReplyError: `rate_limited`.
        """
        digest = sha256(email.casefold().encode(errors="surrogatepass")).hexdigest()
        await _take(self._per_email, f"sign-in:email:{digest[:32]}", "for this e-mail address")

    async def from_address(self, address: str) -> None:
        """Count a request of a network address.

        Raises:
            ReplyError: `rate_limited`.
        """
        await _take(self._per_address, f"sign-in:address:{address}", "from this address")


async def _take(limiter: RateLimiter, key: str, where: str) -> None:
    allowance = await limiter.take(key)
    if not allowance.allowed:
        wait = max(1.0, allowance.retry_after)
        message = f"more than {allowance.limit} attempts {where}; try again in {wait:.0f} s"
        raise ReplyError(ErrorCode.RATE_LIMITED, message, retry_after=round(wait, 3))
