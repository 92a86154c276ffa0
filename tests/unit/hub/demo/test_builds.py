"""The act of the error firewall: a real compiler, real errors, and what the firewall makes of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.demo import builds
from hub.demo.builds import CompileFailed, compile_module
from tests.postgres_server import database, postgres
from tests.unit.hub.demo.recorder import stage_in

__all__ = ["database", "postgres"]


async def test_the_compiler_is_a_real_one(tmp_path: Path) -> None:
    """It takes what is sound, and says what is wrong with the rest."""
    sound, faulty = tmp_path / "sound.py", tmp_path / "faulty.py"
    await asyncio.to_thread(sound.write_text, "x = 1\n")
    await asyncio.to_thread(faulty.write_text, "x = (1,\n")
    await compile_module(sound)
    with pytest.raises(CompileFailed, match="SyntaxError"):
        await compile_module(faulty)


async def test_a_fault_is_recorded_warned_about_confirmed_and_blocked(database: str, tmp_path: Path) -> None:
    """And what is put in its place passes."""
    stage, recorder = stage_in(tmp_path, database)
    playing = asyncio.create_task(builds.play(stage))
    wanted = {"error_recorded", "error_warned", "solution_confirmed", "error_blocked", "error_passed"}
    try:
        await recorder.all_of("error_firewall", wanted)
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    blocked = recorder.data("error_blocked")[0]
    assert "draft_1.py" in str(blocked)
    assert "fixed_1.py" in str(recorder.data("solution_confirmed")[0])
