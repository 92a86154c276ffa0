"""The frames that the hub builds by itself, in four clients of other people, at the sizes where a header changes."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from pathlib import Path

import aiohttp
import pytest
from websockets.asyncio.client import connect

from hub.transports.websocket import WebSocketConnection
from tests.browser.chromium import launched
from tests.conformance.echo import echoing
from tests.needs import NODE_PROJECT

TEXT, BINARY = 1, 2

SIZES = (0, 1, 125, 126, 65535, 65536, 1_048_576)

ORDERS = [[opcode, size] for size in SIZES for opcode in (TEXT, BINARY)]

Message = tuple[int, bytes]


def payload(opcode: int, size: int) -> bytes:
    """Return text with characters of every length, or noise that can't be compressed, of exactly so many bytes."""
    if opcode == BINARY:
        return random.Random(size).randbytes(size)
    letters = ("Zoë says 你好 to 🙂 " * (size // 20 + 1)).encode()[:size].decode(errors="ignore")
    return letters.encode().ljust(size, b"~")


EXPECTED: list[Message] = 2 * [(opcode, payload(opcode, size)) for opcode, size in ORDERS]
"""First all in one write, then each by itself."""


class Sender:
    """Sends what it is asked for, joined in one write."""

    def __init__(self, connection: WebSocketConnection) -> None:
        self._connection = connection

    def receive(self, text: bytes) -> None:
        encoding = self._connection.encoding
        self._connection.send(b"".join(encoding.frame(payload(*order), order[0]) for order in json.loads(text)))

    def receive_binary(self, data: bytes) -> None:
        raise AssertionError("nobody sends these")

    def receive_oversized(self) -> None:
        raise AssertionError("nobody sends these")


def orders() -> list[str]:
    """Return the texts to send: the second and the following ones each when the one before is answered."""
    return [json.dumps(ORDERS), *(json.dumps([order]) for order in ORDERS)]


def assert_same(got: list[Message]) -> None:
    """Compare exactly, without printing a megabyte on failure."""
    assert [(opcode, len(data)) for opcode, data in got] == [(opcode, len(data)) for opcode, data in EXPECTED]
    different = [EXPECTED[index][:1] for index, message in enumerate(got) if message != EXPECTED[index]]
    assert different == []


@pytest.mark.parametrize("deflate", [False, True])
async def test_websockets(deflate: bool) -> None:
    """The asyncio client of `websockets` reads every frame."""
    async with (
        echoing(answering=Sender) as server,
        connect(
            f"ws://127.0.0.1:{server.port}/ws", compression="deflate" if deflate else None, max_size=None
        ) as client,
    ):
        assert bool(client.protocol.extensions) is deflate
        got: list[Message] = []
        for text in orders():
            await client.send(text)
            for _ in json.loads(text):
                async with asyncio.timeout(10):
                    data = await client.recv()
                got.append((TEXT, data.encode()) if isinstance(data, str) else (BINARY, data))
        assert_same(got)


@pytest.mark.parametrize("deflate", [False, True])
async def test_aiohttp(deflate: bool) -> None:
    """aiohttp's client reads every frame."""
    async with (
        echoing(answering=Sender) as server,
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"http://127.0.0.1:{server.port}/ws", compress=15 if deflate else 0, max_msg_size=0
        ) as client,
    ):
        assert bool(client.compress) is deflate
        got: list[Message] = []
        for text in orders():
            await client.send_str(text)
            for _ in json.loads(text):
                message = await client.receive(10)
                data = message.data
                got.append((TEXT, data.encode()) if message.type is aiohttp.WSMsgType.TEXT else (BINARY, data))
        assert_same(got)


@pytest.mark.parametrize("deflate", [False, True])
async def test_node(node_path: Path, deflate: bool) -> None:
    """Node's `ws` reads every frame."""
    async with echoing(answering=Sender) as server:
        process = await asyncio.create_subprocess_exec(
            *(str(node_path), "frames.mjs", f"ws://127.0.0.1:{server.port}/ws"),
            *(json.dumps(ORDERS), "yes" if deflate else "no"),
            cwd=NODE_PROJECT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    answer = json.loads(output)
    assert ("permessage-deflate" in answer["extensions"]) is deflate
    assert_same([(opcode, base64.b64decode(data)) for opcode, data in answer["messages"]])


IN_THE_PAGE = """
async ({ url, wanted }) => {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const messages = [];
  const base64 = (buffer) => new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.readAsDataURL(new Blob([buffer]));
  });
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`stuck after ${messages.length} messages`)), 30000);
    socket.onerror = () => reject(new Error("failed"));
    socket.onclose = (event) => reject(new Error(`closed with ${event.code}`));
    socket.onopen = () => socket.send(JSON.stringify(wanted));
    socket.onmessage = ({ data }) => {
      messages.push(data);
      const next = messages.length - wanted.length;
      if (next >= wanted.length) resolve();
      else if (next >= 0) socket.send(JSON.stringify([wanted[next]]));
    };
  });
  const coded = messages.map(async (data) => [typeof data === "string" ? 1 : 2, await base64(data)]);
  return { extensions: socket.extensions, messages: await Promise.all(coded) };
}
"""


async def test_chromium(chromium_path: Path) -> None:
    """A browser reads every frame; it always offers compression, so the server declines it in one of the runs."""
    async with launched(chromium_path) as browser:
        page = await browser.new_page()
        for deflate in (False, True):
            async with echoing(answering=Sender, compression=deflate) as server:
                await page.goto(f"http://127.0.0.1:{server.port}/")
                order = {"url": f"ws://127.0.0.1:{server.port}/ws", "wanted": ORDERS}
                answer = await page.evaluate(IN_THE_PAGE, order)
                assert ("permessage-deflate" in answer["extensions"]) is deflate
                assert_same([(opcode, base64.b64decode(data)) for opcode, data in answer["messages"]])
                await page.goto("about:blank")
