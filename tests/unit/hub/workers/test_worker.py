"""One worker, spoken to as its supervisor speaks; `test_process.py` shows the two together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hub import listening
from hub.options import Settings
from hub.workers.link import Link, packed
from tests.architecture.tree import ROOT
from tests.live import settings_for

pytestmark = pytest.mark.timeout(120)


@asynccontextmanager
async def spoken_to(settings: Settings, supervisor: int | None = None) -> AsyncIterator[tuple[Link, Any]]:
    """Start a worker, tell it to start, and leave nothing behind."""
    ours, theirs = socket.socketpair()
    kept = listening.bind("127.0.0.1", 0, share_port=True)
    arguments = ["--worker", "4", "--supervisor", str(supervisor or os.getpid()), "--link", str(theirs.fileno())]
    process = subprocess.Popen(  # noqa: ASYNC220 - started at once; a loop's own would only hide its signals
        [sys.executable, "-m", "hub.workers", *arguments],
        cwd=ROOT,
        pass_fds=(theirs.fileno(),),
        stdout=subprocess.PIPE,
        text=True,
    )
    theirs.close()
    link = await Link.over(ours)
    link.send("start", settings=packed(settings), port=kept[0].getsockname()[1], shared=[])
    try:
        yield link, process
    finally:
        await link.close()
        process.kill()
        process.communicate(timeout=20)
        listening.close(kept)


async def test_it_says_when_it_listens_and_ends_when_it_is_told_to() -> None:
    """Its log lines have its number."""
    async with spoken_to(settings_for(log__format="json")) as (link, process):
        ready = await link.receive()
        assert ready is not None
        assert ready["kind"] == "ready"
        assert ready["auth"] == "open (loopback only)"
        link.send("drain", seconds=0.25)
        assert await link.receive() is None
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert '"worker":4' in out
        assert '"grace_seconds":0.25' in out


async def test_it_ends_when_the_supervisor_is_gone() -> None:
    """The end of the link is enough; it says why."""
    async with spoken_to(settings_for(log__format="json")) as (link, process):
        assert await link.receive() is not None
        await link.close()
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "the supervisor is gone" in out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_of_its_own_ends_it(number: signal.Signals) -> None:
    """An operator may let a single worker go: the supervisor starts another."""
    async with spoken_to(settings_for()) as (link, process):
        assert await link.receive() is not None
        process.send_signal(number)
        process.communicate(timeout=20)
        assert process.returncode == 0


async def test_signals_for_the_supervisor_do_nothing() -> None:
    """`killall -HUP` reaches the workers, too."""
    async with spoken_to(settings_for()) as (link, process):
        assert await link.receive() is not None
        for number in (signal.SIGHUP, signal.SIGUSR2):
            process.send_signal(number)
        link.send("reload", number=1, settings=packed(settings_for(limits__batch=3)))
        assert await link.receive() == {"kind": "reloaded", "number": 1, "taken": True}
        assert process.poll() is None


async def test_the_death_of_the_supervisor_is_no_second_signal() -> None:
    """The kernel may tell of it several times; connections are let go all the same."""
    async with spoken_to(settings_for(log__format="json")) as (link, process):
        assert await link.receive() is not None
        for _ in range(3):
            process.send_signal(signal.SIGUSR1)
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert '"event":"stopped"' in out


async def test_settings_that_can_not_be_used() -> None:
    """Are told in words, and are no crash."""
    settings = settings_for(server__tls_certificate="/missing.pem", server__tls_key="/missing.pem")
    async with spoken_to(settings) as (link, process):
        failed = await link.receive()
        assert failed is not None
        assert failed["kind"] == "failed"
        assert "can't start" in failed["lines"][0]
        process.communicate(timeout=20)
        assert process.returncode == 1


async def test_one_whose_supervisor_died_before_it_began() -> None:
    """Doesn't begin."""
    async with spoken_to(settings_for(), supervisor=1 if os.getppid() != 1 else 2) as (link, process):
        assert await link.receive() is None
        process.communicate(timeout=20)
        assert process.returncode == 0
