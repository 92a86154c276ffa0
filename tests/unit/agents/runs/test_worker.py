"""The workers of runs, in several processes on one database."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import structlog
from structlog.testing import capture_logs

from agents.sessions.run import Request
from agents.store.database import Database
from agents.store.tables import chat_sessions, tasks
from tests.live import until
from tests.unit.agents.runs.run_worlds import a_world, hangs, says
from tests.unit.agents.sessions.session_worlds import a_session


async def test_any_process_works_on_any_run(store: Database) -> None:
    """50 runs of one agent in 10 sessions over two processes: each is done once, never more than three at once."""
    async with a_world(store) as world:
        other = world.process()
        gate = asyncio.Event()
        world.model.script = hangs("Here.", until=gate)
        sessions = [(await a_session(store, world.scope))[1] for _ in range(10)]
        sent = [
            await (other if number % 2 else world.processes[0]).runs.submit(
                world.scope, sessions[number % 10], Request(f"message {number}", "coder")
            )
            for number in range(50)
        ]
        await until(lambda: world.model.at_work == 3)
        gate.set()
        outcomes = await asyncio.gather(*(world.runs.wait(world.scope, one.run.id, 50) for one in sent))
        ended = [outcome.run for outcome in outcomes]
        assert {run.status for run in ended} == {"completed"}
        asked = sorted(prompt.messages[-1].content for prompt in world.model.prompts)
        assert asked == sorted(f"message {number}" for number in range(50))
        assert world.model.most == 3
        for process in world.processes:
            assert process.metrics.ended["completed"] > 0
        assert sum(process.metrics.waited.count for process in world.processes) == 50


async def test_a_run_that_isnt_there(store: Database) -> None:
    """Because the transaction that was to make it failed, or because it has ended: nothing happens."""
    async with a_world(store) as world:
        world.processes[0].worker._claims._waits = (0.0,)
        await world.processes[0].worker.handle(world.agent.id, uuid4())
        run = await world.ended(await world.send())
        before = await world.events()
        await world.processes[0].worker.handle(world.agent.id, run.id)
        assert await world.events() == before


async def test_a_session_deleted_under_a_run_is_no_warning(store: Database) -> None:
    """Its owner wished it. A run that another process has taken away is one."""
    async with a_world(store) as world:
        world.model.script = hangs("Half")
        for event, level in (("deleted", "info"), ("taken", "warning")):
            run = await world.send()
            await world.until("MESSAGE_DELTA", run)
            with capture_logs() as lines:
                async with world.scope.begin() as work:
                    if event == "deleted":
                        await work.run(work.delete(chat_sessions))
                    else:
                        await work.run(work.update(tasks).values(node="another"))
                        await work.run(work.update(chat_sessions).values(last_seq=chat_sessions.c.last_seq + 1))
                world.processes[0].bus.cancel_here(run.id)
                await until(lambda: world.model.at_work == 0 and not world.processes[0].bus.working)
            assert [line["log_level"] for line in lines if event in line["event"]] == [level], lines
            assert {line["log_level"] for line in lines} == {level}
            world.session = (await a_session(store, world.scope))[1]


async def test_log_lines_of_a_run(store: Database) -> None:
    """Name user, session, agent and run, and say nothing of what was said."""
    merge = structlog.contextvars.merge_contextvars
    async with a_world(store, {"instructions": "secret-instructions"}) as world:
        world.model.script = says("secret-answer")
        with capture_logs(processors=[merge]) as lines:
            run = await world.ended(await world.send("secret-question"))
            await world.processes[0].worker.stop(1)
        of_run = [line for line in lines if "run_id" in line]
    assert len(of_run) >= 2
    for line in of_run:
        assert (line["user"], line["session_id"]) == (world.scope.subject, str(world.session))
        assert (line["agent_id"], line["run_id"]) == (str(world.agent.id), str(run.id))
    assert "secret" not in str(lines)
