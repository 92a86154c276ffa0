"""Hashes: what they cost, who waits, and what they tell."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import ClassVar, Literal

import pytest
from argon2 import PasswordHasher

from agents.accounts.passwords import HashOptions, Passwords
from channels.errors import ErrorCode, ReplyError
from tests.kit import eventually
from tests.unit.agents.accounts.account_worlds import CHEAP


async def test_a_hash_is_of_its_password() -> None:
    """However its letters are composed; of no other, and no two hashes are alike."""
    passwords = Passwords(CHEAP)
    known = await passwords.hash("cafe\u0301 pass")
    assert known.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert await passwords.matches(known, "caf\u00e9 pass")
    assert not await passwords.matches(known, "Caf\u00e9 pass")
    assert known != await passwords.hash("cafe\u0301 pass")
    assert not await passwords.matches("no hash at all", "any")


async def test_the_defaults_are_those_of_the_standard() -> None:
    """RFC 9106, section 4: 64 MiB, three passes, four lanes, Argon2id."""
    known = await Passwords(HashOptions()).hash("x")
    assert known.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not Passwords(HashOptions()).is_outdated(known)
    assert Passwords(CHEAP).is_outdated(known)


class Spy(PasswordHasher):
    """Hashes, and remembers what passwords were held against."""

    seen: ClassVar[list[str | bytes]] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.seen.append(hash)
        return super().verify(hash, password)


async def test_nobodys_password_costs_what_others_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an account a hash of the same parameters is made all the same, and nothing is right."""
    monkeypatch.setattr("agents.accounts.passwords.PasswordHasher", Spy)
    passwords, seen = Passwords(CHEAP), Spy.seen
    known = await passwords.hash("x")
    assert await passwords.matches(known, "x")
    assert not await passwords.matches(None, "x")
    assert [str(each).split("$")[:4] for each in seen] == [known.split("$")[:4]] * 2
    assert not passwords.is_outdated(str(seen[1])), "its salt and its digest are as long, too"


async def test_a_flood_waits_and_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more at once than may be; beyond those that may wait, the answer is `unavailable` at once. Who goes away
    makes room."""
    running, most, gate, lock = 0, 0, threading.Event(), threading.Lock()

    class Slow(PasswordHasher):
        """Takes as long as the test wants."""

        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            gate.wait(10)
            with lock:
                running -= 1
            return "hash"

    monkeypatch.setattr("agents.accounts.passwords.PasswordHasher", Slow)
    passwords = Passwords(replace(CHEAP, at_once=2, waiting=4))
    tasks = [asyncio.create_task(passwords.hash("x")) for _ in range(4)]
    await eventually(lambda: passwords._busy == 4)
    with pytest.raises(ReplyError, match="hashing_waiting") as caught:
        await passwords.hash("x")
    assert caught.value.code is ErrorCode.UNAVAILABLE
    tasks.pop().cancel()
    await eventually(lambda: passwords._busy == 3)
    tasks.append(asyncio.create_task(passwords.hash("x")))
    gate.set()
    assert await asyncio.gather(*tasks) == ["hash"] * 4
    assert most == 2
