"""The program in `examples/alerts.py`, run as its reader runs it."""

from __future__ import annotations

import asyncio
import re
import sys

from hub.auth import Grants, sign
from tests.docs.pages import ROOT
from tests.docs.snippets import environment
from tests.live import running, settings_for, with_keys

EXAMPLE = str(ROOT / "examples" / "alerts.py")
_COLOUR = re.compile(r"\x1b\[\d+m")


async def _lines(number: int, *arguments: str, **variables: str) -> list[str]:
    """Run it, and return its first lines."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLE, *arguments, env={**environment(), **variables}, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(15):
            return [_COLOUR.sub("", (await process.stdout.readline()).decode()).strip() for _ in range(number)]
    finally:
        process.kill()
        await process.wait()


async def test_alerts_in_a_terminal() -> None:
    """One that is raised is shown, and so is its end."""
    async with running(settings_for()) as live:
        url = live.url.replace("http", "ws", 1) + "/ws"
        first, second = await _lines(2, url, "--raise", "backup_failed")
    assert first.split() == ["CRITICAL", "backup_failed:", "This", "is", "an", "example"]
    assert second.split()[:2] == ["RESOLVED", "backup_failed:"]


async def test_alerts_of_a_hub_that_wants_a_token() -> None:
    """An operator's may raise one."""
    async with running(with_keys()) as live:
        grants = Grants(admin=True)
        token = sign("alice", grants, options=live.hub.settings.auth, clock=live.hub.clock)
        url = live.url.replace("http", "ws", 1) + "/ws"
        (first,) = await _lines(1, url, "--raise", "backup_failed", TOCSIN_TOKEN=token)
    assert first.startswith("CRITICAL")
