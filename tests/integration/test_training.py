"""Training on a real hub, over HTTP and WebSocket; workers have a double in the trainer's place."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.live import Client, running, settings_for
from tests.rag_hub import hub_process, placed
from tests.rag_jobs import COMMAND, write_documents

LAST = {"complete", "error"}


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


async def test_a_job_that_fails_says_so_once(tmp_path: Path) -> None:
    """With 0 and the reason, to who watches; its state is kept, and the hub trains the next one."""
    write_documents(tmp_path / "documents", a="fail=1")
    async with placed(tmp_path) as place, place.live.client() as client:
        _, job = await place.ask("POST", "/train")
        updates = await follow(client)
        over = await place.over(job["id"])
        write_documents(tmp_path / "documents", a="", b="die=always")
        await place.ask("POST", "/train")
        updates += await follow(client)
    failed = [update for update in updates if update["job_id"] == job["id"]]
    assert [(update["stage"], update["progress"]) for update in failed if update["stage"] in LAST] == [("error", 0)]
    assert (over["state"], over["reason"]) == ("failed", failed[-1]["log"])
    assert [(file["name"], file["reason"], file["stage"]) for file in over["files"]] == [("a.txt", "broken", 3)]
    # A document that kills its process fails alone.
    last = updates[-1]
    assert (last["stage"], last["trained"], last["failed"]) == ("complete", 1, 1)


async def test_a_second_one_waits_and_can_be_cancelled(tmp_path: Path) -> None:
    """Both are listed; the one that runs ends after its stage."""
    write_documents(tmp_path / "documents", a="sleep=0.05")
    async with placed(tmp_path) as place:
        _, first = await place.ask("POST", "/train")
        status, second = await place.ask("POST", "/train", json={"files": ["a.txt"]})
        assert (status, second["state"], second["queue_position"], second["files_total"]) == (202, "queued", 1, 1)
        assert second["last_update"]["stage"] == "queued"
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


async def test_a_job_goes_on_after_a_kill(tmp_path: Path) -> None:
    """A hub gets SIGKILL in the middle; the next one on the folder ends the job, and nothing is trained twice."""
    write_documents(tmp_path / "documents", a="", b="sleep=0.2", c="")
    async with hub_process(tmp_path, COMMAND) as (process, url):
        async with (
            asyncio.timeout(40),
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{url}/ws") as socket,
            session.post(f"{url}/train") as response,
        ):
            job = await response.json()
            while (await socket.receive_json()).get("file") != "b.txt":
                pass
        process.kill()
    async with placed(tmp_path) as place:
        over = await place.over(job["id"])
    assert (over["state"], over["trained"]) == ("completed", 3)
    assert (tmp_path / "library.sqlite").read_text().split() == ["a.txt", "b.txt", "c.txt"]
