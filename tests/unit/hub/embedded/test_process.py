"""A server's process: its end, seen and brought about."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from hub.embedded import process as module
from hub.embedded.process import Adopted, Child, end, has_ended, how_it_ended
from tests.live import until

_SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.mark.parametrize(
    ("code", "words"), [(1, "exit code 1"), (-9, "killed by SIGKILL"), (-200, "killed by signal 200")]
)
def test_how_it_ended(code: int, words: str) -> None:
    """In words that an operator knows."""
    assert how_it_ended(code) == words


async def test_one_that_does_not_end_in_peace_is_killed(tmp_path: Path) -> None:
    """After some patience. To end one that is gone is nothing."""
    ready = tmp_path / "ready"
    script = f"trap '' TERM; touch {ready}; while :; do sleep 0.05; done"
    with subprocess.Popen(["sh", "-c", script]) as deaf:  # noqa: ASYNC220 - its own zombie is what is looked at
        try:
            await until(ready.exists)
            await end(psutil.Process(deaf.pid), patience=0.2)
            watched = psutil.Process(deaf.pid)
            assert deaf.wait(20) == -signal.SIGKILL
        finally:
            deaf.kill()
    await end(watched)


async def test_a_child_that_is_deaf_is_told_more_firmly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next signal comes after some patience, and also to one that is stopped."""
    monkeypatch.setattr(module, "END", 0.2)
    ready = tmp_path / "ready"
    script = f"trap '' INT; touch {ready}; while :; do sleep 0.05; done"
    deaf = await asyncio.create_subprocess_exec("sh", "-c", script)
    child = Child(deaf, "Deaf", (signal.SIGINT, signal.SIGTERM, signal.SIGKILL))
    await until(ready.exists)
    deaf.send_signal(signal.SIGSTOP)
    await child.end()
    assert await child.wait() == "killed by SIGTERM"


async def test_one_of_another_hub_is_watched_and_ended() -> None:
    """It isn't our child, so nothing tells how it ended."""
    with subprocess.Popen(_SLEEP) as other:  # noqa: ASYNC220 - it must not be asyncio's child
        adopted = Adopted(psutil.Process(other.pid))
        waiting = asyncio.create_task(adopted.wait())
        await adopted.end()
        assert await waiting == "it is gone"
        assert has_ended(psutil.Process(other.pid))
        assert other.wait(20) == -signal.SIGTERM
