"""What every act works with."""

from __future__ import annotations

from pathlib import Path

from tests.unit.hub.demo.recorder import stage_in


def test_acts_say_what_they_do(tmp_path: Path) -> None:
    """Each under its name; the newest word counts."""
    stage, _ = stage_in(tmp_path)
    tell = stage.telling("search")
    tell("one")
    tell("two")
    stage.telling("pool")("three")
    assert stage.doing == {"search": "two", "pool": "three"}


def test_the_notebook_speaks_to_the_same_hub(tmp_path: Path) -> None:
    """It belongs to the stage."""
    stage, recorder = stage_in(tmp_path)
    stage.notebook.note("pool", "has 5 connections")
    assert recorder.types("user:demo") == ["memory_created"]
