"""A client of `GET /events` on a bare socket, with a parser of its own: it knows the standards, and nothing of the
hub."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from tests.conformance.raw import RawClient, dialled

WAIT = 15.0
"""Seconds that anything may take."""

Kind = Literal["sse", "ndjson"]

MEDIA: Mapping[str, str] = {"sse": "text/event-stream", "ndjson": "application/x-ndjson"}


@dataclass
class Event:
    """What a browser would hand to a page, or a line."""

    message: dict[str, Any]
    name: str = "message"
    last_id: str = ""


@dataclass
class SseParser:
    """The WHATWG's algorithm, byte for byte of what it needs.

    Attributes:
        comments: lines that a page never sees.
        retry: milliseconds, as the server said last.
        last_id: what a browser would send as `Last-Event-ID`.
    """

    comments: list[str] = field(default_factory=list)
    retry: int | None = None
    last_id: str = ""
    _rest: bytes = b""
    _data: list[str] = field(default_factory=list)
    _name: str = ""
    _id: str | None = None

    def feed(self, data: bytes) -> list[Event]:
        """Take bytes, cut anywhere; return the events that they complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        events = [self._line(line.decode()) for line in lines]
        return [event for event in events if event is not None]

    def _line(self, line: str) -> Event | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "":
                self.comments.append(value)
            case "data":
                self._data.append(value)
            case "event":
                self._name = value
            case "id":
                self._id = value
            case "retry":
                self.retry = int(value)
        return None

    def _dispatch(self) -> Event | None:
        if self._id is not None:
            self.last_id, self._id = self._id, None
        data, name = self._data, self._name
        self._data, self._name = [], ""
        return Event(json.loads("\n".join(data)), name or "message", self.last_id) if data else None


@dataclass
class LineParser:
    """One JSON value per line. `last_id` is a position set, kept as the protocol tells a client to."""

    comments: list[str] = field(default_factory=list)
    positions: dict[str, str] = field(default_factory=dict)
    _rest: bytes = b""

    @property
    def last_id(self) -> str:
        return ",".join(self.positions.values())

    def feed(self, data: bytes) -> list[Event]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [self._event(json.loads(line)) for line in lines]

    def _event(self, message: dict[str, Any]) -> Event:
        if "offset" in message and not message.get("replayed"):
            self.positions[message["channel"]] = f"{message['channel']}:{message['epoch']}:{message['offset']}"
        return Event(message, "message", self.last_id)


class Stream:
    """An open stream.

    Attributes:
        status, headers: of the answer.
    """

    def __init__(self, client: RawClient, kind: Kind, head: bytes) -> None:
        first, *lines = head.decode().split("\r\n")
        self.client = client
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines) if name}
        self.parser: SseParser | LineParser = SseParser() if kind == "sse" else LineParser()
        self._events: list[Event] = []

    async def error(self) -> dict[str, Any]:
        """Return the error of a refused stream."""
        async with asyncio.timeout(WAIT):
            body = await self.client.reader.readexactly(int(self.headers["content-length"]))
        error: dict[str, Any] = json.loads(body)["error"]
        return error

    async def event(self) -> Event:
        """Return the next event, heartbeat lines too."""
        while not self._events:
            async with asyncio.timeout(WAIT):
                data = await self.client.reader.read(65536)
            if not data:
                raise EOFError
            self._events += self.parser.feed(data)
        return self._events.pop(0)

    async def message(self) -> dict[str, Any]:
        """Return the next message."""
        return (await self.event()).message

    async def until(self, type: str) -> dict[str, Any]:
        """Return the next message of a type."""
        while (message := await self.message())["type"] != type:
            pass
        return message

    async def publications(self, count: int) -> list[Any]:
        """Return the data of the next publications, whatever is between."""
        found: list[Any] = []
        while len(found) < count:
            message = await self.message()
            if "channel" in message and "data" in message:
                found.append(message["data"])
        return found

    async def rest(self) -> list[dict[str, Any]]:
        """Return all messages until the stream ends."""
        messages = []
        try:
            while True:
                messages.append(await self.message())
        except EOFError:
            return messages


def request(channels: str, kind: Kind | str | None, headers: Mapping[str, str], query: Mapping[str, str]) -> bytes:
    """Write a request. `kind` may also be the text of an `Accept` header, or `None` for none."""
    parameters = {"channels": channels, **query}
    target = "&".join(f"{name}={quote(value, safe=':,')}" for name, value in parameters.items())
    accept = {**MEDIA}.get(kind or "", kind)
    lines = {"Host": "127.0.0.1", **({"Accept": accept} if accept is not None else {}), **headers}
    fields = [f"{name}: {value}" for name, value in lines.items()]
    return "\r\n".join([f"GET /events?{target} HTTP/1.1", *fields, "", ""]).encode()


@asynccontextmanager
async def streaming(
    port: int,
    channels: str = "system_alerts",
    kind: Kind = "sse",
    *,
    accept: str | None = "",
    headers: Mapping[str, str] | None = None,
    dialling: Mapping[str, Any] | None = None,
    query: Mapping[str, str] | None = None,
    **more: str,
) -> AsyncIterator[Stream]:
    """Ask for a stream; the answer's head has been read, and may be a refusal.

    Args:
        accept: in place of the header that belongs to `kind`; `None` sends none.
        query, more: parameters of the URL.
        dialling: options of `dialled`, in place of the port where they have a socket.
    """
    options = dict(dialling or {})
    async with dialled(None if "sock" in options else port, **options) as client:
        client.send(request(channels, kind if accept == "" else accept, headers or {}, {**(query or {}), **more}))
        yield Stream(client, kind, await client.response())
