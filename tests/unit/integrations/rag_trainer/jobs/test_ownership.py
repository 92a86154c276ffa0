"""Which process has the queue."""

from __future__ import annotations

from pathlib import Path

from integrations.rag_trainer.jobs.ownership import Ownership


def test_one_has_it_at_a_time(tmp_path: Path) -> None:
    """Others learn its name, and get it when it is let go."""
    file = tmp_path / "new" / "lock"
    first, second = Ownership(file, "n-1"), Ownership(file, "n-2")
    assert second.holder() == ""
    assert first.take()
    assert first.take()
    assert not second.take()
    assert (first.is_ours, second.is_ours, second.holder()) == (True, False, "n-1")
    first.release()
    first.release()
    assert second.take()
    assert first.holder() == "n-2"
    second.release()
