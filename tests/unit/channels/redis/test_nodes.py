"""Processes on Redis. What they share with others is in tests/contract/test_nodes.py."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from channels.errors import ErrorCode, ReplyError
from channels.redis.nodes import RedisNodes
from tests.redis_ports import Ports, command, redis_ports
from tests.redis_process import soon
from tests.redis_server import redis_server


@pytest.fixture
async def process() -> AsyncIterator[Ports]:
    async with redis_server(persistent=False) as server, redis_ports(server.address) as process:
        await soon(lambda: process.backbone.available)
        yield process


def told(node: str, number: int, message: object) -> bytes:
    return orjson.dumps((node, number, "count", message))


async def test_what_comes_twice_is_taken_once(process: Ports) -> None:
    """Of each process the numbers rise; its own messages are none for it."""
    heard: list[Mapping[str, Any]] = []
    process.nodes.listen("count", heard.append)
    name = process.backbone.keys.shared("told")
    address = process.address
    for node, number in (("a", 1), ("a", 2), ("a", 1), ("b", 1), ("a", 2), ("here", 7), ("a", 3)):
        await command(address, b"PUBLISH", name, told(node, number, {"is": f"{node}{number}"}))
    await soon(lambda: len(heard) >= 4)
    assert [message["is"] for message in heard] == ["a1", "a2", "b1", "a3"]
    assert (process.nodes.heard, process.nodes.repeated) == (4, 2)


async def test_nonsense_is_survived(process: Ports) -> None:
    """Somebody else's message on our Redis channel."""
    heard: list[Mapping[str, Any]] = []
    process.nodes.listen("count", heard.append)
    name = process.backbone.keys.shared("told")
    with capture_logs() as logs:
        for text in (b"", b"\xff", b"[]", b'{"a":1}', told("a", 1, {"is": 1})):
            await command(process.address, b"PUBLISH", name, text)
        await soon(lambda: len(heard) == 1)
    assert len([entry for entry in logs if entry["log_level"] == "error"]) == 4


async def test_messages_are_bounded(process: Ports) -> None:
    """One that is too big is refused, with both sizes."""
    nodes = RedisNodes(process.backbone, "small", limit=100)
    with pytest.raises(ReplyError, match="at most 100 bytes") as caught:
        await nodes.tell("a", {"text": "x" * 100})
    assert caught.value.code is ErrorCode.DATA_TOO_LARGE
    await nodes.tell("a", {"text": "x"})


@pytest.mark.parametrize("numbers", [{"text": "x" * 100_000}, {"not JSON": object()}])
async def test_a_report_that_can_not_be_made_leaves_the_process_alive(process: Ports, numbers: object) -> None:
    """Too big, or not JSON: it goes out empty, and is counted."""
    process.nodes.report(lambda: numbers)  # type: ignore[arg-type, return-value]
    with capture_logs():
        before = process.nodes.heartbeat.turns
        await soon(lambda: process.nodes.heartbeat.turns > before)
        assert await process.nodes.reports() == {"here": {}}
    assert process.nodes.unreported > 0


async def test_nothing_is_left_of_processes_that_are_gone(process: Ports) -> None:
    """Their entries go with the next beat of another; the last one's with time."""
    keys = process.backbone.keys
    await command(process.address, b"HSET", keys.shared("reports"), b"dead", b"{}")
    await command(process.address, b"ZADD", keys.shared("nodes"), b"1000", b"dead")
    before = process.nodes.heartbeat.turns
    await soon(lambda: process.nodes.heartbeat.turns > before + 1)
    assert await command(process.address, b"HKEYS", keys.shared("reports")) == [b"here"]
    assert 0 < await command(process.address, b"PTTL", keys.shared("nodes")) <= 10_000
