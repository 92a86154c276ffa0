"""How runs are read from `tasks`."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, select

from agents.store.scope import Work
from agents.store.tables import tasks, user_agents

_AGENT_NAME: Final = (
    select(user_agents.c.name)
    .where(user_agents.c.id == tasks.c.agent_id, user_agents.c.user_id == tasks.c.user_id)
    .scalar_subquery()
    .label("agent_name")
)
_COLUMNS: Final = tuple(column for column in tasks.c if column.name != "trace")


def runs_of(work: Work) -> Select[Any]:
    """Begin to read runs of a user."""
    return work.select(tasks, *_COLUMNS, _AGENT_NAME)
