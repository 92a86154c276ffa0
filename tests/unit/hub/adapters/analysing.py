"""Hubs that analyse code, put together and not started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub.adapters.analysis import Analysis
from hub.notify import Inbox
from hub.wiring import Hub, build
from tests.live import settings_for
from tests.unit.integrations.code_analysis.repositories import make_repository


def analysing(folder: Path, **options: Any) -> tuple[Hub, Analysis]:
    """Build a hub whose root is `folder`/git, with a repository `one` in it and its results in `folder`/kept."""
    make_repository(folder / "git" / "one", {"a.json": "{", "b.json": "{}"})
    settings = settings_for(
        **{
            "analysis__enabled": True,
            "analysis__roots": [str(folder / "git")],
            "analysis__folder": str(folder / "kept"),
            "analysis__linters": ["syntax"],
            **options,
        }
    )
    hub = build(settings, inbox=Inbox())
    assert hub.adapters.analysis is not None
    return hub, hub.adapters.analysis
