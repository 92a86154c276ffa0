"""The first tables.

Row-Level Security confines the role of members to the user that the transaction names in `tocsin.user_id`. Whoever owns
the tables is not confined: signing in and upkeep serve all users.
"""

from __future__ import annotations

from typing import Final

from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES: Final = (
    "users",
    "approval_requests",
    "chat_sessions",
    "refresh_tokens",
    "user_agents",
    "user_orchestrators",
    "memories",
    "messages",
    "session_events",
    "tasks",
)
"""In the order in which they can be made."""

OWNERS: Final = {"users": "id"}
"""The column that says whose a row is, where it isn't `user_id`."""

UNSEEN: Final = ("refresh_tokens",)
"""Tables that no transaction of a user has to do with."""

STATEMENTS: Final = """
CREATE TABLE users (
    id UUID NOT NULL,
    subject TEXT NOT NULL,
    email TEXT,
    name TEXT DEFAULT '' NOT NULL,
    password_hash TEXT,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_subject_key UNIQUE (subject)
);

CREATE UNIQUE INDEX users_email_key ON users (lower(email));

CREATE TABLE approval_requests (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    type TEXT NOT NULL,
    payload JSONB NOT NULL,
    status TEXT NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    resolved_at timestamptz,
    decision TEXT,
    CONSTRAINT approval_requests_pkey PRIMARY KEY (id),
    CONSTRAINT approval_requests_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX approval_requests_user_id_status_idx ON approval_requests (user_id, status);

CREATE TABLE chat_sessions (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    title TEXT DEFAULT '' NOT NULL,
    last_seq BIGINT DEFAULT 0 NOT NULL,
    published_seq BIGINT DEFAULT 0 NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT chat_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT chat_sessions_id_user_id_key UNIQUE (id, user_id),
    CONSTRAINT chat_sessions_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE
)
 WITH (fillfactor = 70);

CREATE INDEX chat_sessions_updated_at_idx ON chat_sessions (updated_at);

CREATE INDEX chat_sessions_user_id_updated_at_id_idx ON chat_sessions (user_id, updated_at, id);

CREATE TABLE refresh_tokens (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    family UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    client TEXT DEFAULT '' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT refresh_tokens_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash)
);

CREATE INDEX refresh_tokens_expires_at_idx ON refresh_tokens (expires_at);

CREATE INDEX refresh_tokens_family_idx ON refresh_tokens (family);

CREATE INDEX refresh_tokens_user_id_idx ON refresh_tokens (user_id);

CREATE TABLE user_agents (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    name TEXT NOT NULL,
    config JSONB DEFAULT '{}' NOT NULL,
    status TEXT DEFAULT 'ready' NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT user_agents_pkey PRIMARY KEY (id),
    CONSTRAINT user_agents_status_check CHECK (status IN ('ready', 'busy', 'error')),
    CONSTRAINT user_agents_id_user_id_key UNIQUE (id, user_id),
    CONSTRAINT user_agents_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX user_agents_user_id_name_key ON user_agents (user_id, lower(name));

CREATE TABLE user_orchestrators (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    config JSONB DEFAULT '{}' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT user_orchestrators_pkey PRIMARY KEY (id),
    CONSTRAINT user_orchestrators_user_id_key UNIQUE (user_id),
    CONSTRAINT user_orchestrators_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE memories (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    agent_id UUID NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    source JSONB DEFAULT '{}' NOT NULL,
    importance FLOAT DEFAULT 0.5 NOT NULL,
    pinned BOOLEAN DEFAULT false NOT NULL,
    success BOOLEAN,
    embedding_state TEXT DEFAULT 'none' NOT NULL,
    embedding_model TEXT,
    embedding_attempts SMALLINT DEFAULT 0 NOT NULL,
    embedding_next_at timestamptz,
    words TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT memories_pkey PRIMARY KEY (id),
    CONSTRAINT memories_embedding_state_check CHECK (embedding_state IN ('none', 'pending', 'stored')),
    CONSTRAINT memories_agent_id_user_id_fkey FOREIGN KEY (agent_id, user_id)
        REFERENCES user_agents (id, user_id) ON DELETE CASCADE,
    CONSTRAINT memories_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX memories_pending_idx ON memories (embedding_next_at) WHERE embedding_state = 'pending';

CREATE INDEX memories_user_id_agent_id_created_at_idx ON memories (user_id, agent_id, created_at);

CREATE INDEX memories_words_idx ON memories USING gin (words);

CREATE TABLE messages (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    session_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    agent_id UUID,
    task_id UUID,
    status TEXT DEFAULT 'complete' NOT NULL,
    citations JSONB,
    usage JSONB,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (id),
    CONSTRAINT messages_role_check CHECK (role IN ('system', 'user', 'assistant', 'tool')),
    CONSTRAINT messages_status_check CHECK (status IN ('complete', 'partial')),
    CONSTRAINT messages_session_id_user_id_fkey FOREIGN KEY (session_id, user_id)
        REFERENCES chat_sessions (id, user_id) ON DELETE CASCADE,
    CONSTRAINT messages_agent_id_user_id_fkey FOREIGN KEY (agent_id, user_id)
        REFERENCES user_agents (id, user_id) ON DELETE SET NULL (agent_id),
    CONSTRAINT messages_session_id_seq_key UNIQUE (session_id, seq),
    CONSTRAINT messages_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX messages_agent_id_idx ON messages (agent_id);

CREATE INDEX messages_user_id_created_at_idx ON messages (user_id, created_at);

CREATE TABLE session_events (
    session_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    user_id UUID NOT NULL,
    type TEXT NOT NULL,
    task_id UUID,
    agent_id UUID,
    data JSONB NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT session_events_pkey PRIMARY KEY (session_id, seq),
    CONSTRAINT session_events_session_id_user_id_fkey FOREIGN KEY (session_id, user_id)
        REFERENCES chat_sessions (id, user_id) ON DELETE CASCADE,
    CONSTRAINT session_events_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE tasks (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    session_id UUID NOT NULL,
    agent_id UUID,
    message_id UUID,
    status TEXT NOT NULL,
    priority SMALLINT DEFAULT 0 NOT NULL,
    position BIGINT DEFAULT 0 NOT NULL,
    attempts SMALLINT DEFAULT 0 NOT NULL,
    idempotency_key TEXT,
    request JSONB DEFAULT '{}' NOT NULL,
    result JSONB,
    trace JSONB,
    node TEXT,
    lease_until timestamptz,
    stop_requested_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    started_at timestamptz,
    completed_at timestamptz,
    CONSTRAINT tasks_pkey PRIMARY KEY (id),
    CONSTRAINT tasks_status_check CHECK (
        status IN ('waiting', 'queued', 'running', 'completed', 'failed', 'cancelled', 'interrupted')
    ),
    CONSTRAINT tasks_session_id_user_id_fkey FOREIGN KEY (session_id, user_id)
        REFERENCES chat_sessions (id, user_id) ON DELETE CASCADE,
    CONSTRAINT tasks_agent_id_user_id_fkey FOREIGN KEY (agent_id, user_id)
        REFERENCES user_agents (id, user_id) ON DELETE SET NULL (agent_id),
    CONSTRAINT tasks_session_id_idempotency_key_key UNIQUE (session_id, idempotency_key),
    CONSTRAINT tasks_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX tasks_active_key ON tasks (session_id) WHERE status IN ('queued', 'running');

CREATE INDEX tasks_agent_id_idx ON tasks (agent_id);

CREATE INDEX tasks_open_idx ON tasks (status, lease_until) WHERE status IN ('waiting', 'queued', 'running');

CREATE INDEX tasks_session_id_created_at_idx ON tasks (session_id, created_at);

CREATE INDEX tasks_user_id_created_at_idx ON tasks (user_id, created_at);

CREATE INDEX tasks_waiting_idx ON tasks (session_id, position) WHERE status = 'waiting'
"""


def upgrade() -> None:
    """Make everything."""
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
    config = context.config.attributes
    preparer = op.get_bind().dialect.identifier_preparer
    role, schema = preparer.quote(config["role"]), preparer.quote(config["schema"])
    op.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
    for table in TABLES:
        if table in UNSEEN:
            continue
        owner = OWNERS.get(table, "user_id")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY members ON {table} TO {role} "
            f"USING ({owner} = nullif(current_setting('tocsin.user_id', true), '')::uuid)"
        )


def downgrade() -> None:
    """Drop everything. The role stays: other databases of the server may use it."""
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
