"""`make admin`, and what `make run` makes of its failures."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import build_admin
from scripts.node_projects import Failed, Project


@pytest.fixture(autouse=True)
def _no_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a project that isn't built, without Node, and without a network."""

    def unreachable() -> Path:
        raise Failed("PyPI can't be reached")

    monkeypatch.setattr(build_admin, "ADMIN", Project(tmp_path, tmp_path / "index.html"))
    monkeypatch.setattr(build_admin, "find_node", lambda path=None: None)
    monkeypatch.setattr(build_admin, "fetch_node", unreachable)


@pytest.mark.parametrize(("arguments", "status"), [([], 1), (["--optional"], 0)])
def test_what_cannot_be_built_is_told_in_a_line(
    arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hub starts all the same."""
    assert build_admin.main(arguments) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert "PyPI can't be reached" in line
    assert "make admin" in line
