"""`tocsin firewall` as scripts run it: a real process, a real hub, a real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import subprocess

from tests.integration.api_client import api_of
from tests.integration.firewall_hub import RECORDS, guarded, with_firewall
from tests.integration.test_cli import started, tocsin
from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]

CALL = ("ios_build", "device=iPhone 15", "os_version=17.0")


async def test_a_script_stops_where_it_failed_before(database: str) -> None:
    """`check && build` doesn't build what is recorded and confirmed, and builds what is like it."""
    async with guarded(with_firewall(database)) as live:
        url = {"TOCSIN_URL": live.url}

        async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return await asyncio.to_thread(tocsin, "firewall", *arguments, env=url)

        operation, *params = CALL
        recorded = await run("record", operation, "DeviceNotFound", "no simulator", *params, "--json")
        async with api_of(live) as api:
            path = f"{RECORDS}/{json.loads(recorded.stdout)['id']}/confirm"
            assert (await api("POST", path, {"solution": {"text": "iPhone 15 Pro, 17.2"}})).status == 200
        blocked, allowed = await asyncio.gather(
            run("check", *CALL), run("check", operation, "device=iPhone 15 Pro", "os_version=17.2")
        )
        assert (blocked.returncode, "solution: iPhone 15 Pro, 17.2" in blocked.stdout) == (6, True)
        assert (allowed.returncode, "ALLOW" in allowed.stdout) == (0, True)

        def unread() -> int:
            with started("firewall", "check", *CALL, env=url) as process:
                assert process.stdout is not None
                process.stdout.close()
                return process.wait(20)

        assert await asyncio.to_thread(unread) == 6  # also when nobody reads what it says
