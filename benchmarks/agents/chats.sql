-- Chats of many users. Words that begin with a dollar sign are replaced by `benchmarks.agents.filling`.

INSERT INTO users (id, subject, name)
SELECT md5('user' || n)::uuid, 'user-' || n, 'User ' || n FROM generate_series(1, $users + 1) n;

INSERT INTO user_agents (id, user_id, name, config, created_at)
SELECT
    md5(n || 'agent' || k)::uuid, md5('user' || n)::uuid, 'agent-' || k,
    '{"instructions": "Answer in short sentences.", "description": "Knows the handbook."}', now() - interval '400 days'
FROM generate_series(1, $users + 1) n, generate_series(1, CASE WHEN n > $users THEN 100 ELSE 2 END) k;

CREATE TEMP TABLE own_sessions AS
SELECT
    n, k, md5('user' || n)::uuid AS user_id, md5(n || 'session' || k)::uuid AS id,
    md5(n || 'agent' || 1 + k % 2)::uuid AS agent_id,
    (CASE WHEN n > $users AND k = 0 THEN $long_messages ELSE $messages END) / 2 AS turns,
    now() - random() * interval '300 days' - interval '60 days' AS began
FROM
    generate_series(1, $users + 1) n,
    generate_series((n <= $users)::int, CASE WHEN n > $users THEN $many_sessions ELSE $sessions END) k;
CREATE INDEX ON own_sessions (turns);
ANALYZE own_sessions;

INSERT INTO chat_sessions (id, user_id, title, last_seq, published_seq, created_at, updated_at)
SELECT
    id, user_id, 'What we spoke of on day ' || k, 1 + $events * turns, 1 + $events * turns, began,
    began + turns * interval '3 minutes'
FROM own_sessions ORDER BY began;

INSERT INTO session_events (session_id, seq, user_id, type, data, created_at)
SELECT id, 1, user_id, 'SESSION_CREATED', '{"title": ""}', began FROM own_sessions;

-- A turn of every session, and then the next one: so they have grown side by side.
CREATE TEMP VIEW own_turns AS
SELECT
    session.*, turn, 2 + $events * (turn - 1) AS first, md5(id || 'run' || turn)::uuid AS run,
    md5(id || 'user' || turn)::uuid AS question, md5(id || 'assistant' || turn)::uuid AS answer,
    began + turn * interval '3 minutes' AS at, turn * 7919 + n * 31 + k * 17 AS choice
FROM
    generate_series(1, greatest($messages, $long_messages) / 2) turn
    CROSS JOIN LATERAL (SELECT * FROM own_sessions WHERE turns >= turn ORDER BY n, k) session;

INSERT INTO messages (id, user_id, session_id, seq, role, content, agent_id, task_id, usage, created_at)
SELECT
    CASE place WHEN 0 THEN question ELSE answer END, user_id, id, first + place, role,
    (SELECT text FROM own_texts WHERE own_texts.n = (choice + place) % $texts), agent_id, run,
    CASE place WHEN 4 THEN '{"input_tokens": 812, "output_tokens": 167}'::jsonb END, at + place * interval '5 seconds'
FROM own_turns CROSS JOIN (VALUES (0, 'user'), (4, 'assistant')) of (place, role);

INSERT INTO tasks (
    id, user_id, session_id, agent_id, message_id, status, position, attempts, request, result, trace, node, created_at,
    started_at, completed_at
)
SELECT
    run, user_id, id, agent_id, question, 'completed', first - 1, 1, '{"if_active": "queue", "again": false}',
    jsonb_build_object('reply_id', answer, 'usage', '{"output_tokens": 167}'::jsonb),
    jsonb_build_object(
        'retrieved', '[]'::jsonb, 'model', 'local/one', 'prompt',
        jsonb_build_array(jsonb_build_object('role', 'system', 'content', repeat(md5(turn::text), 30)))
    ),
    'node-1', at, at + interval '5 milliseconds', at + interval '20 seconds'
FROM own_turns;

INSERT INTO session_events (session_id, seq, user_id, type, task_id, agent_id, data, created_at)
SELECT
    id, first + place, user_id, type, run, agent_id,
    CASE WHEN type = 'MESSAGE_CREATED' THEN jsonb_build_object('message', jsonb_build_object(
        'id', CASE place WHEN 0 THEN question ELSE answer END, 'seq', first + place, 'content',
        (SELECT text FROM own_texts WHERE own_texts.n = (choice + place) % $texts)
    )) ELSE jsonb_build_object('agent', 'agent-1', 'message_id', answer) END,
    at + place * interval '1 second'
FROM
    own_turns
    CROSS JOIN (VALUES
        (0, 'MESSAGE_CREATED'), (1, 'DIRECT_AGENT_CALL'), (2, 'TASK_STARTED'), (3, 'CONTEXT_RETRIEVED'),
        (4, 'MESSAGE_CREATED'), (5, 'TASK_COMPLETED')
    ) of (place, type);

CREATE TEMP TABLE own_agents AS
SELECT
    id, user_id, row_number() OVER (ORDER BY id) AS number,
    CASE
        WHEN user_id <> md5('user' || $users + 1)::uuid THEN $memories
        WHEN name = 'agent-1' THEN $many_memories
        ELSE 0
    END AS own
FROM user_agents;

INSERT INTO memories (id, user_id, agent_id, kind, text, source, words, word_count, created_at, updated_at)
SELECT
    md5(agent.id || 'memory' || m)::uuid, agent.user_id, agent.id, 'episode', own_texts.text,
    jsonb_build_object('session_id', md5(m::text)::uuid, 'message_ids', '[]'::jsonb),
    array_to_tsvector(ARRAY(SELECT left(agent.id::text, 3) || word FROM unnest(own_texts.words) word)),
    cardinality(own_texts.words),
    now() - m * interval '1 hour', now() - m * interval '1 hour'
FROM
    generate_series(1, greatest($memories, $many_memories)) m
    CROSS JOIN LATERAL (SELECT * FROM own_agents WHERE own >= m) agent
    JOIN own_texts ON own_texts.n = (m * 7919 + number * 31) % $texts;
