"""Messages to agents over HTTP, on a real hub with a real database and a double of a language model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp

from tests.agents_kit import agents_dsn, agents_hub, agents_template
from tests.live import LiveHub
from tests.llm_double import MODEL, LlmDouble, Step, llm_double, refuses, says
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: Any


@dataclass(frozen=True)
class Chat:
    """A hub, a user with an agent, and a session."""

    live: LiveHub
    double: LlmDouble
    http: aiohttp.ClientSession
    session: str
    agent: str

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        async with self.http.request(method, path, json=body, **options) as response:
            text = await response.read()
            return Answer(response.status, response.headers, await response.json(content_type=None) if text else None)

    async def send(self, content: str, headers: dict[str, str] | None = None, **more: Any) -> Answer:
        path = f"/my/chat/{self.session}/message/"
        return await self.ask("POST", path, {"content": content, **more}, headers=headers)

    async def until_ended(self, run: str) -> Any:
        async with asyncio.timeout(10):
            while True:
                found = (await self.ask("GET", f"/my/runs/{run}")).body
                if found["completed_at"] is not None:
                    return found
                await asyncio.sleep(0.01)


@asynccontextmanager
async def a_chat(dsn: str, *steps: Step, **options: Any) -> AsyncIterator[Chat]:
    async with llm_double(*steps) as double:
        provider = {"base_url": double.url, "models": [MODEL], "backoff": 0.0}
        options = {
            "agents__providers": {"double": provider},
            "agents__embedding__provider": "none",
            "agents__requests_per_minute": 0,
            "agents__runs__drain": 0.0,
            **options,
        }
        async with agents_hub(dsn, **options) as live:
            headers = {"Authorization": f"Bearer {live.hub.authenticator.issue('alice', 600)}"}
            async with aiohttp.ClientSession(live.url, headers=headers) as http:
                chat = Chat(live, double, http, "", "")
                agent = (await chat.ask("POST", "/my/agents/", {"name": "coder"})).body["id"]
                session = (await chat.ask("POST", "/my/chat/sessions/", {})).body["id"]
                yield Chat(live, double, http, session, agent)


async def test_a_message_and_its_answer(agents_dsn: str) -> None:
    """By the agent's name, its id, or `@name`; the answer comes with the run, the message and the reply. Looking at the
    run, its trace and the session's runs shows the same."""
    async with a_chat(agents_dsn, says("Hello", " there")) as chat:
        answers = [
            await chat.send("Hi", target_agent="coder"),
            await chat.send("Hi", target_agent=chat.agent),
            await chat.send("@coder Hi"),
            await chat.ask("POST", f"/my/chat/{chat.session}/message/", {"message": "Hi"}),
        ]
        for answer in answers:
            assert answer.status == 200, answer.body
            run, reply = answer.body["run"], answer.body["reply"]
            assert (run["status"], run["agent_name"], run["error"]) == ("completed", "coder", None)
            assert (reply["content"], reply["status"], reply["id"]) == ("Hello there", "complete", run["reply_id"])
            assert run["usage"] == reply["usage"]
            assert run["usage"]["input_tokens"] == 11
            assert answer.body["message"]["id"] == run["message_id"]
        run = answers[-1].body["run"]
        assert (await chat.ask("GET", f"/my/runs/{run['id']}")).body == run
        trace = await chat.ask("GET", f"/my/runs/{run['id']}/trace")
        assert trace.body["model"] == f"double/{MODEL}"
        sent = chat.double.requests[-1].body["messages"]
        assert trace.body["prompt"] == sent
        assert [one["content"] for one in sent if one["role"] == "user"] == ["Hi", "Hi", "@coder Hi", "Hi"]
        first = await chat.ask("GET", f"/my/chat/sessions/{chat.session}/runs/?limit=3")
        second = await chat.ask("GET", f"/my/chat/sessions/{chat.session}/runs/?cursor={first.body['next']}")
        shown = [one["id"] for one in [*first.body["items"], *second.body["items"]]]
        assert shown == [answer.body["run"]["id"] for answer in answers[::-1]]
        assert second.body["next"] is None


async def test_an_answer_doesnt_need_its_asker(agents_dsn: str) -> None:
    """Not at all with wait: false or Prefer: respond-async, nor when the asker goes away; anybody stops it."""
    gate = asyncio.Event()
    async with a_chat(agents_dsn, says("Hel", gate, "lo")) as chat:
        left = asyncio.create_task(chat.send("one"))
        await chat.double.asked(1)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        second = await chat.send("two", wait=False)
        third = await chat.send("three", headers={"Prefer": "respond-async, wait=10"})
        assert (second.status, third.status) == (202, 202)
        assert [one.body["run"]["status"] for one in (second, third)] == ["waiting", "waiting"]
        assert "reply" not in second.body
        refused = await chat.send("four", if_active="reject")
        assert refused.status == 409
        runs = (await chat.ask("GET", f"/my/chat/sessions/{chat.session}/runs/")).body["items"]
        assert refused.body["run_id"] == runs[-1]["id"]
        stopped = await chat.ask("POST", f"/my/runs/{second.body['run']['id']}/stop")
        assert (stopped.status, stopped.body["status"]) == (200, "cancelled")
        gate.set()
        assert (await chat.until_ended(third.body["run"]["id"]))["status"] == "completed"
        assert (await chat.ask("GET", f"/my/runs/{runs[-1]['id']}")).body["status"] == "completed"
        again = await chat.ask("POST", f"/my/runs/{second.body['run']['id']}/retry")
        assert (again.status, again.body["message"]["content"]) == (202, "two")
        assert (await chat.until_ended(again.body["run"]["id"]))["status"] == "completed"
        assert (await chat.ask("POST", f"/my/chat/{chat.session}/stop")).body == {"stopped": 0}


async def test_stopping_reaches_the_model(agents_dsn: str) -> None:
    """The request to it ends at once, and the partial text stays. Waiting for the answer has an end of its own."""
    async with a_chat(agents_dsn, says("Once upon", asyncio.Event()), agents__runs__wait=0.3) as chat:
        answer = await chat.send("Tell me a story")
        assert (answer.status, answer.body["run"]["status"]) == (202, "running")
        assert (await chat.ask("POST", f"/my/chat/{chat.session}/stop")).body == {"stopped": 1}
        async with asyncio.timeout(5):
            await chat.double.requests[0].left.wait()
        run = await chat.until_ended(answer.body["run"]["id"])
        assert run["status"] == "cancelled"
        messages = (await chat.ask("GET", f"/my/chat/sessions/{chat.session}/messages/")).body["items"]
        assert [(one["content"], one["status"]) for one in messages] == [
            ("Tell me a story", "complete"),
            ("Once upon", "partial"),
        ]


async def test_what_is_refused(agents_dsn: str) -> None:
    """As problem details, each with what to do; nothing of it is kept."""
    async with a_chat(agents_dsn) as chat:
        unknown = await chat.send("@codr Hi")
        assert (unknown.status, unknown.body["suggestions"]) == (404, ["coder"])
        assert unknown.headers["Content-Type"].startswith("application/problem+json")
        assert (await chat.send("Hi", target_agent="nobody")).status == 404
        for body in ({}, {"content": " \n"}, {"content": "a", "message": "b"}, {"content": "a", "if_active": "x"}):
            wrong = await chat.ask("POST", f"/my/chat/{chat.session}/message/", body)
            assert (wrong.status, wrong.body["code"]) == (422, "invalid_data")
        for method, path in (
            ("POST", f"/my/chat/{uuid4()}/message/"),
            ("POST", f"/my/chat/{uuid4()}/stop"),
            ("POST", f"/my/runs/{uuid4()}/stop"),
            ("POST", "/my/runs/7/retry"),
            ("GET", f"/my/runs/{uuid4()}/trace"),
            ("GET", f"/my/chat/sessions/{uuid4()}/runs/"),
        ):
            sent = {"content": "Hi"} if path.endswith("message/") else None
            assert (await chat.ask(method, path, sent)).status == 404, path
        await chat.ask("POST", "/my/agents/", {"name": "writer"})
        unclear = await chat.send("Hi")
        assert (unclear.status, unclear.body["agents"]) == (422, ["coder", "writer"])
        assert (await chat.ask("GET", f"/my/chat/sessions/{chat.session}/messages/")).body["items"] == []


async def test_a_model_that_refuses(agents_dsn: str) -> None:
    """Fails the run, not the request: the error is the run's. The same key gives the same run again."""
    async with a_chat(agents_dsn, refuses(401, "bad key"), auth__public_metrics=True) as chat:
        answers = [await chat.send("Hi", idempotency_key="k-1") for _ in range(2)]
        assert [answer.status for answer in answers] == [200, 200]
        assert answers[0].body == answers[1].body
        run = answers[0].body["run"]
        assert (run["status"], run["error"]["temporary"], answers[0].body["reply"]) == ("failed", False, None)
        assert (await chat.send("Hi again", idempotency_key="k-1")).status == 409
        agents = (await chat.ask("GET", "/my/agents/")).body["items"]
        assert agents[0]["status"] == "error"
        async with chat.http.get("/metrics") as response:
            text = await response.text()
        assert 'tocsin_agent_tasks_ended_total{status="failed"} 1.0' in text
        assert "tocsin_agent_task_wait_seconds_count 1.0" in text
        assert 'tocsin_agent_tasks{status="running"} 0.0' in text
