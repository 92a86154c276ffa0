"""All acts at once; each by itself has a test of its own, and tests/integration runs the whole demo."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.demo import analyses, builds, play, queries, searches
from hub.demo.stage import Stage
from tests.live import until
from tests.unit.hub.demo.recorder import stage_in


async def test_an_act_that_fails_takes_no_other_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its failure is told; the others go on until they are cancelled."""
    going: list[str] = []

    async def fail(_stage: Stage) -> None:
        raise OSError("no room")

    async def go(stage: Stage, _pushed: object = None) -> None:
        going.append("on")
        await asyncio.Event().wait()

    monkeypatch.setattr(queries, "play", fail)
    for act in (searches, builds, analyses):
        monkeypatch.setattr(act, "play", go)
    stage, _ = stage_in(tmp_path)
    playing = asyncio.create_task(play.play(stage))
    await until(lambda: len(going) == 3 and "database pool" in stage.doing)
    assert stage.doing["database pool"] == "failed: OSError: no room"
    assert not playing.done()
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
