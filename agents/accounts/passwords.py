"""Hashes of passwords (Argon2id, RFC 9106): made beside the loop, a few at a time."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from channels.errors import ErrorCode, ReplyError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HashOptions:
    """What a hash costs, and how many may be made at once.

    The costs are those that RFC 9106 recommends where memory is scarce (section 4, second choice), which are also the
    defaults of argon2-cffi; `python -m argon2` says how long one takes.

    Attributes:
        memory: KiB of one hash.
        passes: over that memory.
        lanes: threads of one hash.
        at_once: hashes that are made at the same time; so `at_once * memory` is all that logins can take.
        waiting: that may wait for their turn or be at work; more are refused.
    """

    memory: int = 65_536
    passes: int = 3
    lanes: int = 4
    at_once: int = 2
    waiting: int = 64


LOCKED: Final = "!"
"""Stands before the hash of an account that was disabled, as in shadow(5): no password fits, and the hash is kept."""


class Passwords:
    """Makes and checks hashes of passwords.

    What was hashed with other options is checked all the same, and `is_outdated`.
    """

    def __init__(self, options: HashOptions) -> None:
        self._options = options
        self._hasher = PasswordHasher(options.passes, options.memory, options.lanes)
        self._threads = ThreadPoolExecutor(options.at_once, "passwords")
        self._busy = 0
        self._nobodys = _hash_of_nothing(options)

    async def hash(self, password: str) -> str:
        """Hash a password.

        Raises:
            ReplyError: `unavailable`; too many wait already.
        """
        return await self._run(lambda: self._hasher.hash(_bytes(password)))

    async def matches(self, known: str | None, password: str) -> bool:
        """Tell whether a hash is of this password.

        Args:
            known: `None` when there is no such account: it takes the same time then, and is never right. So it is for
                one that is `LOCKED`.

        Raises:
            ReplyError: `unavailable`; too many wait already.
        """

        is_there = known is not None and not known.startswith(LOCKED)

        def check() -> bool:
            try:
                return self._hasher.verify(known if known and is_there else self._nobodys, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False

        return await self._run(check) and is_there

    def is_outdated(self, known: str) -> bool:
        """Tell whether a hash was made with other options than those in force."""
        return self._hasher.check_needs_rehash(known)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._busy >= self._options.waiting:
            message = f"{self._options.waiting} passwords are being checked already (agents.accounts.hashing_waiting)"
            raise ReplyError(ErrorCode.UNAVAILABLE, message, retry_after=1)
        self._busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._busy -= 1


def _bytes(password: str) -> bytes:
    """One spelling for what looks the same: keyboards differ in how they compose letters (RFC 8265, section 4)."""
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")


def _hash_of_nothing(options: HashOptions) -> str:
    """A hash that costs what others cost, and that nobody knows a password for."""
    salt, digest = (b64encode(os.urandom(length)).decode().rstrip("=") for length in (16, 32))
    return f"$argon2id$v=19$m={options.memory},t={options.passes},p={options.lanes}${salt}${digest}"
