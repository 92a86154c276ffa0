"""The demo's Git repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hub.demo.repository import NoGit, Repository


async def test_it_has_a_history_of_its_own(tmp_path: Path) -> None:
    """Whatever the user's Git is configured to; each commit changes something."""
    made = Repository(tmp_path / "shop")
    await made.make()
    second = await made.commit()
    assert made.commits == 2
    said = subprocess.run(  # noqa: ASYNC221 - a moment
        ["git", "-C", str(made.folder), "log", "--format=%H %an"], capture_output=True, text=True, check=True
    )
    lines = said.stdout.splitlines()
    assert lines[0] == f"{second} Tocsin demo"
    assert len(lines) == 2


async def test_a_machine_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told; nothing is made."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(NoGit, match="isn't installed"):
        await Repository(tmp_path / "shop").make()
    assert not (tmp_path / "shop").exists()
