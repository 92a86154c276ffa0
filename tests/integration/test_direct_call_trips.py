"""What a direct call asks of the database: each round trip is time that its user waits, and work of the hub."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import event

from agents.store.database import Database
from tests.agents_kit import agents_dsn, agents_template
from tests.integration.test_chat import a_chat
from tests.llm_double import says
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]

CALLS = 4


def count_users_work(database: Database) -> Counter[str]:
    """Count transactions of users, and their round trips: a statement each, one to begin, one to commit. What runs in
    the background is the system's."""
    counted: Counter[str] = Counter()

    def is_users(connection: Any) -> bool:
        return bool(connection.connection.driver_connection.beginning)

    def executed(connection: Any, *_: Any) -> None:
        counted["trips"] += is_users(connection)

    def ended(connection: Any) -> None:
        if is_users(connection):
            counted.update(transactions=1, trips=2)

    engine = database.engine.sync_engine
    event.listen(engine, "after_cursor_execute", executed)
    for name in ("commit", "rollback"):
        event.listen(engine, name, ended)
    return counted


async def test_a_direct_call_costs_few_round_trips(agents_dsn: str) -> None:
    """Taking the message and beginning its run, memory, what was found, remembering, and the end: five transactions.
    The answer's pieces go with the end when they come at once, and who waits here needs no look."""
    async with a_chat(agents_dsn, says("Hello", " there")) as chat:
        agents = chat.live.hub.adapters.agents
        assert agents is not None
        costs = []
        counted = count_users_work(agents.database)
        for number in range(CALLS):
            counted.clear()
            answer = await chat.send(f"What is number {number}?", target_agent=chat.agent)
            assert answer.body["reply"]["content"] == "Hello there"
            await asyncio.sleep(0)
            costs.append((counted["transactions"], counted["trips"]))
    # On a machine that is very busy a call may write pieces by themselves.
    assert min(transactions for transactions, _ in costs) <= 5
    assert min(trips for _, trips in costs) <= 26
