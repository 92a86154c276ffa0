"""The store's tables, as numbered steps. One that stands in a released version never changes; new ones go to the end.

Values that callers gave are `json` and not `jsonb`: they come back exactly as they were, with `1.0` for `1.0`, numbers
of any size, keys in their order, and U+0000, all of which `jsonb` changes or refuses. What is searched, ordered or
counted by the database has a column. Times are seconds since 1970 as `double precision`, to the last bit those of the
program.
"""

from __future__ import annotations

from typing import Final

_FIRST: Final = """
CREATE TABLE {schema}.counter (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    number bigint NOT NULL
);
COMMENT ON TABLE {schema}.counter IS
    'The number of the newest change. Whoever changes an entry locks this row first and holds it until the commit, so '
    'numbers become visible in their order.';
INSERT INTO {schema}.counter (number) VALUES (0);

CREATE TABLE {schema}.entries (
    id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('record', 'rule')),
    change bigint NOT NULL,
    version bigint NOT NULL,
    operation text NOT NULL,
    error_type text NOT NULL,
    status text NOT NULL,
    message text NOT NULL,
    solution json,
    context json NOT NULL,
    body json NOT NULL,
    worked bigint NOT NULL,
    did_not bigint NOT NULL,
    repeated bigint NOT NULL,
    overridden bigint NOT NULL,
    false_blocks bigint NOT NULL,
    occurrences bigint NOT NULL,
    created_at double precision NOT NULL,
    updated_at double precision NOT NULL,
    first_seen double precision NOT NULL,
    last_seen double precision NOT NULL,
    expires_at double precision
);
COMMENT ON TABLE {schema}.entries IS 'Records of errors, and rules.';
CREATE INDEX entries_change ON {schema}.entries (change);

CREATE TABLE {schema}.forgotten (
    id text PRIMARY KEY,
    change bigint NOT NULL
);
COMMENT ON TABLE {schema}.forgotten IS 'Entries that are gone, so that every process learns of it.';
CREATE INDEX forgotten_change ON {schema}.forgotten (change);

CREATE TABLE {schema}.verdicts (
    check_id text PRIMARY KEY,
    at double precision NOT NULL,
    operation text NOT NULL,
    decision text NOT NULL,
    entry_id text,
    body json NOT NULL
);
COMMENT ON TABLE {schema}.verdicts IS 'The books: what was answered to whom, and why.';
CREATE INDEX verdicts_at ON {schema}.verdicts (at);
CREATE INDEX verdicts_entry ON {schema}.verdicts (entry_id, at) WHERE entry_id IS NOT NULL;
CREATE INDEX verdicts_operation ON {schema}.verdicts (operation, at);

CREATE TABLE {schema}.outcomes (
    number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    entry_id text NOT NULL REFERENCES {schema}.entries (id) ON DELETE CASCADE,
    at double precision NOT NULL,
    kind text NOT NULL,
    check_id text,
    actor text,
    reason text
);
COMMENT ON TABLE {schema}.outcomes IS 'What became of blocks, warnings and solutions.';
CREATE INDEX outcomes_entry ON {schema}.outcomes (entry_id, at, number);

CREATE TABLE {schema}.resources (
    name text PRIMARY KEY,
    change bigint NOT NULL,
    items json NOT NULL,
    covers json NOT NULL,
    updated_at double precision NOT NULL,
    changed_by text
);
COMMENT ON TABLE {schema}.resources IS 'What the environment really has, such as its simulators.';
CREATE INDEX resources_change ON {schema}.resources (change);
"""

STEPS: Final = (_FIRST,)
"""What leads from each version to the next: step `n` (from 1) makes version `n`."""
