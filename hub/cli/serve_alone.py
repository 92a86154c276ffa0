"""`tocsin serve` in one process."""

from __future__ import annotations

import asyncio

from hub.database.embedded import EmbeddedPostgres
from hub.embedded.lending import lent
from hub.logs import configure
from hub.options import Settings
from hub.reload import Reread
from hub.serve import serve, stop_on_signals


async def serve_alone(settings: Settings, source: Reread, database: EmbeddedPostgres | None) -> int:
    """Be the hub, and run its database, if it has one of its own. Returns the exit code.

    Args:
        source: where to read the configuration again from, on SIGHUP.

    Raises:
        OSError: the address can't be had. hub.settings.SettingsError: the configuration can't be used.
        hub.embedded.folder.StoreFailed: the database can't be run.
    """
    if database is None:
        return await serve(settings, source=source)
    configure(settings.log)
    stop = stop_on_signals()
    starting = asyncio.create_task(database.start(), name="embedded PostgreSQL's start")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            return 0
        urls = {"database": await starting}
        return await serve(lent(settings, urls), source=lambda: lent(source(), urls))
    finally:
        for task in (starting, stopping):
            task.cancel()
        await asyncio.gather(starting, stopping, return_exceptions=True)
        await database.stop()
