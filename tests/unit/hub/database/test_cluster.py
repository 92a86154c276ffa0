"""The data folder: made whole or not at all, checked, and closed to all others."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from hub.database.cluster import Cluster
from hub.database.owner import Owner, owner_of
from hub.database.program import Programs, installed
from hub.embedded.folder import StoreFailed
from tests.database_folder import database_folder

__all__ = ["database_folder"]


def cluster_in(folder: Path) -> Cluster:
    folder.mkdir(mode=0o700)
    owner = owner_of(folder / "data")
    if owner.number is not None:
        os.chown(folder, -1, owner.number)
        folder.chmod(0o710)
    return Cluster(folder / "data", installed(), owner)


async def test_it_is_made_and_let_us_in_alone(database_folder: Path) -> None:
    """Its only rule admits who comes through the socket and is us; what a first try left half done is gone."""
    cluster = cluster_in(database_folder)
    (database_folder / "data.new").mkdir()
    (database_folder / "data.new" / "half").write_text("")
    await cluster.make()
    cluster.check()
    cluster.admit()
    data = database_folder / "data"
    assert not (database_folder / "data.new").exists()
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    rules = [line for line in (data / "pg_hba.conf").read_text().splitlines() if not line.startswith("#")]
    assert rules == ["local all all peer map=hub"]
    assert {path.stat().st_uid for path in data.rglob("*")} == {data.stat().st_uid}
    assert data.stat().st_uid != 0


async def test_a_folder_of_another_version(tmp_path: Path) -> None:
    """Is not touched; the error says which version made it, and what to do."""
    (tmp_path / "PG_VERSION").write_text("15\n")
    with pytest.raises(StoreFailed, match=r"was made by PostgreSQL 15, and this hub has 18\.6\.3; dump it"):
        Cluster(tmp_path, Programs(tmp_path, "18.6.3"), Owner()).check()


async def test_a_folder_of_something_else(tmp_path: Path) -> None:
    """Is not touched either."""
    with pytest.raises(StoreFailed, match=r"is no data folder of PostgreSQL.*database\.embedded_dir"):
        Cluster(tmp_path, Programs(tmp_path, "18.6.3"), Owner()).check()


async def test_why_it_can_not_be_made(tmp_path: Path) -> None:
    """In initdb's words; and nothing looks like a database afterwards."""
    programs = tmp_path / "bin"
    programs.mkdir()
    script = programs / "initdb"
    script.write_text("#!/bin/sh\necho 'no space left'\nexit 1\n")
    script.chmod(0o755)
    with pytest.raises(StoreFailed, match="can't be made there: no space left"):
        await Cluster(tmp_path / "data", Programs(tmp_path, "18.6.3"), Owner()).make()
    assert not (tmp_path / "data").exists()


async def test_a_stop_while_it_is_made(tmp_path: Path) -> None:
    """Ends initdb, and leaves nothing that looks like a database."""
    programs = tmp_path / "bin"
    programs.mkdir()
    script = programs / "initdb"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/began\nexec sleep 60\n")
    script.chmod(0o755)
    making = asyncio.create_task(Cluster(tmp_path / "data", Programs(tmp_path, "18.6.3"), Owner()).make())
    while not (tmp_path / "began").exists():  # noqa: ASYNC110 - another process tells nobody
        await asyncio.sleep(0.01)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert not (tmp_path / "data").exists()
