"""Runs, as their users see them."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from agents.bus.bus import BusOptions
from agents.models.port import ModelFailed
from agents.runs.options import RunOptions
from agents.runs.submission import Submitted
from agents.sessions.run import Request
from agents.store.database import Database
from channels.errors import ErrorCode, ReplyError
from tests.agents_kit import a_user
from tests.live import until
from tests.unit.agents.runs.run_worlds import World, a_world, hangs, says


async def refused(world: World, code: str, content: str = "Hi", **more: object) -> ReplyError:
    with pytest.raises(ReplyError) as caught:
        await world.runs.submit(world.scope, world.session, Request(content, "coder", **more))  # type: ignore[arg-type]
    assert caught.value.code.word == code
    return caught.value


async def test_messages_wait_for_each_other(store: Database) -> None:
    """One run of a session at a time, in the order of the messages; the model sees what came before each, once."""
    done = asyncio.Event()
    async with a_world(store, options=RunOptions(waiting=2)) as world:
        world.model.script = hangs("one", until=done)
        first = await world.send("A")
        second, third = await world.send("B"), await world.send("C")
        assert [second.status, third.status] == ["waiting", "waiting"]
        full = await refused(world, "unavailable", "D")
        assert full.details["retry_after"] > 0
        await world.until("MESSAGE_DELTA", first)
        world.model.script = says("next")
        done.set()
        await world.ended(third)
        runs = {run.id: run for run in await world.runs.list(world.scope, world.session, 10)}
        texts = await world.texts()
        queued = [event.data["ahead"] for event in await world.events() if event.type == "TASK_QUEUED"]
    assert [content for role, content, _ in texts if role == "user"] == ["A", "B", "C"]
    assert queued == [1, 2]
    prompts = [[(one.role, one.content) for one in prompt.messages] for prompt in world.model.prompts]
    turn = [("user", "A"), ("assistant", "one"), ("user", "B"), ("assistant", "next"), ("user", "C")]
    assert prompts == [turn[:1], turn[:3], turn]
    for before, after in ((first, second), (second, third)):
        ended, begun = runs[before.id].completed_at, runs[after.id].started_at
        assert ended is not None
        assert begun is not None
        assert ended <= begun
    assert world.model.most == 1


async def test_a_message_may_be_refused_while_a_run_goes_on(store: Database) -> None:
    """With if_active: reject, naming the run; nothing of it is kept. Without an active run it is taken."""
    async with a_world(store) as world:
        world.model.script = hangs("one")
        first = await world.send("A")
        refusal = await refused(world, "conflict", if_active="reject")
        assert refusal.details == {"run_id": str(first.id)}
        assert len(await world.texts()) == 1
        await world.runs.stop(world.scope, first.id)
        world.model.script = says("Fine.")
        assert (await world.ended(await world.send("B", "reject"))).status == "completed"


async def test_a_message_may_take_over(store: Database) -> None:
    """With if_active: steer the active run is cancelled, its partial text stays and is seen by the new run, which goes
    first; what waited goes on waiting."""
    async with a_world(store) as world:
        world.model.script = hangs("half an ans")
        first = await world.send("A")
        waiting = await world.send("B")
        await world.until("MESSAGE_DELTA", first)
        world.model.script = says("steered")
        new = await world.send("C", "steer")
        await world.ended(waiting)
        types = await world.types(first)
        cancelled = await world.until("TASK_CANCELLED", first)
        first, new = await world.ended(first), await world.ended(new)
        texts = await world.texts()
    assert (first.status, cancelled.data["reason"]) == ("cancelled", "steered")
    assert types[-2:] == ["MESSAGE_CREATED", "TASK_CANCELLED"]
    assert ("assistant", "half an ans", "partial") in texts
    asked = [[one.content for one in prompt.messages] for prompt in world.model.prompts]
    assert asked == [["A"], ["A", "half an ans", "C"], ["A", "half an ans", "C", "steered", "B"]]
    assert world.model.cancelled == 1


async def test_a_queued_run_gives_way_at_once(store: Database) -> None:
    """Where the active run hasn't begun, because its agent is at work elsewhere, it ends without having begun."""
    async with a_world(store, bus_options=BusOptions(here=0)) as world:
        first = await world.send("A")
        new = await world.send("B", "steer")
        assert (await world.runs.get(world.scope, first.id)).status == "cancelled"
        assert new.status == "queued"
        assert await world.queue.waiting(world.agent.id) == 1
        assert await world.types(first) == ["MESSAGE_CREATED", "DIRECT_AGENT_CALL", "TASK_CANCELLED"]


async def test_the_same_key_is_the_same_run(store: Database) -> None:
    """Also for requests at the same time; with another message it is refused. Each session has keys of its own."""
    async with a_world(store) as world:
        sent = await asyncio.gather(*(world.send("A", idempotency_key="k") for _ in range(5)))
        assert len({run.id for run in sent}) == 1
        await world.ended(sent[0])
        assert (await world.send("A", idempotency_key="k")).status == "completed"
        await refused(world, "conflict", "B", idempotency_key="k")
        assert len(world.model.prompts) == 1
        assert len(await world.texts()) == 2


async def test_stopping(store: Database) -> None:
    """From any process: what answers is cancelled at once and keeps its text, what waits never begins. Twice is once;
    what has ended stays as it is."""
    async with a_world(store) as world:
        elsewhere = world.process()
        world.model.script = hangs("half")
        first, second, third = await world.send("A"), await world.send("B"), await world.send("C")
        await world.until("MESSAGE_DELTA", first)
        stopped = await elsewhere.runs.stop(world.scope, second.id)
        assert (stopped.status, await world.types(second)) == (
            "cancelled",
            ["MESSAGE_CREATED", "DIRECT_AGENT_CALL", "TASK_QUEUED", "TASK_CANCELLED"],
        )
        world.model.script = says("third")
        stopped = await elsewhere.runs.stop(world.scope, first.id)
        again = await world.runs.stop(world.scope, first.id)
        assert stopped == again
        assert (stopped.status, stopped.reply_id is not None) == ("cancelled", True)
        assert (await world.ended(third)).status == "completed"
        assert (await world.runs.stop(world.scope, third.id)).status == "completed"
        reasons = [event.data["reason"] for event in await world.events() if event.type == "TASK_CANCELLED"]
    assert reasons == ["stopped", "stopped"]
    assert world.model.cancelled == 1


async def test_stopping_a_session(store: Database) -> None:
    """Ends all of it: nothing that waits gets its turn in between."""
    async with a_world(store) as world:
        world.model.script = hangs("half")
        first, second = await world.send("A"), await world.send("B")
        await world.until("MESSAGE_DELTA", first)
        assert await world.runs.stop_all(world.scope, world.session) == 2
        assert {(await world.ended(run)).status for run in (first, second)} == {"cancelled"}
        assert await world.runs.stop_all(world.scope, world.session) == 0
    assert len(world.model.prompts) == 1


async def test_stopping_races_with_the_end(store: Database) -> None:
    """Whenever the stop comes, the run ends once: with one terminal event, and nothing after it."""
    async with a_world(store) as world:
        world.model.script = says(*"abcdefgh")
        for wait in (0.0, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04):
            run = await world.send(f"after {wait}")
            await asyncio.sleep(wait)
            await asyncio.gather(*(world.runs.stop(world.scope, run.id) for _ in range(3)))
            ended = await world.ended(run)
            types = await world.types(run)
            assert ended.status in ("completed", "cancelled")
            assert types[-1] == ("TASK_COMPLETED" if ended.status == "completed" else "TASK_CANCELLED")
            assert sum(type in ("TASK_COMPLETED", "TASK_CANCELLED", "ERROR") for type in types) == 1
        events = await world.events()
        texts = await world.texts()
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    written: dict[UUID | None, str] = {}
    for event in events:
        if event.type == "MESSAGE_DELTA":
            written[event.task_id] = written.get(event.task_id, "") + event.data["text"]
    assert sorted(written.values()) == sorted(content for role, content, _ in texts if role == "assistant")


async def test_answering_anew(store: Database) -> None:
    """In a new run for the same message, which the model sees once; neither the old answer nor what came later."""
    async with a_world(store) as world:
        await world.ended(await world.send("first"))
        world.model.script = says("half", failing=ModelFailed("cut", "it broke", temporary=True))
        failed = await world.ended(await world.send("again?"))
        world.model.script = says("later")
        await world.ended(await world.send("more"))
        world.model.script = says("better")
        retried = (await world.runs.retry(world.scope, failed.id)).run
        done = await world.ended(retried)
        types = await world.types(retried)
        assert done.message_id == failed.message_id
        assert [one.content for one in world.model.prompts[-1].messages] == ["first", "Hello world.", "again?"]
        await world.ended(await world.send("at last"))
        asked = [one.content for one in world.model.prompts[-1].messages]
        assert asked == ["first", "Hello world.", "again?", "better", "more", "later", "at last"]
        world.model.script = hangs()
        active = await world.send("still")
        with pytest.raises(ReplyError, match="wait for its end"):
            await world.runs.retry(world.scope, active.id)
    assert types == ["DIRECT_AGENT_CALL", "TASK_STARTED", "CONTEXT_RETRIEVED", "MESSAGE_DELTA", *types[-2:]]


async def test_deleting_an_agent_ends_its_runs(store: Database) -> None:
    """What waits at once, what is at work after some patience; what it said stays, and other agents go on."""
    async with a_world(store) as world:
        world.model.script = hangs("half")
        first, second = await world.send("A"), await world.send("B")
        await world.until("MESSAGE_DELTA", first)
        await world.processes[0].catalog.create(world.scope, "other")
        await world.processes[0].catalog.delete(world.scope, world.agent.id)
        ended = [await world.ended(run) for run in (first, second)]
        reasons = [event.data["reason"] for event in await world.events() if event.type == "TASK_CANCELLED"]
        texts = await world.texts()
        with pytest.raises(ReplyError, match="was deleted"):
            await world.runs.retry(world.scope, first.id)
        world.model.script = says("Here.")
        assert (await world.ended(await world.send("@other hello"))).agent_name == "other"
    assert [(run.status, run.agent_id) for run in ended] == [("cancelled", None)] * 2
    assert [run.agent_name for run in ended] == ["coder"] * 2
    assert reasons == ["agent_removed"] * 2
    assert ("assistant", "half", "partial") in texts


async def test_an_agent_that_is_being_deleted_takes_nothing(store: Database) -> None:
    """In no process, also while it still works; nothing of the message is kept."""
    async with a_world(store) as world:
        other, done = world.process(), asyncio.Event()
        world.model.script = hangs("A whole answer.", until=done)
        run = await world.send("A")
        await world.until("MESSAGE_DELTA", run)
        deletion = asyncio.create_task(world.processes[0].catalog.delete(world.scope, world.agent.id))
        await until(lambda: bool(world.wire.words) and world.wire.words[-1].get("leaves") is True)
        for process in (world.processes[0], other):
            for target in ("coder", ""):
                with pytest.raises(ReplyError, match="being deleted") as refused:
                    await process.runs.submit(world.scope, world.session, Request("B", target))
                assert refused.value.code is ErrorCode.NOT_FOUND
        done.set()
        await deletion
        assert (await world.ended(run)).status == "completed"
        assert [text for role, text, _ in await world.texts() if role == "user"] == ["A"]


async def test_other_peoples_runs_are_not_there(store: Database) -> None:
    """Neither to look at, nor to stop, retry, trace, wait for or send to."""
    async with a_world(store) as world:
        run = await world.ended(await world.send())
        other = await a_user(store)
        for attempt in (
            world.runs.get(other, run.id),
            world.runs.stop(other, run.id),
            world.runs.retry(other, run.id),
            world.runs.trace(other, run.id),
            world.runs.wait(other, run.id, 1),
            world.runs.message(other, Submitted(run, is_new=False)),
            world.runs.stop_all(other, world.session),
            world.runs.submit(other, world.session, Request("Hi", str(world.agent.id))),
            world.runs.get(world.scope, uuid4()),
        ):
            with pytest.raises(ReplyError) as caught:
                await attempt
            assert caught.value.code.word == "not_found"
        assert await world.runs.list(other, world.session, 10) == []
        await world.processes[0].catalog.create(other, "coder")
        with pytest.raises(ReplyError) as caught:
            await world.runs.submit(other, world.session, Request("Hi"))
        assert caught.value.code.word == "not_found"
        assert len(await world.texts()) == 2
