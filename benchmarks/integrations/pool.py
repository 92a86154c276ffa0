"""The dynamic pool beside a plain `asyncpg.Pool`, on a real PostgreSQL: what a query costs more, in every state of the
hub; and how the size follows a load that rises and falls in steps.

Both pools do the same work in turn: borrow, one query, give back. The answers must be the same. A round gives the
median of its calls' elapsed times and the mean of the processor time of the business thread; the lower quartile of many
rounds is what counts, since what else the machine does makes the others longer. `added us` and `cpu us` are what the
dynamic pool takes more. The hub runs in a thread of its own, so it can stand still while the business code goes on.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

from benchmarks.integrations.hub_thread import HubThread
from benchmarks.stats import middle
from channels.ports import Publisher
from channels.push import Push
from hub.database.embedded import EmbeddedPostgres
from hub.database.program import installed
from hub.notify import Inbox
from integrations.db_pool import DynamicPool, ObservedPool, PoolOptions, observe_pool

NAME: Final = "pool"
BUDGET_US: Final = 20.0
"""What a query may cost more."""
OBSERVED: Final = "present, asyncpg.Pool observed"
EVERY_QUERY: Final = "present, a message a query"
ROUNDS, CALLS = 100, 50
SLOW: Final = 0.02
"""Seconds of a query of the step load."""
STEPS: Final = ((2.0, 2), (3.0, 10), (4.0, 40), (3.0, 10), (9.0, 1))
"""The step load: seconds, and how many work at a time."""
STEP_OPTIONS: Final = PoolOptions(
    minimum=4,
    maximum=32,
    overflow=4,
    sample_interval=0.1,
    overflow_samples=2,
    grow_samples=3,
    grow_cooldown=0.3,
    shrink_samples=8,
    shrink_cooldown=0.8,
    stats_interval=0.0,
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call takes in one state of the hub, in microseconds.

    The last two states have no budget: an observer comes on top of a pool that somebody has, and a message for each
    query is more than the limit on notices lets through.

    Attributes:
        plain_us: with `asyncpg.Pool`.
        added_us: what the dynamic pool takes more.
        cpu_us: what it takes more of the processor.
        pushes: messages that it pushed meanwhile, whatever became of them.
        same: both gave the same answers.
    """

    hub: str
    plain_us: float
    added_us: float
    cpu_us: float
    pushes: int
    same: bool

    @property
    def within(self) -> bool:
        """Tell whether it keeps to the budget, and did the same work."""
        return self.same and (self.hub in (OBSERVED, EVERY_QUERY) or self.added_us < BUDGET_US)


@dataclass(frozen=True, slots=True)
class Moment:
    """What the pool was `at` seconds after the beginning; `sessions` is what the server said."""

    at: float
    workers: int
    size: int
    active: int
    waiters: int
    sessions: int


@dataclass(frozen=True, slots=True)
class StepLoad:
    """The pool under a load that rises and falls.

    Attributes:
        resizes: the data of each `pool_resized`, with `at` in seconds since the beginning.
        queries: how many were made.
        failed: how many of them.
    """

    maximum: int
    queries: int
    failed: int
    moments: list[Moment]
    resizes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def peak(self) -> int:
        """The most sessions that the server had."""
        return max(moment.sessions for moment in self.moments)


STATES: Final = ("present", "standing still", "queue full", "stopped", "absent", OBSERVED, EVERY_QUERY)


async def costs(dsn: str, rounds: int = ROUNDS, calls: int = CALLS) -> list[Cost]:
    """Measure in every state of the hub."""
    found = []
    for state in STATES:
        with HubThread() as hub:
            publish: Publisher | None = hub.inbox.put
            match state:
                case "standing still":
                    hub.hang()
                case "queue full":
                    publish = Inbox(limit=0).put
                case "stopped":
                    hub.stop()
                case "absent":
                    publish = None
            found.append(await cost(dsn, state, publish, rounds, calls))
    return found


async def cost(dsn: str, state: str, publish: Publisher | None, rounds: int, calls: int) -> Cost:
    """Measure in one state, both pools in turn."""
    each = state == EVERY_QUERY
    options = PoolOptions(
        minimum=5,
        sample_interval=0.05,
        stats_interval=0.05,
        slow_query=1e-9 if each else 1.0,
        notices_per_minute=10**9 if each else 10,
    )
    push = Push(publish)
    plain: list[tuple[float, float, int]] = []
    own: list[tuple[float, float, int]] = []
    async with asyncpg.create_pool(dsn, min_size=5, max_size=50) as bare, _subject(dsn, state, options, push) as pool:
        for number in range(-5, rounds):  # the first ones warm up
            turns = ((bare, plain), (pool, own))
            for name, found in turns if number % 2 else reversed(turns):
                result = await _timed(name.acquire, calls)
                if number >= 0:
                    found.append(result)
    (base, base_cpu), (elapsed, cpu) = _undisturbed(plain), _undisturbed(own)
    same = [run[2] for run in plain] == [run[2] for run in own]
    pushes = sum(push.outcomes.values())
    return Cost(state, round(base, 1), round(elapsed - base, 1), round(cpu - base_cpu, 1), pushes, same)


@asynccontextmanager
async def _subject(dsn: str, state: str, options: PoolOptions, push: Push) -> AsyncIterator[DynamicPool | ObservedPool]:
    if state != OBSERVED:
        async with DynamicPool(dsn, options, push) as pool:
            yield pool
        return
    async with asyncpg.create_pool(dsn, min_size=5, max_size=50) as inner:
        observed = observe_pool(inner, push, options)
        await observed.start()
        yield observed
        await observed.close()


def _undisturbed(runs: Sequence[tuple[float, float, int]]) -> tuple[float, float]:
    """The lower quartile of the rounds, of both times: what else the machine does falls on the others."""
    elapsed, used = sorted(run[0] for run in runs), sorted(run[1] for run in runs)
    return elapsed[len(runs) // 4], used[len(runs) // 4]


async def _timed(acquire: Callable[[], Any], calls: int) -> tuple[float, float, int]:
    """Median elapsed and mean processor microseconds of a call, and the sum of the answers."""
    spent, total, used = [], 0, time.thread_time()
    for number in range(calls):
        begun = time.perf_counter()
        async with acquire() as connection:
            total += await connection.fetchval("SELECT $1::int + 1", number)
        spent.append(time.perf_counter() - begun)
    used = time.thread_time() - used
    return 1e6 * (middle(spent) or 0.0), 1e6 * used / calls, total


async def step_load(
    dsn: str, steps: Sequence[tuple[float, int]] = STEPS, options: PoolOptions = STEP_OPTIONS
) -> StepLoad:
    """Let many work, and then few, and look at the pool and at the server 20 times a second."""
    begun = time.perf_counter()
    resizes: list[dict[str, Any]] = []
    failed = queries = 0

    def publish(channel: str, type: str, data: Any) -> bool:
        if type == "pool_resized":
            resizes.append({"at": round(time.perf_counter() - begun, 2), **data.model_dump(mode="json")})
        return True

    async def worker(pool: DynamicPool) -> None:
        nonlocal failed, queries
        while True:
            queries += 1
            try:
                await pool.fetchval("SELECT pg_sleep($1)", SLOW)
            except Exception:
                failed += 1

    moments: list[Moment] = []
    watcher = await asyncpg.connect(dsn)
    try:
        async with DynamicPool(dsn, options, Push(publish)) as pool:
            for seconds, workers in steps:
                tasks = [asyncio.create_task(worker(pool)) for _ in range(workers)]
                ends = time.perf_counter() + seconds
                while time.perf_counter() < ends:
                    moments.append(await _moment(pool, watcher, time.perf_counter() - begun, workers))
                    await asyncio.sleep(0.05)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await watcher.close()
    return StepLoad(options.maximum, queries, failed, moments, resizes)


async def _moment(pool: DynamicPool, watcher: Any, at: float, workers: int) -> Moment:
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' "
        "AND pid <> pg_backend_pid()"
    )
    sessions = await watcher.fetchval(query)
    numbers = pool.numbers()
    return Moment(round(at, 3), workers, numbers.pool_size, numbers.active_connections, numbers.waiters, int(sessions))


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """Run a PostgreSQL in a folder of its own; gives its DSN."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - PostgreSQL's own user must pass, and sees nothing
        server = EmbeddedPostgres(Path(folder) / "postgres", installed(), {"max_connections": "120"})
        cores = os.sched_getaffinity(0)
        try:
            # A core each: otherwise a query takes 40 µs more or less by where its session happens to run.
            os.sched_setaffinity(0, {max(cores)})  # for the server, which is started from here
            dsn = await server.start()
            os.sched_setaffinity(0, {min(cores)})
            yield dsn
        finally:
            os.sched_setaffinity(0, cores)
            await server.stop()


async def measure() -> tuple[list[Cost], StepLoad]:
    """Measure both."""
    async with postgres() as dsn:
        return await costs(dsn), await step_load(dsn)
