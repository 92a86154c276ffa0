"""A folder for an embedded PostgreSQL: short enough for a socket, and reachable for the user that it runs as."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest


def servers_on(folder: Path) -> list[psutil.Process]:
    """Every process of a PostgreSQL whose data is in `folder`."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder / "data") and Path(process.exe()).name == "postgres":
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


@pytest.fixture
def database_folder() -> Iterator[Path]:
    """One that isn't there yet; afterwards it is gone, and so is every server on it."""
    around = Path(tempfile.mkdtemp(prefix="tocsin-", dir="/tmp"))
    if os.geteuid() == 0:
        around.chmod(0o755)
    yield around / "postgres"
    for process in servers_on(around / "postgres"):
        process.kill()
    shutil.rmtree(around)
