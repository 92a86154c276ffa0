"""The memory of agents over HTTP: a real hub on a real PostgreSQL with pgvector and the local embedding model."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.agents_kit import agents_dsn, agents_hub, agents_template
from tests.integration.api_client import Api, api_of, token_for
from tests.live import Client, LiveHub, until
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]


async def an_agent(api: Api, name: str = "helper") -> str:
    answer = await api("POST", "/my/agents/", {"name": name})
    assert answer.status == 201, answer.json
    id: str = answer.json["id"]
    return f"/my/agents/{id}/memories/"


async def embedded(live: LiveHub, api: Api, memories: str) -> None:
    """Wait until nothing waits for its vector."""
    agents = live.hub.adapters.agents
    assert agents is not None
    items = (await api("GET", memories)).json["items"]
    await until(lambda: agents.parts.memory.measures.embedded == len(items))
    assert {item["embedding"] for item in (await api("GET", memories)).json["items"]} == {"stored"}


async def next_of(client: Client, *types: str) -> list[dict[str, Any]]:
    """The next messages; these types, in their order."""
    found = [await client.receive() for _ in types]
    assert [message["type"] for message in found] == list(types)
    return [message["data"] for message in found]


@asynccontextmanager
async def as_user(live: LiveHub, user: str) -> AsyncIterator[Api]:
    async with api_of(live, token_for(live, user)) as api:
        yield api


async def test_a_user_sees_searches_corrects_and_deletes_what_an_agent_remembers(agents_dsn: str) -> None:
    """By meaning, in another language than it was said; each change is told to the user alone."""
    async with agents_hub(agents_dsn, agents__embedding__provider="local") as live, as_user(live, "ann") as ann:
        memories = await an_agent(ann)
        headers = {"Authorization": f"Bearer {token_for(live, 'ann')}"}
        async with live.client("ann-tab", headers=headers) as tab:
            await tab.ask(action="subscribe", channel="user:ann")
            texts = ("Our release day is Thursday.", "我家的猫叫年糕，今年四岁。", "Бетон для фундамента берём В25.")
            ids = []
            for text in texts:
                made = await ann("POST", memories, {"text": text})
                assert (made.status, made.json["kind"], made.json["embedding"]) == (201, "fact", "pending")
                ids.append(made.json["id"])
            told = await next_of(tab, *["memory_created"] * 3)
            assert [one["memory_id"] for one in told] == ids
            await embedded(live, ann, memories)
            found = (await ann("GET", memories + "?q=What+is+the+name+of+my+cat&limit=2")).json["items"]
            assert found[0]["id"] == ids[1]
            assert found[0]["score_parts"]["cosine"] > found[1]["score_parts"]["cosine"]

            one = f"/my/memories/{ids[0]}"
            changed = await ann("PATCH", one, {"text": "Our release day is Monday.", "pinned": True})
            assert (changed.json["text"], changed.json["pinned"]) == ("Our release day is Monday.", True)
            assert (await ann("GET", one)).json == changed.json
            assert [item["id"] for item in (await ann("GET", memories + "?pinned=true")).json["items"]] == [ids[0]]
            assert (await ann("DELETE", f"/my/memories/{ids[2]}")).status == 204
            assert (await ann("GET", f"/my/memories/{ids[2]}")).status == 404
            exported = await ann("GET", "/my/memories/export")
            assert exported.headers["Content-Type"] == "application/x-ndjson"
            lines = [json.loads(line) for line in exported.body.splitlines()]
            assert {line["text"] for line in lines} == {"Our release day is Monday.", texts[1]}
            usage = (await ann("GET", memories + "usage")).json
            assert usage == {"count": 2, "limit": 10_000, "warning": False, "full": False}
            assert (await ann("DELETE", memories)).json == {"deleted": 2}
            assert (await ann("GET", memories)).json == {"items": [], "next": None}
            changed_told, _, pruned = await next_of(tab, "memory_changed", "memory_deleted", "memory_pruned")
            assert (changed_told["changed"], pruned["count"]) == (["pinned", "text"], 2)


async def test_nobody_else_reaches_a_memory(agents_dsn: str) -> None:
    """Each endpoint: as if it weren't there. And who says something wrong is told what was expected."""
    async with agents_hub(agents_dsn) as live, as_user(live, "ann") as ann, as_user(live, "ben") as ben:
        memories = await an_agent(ann)
        one = f"/my/memories/{(await ann('POST', memories, {'text': 'A secret'})).json['id']}"
        for method, path, body in (
            ("GET", memories, None),
            ("GET", memories + "?q=secret", None),
            ("POST", memories, {"text": "x"}),
            ("DELETE", memories, None),
            ("GET", memories + "usage", None),
            ("GET", one, None),
            ("PATCH", one, {"pinned": True}),
            ("DELETE", one, None),
        ):
            answer = await ben(method, path, body)
            assert (answer.status, answer.json["code"]) == (404, "not_found"), path
        assert (await ben("GET", "/my/memories/export")).body == b""
        for query in (
            "?since=yesterday",
            "?limit=0",
            "?cursor=x",
            "?since=9999-12-31T23:59:59Z",
            "?q=a&cursor=WzEsMl0",
        ):
            assert (await ann("GET", memories + query)).status == 422, query
        for text in ("", " \n ", "x" * 4_001, 7):
            assert (await ann("POST", memories, {"text": text})).status == 422
        assert (await ann("GET", "/my/memories/nothing")).status == 404


async def test_pages_of_memories_follow_each_other(agents_dsn: str) -> None:
    """Newest first, each once."""
    async with agents_hub(agents_dsn) as live, as_user(live, "ann") as ann:
        memories = await an_agent(ann)
        expected = [(await ann("POST", memories, {"text": f"Fact {number}"})).json["id"] for number in range(5)]
        found, cursor = [], ""
        while True:
            page = (await ann("GET", f"{memories}?limit=2{cursor}")).json
            found += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert found == expected[::-1]


class Endpoint:
    """An embedding endpoint over HTTP that answers 500 until it is told otherwise."""

    def __init__(self) -> None:
        self.broken = True
        self.asked = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.broken:
            return web.json_response({"error": {"message": "out of order"}}, status=500)
        texts = (await request.json())["input"]
        data = [
            {"object": "embedding", "index": at, "embedding": [1.0, float(len(text)), 0.5]}
            for at, text in enumerate(texts)
        ]
        return web.json_response({"object": "list", "model": "m", "data": data})


async def test_when_the_embedding_endpoint_fails_memories_wait_and_are_found_by_words(
    agents_dsn: str,
) -> None:
    """Stored at once, embedded when it works again; and the metrics say both without a name."""
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_post("/v1/embeddings", endpoint.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = runner.addresses[0]
    options: dict[str, Any] = {
        "provider": "openai",
        "model": "m",
        "base_url": f"http://127.0.0.1:{address[1]}/v1",
        "dimensions": 3,
        "retry": 0.05,
        "retry_most": 0.1,
        "upkeep": 0.1,
    }
    given = {f"agents__embedding__{name}": value for name, value in options.items()}
    async with agents_hub(agents_dsn, **given) as live, as_user(live, "ann") as ann:
        memories = await an_agent(ann)
        made = await ann("POST", memories, {"text": "The port is 8765"})
        await until(lambda: endpoint.asked > 3)
        (found,) = (await ann("GET", memories + "?q=port")).json["items"]
        assert (found["id"], found["embedding"]) == (made.json["id"], "pending")
        assert "cosine" not in found["score_parts"]
        endpoint.broken = False
        await embedded(live, ann, memories)
        (found,) = (await ann("GET", memories + "?q=port")).json["items"]
        assert "cosine" in found["score_parts"]
        operator = {"Authorization": f"Bearer {token_for(live, 'op', admin=True)}"}
        metrics = (await ann("GET", "/metrics", headers=operator)).body.decode()
        assert "tocsin_agent_memory_embedded_total 1.0" in metrics
        assert 'tocsin_agent_memory_failures_total{what="embedding"}' in metrics
        assert "ann" not in [word for line in metrics.splitlines() if "memory" in line for word in line.split('"')]
    await runner.cleanup()
