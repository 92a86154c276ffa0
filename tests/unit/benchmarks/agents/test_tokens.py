"""The benchmark of pieces of answers."""

from __future__ import annotations

from dataclasses import replace

import aiohttp

from agents.store.database import Database
from benchmarks.agents import tokens
from benchmarks.agents.clients import enrol
from benchmarks.agents.hub import MeasuredHub
from benchmarks.agents.model_double import ModelDouble
from benchmarks.agents.tokens import BUDGET_MS, LOSS_BUDGET_MS, WAYS, Watcher, lost, passed, stored


async def test_every_piece_is_seen_by_both_watchers(hub: MeasuredHub, double: ModelDouble, agents_dsn: str) -> None:
    """After it was said; and all of it is stored."""
    found = await tokens.measured(hub, double, (2,))
    assert [(one.way, one.at_once, one.pieces) for one in found] == [(way, 2, 6) for way in WAYS]
    assert all(1 <= one.events <= 3 and 0 < one.p50_ms <= one.max_ms < 30_000 for one in found)
    async with aiohttp.ClientSession() as http:
        client = await enrol(http, hub, "tokens-more")
        await client.say(f"Tell me of {client.session}")
    assert await stored(agents_dsn, client.session) == 3


async def test_a_session_without_an_answer_has_no_pieces(store: Database, agents_dsn: str) -> None:
    """None is stored."""
    assert await stored(agents_dsn, "00000000-0000-4000-8000-000000000000") == 0


def test_a_piece_that_nobody_saw_is_over_the_budget() -> None:
    """Of one answer; of several none is asked for."""
    watcher = Watcher()
    watcher.hear('{"type": "MESSAGE_DELTA", "data": {"start": 8, "text": "w000001 w000002 "}}')
    watcher.hear('{"type": "TASK_STARTED", "data": {}}')
    assert sorted(watcher.read) == [1, 2]
    assert not passed("NDJSON", [watcher], [[0.0, 0.0]]).within
    assert passed("NDJSON", [watcher, watcher], [[0.0], [0.0]]).within
    seen = replace(passed("NDJSON", [watcher], [[]]), p95_ms=BUDGET_MS - 0.1)
    assert seen.within
    assert not replace(seen, p95_ms=BUDGET_MS).within


def test_what_is_lost_is_counted_from_the_first_piece_that_isnt_stored() -> None:
    """To the kill; what was said after it doesn't count."""
    gone = lost(0, [1.0, 1.1, 1.2, 1.5], 1.3, 1)
    assert (gone.said, gone.stored, gone.ms) == (3, 1, 200.0)
    assert gone.within
    assert not lost(0, [1.0], 1.001 + LOSS_BUDGET_MS / 1000, 0).within
    assert lost(0, [1.0], 9.0, 1).ms == 0.0
