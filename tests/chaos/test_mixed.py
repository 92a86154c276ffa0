"""Everything at once, for a time, as a seed says: `TOCSIN_CHAOS_SEED`, `TOCSIN_CHAOS_SECONDS`.

docs/topics/guarantees.md says how to use them.
"""

from __future__ import annotations

import os
import secrets

import pytest

from tests.chaos.drama import drama
from tests.chaos.trouble import Trouble
from tests.chaos.world import CONFLATED, PLAIN, world

FIXED = 7
"""A seed that is always tried: what it found once stays found."""
SECONDS = float(os.environ.get("TOCSIN_CHAOS_SECONDS", "5"))
GIVEN = os.environ.get("TOCSIN_CHAOS_SEED")
SEED = int(GIVEN) if GIVEN else secrets.randbelow(1_000_000)
RUNS = [(SEED, "durable"), (SEED, "forgetful"), (SEED, "restored")]
"""Valkey keeps all that it acknowledged; nothing at all; or it is now and then given an older copy of its data."""
if not GIVEN:
    RUNS.append((FIXED, "durable"))
NAMES = [f"{'known' if seed == FIXED else 'seeded'}-{valkey}" for seed, valkey in RUNS]


@pytest.mark.timeout(120 + 3 * SECONDS)
@pytest.mark.parametrize(("seed", "valkey"), RUNS, ids=NAMES)
async def test_everything_at_once(seed: int, valkey: str) -> None:
    """Nothing acknowledged is lost, nothing comes twice, order holds; where Valkey forgets, gaps are honest."""
    async with world(seed, workers=3, persistent=valkey != "forgetful") as stage:
        channels = (*PLAIN, *CONFLATED)
        async with drama(
            stage,
            seed,
            listeners=120,
            publishers=10,
            channels=channels,
            size=400,
            lossy=valkey != "durable",
            repeating=True,
        ) as play:
            await play.more(20)
            await Trouble(play, restoring=valkey == "restored").run(SECONDS)
