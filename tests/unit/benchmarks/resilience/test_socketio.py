"""Socket.IO's packets, by a double and by the real server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from benchmarks.processes import Command, Server, free_port
from benchmarks.resilience import socketio
from benchmarks.resilience.hubs import stopping
from benchmarks.resilience.link import Link
from benchmarks.resilience.socketio import SocketIoClient, SocketIoPublisher
from benchmarks.resilience.subscriber import losses
from benchmarks.workshop import Absent, Workshop
from tests.live import until
from tests.needs import is_absent


class _Link(Link):
    """Keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, text: bytes) -> None:
        self.sent.append(text)


def _event(number: int, at: float, offset: str = "") -> bytes:
    return b"42" + orjson.dumps(["message", {"n": number, "at": at}, *([offset] if offset else [])])


def _client() -> tuple[SocketIoClient, _Link]:
    client, link = SocketIoClient(1, Random(1)), _Link()
    client.opened(link)
    return client, link


async def test_it_connects_and_answers_pings() -> None:
    client, link = _client()
    for packet in (b'0{"sid":"a"}', b'40{"sid":"b"}', b"2"):
        client.heard(link, packet)
    assert link.sent == [b"40", b"3"]
    assert (client.once, client.gaps) == (True, 0)


async def test_it_asks_for_what_it_missed_and_measures_one_replay() -> None:
    """Missed messages come before the answer; the last of them counts."""
    client, link = _client()
    for packet in (b"0{}", b'40{"sid":"b","pid":"p"}', _event(0, time.time() + 60, "o1")):
        client.heard(link, packet)
    client.opened(link)
    for packet in (b"0{}", _event(1, 0, "o2"), _event(2, 0, "o3"), b'40{"sid":"c","pid":"p"}'):
        client.heard(link, packet)
    client.heard(link, _event(3, time.time() + 60, "o4"))
    assert link.sent[-1] == b'40{"pid":"p","offset":"o1"}'
    assert (len(client.replays), len(client.lateness), client.gaps) == (1, 2, 0)
    assert client.numbers == [0, 1, 2, 3]


async def test_who_did_not_ask_has_no_replay() -> None:
    """A message that was just under way when it came is live."""
    client, link = _client()
    for packet in (b"0{}", b'40{"sid":"b"}', _event(0, time.time() - 1)):
        client.heard(link, packet)
    assert (client.replays, len(client.lateness)) == ([], 1)


@pytest.mark.parametrize("answer", [b'40{"sid":"c","pid":"other"}', b'40{"sid":"c"}'])
async def test_another_session_is_a_gap(answer: bytes) -> None:
    client, link = _client()
    for packet in (b"0{}", b'40{"sid":"b","pid":"p"}'):
        client.heard(link, packet)
    client.opened(link)
    client.heard(link, b"0{}")
    client.heard(link, answer)
    assert client.gaps == 1


async def test_a_refusal_is_a_complaint() -> None:
    client, link = _client()
    client.heard(link, b'44{"message":"no"}')
    assert client.complaint == '{"message":"no"}'


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    made = Workshop(tmp_path_factory.mktemp("node"), print)
    try:
        made.node()
    except Absent as reason:
        is_absent("Socket.IO on Node", str(reason))
    return made


@pytest.fixture(params=["0", "1"])
def server(request: Any, workshop: Workshop) -> Iterator[tuple[int, bool]]:
    port = free_port()
    script = Path(socketio.__file__).with_name("socketio_recovery.js")
    environment = {"NODE_PATH": str(workshop.node() / "node_modules")}
    command = Command(["node", str(script), str(port), request.param], environment)
    started = Server(command, port, workshop.directory / "log")
    with stopping(started):
        started.wait_ready((port,))
        yield port, request.param == "1"


async def test_the_real_server_recovers_when_it_is_told_to(server: tuple[int, bool]) -> None:
    """And loses what is published meanwhile when it isn't. So the client's part of the recovery is right."""
    port, recovers = server
    client, source = SocketIoClient(port, Random(1)), SocketIoPublisher(port)
    stay = asyncio.create_task(client.stay())
    await until(lambda: client.subscribed > 0)
    await source.run(1000, 0.002)
    await until(lambda: client.numbers == [0, 1])
    stay.cancel()
    await asyncio.gather(stay, return_exceptions=True)
    await asyncio.sleep(0.2)  # the server hears of it
    await source.run(1000, 0.003)  # numbers 0 to 2 again
    stay = asyncio.create_task(client.stay())
    await until(lambda: client.subscribed > 0)
    stay.cancel()
    await asyncio.gather(stay, return_exceptions=True)
    assert client.numbers[2:] == ([0, 1, 2] if recovers else [])
    assert (client.gaps, len(client.replays)) == ((0, 1) if recovers else (1, 0))
    assert losses(client.numbers, 2)[0] == 0
