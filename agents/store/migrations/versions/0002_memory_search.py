"""Words of memories are made by the program; vectors of memories that are gone are known until they are removed. Pages
of messages and runs are found by one index each."""

from __future__ import annotations

from typing import Final

from alembic import context, op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TRIGGER: Final = """
CREATE FUNCTION {schema}.remove_vectors() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    INSERT INTO vector_removals (memory_id, owner_id, agent_id)
    SELECT id, user_id, agent_id FROM gone WHERE embedding_attempts > 0 OR embedding_model IS NOT NULL
    ON CONFLICT (memory_id) DO NOTHING;
    RETURN NULL;
END
$$
"""
"""Runs as the tables' owner: a user's transaction may delete memories, and sees nothing of this table."""

_DROP_VECTORS: Final = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = current_schema() AND starts_with(tablename, 'memory_vectors_')
    LOOP
        EXECUTE format('DROP TABLE %I', name);
    END LOOP;
END
$$
"""
"""`agents.memory.pgvector` makes a table for each embedding model."""

_PAGES: Final = """
ALTER TABLE messages
    DROP CONSTRAINT messages_session_id_seq_key,
    ADD CONSTRAINT messages_session_id_user_id_seq_key UNIQUE (session_id, user_id, seq);
CREATE INDEX tasks_session_id_user_id_created_at_id_idx ON tasks (session_id, user_id, created_at, id);
DROP INDEX tasks_session_id_created_at_idx
"""
_PAGES_BEFORE: Final = """
ALTER TABLE messages
    DROP CONSTRAINT messages_session_id_user_id_seq_key,
    ADD CONSTRAINT messages_session_id_seq_key UNIQUE (session_id, seq);
CREATE INDEX tasks_session_id_created_at_idx ON tasks (session_id, created_at);
DROP INDEX tasks_session_id_user_id_created_at_id_idx
"""


def upgrade() -> None:
    """Make the outbox of removals. Words that are there stay until their memory is written again."""
    op.execute("ALTER TABLE memories ALTER COLUMN words DROP EXPRESSION")
    op.execute("ALTER TABLE memories ALTER COLUMN words SET DEFAULT ''")
    op.execute("UPDATE memories SET words = '' WHERE words IS NULL")
    op.execute("ALTER TABLE memories ALTER COLUMN words SET NOT NULL")
    op.execute(
        "CREATE INDEX memories_model_idx ON memories (coalesce(embedding_model, '')) WHERE embedding_state <> 'pending'"
    )
    op.execute(
        "CREATE TABLE vector_removals (memory_id UUID NOT NULL, owner_id UUID NOT NULL, agent_id UUID NOT NULL, "
        "next_at timestamptz DEFAULT now() NOT NULL, CONSTRAINT vector_removals_pkey PRIMARY KEY (memory_id))"
    )
    op.execute("CREATE INDEX vector_removals_next_at_idx ON vector_removals (next_at)")
    preparer = op.get_bind().dialect.identifier_preparer
    schema = preparer.quote(context.config.attributes["schema"])
    op.execute(_TRIGGER.format(schema=schema))
    op.execute(f"REVOKE ALL ON FUNCTION {schema}.remove_vectors() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER memories_remove_vectors AFTER DELETE ON memories REFERENCING OLD TABLE AS gone "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {schema}.remove_vectors()"
    )
    for statement in _PAGES.split(";"):
        op.execute(statement)


def downgrade() -> None:
    """Go back to words that PostgreSQL makes. Vectors, and removals that aren't done, are forgotten."""
    for statement in _PAGES_BEFORE.split(";"):
        op.execute(statement)
    op.execute(_DROP_VECTORS)
    op.execute("DROP TRIGGER memories_remove_vectors ON memories")
    op.execute("DROP FUNCTION remove_vectors()")
    op.execute("DROP TABLE vector_removals")
    op.execute("DROP INDEX memories_model_idx")
    op.execute("ALTER TABLE memories DROP COLUMN words")
    op.execute(
        "ALTER TABLE memories ADD COLUMN words TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED"
    )
    op.execute("CREATE INDEX memories_words_idx ON memories USING gin (words)")
