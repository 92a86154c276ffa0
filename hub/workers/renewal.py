"""The configuration for workers that replace others: all of it, but for what old and new ones must agree on."""

from __future__ import annotations

import structlog

from hub.options import Settings
from hub.reload import Reread, read

log = structlog.get_logger(__name__)

PINNED = ("host", "port", "workers")
"""Options of `server` that the supervisor itself has made use of."""


async def reread_all(current: Settings, source: Reread) -> Settings | None:
    """Read anew; `None` when it can't be used, and the log then says why."""
    settings = await read(source)
    return None if settings is None else renewed(current, settings)


def renewed(current: Settings, new: Settings) -> Settings:
    """Return `new` with what a replaced worker can't have, and say in the log what that is.

    Workers with another Redis would be another hub on the same port; and the embedded servers are the supervisor's.
    """
    kept = {option: getattr(current.server, option) for option in PINNED}
    changed = [f"server.{option}" for option, value in kept.items() if value != getattr(new.server, option)]
    shared = {"redis": current.redis, "database": current.database}
    changed += [section for section, value in shared.items() if value != getattr(new, section)]
    for option in changed:
        log.warning("needs a restart of the supervisor; until then the old value holds", option=option)
    return new.model_copy(update={"server": new.server.model_copy(update=kept), **shared})
