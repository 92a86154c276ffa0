"""One run at work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from agents.memory.episode import Episode
from agents.memory.item import Recalled
from agents.models.fallback import Fallback
from agents.models.port import Finished, ModelEvent, ModelFailed, Prompt, Retried, TextDelta, ToolCall
from agents.runs.options import RunOptions
from agents.runs.submission import Submitted
from agents.sessions.events import EVENTS
from agents.store.database import Database
from agents.store.scope import Scope
from channels.errors import ErrorCode, ReplyError
from tests.unit.agents.runs.run_worlds import USAGE, World, a_world, hangs, says

GOLDEN = [
    "MESSAGE_CREATED",
    "DIRECT_AGENT_CALL",
    "TASK_STARTED",
    "CONTEXT_RETRIEVED",
    "MESSAGE_DELTA",
    "MESSAGE_CREATED",
    "TASK_COMPLETED",
]

FOUND = Recalled(uuid4(), "The cat is called Mog.", "fact", 0.9, {}, datetime(2026, 11, 2, tzinfo=UTC))


class Notes:
    """A memory that has one thing to tell, or fails."""

    def __init__(self, failing: Exception | None = None) -> None:
        self.failing = failing
        self.asked: list[tuple[UUID, str, int]] = []
        self.episodes: list[Episode] = []

    async def recall(self, scope: Scope, agent_id: UUID, query: str, limit: int) -> list[Recalled]:
        self.asked.append((agent_id, query, limit))
        if self.failing is not None:
            raise self.failing
        return [FOUND]

    async def remember(self, scope: Scope, agent_id: UUID, episode: Episode) -> UUID | None:
        if self.failing is not None:
            raise self.failing
        self.episodes.append(episode)
        return uuid4()


async def last_event(world: World) -> tuple[str, dict[str, Any]]:
    event = (await world.events())[-1]
    EVENTS[event.type].model_validate(event.data)
    return event.type, dict(event.data)


async def test_the_events_of_a_direct_call(store: Database) -> None:
    """Exactly these, in this order, numbered without a gap, each of its documented shape. Pieces of the answer put
    together are the answer; times of the run are those of its events."""
    async with a_world(store) as world:
        run = await world.ended(await world.send("Hi"))
        events = await world.events()
        types, texts = await world.types(), await world.texts()
    assert run.status == "completed"
    assert types == GOLDEN
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert {event.task_id for event in events} == {run.id}
    assert {event.agent_id for event in events} == {world.agent.id}
    for event in events:
        EVENTS[event.type].model_validate(event.data)
    deltas = [event.data for event in events if event.type == "MESSAGE_DELTA"]
    assert "".join(delta["text"] for delta in deltas) == "Hello world."
    assert all(two["start"] == one["start"] + len(one["text"]) for one, two in pairwise(deltas))
    assert {delta["message_id"] for delta in deltas} == {str(run.reply_id)}
    assert texts == [("user", "Hi", "complete"), ("assistant", "Hello world.", "complete")]
    assert (run.created_at, run.started_at, run.completed_at) == (
        events[0].created_at,
        events[2].created_at,
        events[-1].created_at,
    )
    assert events[-1].data["usage"] == run.usage == {"model": "double-1", **_usage()}


def _usage() -> dict[str, Any]:
    return {
        "input_tokens": USAGE.input_tokens,
        "output_tokens": USAGE.output_tokens,
        "cached_input_tokens": None,
        "reasoning_tokens": None,
    }


async def test_what_is_remembered_goes_into_the_prompt_and_the_trace(store: Database) -> None:
    """Memories are numbered, the answer's citations name those that it uses, and the exchange is kept with its source
    and with what was recalled for it, so that this isn't kept again."""
    memory = Notes()
    async with a_world(store, {"instructions": "Be kind.", "recall": 7}, memory=memory) as world:
        world.model.script = says("Mog, as I said [1].")
        run = await world.ended(await world.send("What is the cat called?"))
        context = next(event.data for event in await world.events() if event.type == "CONTEXT_RETRIEVED")
        trace = await world.runs.trace(world.scope, run.id)
        reply = (await world.runs.wait(world.scope, run.id, 0)).reply
        message = await world.runs.message(world.scope, Submitted(run, is_new=False))
    assert memory.asked == [(world.agent.id, "What is the cat called?", 7)]
    assert (context["count"], context["items"][0]["score"]) == (1, 0.9)
    (prompt,) = world.model.prompts
    assert prompt.messages[0].content.startswith("Be kind.\n\n")
    assert "[1] (2026-11-02) The cat is called Mog." in prompt.messages[0].content
    assert [(one.number, one.memory_id) for one in prompt.citations] == [(1, FOUND.memory_id)]
    assert trace["retrieved"][0]["text"] == FOUND.text
    assert [(one["role"], one["content"]) for one in trace["prompt"]] == [
        (one.role, one.content) for one in prompt.messages
    ]
    assert [event["type"] for event in trace["events"]] == [type for type in GOLDEN if type != "MESSAGE_DELTA"]
    assert reply is not None
    assert reply.citations[0]["memory_id"] == str(FOUND.memory_id)
    (episode,) = memory.episodes
    assert (episode.said, episode.answer) == ("What is the cat called?", "Mog, as I said [1].")
    assert episode.recalled == [FOUND.text]
    assert (episode.session_id, episode.task_id) == (world.session, run.id)
    assert episode.message_ids == (message.id, reply.id)


@pytest.mark.parametrize("failing", [ReplyError(ErrorCode.UNAVAILABLE, "away"), RuntimeError("broken")])
async def test_a_memory_that_fails_stops_nothing(store: Database, failing: Exception) -> None:
    """The run goes on without it, and says so."""
    async with a_world(store, memory=Notes(failing)) as world:
        run = await world.ended(await world.send())
        context = next(event.data for event in await world.events() if event.type == "CONTEXT_RETRIEVED")
        trace = await world.runs.trace(world.scope, run.id)
        assert await world.types() == GOLDEN
    assert run.status == "completed"
    assert context["count"] == 0
    assert "memory" in context["warning"] == trace["warning"]


async def test_an_agent_without_memory_asks_none(store: Database) -> None:
    """Neither before nor after; the event of the retrieval says 0 and warns of nothing."""
    memory = Notes()
    async with a_world(store, {"memory": False}, memory=memory) as world:
        await world.ended(await world.send())
        context = next(event.data for event in await world.events() if event.type == "CONTEXT_RETRIEVED")
    assert (memory.asked, memory.episodes) == ([], [])
    assert context == {"count": 0, "items": []}


@pytest.mark.parametrize("written", ["", "Half an ans"])
async def test_a_model_that_fails(store: Database, written: str) -> None:
    """Ends the run with ERROR, its last event. The user's message stays, and so does what there is of the answer; the
    agent is in error until its next run."""
    failing = ModelFailed("cut", "the stream broke", temporary=True)
    async with a_world(store) as world:
        world.model.script = says(*[written] * bool(written), failing=failing)
        run = await world.ended(await world.send("Hi"))
        type, data = await last_event(world)
        texts = await world.texts()
        status = (await world.processes[0].catalog.get(world.scope, world.agent.id)).status
        world.model.script = says("Fine.")
        await world.ended(await world.send("Again"))
        status_after = (await world.processes[0].catalog.get(world.scope, world.agent.id)).status
    assert run.status == "failed"
    assert (type, data["code"], data["message"], data["temporary"]) == ("ERROR", "cut", "the stream broke", True)
    assert run.error == {"code": "cut", "message": "the stream broke", "temporary": True}
    assert texts == [("user", "Hi", "complete"), *[("assistant", written, "partial")] * bool(written)]
    assert data["message_id"] == (str(run.reply_id) if written else None)
    assert (status, status_after) == ("error", "ready")


async def test_other_ways_to_fail(store: Database) -> None:
    """A model that wants a tool, says nothing, has no end, breaks, or talks without end."""

    async def wants_a_tool(_: Prompt) -> AsyncGenerator[ModelEvent, None]:
        yield TextDelta("Let me see")
        yield ToolCall("1", "search", "{}")

    async def never_ends(_: Prompt) -> AsyncGenerator[ModelEvent, None]:
        yield TextDelta("Once")

    async def breaks(_: Prompt) -> AsyncGenerator[ModelEvent, None]:
        yield TextDelta("Once")
        raise RuntimeError("a mistake")

    async def talks(_: Prompt) -> AsyncGenerator[ModelEvent, None]:
        while True:
            yield TextDelta("bla ")
            await asyncio.sleep(0)

    scripts = {
        "tools_unsupported": wants_a_tool,
        "empty_answer": says(" \n"),
        "invalid_answer": never_ends,
        "internal": breaks,
        "answer_too_long": talks,
        "timeout": hangs("Once"),
    }
    async with a_world(store, options=RunOptions(flush_interval=0.0, characters=5_000, longest=0.5)) as world:
        for code, script in scripts.items():
            world.model.script = script
            run = await world.ended(await world.send(code))
            type, data = await last_event(world)
            assert (type, data["code"], run.status) == ("ERROR", code, "failed")
        assert world.model.at_work == 0


async def test_asking_another_model_is_told(store: Database) -> None:
    """As MODEL_RETRIED, between the retrieval and the answer. An agent's own fallback models are asked in order."""

    async def ask(prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        if prompt.model == "double/one":
            raise ModelFailed("unavailable", "it is away", temporary=True)
        yield Retried(prompt.model, "it was busy", "rate_limited")
        yield TextDelta("Here.")
        yield Finished("stop", None, prompt.model)

    async with a_world(store, {"fallback_models": ["double/two"]}) as world:
        world.model.script = lambda prompt: Fallback(ask, prompt.fallbacks).answer(prompt)
        run = await world.ended(await world.send())
        events = await world.events()
        types = await world.types()
        trace = await world.runs.trace(world.scope, run.id)
    assert run.status == "completed"
    assert types == [*GOLDEN[:4], "MODEL_RETRIED", "MODEL_RETRIED", *GOLDEN[4:]]
    assert [event.data["model"] for event in events if event.type == "MODEL_RETRIED"] == ["double/two"] * 2
    assert run.usage is None  # nothing was reported, and nothing is guessed
    assert (trace["model"], trace["answered_by"]) == ("double/one", "double/two")
    assert (events[2].data["model"], events[-1].data["model"]) == ("double/one", "double/two")


async def test_an_endpoints_own_words_are_for_the_user_alone(store: Database) -> None:
    """They may repeat the prompt. So the log has what kind of failure it was and of which model, and no more."""

    async def repeats(prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        reason = f"the endpoint answered 400 ({prompt.messages[-1].content} is too long)"
        yield Retried("double/two", reason, "rate_limited")
        raise ModelFailed("refused", reason, temporary=False)

    async with a_world(store) as world:
        world.model.script = repeats
        with capture_logs() as lines:
            run = await world.ended(await world.send("secret-question"))
        retried = next(event.data for event in await world.events() if event.type == "MODEL_RETRIED")
        trace = await world.runs.trace(world.scope, run.id)
    assert "secret" not in str(lines)
    told = [(line["event"], line["code"], line["model"]) for line in lines if "code" in line]
    assert told == [
        ("a model is asked again", "rate_limited", "double/two"),
        ("a model failed", "refused", "double/one"),
    ]
    assert run.error is not None
    assert "secret-question" in run.error["message"]
    assert "secret-question" in retried["reason"]
    assert trace["answered_by"] is None


async def test_text_that_a_database_cant_hold(store: Database) -> None:
    """Is mended the same way in pieces and in the message."""
    async with a_world(store) as world:
        world.model.script = says("a\0b", "\ud83d", " 😀")
        run = await world.ended(await world.send())
        texts = await world.texts()
        deltas = [event.data["text"] for event in await world.events() if event.type == "MESSAGE_DELTA"]
    assert run.status == "completed"
    assert texts[-1][1] == "".join(deltas) == "a\ufffdb\ufffd 😀"


async def test_an_agent_is_busy_while_it_works(store: Database) -> None:
    """And ready again afterwards."""
    done = asyncio.Event()
    async with a_world(store) as world:
        world.model.script = hangs("Wait", until=done)
        run = await world.send()
        await world.until("MESSAGE_DELTA")
        busy = (await world.processes[0].catalog.get(world.scope, world.agent.id)).status
        done.set()
        await world.ended(run)
        ready = (await world.processes[0].catalog.get(world.scope, world.agent.id)).status
    assert (busy, ready) == ("busy", "ready")
