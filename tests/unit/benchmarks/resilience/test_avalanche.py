"""The whole hub goes, and comes back."""

from __future__ import annotations

import platform
import time
from pathlib import Path
from random import Random

import pytest

from benchmarks.processes import Failed, free_port
from benchmarks.resilience import avalanche
from benchmarks.resilience.client import Client
from tests.unit.benchmarks.resilience.doubles import CHANNEL

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="the benchmarks run on Linux only")


async def test_everybody_is_dropped_comes_back_and_has_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(avalanche, "SECONDS", 3.0)
    monkeypatch.setattr(avalanche, "BEFORE", 1.0)
    monkeypatch.setattr(avalanche, "REPEAT_SECONDS", 0.1)
    run = await avalanche.measure(10, tmp_path, lambda _: None)
    assert (run.clients, run.messages, run.drops, run.lost, run.wrong, run.gaps) == (10, 30, 10, 0, 0, 0)
    assert run.whole
    assert run.down > 0
    assert 0 <= run.most <= run.all < avalanche.PATIENCE


async def test_a_crowd_that_does_not_come_back_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avalanche, "PATIENCE", 0.05)
    crowd = [Client(free_port(), CHANNEL, Random(1))]
    with pytest.raises(Failed, match="0 of 1 clients were connected"):
        await avalanche.back(crowd, 1.0, time.monotonic())


async def test_a_share_is_enough() -> None:
    """Two of three are 60 %, and were subscribed after the moment."""
    crowd = [Client(1, CHANNEL, Random(n)) for n in range(3)]
    since = time.monotonic()
    crowd[0].subscribed = crowd[1].subscribed = since + 0.001
    assert await avalanche.back(crowd, 0.6, since) < 5
