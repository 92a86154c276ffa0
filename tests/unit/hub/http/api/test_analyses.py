"""Analyses of code over HTTP, on a real hub."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.live import Client, LiveHub, running, settings_for, until, with_keys
from tests.unit.integrations.code_analysis.repositories import commit, make_repository

ENDS = {"analysis_completed", "analysis_failed", "analysis_cancelled"}


class Place:
    """A hub that analyses, and someone who asks it."""

    def __init__(self, live: LiveHub, session: aiohttp.ClientSession, folder: Path) -> None:
        self.live = live
        self.session = session
        self.folder = folder

    async def ask(self, method: str, end: str, **body: Any) -> tuple[int, Any]:
        url = f"{self.live.url}/api/analyses{end}"
        async with self.session.request(method, url, json=body or None) as response:
            return response.status, await response.json()

    async def start(self, name: str = "one", **body: Any) -> dict[str, Any]:
        status, job = await self.ask("POST", "", path=str(self.folder / name), **body)
        assert status == 202, job
        assert isinstance(job, dict)
        return job

    async def over(self, id: str) -> dict[str, Any]:
        adapter = self.live.hub.adapters.analysis
        assert adapter is not None
        await until(lambda: (job := adapter.jobs.get(id)) is not None and job.is_over)
        _, job = await self.ask("GET", f"/{id}")
        assert isinstance(job, dict)
        return job


@asynccontextmanager
async def placed(folder: Path, **options: Any) -> AsyncIterator[Place]:
    make_repository(folder / "git" / "one", {"a.json": "{", "b.json": "{}", "c.json": "{"})
    settings = settings_for(
        **{
            "analysis__enabled": True,
            "analysis__roots": [str(folder / "git")],
            "analysis__folder": str(folder / "kept"),
            "analysis__linters": ["syntax"],
            **options,
        }
    )
    async with running(settings) as live, aiohttp.ClientSession() as session:
        yield Place(live, session, folder / "git")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A hub with one repository of three files, two of them broken."""
    async with placed(tmp_path) as place:
        yield place


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Git that lists no files but waits until it is killed; its process id is in the file."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    real = next(f"{path}/git" for path in os.environ["PATH"].split(":") if os.access(f"{path}/git", os.X_OK))
    pid = tmp_path / "pid"
    program.write_text(f'#!/bin/sh\ncase "$*" in *ls-tree*) echo $$ > {pid}; exec sleep 60;; esac\nexec {real} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return pid


async def messages(client: Client) -> list[dict[str, Any]]:
    found = [await client.receive()]
    while found[-1]["type"] not in ENDS:
        found.append(await client.receive())
    return found


async def test_an_analysis_is_followed_live(place: Place) -> None:
    """From start to end, on the channel; who comes later asks for its state and findings."""
    async with place.live.client() as client:
        await client.ask(action="subscribe", channel="ai_analysis")
        job = await place.start()
        assert job["state"] in ("queued", "running")
        found = await messages(client)
    types = [message["type"] for message in found]
    assert (types[0], types[-1], types.count("analysis_finding")) == ("analysis_started", "analysis_completed", 2)
    assert {message["data"]["analysis_id"] for message in found} == {job["id"]}
    state = await place.over(job["id"])
    assert (state["state"], state["progress"], state["findings"], state["files_total"]) == ("completed", 100, 2, 3)
    assert state["linters"][0]["status"] == "ok"
    status, listed = await place.ask("GET", "")
    assert (status, [each["id"] for each in listed["analyses"]]) == (200, [job["id"]])


async def test_history_has_what_a_client_missed(place: Place) -> None:
    """The job goes on without listeners; a subscriber recovers all its messages."""
    job = await place.start()
    await place.over(job["id"])
    async with place.live.client() as client:
        reply = await client.ask(action="subscribe", channel="ai_analysis", since={"offset": 0})
        assert reply["recovered"]
        found = await messages(client)
    assert found[0]["type"] == "analysis_started"
    assert found[-1]["type"] == "analysis_completed"


async def test_findings_come_in_pages(place: Place) -> None:
    """And by severity and linter."""
    job = await place.start()
    await place.over(job["id"])
    _, all = await place.ask("GET", f"/{job['id']}/findings")
    assert ([row["path"] for row in all["findings"]], all["total"]) == (["a.json", "c.json"], 2)
    _, second = await place.ask("GET", f"/{job['id']}/findings?offset=1&limit=1&severity=error&linter=syntax")
    assert [row["path"] for row in second["findings"]] == ["c.json"]
    _, none = await place.ask("GET", f"/{job['id']}/findings?severity=info")
    assert none == {"findings": [], "total": 0}
    assert (await place.ask("GET", f"/{job['id']}/findings?severity=fatal"))[0] == 400


async def test_the_next_commit_is_compared(place: Place) -> None:
    """With the run before, and with any base."""
    first = await place.over((await place.start())["id"])
    commit(place.folder / "one", {"a.json": "{}", "d.json": "{"})
    second = await place.over((await place.start())["id"])
    compared = {"commit": first["commit"], "new": 1, "fixed": 1, "unchanged": 1, "not_compared": []}
    assert second["comparison"] == compared
    assert second["files_cached"] == 2
    third = await place.over((await place.start(base=first["commit"]))["id"])
    assert third["comparison"] == {**compared, "unchanged": 0}
    assert (third["base"], third["files_total"]) == (first["commit"], 2)


async def test_the_working_tree_may_be_asked_for(place: Place) -> None:
    """As it lies there."""
    (place.folder / "one" / "new.json").write_text("{")
    state = await place.over((await place.start(working_tree=True))["id"])
    assert (state["working_tree"], state["findings"]) == (True, 3)


@pytest.mark.parametrize("path", ["/etc", "{root}/../out", "{root}/escape", "{root}/escape/sub", "one", "{root}/nope"])
async def test_only_what_lies_under_the_roots_is_analysed(place: Place, path: str) -> None:
    """Traversal, links, relative paths: all refused alike, and nothing begins."""
    out = make_repository(place.folder.parent / "out", {"a.json": "{"})
    (place.folder / "escape").symlink_to(out)
    status, body = await place.ask("POST", "", path=path.format(root=place.folder))
    assert (status, body["error"]["code"]) == (403, "permission_denied")
    assert (await place.ask("GET", ""))[1]["analyses"] == []


@pytest.mark.parametrize(
    "body", [{}, {"path": ""}, {"path": 5}, {"path": "/x", "ref": "--upload-pack=x"}, {"path": "/x", "base": "a..b"}]
)
async def test_what_is_no_request_is_refused(place: Place, body: dict[str, Any]) -> None:
    """Before anything is looked at."""
    async with place.session.post(f"{place.live.url}/api/analyses", json=body) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (400, "invalid_command")


async def test_what_fails_says_why(place: Place) -> None:
    """In its state, and on the channel."""
    (place.folder / "empty").mkdir()
    make_repository(place.folder / "new")
    reasons = [(await place.over((await place.start(name))["id"]))["reason"] for name in ("empty", "new")]
    assert reasons == [f"{place.folder}/empty is not a Git repository", "the repository has no commit yet"]
    state = await place.over((await place.start(ref="nope"))["id"])
    assert (state["state"], state["reason"]) == ("failed", "there is no commit 'nope'")


async def test_an_unknown_analysis_is_not_found(place: Place) -> None:
    """Whatever is done to it."""
    for method, path in (("GET", "/a-0"), ("GET", "/a-0/findings"), ("DELETE", "/a-0")):
        status, body = await place.ask(method, path)
        assert (status, body["error"]["message"]) == (404, "no analysis has the id a-0")


async def test_an_analysis_is_cancelled(slow: Path, tmp_path: Path) -> None:
    """Its processes have ended when that is answered; the client that started it may be gone."""
    async with placed(tmp_path / "hub") as place:
        job = await place.start()
        await until(lambda: slow.exists() and slow.read_text().endswith("\n"))
        status, state = await place.ask("DELETE", f"/{job['id']}")
        assert (status, state["state"], state["reason"]) == (200, "cancelled", "cancelled by request")
        await until(lambda: not _runs(int(slow.read_text())))
        status, body = await place.ask("DELETE", f"/{job['id']}")
        assert (status, body["error"]["code"]) == (409, "conflict")


async def test_the_queue_has_an_end(slow: Path, tmp_path: Path) -> None:
    """Then one is told to come again."""
    async with placed(tmp_path / "hub", analysis__queue=1) as place:
        await place.start()
        await until(slow.exists)
        await place.start(ref="main")
        status, body = await place.ask("POST", "", path=str(place.folder / "one"), ref="HEAD~1")
        assert (status, body["error"]["code"], body["error"]["temporary"]) == (503, "unavailable", True)


async def test_a_hub_that_stops_ends_its_analyses(slow: Path, tmp_path: Path) -> None:
    """No process stays behind."""
    async with placed(tmp_path / "hub") as place:
        job = await place.start()
        await until(lambda: slow.exists() and slow.read_text().endswith("\n"))
        adapter = place.live.hub.adapters.analysis
    assert adapter is not None
    ended = adapter.jobs.get(job["id"])
    assert ended is not None
    assert (ended.state, ended.reason) == ("cancelled", "the hub stopped")
    await until(lambda: not _runs(int(slow.read_text())))


async def test_only_operators_may(tmp_path: Path) -> None:
    """Analysing reads files."""
    options = {"analysis__enabled": True, "analysis__roots": [str(tmp_path)], "analysis__folder": str(tmp_path)}
    async with running(with_keys(**options)) as live, aiohttp.ClientSession() as session:
        for method, path in (("POST", ""), ("GET", ""), ("GET", "/a-1"), ("DELETE", "/a-1")):
            async with session.request(method, f"{live.url}/api/analyses{path}", json={"path": "/x"}) as response:
                assert response.status == 401


async def test_a_hub_without_it_says_so(hub: LiveHub) -> None:
    """And how it is turned on."""
    async with aiohttp.ClientSession() as session, session.get(f"{hub.url}/api/analyses") as response:
        body = await response.json()
    assert (response.status, body["error"]["message"]) == (404, "code analysis is off; set analysis.enabled: true")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
