"""Words of memories are made by the program, and found by a function; vectors of memories that are gone are known until
they are removed. Pages of messages and runs, and pieces of answers, are found by one index each."""

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

_LET_THROUGH: Final = """
            (of_kind IS NULL OR m.kind = of_kind) AND (is_pinned IS NULL OR m.pinned = is_pinned)
            AND (was_success IS NULL OR m.success = was_success)
            AND (since IS NULL OR m.created_at >= since) AND (until IS NULL OR m.created_at <= until)"""

_FIND: Final = """
CREATE FUNCTION {schema}.find_memories(
    agent uuid, queries text[], weights float8[], most int, widest int,
    of_kind text, since timestamptz, until timestamptz, is_pinned boolean, was_success boolean
) RETURNS TABLE (memory_id uuid, score float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
#variable_conflict use_column
DECLARE
    own uuid := nullif(current_setting('tocsin.user_id', true), '')::uuid;
    everything float8;
BEGIN
    IF cardinality(queries) = 0 THEN
        RETURN;
    ELSIF num_nulls(of_kind, since, until, is_pinned, was_success) = 5 THEN
        SELECT count(*) INTO everything FROM memories m WHERE m.user_id = own AND m.agent_id = agent;
    ELSE
        SELECT count(*) INTO everything FROM memories m WHERE m.user_id = own AND m.agent_id = agent AND {let_through};
    END IF;
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT number, query::tsquery AS query, weight
        FROM unnest(queries, weights) WITH ORDINALITY AS given (query, weight, number)
    ), hits AS MATERIALIZED (
        -- In words it stands whose they are, so the index of words alone is right: no other may be taken for these ids.
        SELECT asked.number, hit.* FROM asked CROSS JOIN LATERAL (
            SELECT m.id, m.created_at, m.word_count FROM memories m
            WHERE m.words @@ asked.query AND m.agent_id IS NOT DISTINCT FROM agent
                AND m.user_id IS NOT DISTINCT FROM own AND {let_through}
            LIMIT widest + 1
        ) hit
    ), counted AS MATERIALIZED (
        SELECT asked.*, coalesce(found, 0)::float8 AS found, coalesce(found, 0) > widest AS is_common
        FROM asked LEFT JOIN (SELECT number, count(*) AS found FROM hits GROUP BY number) had USING (number)
    ), newest AS MATERIALIZED (
        SELECT m.id FROM memories m
        WHERE EXISTS (SELECT 1 FROM counted WHERE is_common) AND m.user_id = own AND m.agent_id = agent
            AND {let_through}
        ORDER BY m.created_at DESC LIMIT 4 * most
    ), best AS MATERIALIZED (
        SELECT id FROM hits JOIN counted USING (number)
        WHERE NOT is_common AND EXISTS (SELECT 1 FROM counted WHERE is_common)
        GROUP BY id ORDER BY sum(weight * ln(1 + (everything - found + 0.5) / (found + 0.5))) DESC LIMIT 4 * most
    ), near AS MATERIALIZED (
        SELECT id, bool_or(is_new) AS is_new
        FROM (SELECT id, true AS is_new FROM newest UNION ALL SELECT id, false FROM best) either GROUP BY id
    ), checked AS MATERIALIZED (
        -- Put together with nothing, words are unpacked once, and not for each query.
        SELECT counted.number, one.* FROM (
            SELECT near.is_new, m.id, m.created_at, m.word_count, m.words || ''::tsvector AS words
            FROM near CROSS JOIN LATERAL (SELECT * FROM memories WHERE memories.id = near.id LIMIT 1) m OFFSET 0
        ) one JOIN counted ON is_common AND one.words @@ query
    ), said AS MATERIALIZED (
        -- How many have a common term is told by how many of the newest do.
        SELECT number, weight * ln(1 + (everything - frequency + 0.5) / (frequency + 0.5)) AS value FROM (
            SELECT number, weight, greatest(found, everything * new / (SELECT count(*) FROM newest)) AS frequency
            FROM counted LEFT JOIN (
                SELECT number, count(*) FILTER (WHERE is_new) AS new FROM checked GROUP BY number
            ) sample USING (number) OFFSET 0
        ) estimated
    ), scored AS MATERIALIZED (
        SELECT id, min(created_at) AS created_at, min(word_count)::float8 AS word_count, sum(value) AS value FROM (
            SELECT hits.* FROM hits JOIN counted USING (number) WHERE NOT is_common
            UNION ALL SELECT number, id, created_at, word_count FROM checked
        ) had JOIN said USING (number) GROUP BY id
    )
    SELECT id, value / (SELECT sum(value) FROM said) * 2.2::float8 / (1 + 1.2::float8 * (
        0.25 + 0.75::float8 * greatest(word_count / (SELECT greatest(avg(word_count), 1) FROM scored), 1)
    )) AS score
    FROM scored ORDER BY score DESC, created_at DESC, id LIMIT most;
END
$$
"""
"""Runs as the tables' owner, since Row-Level Security lets no index of words be used: `@@` might tell of rows that its
user may not see. It confines itself by the same setting as policies do. What it reckons: `agents.memory.keyword`."""

_BUCKETS: Final = """
UPDATE memories SET word_count = length(words), words = array_to_tsvector(ARRAY(
    SELECT left(agent_id::text, 3) || word FROM unnest(tsvector_to_array(words)) word
))
"""

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
    """Make the outbox of removals. Words that are there stay, with their agent, until their memory is written again."""
    op.execute("ALTER TABLE memories ALTER COLUMN words DROP EXPRESSION")
    op.execute("ALTER TABLE memories ALTER COLUMN words SET DEFAULT ''")
    op.execute("UPDATE memories SET words = '' WHERE words IS NULL")
    op.execute("ALTER TABLE memories ALTER COLUMN words SET NOT NULL")
    op.execute("ALTER TABLE memories ADD COLUMN word_count SMALLINT DEFAULT 0 NOT NULL")
    op.execute(_BUCKETS)
    op.execute("ALTER INDEX memories_words_idx SET (fastupdate = off)")
    op.execute(
        "CREATE INDEX session_events_deltas_idx ON session_events (session_id, seq) WHERE type = 'MESSAGE_DELTA'"
    )
    op.execute(
        "CREATE INDEX memories_model_idx ON memories (coalesce(embedding_model, '')) WHERE embedding_state <> 'pending'"
    )
    op.execute(
        "CREATE TABLE vector_removals (memory_id UUID NOT NULL, owner_id UUID NOT NULL, agent_id UUID NOT NULL, "
        "next_at timestamptz DEFAULT now() NOT NULL, CONSTRAINT vector_removals_pkey PRIMARY KEY (memory_id))"
    )
    op.execute("CREATE INDEX vector_removals_next_at_idx ON vector_removals (next_at)")
    preparer = op.get_bind().dialect.identifier_preparer
    schema, role = (preparer.quote(context.config.attributes[name]) for name in ("schema", "role"))
    op.execute(_FIND.format(schema=schema, let_through=_LET_THROUGH))
    op.execute(f"REVOKE ALL ON FUNCTION {schema}.find_memories FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {schema}.find_memories TO {role}")
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
    op.execute("DROP FUNCTION find_memories")
    op.execute("DROP INDEX session_events_deltas_idx")
    op.execute("DROP INDEX memories_model_idx")
    op.execute("ALTER TABLE memories DROP COLUMN words, DROP COLUMN word_count")
    op.execute(
        "ALTER TABLE memories ADD COLUMN words TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED"
    )
    op.execute("CREATE INDEX memories_words_idx ON memories USING gin (words)")
