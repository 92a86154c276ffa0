"""PostgreSQL's programs: found in the package, and copied where their user can't reach them there."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path

import pytest

from hub.database.owner import Owner
from hub.database.program import Programs, installed
from hub.embedded.folder import StoreFailed
from tests.database_folder import database_folder

__all__ = ["database_folder"]


def test_there_is_a_server_for_this_platform() -> None:
    """Of the version that the package says."""
    programs = installed()
    said = subprocess.run([programs.program("postgres"), "-V"], capture_output=True, text=True, timeout=20, check=True)
    assert said.stdout.startswith(f"postgres (PostgreSQL) {programs.major}.")


def test_a_platform_without_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told what to do instead."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(StoreFailed, match=r"no server for this platform; set database\.url"):
        installed()


def test_who_can_reach_them_takes_them_where_they_are(tmp_path: Path) -> None:
    """Nothing is copied."""
    programs = installed()
    assert programs.reachable(Owner(), tmp_path) == programs
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run something as somebody else")
def test_they_are_copied_for_who_can_t(database_folder: Path) -> None:
    """Such as from an environment in root's home. The copy runs, isn't writable, and takes the place of older ones."""
    owner = Owner(61_170)
    database_folder.mkdir()
    os.chown(database_folder, -1, 61_170)
    database_folder.chmod(0o710)
    (database_folder / "programs-17.0.0").mkdir()
    closed = database_folder.parent / "closed"
    closed.mkdir(mode=0o700)
    real = installed()
    hidden = Programs(closed / "real", real.version)
    subprocess.run(["cp", "-a", str(real.folder), str(hidden.folder)], check=True)
    copy = hidden.reachable(owner, database_folder)
    assert copy.folder == database_folder / f"programs-{real.version}"
    said = subprocess.run(
        [copy.program("postgres"), "-V"],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
        user=61_170,
        group=61_170,
        extra_groups=[],
    )
    assert "PostgreSQL" in said.stdout
    assert not (database_folder / "programs-17.0.0").exists()
    assert {path.lstat().st_uid for path in copy.folder.rglob("*")} == {0}
    assert hidden.reachable(owner, database_folder) == copy
