"""The load generator, and what it says of a run."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from benchmarks.load import Client, LoadGenerator
from benchmarks.processes import Failed, free_port
from benchmarks.workshop import Absent, Workshop
from tests.needs import is_absent
from tests.unit.benchmarks.samples import run

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="the benchmarks run on Linux only")

PATIENCE = 20.0
"""Seconds that a run may take; nothing is measured here."""


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"delivered": 299_999}, "delivered 299999 of 300000"),
        ({"delivered": 300_001}, "delivered 300001 of 300000"),
        ({"incomplete": 2}, "delivered 300000 of 300000"),
        (
            {"delivered": 1, "error": "the server closed a subscriber"},
            "delivered 1 of 300000 (the server closed a subscriber)",
        ),
        ({"bad_samples": 3}, "3 sampled connections missed a message or got one twice"),
        ({"publish_failed": 4, "error": "503"}, "4 publishes failed (503)"),
    ],
)
def test_a_run_is_at_fault_unless_everybody_got_everything_once(changes: dict[str, int | str], fault: str) -> None:
    assert replace(run(), **changes).fault == fault  # type: ignore[arg-type]


def test_a_generator_that_ends_is_a_failure_and_not_a_wait(tmp_path: Path) -> None:
    program = tmp_path / "loadgen"
    program.write_text("#!/bin/sh\necho out of luck >&2\nexit 1\n")
    program.chmod(0o755)
    generator = LoadGenerator(program, Client(), (1, 1), min(os.sched_getaffinity(0)))
    try:
        with pytest.raises(Failed, match="the load generator ended: out of luck"):
            generator.open(1)
    finally:
        generator.close()


@pytest.fixture(scope="module")
def loadgen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return Workshop(tmp_path_factory.mktemp("c"), print).program("loadgen")
    except Absent as reason:
        is_absent("a C compiler", str(reason))


@contextmanager
def _generator(binary: Path, client: Client, port: int) -> Iterator[LoadGenerator]:
    generator = LoadGenerator(binary, client, (port, port), max(os.sched_getaffinity(0)), room=64)
    try:
        yield generator
    finally:
        generator.close()


class Batcher:
    """A server that answers two commands in one frame, pings, and sends publications in pairs, one a line.

    With `repeat` it sends every pair twice; with `refuse` it takes no message.
    """

    def __init__(self, *, repeat: bool = False, refuse: bool = False) -> None:
        self._clients: set[web.WebSocketResponse] = set()
        self._waiting: list[str] = []
        self._repeat = repeat
        self._refuse = refuse
        self.pongs = 0

    async def subscribe(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        await ws.receive_str()
        await ws.send_str('{"id":1}\n{"id":2}')
        await ws.ping(b"there?")
        self._clients.add(ws)
        async for message in ws:
            self.pongs += message.type is web.WSMsgType.PONG and message.data == b"there?"
        self._clients.discard(ws)
        return ws

    async def publish(self, request: web.Request) -> web.Response:
        if self._refuse:
            return web.Response(status=503, text="the bell is cracked")
        self._waiting.append(await request.text())
        if len(self._waiting) == 2:
            pair, self._waiting = "\n".join(self._waiting), []
            for ws in self._clients:
                await ws.send_str(pair)
                if self._repeat:
                    await ws.send_str(pair)
        return web.Response(text="ok")


async def _measured(binary: Path, batcher: Batcher) -> str:
    """Ten messages to five clients; the fault of the run."""
    client = Client(hellos=("both",), skip=2, lines=True, min_frame=8, prefix="", suffix="")
    app, port = web.Application(), free_port()
    app.add_routes([web.get("/ws", batcher.subscribe), web.post("/publish", batcher.publish)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        with _generator(binary, client, port) as generator:
            opened = await asyncio.to_thread(generator.open, 5)
            assert opened.ready == 5
            done = await asyncio.to_thread(generator.run, 10, 4, 0.0, 50, PATIENCE)
    finally:
        await runner.cleanup()
    return done.fault


async def test_publications_that_share_a_frame_are_counted_one_by_one(loadgen: Path) -> None:
    batcher = Batcher()
    assert await _measured(loadgen, batcher) == ""
    assert batcher.pongs == 5


async def test_deliveries_that_are_too_many_are_noticed(loadgen: Path) -> None:
    assert await _measured(loadgen, Batcher(repeat=True)) != ""


async def test_refused_publishes_are_quoted_and_not_waited_for(loadgen: Path) -> None:
    fault = await _measured(loadgen, Batcher(refuse=True))
    assert fault == ("delivered 0 of 50 (a publish was answered: HTTP/1.1 503 Service Unavailable the bell is cracked)")


def test_a_refused_handshake_is_quoted(loadgen: Path) -> None:
    with _generator(loadgen, Client(), free_port()) as generator:
        opened = generator.open(1)
    assert opened.ready == 0
    assert opened.error == "connect: Connection refused"
