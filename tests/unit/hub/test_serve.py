"""A hub that runs until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import aiohttp
import pytest

from hub.configuration.policy_options import policy_of
from hub.http.admin import is_built
from hub.options import LogOptions, Settings
from hub.serve import serve
from hub.server import Server
from hub.settings import SettingsError
from tests.architecture.tree import ROOT
from tests.live import settings_for, with_keys
from tests.unit.hub.logbook import lines, logging_as

JSON_LOG: dict[str, Any] = {"log__format": "json"}

_PROGRAM = """
import asyncio, sys
from hub.serve import serve
from tests.live import settings_for
sys.exit(asyncio.run(serve(settings_for(log__format="json", **{options}))))
"""


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    """What `serve` sets up for the whole process is undone."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with logging_as(LogOptions(format="json")):
        yield
    gc.unfreeze()
    for number, handler in handlers.items():
        signal.signal(number, handler)


async def run(settings: Settings, number: signal.Signals) -> tuple[int, str]:
    """Serve in this process, and signal it as soon as it is ready; return exit code and URL."""
    urls: list[str] = []

    def ready(server: Server) -> None:
        urls.append(server.url)
        os.kill(os.getpid(), number)

    async with asyncio.timeout(30):
        code = await serve(settings, ready)
    (url,) = urls
    return code, url


@contextmanager
def process(**options: Any) -> Iterator[subprocess.Popen[str]]:
    """Serve in a process of its own, which ends with the block."""
    program = _PROGRAM.replace("{options}", repr(options))
    command = [sys.executable, "-c", program]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as running:  # type: ignore[call-overload]
        try:
            yield running
        finally:
            running.kill()


def line_with(stream: IO[str] | None, text: str) -> dict[str, Any]:
    """Read up to the line that has `text`."""
    assert stream is not None
    for line in stream:
        if text in line:
            found: dict[str, Any] = json.loads(line)
            return found
    raise AssertionError(f"no line has {text!r}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_it(number: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    """Both ways of asking are as good, and mean no failure; the log tells where it listened and that it ended."""
    before = asyncio.all_tasks()
    code, url = await run(settings_for(**JSON_LOG), number)
    assert code == 0
    assert asyncio.all_tasks() == before
    events = {line["event"]: line for line in lines(capsys)}
    assert list(events) == [f"listening on {url}", "stopping", "stopped"]
    assert events[f"listening on {url}"].get("admin") == (f"{url}/admin/" if is_built() else None)
    assert events["stopping"]["connections"] == 0


@pytest.mark.parametrize(
    ("settings", "auth"), [(settings_for(**JSON_LOG), "open (loopback only)"), (with_keys(**JSON_LOG), "tokens")]
)
async def test_the_start_is_logged(settings: Settings, auth: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what an operator wants to know at a glance."""
    await run(settings, signal.SIGTERM)
    start = lines(capsys)[0]
    assert (start["auth"], start["websocket"]) == (auth, "/ws")
    assert start["channels"] == len(policy_of(settings.channels).names)


async def test_a_signal_during_the_start_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stops the hub as soon as that is up."""
    start = Server.start

    async def signalled_start(server: Server) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await start(server)

    monkeypatch.setattr(Server, "start", signalled_start)
    async with asyncio.timeout(30):
        assert await serve(settings_for(**JSON_LOG)) == 0


async def test_an_address_that_is_taken() -> None:
    """Is the caller's to explain."""
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        with pytest.raises(OSError, match="address already in use"):
            await serve(settings_for(server__port=occupied.getsockname()[1], **JSON_LOG))


def test_exit_code_of_a_process() -> None:
    """A hub that was asked to stop, and did, is a success."""
    with process() as running:
        line_with(running.stdout, "listening on")
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (0, "")
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["stopping", "stopped"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_it_at_once(number: signal.Signals) -> None:
    """However long the grace period; the exit code tells that it was no proper end."""
    with process(server__drain=60.0, websocket__close_timeout=60.0) as running:
        url = line_with(running.stdout, "listening on")["event"].rpartition(" ")[2]
        # A client that doesn't answer the close keeps the hub waiting.
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ws", autoclose=False):
            running.send_signal(signal.SIGTERM)
            stopping = line_with(running.stdout, "stopping")
            assert (stopping["connections"], stopping["grace_seconds"]) == (1, 60.0)
            running.send_signal(number)
            out, _ = running.communicate(timeout=10)
    assert running.returncode == -number
    assert "stopped" not in out


async def test_a_hangup_reloads(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a source there is nothing to read; with one, what it gives is in force, and faults are told."""
    given: list[Settings | SettingsError] = [settings_for(limits__batch=3, **JSON_LOG), SettingsError(["limits: no"])]

    def source() -> Settings:
        answer = given.pop(0)
        if isinstance(answer, SettingsError):
            raise answer
        return answer

    servers: list[Server] = []
    serving = asyncio.create_task(serve(settings_for(**JSON_LOG), servers.append, source))
    told: list[dict[str, Any]] = []

    async def line(text: str) -> None:
        async with asyncio.timeout(30):
            while not any(text in each["event"] for each in told):
                told.extend(lines(capsys))
                await asyncio.sleep(0.01)

    await line("listening on")
    os.kill(os.getpid(), signal.SIGHUP)
    await line("configuration reloaded")
    assert servers[0].hub.settings.limits.batch == 3
    os.kill(os.getpid(), signal.SIGHUP)
    await line("limits: no")
    assert servers[0].hub.settings.limits.batch == 3
    os.kill(os.getpid(), signal.SIGTERM)
    assert await serving == 0
