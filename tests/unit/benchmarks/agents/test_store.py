"""The benchmark's own PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from benchmarks.agents import store
from hub.database.program import Programs


class Embedded:
    """Stands for `hub.database.embedded.EmbeddedPostgres`, which has tests of its own."""

    made: ClassVar[list[Embedded]] = []

    def __init__(self, folder: Path, programs: Programs, options: Mapping[str, str]) -> None:
        self.folder, self.options, self.mode, self.ended = folder, options, 0, False
        self.made.append(self)

    async def start(self) -> str:
        """Note what the folder is like."""
        self.mode = self.folder.parent.stat().st_mode & 0o777
        return "postgresql://here"

    async def stop(self) -> None:
        """Note that it ends."""
        self.ended = True


async def test_a_server_comes_and_goes_with_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when what was measured fails. It has the options that it is given, and its own user may pass the folder."""
    monkeypatch.setattr(store, "EmbeddedPostgres", Embedded)

    async def measuring() -> None:
        async with store.postgres({"work_mem": "5MB"}) as dsn:
            raise RuntimeError(dsn)

    with pytest.raises(RuntimeError, match="postgresql://here"):
        await measuring()
    (server,) = Embedded.made
    assert server.options == {"max_connections": store.CONNECTIONS, "work_mem": "5MB"}
    assert server.mode == 0o711
    assert server.ended
    assert not server.folder.parent.exists()
