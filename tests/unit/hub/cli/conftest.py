"""Fixtures for tests of the command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.hub.cli.scripted_hub import ScriptedHub


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedHub]:
    """A scripted hub that listens."""
    async with ScriptedHub().running() as hub:
        yield hub


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
