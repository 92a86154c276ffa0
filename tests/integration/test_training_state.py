"""Who comes late, or again, has the present state of training first: by every way to listen, whenever that is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.event_stream import streaming
from tests.js_client import following, running_node
from tests.live import LiveHub, until
from tests.needs import NODE_PROJECT
from tests.rag_hub import Place, placed
from tests.rag_jobs import COMMAND, write_documents
from tests.unit.clients.python.doubles import FAST
from tocsin_client import connect

pytestmark = pytest.mark.timeout(120)

CHANNEL = "training"
Update = dict[str, Any]


@pytest.fixture(autouse=True)
def doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers do what the documents say."""
    monkeypatch.setattr("hub.adapters.rag_trainer.WORKER", COMMAND)


async def websocket(live: LiveHub) -> Update:
    """One that asks for nothing."""
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{live.url}/ws") as socket:
        while True:
            message: Update = await socket.receive_json()
            if message["type"] == "stage_update":
                return message


async def events(live: LiveHub) -> Update:
    """Server-Sent Events."""
    async with streaming(live.port, CHANNEL, "sse") as stream:
        return await stream.until("stage_update")


async def socketio(live: LiveHub) -> Update:
    """An unchanged socket.io-client that asks for nothing."""
    async with running_node("socketio.mjs", live.url, json.dumps({}), folder=NODE_PROJECT) as program:
        await until(lambda: any(line.get("event") == "stage_update" for line in program.lines))
        first: Update = next(line["args"][0] for line in program.lines if line.get("event") == "stage_update")
        return first


async def python(live: LiveHub) -> Update:
    """The Python client."""
    async with connect(live.url, options=FAST) as hub:
        async for message in hub.subscribe(CHANNEL):
            update: Update = message.data
            return update
    raise AssertionError("nothing came")


async def javascript(live: LiveHub) -> Update:
    """The JavaScript client."""
    async with following(live.url, CHANNEL) as program:
        (first,) = await program.some("publication", 1)
        update: Update = first["data"]
        return update


WAYS: tuple[Callable[[LiveHub], Awaitable[Update]], ...] = (websocket, events, socketio, python, javascript)


async def firsts(live: LiveHub) -> list[tuple[str, str | None, int, int]]:
    """Return what each way has first: stage, document, progress and `seq`."""
    async with asyncio.timeout(60):
        found = await asyncio.gather(*(way(live) for way in WAYS))
    return [(update["stage"], update["file"], update["progress"], update["seq"]) for update in found]


async def at_b(place: Place, id: str) -> None:
    """Wait until the job is at its second document, where it stays."""
    trainer = place.live.hub.adapters.rag_trainer
    assert trainer is not None
    await until(
        lambda: (
            (job := trainer.trainings.get(id)) is not None
            and job.progress.last is not None
            and job.progress.last.file == "b.txt"
        )
    )


async def test_the_state_comes_first(tmp_path: Path) -> None:
    """In the middle of a job; in the middle after a restart of the hub, whose channels are in memory; after its end;
    and after the end and another restart, when it is the very same update."""
    write_documents(tmp_path / "documents", a="", b="sleep=1000")
    options = {"stop_timeout": 0.0, "cancel_timeout": 0.1}
    async with placed(tmp_path, **options) as place:
        _, job = await place.ask("POST", "/train")
        await at_b(place, job["id"])
        seen = await firsts(place.live)
        assert len(set(seen)) == 1
        assert seen[0][:3] == ("1/14", "b.txt", 0)
    async with placed(tmp_path, **options) as place:
        again = await firsts(place.live)
        assert all(seq > seen[0][3] for _, _, _, seq in again)
        assert {stage for stage, _, _, _ in again} <= {"start", "1/14"}
        await at_b(place, job["id"])
        await place.ask("DELETE", f"/train/{job['id']}")
        over = (await place.over(job["id"]))["last_update"]
        last = ("error", None, 0, over["seq"])
        assert await firsts(place.live) == [last] * len(WAYS)
    async with placed(tmp_path, **options) as place:
        assert await firsts(place.live) == [last] * len(WAYS)
        assert (await place.over(job["id"]))["last_update"] == over
