"""Searches that say how they go: an aiohttp application with a hub inside, and a collection in Qdrant's local mode.

PORT=8080 python examples/vector_search.py       # http://127.0.0.1:8080, until Ctrl+C

curl 'http://127.0.0.1:8080/search?q=change+the+filter' searches; who follows the channel `vector_search` sees it. The
texts are embedded without a model, so only words that they share count.
"""

from __future__ import annotations

import os

from aiohttp import web
from qdrant_client import AsyncQdrantClient

from hub.options import Settings
from hub.server import create_app
from hub.wiring import Hub, build
from integrations.vector_search.hashing import HashingEmbedder
from integrations.vector_search.model import Point
from integrations.vector_search.qdrant import QdrantStore
from integrations.vector_search.search import ObservedSearch

HUB = web.AppKey("hub", Hub)
CLIENT = web.AppKey("client", AsyncQdrantClient)
SEARCH = web.AppKey("search", ObservedSearch)

TEXTS = [
    "Change the filter of the pump every six months.",
    "The pump stops when the tank is empty.",
    "Paint the fence in spring.",
]


async def make_app() -> web.Application:
    """Put the application together, on the loop that will run it."""
    app = web.Application()
    app[HUB], app[CLIENT] = build(Settings()), AsyncQdrantClient(":memory:")
    app.router.add_get("/search", search)
    app.add_subapp("/tocsin/", create_app(app[HUB]))
    app.on_startup.append(start)
    app.on_cleanup.append(stop)
    return app


async def start(app: web.Application) -> None:
    await app[HUB].start()
    embed, store = HashingEmbedder(256), QdrantStore(app[CLIENT])
    await store.create("manuals", embed.dimensions)
    await store.upsert("manuals", [Point(n, embed(text), {"text": text}) for n, text in enumerate(TEXTS)])
    app[SEARCH] = app[HUB].adapters.vector_search.observe(store, embed=embed)


async def stop(app: web.Application) -> None:
    await app[HUB].drain()
    await app[HUB].stop()
    await app[CLIENT].close()


async def search(request: web.Request) -> web.Response:
    found = await request.app[SEARCH].search_vectors("manuals", request.query["q"], top_k=1)
    return web.json_response([{"score": round(hit.score, 3), "text": hit.payload["text"]} for hit in found.hits])


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ.get("PORT", "8080")))
