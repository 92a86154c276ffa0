"""Chat sessions in tests: an answer that is written into the log, and clients that follow it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from agents.sessions.log import EventLog
from agents.store.scope import Scope
from hub.adapters.agents.chat import Chat
from tests.agents_kit import agents_hub
from tests.conformance.raw import dialled
from tests.integration.event_stream import MEDIA, Kind, Stream
from tests.live import LiveHub

WORDS = ["The ", "quick\n", "brown \U0001f98a ", "fox\r\n", "jumps ", "\u2028over ", "the ", '"lazy" ', "d\u00f6g. "]


def chat_of(live: LiveHub) -> Chat:
    """The chat of a hub that is up."""
    agents = live.hub.adapters.agents
    assert agents is not None
    return agents.parts.chat


@dataclass
class User:
    """A user, at one hub.

    Attributes:
        session: of this user; an empty one.
    """

    live: LiveHub
    name: str
    scope: Scope
    session: UUID

    @property
    def token(self) -> str:
        return self.live.hub.authenticator.issue(self.name, 600)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def log(self) -> EventLog:
        return chat_of(self.live).log

    def at(self, live: LiveHub) -> User:
        """The same user at another hub of the same database."""
        return User(live, self.name, self.scope, self.session)

    async def write(self, count: int = 1, type: str = "TASK_STARTED", **data: Any) -> int:
        """Write events one after the other; return the last number."""
        last = 0
        for _ in range(count):
            async with self.log.write(self.scope, self.session) as entry:
                last = await entry.append(type, data)
        return last

    @asynccontextmanager
    async def following(self, kind: Kind = "ndjson", last_id: int | None = None, **query: Any) -> AsyncIterator[Stream]:
        """Ask for the session's stream; it may have been refused."""
        headers = self.headers if last_id is None else {**self.headers, "Last-Event-ID": str(last_id)}
        async with streamed(self.live.port, self.session, headers, kind, **query) as stream:
            yield stream


@asynccontextmanager
async def chat_hub(dsn: str, **options: Any) -> AsyncIterator[LiveHub]:
    """A hub with agents that counts nobody's requests."""
    async with agents_hub(dsn, agents__requests_per_minute=0, **options) as live:
        yield live


@asynccontextmanager
async def streamed(
    port: int,
    session: object,
    headers: Mapping[str, str],
    kind: Kind | None = "ndjson",
    dialling: Mapping[str, Any] | None = None,
    **query: Any,
) -> AsyncIterator[Stream]:
    """Ask for a session's stream.

    Args:
        dialling: options of `dialled`, in place of the port.
    """
    async with dialled(None if dialling else port, **(dialling or {})) as client:
        target = "&".join(f"{name}={value}" for name, value in query.items())
        accept = {"Accept": MEDIA[kind]} if kind else {}
        fields = [f"{name}: {value}" for name, value in {"Host": "127.0.0.1", **accept, **headers}.items()]
        client.send("\r\n".join([f"GET /my/sse/{session}?{target} HTTP/1.1", *fields, "", ""]).encode())
        yield Stream(client, kind or "ndjson", await client.response())


async def a_user_at(live: LiveHub, name: str = "") -> User:
    """A user who wasn't there before, with an empty session."""
    agents = live.hub.adapters.agents
    assert agents is not None
    name = name or f"user-{uuid4().hex[:12]}"
    scope = await agents.parts.members.scope(name)
    return User(live, name, scope, (await chat_of(live).sessions.create(scope)).id)


@dataclass
class Answer:
    """An answer of an agent, word by word, and what a client got of it."""

    user: User
    words: list[str] = field(default_factory=lambda: [random.choice(WORDS) for _ in range(120)])
    id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def text(self) -> str:
        return "".join(self.words)

    async def write(self, pause: float = 0.002) -> None:
        """Write it into the log, as a run does."""
        user, start = self.user, 0
        await user.write(1, "TASK_STARTED")
        for word in self.words:
            await user.write(1, "MESSAGE_DELTA", message_id=self.id, start=start, text=word)
            start += len(word)
            await asyncio.sleep(pause)
        async with user.log.write(user.scope, user.session) as entry:
            await entry.append_message("assistant", self.text)
            await entry.append("TASK_COMPLETED", {"message_id": self.id})


def text_of(events: list[dict[str, Any]]) -> str:
    """Put an answer together from the pieces that a client got."""
    return "".join(event["data"]["text"] for event in events if event["type"] == "MESSAGE_DELTA")


async def events(stream: Stream, until: int) -> list[dict[str, Any]]:
    """Read events up to a number."""
    found: list[dict[str, Any]] = []
    while not found or found[-1]["data"]["seq"] < until:
        message = await stream.message()
        if message["type"] != "heartbeat":
            found.append(message)
    return found


def seqs_of(events: list[dict[str, Any]]) -> list[int]:
    """The numbers of the events that a client got."""
    return [event["data"]["seq"] for event in events if event.get("type") not in ("SNAPSHOT", "gap")]
