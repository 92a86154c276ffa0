"""Training on a hub of two processes, with the real trainer: one process has the queue, and both tell the same."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from tests.integration.supervised import Supervised, supervised
from tests.live import until
from tests.unit.clients.python.doubles import FAST
from tocsin_client import connect
from tocsin_client.subscription import Subscription

pytestmark = pytest.mark.timeout(180)

DOCUMENTS = 12
CLIENTS = 6
LAST = {"complete", "error"}
TEXT = """# СП {n}. Бетонные работы

Бетонную смесь укладывают слоями по {n} мм. Каждый слой уплотняют до укладки следующего.

"""
RULE = "## {n}.{k}. Уход\n\nБетон укрывают и увлажняют {k} суток. Concrete of part {k} is covered and kept moist.\n\n"


class Door:
    """A connection to one process of the hub."""

    def __init__(self, url: str, session: aiohttp.ClientSession, pid: int) -> None:
        self.url, self.session, self.pid = url, session, pid

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self.session.request(method, self.url + path, **options) as response:
            return response.status, await response.json()


class Place:
    """A hub of two processes, and doors to both."""

    def __init__(self, hub: Supervised, folder: Path, url: str, stack: AsyncExitStack) -> None:
        self.hub, self.folder, self.url = hub, folder, url
        self._stack = stack

    async def doors(self) -> tuple[Door, Door]:
        """Return one to the process with the queue, and one to the other."""
        found: dict[int, Door] = {}
        async with asyncio.timeout(60):
            while len(found) < 2:
                door = await self._door()
                if door is not None:
                    found.setdefault(door.pid, door)
        pids = list(found)
        holder = await self.holder(pids)
        return found.pop(holder), found.popitem()[1]

    async def holder(self, pids: list[int]) -> int:
        """Return the process that holds the queue's lock, once one does."""
        lock = str(self.folder / "rag" / "queue.lock")
        async with asyncio.timeout(60):
            while True:
                for pid in pids:
                    with suppress(psutil.Error):
                        if any(file.path == lock for file in psutil.Process(pid).open_files()):
                            return pid
                await asyncio.sleep(0.05)

    async def _door(self) -> Door | None:
        """Connect once, and find out to whom; `None`: to a process that has ended since, or that is just leaving."""
        made: list[socket.socket] = []

        def make(address: Any) -> socket.socket:
            made.append(socket.socket(*address[:3]))
            return made[-1]

        connector = aiohttp.TCPConnector(limit=1, keepalive_timeout=170, socket_factory=make)
        session = await self._stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        async with session.get(f"{self.url}/health") as response:
            await response.read()
        port = made[-1].getsockname()[1]
        for pid in self.hub.workers().values():
            with suppress(psutil.Error):
                if any(each.raddr and each.raddr.port == port for each in psutil.Process(pid).net_connections("tcp")):
                    return Door(self.url, session, pid)
        return None


@asynccontextmanager
async def placed(folder: Path) -> AsyncIterator[Place]:
    documents = folder / "rag" / "documents"
    documents.mkdir(parents=True)
    for number in range(1, DOCUMENTS + 1):
        rules = "".join(RULE.format(n=number, k=k) for k in range(30))
        (documents / f"sp-{number:02}.md").write_text(TEXT.format(n=number) + rules)
    options = {"enabled": True, "folder": str(folder / "rag"), "stop_timeout": 0.0}
    with supervised(folder, rag_trainer=options) as hub:
        async with AsyncExitStack() as stack:
            url = await asyncio.to_thread(lambda: hub.url)
            yield Place(hub, folder, url, stack)


async def follow(subscription: Subscription, job: str, seen: list[dict[str, Any]]) -> None:
    """Read what comes of a job, up to its end."""
    async for message in subscription:
        if message.data["job_id"] == job:
            seen.append(message.data)
            if message.data["stage"] in LAST:
                return


async def test_both_processes_take_tell_of_and_cancel_jobs(tmp_path: Path) -> None:
    """Whichever is asked, and whichever has the queue."""
    async with placed(tmp_path) as place:
        holder, other = await place.doors()
        status, first = await other.ask("POST", "/train")
        assert (status, first["queue_position"] if first["state"] == "queued" else 0) == (202, 0)
        status, second = await other.ask("POST", "/train", json={"files": ["sp-01.md"]})
        assert (status, second["state"], second["queue_position"]) == (202, "queued", 1)
        for door in (holder, other):
            _, listed = await door.ask("GET", "/train")
            assert [job["id"] for job in listed["trainings"]] == [second["id"], first["id"]]
            assert {job["node"] for job in listed["trainings"]} == {first["node"]}
            assert "partial" not in listed
        assert (await other.ask("GET", f"/train/{second['id']}"))[1]["state"] == "queued"
        status, ended = await other.ask("DELETE", f"/train/{second['id']}")
        assert (status, ended["state"]) == (200, "cancelled")
        status, ending = await other.ask("DELETE", f"/train/{first['id']}")
        assert status == 200
        assert ending["cancelling"] or ending["state"] == "cancelled"
        async with asyncio.timeout(60):
            while (await holder.ask("GET", f"/train/{first['id']}"))[1]["state"] != "cancelled":  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # another process, which signals nothing to the test
        assert (await holder.ask("DELETE", f"/train/{second['id']}"))[0] == 409
        assert (await other.ask("GET", "/train/t-0"))[0] == 404
        same = [(await door.ask("GET", f"/train/{first['id']}"))[1] for door in (holder, other)]
        assert same[0] == same[1]


async def told(url: str, id: str) -> dict[str, Any]:
    """Ask whichever process answers, as soon as it knows."""
    async with asyncio.timeout(30):
        while True:
            with suppress(aiohttp.ClientError):
                async with aiohttp.ClientSession() as session, session.get(f"{url}/train/{id}") as response:
                    if response.status == 200:
                        job: dict[str, Any] = await response.json()
                        return job
            await asyncio.sleep(0.05)


async def test_the_other_process_takes_over(tmp_path: Path) -> None:
    """The one with the queue is killed in the middle of a job. The job ends once; every client has the same updates in
    the same order, those included that were connected to the one that is gone; each document is trained once."""
    async with placed(tmp_path) as place, AsyncExitStack() as stack:
        holder, other = await place.doors()
        subscriptions = []
        for _ in range(CLIENTS):
            client = await stack.enter_async_context(connect(place.url, options=FAST))
            subscriptions.append(await stack.enter_async_context(client.subscribe("training")))
        status, job = await other.ask("POST", "/train")
        assert status == 202
        seen: list[list[dict[str, Any]]] = [[] for _ in subscriptions]
        following = [
            asyncio.create_task(follow(each, job["id"], kept)) for each, kept in zip(subscriptions, seen, strict=True)
        ]
        await until(lambda: any((update["file_index"] or 0) > 3 for update in seen[0]), timeout=90)
        begun = {file["name"] for file in (await other.ask("GET", f"/train/{job['id']}"))[1]["files"]}
        os.kill(holder.pid, signal.SIGKILL)
        async with asyncio.timeout(90):
            await asyncio.gather(*following)
        assert [update["stage"] for update in seen[0] if update["stage"] in LAST] == ["complete"]
        assert seen[0][-1]["trained"] == DOCUMENTS
        assert all(kept == seen[0] for kept in seen)
        numbers = [update["seq"] for update in seen[0]]
        assert numbers == sorted(set(numbers))
        assert max(after - before for before, after in pairwise(numbers)) > 1, "the job was over before"
        saved = [update["file"] for update in seen[0] if update["stage"] == "14/14" and update["status"] == "done"]
        assert len(saved) == len(set(saved))
        # Whoever is asked tells the same, with the documents of the first part.
        jobs = [await told(place.url, job["id"]) for _ in range(CLIENTS)]
    assert all(each == jobs[0] for each in jobs)
    assert (jobs[0]["state"], jobs[0]["trained"]) == ("completed", DOCUMENTS)
    assert begun <= {file["name"] for file in jobs[0]["files"]}
    assert [file["state"] for file in jobs[0]["files"]] == ["trained"] * DOCUMENTS
    with closing(sqlite3.connect(tmp_path / "rag" / "library.sqlite")) as library:
        assert library.execute("SELECT count(*), count(DISTINCT name) FROM documents").fetchone() == (
            DOCUMENTS,
            DOCUMENTS,
        )
