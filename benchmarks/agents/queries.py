"""What users ask for most, among a million messages: the product's own calls, confined to their user as ever, and the
plans by which PostgreSQL answers them.

One user is like the others: ten sessions of fifty messages. One has a session of ten thousand messages, a thousand
sessions, a hundred agents, and an agent that remembers as much as one may. Pages are taken at random places. The calls
come one at a time; none of them may read a big table from one end to the other, and nor may what the hub does in the
background.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Final

from agents.memory.item import Item
from agents.memory.memory import EXPORTED
from agents.sessions.session import Place
from agents.store.database import Database, DatabaseOptions
from agents.store.migrating import upgrade
from agents.store.scope import Scope
from benchmarks.agents.figures import Spread
from benchmarks.agents.filling import TABLES, TEXTS, Filled, Sizes, big_tables, fill, sentence, user_of, vocabulary
from benchmarks.agents.hub import measured_hub, options_for
from benchmarks.agents.plans import BACKGROUND, Plan, Plans, brief
from benchmarks.agents.store import postgres
from hub.adapters.agents.parts import Parts

NAME: Final = "queries"
BUDGET_MS: Final = 100.0
"""What a call may take, at its 95th percentile."""

SIZES: Final = Sizes()
CALLS: Final = 300
EXPLAINED: Final = 8
"""Runs of each call whose plans are looked at: PostgreSQL may take to a generic plan after five."""
BIG: Final = 10_000
"""Rows from which on a table is big."""
PAGE: Final = 51
"""A page of 50, and one more to know whether there is another."""
USUAL, HEAVY = "usual", "heavy"
SETTING_UP: Final = "setting up"
"""What the benchmark itself asks, to choose pages at random."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a call takes, in milliseconds.

    Attributes:
        cpu_ms: processor time of this process for a call: what doesn't depend on what else the machine does.
        access: the indexes by which PostgreSQL found what it asks for, and tables that it read whole.
    """

    call: str
    user: str
    calls: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    cpu_ms: float
    access: str = ""

    @property
    def within(self) -> bool:
        """Tell whether it keeps to the budget."""
        return self.p95_ms < BUDGET_MS

    @property
    def verdict(self) -> str:
        """Say it."""
        return f"{'within' if self.within else 'over the budget of'} {BUDGET_MS:.0f} ms"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a call, at its slowest: milliseconds within PostgreSQL, and pages of 8 kB that it looked at.

    Attributes:
        whole: big tables that it read from one end to the other.
        lines: its plan.
        access: the indexes by which it found its rows, and the tables that it read whole.
    """

    call: str
    statement: str
    ms: float
    pages: int
    whole: str
    lines: list[str] = field(default_factory=list)
    access: str = ""

    @classmethod
    def of(cls, plan: Plan, big: Collection[str]) -> Statement:
        """Tell a plan."""
        scans = ", ".join(dict.fromkeys(plan.scans(big)))
        lines = [str(node) for node in plan.nodes]
        return cls(plan.call, brief(plan.statement), round(plan.ms, 2), plan.buffers, scans, lines, plan.access)

    @property
    def within(self) -> bool:
        """Tell whether it looked up what it wanted."""
        return not self.whole


Call = Callable[[], Awaitable[object]]


class Caller:
    """Makes the calls of one user."""

    def __init__(self, parts: Parts, scope: Scope, sizes: Sizes, chance: random.Random) -> None:
        self._parts, self._scope, self._chance = parts, scope, chance
        self._is_heavy = scope.subject == sizes.heavy
        self._words = vocabulary(4_000)

    async def calls(self) -> dict[str, Call]:
        """Return the calls by their names, each with its own choice of page or question."""
        parts, scope, choose = self._parts, self._scope, self._chance
        chat, runs, memory = parts.chat, parts.runs.runs, parts.memory.memory
        sessions = await chat.sessions.list(scope, 10_000)
        session = max(sessions, key=lambda one: one.last_seq)
        places = [Place(one.updated_at, one.id) for one in sessions]
        agent = (await parts.catalog.find(scope, "agent-1") or (await parts.catalog.list(scope))[0]).id
        all_runs = await runs.list(scope, session.id, 10_000)
        return {
            "sessions": lambda: chat.sessions.list(scope, PAGE),
            "sessions, a later page": lambda: chat.sessions.list(scope, PAGE, choose.choice(places)),
            "messages, newest": lambda: chat.sessions.messages(scope, session.id, PAGE),
            "messages, oldest": lambda: chat.sessions.messages(scope, session.id, PAGE, after=0),
            "messages, in the middle": lambda: chat.sessions.messages(
                scope, session.id, PAGE, before=self._between(session.last_seq)
            ),
            "events after a number": lambda: chat.log.read(scope, session.id, self._between(session.last_seq), 500),
            "a stream's snapshot": lambda: chat.replays.read(scope, session.id),
            "a stream's 100 missed events": lambda: chat.replays.read(
                scope, session.id, after=max(0, session.last_seq - 100)
            ),
            "runs": lambda: runs.list(scope, session.id, PAGE),
            "runs, a later page": lambda: runs.list(scope, session.id, PAGE, _run_place(choose.choice(all_runs))),
            "a run": lambda: runs.get(scope, choose.choice(all_runs).id),
            "a run's trace": lambda: runs.trace(scope, choose.choice(all_runs).id),
            "agents": lambda: parts.catalog.list(scope),
            "memories": lambda: memory.list(scope, agent, limit=PAGE),
            "memories, exported": lambda: _begun(memory.export(scope)),
            "recall by words": lambda: memory.recall(scope, agent, self._question(), 5),
            "an event appended": lambda: self._append(session.id),
        }

    def _between(self, last: int) -> int:
        return self._chance.randrange(1, last)

    def _question(self) -> str:
        return sentence(self._words, self._chance)[:60]

    async def _append(self, session_id: Any) -> None:
        async with self._parts.chat.log.write(self._scope, session_id) as entry:
            await entry.append("SESSION_CHANGED", {"title": "another"})


async def _begun(export: AsyncGenerator[Item, None]) -> None:
    """Read the first two pages of an export: the further ones are like the second."""
    async with aclosing(export) as items:
        left = EXPORTED
        async for _ in items:
            left -= 1
            if left < 0:
                break


def _run_place(run: Any) -> tuple[Any, Any]:
    return run.created_at, run.id


async def measure(sizes: Sizes = SIZES, calls: int = CALLS) -> tuple[Filled, list[Timing], list[Statement]]:
    """Fill a database, and measure."""
    async with postgres() as dsn:
        return await measured(dsn, sizes, calls)


async def measured(
    dsn: str, sizes: Sizes, calls: int, big: int = BIG, texts: int = TEXTS
) -> tuple[Filled, list[Timing], list[Statement]]:
    """Measure on an empty database."""
    database = Database(DatabaseOptions(dsn))
    try:
        await upgrade(database)
        filled = await fill(database, dsn, sizes, texts)
        tables = await big_tables(database, big)
    finally:
        await database.close()
    async with measured_hub(options_for(dsn)) as hub:
        timings = await _each(hub.agents.parts, sizes, lambda name, user, call: _timed(name, user, call, calls))
    statements = await explained(dsn, sizes, tables)
    return filled, [replace(one, access=_access(one, statements)) for one in timings], statements


def _access(timing: Timing, statements: Collection[Statement]) -> str:
    name = _name(timing.call, timing.user)
    used = [statement.access.split(", ") for statement in statements if statement.call == name]
    return ", ".join(dict.fromkeys(path for paths in used for path in paths if path))


def _name(call: str, user: str) -> str:
    return f"{call} ({user})"


async def _each(
    parts: Parts,
    sizes: Sizes,
    do: Callable[[str, str, Call], Awaitable[Any]],
    setting_up: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
) -> list[Any]:
    found = []
    for user, subject in ((USUAL, user_of(max(1, sizes.users // 2))), (HEAVY, sizes.heavy)):
        scope = await parts.members.scope(subject)
        async with setting_up():
            calls = await Caller(parts, scope, sizes, random.Random(3)).calls()
        for name, call in calls.items():
            found.append(await do(name, user, call))
    return found


async def _timed(name: str, user: str, call: Call, calls: int) -> Timing:
    spent = []
    for _ in range(min(10, calls)):  # warm up
        await call()
    used = time.process_time()
    for _ in range(calls):
        began = time.perf_counter()
        await call()
        spent.append(time.perf_counter() - began)
    used = time.process_time() - used
    spread = Spread.of(spent)
    return Timing(name, user, calls, spread.p50, spread.p95, spread.p99, spread.most, round(1e3 * used / calls, 2))


async def explained(dsn: str, sizes: Sizes, big: Collection[str]) -> list[Statement]:
    """Make the calls once more, and tell how PostgreSQL answered: the statements of each, the slowest first."""
    # With one connection, so that it executes each statement often enough.
    options = options_for(dsn, agents__pool_size=1)
    watched: list[Plans] = []
    async with measured_hub(options, lambda engine: watched.append(Plans(engine))) as hub:
        (plans,) = watched

        async def explain(name: str, user: str, call: Call) -> None:
            async with plans.of(_name(name, user)):
                for _ in range(EXPLAINED):
                    await call()

        await _each(hub.agents.parts, sizes, explain, lambda: plans.of(SETTING_UP))
    asked = [plan for plan in plans.found.values() if plan.call != SETTING_UP]
    found = [plan for plan in asked if {node.relation for node in plan.nodes} & set(TABLES)]
    found.sort(key=lambda plan: (plan.call == BACKGROUND, -plan.ms))
    return [Statement.of(plan, big) for plan in found]
