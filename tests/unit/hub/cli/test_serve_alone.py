"""`tocsin serve` in one process. That it serves is shown in tests/integration; with a database of its own, in
tests/integration/test_embedded_postgres.py."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from hub.cli.serve_alone import serve_alone
from hub.database.need import embedded_for
from hub.embedded.folder import StoreFailed
from tests.live import settings_for, until


async def test_it_serves_until_it_is_told_to_stop(capsys: pytest.CaptureFixture[str]) -> None:
    """With the exit code of a hub that ended well."""
    settings = settings_for()
    serving = asyncio.create_task(serve_alone(settings, lambda: settings, None))
    printed: list[str] = []

    def is_listening() -> bool:
        printed.append(capsys.readouterr().out)
        return "listening on" in "".join(printed)

    await until(is_listening)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await serving == 0


async def test_a_database_that_can_not_be_run(tmp_path: Path) -> None:
    """Is told, and no hub is left behind."""
    (tmp_path / "notes.txt").write_text("no data of PostgreSQL")
    settings = settings_for(database__embedded="always", database__embedded_dir=str(tmp_path))
    with pytest.raises(StoreFailed, match="PostgreSQL"):
        await serve_alone(settings, lambda: settings, embedded_for(settings, 1))
