"""The rows of the endpoint table below `/auth` and `/my`."""

from __future__ import annotations

from typing import Any, Final

from hub.http.api.endpoint import Endpoint
from hub.http.api.my import accounts, agents, graphql, memories, models, runs, sessions, stream

ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    *accounts.ROWS,
    *agents.ROWS,
    *models.ROWS,
    *memories.ROWS,
    *sessions.ROWS,
    *runs.ROWS,
    *stream.ROWS,
    *graphql.ROWS,
)
