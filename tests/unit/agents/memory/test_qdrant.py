"""What Qdrant's index has beside the contract (tests/contract/test_vector_index.py): how collections are made."""

from __future__ import annotations

from uuid import uuid4

import pytest
from aiohttp import web
from qdrant_client import AsyncQdrantClient

from agents.memory.qdrant import TENANT, QdrantIndex, connect
from agents.ports import IndexUnavailable, Tenant


async def test_points_say_whose_they_are_by_the_logical_name() -> None:
    """One collection for all; the name of a tenant's own stands in each point."""
    client = AsyncQdrantClient(location=":memory:")
    index = QdrantIndex(client, "memories", "m", 2, server=False)
    await index.prepare()
    tenant, memory = Tenant(uuid4(), uuid4()), uuid4()
    await index.put(tenant, {memory: [1.0, 0.0]})
    (point,), _ = await client.scroll(index.collection)
    assert point.payload == {TENANT: f"user{tenant.user}_{tenant.agent}_context", "memory": str(memory)}
    await index.close()


class Server:
    """Enough of Qdrant's HTTP API to see what it is asked for."""

    def __init__(self) -> None:
        self.bodies: dict[str, object] = {}

    async def answer(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.json_response({"result": {"exists": False}, "status": "ok", "time": 0.0})
        self.bodies[request.path.rpartition("/")[2]] = await request.json()
        result: object = True if "index" not in request.path else {"operation_id": 1, "status": "completed"}
        return web.json_response({"result": result, "status": "ok", "time": 0.0})


async def test_a_server_is_told_to_keep_tenants_apart() -> None:
    """The graph of the index is built within tenants alone, and the payload's index knows that it is a tenant's."""
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    index = connect(f"http://127.0.0.1:{runner.addresses[0][1]}", "", 5.0, "memories", "m", 3)
    await index.prepare()
    made, indexed = server.bodies[index.collection], server.bodies["index"]
    assert isinstance(made, dict)
    assert isinstance(indexed, dict)
    assert made["vectors"] == {"size": 3, "distance": "Cosine"}
    assert made["hnsw_config"] == {"m": 0, "payload_m": 16}
    assert indexed["field_name"] == TENANT
    assert indexed["field_schema"] == {"type": "keyword", "is_tenant": True}
    await index.close()
    await runner.cleanup()


async def test_a_collection_that_is_not_there_is_no_other_error() -> None:
    """Whoever calls knows one exception."""
    index = QdrantIndex(AsyncQdrantClient(location=":memory:"), "memories", "m", 2, server=False)
    with pytest.raises(IndexUnavailable):
        await index.count(Tenant(uuid4(), uuid4()))
    await index.close()
