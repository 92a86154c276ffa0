"""Chat over a WebSocket: commands go in and events come out, and both are those of HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from hub.wire_messages import REPLIES, ErrorReply
from tests.agents_kit import agents_dsn, agents_hub, agents_template
from tests.integration.session_stream import a_user_at, events, streamed
from tests.integration.test_chat import Chat, a_chat
from tests.live import Client, LiveHub
from tests.llm_double import says
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]


class Socket:
    """A client, and all that it heard."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.events: list[dict[str, Any]] = []
        self._replies: dict[object, dict[str, Any]] = {}

    async def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        """Send a command, and return its reply, whatever comes before it."""
        id = uuid4().hex
        await self.client.send({"action": action, "id": id, **fields})
        while id not in self._replies:
            await self._take()
        reply = self._replies.pop(id)
        model = ErrorReply if reply["type"] == "error" else REPLIES[action]
        model.model_validate_json(json.dumps(reply))
        return reply

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first event of a kind, of those that came or come."""
        while not (found := [event for event in self.events if wanted(event)]):
            await self._take()
        return found[0]

    async def _take(self) -> None:
        message = await self.client.receive()
        if "id" in message:
            self._replies[message["id"]] = message
        else:
            self.events.append(message)


@asynccontextmanager
async def a_socket(live: LiveHub, user: str = "alice") -> AsyncIterator[Socket]:
    headers = {"Authorization": f"Bearer {live.hub.authenticator.issue(user, 60)}"}
    async with live.client(f"tab-{user}", headers=headers) as client:
        yield Socket(client)


def of_run(run: str, type: str) -> Callable[[dict[str, Any]], bool]:
    return lambda event: event["type"] == type and event["data"]["run_id"] == run


async def test_chat_and_cancel_over_one_socket(agents_dsn: str) -> None:
    """A message is answered and another one's answer is stopped; what came is, number for number, what the stream and
    the log have. The same key is the same run."""
    held = asyncio.Event()
    async with (
        a_chat(agents_dsn, says("Hello", " there"), says("One", held, " two")) as chat,
        a_socket(chat.live) as socket,
    ):
        assert (await socket.ask("subscribe", channel=f"session:{chat.session}"))["status"] == "success"
        asking = {"session": chat.session, "content": "Hi", "target_agent": "coder", "idempotency_key": "k"}
        sent = await socket.ask("send_message", **asking)
        run = sent["run"]
        assert (sent["message"]["content"], run["message_id"]) == ("Hi", sent["message"]["id"])
        await socket.until(of_run(run["id"], "TASK_COMPLETED"))
        assert (await socket.ask("send_message", **asking))["run"]["status"] == "completed"

        second = (await socket.ask("send_message", session=chat.session, content="@coder count"))["run"]["id"]
        third = (await socket.ask("send_message", session=chat.session, content="more"))["run"]["id"]
        await socket.until(of_run(second, "MESSAGE_DELTA"))
        stopped = await socket.ask("stop_run", run=second)
        assert stopped["run"]["status"] == "cancelled"
        cancelled = await socket.until(of_run(second, "TASK_CANCELLED"))
        assert cancelled["data"]["reason"] == "stopped"
        await socket.until(of_run(third, "TASK_STARTED"))
        assert (await socket.ask("stop_session", session=chat.session))["stopped"] == 1
        assert (await socket.ask("stop_run", run=second))["run"] == stopped["run"]
        last = (await socket.until(of_run(third, "TASK_CANCELLED")))["data"]["seq"]
        assert (await socket.ask("stop_session", session=chat.session))["stopped"] == 0
        held.set()
        await same_as_the_stream(chat, socket, last)
        requests = [each.body["messages"][-1]["content"] for each in chat.double.requests]
        assert requests[:2] == ["Hi", "@coder count"]


async def same_as_the_stream(chat: Chat, socket: Socket, last: int) -> None:
    """What came on the socket from the second event on is what `GET /my/sse` has, with the same numbers."""
    token = chat.http.headers["Authorization"]
    async with streamed(chat.live.port, chat.session, {"Authorization": token}, after=1) as stream:
        told = await events(stream, last)
    assert [event["data"]["seq"] for event in told] == list(range(2, last + 1))
    assert [(event["type"], event["channel"], event["data"]) for event in socket.events] == [
        (event["type"], event["channel"], event["data"]) for event in told
    ]


async def test_what_is_refused(agents_dsn: str) -> None:
    """What is somebody else's as what isn't there; a name nobody has, with suggestions; text that can't be kept; and
    everything of who has no token."""
    async with agents_hub(agents_dsn, auth__anonymous=True) as live:
        ann, ben = await a_user_at(live, "ann"), await a_user_at(live, "ben")
        nobody = str(uuid4())
        agents = live.hub.adapters.agents
        assert agents is not None
        await agents.parts.catalog.create(ann.scope, "coder", {})
        async with a_socket(live, "ben") as socket, a_socket(live, "ann") as hers, live.client("guest") as guest:
            foreign = [await everything(socket, str(ann.session), nobody), await everything(socket, nobody, nobody)]
            assert str(foreign[0]).replace(str(ann.session), nobody) == str(foreign[1])
            assert {reply["code"] for reply in foreign[0]} == {"not_found"}
            assert {reply["code"] for reply in await everything(socket, "7", "x")} == {"not_found"}
            for fields, code, more in (
                ({"content": "Hi", "target_agent": "codr"}, "not_found", {"suggestions": ["coder"]}),
                ({"content": "a\0b"}, "invalid_data", {}),
                ({"content": " "}, "invalid_command", {}),
            ):
                reply = await hers.ask("send_message", session=str(ann.session), **fields)
                assert (reply["code"], reply["action"]) == (code, "send_message")
                assert reply.items() >= more.items()
            for reply in await everything(Socket(guest), str(ben.session), nobody):
                assert reply["code"] == "unauthenticated"
        assert await ann.log.last(ann.scope, ann.session) == 1


async def everything(socket: Socket, session: str, run: str) -> list[dict[str, Any]]:
    """All that can be asked for; the replies, without what no two of them share."""
    replies = [
        await socket.ask("send_message", session=session, content="Hi"),
        await socket.ask("stop_session", session=session),
        await socket.ask("stop_run", run=run),
    ]
    return [{name: value for name, value in reply.items() if name != "id"} for reply in replies]


async def test_commands_count_as_requests(agents_dsn: str) -> None:
    """Of the user, with those over HTTP; other commands don't."""
    async with (
        a_chat(agents_dsn, says("x"), agents__requests_per_minute=4) as chat,  # which has made two already
        a_socket(chat.live) as socket,
    ):
        for _ in range(2):
            assert (await socket.ask("stop_session", session=chat.session))["stopped"] == 0
            assert (await socket.ask("ping"))["type"] == "pong"
        refused = await socket.ask("send_message", session=chat.session, content="Hi")
        assert (refused["code"], refused["temporary"], refused["limit"]) == ("rate_limited", True, 4)
        assert 0 < refused["retry_after"] <= 60
        assert (await chat.ask("GET", "/my/models")).status == 429
