"""The act of the code analysis: linters on real commits."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from hub.demo import analyses
from tests.live import until
from tests.unit.hub.demo.recorder import stage_in


async def test_each_commit_is_analysed_and_told(tmp_path: Path) -> None:
    """The second one finds that most files are known already; who wants to know of commits hears of them."""
    stage, recorder = stage_in(tmp_path)
    pushed: list[tuple[str, str]] = []

    async def hear(commit: str, text: str) -> None:
        pushed.append((commit, text))

    playing = asyncio.create_task(analyses.play(stage, hear))
    try:
        await until(lambda: len(recorder.data("analysis_completed")) >= 2, 50.0)
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    assert recorder.data("analysis_finding")
    assert recorder.data("analysis_started")[0]["repository"] == "demo/shop"
    assert pushed[0][1] == "Change 2"
    assert "findings in" in stage.notebook.lines["analysis"].summary


async def test_without_git_nothing_is_analysed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The act says so, and ends; nothing is published in its place."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    stage, recorder = stage_in(tmp_path)
    await analyses.play(stage)
    assert stage.doing["code analysis"] == "nothing is analysed: git isn't installed"
    assert recorder.told == []
