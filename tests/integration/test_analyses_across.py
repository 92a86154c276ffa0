"""Analyses in a hub of two processes: one runs them, each tells of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp

from tests.integration.two_hubs import two
from tests.live import LiveHub, until
from tests.unit.integrations.code_analysis.repositories import make_repository


async def ask(session: aiohttp.ClientSession, hub: LiveHub, method: str, end: str = "", **body: Any) -> tuple[int, Any]:
    async with session.request(method, f"{hub.url}/api/analyses{end}", json=body or None) as response:
        return response.status, await response.json()


async def test_every_process_tells_of_an_analysis(tmp_path: Path) -> None:
    """Its state and findings, wherever one asks; its messages reach the clients of both."""
    path = make_repository(tmp_path / "git" / "one", {"a.json": "{"})
    options: dict[str, Any] = {"analysis__enabled": True, "analysis__roots": [str(tmp_path)]}
    options["analysis__linters"] = ["syntax"]
    async with (
        two(**options, analysis__folder=str(tmp_path / "kept")) as hubs,
        aiohttp.ClientSession() as session,
        hubs.b.client() as client,
    ):
        await client.ask(action="subscribe", channel="ai_analysis")
        status, job = await ask(session, hubs.a, "POST", path=str(path))
        assert status == 202
        types = [(await client.receive())["type"]]
        while types[-1] != "analysis_completed":
            types.append((await client.receive())["type"])
        assert types[0] == "analysis_started"
        adapter = hubs.a.hub.adapters.analysis
        assert adapter is not None
        await until(lambda: adapter.jobs.counts() == (0, 0))
        for hub in (hubs.a, hubs.b):
            _, state = await ask(session, hub, "GET", f"/{job['id']}")
            assert (state["state"], state["node"]) == ("completed", job["node"])
            _, listed = await ask(session, hub, "GET")
            assert [each["id"] for each in listed["analyses"]] == [job["id"]]
            _, found = await ask(session, hub, "GET", f"/{job['id']}/findings")
            assert [row["path"] for row in found["findings"]] == ["a.json"]
            assert (await ask(session, hub, "DELETE", f"/{job['id']}"))[0] == 409
            assert (await ask(session, hub, "GET", "/a-0"))[0] == 404
        assert types.count("analysis_finding") == 1
