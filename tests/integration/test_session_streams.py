"""Streams of chat sessions on real sockets: where they begin, what comes on them, and what ends them."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
from typing import Any
from uuid import uuid4

from agents.sessions.upkeep import Upkeep
from agents.store.tables import tasks
from hub.dialects.session import SessionEncoding
from tests.agents_kit import agents_dsn, agents_template, store
from tests.integration.event_stream import Kind, Stream
from tests.integration.session_stream import Answer, a_user_at, chat_hub, chat_of, events, seqs_of, streamed, text_of
from tests.integration.signing_in import ticket_for
from tests.live import LiveHub, until
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres", "store"]

KINDS: tuple[Kind, ...] = ("ndjson", "sse")


async def problem(stream: Stream) -> dict[str, Any]:
    body = await stream.client.reader.readexactly(int(stream.headers["content-length"]))
    assert stream.headers["content-type"].startswith("application/problem+json")
    found: dict[str, Any] = json.loads(body)
    return found


async def test_where_a_stream_begins(agents_dsn: str) -> None:
    """With a snapshot; after a number, whichever way it is said; from a time on; with a gap where there is none."""
    async with chat_hub(agents_dsn) as live:
        user = await a_user_at(live)
        await user.write(4, text="\U0001f600\n")
        [_, _, third, *_] = await user.log.read(user.scope, user.session)
        third_on = {"since": third.fields["timestamp"]}
        for kind in KINDS:
            async with user.following(kind) as stream:
                first = await stream.event()
                assert (first.message["type"], first.message["data"]["seq"]) == ("SNAPSHOT", 5)
                assert first.message["channel"] == first.message["data"]["session"]["channel"]
                assert kind == "ndjson" or first.last_id == "5"
                assert "x-ratelimit-limit" not in stream.headers  # nobody counts here
            for begin in ({"after": 2}, {"last_id": 2}, {"last_id": 2, "after": 0}, third_on):
                async with user.following(kind, **begin) as stream:
                    assert seqs_of(await events(stream, 5)) == [3, 4, 5]
            async with user.following(kind, after=9) as stream:
                gap, snapshot = await stream.message(), await stream.message()
            assert gap["data"] == {"from": 9, "to": 5, "reason": "ahead"}
            assert (snapshot["type"], snapshot["data"]["seq"]) == ("SNAPSHOT", 5)
        for wrong in (
            {"after": "x"},
            {"after": -1},
            {"since": "noon"},
            {"after": 1, "since": third_on["since"]},
            {"x": 1},
        ):
            async with user.following(**wrong) as stream:
                assert (stream.status, (await problem(stream))["code"]) == (422, "invalid_data")
        async with streamed(live.port, user.session, {**user.headers, "Last-Event-ID": "chat:e:1"}) as stream:
            assert stream.status == 422
        async with streamed(live.port, user.session, {**user.headers, "Accept": "text/plain"}, None) as stream:
            assert stream.status == 406


async def test_pieces_that_are_gone_are_a_gap_and_never_silence(agents_dsn: str) -> None:
    """The snapshot after it has the answer whole. An answer in the making is in it as far as it is."""
    async with chat_hub(agents_dsn) as live:
        user = await a_user_at(live)
        done, open_ = uuid4(), uuid4()
        async with user.log.write(user.scope, user.session) as entry:
            asked = await entry.append_message("user", "Tell me everything.\nPlease.")
            for id, status in ((done, "completed"), (open_, "running")):
                await entry.work.run(
                    entry.work.insert(
                        tasks,
                        id=id,
                        session_id=user.session,
                        message_id=asked.id,
                        status=status,
                        completed_at=entry.now if id == done else None,
                    )
                )
                for start, text in enumerate("abc"):
                    data = {"message_id": str(uuid4()), "start": start, "text": text}
                    await entry.append("MESSAGE_DELTA", data, id)
        assert await Upkeep(live.hub.adapters.agents.database, 0.0).round(60) == 3  # type: ignore[union-attr]
        async with user.following(after=3) as stream:  # the channel has them still
            assert seqs_of(await events(stream, 8)) == [4, 5, 6, 7, 8]
        await live.hub.broker.forget(f"session:{user.session}")
        async with user.following(after=3) as stream:
            gap, snapshot = await stream.message(), (await stream.message())["data"]
        assert gap["data"] == {"from": 3, "to": 8, "reason": "expired"}
        assert snapshot["session"]["title"] == "Tell me everything."
        assert [message["content"] for message in snapshot["messages"]] == ["Tell me everything.\nPlease."]
        [run] = snapshot["runs"]
        assert (run["id"], run["status"], run["text"]) == (str(open_), "running", "abc")


async def test_all_tabs_see_one_order_encoded_once(agents_dsn: str) -> None:
    """Whenever they came. A WebSocket on the session's channel gets the same numbers."""
    async with chat_hub(agents_dsn) as live:
        user = await a_user_at(live)
        writing = asyncio.create_task(Answer(user).write(0.0005))
        await asyncio.sleep(0.02)
        async with (
            live.client(headers=user.headers) as client,
            user.following(after=0) as one,
            user.following("sse", after=0) as two,
            user.following(after=0) as three,
        ):
            await client.send(
                {"action": "subscribe", "channel": f"session:{user.session}", "since": {"epoch": "", "offset": 0}}
            )
            await writing
            last = await user.log.last(user.scope, user.session)
            seen = await asyncio.gather(*(events(stream, last) for stream in (one, two, three)))
            assert seqs_of(seen[0]) == list(range(1, last + 1))
            assert seen[0] == seen[1] == seen[2]
            told: list[int] = []
            while last not in told:
                message = await client.receive()
                told += [message["data"]["seq"]] if "data" in message else []
            assert told == list(range(told[0], last + 1))
            gc.collect()
            encodings = {connection.encoding for connection in live.hub.connections if connection.kind != "websocket"}
            assert all(isinstance(encoding, SessionEncoding) for encoding in encodings)
            assert len(encodings) == len(chat_of(live).encodings) == 2


async def test_heartbeats_are_no_content_and_a_quiet_chat_isnt_ended(agents_dsn: str) -> None:
    """They have no number; an idle limit is for other streams."""
    async with chat_hub(agents_dsn, events__heartbeat=0.05, events__idle_timeout=0.1) as live:
        user = await a_user_at(live)
        async with user.following(after=0) as lines, user.following("sse", after=1) as browser:
            assert seqs_of(await events(lines, 1)) == [1]
            beats = [await lines.message() for _ in range(5)]
            assert {beat["type"] for beat in beats} == {"heartbeat"}
            await user.write()
            assert (await browser.event()).last_id == "2"
            assert browser.parser.comments


async def test_a_slow_reader_is_closed_and_can_come_back(agents_dsn: str) -> None:
    """It says itself what it has; the rest is in the log."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    async with chat_hub(agents_dsn, limits__queued_bytes=65_536) as live:
        user = await a_user_at(live)
        made.connect(("127.0.0.1", live.port))
        made.setblocking(False)
        async with streamed(live.port, user.session, user.headers, dialling={"sock": made}, after=0) as slow:
            slow.client.pause_reading()
            (connection,) = live.hub.connections
            while connection.is_open:
                await user.write(text="x" * 100_000)
            slow.client.resume_reading()
            *seen, close = await slow.rest()
        assert (close["code"], close["reconnect"]) == (4002, True)
        assert seqs_of(seen) == list(range(1, len(seen) + 1))
        last = await user.write()
        async with user.following(after=len(seen)) as again:
            assert seqs_of(await events(again, last)) == list(range(len(seen) + 1, last + 1))


async def test_a_session_is_its_owners_alone(agents_dsn: str) -> None:
    """To others it isn't there, on no road; and not even its owner, or who may publish all, writes to its channel."""
    async with chat_hub(agents_dsn) as live:
        user, other = await a_user_at(live), await a_user_at(live)
        channel = f"session:{user.session}"
        for headers, status in ((other.headers, 404), ({}, 401), ({"Authorization": "Bearer x"}, 401)):
            async with streamed(live.port, user.session, headers) as stream:
                assert stream.status == status
        for session in (uuid4(), "nonsense"):
            async with streamed(live.port, session, user.headers) as stream:
                assert stream.status == 404
        async with live.client(headers=other.headers) as client:
            refused = await client.ask(action="subscribe", channel=channel)
            assert refused["code"] == "permission_denied"
        async with live.client(headers=user.headers) as client:
            assert (await client.ask(action="subscribe", channel=channel))["status"] == "success"
            refused = await client.ask(action="publish", channel=channel, type="ERROR", data={"seq": 99})
            assert refused["code"] == "permission_denied"
        ticket = await ticket_for(live, user.token, {"channels": [channel]})
        async with streamed(live.port, user.session, {}, "sse", ticket=ticket) as stream:
            assert (await stream.message())["type"] == "SNAPSHOT"
            cookie = stream.headers["set-cookie"].partition(";")[0]
        async with streamed(live.port, user.session, {"Cookie": cookie}, "sse", ticket=ticket) as stream:
            assert stream.status == 200
        narrow = await ticket_for(live, user.token, {"channels": ["ai_analysis"]})
        async with streamed(live.port, user.session, {}, "sse", ticket=narrow) as stream:
            assert stream.status == 403


async def test_what_ends_a_stream(agents_dsn: str) -> None:
    """The session's deletion, the token's revocation, and a hole in what the channel has, after which one comes
    back."""
    async with chat_hub(agents_dsn) as live:
        user, other = await a_user_at(live), await a_user_at(live)
        async with user.following() as stream, live.client(headers=user.headers) as client:
            await client.ask(action="subscribe", channel=f"session:{user.session}")
            assert (await stream.message())["type"] == "SNAPSHOT"
            await chat_of(live).sessions.delete(user.scope, user.session)
            [close] = await stream.rest()
            assert (close["reason"], close["reconnect"]) == ("the session is gone", False)
            assert (await client.receive())["type"] == "unsubscribed"
        async with user.following() as stream:
            assert stream.status == 404
        async with other.following(after=0) as stream:
            await events(stream, 1)
            await live.publish(f"session:{other.session}", "X", {"seq": 7}, version=7)
            close = await stream.until("close")
            assert (close["reason"], close["reconnect"]) == ("events were missed; come back with after=1", True)
        async with other.following() as stream:
            await stream.message()
            await live.hub.revocations.revoke_user(other.name)
            assert (await stream.until("close"))["code"] == 4502


async def test_a_stream_that_isn_t_opened_leaves_nothing(agents_dsn: str) -> None:
    """Not in the directory, not on the channel; neither does a question what would come."""
    async with chat_hub(agents_dsn) as live:
        user = await a_user_at(live)
        agents = live.hub.adapters.agents
        assert agents is not None
        agents.ready = False
        async with user.following() as stream:
            assert (stream.status, (await problem(stream))["code"]) == (503, "unavailable")
        agents.ready = True
        assert await _head(live, f"/my/sse/{user.session}", user.headers) == 200
        assert await _head(live, f"/my/sse/{uuid4()}", user.headers) == 404
        await until(lambda: not live.hub.engine.registry.counts())
        assert len(live.hub.connections) == 0


async def _head(live: LiveHub, path: str, headers: dict[str, str]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", live.port)
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HEAD {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{fields}\r\n".encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split()[1])


async def test_the_last_event_comes_also_to_who_comes_back_after_it(agents_dsn: str) -> None:
    """A closed tab loses nothing; also when the channel's memory is gone."""
    async with chat_hub(agents_dsn) as live:
        user = await a_user_at(live)
        answer = Answer(user, words=["Yes", " and\n", "no."])
        await answer.write(0)
        for kind in (*KINDS, *KINDS):
            async with user.following(kind, after=2) as stream:
                seen = await events(stream, 7)
            assert (text_of(seen), seen[-1]["type"]) == ("Yes and\nno.", "TASK_COMPLETED")
            await live.hub.broker.forget(f"session:{user.session}")
