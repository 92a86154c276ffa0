"""A stand-in for a hub: real sockets, and words that the test puts into its mouth."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tocsin_client.options import Options

FAST = Options(backoff_first=0.01, backoff_longest=0.05, steady=60.0, open_timeout=10.0, close_timeout=0.5)
"""Comes back at once."""

Fields = dict[str, Any]


def welcome(**fields: Any) -> Fields:
    """The first message of a hub."""
    return {"type": "connection", "status": "connected", "client_id": "c-1", "available_channels": ["c"], **fields}


class Conversation:
    """One connection, as the hub's side sees it."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        assert socket.request is not None
        self.token = (socket.request.headers.get("Authorization") or "").removeprefix("Bearer ")
        self.path = socket.request.path
        self.frames: list[Any] = []
        self._commands: list[Fields] = []

    async def say(self, **fields: Any) -> None:
        """Send one message."""
        await self.socket.send(json.dumps(fields))

    async def heard(self, action: str = "") -> Fields:
        """Return the next command, or the next of this kind."""
        while True:
            while self._commands:
                command = self._commands.pop(0)
                if action in ("", command["action"]):
                    return command
            async with asyncio.timeout(10):
                frame = json.loads(await self.socket.recv())
            self.frames.append(frame)
            self._commands += frame if isinstance(frame, list) else [frame]

    async def subscribed(self, epoch: str | None = "e", offset: int = 0, **fields: Any) -> Fields:
        """Wait for a subscribe and let it in; return the command."""
        command = await self.heard("subscribe")
        place = {} if epoch is None else {"epoch": epoch, "offset": offset}
        reply = {"type": "subscribe", "channel": command["channel"], "status": "success", "subscribers": 1}
        await self.say(**reply, **place, **fields, id=command["id"])
        return command

    async def publish(self, offset: int | None, channel: str = "c", epoch: str = "e", **fields: Any) -> None:
        """Deliver a publication."""
        place = {} if offset is None else {"epoch": epoch, "offset": offset}
        await self.say(type="t", channel=channel, data=offset, timestamp="2026-01-01T00:00:00Z", **place, **fields)


Script = Callable[[Conversation], Awaitable[None]]


class HubDouble:
    """A WebSocket server that follows a script on each connection, and stays open until the client leaves.

    Attributes:
        conversations: one per connection, in their order.
        refusals: HTTP answers for the first attempts to connect: status, headers, body.
        problems: what went wrong in scripts; `running` raises it.
    """

    def __init__(self, *scripts: Script) -> None:
        self.conversations: list[Conversation] = []
        self.refusals: list[tuple[int, dict[str, str], Any]] = []
        self.problems: list[BaseException] = []
        self.url = ""
        self._scripts = scripts

    async def serve(self, socket: ServerConnection) -> None:
        """Talk to one client; the last script serves all further ones."""
        conversation = Conversation(socket)
        self.conversations.append(conversation)
        script = self._scripts[min(len(self.conversations), len(self._scripts)) - 1]
        try:
            await script(conversation)
            await socket.wait_closed()
        except ConnectionClosed:
            pass
        except Exception as error:
            self.problems.append(error)
            raise

    def answer(self, socket: ServerConnection, request: Request) -> Response | None:
        """Refuse, as long as there are refusals."""
        if not self.refusals:
            return None
        status, headers, body = self.refusals.pop(0)
        response = socket.respond(status, json.dumps(body))
        for name, value in headers.items():
            response.headers[name] = value
        return response


@asynccontextmanager
async def playing(*scripts: Script) -> AsyncIterator[HubDouble]:
    """Run a double; fails when a script did."""
    double = HubDouble(*scripts)
    server = await serve(double.serve, "127.0.0.1", 0, process_request=double.answer, close_timeout=0.5)
    double.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield double
    finally:
        server.close()
        await server.wait_closed()
    assert double.problems == []


Reply = tuple[int, dict[str, str], Any]


class HttpDouble:
    """An HTTP server on a thread of its own that answers as told, and keeps what it was asked.

    Attributes:
        requests: path, headers and parsed body of each request.
        connections: how many there were.
    """

    def __init__(self, answer: Callable[[int, Any], Reply | None]) -> None:
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.connections = 0
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                double.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                double.requests.append((self.path, dict(self.headers), body))
                reply = answer(len(double.requests), body)
                if reply is None:  # the answer is lost
                    self.close_connection = True
                    return
                status, headers, fields = reply
                text = json.dumps(fields).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> HttpDouble:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def placed(body: Any, **fields: Any) -> Reply:
    """The answer to a batch: everything was published."""
    result = {"subscribers": 0, "duplicate": False, **fields}
    return 200, {}, {"results": [{"channel": item["channel"], **result} for item in body["publications"]]}
