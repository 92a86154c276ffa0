"""Every table. Migrations make them (`agents.store.migrations`); a test compares the two.

A table with `user_id` belongs to users: queries go through `agents.store.scope`, and Row-Level Security holds for it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from agents.store.columns import (
    created_column,
    id_column,
    json_column,
    of_own_agent,
    of_own_session,
    one_of,
    session_column,
    time_column,
    user_column,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

AGENT_STATUS: Final = ("ready", "busy", "error")
TASK_STATUS: Final = ("waiting", "queued", "running", "completed", "failed", "cancelled", "interrupted")
TASK_ENDED: Final = ("completed", "failed", "cancelled", "interrupted")
"""A task with one of these never changes again."""
MESSAGE_STATUS: Final = ("complete", "partial")
EMBEDDING_STATE: Final = ("none", "pending", "stored")


users: Final = Table(
    "users",
    metadata,
    id_column(),
    # `sub` of the user's tokens: the id itself for an account made here, any name for one of another issuer.
    Column("subject", Text, nullable=False, unique=True),
    Column("email", Text),
    Column("name", Text, nullable=False, server_default=""),
    Column("password_hash", Text),
    created_column(),
)
Index("users_email_key", func.lower(users.c.email), unique=True)

refresh_tokens: Final = Table(
    "refresh_tokens",
    metadata,
    id_column(),
    user_column(),
    # All that came of one login. When a used token is shown again, the whole family ends.
    Column("family", Uuid, nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("client", Text, nullable=False, server_default=""),
    created_column(),
    time_column("expires_at", nullable=False, index=True),
    time_column("used_at"),
    time_column("revoked_at"),
    Index(None, "user_id"),
)

user_agents: Final = Table(
    "user_agents",
    metadata,
    id_column(),
    user_column(),
    Column("name", Text, nullable=False),
    json_column("config", nullable=False, server_default=text("'{}'")),
    Column("status", Text, nullable=False, server_default="ready"),
    # Rises with each change; what is cached of an agent is of one version.
    Column("version", Integer, nullable=False, server_default=text("1")),
    created_column(),
    time_column("updated_at", nullable=False, server_default=func.now()),
    one_of("status", AGENT_STATUS),
    UniqueConstraint("id", "user_id"),
)
Index("user_agents_user_id_name_key", user_agents.c.user_id, func.lower(user_agents.c.name), unique=True)

user_orchestrators: Final = Table(
    "user_orchestrators",
    metadata,
    id_column(),
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, unique=True),
    json_column("config", nullable=False, server_default=text("'{}'")),
    created_column(),
)

chat_sessions: Final = Table(
    "chat_sessions",
    metadata,
    id_column(),
    user_column(),
    Column("title", Text, nullable=False, server_default=""),
    # The newest event's number, and up to which the hub's channel is known to have them.
    Column("last_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("published_seq", BigInteger, nullable=False, server_default=text("0")),
    created_column(),
    time_column("updated_at", nullable=False, server_default=func.now()),
    UniqueConstraint("id", "user_id"),
    Index(None, "user_id", "updated_at", "id"),
    # With room on each page an update that only counts events leaves the indexes alone.
    Index(None, "updated_at"),
    postgresql_with={"fillfactor": 70},
)

messages: Final = Table(
    "messages",
    metadata,
    id_column(),
    user_column(),
    session_column(),
    # The event that told of it: the order of a session's messages.
    Column("seq", BigInteger, nullable=False),
    Column("role", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("agent_id", Uuid),
    Column("task_id", Uuid),
    Column("status", Text, nullable=False, server_default="complete"),
    json_column("citations"),
    json_column("usage"),
    created_column(),
    one_of("role", ("system", "user", "assistant", "tool")),
    one_of("status", MESSAGE_STATUS),
    of_own_session(),
    of_own_agent("SET NULL (agent_id)"),
    # A session has one owner, but PostgreSQL doesn't know. With the owner in it this index answers a page by itself;
    # without, all of a long session was read and sorted.
    UniqueConstraint("session_id", "user_id", "seq"),
    Index(None, "user_id", "created_at"),
    Index(None, "agent_id"),
)

tasks: Final = Table(
    "tasks",
    metadata,
    id_column(),
    user_column(),
    session_column(),
    Column("agent_id", Uuid),
    # The user's message that it answers.
    Column("message_id", Uuid),
    Column("status", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False, server_default=text("0")),
    # Order among a session's tasks that wait.
    Column("position", BigInteger, nullable=False, server_default=text("0")),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    # What the request gave so that asking twice is asking once.
    Column("idempotency_key", Text),
    json_column("request", nullable=False, server_default=text("'{}'")),
    json_column("result"),
    # What was retrieved and what the model was asked, for its owner to look at.
    json_column("trace"),
    Column("node", Text),
    time_column("lease_until"),
    time_column("stop_requested_at"),
    created_column(),
    time_column("started_at"),
    time_column("completed_at"),
    one_of("status", TASK_STATUS),
    of_own_session(),
    of_own_agent("SET NULL (agent_id)"),
    UniqueConstraint("session_id", "idempotency_key"),
    Index(None, "session_id", "user_id", "created_at", "id"),
    Index(None, "user_id", "created_at"),
    Index(None, "agent_id"),
    # One run of a session at a time, whatever the code does; the others wait.
    Index("tasks_active_key", "session_id", unique=True, postgresql_where=text("status IN ('queued', 'running')")),
    Index("tasks_waiting_idx", "session_id", "position", postgresql_where=text("status = 'waiting'")),
    Index(
        "tasks_open_idx",
        "status",
        "lease_until",
        postgresql_where=text("status IN ('waiting', 'queued', 'running')"),
    ),
)

session_events: Final = Table(
    "session_events",
    metadata,
    session_column(primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    user_column(),
    Column("type", Text, nullable=False),
    Column("task_id", Uuid),
    Column("agent_id", Uuid),
    json_column("data", nullable=False),
    created_column(),
    of_own_session(),
    # Pieces of answers, which upkeep removes: a log has few of them, and many other events.
    Index("session_events_deltas_idx", "session_id", "seq", postgresql_where=text("type = 'MESSAGE_DELTA'")),
)

approval_requests: Final = Table(
    "approval_requests",
    metadata,
    id_column(),
    user_column(),
    Column("type", Text, nullable=False),
    json_column("payload", nullable=False),
    Column("status", Text, nullable=False),
    created_column(),
    time_column("resolved_at"),
    Column("decision", Text),
    Index(None, "user_id", "status"),
)

memories: Final = Table(
    "memories",
    metadata,
    # UUIDv5 of agent and content: the same thing remembered twice is one memory.
    id_column(),
    user_column(),
    Column("agent_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    # Where it comes from: session, message ids, task.
    json_column("source", nullable=False, server_default=text("'{}'")),
    Column("importance", Float, nullable=False, server_default=text("0.5")),
    Column("pinned", Boolean, nullable=False, server_default=text("false")),
    # Whether what it tells of went well; null: not known.
    Column("success", Boolean),
    Column("embedding_state", Text, nullable=False, server_default="none"),
    Column("embedding_model", Text),
    Column("embedding_attempts", SmallInteger, nullable=False, server_default=text("0")),
    time_column("embedding_next_at"),
    # Made by `agents.memory.keyword`, so that question and memory go by the same rules.
    Column("words", TSVECTOR, nullable=False, server_default=text("''")),
    Column("word_count", SmallInteger, nullable=False, server_default=text("0")),
    created_column(),
    time_column("updated_at", nullable=False, server_default=func.now()),
    one_of("embedding_state", EMBEDDING_STATE),
    of_own_agent("CASCADE"),
    Index(None, "user_id", "agent_id", "created_at"),
    # Written at once: each search reads all that is put off.
    Index(None, "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    Index("memories_pending_idx", "embedding_next_at", postgresql_where=text("embedding_state = 'pending'")),
)
# What another model made, or none, is found at once, and that there is nothing as well.
Index(
    "memories_model_idx",
    func.coalesce(memories.c.embedding_model, text("''")),
    postgresql_where=text("embedding_state <> 'pending'"),
)

vector_removals: Final = Table(
    "vector_removals",
    metadata,
    # A memory that is gone, and whose vector must go too. A trigger writes these rows whatever deleted the memory, so
    # they have no foreign keys; upkeep takes them away when the vector store says that it is done.
    Column("memory_id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False),
    Column("agent_id", Uuid, nullable=False),
    time_column("next_at", nullable=False, server_default=func.now(), index=True),
)

OWNED: Final = tuple(table for table in metadata.sorted_tables if "user_id" in table.c)
"""Tables whose rows belong to users."""
