"""Giving a request's socket to the process that has its session: two servers on real sockets, in one process."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from hub.socketio import neighbours as module
from hub.socketio.neighbours import Neighbours, Unreachable
from hub.tasks import Tasks
from tests.integration.certificate import Certificate, make_certificate

pytestmark = pytest.mark.skipif(not module.POSSIBLE, reason="needs abstract names of Unix sockets")

LIMIT = 2 << 20


class Process:
    """A server that answers for its own sessions, and gives what is for others away."""

    def __init__(self, *, alone: bool = False) -> None:
        self.tasks = Tasks()
        self.neighbours = Neighbours(self.answer, self.tasks.spawn, alone=alone, limit=LIMIT)
        self.sid = self.neighbours.sid()
        self.slow = asyncio.Event()
        self.url = ""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/slow":
            await self.slow.wait()
        body = await request.read()
        headers = {"X-By": self.neighbours.name, "Cache-Control": "no-store"}
        return web.Response(text=f"{self.neighbours.name} {request.method} {len(body)}", headers=headers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        sid = request.query.get("sid", self.sid)
        if sid == self.sid:
            self.neighbours.open(request)
            return await self.answer(request)
        assert self.neighbours.has(sid)
        try:
            return await self.neighbours.give(request, sid)
        except Unreachable:
            return web.Response(status=400)

    async def start(self, tls: ssl.SSLContext | None) -> web.AppRunner:
        app = web.Application(client_max_size=LIMIT)
        app.router.add_route("*", "/{path:.*}", self.handle)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
        return runner


@asynccontextmanager
async def processes(certificate: Certificate | None = None) -> AsyncIterator[tuple[Process, Process, Any]]:
    """Two of them, of which the second one's door is open, and a client of both."""
    both = Process(), Process()
    runners = [await each.start(certificate.server() if certificate else None) for each in both]
    context = certificate.client() if certificate else None
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context or True)) as http:
        async with http.get(both[1].url) as answer:
            assert answer.status == 200
        try:
            yield *both, http
        finally:
            for each in both:
                await each.tasks.stop()
            for runner in runners:
                await runner.cleanup()


@pytest.fixture(params=["plain", "tls"])
def certificate(request: pytest.FixtureRequest, tmp_path: Path) -> Certificate | None:
    return make_certificate(tmp_path) if request.param == "tls" else None


async def test_a_request_is_answered_by_its_own_process(certificate: Certificate | None) -> None:
    """With its body, however long, and also when it came in pieces or compressed."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 1000

    packed = {"data": gzip.compress(b"x" * 5000), "headers": {"Content-Encoding": "gzip"}}
    async with processes(certificate) as (first, second, http):
        cases: list[tuple[dict[str, Any], int]] = [
            ({}, 0),
            ({"data": io.BytesIO(b"x" * 1_500_000)}, 1_500_000),
            ({"data": pieces()}, 3000),
            (packed, 5000),
        ]
        for sent, size in cases:
            async with http.post(f"{first.url}/", params={"sid": second.sid}, **sent) as answer:
                assert answer.status == 200
                assert await answer.text() == f"{second.neighbours.name} POST {size}"
                assert answer.headers["Cache-Control"] == "no-store"
        # A plain connection has moved, and stays: only its first request was given on.
        assert (first.neighbours.given, second.neighbours.taken) == ((4, 4) if certificate else (1, 1))


async def test_a_connection_that_has_moved_can_move_back() -> None:
    """Whoever has it serves what it can, and gives the rest on."""
    async with processes() as (first, second, http):
        async with http.get(first.url) as answer:
            assert answer.headers["X-By"] == first.neighbours.name
        for sid, owner in ((second.sid, second), (first.sid, first)) * 3:
            async with http.get(f"{first.url}/", params={"sid": sid}) as answer:
                assert answer.headers["X-By"] == owner.neighbours.name
        assert (first.neighbours.taken, second.neighbours.taken) == (3, 3)


async def test_nobody_is_there(certificate: Certificate | None) -> None:
    """The request is as it was: its own server answers, and goes on with the connection."""
    async with processes(certificate) as (first, _, http):
        gone = Neighbours(first.answer, first.tasks.spawn, alone=False, limit=LIMIT)
        for _ in range(2):
            async with http.post(f"{first.url}/", params={"sid": gone.sid()}, data=b"x") as answer:
                assert answer.status == 400
        async with http.get(first.url) as answer:
            assert answer.headers["X-By"] == first.neighbours.name


async def test_a_poll_that_is_passed_on_ends_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing, so that who passes it on can end; one whose socket has moved waits as long as any."""
    monkeypatch.setattr(module, "TURN", 0.2)
    async with (
        processes(make_certificate(tmp_path)) as (first, second, http),
        http.get(f"{first.url}/slow", params={"sid": second.sid}) as answer,
    ):
        assert await answer.read() == b"6"
    async with processes() as (first, second, http):
        polling = asyncio.create_task(http.get(f"{first.url}/slow", params={"sid": second.sid}))
        await asyncio.sleep(0.4)
        second.slow.set()
        async with await polling as answer:
            assert (await answer.text()).startswith(second.neighbours.name)


async def test_ids() -> None:
    """Name their process, and are secrets; what isn't one isn't looked for anywhere."""
    ours, theirs = (Neighbours(Process().answer, Tasks().spawn, alone=False, limit=LIMIT) for _ in range(2))
    assert len({ours.sid() for _ in range(1000)}) == 1000
    assert ours.sid().startswith(ours.name)
    assert ours.has(theirs.sid())
    for sid in (ours.sid(), "", "x", theirs.name, theirs.sid() + "x", theirs.sid().upper(), "../" + theirs.sid()):
        assert not ours.has(sid)


async def test_a_process_that_is_alone() -> None:
    """Opens nothing, and asks nobody."""
    process = Process(alone=True)
    runner = await process.start(None)
    async with aiohttp.ClientSession() as http, http.get(process.url) as answer:
        assert answer.status == 200
    assert len(process.tasks) == 0
    assert not process.neighbours.has(Process().sid)
    await runner.cleanup()


@pytest.mark.parametrize(
    ("said", "count"),
    [
        (b"", 0),
        (b"p", 0),
        (b"p", 1),
        (b"p\0\0\0\5hello", 0),
        (b"p\0\0\0\7hello", 1),
        (b"p\0\0\0\3hello", 1),
        (b"p\xff\xff\xff\xffx", 1),
    ],
    ids=range(7),
)
async def test_who_gives_no_socket_gets_nothing(said: bytes, count: int) -> None:
    """A neighbour that was killed in the middle, or something else: the door stays open, and no socket is kept."""
    async with processes() as (first, second, http):
        near, far = socket.socketpair()
        with socket.socket(socket.AF_UNIX) as link, near:
            link.connect("\0tocsin-socketio-" + second.neighbours.name)
            with far:
                if said:
                    socket.send_fds(link, [said], [far.fileno()] * count)
            link.shutdown(socket.SHUT_WR)
            if count:
                near.settimeout(10)
                assert await asyncio.to_thread(near.recv, 1) == b""
        async with http.get(f"{first.url}/", params={"sid": second.sid}) as answer:
            assert answer.headers["X-By"] == second.neighbours.name


@pytest.mark.parametrize("kind", ["pipe", "datagrams"])
async def test_a_descriptor_of_something_else(kind: str) -> None:
    """Is closed, and the door stays open."""
    near, far = os.pipe() if kind == "pipe" else [each.detach() for each in socket.socketpair(type=socket.SOCK_DGRAM)]
    async with processes() as (first, second, http):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect("\0tocsin-socketio-" + second.neighbours.name)
            socket.send_fds(link, [b"p\0\0\0\1x"], [far])
        os.close(far)
        if kind == "pipe":
            async with asyncio.timeout(10):
                assert await asyncio.to_thread(os.read, near, 1) == b""
        async with http.get(f"{first.url}/", params={"sid": second.sid}) as answer:
            assert answer.headers["X-By"] == second.neighbours.name
        assert second.neighbours.taken == 1
    os.close(near)


async def test_who_knocks_again_and_again(capsys: pytest.CaptureFixture[str]) -> None:
    """Can't fill the log."""
    async with processes() as (first, second, http):
        for _ in range(50):
            with socket.socket(socket.AF_UNIX) as link:
                link.connect("\0tocsin-socketio-" + second.neighbours.name)
        async with http.get(f"{first.url}/", params={"sid": second.sid}) as answer:
            assert answer.status == 200
    assert capsys.readouterr().out.count("a neighbour gave no socket") == 1


async def test_other_users_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """On both sides: an abstract name has no permissions."""
    async with processes() as (first, second, http):
        monkeypatch.setattr(os, "geteuid", lambda: 4242)
        async with http.get(f"{first.url}/", params={"sid": second.sid}) as answer:
            assert answer.status == 400
        monkeypatch.undo()
        async with http.get(f"{first.url}/", params={"sid": second.sid}) as answer:
            assert answer.status == 200


async def test_a_sandbox_that_forbids_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs only what needs neighbours."""
    process = Process()
    process.neighbours.name = "x" * 200  # too long a name, which the kernel refuses as a sandbox would
    runner = await process.start(None)
    async with aiohttp.ClientSession() as http, http.get(process.url) as answer:
        assert answer.status == 200
    assert not process.neighbours.has(Process().sid)
    await runner.cleanup()
