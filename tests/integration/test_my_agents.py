"""A user's agents over HTTP, on a real hub with a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from hub.adapters.pool_vitals import PoolVitals
from hub.options import LogOptions
from tests.agents_kit import agents_dsn, agents_hub, agents_template
from tests.live import LiveHub, until
from tests.postgres_server import PostgresServer, postgres
from tests.unit.hub.logbook import lines, logging_as

__all__ = ["agents_dsn", "agents_template", "postgres"]

NOBODY = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: Any


class User:
    """Somebody with a token."""

    def __init__(self, client: aiohttp.ClientSession) -> None:
        self._client = client

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        if body is not None:
            options |= {"data": body if isinstance(body, str) else json.dumps(body)}
            options.setdefault("headers", {"Content-Type": "application/json"})
        async with self._client.request(method, path, **options) as response:
            content = await response.read()
            return Answer(response.status, response.headers, json.loads(content) if content else None)


@asynccontextmanager
async def a_member(live: LiveHub, name: str = "alice") -> AsyncIterator[User]:
    headers = {"Authorization": f"Bearer {live.hub.authenticator.issue(name, 60)}"}
    async with aiohttp.ClientSession(live.url, headers=headers) as client:
        yield User(client)


async def test_the_life_of_an_agent(agents_dsn: str) -> None:
    """Made, listed page by page, found, changed, renamed and deleted; its queue is empty; the models are told."""
    async with agents_hub(agents_dsn) as live, a_member(live) as alice:
        made = await alice.ask("POST", "/my/agents/", '{"name": "coder", "config": {"temperature": 0.2}}')
        assert made.status == 201
        path = f"/my/agents/{made.body['id']}"
        assert (made.body["version"], made.body["status"], made.body["config"]["recall"]) == (1, "ready", 5)
        assert (await alice.ask("GET", path)).body == made.body
        starters = await alice.ask("POST", "/my/agents/starter")
        assert (starters.status, len(starters.body["items"])) == (201, 4)
        assert (await alice.ask("POST", "/my/agents/starter")).body == {"items": []}
        names: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await alice.ask("GET", f"/my/agents/?limit=2{cursor and f'&cursor={cursor}'}")
            names += [agent["name"] for agent in page.body["items"]]
            cursor = page.body["next"]
        assert names == ["coder", "architect", "reviewer", "writer", "researcher"]
        changed = await alice.ask("PATCH", path, {"name": "dev", "config": {"recall": 7}, "version": 1})
        assert (changed.body["name"], changed.body["version"], changed.body["id"]) == ("dev", 2, made.body["id"])
        assert changed.body["config"] == made.body["config"] | {"recall": 7}
        assert (await alice.ask("GET", f"{path}/queue")).body == {
            "waiting": 0,
            "active": 0,
            "limit": 100,
            "concurrency": 3,
        }
        models = (await alice.ask("GET", "/my/models")).body
        assert models["default"] in {model["name"] for model in models["items"]}
        assert (await alice.ask("DELETE", path)).status == 204
        assert (await alice.ask("GET", path)).status == 404


async def test_what_is_refused(agents_dsn: str) -> None:
    """As problem details (RFC 9457), by aiohttp's own refusals too; nothing else below `/my` or `/auth` has another
    shape, and nothing outside of them has this one."""
    async with agents_hub(agents_dsn) as live, a_member(live) as alice, a_member(live, "bob") as bob:
        mine = f"/my/agents/{(await alice.ask('POST', '/my/agents/', {'name': 'coder'})).body['id']}"
        refusals: list[tuple[User, str, str, Any, int, str]] = [
            (alice, "POST", "/my/agents/", "{", 400, "invalid_json"),
            (alice, "POST", "/my/agents/", "[]", 422, "invalid_data"),
            (alice, "POST", "/my/agents/", {}, 422, "invalid_data"),
            (alice, "POST", "/my/agents/", {"name": "a b"}, 422, "invalid_data"),
            (alice, "POST", "/my/agents/", {"name": "ab", "config": {"instructions": "\0"}}, 422, "invalid_data"),
            (alice, "POST", "/my/agents/", {"name": "ab", "config": {"temperature": 3}}, 422, "invalid_data"),
            (alice, "POST", "/my/agents/", {"name": "CODER"}, 409, "conflict"),
            (alice, "PATCH", mine, {"version": 9}, 409, "conflict"),
            (alice, "GET", "/my/agents/?limit=0", None, 422, "invalid_data"),
            (alice, "GET", "/my/agents/?limit=1&limit=2", None, 422, "invalid_data"),
            (alice, "GET", "/my/agents/?cursor=%00", None, 422, "invalid_data"),
            (alice, "GET", "/my/agents/nobody", None, 404, "not_found"),
            (alice, "GET", f"/my/agents/{NOBODY}", None, 404, "not_found"),
            (alice, "GET", "/my/nothing", None, 404, "not_found"),
            (alice, "GET", "/auth/nothing", None, 404, "not_found"),
            (alice, "PUT", "/my/agents/", None, 405, "invalid_command"),
            (bob, "GET", mine, None, 404, "not_found"),
            (bob, "PATCH", mine, {"name": "mine"}, 404, "not_found"),
            (bob, "DELETE", mine, None, 404, "not_found"),
            (bob, "GET", f"{mine}/queue", None, 404, "not_found"),
        ]
        for user, method, path, body, status, code in refusals:
            answer = await user.ask(method, path, body)
            assert (answer.status, answer.body["status"], answer.body["code"]) == (status, status, code), path
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert answer.body.keys() >= {"type", "title", "detail", "temporary", "timestamp"}
        plain = await alice.ask("POST", "/my/agents/", "{}", headers={"Content-Type": "text/plain"})
        assert (plain.status, plain.body["code"]) == (415, "unsupported_data")
        nobody = await alice.ask("GET", mine, headers={"Authorization": "Bearer x"})
        assert (nobody.status, nobody.body["code"]) == (401, "invalid_token")
        assert nobody.headers["WWW-Authenticate"].startswith("Bearer")
        outside = await alice.ask("GET", "/api/nothing")
        assert (outside.status, list(outside.body)) == (404, ["error"])
        assert len((await alice.ask("GET", "/my/agents/")).body["items"]) == 1


async def test_requests_of_a_user_have_a_rate(agents_dsn: str) -> None:
    """Each answer tells what is left, refusals too; when nothing is, when to come back. Others aren't touched."""
    async with (
        agents_hub(agents_dsn, agents__requests_per_minute=3) as live,
        a_member(live) as alice,
        a_member(live, "bob") as bob,
    ):
        answers = [await alice.ask("GET", path) for path in ("/my/agents/", f"/my/agents/{NOBODY}", "/my/agents/?x=1")]
        assert [answer.status for answer in answers] == [200, 404, 422]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0"]
        refused = await alice.ask("GET", "/my/agents/")
        assert (refused.status, refused.body["code"], refused.body["limit"]) == (429, "rate_limited", 3)
        assert 0 < int(refused.headers["Retry-After"]) <= int(refused.headers["X-RateLimit-Reset"]) <= 60
        assert refused.headers["X-RateLimit-Limit"] == "3"
        assert (await bob.ask("GET", "/my/agents/")).status == 200


async def test_two_hubs_have_the_same_agents(agents_dsn: str) -> None:
    """What is changed at one is seen at the other by the next request, though nothing but the database joins them."""
    async with (
        agents_hub(agents_dsn) as one,
        agents_hub(agents_dsn) as other,
        a_member(one) as here,
        a_member(other) as there,
    ):
        path = f"/my/agents/{(await here.ask('POST', '/my/agents/', {'name': 'coder'})).body['id']}"
        for recall in range(3):
            changed = await here.ask("PATCH", path, {"config": {"recall": recall}})
            assert (await there.ask("GET", path)).body == changed.body
        await here.ask("DELETE", path)
        assert (await there.ask("GET", path)).status == 404


@pytest.mark.parametrize("ready_without", [False, True])
async def test_alive_and_ready_differ(agents_dsn: str, postgres: PostgresServer, ready_without: bool) -> None:
    """Without the agents' database the hub lives, and takes nobody, unless it shall; a request for agents may succeed
    later, and is told so without a word of where the database is."""
    options = {"agents__ready_without_database": ready_without, "agents__acquire_timeout": 1.0}
    async with agents_hub(agents_dsn, **options) as live, a_member(live) as alice:
        assert (await alice.ask("GET", "/ready")).body == {"status": "ready"}
        postgres.drop(agents_dsn)
        agents = live.hub.adapters.agents
        assert agents is not None
        agents._pulse._until = 0.0
        ready = await alice.ask("GET", "/ready")
        if ready_without:
            assert (ready.status, ready.body) == (
                200,
                {"status": "ready", "degraded": True, "agents": "unavailable"},
            )
        else:
            assert (ready.status, ready.body["error"]["code"]) == (503, "unavailable")
            assert ready.body["error"]["agents"] == "unavailable"
        assert (await alice.ask("GET", "/health")).status == 200
        refused = await alice.ask("GET", "/my/agents/")
        assert (refused.status, refused.body["temporary"]) == (503, True)
        assert "postgresql" not in str(refused.body)


async def test_log_lines_and_metrics(agents_dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line of a request has its user and the ids of its path, and nothing of what was said; a metric has none."""
    with logging_as(LogOptions(format="json")):
        async with agents_hub(agents_dsn, log__access=True) as live, a_member(live) as alice:
            body = {"name": "coder", "config": {"instructions": "a secret of the house"}}
            agent = (await alice.ask("POST", "/my/agents/", body)).body["id"]
            await alice.ask("GET", f"/my/agents/{agent}")
            await alice.ask("GET", "/health")
            metrics = live.hub.across.exposition.of_process().decode()
        written = [line for line in lines(capsys) if line["event"] == "request"]
    assert [(line["path"].count("-"), line.get("user"), line.get("agent_id")) for line in written] == [
        (0, "alice", None),
        (4, "alice", agent),
        (0, None, None),
    ]
    assert "a secret of the house" not in json.dumps(written)
    samples = [sample for family in text_string_to_metric_families(metrics) for sample in family.samples]
    routes = {sample.labels["route"] for sample in samples if "route" in sample.labels}
    assert "/my/agents/{agent_id}" in routes
    queries = {
        sample.labels["pool"]: sample.value for sample in samples if sample.name == "tocsin_db_query_seconds_count"
    }
    assert queries["agents"] >= 2
    assert not any(value in (agent, "alice") for sample in samples for value in sample.labels.values())


async def test_the_agents_pool_is_measured(agents_dsn: str) -> None:
    """Beside the hub's own, in metrics, for alert rules and on the channel: a request's queries are counted and timed;
    who waits for a connection is seen while he does."""
    options: dict[str, Any] = {"agents__pool_size": 1, "agents__pool_overflow": 0}
    async with agents_hub(agents_dsn, **options, database__slow_query=0.01) as live, a_member(live) as alice:
        database, agents = live.hub.adapters.database, live.hub.adapters.agents
        assert database is not None
        assert agents is not None

        def measured(name: str) -> float:
            families = text_string_to_metric_families(live.hub.across.exposition.of_process().decode())
            (value,) = [
                sample.value
                for family in families
                for sample in family.samples
                if sample.name == f"tocsin_db_{name}" and sample.labels.get("pool") == "agents"
            ]
            return value

        before = measured("queries_total"), measured("query_seconds_count")
        assert (await alice.ask("POST", "/my/agents/", {"name": "coder"})).status == 201
        assert measured("queries_total") > before[0]
        assert measured("query_seconds_count") > before[1]
        async with agents.database.of_system() as connection:
            await connection.execute(text("SELECT pg_sleep(0.02)"))
            answer = asyncio.create_task(alice.ask("GET", "/my/agents/"))
            await until(lambda: measured("waiters") >= 1)
            vitals = PoolVitals(database, live.hub.clock).read()
            assert (vitals.busy, vitals.maximum) == (1, 1)
            assert vitals.waiters >= 1
        assert (await answer).status == 200
        assert measured("slow_queries_total") >= 1
        told = await alice.ask("GET", "/api/channels/db_pool_stats/history")
        assert "agents" in {message["data"]["pool"] for message in told.body["publications"]}
