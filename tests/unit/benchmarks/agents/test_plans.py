"""Plans of what was really executed."""

from __future__ import annotations

from sqlalchemy import text

from agents.store.database import Database
from benchmarks.agents.plans import BACKGROUND, Plans, brief, shape

ASK = "SELECT count(*) FROM messages WHERE role = :role AND content IN ('a')"


async def test_a_statement_is_told_with_its_call_and_what_it_read(store: Database) -> None:
    """A table that is read from one end to the other is named; one that is found by its key isn't."""
    plans = Plans(store.engine)
    async with plans.of("a call"), store.of_system() as connection:
        await connection.execute(text("SET LOCAL enable_indexscan = off"))
        await connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        await connection.execute(text(ASK), {"role": "user"})
        await connection.execute(text("SET LOCAL enable_indexscan = on"))
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        await connection.execute(text("SELECT id FROM tasks WHERE id = gen_random_uuid()::text::uuid OR id IS NULL"))
        await connection.execute(text("SELECT content FROM messages ORDER BY session_id, user_id, seq"))
    scans: dict[str, list[str]] = {plan.call: [] for plan in plans.found.values()}
    for plan in plans.found.values():
        scans[plan.call] += plan.scans({"messages"})
    assert scans == {"a call": ["messages"]}
    lines = [str(node) for plan in plans.found.values() for node in plan.nodes]
    assert any("Index Scan using messages_session_id_user_id_seq_key on messages: 0 rows x 1" in line for line in lines)


async def test_a_statement_within_a_function_belongs_to_the_call(store: Database) -> None:
    """It is told with the index that it uses."""
    plans = Plans(store.engine)
    within = "DO $$ BEGIN PERFORM id FROM users WHERE subject = 'ann'; END $$"
    async with plans.of("a call"), store.of_system() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        await connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        await connection.execute(text(within))
    assert [(plan.call, plan.access) for plan in plans.found.values()] == [("a call", "users_subject_key")]


async def test_what_no_call_has_asked_for_is_done_in_the_background(store: Database) -> None:
    """And what reads no table isn't told."""
    plans = Plans(store.engine)
    async with store.of_system() as connection:
        await connection.execute(text("SELECT 1"))
        await connection.execute(text("SELECT id FROM users"))
    async with plans.of("a later call"):
        pass
    assert [call for call, _ in plans.found] == [BACKGROUND]


def test_a_statement_is_one_whatever_its_parameters() -> None:
    """Lists of any length, with their types; the brief form leaves the columns out."""
    assert shape("SELECT a\nFROM b WHERE c IN ($1::UUID, $2::UUID) AND d = $3") == shape(
        "SELECT a FROM b WHERE c IN ($1::UUID) AND d = $2"
    )
    assert brief("SELECT a, b FROM c WHERE d = $1::BIGINT", 20) == "SELECT FROM c WHERE "
    assert brief("UPDATE a SET b = 1") == "UPDATE a SET b = 1"
