"""Pauses between attempts."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from channels.redis.backoff import Backoff


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; none takes time."""
    made: list[float] = []

    async def sleep(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return made


async def test_pauses_double_up_to_the_longest(pauses: list[float]) -> None:
    """Each between a half and all of it."""
    waiting = Backoff(Random(1), first=0.1, longest=1.0)
    for _ in range(8):
        await waiting.pause()
    for made, whole in zip(pauses, (0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0), strict=True):
        assert whole / 2 <= made <= whole


async def test_after_a_success_pauses_are_short_again(pauses: list[float]) -> None:
    """However many failures there were."""
    waiting = Backoff(Random(1), first=0.1, longest=1.0)
    for _ in range(100):
        await waiting.pause()
    waiting.reset()
    await waiting.pause()
    assert pauses[-1] <= 0.1


async def test_two_processes_do_not_come_at_once(pauses: list[float]) -> None:
    """The random part keeps them apart."""
    await Backoff(Random(1), 0.1, 1.0).pause()
    await Backoff(Random(2), 0.1, 1.0).pause()
    assert pauses[0] != pauses[1]
