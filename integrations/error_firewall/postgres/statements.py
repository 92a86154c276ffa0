"""What the store says to the database. `{schema}` stands for its schema; `$1` of a change is the change's number.

Values are cast from and to text: a pool whose connections have codecs of their own for JSON does no harm.
"""

from __future__ import annotations

from typing import Final

from integrations.error_firewall.postgres.rows import COLUMNS

_JSON: Final = ("solution", "context", "body")
_COUNTED: Final = ("worked", "did_not", "repeated", "overridden", "false_blocks", "occurrences")
"""What `save` leaves as it is."""

COUNTERS: Final = {
    "worked": "worked",
    "did_not": "did_not",
    "repeated": "repeated",
    "overridden": "overridden",
    "false_block": "false_blocks",
}
"""The column that counts each kind of outcome."""


def _value(column: str, number: int) -> str:
    return f"${number}::text::json" if column in _JSON else f"${number}"


_VALUES: Final = [_value(column, number) for number, column in enumerate(COLUMNS, start=2)]
"""From `$2` on, since `$1` is the number of the change."""
_RETURNED: Final = ", ".join(
    f"entry.{column}::text AS {column}" if column in _JSON else f"entry.{column}" for column in ("version", *COLUMNS)
)
_BACK: Final = "WITH back AS (DELETE FROM {schema}.forgotten WHERE id = $2)"
"""An entry that is there isn't forgotten any more."""
_INSERT: Final = (
    f"{_BACK} INSERT INTO {{schema}}.entries AS entry (change, version, {', '.join(COLUMNS)}) "  # noqa: S608 - constants
    f"VALUES ($1, 1, {', '.join(_VALUES)}) "
)

INSERT: Final = f"{_INSERT} ON CONFLICT (id) DO NOTHING RETURNING {_RETURNED}"

OBSERVE: Final = f"""
{_INSERT} ON CONFLICT (id) DO UPDATE SET
    change = excluded.change,
    version = entry.version + 1,
    occurrences = entry.occurrences + excluded.occurrences,
    message = CASE WHEN excluded.last_seen >= entry.last_seen THEN excluded.message ELSE entry.message END,
    context = CASE WHEN excluded.last_seen >= entry.last_seen THEN excluded.context ELSE entry.context END,
    last_seen = greatest(excluded.last_seen, entry.last_seen),
    updated_at = greatest(excluded.last_seen, entry.last_seen),
    solution = coalesce(entry.solution, excluded.solution)
WHERE entry.kind = 'record' AND excluded.kind = 'record'
RETURNING {_RETURNED}
"""

UPDATE: Final = (
    "UPDATE {schema}.entries AS entry SET change = $1, version = entry.version + 1, "  # noqa: S608 - constants
    + ", ".join(f"{column} = {value}" for column, value in zip(COLUMNS, _VALUES, strict=True) if column not in _COUNTED)
    # The numbers of the counters are given all the same, and so the database wants to know what they are.
    + " FROM (SELECT "
    + ", ".join(f"{value}::bigint" for column, value in zip(COLUMNS, _VALUES, strict=True) if column in _COUNTED)
    + f") AS unused WHERE id = $2 AND kind = $3 AND version = ${len(COLUMNS) + 2} RETURNING {_RETURNED}"
)

_COUNT: Final = ", ".join(f"{column} = {column} + ($4 = '{kind}')::integer" for kind, column in COUNTERS.items())
COUNT_OUTCOME: Final = f"""
WITH entry AS (
    UPDATE {{schema}}.entries SET change = $1, version = version + 1, {_COUNT}
    WHERE id = $2 RETURNING version, {", ".join(COLUMNS)}
), kept AS (
    INSERT INTO {{schema}}.outcomes (entry_id, at, kind, check_id, actor, reason)
    SELECT $2, $3, $4, $5, $6, $7 FROM entry)
SELECT {_RETURNED} FROM entry
"""  # noqa: S608 - constants

FORGET: Final = """
WITH gone AS (DELETE FROM {schema}.entries WHERE id = ANY($2::text[]) RETURNING id), noted AS (
    INSERT INTO {schema}.forgotten (id, change) SELECT id, $1 FROM gone
    ON CONFLICT (id) DO UPDATE SET change = excluded.change)
SELECT count(*) FROM gone HAVING count(*) > 0
"""

VERSION: Final = "SELECT number FROM {schema}.counter"
CHANGED: Final = f"SELECT {_RETURNED} FROM {{schema}}.entries AS entry WHERE change > $1"  # noqa: S608 - constants
GONE: Final = "SELECT id FROM {schema}.forgotten WHERE change > $1"

APPEND_VERDICTS: Final = """
INSERT INTO {schema}.verdicts (check_id, at, operation, decision, entry_id, body)
SELECT check_id, at, operation, decision, entry_id, body::json
FROM unnest($1::text[], $2::double precision[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS given (check_id, at, operation, decision, entry_id, body)
ON CONFLICT (check_id) DO NOTHING
"""

_VERDICT: Final = "SELECT check_id, at, operation, decision, body::text AS body FROM {schema}.verdicts"

VERDICT: Final = f"{_VERDICT} WHERE check_id = $1"

VERDICTS: Final = f"""
{_VERDICT} WHERE ($1::text IS NULL OR operation = $1) AND ($2::text IS NULL OR entry_id = $2)
    AND ($3::text IS NULL OR decision = $3) AND ($4::double precision IS NULL OR at < $4)
ORDER BY at DESC, check_id DESC LIMIT $5
"""

OUTCOMES: Final = """
SELECT entry_id, at, kind, check_id, actor, reason FROM {schema}.outcomes WHERE entry_id = $1
ORDER BY at DESC, number DESC LIMIT $2
"""

PRUNE: Final = """
DELETE FROM {schema}.verdicts WHERE check_id IN (
    SELECT check_id FROM {schema}.verdicts WHERE at < $1 ORDER BY at LIMIT $2)
RETURNING 1
"""

_RESOURCE: Final = "name, items::text AS items, covers::text AS covers, updated_at, changed_by, change"
RESOURCES: Final = f"SELECT {_RESOURCE} FROM {{schema}}.resources WHERE change > $1 ORDER BY name"  # noqa: S608 - constants
PUT_RESOURCE: Final = f"""
INSERT INTO {{schema}}.resources (change, name, items, covers, updated_at, changed_by)
VALUES ($1, $2, $3::text::json, $4::text::json, $5, $6)
ON CONFLICT (name) DO UPDATE SET
    change = excluded.change, items = excluded.items, covers = excluded.covers, updated_at = excluded.updated_at,
    changed_by = excluded.changed_by
RETURNING {_RESOURCE}
"""  # noqa: S608 - constants
