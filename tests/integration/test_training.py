"""Training on a real hub, over HTTP and WebSocket; workers have a double in the trainer's place."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.architecture.tree import ROOT
from tests.live import Client, LiveHub, running, settings_for, until, with_keys
from tests.rag_jobs import COMMAND, write_documents

LAST = {"complete", "error"}


class Place:
    """A hub that trains, and someone who asks it."""

    def __init__(self, live: LiveHub, session: aiohttp.ClientSession, folder: Path) -> None:
        self.live = live
        self.session = session
        self.folder = folder

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self.session.request(method, self.live.url + path, **options) as response:
            return response.status, await response.json()

    async def over(self, id: str) -> dict[str, Any]:
        adapter = self.live.hub.adapters.rag_trainer
        assert adapter is not None
        await until(lambda: (job := adapter.trainings.get(id)) is not None and job.record.told)
        _, job = await self.ask("GET", f"/train/{id}")
        assert isinstance(job, dict)
        return job


@asynccontextmanager
async def placed(folder: Path, **options: Any) -> AsyncIterator[Place]:
    settings = settings_for(
        rag_trainer__enabled=True,
        **{f"rag_trainer__{name}": value for name, value in {"folder": str(folder), **options}.items()},
    )
    async with running(settings) as live, aiohttp.ClientSession() as session:
        yield Place(live, session, folder)


@pytest.fixture(autouse=True)
def doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers do what the documents say."""
    monkeypatch.setattr("hub.adapters.rag_trainer.WORKER", COMMAND)


async def follow(client: Client) -> list[dict[str, Any]]:
    """Read the updates of a job, up to its last one."""
    updates: list[dict[str, Any]] = []
    while not updates or updates[-1]["stage"] not in LAST:
        message = await client.receive()
        if message["type"] == "stage_update":
            updates.append(message)
    return updates


async def test_the_four_steps(tmp_path: Path) -> None:
    """Start, connect to /ws, `curl -X POST .../train`, and watch: no body, no content type, no subscribing."""
    write_documents(tmp_path / "documents", a="", b="")
    async with placed(tmp_path) as place, place.live.client() as client:
        curl = ["curl", "-sS", "-X", "POST", f"{place.live.url}/train"]
        done = await asyncio.to_thread(subprocess.run, curl, capture_output=True, timeout=30, check=True)
        assert b'"state":"queued"' in done.stdout or b'"state":"running"' in done.stdout
        updates = await follow(client)
        first = [update for update in updates if update["file"] == "a.txt" and update["status"] == "done"]
        assert [update["stage"] for update in first] == [f"{number}/14" for number in range(1, 15)]
        assert [update["progress"] for update in first] == [7, 14, 21, 29, 36, 43, 50, 57, 64, 71, 79, 86, 93, 100]
        assert (updates[-1]["stage"], updates[-1]["progress"], updates[-1]["trained"]) == ("complete", 100, 2)
        # Who comes late sees the present state first.
        async with place.live.client("late") as late:
            assert (await follow(late))[-1]["stage"] == "complete"
        job = await place.over(updates[-1]["job_id"])
    assert (job["state"], job["files_total"], job["trained"], job["progress"]) == ("completed", 2, 2, 100.0)
    assert [(file["name"], file["state"], file["stage"]) for file in job["files"]] == [
        ("a.txt", "trained", 14),
        ("b.txt", "trained", 14),
    ]


async def test_a_second_one_waits_and_can_be_cancelled(tmp_path: Path) -> None:
    """Both are listed; the one that runs ends after its stage."""
    write_documents(tmp_path / "documents", a="sleep=0.05")
    async with placed(tmp_path) as place:
        _, first = await place.ask("POST", "/train")
        status, second = await place.ask("POST", "/train", json={"files": ["a.txt"]})
        assert (status, second["state"], second["queue_position"], second["files_total"]) == (202, "queued", 1, 1)
        _, listed = await place.ask("GET", "/train")
        assert [job["id"] for job in listed["trainings"]] == [second["id"], first["id"]]
        status, ended = await place.ask("DELETE", f"/train/{second['id']}")
        assert (status, ended["state"]) == (200, "cancelled")
        assert (await place.ask("DELETE", f"/train/{second['id']}"))[0] == 409
        await place.ask("DELETE", f"/train/{first['id']}")
        assert (await place.over(first["id"]))["state"] == "cancelled"
        assert (await place.ask("GET", "/train/t-0"))[0] == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"folder": "/etc"}, 403),
        ({"folder": "nowhere"}, 403),
        ({"files": ["../x"]}, 403),
        ({"files": []}, 400),
        ({"folder": 3}, 400),
        ({"other": 1}, 400),
        ({"files": ["a"] * 1001}, 413),
    ],
)
async def test_a_bad_wish_is_refused(tmp_path: Path, body: dict[str, Any], status: int) -> None:
    """With the reason, and nothing is queued."""
    async with placed(tmp_path) as place:
        assert (await place.ask("POST", "/train", json=body))[0] == status
        assert (await place.ask("GET", "/train"))[1] == {"trainings": []}


async def test_files_are_uploaded(tmp_path: Path) -> None:
    """Under names that harm nothing; they go when the job is over. Too many bytes are refused, and leave nothing."""
    async with placed(tmp_path, upload_bytes=1000, upload_files=2) as place:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("files", b"sleep=0", filename="../../etc/a.txt")
        form.add_field("files", b"sleep=0", filename="A.txt")
        status, job = await place.ask("POST", "/train", data=form)
        assert status == 202, job
        over = await place.over(job["id"])
        assert {file["name"] for file in over["files"]} == {"uploads/a.txt", "uploads/A-2.txt"}
        await until(lambda: list((tmp_path / "uploads").iterdir()) == [])
        for sizes, expected in (([1001], 413), ([1, 1, 1], 413), ([], 400)):
            form = aiohttp.FormData(default_to_multipart=True)
            for number, size in enumerate(sizes):
                form.add_field("files", b"x" * size, filename=f"{number}.txt")
            assert (await place.ask("POST", "/train", data=form))[0] == expected
            assert list((tmp_path / "uploads").iterdir()) == []


async def test_questions_are_answered_while_training_runs(tmp_path: Path) -> None:
    """Under the names that the earlier API used, too."""
    write_documents(tmp_path / "documents", a="sleep=0.2")
    async with placed(tmp_path) as place:
        await place.ask("POST", "/train")
        for name in ("text", "question", "query"):
            status, answer = await place.ask("POST", "/query", json={name: "what?", "limit": 3})
            assert (status, answer["question"], answer["passages"]) == (200, "what?", [])
        assert (await place.ask("POST", "/query", json={"text": "a", "query": "b"}))[0] == 400
        assert (await place.ask("POST", "/query", json={"text": "die"}))[0] == 503


async def test_pages_of_other_origins_start_nothing(tmp_path: Path) -> None:
    """A form of a foreign page needs no body, and would need no permission."""
    async with placed(tmp_path) as place:
        for headers in (
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "http://evil.example", "Content-Type": "application/x-www-form-urlencoded"},
        ):
            assert (await place.ask("POST", "/train", headers=headers))[0] == 403
        assert (await place.ask("GET", "/train"))[1] == {"trainings": []}


async def test_only_operators_train(tmp_path: Path) -> None:
    """Where the hub asks for tokens."""
    settings = with_keys(rag_trainer__enabled=True, rag_trainer__folder=str(tmp_path))
    async with running(settings) as live, aiohttp.ClientSession() as session:
        for method, path in (("POST", "/train"), ("GET", "/train"), ("POST", "/query"), ("DELETE", "/train/t-1")):
            async with session.request(method, live.url + path) as response:
                assert response.status == 401


async def test_without_the_libraries_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub runs all the same; and a hub that isn't asked to train says that."""
    monkeypatch.setattr("hub.adapters.rag_trainer.missing_libraries", lambda: ["onnxruntime"])
    async with placed(tmp_path) as place:
        status, refusal = await place.ask("POST", "/train")
        assert status == 503
        assert 'pip install "tocsin[rag]"' in refusal["error"]["message"]
    async with (
        running(settings_for()) as live,
        aiohttp.ClientSession() as session,
        session.post(f"{live.url}/train") as response,
    ):
        assert response.status == 404


async def test_clients_that_do_not_read_make_nobody_late(tmp_path: Path) -> None:
    """A hundred of them, and one that reads has all updates. The hub's loop stays free meanwhile."""
    write_documents(tmp_path / "documents", **{f"d{number:02}": "sleep=0.001" for number in range(10)})
    async with placed(tmp_path) as place, AsyncExitStack() as stack:
        for number in range(100):
            await stack.enter_async_context(place.live.client(f"c{number}"))
        await place.ask("POST", "/train")
        lags: list[float] = []
        measuring = asyncio.create_task(_measure(lags))
        last = await stack.enter_async_context(place.live.client("watcher"))
        updates = await follow(last)
        measuring.cancel()
    assert updates[-1]["trained"] == 10
    assert sorted(lags)[len(lags) // 2] < 0.05


async def _measure(lags: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(0.01)
        lags.append(time.perf_counter() - begun - 0.01)


async def test_a_job_goes_on_after_a_restart(tmp_path: Path) -> None:
    """In the next hub on the same folder, and completes once."""
    write_documents(tmp_path / "documents", a="", b="sleep=0.05", c="")
    async with placed(tmp_path) as place, place.live.client() as client:
        _, job = await place.ask("POST", "/train")
        while (await client.receive()).get("file") != "b.txt":
            pass
    async with placed(tmp_path) as place:
        over = await place.over(job["id"])
    assert (over["state"], over["trained"]) == ("completed", 3)
    assert (tmp_path / "library.sqlite").read_text().split() == ["a.txt", "b.txt", "c.txt"]


_HUB = """
import sys
import hub.adapters.rag_trainer as adapter
from hub.cli import main
adapter.WORKER = tuple(sys.argv[1].split("|"))
sys.argv[1:] = sys.argv[2:]
sys.exit(main())
"""
"""The command `tocsin`, with workers that are doubles."""


async def test_a_job_goes_on_after_a_kill(tmp_path: Path) -> None:
    """A hub gets SIGKILL in the middle; the next one on the folder ends the job, and nothing is trained twice."""
    write_documents(tmp_path / "documents", a="", b="sleep=0.2", c="")
    config = tmp_path / "config.yaml"
    config.write_text(
        f"server: {{port: 0}}\nrag_trainer: {{enabled: true, folder: {tmp_path}}}\nlog: {{format: json}}\n"
    )
    command = [sys.executable, "-c", _HUB, "|".join(COMMAND), "serve", "--config", str(config)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(40), aiohttp.ClientSession() as session:
            line = b""
            while b"listening on" not in line:
                line = await process.stdout.readline()
            url = json.loads(line)["event"].rpartition(" ")[2]
            async with session.ws_connect(f"{url}/ws") as socket, session.post(f"{url}/train") as response:
                job = await response.json()
                while (await socket.receive_json()).get("file") != "b.txt":
                    pass
    finally:
        process.kill()
        await process.communicate()
    async with placed(tmp_path) as place:
        over = await place.over(job["id"])
    assert (over["state"], over["trained"]) == ("completed", 3)
    assert (tmp_path / "library.sqlite").read_text().split() == ["a.txt", "b.txt", "c.txt"]
