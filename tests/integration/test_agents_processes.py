"""Agents and chat on two processes: one PostgreSQL, one Valkey, and whatever one does holds at the other."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

import aiohttp

from tests.agents_kit import agents_dsn, agents_hub, agents_template
from tests.live import LiveHub, until
from tests.llm_double import MODEL, LlmDouble, hangs, llm_double, says
from tests.postgres_server import postgres
from tests.redis_server import RedisServer, redis_server

__all__ = ["agents_dsn", "agents_template", "postgres"]


QUICK: dict[str, Any] = {"agents__embedding__provider": "none", "agents__runs__drain": 0.0}
"""No model of vectors is loaded, and what is at work is broken off at the end."""


class Answer(NamedTuple):
    """What came of a request."""

    status: int
    body: Any
    headers: dict[str, str]


class Process:
    """One of both hubs, as a user sees it."""

    def __init__(self, live: LiveHub, http: aiohttp.ClientSession, user: str = "alice") -> None:
        self.live = live
        self.http = http
        self.headers = {"Authorization": f"Bearer {live.hub.authenticator.issue(user, 600)}"}

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        """Make a request."""
        async with self.http.request(
            method, f"{self.live.url}{path}", json=body, params=query, headers=self.headers
        ) as response:
            text = await response.read()
            return Answer(response.status, await response.json() if text else None, dict(response.headers))


class Two(NamedTuple):
    """Both processes, of one user, and their Valkey."""

    a: Process
    b: Process
    valkey: RedisServer


@asynccontextmanager
async def two(dsn: str, **options: Any) -> AsyncIterator[Two]:
    """Run them."""
    async with redis_server() as server, aiohttp.ClientSession() as http:
        options = {"redis__url": server.url, "redis__timeout": 2.0, **QUICK, **options}
        async with agents_hub(dsn, **options) as a, agents_hub(dsn, **options) as b:
            yield Two(Process(a, http), Process(b, http), server)


async def test_the_limit_of_requests_is_one(agents_dsn: str) -> None:
    """A hundred in all get through a burst on both, and every answer says what is left."""
    async with two(agents_dsn) as hubs:
        answers = []
        for _ in range(13):
            answers += await asyncio.gather(*((hubs.a, hubs.b)[n % 2].ask("GET", "/my/agents/") for n in range(10)))
        assert Counter(answer.status for answer in answers) == {200: 100, 429: 30}
        left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers if answer.status == 200]
        assert sorted(left) == list(range(100))
        refused = next(answer for answer in answers if answer.status == 429)
        assert (refused.body["code"], refused.headers["X-RateLimit-Limit"]) == ("rate_limited", "100")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60


async def test_a_changed_agent_is_seen_everywhere_at_once(agents_dsn: str) -> None:
    """However warm the other's cache is."""
    async with two(agents_dsn, agents__requests_per_minute=0) as (a, b, _):
        made = await a.ask("POST", "/my/agents/", {"name": "coder", "config": {"instructions": "first"}})
        assert made.status == 201
        path = f"/my/agents/{made.body['id']}"
        for number in range(10):
            writer, reader = (a, b) if number % 2 else (b, a)
            await reader.ask("GET", path)
            changed = await writer.ask("PATCH", path, {"config": {"instructions": f"take {number}"}})
            assert changed.status == 200
            assert (await reader.ask("GET", path)).body["config"]["instructions"] == f"take {number}"
        assert (await a.ask("DELETE", path)).status == 204
        assert (await b.ask("GET", path)).status == 404


class Following:
    """A stream of a session, at one process."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.events: list[dict[str, Any]] = []

    async def until(self, type: str, times: int = 1) -> dict[str, Any]:
        """Read on until so many events of a type have come in all; return the last one."""
        async with asyncio.timeout(20.0):
            while [event["type"] for event in self.events].count(type) < times:
                self.events.append(json.loads(await self._response.content.readline()))
        return self.events[-1]

    @property
    def numbers(self) -> list[int]:
        """Of what stands in the session's log."""
        return [event["data"]["seq"] for event in self.events if "data" in event]

    @property
    def text(self) -> str:
        return "".join(event["data"]["text"] for event in self.events if event["type"] == "MESSAGE_DELTA")


@asynccontextmanager
async def following(process: Process, session: str) -> AsyncIterator[Following]:
    """Follow a session from its beginning."""
    url = f"{process.live.url}/my/sse/{session}?after=0"
    async with process.http.get(url, headers=process.headers) as response:
        assert response.status == 200
        yield Following(response)


def models_of(double: LlmDouble) -> dict[str, Any]:
    """Options by which agents ask the double."""
    return {"agents__providers": {"double": {"base_url": double.url, "models": [MODEL]}}}


async def a_chat(process: Process, name: str = "coder") -> str:
    """Make an agent, and a session; return the session."""
    await process.ask("POST", "/my/agents/", {"name": name, "config": {"model": f"double/{MODEL}", "memory": False}})
    made = await process.ask("POST", "/my/chat/sessions/", {})
    assert made.status == 201
    return str(made.body["id"])


def works_on(process: Process, run_id: str) -> bool:
    """Whether a run is at work there: it is where its message came in, as long as there is room."""
    agents = process.live.hub.adapters.agents
    assert agents is not None
    return UUID(run_id) in agents.parts.runs.bus.working


async def test_any_process_streams_takes_messages_and_stops(agents_dsn: str) -> None:
    """A stream at A shows what is sent at B, in the one order of the session; what one runs, the other stops."""
    more = asyncio.Event()
    script = says("One ", "two ", more, "three."), hangs("Four "), hangs("Five ")
    async with llm_double(*script) as double, two(agents_dsn, **models_of(double)) as hubs:
        a, b, _ = hubs
        session = await a_chat(a)
        async with following(a, session) as at_a, following(b, session) as at_b:
            sent = await b.ask("POST", f"/my/chat/{session}/message/", {"content": "count", "wait": False})
            assert sent.status == 202
            await at_a.until("MESSAGE_DELTA")
            more.set()
            await at_a.until("TASK_COMPLETED")
            await at_b.until("TASK_COMPLETED")
            assert at_a.text == at_b.text == "One two three."
            assert at_a.numbers == list(range(1, len(at_a.events) + 1))
            assert at_a.events == at_b.events

            for number, (one, other) in enumerate(((a, b), (b, a)), 1):
                sent = await one.ask("POST", f"/my/chat/{session}/message/", {"content": "on", "wait": False})
                path = f"/my/runs/{sent.body['run']['id']}"
                asked = await double.asked(number + 1)
                assert works_on(one, sent.body["run"]["id"])
                assert (await other.ask("POST", f"{path}/stop")).status == 200
                assert (await at_a.until("TASK_CANCELLED", number))["data"]["reason"] == "stopped"
                assert (await one.ask("GET", path)).body["status"] == "cancelled"
                await asyncio.wait_for(asked.left.wait(), 20.0)


async def test_an_agents_queue_is_one(agents_dsn: str) -> None:
    """So many at work and so many that wait, over both processes; who comes after that is told when to come again."""
    options = {"agents__queue": 4, "agents__concurrency": 2, "agents__requests_per_minute": 0}
    async with llm_double(hangs()) as double, two(agents_dsn, **options, **models_of(double)) as hubs:
        sessions = [await a_chat(hubs.a)]
        for number in range(8):
            made = await (hubs.a, hubs.b)[number % 2].ask("POST", "/my/chat/sessions/", {})
            sessions.append(made.body["id"])
        answers = []
        for number, session in enumerate(sessions):
            message = {"content": "go", "target_agent": "coder", "wait": False}
            answers.append(await (hubs.a, hubs.b)[number % 2].ask("POST", f"/my/chat/{session}/message/", message))
            if number < 2:
                await double.asked(number + 1)  # before the queue fills up
        assert [answer.status for answer in answers] == [202] * 6 + [503] * 3
        for answer in answers[6:]:
            assert 1 <= int(answer.headers["Retry-After"]) <= 30
        for process in (hubs.a, hubs.b):
            (agent,) = (await process.ask("GET", "/my/agents/")).body["items"]
            queue = await process.ask("GET", f"/my/agents/{agent['id']}/queue")
            assert queue.body == {"waiting": 4, "active": 2, "limit": 4, "concurrency": 2}
        stopped = await hubs.b.ask("POST", f"/my/chat/{sessions[0]}/stop")
        assert stopped.body == {"stopped": 1}
        await double.asked(3)
        assert len(double.requests) == 3


async def test_without_redis(agents_dsn: str) -> None:
    """What is under way goes on and all can be read; what is new is refused until it is back, and nothing is lost."""
    more = asyncio.Event()
    script = says("One ", more, "two."), says("Three.")
    async with (
        llm_double(*script) as double,
        two(agents_dsn, **models_of(double), redis__timeout=0.5) as (a, b, valkey),
    ):
        session, other = await a_chat(a), (await b.ask("POST", "/my/chat/sessions/", {})).body["id"]
        async with following(b, session) as stream:
            path, message = f"/my/chat/{session}/message/", {"content": "count", "wait": False}
            run = (await a.ask("POST", path, message)).body["run"]
            await stream.until("MESSAGE_DELTA")
            await valkey.stop(signal.SIGKILL)
            backbone = a.live.hub.backends.backbone
            assert backbone is not None
            await until(backbone.is_away)
            refused = await a.ask("POST", f"/my/chat/{other}/message/", {**message, "target_agent": "coder"})
            assert (refused.status, refused.body["code"]) == (503, "unavailable")
            assert int(refused.headers["Retry-After"]) >= 1
            kept = await b.ask("GET", f"/my/chat/sessions/{other}/messages/")
            assert (kept.status, kept.body["items"]) == (200, [])
            assert int(kept.headers["X-RateLimit-Remaining"]) > 90
            more.set()
            async with asyncio.timeout(20.0):
                while (await b.ask("GET", f"/my/runs/{run['id']}")).body["status"] != "completed":  # noqa: ASYNC110
                    await asyncio.sleep(0.05)  # nothing tells of it: Redis is away
            await valkey.start()
            await stream.until("TASK_COMPLETED")
            assert stream.text == "One two."
            assert stream.numbers == list(range(1, len(stream.numbers) + 1))
        await until(lambda: backbone.available)
        answered = await b.ask("POST", f"/my/chat/{other}/message/", {"content": "@coder on"})
        assert (answered.status, answered.body["reply"]["content"]) == (200, "Three.")
