"""Bytes on the wire against the real hub: what breaks RFC 6455 ends that connection rightly, and no other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.conformance.raw import (
    BINARY,
    CLOSE,
    CONT,
    PING,
    PONG,
    RSV1,
    RSV2,
    RSV3,
    TEXT,
    Frame,
    Headers,
    RawClient,
    close,
    deflated,
    dialled,
    frame,
    head,
    request,
    text,
    upgraded,
)
from tests.kit import eventually
from tests.live import LiveHub, running, settings_for

LIMIT = 4096
"""Longest message that the hub of these tests takes."""

DEFLATE = {"Sec-WebSocket-Extensions": "permessage-deflate"}

PLAIN: Headers = {}

SUBSCRIBE = '{"action": "subscribe", "channel": "system_alerts", "id": 1}'

PING_COMMAND = '{"action": "ping", "id": 1}'

NO_OPCODE = (*range(0x3, 0x8), *range(0xB, 0x10))

NO_CLOSE_CODE = (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)

PROTOCOL_ERRORS = {
    "RSV1 without compression": frame(TEXT, b"{}", rsv=RSV1),
    "RSV2": frame(TEXT, b"{}", rsv=RSV2),
    "RSV3": frame(TEXT, b"{}", rsv=RSV3),
    "RSV1 on a ping": frame(PING, rsv=RSV1),
    **{f"opcode {opcode:#x}": frame(opcode) for opcode in NO_OPCODE},
    "a ping of 126 bytes": frame(PING, bytes(126)),
    "a pong of 126 bytes": frame(PONG, bytes(126)),
    "a close frame of 126 bytes": frame(CLOSE, b"\x03\xe8" + b"x" * 124),
    "a fragmented ping": frame(PING, fin=False),
    "a fragmented close frame": frame(CLOSE, fin=False),
    "no mask": frame(TEXT, b"{}", masked=False),
    "a ping without mask": frame(PING, masked=False),
    "a continuation of nothing": frame(CONT, b"{}"),
    "a new message inside another": frame(TEXT, b"{", fin=False) + frame(TEXT, b"}"),
    "half a close code": frame(CLOSE, b"\x03"),
    **{f"close code {code}": close(code) for code in NO_CLOSE_CODE},
}

INVALID_TEXTS = {
    "a byte that is never UTF-8": frame(TEXT, b'"\xff"'),
    "a surrogate": frame(TEXT, b'"\xed\xa0\x80"'),
    "an overlong form": frame(TEXT, b'"\xc0\xaf"'),
    "beyond Unicode": frame(TEXT, b'"\xf4\x90\x80\x80"'),
    "cut off": frame(TEXT, b'"\xe2\x82'),
    "bad in the second fragment": frame(TEXT, b'"', fin=False) + frame(CONT, b'\xff"'),
    "bad across fragments": frame(TEXT, b'"\xe2\x82', fin=False) + frame(CONT, b'"'),
    "cut off at the last fragment": frame(TEXT, b'"', fin=False) + frame(CONT, b"\xe2\x82"),
    "bad, and more fragments to come": frame(TEXT, b'"\xff', fin=False),
    "bad, with a close frame behind it": frame(TEXT, b"\xff") + close(1000),
    "in a close reason": close(1000, b"\xff"),
}


OVERSIZED = {
    "announced, nothing sent yet": head(TEXT, LIMIT + 1),
    "announced with 16 bits": head(BINARY, 65535),
    "announced with 64 bits": head(BINARY, 65536),
    "announced beyond all numbers": head(TEXT, 2**64 - 1),
    "in fragments": frame(TEXT, b"x" * LIMIT, fin=False) + frame(CONT, b"x"),
    "in many fragments": frame(TEXT, b"x", fin=False) + frame(CONT, b"x", fin=False) * LIMIT,
}

HALF_A_BOMB = deflated(b" " * LIMIT)

BOMBS = {
    "a bomb": frame(TEXT, deflated(b" " * 10_000_000)[:LIMIT], rsv=RSV1),
    "a bomb in fragments": frame(TEXT, HALF_A_BOMB, rsv=RSV1, fin=False) + frame(CONT, HALF_A_BOMB),
    "one byte too many": frame(TEXT, deflated(b" " * (LIMIT + 1)), rsv=RSV1),
}


@pytest.fixture
async def small_hub() -> AsyncIterator[LiveHub]:
    """A hub that takes short messages only."""
    async with running(settings_for(limits__message_bytes=LIMIT)) as live:
        yield live


@asynccontextmanager
async def met(live: LiveHub, headers: Headers = PLAIN) -> AsyncIterator[RawClient]:
    """Open a WebSocket and read the welcome."""
    async with upgraded(live.port, headers) as client:
        assert json.loads((await client.receive()).payload)["type"] == "connection"
        yield client


async def answer(client: RawClient) -> dict[str, Any]:
    """Return the next message."""
    got = await client.receive()
    assert (got.opcode, got.fin) == (TEXT, True)
    value: dict[str, Any] = json.loads(got.payload)
    return value


async def closes(live: LiveHub, data: bytes, code: int, headers: Headers = PLAIN) -> list[str]:
    """Send bytes, expect a close with `code`, and find others undisturbed; return the types that came before."""
    async with live.client("bystander") as bystander, met(live, headers) as client:
        await bystander.ask(action="subscribe", channel="system_alerts")
        client.send(data)
        texts, got = await client.texts_until_close()
        assert got == code
        await live.publish("system_alerts", "still_here", None)
        assert (await bystander.receive())["type"] == "still_here"
        await eventually(lambda: len(live.hub.connections) == 1)
    return [json.loads(message)["type"] for message in texts]


@pytest.mark.parametrize("data", PROTOCOL_ERRORS.values(), ids=PROTOCOL_ERRORS)
async def test_a_frame_that_breaks_the_protocol_closes_with_1002(small_hub: LiveHub, data: bytes) -> None:
    """RFC 6455, 5.1 to 5.5 and 7.4: the connection fails at once, and only this one."""
    assert await closes(small_hub, data, 1002) == []


@pytest.mark.parametrize("data", INVALID_TEXTS.values(), ids=INVALID_TEXTS)
async def test_text_that_is_not_utf8_closes_with_1007(small_hub: LiveHub, data: bytes) -> None:
    """RFC 6455, 8.1, in one frame and in several; a fragment that can't be right fails before the last has come."""
    assert await closes(small_hub, data, 1007) == []


@pytest.mark.parametrize("data", OVERSIZED.values(), ids=OVERSIZED)
async def test_a_message_over_the_limit_closes_with_1009(small_hub: LiveHub, data: bytes) -> None:
    """As soon as it is announced, and after an error that names the limit."""
    assert await closes(small_hub, data, 1009) == ["error"]


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
async def test_a_message_that_grows_over_the_limit_closes_with_1009(small_hub: LiveHub, data: bytes) -> None:
    """The limit holds for what comes out of the decompression."""
    assert await closes(small_hub, data, 1009, DEFLATE) == ["error"]


async def test_what_is_not_deflate_closes_with_1002(small_hub: LiveHub) -> None:
    """A compressed message that can't be decompressed is a protocol error."""
    assert await closes(small_hub, frame(TEXT, b"\xff" * 9, rsv=RSV1), 1002, DEFLATE) == []


async def test_rsv1_on_a_continuation_closes_with_1002(small_hub: LiveHub) -> None:
    """RFC 7692, 6.1: only a message's first frame says that it is compressed."""
    half = deflated(b"{}")
    data = frame(TEXT, half[:2], rsv=RSV1, fin=False) + frame(CONT, half[2:], rsv=RSV1)
    assert await closes(small_hub, data, 1002, DEFLATE) == []


async def test_what_came_before_the_fault_is_answered(small_hub: LiveHub) -> None:
    """A message in the same segment as a bad frame is refused first, then the connection closes."""
    assert await closes(small_hub, frame(BINARY, b"x") + frame(0x3), 1002) == ["error"]
    fragments = frame(TEXT, b"{", fin=False) + frame(CONT, b"}")
    assert await closes(small_hub, fragments + frame(CONT, b"}"), 1002) == ["error"]


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 3000, 4000, 4999])
async def test_a_close_is_echoed(small_hub: LiveHub, code: int) -> None:
    """Every code that may be sent comes back, and the hub ends the TCP connection."""
    assert await closes(small_hub, close(code, "tschüß".encode()), code) == []


async def test_a_close_without_code_is_echoed_without_code(small_hub: LiveHub) -> None:
    """An empty close frame is answered with an empty one."""
    async with met(small_hub) as client:
        client.send(frame(CLOSE))
        got = await client.receive()
        assert (got.opcode, got.payload) == (CLOSE, b"")
        assert await client.reader.read() == b""


async def test_a_close_between_fragments_is_a_close(small_hub: LiveHub) -> None:
    """RFC 6455, 5.4: control frames may come in the middle of a message, and a close frame is one."""
    assert await closes(small_hub, frame(TEXT, b"{", fin=False) + close(1000), 1000) == []


async def test_nothing_is_taken_after_a_close(small_hub: LiveHub) -> None:
    """Commands behind a close frame are not run."""
    assert await closes(small_hub, close(1000) + text(PING_COMMAND) + frame(PING), 1000) == []


async def test_a_message_of_exactly_the_limit_is_taken(small_hub: LiveHub) -> None:
    """In one frame, in two, and compressed."""
    async with met(small_hub, DEFLATE) as client:
        command = PING_COMMAND.encode().ljust(LIMIT)
        client.send(frame(TEXT, command))
        client.send(frame(TEXT, command[:9], fin=False), frame(CONT, command[9:]))
        client.send(frame(TEXT, deflated(command), rsv=RSV1))
        assert [(await answer(client))["type"] for _ in range(3)] == ["pong"] * 3


async def test_commands_right_behind_the_upgrade_are_answered(small_hub: LiveHub) -> None:
    """A client need not wait for the answer 101: its first commands may come in the segment of the request."""
    async with dialled(small_hub.port) as client:
        client.send(request(), text(SUBSCRIBE), text(PING_COMMAND), frame(PING, b"early"))
        assert (await client.response()).startswith(b"HTTP/1.1 101 ")
        assert (await answer(client))["type"] == "connection"
        assert await client.receive() == Frame(PONG, b"early")
        assert [(await answer(client))["type"] for _ in range(2)] == ["subscribe", "pong"]


async def test_early_data_may_be_cut_anywhere(small_hub: LiveHub) -> None:
    """The first bytes after the request come in order, wherever the segments end."""
    frames = text(SUBSCRIBE) + text(PING_COMMAND)
    for cut in range(len(frames) + 1):
        async with dialled(small_hub.port) as client:
            client.send(request(), frames[:cut])
            await asyncio.sleep(0)  # the hub reads the request and this part; the next one comes while it upgrades
            client.send(frames[cut:])
            await client.response()
            types = [(await answer(client))["type"] for _ in range(3)]
            assert types == ["connection", "subscribe", "pong"], f"cut at {cut}"


async def test_much_early_data_is_read_to_its_end(small_hub: LiveHub) -> None:
    """More than aiohttp buffers behind an upgrade request, so that it had stopped reading at the hand-over."""
    pings = 30_000
    async with dialled(small_hub.port) as client:
        client.send(request(), frame(PING, b"12345678") * pings, text(PING_COMMAND))
        await client.response()
        assert (await answer(client))["type"] == "connection"
        for _ in range(pings):
            assert (await client.receive()).opcode == PONG
        assert (await answer(client))["type"] == "pong"


async def test_a_frame_may_be_cut_anywhere(small_hub: LiveHub) -> None:
    """Inside the header, behind it, inside the mask and the payload; also with a length of 16 bits."""
    async with met(small_hub) as client:
        for data in (text(PING_COMMAND), text(PING_COMMAND + " " * 200)):
            for cut in range(1, min(len(data), 60)):
                await client.send_apart([data[:cut], data[cut:]])
                assert (await answer(client))["type"] == "pong", f"cut at {cut}"
        await client.send_apart(bytes([byte]) for byte in text(PING_COMMAND))
        assert (await answer(client))["type"] == "pong"


async def test_pings_between_fragments_are_answered_at_once(small_hub: LiveHub) -> None:
    """A command in fragments, empty ones and parts of characters among them, gets its reply after the pings between."""
    command = '{"action": "ping", "id": "größe €"}'.encode()
    async with met(small_hub) as client:
        client.send(frame(TEXT, command[:1], fin=False))
        for index in range(1, len(command)):
            client.send(frame(CONT, command[index : index + 1], fin=False), frame(CONT, fin=False))
            client.send(frame(PING, b"%d" % index))
            assert await client.receive() == Frame(PONG, b"%d" % index)
        client.send(frame(CONT))
        assert (await answer(client))["id"] == "größe €"


async def test_a_client_that_stops_in_a_frame_harms_nobody(small_hub: LiveHub) -> None:
    """A connection that ends in the middle of a frame is forgotten, with 1006."""
    async with met(small_hub) as client:
        client.send(text(PING_COMMAND)[:5])
    await eventually(lambda: not len(small_hub.hub.connections))
    assert small_hub.hub.connections.closed == {1006: 1}


async def test_pings_that_nobody_reads_the_answers_to_are_bounded(small_hub: LiveHub) -> None:
    """A client that pings and never reads is closed with 4002: pongs wait in the same queue as everything else."""
    async with met(small_hub) as client:
        client.pause_reading()
        pings = frame(PING, bytes(125)) * 1000
        async with asyncio.timeout(20):
            while small_hub.hub.connections.closed != {4002: 1}:
                try:
                    client.send(pings)
                    async with asyncio.timeout(0.01):
                        await client.writer.drain()
                except (TimeoutError, ConnectionError):
                    await asyncio.sleep(0.01)
