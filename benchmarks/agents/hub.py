"""The hub that is measured: a real one on a socket, with what the measurements ask of its insides."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.processes import Failed
from hub.adapters.agents.agents import Agents
from hub.notify import Inbox
from hub.server import Server
from hub.settings import Source, load
from hub.wiring import build

UP_SECONDS: Final = 60.0
LAG_INTERVAL: Final = 0.005
"""Seconds between two looks at how late the loop is."""

QUIET: Final[Mapping[str, Any]] = {
    "server.port": 0,
    "server.drain": 0.1,
    "log.level": "warning",
    "system_stats.interval": 0.0,
    "hub_stats.interval": 0.0,
    "alerts.interval": 0.0,
    "limits.commands_per_second": 0,
    "agents.enabled": True,
    "agents.requests_per_minute": 0,
    "agents.embedding.provider": "none",
    "agents.runs.drain": 0.0,
}
"""Nothing but what the benchmark asks for, and no limit on how often it may. Memory is searched by words alone."""


def options_for(dsn: str, **options: Any) -> dict[str, Any]:
    """Return the options of a hub on a database; more of them as dotted paths with double underscores."""
    more = {path.replace("__", "."): value for path, value in options.items()}
    return {**QUIET, "database.url": dsn, "auth.keys": [{"id": "k1", "secret": secrets.token_hex(32)}], **more}


@dataclass(slots=True)
class Counts:
    """What the hub did since it was last asked.

    Attributes:
        trips: round trips to the database: statements, and beginnings and ends of transactions.
        statements: how often each was executed, by its text.
        spent: seconds of each, as the hub saw them.
        waits: seconds that each transaction waited for a connection.
        lags: seconds that the loop was late, at each look.
        cpu: seconds of the processor that the hub's process took.
    """

    trips: int = 0
    statements: dict[str, int] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    cpu: float = 0.0


class MeasuredHub:
    """A hub that runs here.

    Attributes:
        agents: its accounts, agents and chats.
        pid: of this process.
    """

    def __init__(self, server: Server, agents: Agents) -> None:
        self.agents = agents
        self.pid = os.getpid()
        self._server = server
        self._cpu = time.process_time()
        self._counts = Counts()
        _count(agents.database.engine, lambda: self._counts)

    @property
    def url(self) -> str:
        """Where it listens, once it does."""
        return self._server.url

    async def token(self, user: str) -> str:
        """Sign a token of a user, for a day."""
        return self._server.hub.authenticator.issue(user, 86_400)

    async def counts(self) -> Counts:
        """Tell what was done since the last time."""
        now = time.process_time()
        counts, self._counts = self._counts, Counts()
        counts.cpu, self._cpu = now - self._cpu, now
        return counts

    async def write(self, user: str, sessions: list[str], count: int, pause: float) -> list[tuple[str, int, float]]:
        """Append events to logs of a user's sessions, in turn, at a steady pace.

        Returns:
            Of each event its session, its number, and when it was committed (monotonic seconds, of all processes).
        """
        scope = await self.agents.parts.members.scope(user)
        ids, log = list(map(UUID, sessions)), self.agents.parts.chat.log
        loop = asyncio.get_running_loop()
        began = loop.time()
        written = []
        for number in range(count):
            await asyncio.sleep(began + number * pause - loop.time())
            id = ids[number % len(ids)]
            async with log.write(scope, id) as entry:
                seq = await entry.append("SESSION_CHANGED", {"title": f"number {number}"})
            written.append((str(id), seq, time.monotonic()))
        return written

    async def watch_lag(self) -> None:
        """Look at how late the loop is, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_INTERVAL
            await asyncio.sleep(LAG_INTERVAL)
            self._counts.lags.append(loop.time() - due)


def _count(engine: AsyncEngine, counts: Any) -> None:
    """Count what an engine does."""

    def before(
        _connection: object, _cursor: object, _statement: str, _parameters: object, context: Any, _: bool
    ) -> None:
        context.began = time.perf_counter()

    def after(_connection: object, _cursor: object, statement: str, _parameters: object, context: Any, _: bool) -> None:
        now: Counts = counts()
        now.trips += 1
        now.statements[statement] = now.statements.get(statement, 0) + 1
        now.spent[statement] = now.spent.get(statement, 0.0) + time.perf_counter() - context.began

    def ended(_connection: object) -> None:
        counts().trips += 2  # BEGIN goes with the first statement, as a message of its own

    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": before,
        "after_cursor_execute": after,
        "commit": ended,
        "rollback": ended,
    }
    for name, listener in listeners.items():
        event.listen(engine.sync_engine, name, listener)
    pool = engine.sync_engine.pool
    connect = pool.connect

    def timed() -> Any:
        began = time.perf_counter()
        connection = connect()
        counts().waits.append(time.perf_counter() - began)
        return connection

    pool.connect = timed  # type: ignore[method-assign]


@asynccontextmanager
async def measured_hub(
    options: Mapping[str, Any], look: Callable[[AsyncEngine], object] = lambda _: None
) -> AsyncIterator[MeasuredHub]:
    """Run a hub here.

    Args:
        look: is given its engine before that connects.

    Raises:
        Failed: its agents don't come up.
    """
    server = Server(build(load(Source(None, {}), dict(options)), inbox=Inbox()))
    agents = server.hub.adapters.agents
    assert agents is not None
    hub = MeasuredHub(server, agents)
    look(agents.database.engine)
    await server.start()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(UP_SECONDS):
                while not agents.ready:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.01)
        if not agents.ready:
            raise Failed(f"the hub's agents don't come up: {agents.trouble}")
        watching = asyncio.create_task(hub.watch_lag())
        try:
            yield hub
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    finally:
        await server.stop(0.0)
