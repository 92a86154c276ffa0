"""What tests of runs stand on: processes that share a database, a queue and a wire, and a model that is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from agents.bus.bus import Bus, BusOptions
from agents.bus.memory_queue import MemoryQueue
from agents.catalog.agent import Agent
from agents.catalog.cache import Cache
from agents.catalog.catalog import Catalog
from agents.models.port import Finished, ModelEvent, ModelFailed, Prompt, TextDelta, Usage
from agents.ports import TaskQueue
from agents.runs.claim import Claims
from agents.runs.execution import Means
from agents.runs.gate import Gate
from agents.runs.leaving import Leaving
from agents.runs.metrics import RunMetrics
from agents.runs.options import RunOptions
from agents.runs.owner import Owners
from agents.runs.recollection import Memory, Recollection
from agents.runs.recovery import Recovery
from agents.runs.runs import Runs
from agents.runs.submission import Submission
from agents.runs.waiting import Waiters
from agents.runs.worker import RunWorker
from agents.sessions.event import Event
from agents.sessions.log import EventLog
from agents.sessions.run import IfActive, Request, Run
from agents.store.database import Database
from agents.store.scope import Scope
from agents.store.tables import messages, users
from tests.agents_kit import a_user
from tests.unit.agents.catalog.catalogs import Wire
from tests.unit.agents.sessions.session_worlds import Teller, a_session

USAGE = Usage("double-1", 12, 3)


class ScriptedModel:
    """Says what a test has it say. A script gets the prompt; without one the answer is `Hello world.`, at once.

    Attributes:
        prompts: what it was asked.
        at_work, most: answers under way, now and at most.
        cancelled: answers that were closed before their end.
    """

    default_model = "double/one"

    def __init__(self) -> None:
        self.script: Callable[[Prompt], AsyncGenerator[ModelEvent, None]] = says("Hello", " world.")
        self.prompts: list[Prompt] = []
        self.at_work = 0
        self.most = 0
        self.cancelled = 0

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        self.prompts.append(prompt)
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        finished = False
        try:
            async for event in self.script(prompt):
                yield event
            finished = True
        except ModelFailed:
            finished = True
            raise
        finally:
            self.at_work -= 1
            self.cancelled += not finished


Script = Callable[[Prompt], AsyncGenerator[ModelEvent, None]]


def says(*pieces: str, failing: ModelFailed | None = None) -> Script:
    """Say these pieces, then end, or fail."""

    async def script(_: Prompt) -> AsyncGenerator[ModelEvent, None]:
        for piece in pieces:
            yield TextDelta(piece)
        if failing is not None:
            raise failing
        yield Finished("stop", USAGE, "double/one")

    return script


def hangs(*pieces: str, until: asyncio.Event | None = None) -> Script:
    """Say these pieces, then nothing, until a test says so (then it ends well)."""

    async def script(_: Prompt) -> AsyncGenerator[ModelEvent, None]:
        for piece in pieces:
            yield TextDelta(piece)
        await (until or asyncio.Event()).wait()
        yield Finished("stop", None, "double/one")

    return script


class Process:
    """What a process has of runs."""

    def __init__(
        self,
        store: Database,
        wire: Wire,
        queue: TaskQueue,
        model: ScriptedModel,
        node: str,
        memory: Memory | None,
        options: RunOptions,
        bus_options: BusOptions,
    ) -> None:
        self.model = model
        self.metrics = RunMetrics()
        self.teller = Teller()
        self.log = EventLog(self.teller)
        self.catalog = Catalog(Cache(1_000, 300.0, time.monotonic), wire, 100)
        self.bus = Bus(queue, wire, bus_options, node)
        self.waiters = Waiters(wire)
        recollection = Recollection(memory, options)
        gate = Gate(10, 10.0)
        means = Means(self.log, model, recollection, options, self.metrics, gate, node, time.monotonic)
        owners = Owners(store)
        claims = Claims(self.log, self.catalog, owners, model, node, options.lease)
        self.recovery = Recovery(store, self.log, self.bus, self.waiters, options, self.metrics, node)
        self.worker = RunWorker(means, claims, self.bus, self.waiters, self.recovery)
        leaving = Leaving(wire, 30.0, time.monotonic)
        submission = Submission(
            self.log, self.catalog, self.bus, self.waiters, owners, claims, gate, leaving, options.waiting
        )
        self.runs = Runs(self.log, self.bus, self.waiters, submission, leaving, patience=0.3)
        self.catalog.hooks.stop += (self.runs.release,)


class World:
    """Processes of one hub, a user with an agent, and a session."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.wire = Wire()
        self.queue: TaskQueue = MemoryQueue(100, 3, time.monotonic)
        self.model = ScriptedModel()
        self.memory: Memory | None = None
        self.options = RunOptions(flush_interval=0.0)
        self.bus_options = BusOptions()
        self.processes: list[Process] = []
        self.scope: Scope
        self.session: UUID
        self.agent: Agent

    def process(self, options: RunOptions | None = None) -> Process:
        """Start another process."""
        node = f"node-{len(self.processes)}"
        options = options or self.options
        process = Process(self.store, self.wire, self.queue, self.model, node, self.memory, options, self.bus_options)
        process.worker.start()
        self.processes.append(process)
        return process

    @property
    def runs(self) -> Runs:
        return self.processes[0].runs

    async def send(self, content: str = "Hi", if_active: IfActive = "queue", **more: Any) -> Run:
        """Send a message into the session."""
        request = Request(content, "" if "@" in content else "coder", if_active, **more)
        return (await self.runs.submit(self.scope, self.session, request)).run

    async def ended(self, run: Run, timeout: float = 10.0) -> Run:
        """The run, when it has ended."""
        found = (await self.runs.wait(self.scope, run.id, timeout)).run
        assert found.has_ended, found
        return found

    async def events(self, session: UUID | None = None) -> list[Event]:
        return await self.processes[0].log.read(self.scope, session or self.session, 0, 1_000)

    async def types(self, run: Run | None = None) -> list[str]:
        """The session's events by name, deltas once in a row."""
        found: list[str] = []
        for event in await self.events():
            if run is None or event.task_id == run.id:
                if event.type == "MESSAGE_DELTA" and found[-1:] == ["MESSAGE_DELTA"]:
                    continue
                found.append(event.type)
        return found

    async def until(self, type: str, run: Run | None = None, times: int = 1) -> Event:
        """Wait for an event, until it has come so many times."""
        async with asyncio.timeout(10):
            while True:
                of_run = [event for event in await self.events() if run is None or event.task_id == run.id]
                found = [event for event in of_run if event.type == type]
                if len(found) >= times:
                    return found[-1]
                await asyncio.sleep(0.005)

    async def texts(self) -> list[tuple[str, str, str]]:
        """The session's messages: role, text, status."""
        async with self.scope.begin() as work:
            rows = await work.all(
                work.select(messages).where(messages.c.session_id == self.session).order_by(messages.c.seq)
            )
        return [(row["role"], row["content"], row["status"]) for row in rows]


@asynccontextmanager
async def a_world(
    store: Database,
    config: Mapping[str, Any] | None = None,
    *,
    options: RunOptions | None = None,
    bus_options: BusOptions | None = None,
    memory: Memory | None = None,
) -> AsyncIterator[World]:
    """A world with one process, and an agent called `coder`."""
    world = World(store)
    world.options = options or world.options
    world.bus_options = bus_options or world.bus_options
    world.memory = memory
    process = world.process()
    world.scope, world.session = await a_session(store, await a_user(store))
    world.agent = await process.catalog.create(world.scope, "coder", config)
    try:
        yield world
    finally:
        for one in world.processes:
            await one.worker.stop(0)
        async with store.of_system() as connection:
            await connection.execute(delete(users))
