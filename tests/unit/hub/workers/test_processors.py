"""How many processors this process may really use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub.workers.processors import usable


@pytest.fixture
def eight(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduler gives us eight."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.usefixtures("eight")
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("max 100000", 8),
        ("200000 100000", 2),
        ("250000 100000", 3),
        ("50000 100000", 1),
        ("9900000 100000", 8),
        ("0 100000", 8),
        ("1 0", 8),
        ("nonsense", 8),
        ("", 8),
    ],
)
def test_a_containers_quota_counts(tmp_path: Path, text: str, count: int) -> None:
    """Rounded up; what can't be read is no quota."""
    (tmp_path / "cpu.max").write_text(text)
    assert usable(tmp_path / "cpu.max") == count


@pytest.mark.usefixtures("eight")
def test_without_a_quota_the_scheduler_says(tmp_path: Path) -> None:
    """As on most machines."""
    assert usable(tmp_path / "missing") == 8


def test_where_the_scheduler_does_not_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All processors count; one, where nobody knows."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert usable(tmp_path / "missing") == 3
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable(tmp_path / "missing") == 1
