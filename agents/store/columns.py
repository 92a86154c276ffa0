"""Columns and constraints that several tables have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Uuid,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB


def id_column() -> Column[Any]:
    """The primary key: a UUID that who inserts has made."""
    return Column("id", Uuid, primary_key=True)


def user_column() -> Column[Any]:
    """Whose the row is. It goes with its user."""
    return Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)


def session_column(**more: Any) -> Column[Any]:
    """Which chat session the row is about; see `of_own_session`."""
    return Column("session_id", Uuid, **{"nullable": False, **more})


def of_own_session() -> ForeignKeyConstraint:
    """With the owner in the key no row can be about somebody else's session, whatever a statement says."""
    key = ["session_id", "user_id"]
    return ForeignKeyConstraint(key, ["chat_sessions.id", "chat_sessions.user_id"], ondelete="CASCADE")


def of_own_agent(ondelete: str) -> ForeignKeyConstraint:
    """Likewise for agents."""
    return ForeignKeyConstraint(["agent_id", "user_id"], ["user_agents.id", "user_agents.user_id"], ondelete=ondelete)


def time_column(name: str, **more: Any) -> Column[Any]:
    """A point in time."""
    return Column(name, DateTime(timezone=True), **more)


def created_column() -> Column[Any]:
    """When the row was made."""
    return time_column("created_at", nullable=False, server_default=func.now())


def json_column(name: str, **more: Any) -> Column[Any]:
    """JSON; `None` is SQL's NULL."""
    return Column(name, JSONB(none_as_null=True), **more)


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """A column of words that has one of these."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def is_one_of(column: ColumnElement[Any], values: tuple[str, ...]) -> ColumnElement[bool]:
    """A condition with words of the program in the statement itself. With parameters, a statement that was prepared for
    any of them can't use an index that is for some rows alone."""
    return column.in_([literal_column(f"'{value}'") for value in values])
