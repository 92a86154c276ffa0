"""What is left of runs whose process has ended."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, update

from agents.bus.bus import BusOptions
from agents.runs.options import RunOptions
from agents.sessions.run import Run
from agents.store.database import Database
from agents.store.tables import tasks
from tests.agents_kit import a_user
from tests.live import until
from tests.unit.agents.runs.run_worlds import World, a_world, hangs, says

SLOW = RunOptions(flush_interval=0.0, sweep=600.0)
"""Only the test sweeps, after the first look."""


async def abandon(world: World, run: Run, ago: float = 1.0) -> None:
    """Have it look as if the process of a run had died some seconds ago."""
    lapsed = func.clock_timestamp() - timedelta(seconds=ago)
    async with world.store.of_system() as connection:
        gone = update(tasks).where(tasks.c.id == run.id).values(lease_until=lapsed, node="dead")
        await connection.execute(gone)


async def test_a_killed_process_loses_a_quarter_of_a_second_at_most(store: Database, agents_dsn: str) -> None:
    """kill -9 in the middle of an answer: the run is interrupted, its text is there but for what the model gave in the
    last 250 ms, and what waited gets its turn in another process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.unit.agents.runs.doomed", agents_dsn, stdout=DEVNULL, stderr=PIPE
    )
    assert process.stderr is not None
    lines: list[float | list[str]] = []
    async with asyncio.timeout(50):
        while len(lines) < 120:
            lines.append(json.loads(await process.stderr.readline()))
    process.send_signal(signal.SIGKILL)
    killed = asyncio.get_running_loop().time()  # the same clock: seconds since the machine started
    lines += map(json.loads, (await process.stderr.read()).splitlines())
    await process.wait()
    (about,) = [line for line in lines if isinstance(line, list)]
    given = [line for line in lines if isinstance(line, float)]
    async with a_world(store, options=RunOptions(flush_interval=0.0, sweep=0.1)) as world:
        world.scope, world.session = await a_user(store, "doomed"), UUID(about[0])
        first, second = [(await world.runs.wait(world.scope, UUID(id), 10)).run for id in about[1:]]
        texts = await world.texts()
        events = await world.events()
        assert world.processes[0].metrics.recovered == 1
    assert (first.status, second.status) == ("interrupted", "completed")
    assert first.error is not None
    assert (first.error["code"], first.error["temporary"]) == ("interrupted", True)
    partial = texts[2]
    assert partial[::2] == ("assistant", "partial")
    numbers = [int(word) for word in partial[1].split()]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= len([time for time in given if time <= killed - 0.25])
    assert [event.type for event in events if event.task_id == first.id][-2:] == ["MESSAGE_CREATED", "ERROR"]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


async def test_a_process_that_comes_too_late_writes_nothing(store: Database) -> None:
    """Its lease had ended, and another process has ended the run: what its model says then is nobody's answer."""
    go_on = asyncio.Event()
    async with a_world(store, options=SLOW) as world:
        world.model.script = hangs("half", until=go_on)
        run = await world.send()
        await world.until("MESSAGE_DELTA")
        other = world.process()
        await abandon(world, run)
        await other.recovery.sweep()
        interrupted = await world.ended(run)
        events, texts = await world.events(), await world.texts()
        go_on.set()
        await until(lambda: not world.processes[0].bus.working)
        assert await world.events() == events
        assert await world.ended(run) == interrupted
    assert interrupted.status == "interrupted"
    assert texts[-1] == ("assistant", "half", "partial")


async def test_a_run_that_had_said_nothing_is_begun_anew(store: Database) -> None:
    """By another process, a bounded number of times; nobody has seen anything of it, so nothing is done twice."""
    async with a_world(store, options=RunOptions(flush_interval=0.0, sweep=600.0, attempts=2)) as world:
        world.model.script = hangs()
        run = await world.send()
        await world.until("CONTEXT_RETRIEVED")
        await abandon(world, run)
        await world.queue.forget(world.agent.id)
        other = world.process()
        world.model.script = says("Here.")
        await other.recovery.sweep()
        done = await world.ended(run)
        types = await world.types()
        world.model.script = hangs()
        second = await world.send("B")
        for attempt in (1, 2):
            await world.until("CONTEXT_RETRIEVED", second, attempt)
            await abandon(world, second)
            await world.queue.forget(world.agent.id)
            await other.recovery.sweep()
        gone = await world.ended(second)
    assert done.status == "completed"
    assert types == [
        "MESSAGE_CREATED",
        "DIRECT_AGENT_CALL",
        "TASK_STARTED",
        "CONTEXT_RETRIEVED",
        "TASK_QUEUED",
        "TASK_STARTED",
        "CONTEXT_RETRIEVED",
        "MESSAGE_DELTA",
        "MESSAGE_CREATED",
        "TASK_COMPLETED",
    ]
    assert (gone.status, gone.reply_id) == ("interrupted", None)


async def test_stopping_what_a_dead_process_did(store: Database) -> None:
    """Ends it at once, with what there is of its text."""
    async with a_world(store, options=SLOW) as world:
        world.model.script = hangs("half")
        run = await world.send()
        await world.until("MESSAGE_DELTA")
        await abandon(world, run)
        stopped = await world.runs.stop(world.scope, run.id)
        texts = await world.texts()
    assert stopped.status == "cancelled"
    assert texts[-1] == ("assistant", "half", "partial")


async def test_a_word_to_stop_that_gets_lost(store: Database) -> None:
    """Who works on the run finds the wish in the database within a second."""
    async with a_world(store, options=SLOW) as world:
        elsewhere = world.process()
        world.model.script = hangs("half")
        run = await world.send()
        await world.until("MESSAGE_DELTA")
        world.wire.cut = True
        stopped = await elsewhere.runs.stop(world.scope, run.id)
    assert stopped.status == "cancelled"


async def test_leases_are_kept(store: Database) -> None:
    """A run that takes longer than its lease stays its process's, whoever sweeps."""
    async with a_world(store, options=RunOptions(flush_interval=0.0, lease=2.0, sweep=0.1)) as world:
        world.process()
        done = asyncio.Event()
        world.model.script = hangs("half", until=done)
        run = await world.send()
        await asyncio.sleep(2.5)
        done.set()
        assert (await world.ended(run)).status == "completed"


async def test_what_no_queue_knows_is_offered_again(store: Database) -> None:
    """Queued runs of a queue that was emptied, waiting ones whose session has nothing active; those whose agent is gone
    end. What the sweep counts is what there is."""
    async with a_world(store, options=SLOW, bus_options=BusOptions(here=0)) as world:
        first, second = await world.send("A"), await world.send("B")
        await world.queue.forget(world.agent.id)
        idle = world.processes[0]
        await idle.recovery.sweep()
        assert idle.metrics.open == {"queued": 1, "waiting": 1}
        assert await world.queue.waiting(world.agent.id) == 1
        await idle.recovery.sweep()
        assert await world.queue.waiting(world.agent.id) == 1
        async with store.of_system() as connection:
            await connection.execute(
                update(tasks).where(tasks.c.id == first.id).values(status="cancelled", completed_at=func.now())
            )
        await idle.recovery.sweep()
        assert (await world.runs.get(world.scope, second.id)).status == "queued"
        async with store.of_system() as connection:
            await connection.execute(update(tasks).where(tasks.c.id == second.id).values(agent_id=None))
        await idle.recovery.sweep()
        gone = await world.ended(second)
    assert gone.status == "failed"
    assert gone.error is not None
    assert gone.error["code"] == "not_found"


async def test_a_process_that_stops_in_good_order(store: Database) -> None:
    """Runs have their time; then what has said something is interrupted, what hasn't is queued again, and what is
    queued stays so, for the next process."""
    async with a_world(store, options=SLOW) as world:
        done = asyncio.Event()
        world.model.script = hangs("quick", until=done)
        quick = await world.send("A")
        await world.until("MESSAGE_DELTA", quick)
        stopping = asyncio.create_task(world.processes[0].worker.stop(5))
        await asyncio.sleep(0)
        done.set()
        await stopping
        assert (await world.ended(quick)).status == "completed"
        second = world.process()
        world.model.script = hangs("half")
        said = await world.send("B")
        waits = await world.send("C")
        await world.until("MESSAGE_DELTA", said)
        await second.worker.stop(0)
        interrupted = await world.ended(said)
        assert interrupted.error is not None
        assert (interrupted.status, interrupted.error["code"]) == ("interrupted", "interrupted")
        assert (await world.runs.get(world.scope, waits.id)).status == "queued"
        world.model.script = hangs()
        third = world.process()
        await world.until("CONTEXT_RETRIEVED", waits)
        await third.worker.stop(0)
        assert (await world.runs.get(world.scope, waits.id)).status == "queued"
        world.model.script = says("Here.")
        world.process()
        assert (await world.ended(waits)).status == "completed"
