"""`tocsin demo` as a user runs it: every channel has something to say, and nothing is left afterwards."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from channels.model import Channels
from tests.architecture.tree import ROOT
from tests.live import running, settings_for

pytestmark = pytest.mark.timeout(180)


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run it with its temporary folder in `folder`."""
    folder.chmod(0o711)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "demo", *arguments],
        cwd=ROOT,
        env={**environment, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def children(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def said_by(process: subprocess.Popen[str], line: str) -> None:
    """Read what it says until a line has `line` in it."""
    assert process.stderr is not None
    for text in process.stderr:
        if line in text:
            return
    pytest.fail(f"it never said {line!r}")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, and one that others can pass: PostgreSQL's user must, when we are root."""
    made = Path(f"/tmp/tocsin-demo-test-{os.getpid()}")
    made.mkdir()
    yield made
    made.rmdir()  # fails when the demo left anything


def counts(out: str) -> dict[str, dict[str, int]]:
    """The last lines: events by channel and type."""
    found = re.findall(r"^(\w+): \d+ events(?: \((.*)\))?$", out, re.MULTILINE)
    return {
        channel: {name: int(number) for name, number in re.findall(r"(\w+) (\d+)", types)} for channel, types in found
    }


def test_every_channel_has_real_events_and_nothing_is_left(folder: Path) -> None:
    """Within a minute; by itself it ends."""
    with demo(folder, "--seconds", "20") as process:
        said_by(process, "the console is at http://127.0.0.1:")
        started = children(process.pid)
        assert any(each.name() == "postgres" for each in started)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    seen = counts(out)
    assert list(seen) == Channels.all()
    assert {"pool_resized", "stats_update"} <= seen["db_pool_stats"].keys()
    assert {"search_progress", "search_completed"} <= seen["vector_search"].keys()
    assert {"error_recorded", "error_warned", "solution_confirmed", "error_blocked"} <= seen["error_firewall"].keys()
    assert {"analysis_started", "analysis_completed", "analysis_finding"} <= seen["ai_analysis"].keys()
    assert {"alert", "system_stats"} <= seen["system_alerts"].keys()
    assert seen["system_alerts"]["alert"] >= 2
    assert "memory_counts" in seen["memory_updates"]
    assert "Traceback" not in err
    assert [each for each in started if each.is_running()] == []


def test_an_interrupt_leaves_nothing(folder: Path) -> None:
    """Also while it is only beginning."""
    with demo(folder, "--forever") as process:
        said_by(process, "the console is at")
        started = children(process.pid)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode in (0, 1, 130)
        assert "Traceback" not in err
    assert [each for each in started if each.is_running()] == []


async def test_a_hub_that_runs_already_is_used(folder: Path) -> None:
    """Through the client that services use; the hub outlives the demo."""
    async with running(settings_for()) as live:
        wanted, heard = {"vector_search", "error_firewall", "ai_analysis"}, set[str]()
        with demo(folder, "--forever", "--url", live.url) as process:
            async with live.client() as client:
                for channel in wanted:
                    await client.ask(action="subscribe", channel=channel)
                while heard != wanted:
                    heard |= {(await client.receive(60.0)).get("channel", "")} & wanted
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.communicate, timeout=60)
        async with live.client() as client:
            assert client.welcome["status"] == "connected"
