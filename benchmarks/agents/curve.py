"""How the hub behaves beyond one call at a time: direct calls in more and more sessions at once, and a crowd of clients
that are far more than there are connections to the database.

Each session is of another user, and asks again as soon as it is answered. The model answers at once, so all the load is
the hub's own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from benchmarks.agents.clients import PATIENCE, Client, enrol
from benchmarks.agents.direct import converse, told
from benchmarks.agents.figures import Spread
from benchmarks.agents.hub import options_for
from benchmarks.agents.hub_process import Subject, hub_process
from benchmarks.agents.model_double import ModelDouble, model_double
from benchmarks.agents.store import postgres
from benchmarks.processes import Failed

NAME: Final = "curve"

SESSIONS: Final = (1, 10, 50, 100)
CALLS: Final = 100
"""In all, at each point; one for each session at least."""
CROWD: Final = 200
ROUNDS: Final = 3
PATH: Final = "/my/chat/sessions/"
SAMPLES: Final = 10
"""Users that a crowd is made of: each client reads for one of them."""


@dataclass(frozen=True, slots=True)
class Point:
    """Direct calls in some sessions at once; times in milliseconds, without the model's.

    Attributes:
        calls: that were answered.
        refused: that weren't: the database's connections were busy for longer than a request waits.
        per_second: of those that were answered.
        hub_cpu: share of a processor that the hub's process took.
        lag_p95_ms: how late the hub's loop was.
        wait_p95_ms, wait_max_ms: that a transaction waited for a connection to the database.
    """

    sessions: int
    calls: int
    refused: int
    per_second: float
    p50_ms: float
    p95_ms: float
    hub_cpu: float
    lag_p95_ms: float
    lag_max_ms: float
    wait_p95_ms: float
    wait_max_ms: float

    @property
    def within(self) -> bool:
        """Tell whether everybody was answered."""
        return not self.refused


@dataclass(frozen=True, slots=True)
class Crowd:
    """Clients that all ask for the list of their sessions at the same instant; times in milliseconds.

    Attributes:
        connections: to the database that the hub may open.
        errors: requests that weren't answered with what they asked for.
    """

    clients: int
    connections: int
    requests: int
    errors: int
    p50_ms: float
    p95_ms: float
    max_ms: float
    wait_p50_ms: float
    wait_max_ms: float

    @property
    def within(self) -> bool:
        """Tell whether everybody was answered."""
        return not self.errors


async def measure() -> tuple[list[Point], list[Crowd]]:
    """Measure both."""
    async with postgres() as dsn, model_double() as double:
        async with hub_process(options_for(dsn) | double.options()) as hub:
            points = await measured(hub, double)
        crowds = []
        for kept, more in ((10, 20), (10, 0)):
            options = options_for(dsn, agents__pool_size=kept, agents__pool_overflow=more)
            async with hub_process(options) as hub:
                crowds.append(await crowd(hub, kept + more))
        return points, crowds


async def measured(
    hub: Subject, double: ModelDouble, sessions: Sequence[int] = SESSIONS, calls: int = CALLS
) -> list[Point]:
    """Measure direct calls in more and more sessions."""
    found = []
    async with aiohttp.ClientSession(timeout=PATIENCE, connector=aiohttp.TCPConnector(limit=0)) as http:
        for count in sessions:
            clients = [await enrol(http, hub, f"curve-{count}-{number}") for number in range(count)]
            refused: list[Failed] = []
            await converse(clients, 1, [])
            await hub.counts()
            began = time.monotonic()
            answers = await converse(clients, max(1, calls // count), refused)
            seconds = time.monotonic() - began
            counts = await hub.counts()
            direct = told(answers, double.asked, counts, count)
            lag, wait = Spread.of(counts.lags), Spread.of(counts.waits)
            found.append(
                Point(
                    count,
                    len(answers),
                    len(refused),
                    direct.per_second,
                    direct.p50_ms,
                    direct.p95_ms,
                    round(counts.cpu / seconds, 2),
                    lag.p95,
                    lag.most,
                    wait.p95,
                    wait.most,
                )
            )
    return found


async def crowd(hub: Subject, connections: int, clients: int = CROWD, rounds: int = ROUNDS) -> Crowd:
    """Have many ask at once, and again."""
    spent: list[float] = []
    errors = 0
    async with aiohttp.ClientSession(timeout=PATIENCE, connector=aiohttp.TCPConnector(limit=0)) as http:
        users = [await enrol(http, hub, f"crowd-{connections}-{number}") for number in range(SAMPLES)]
        await _all_at_once(http, hub.url, users, clients)  # connections are opened
        await hub.counts()
        for _ in range(rounds):
            answers = await _all_at_once(http, hub.url, users, clients)
            spent += [seconds for seconds, _ in answers]
            errors += sum(not right for _, right in answers)
        counts = await hub.counts()
    whole, wait = Spread.of(spent), Spread.of(counts.waits)
    return Crowd(clients, connections, len(spent), errors, whole.p50, whole.p95, whole.most, wait.p50, wait.most)


async def _all_at_once(
    http: aiohttp.ClientSession, url: str, users: Sequence[Client], clients: int
) -> list[tuple[float, bool]]:
    async def ask(user: Client) -> tuple[float, bool]:
        began = time.monotonic()
        try:
            async with http.get(url + PATH, headers=user.headers) as response:
                body: dict[str, Any] = await response.json()
                right = response.status == 200 and len(body["items"]) == 1
        except (aiohttp.ClientError, TimeoutError, KeyError):
            right = False
        return time.monotonic() - began, right

    return await asyncio.gather(*(ask(users[number % len(users)]) for number in range(clients)))
