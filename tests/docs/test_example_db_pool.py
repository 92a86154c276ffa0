"""The program in `examples/db_pool.py`."""

from __future__ import annotations

import asyncio
import sys

from tests.docs.pages import ROOT
from tests.docs.snippets import environment
from tests.live import running, settings_for
from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]


async def test_a_service_whose_pool_can_be_followed(database: str) -> None:
    """What it prints and what the channel's followers get is the same story: up, and down again."""
    async with running(settings_for()) as live, live.client() as client:
        await client.ask(action="subscribe", channel="db_pool_stats")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "examples/db_pool.py", "40"),
            cwd=ROOT,
            env={**environment(), "DATABASE_URL": database, "TOCSIN_URL": live.url},
            stdout=asyncio.subprocess.PIPE,
        )
        lines = (await process.communicate())[0].decode().splitlines()
        assert process.returncode == 0
        answered, resized = (line.split() for line in lines if line.startswith(("answered", "resized")))
        assert answered[:3] == ["answered", "40", "with"]
        changes = [(await client.receive())["data"] for _ in range(int(resized[1]))]
    sizes = [change["new_size"] for change in changes]
    assert changes[0]["old_size"] == sizes[-1] == 2
    assert max(sizes) >= int(answered[3]) > 2
    assert {change["pool"] for change in changes} == {"orders"}
