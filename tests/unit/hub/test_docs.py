"""Generated files: up to date, and written only when they are not."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from hub.docs import PAGES, ROOT, main, outdated


@pytest.mark.parametrize("name", PAGES)
def test_the_file_in_the_repository_is_up_to_date(name: str) -> None:
    """`make docs` writes it."""
    assert name not in outdated(ROOT), "run make docs"


def test_write_then_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Check writes nothing; writing twice writes once."""
    for name in PAGES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    assert main(["--check"], tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == [f"{name}: is not up to date; run make docs" for name in PAGES]
    assert not any((tmp_path / name).exists() for name in PAGES)
    assert main([], tmp_path) == 0
    assert capsys.readouterr().out.splitlines() == [f"{name}: written" for name in PAGES]
    assert outdated(tmp_path) == []
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    assert capsys.readouterr().out == ""


def test_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """As CI runs it."""
    monkeypatch.setattr("sys.argv", ["hub.docs", "--check"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(ROOT / "hub" / "docs.py"), run_name="__main__")
    assert caught.value.code == 0


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    """Also one that differs by its line ends alone."""
    for name, text in PAGES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text().encode().replace(b"\n", b"\r\n"))
    assert outdated(tmp_path) == list(PAGES)
