"""A PostgreSQL of the benchmark's own: the embedded one, as the hub runs it, in a folder that goes with it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from hub.database.embedded import EmbeddedPostgres
from hub.database.program import installed

CONNECTIONS: Final = "100"
_NO_OPTIONS: Final[Mapping[str, str]] = {}


@asynccontextmanager
async def postgres(options: Mapping[str, str] = _NO_OPTIONS) -> AsyncIterator[str]:
    """Run one, with the hub's own options; gives its DSN.

    Args:
        options: of PostgreSQL, beside those.
    """
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - PostgreSQL's own user must pass, and sees nothing
        server = EmbeddedPostgres(Path(folder) / "postgres", installed(), {"max_connections": CONNECTIONS, **options})
        try:
            yield await server.start()
        finally:
            await server.stop()
