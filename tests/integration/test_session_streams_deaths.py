"""Streams of chat sessions while clients, hubs and the broker die: all events, in order, each once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agents.sessions.event import Event
from agents.sessions.log import EventLog
from tests.agents_kit import agents_dsn, agents_template, store
from tests.integration.event_stream import Kind
from tests.integration.session_stream import Answer, User, a_user_at, chat_hub, chat_of, events, seqs_of, text_of
from tests.live import LiveHub
from tests.postgres_server import postgres
from tests.redis_server import RedisServer, redis_server

__all__ = ["agents_dsn", "agents_template", "postgres", "store"]

KILLS = 50


class Forgetful:
    """The relay of a process that dies between its commit and its publication."""

    def known(self, session_id: object) -> int:
        return 0

    def tell(self, session_id: object, published: int, events: list[Event]) -> None:
        return None


async def read_some(user: User, kind: Kind, seen: list[dict[str, Any]], most: int) -> bool:
    """Take up to `most` events after those that were seen, and die; tell whether the answer is complete."""
    last = seen[-1]["data"]["seq"] if seen else 0
    where: dict[str, Any] = {"last_id": last} if kind == "sse" and last else {"after": last}
    async with user.following(kind, **where) as stream:
        for _ in range(most):
            event = await stream.event()
            assert kind == "ndjson" or event.last_id == str(event.message["data"]["seq"])
            seen.append(event.message)
            if event.message["type"] == "TASK_COMPLETED":
                return True
        stream.client.writer.transport.abort()
    return False


async def hear_some(user: User, seen: list[dict[str, Any]], most: int) -> bool:
    """The same on the session's channel, by WebSocket."""
    since = {"epoch": seen[-1]["epoch"], "offset": seen[-1]["offset"]} if seen else {"epoch": "", "offset": 0}
    async with user.live.client(headers=user.headers) as client:
        await client.send({"action": "subscribe", "channel": f"session:{user.session}", "since": since})
        heard = 0
        while heard < most:
            message = await client.receive()
            if message["type"] == "subscribe":
                assert message["recovered"]
                continue
            seen.append(message)
            heard += 1
            if message["type"] == "TASK_COMPLETED":
                return True
        client.socket._response.connection.transport.abort()  # type: ignore[union-attr]
    return False


@pytest.mark.parametrize("kind", ["ndjson", "sse", "websocket"])
async def test_a_client_that_is_killed_fifty_times_has_it_all_once(agents_dsn: str, kind: Kind | str) -> None:
    """At random moments of an answer: the pieces make the stored answer, and each number came once."""
    async with chat_hub(agents_dsn, channels__session={"history_size": 1000}) as live:
        user = await a_user_at(live)
        answer, seen = Answer(user), list[dict[str, Any]]()
        writing = asyncio.create_task(answer.write())
        for kill in range(1000):
            most = random.randint(0, 3) if kill < KILLS else 1000
            done = hear_some(user, seen, most) if kind == "websocket" else read_some(user, kind, seen, most)  # type: ignore[arg-type]
            if await done:
                break
        await writing
        assert kill == KILLS
        assert seqs_of(seen) == list(range(1, len(answer.words) + 5))
        assert text_of(seen) == answer.text == seen[-2]["data"]["message"]["content"]


@asynccontextmanager
async def two_hubs(dsn: str) -> AsyncIterator[tuple[RedisServer, LiveHub, LiveHub]]:
    """Two processes on one Valkey and one database."""
    async with redis_server() as server:
        options = {"redis__url": server.url, "redis__timeout": 1.0}
        async with chat_hub(dsn, **options) as a, chat_hub(dsn, **options) as b:
            yield server, a, b


async def test_any_process_writes_and_any_process_streams(agents_dsn: str) -> None:
    """In turn, at once, and while the broker is away; a session that one deletes ends at the other."""
    async with two_hubs(agents_dsn) as (server, a, b):
        here = await a_user_at(a)
        there = here.at(b)
        async with here.following(after=0) as one, there.following("sse", after=0) as two:
            await there.write()
            await asyncio.gather(*(user.write(10) for user in (here, there, here, there)))
            for stream in (one, two):
                assert seqs_of(await events(stream, 42)) == list(range(1, 43))
            await server.stop()
            await asyncio.gather(here.write(10), there.write(10))
            await server.start()
            for user, stream in ((here, one), (there, two)):
                assert await _on(user, stream, 42, 62) == list(range(43, 63))
        async with here.following() as one:
            await events(one, 62)
            await chat_of(b).sessions.delete(there.scope, there.session)
            assert (await one.until("close"))["reason"] == "the session is gone"


async def _on(user: User, stream: Any, after: int, until: int) -> list[int]:
    """Read on, on a new stream if the one there was has ended."""
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["data"]["seq"] < until:
        try:
            message = await stream.message()
        except EOFError:
            break
        if "data" in message and "seq" in message["data"]:
            seen.append(message)
    last = seen[-1]["data"]["seq"] if seen else after
    while last < until:
        async with user.following(after=last) as again:
            if again.status == 200:
                seen += await events(again, until)
                last = until
            else:
                await asyncio.sleep(0.05)
    return seqs_of(seen)


async def test_a_hub_that_restarts_in_the_middle_of_an_answer_costs_a_reconnect(agents_dsn: str) -> None:
    """The streams are told to come back; what a killed process had committed and not told is there too."""
    async with chat_hub(agents_dsn) as first:
        user = await a_user_at(first)
        async with user.following(after=0) as stream:
            last = await user.write(5)
            seen = await events(stream, last)
            ending = asyncio.create_task(first.server.stop())
            rest = await stream.rest()
            assert rest[-1]["reconnect"]
            await ending
    untold = EventLog(Forgetful())
    async with untold.write(user.scope, user.session) as entry:
        last = await entry.append("MESSAGE_DELTA", {"text": "x"})
    async with chat_hub(agents_dsn) as second:
        user = user.at(second)
        async with second.client(headers=user.headers) as client:
            await client.send(
                {
                    "action": "subscribe",
                    "channel": f"session:{user.session}",
                    "since": {"epoch": "", "offset": 0},
                }
            )
            while (message := await client.receive())["type"] != "MESSAGE_DELTA":
                pass
            assert message["data"]["seq"] == last
        async with user.following(after=seen[-1]["data"]["seq"]) as stream:
            seen += await events(stream, last)
            last = await user.write()
            seen += await events(stream, last)
    assert seqs_of(seen) == list(range(1, last + 1))
