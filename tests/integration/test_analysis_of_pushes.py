"""A push that a forge delivers is analysed, from the signed webhook to the findings on the channel."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from tests.live import running, settings_for
from tests.unit.integrations.code_analysis.repositories import git, make_repository
from tests.unit.integrations.forges import payloads


async def test_a_signed_push_is_analysed(tmp_path: Path) -> None:
    """Its commit, in the bare repository that the configuration maps; a delivery that comes again changes nothing."""
    path = make_repository(tmp_path / "work", {"a.json": "{"})
    pushed = git(path, "rev-parse", "HEAD")
    git(tmp_path, "clone", "--quiet", "--bare", str(path), "shop.git")
    settings = settings_for(
        webhooks__github={"enabled": True, "secret": payloads.SECRET},
        webhooks__users={"alice": "alice"},
        analysis__enabled=True,
        analysis__repositories={"acme/shop": str(tmp_path / "shop.git")},
        analysis__linters=["syntax"],
        analysis__folder=str(tmp_path / "kept"),
    )
    body = payloads.encoded(payloads.push(after=pushed))
    async with running(settings) as live, live.client() as client, aiohttp.ClientSession() as session:
        await client.ask(action="subscribe", channel="ai_analysis")
        for _ in range(2):
            headers = payloads.github_headers("push", body)
            async with session.post(f"{live.url}/hooks/github", data=body, headers=headers) as response:
                assert response.status == 200
        messages = [await client.receive()]
        while messages[-1]["type"] != "analysis_completed":
            messages.append(await client.receive())
        assert live.hub.adapters.analysis is not None
        assert live.hub.adapters.analysis.pushes["queued"] == 1
    end = messages[-1]["data"]
    assert (end["repository"], end["commit"], end["findings"]) == ("acme/shop", pushed, 1)
