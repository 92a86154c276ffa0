"""Who needs a database, and where it is when somebody does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from hub.database.embedded import SPARE_CONNECTIONS, EmbeddedPostgres, default_path
from hub.database.program import installed
from hub.options import Settings


def who_needs_a_database(settings: Settings) -> list[str]:
    """Return the options that say so."""
    needing = {
        "agents.enabled": settings.agents.enabled,
        "error_firewall.enabled": settings.error_firewall.enabled,
    }
    return [option for option, says_so in needing.items() if says_so]


def wants_database(settings: Settings) -> bool:
    """Tell whether the hub connects to a database."""
    return bool(settings.database.url) or settings.database.embedded == "always" or bool(who_needs_a_database(settings))


def embedded_for(
    settings: Settings, workers: int, environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> EmbeddedPostgres | None:
    """Return the server that the hub has to run for itself; `None` when it needs none.

    Args:
        workers: processes that connect to it.

    Raises:
        StoreFailed: there is no server for this platform.
    """
    options = settings.database
    if options.url or not wants_database(settings):
        return None
    path = default_path(settings.server.port, environment, home or Path.home())
    # One beside each pool watches whether the server is there, and the firewall's hears of changes.
    beside = 1 + settings.error_firewall.enabled
    if settings.agents.enabled:
        beside += settings.agents.pool_size + settings.agents.pool_overflow
    connections = workers * (options.max_size + beside) + SPARE_CONNECTIONS
    folder = Path(options.embedded_dir) if options.embedded_dir else path
    return EmbeddedPostgres(folder, installed(), {"max_connections": str(connections)})
