"""What a client says and what it hears, on real sockets: commands, batches, bad input, tabs, numbers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from channels.model import Channels
from tests.live import Client, LiveHub, running, settings_for, until

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

CHAT: dict[str, Any] = {"chat": {"publish": "everyone"}, "news": {"publish": "everyone"}}

NOT_COMMANDS = {
    "no JSON": ("{", "invalid_json"),
    "nothing": ("", "invalid_json"),
    "NaN": ('{"action": "ping", "data": NaN}', "invalid_json"),
    "a raw control character": ('{"action": "ping", "data": "\x01"}', "invalid_json"),
    "a lone surrogate": ('{"action": "ping", "data": "\\ud800"}', "invalid_json"),
    "101 levels": ("[" * 101 + "]" * 101, "invalid_json"),
    "100,000 levels": ("[" * 100_000 + "]" * 100_000, "invalid_json"),
    "an empty batch": ("[]", "invalid_command"),
    "a batch of a number": ("[1]", "invalid_command"),
    "a number": ("42", "invalid_command"),
    "a string": ('"subscribe"', "invalid_command"),
    "null": ("null", "invalid_command"),
    "true": ("true", "invalid_command"),
    "no action": ('{"channel": "chat"}', "invalid_command"),
    "an action that is no string": ('{"action": 1}', "invalid_command"),
    "a missing field": ('{"action": "subscribe"}', "invalid_command"),
    "a wrong field": ('{"action": "subscribe", "channel": null}', "invalid_command"),
    "an unknown field": ('{"action": "subscribe", "channel": "chat", "sinse": 1}', "invalid_command"),
    "an unknown action": ('{"action": "explode"}', "unknown_action"),
    "an unknown channel": ('{"action": "subscribe", "channel": "nope"}', "unknown_channel"),
    "a channel with a space": ('{"action": "subscribe", "channel": "chat "}', "unknown_channel"),
    "a channel in capitals": ('{"action": "subscribe", "channel": "CHAT"}', "unknown_channel"),
    "a channel that climbs": ('{"action": "subscribe", "channel": "../chat"}', "unknown_channel"),
}


@pytest.fixture
async def chatting() -> AsyncIterator[LiveHub]:
    """An open hub with two channels that everyone may publish to."""
    async with running(settings_for(channels__named=CHAT)) as live:
        yield live


async def test_every_command_has_its_reply(chatting: LiveHub) -> None:
    """Each command is answered in the documented shape, with the id that it had."""
    async with chatting.client("alice") as client:
        assert client.welcome["status"] == "connected"
        assert client.welcome["user"] == "alice"
        assert TIME.fullmatch(client.welcome["timestamp"])

        subscribed = await client.ask(action="subscribe", channel="chat", id="s")
        epoch = subscribed.pop("epoch")
        assert subscribed == {
            "type": "subscribe", "channel": "chat", "status": "success", "subscribers": 1, "offset": 0, "id": "s"
        }  # fmt: skip

        placed = {"channel": "chat", "epoch": epoch, "offset": 1, "subscribers": 1, "duplicate": False}
        await client.send({"action": "publish", "channel": "chat", "type": "said", "data": {"text": "hi"}, "id": 1})
        by_type = {message["type"]: message for message in [await client.receive(), await client.receive()]}
        assert by_type["publish"] == {"type": "publish", "status": "success", "results": [placed], "id": 1}
        publication = by_type["said"]
        assert TIME.fullmatch(publication["timestamp"])
        assert publication == {
            "type": "said", "channel": "chat", "data": {"text": "hi"}, "timestamp": publication["timestamp"],
            "epoch": epoch, "offset": 1,
        }  # fmt: skip

        history = await client.ask(action="history", channel="chat", since={"epoch": epoch, "offset": 0}, id=2)
        assert history == {
            "type": "history", "channel": "chat", "publications": [publication], "epoch": epoch, "offset": 1,
            "recovered": True, "id": 2,
        }  # fmt: skip

        presence = await client.ask(action="presence", channel="chat", id=3)
        (member,) = presence.pop("members")
        assert presence == {"type": "presence_state", "channel": "chat", "clients": 1, "users": 1, "id": 3}
        assert TIME.fullmatch(member.pop("since"))
        assert member == {"client_id": "alice", "user": "alice", "session": client.welcome["session"]}

        for action in ("stats", "get_stats"):
            stats = await client.ask(action=action, id=4)
            assert stats == {"type": "stats", "data": chatting.hub.manager.get_stats(), "id": 4}

        pong = await client.ask(action="ping", data=[1, {"two": None}], id=5)
        assert TIME.fullmatch(pong.pop("timestamp"))
        assert pong == {"type": "pong", "data": [1, {"two": None}], "id": 5}

        gone = await client.ask(action="unsubscribe", channel="chat", id=6)
        assert gone == {"type": "unsubscribe", "channel": "chat", "status": "success", "id": 6}
        again = await client.ask(action="unsubscribe", channel="chat", id=7)
        assert (again["code"], again["action"], again["id"]) == ("not_subscribed", "unsubscribe", 7)


async def test_publish_to_several_channels(chatting: LiveHub) -> None:
    """With `channels` each name has a result of its own; an idempotency key makes the second publish a duplicate."""
    async with chatting.client() as client:
        command = {"action": "publish", "channels": ["chat", "nope", "news"], "type": "t", "data": 1}
        chat, nope, news = (await client.ask(**command, idempotency_key="k"))["results"]
        assert nope["error"]["code"] == "unknown_channel"
        assert (chat["offset"], chat["duplicate"], news["offset"], news["duplicate"]) == (1, False, 1, False)
        again, _, _ = (await client.ask(**command, idempotency_key="k"))["results"]
        assert again == {**chat, "duplicate": True}


async def test_replies_in_the_order_of_a_batch(chatting: LiveHub) -> None:
    """The commands of one batch are answered one frame each, in their order, with the refused ones in between."""
    async with chatting.client() as client:
        batch: list[dict[str, Any]] = []
        expected = []
        for number in range(0, 98, 7):
            batch += [
                {"action": "ping", "id": number},
                {"action": "subscribe", "channel": "chat", "id": number + 1},
                {"action": "explode", "id": number + 2},
                {"action": "history", "channel": "chat", "id": number + 3},
                {"action": "publish", "channel": "news", "type": "t", "data": number, "id": number + 4},
                {"action": "subscribe", "channel": "nope", "id": number + 5},
                {"action": "unsubscribe", "channel": "chat", "id": number + 6},
            ]
            expected += ["pong", "subscribe", "error", "history", "publish", "error", "unsubscribe"]
        await client.send(batch)
        replies = [await client.receive() for _ in batch]
        assert [reply["id"] for reply in replies] == list(range(98))
        assert [reply["type"] for reply in replies] == expected


@pytest.mark.parametrize(("text", "code"), NOT_COMMANDS.values(), ids=NOT_COMMANDS.keys())
async def test_bad_input_is_answered_and_the_connection_stays_open(hub: LiveHub, text: str, code: str) -> None:
    """Whatever text comes, it is answered with one error that names what is wrong, and the next command works."""
    async with hub.client() as client:
        await client.socket.send_str(text)
        error = await client.receive()
        assert (error["type"], error["code"], error["temporary"]) == ("error", code, False)
        assert "Traceback" not in error["message"]
        assert (await client.ask(action="ping"))["type"] == "pong"


async def test_the_error_for_an_unknown_channel_names_the_valid_ones(hub: LiveHub) -> None:
    """A client that mistypes a channel learns which ones there are."""
    async with hub.client() as client:
        error = await client.ask(action="subscribe", channel="X")
        assert error["message"] == "Invalid channel: X"
        assert error["available_channels"][:6] == Channels.all()


async def test_text_of_any_kind_arrives_as_it_was_sent(chatting: LiveHub) -> None:
    """Markup, control characters, right-to-left marks and paths are data: nothing is removed and nothing is escaped."""
    text = "<script>alert(1)</script> \u202eevil\u200f \x00\x1f ../../etc/passwd  \U0001f514 \u0301"
    async with chatting.client("sender") as sender, chatting.client("reader") as reader:
        await reader.ask(action="subscribe", channel="chat")
        await sender.ask(action="publish", channel="chat", type=text[:100], data={text: [text]})
        publication = await reader.receive()
        assert (publication["type"], publication["data"]) == (text[:100], {text: [text]})


@pytest.mark.parametrize("client_id", ["a%20b", "%3Cb%3E", "%2e%2e%2fx", "%E2%80%AEx", "", "x" * 129, "x&client_id=y"])
async def test_a_client_id_is_refused_never_rewritten(hub: LiveHub, client_id: str) -> None:
    """A client id outside the grammar, or two of them, are refused with 400."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{hub.url}/ws?client_id={client_id}")
    assert refused.value.status == 400


async def test_without_a_client_id_the_hub_makes_one(hub: LiveHub) -> None:
    """Two connections without a client id get two different ones."""
    made = set()
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.ws_connect(f"{hub.url}/ws") as socket:
                made.add((await socket.receive_json(timeout=5))["client_id"])
    assert len(made) == 2


async def test_two_tabs_share_a_client_id(hub: LiveHub) -> None:
    """Two connections with one client id both get what is published and what is sent to the client; closing one leaves
    the other."""
    async with hub.client("browser") as one, hub.client("other") as other:
        async with hub.client("browser") as two:
            assert one.welcome["session"] != two.welcome["session"]
            for number, tab in enumerate((one, two), start=1):
                assert (await tab.ask(action="subscribe", channel="ai_analysis"))["subscribers"] == number
            assert await hub.hub.manager.send_to_client("browser", {"type": "note", "data": 1}) == 2
            assert await hub.hub.manager.broadcast("ai_analysis", {"type": "done", "data": 2}) == 2
            for tab in (one, two):
                assert [(await tab.receive())["type"] for _ in range(2)] == ["note", "done"]
        await until(lambda: hub.hub.manager.get_stats()["total_clients"] == 2)
        assert await hub.hub.manager.broadcast("ai_analysis", {"type": "again", "data": 3}) == 1
        assert (await one.receive())["type"] == "again"
        assert (await other.ask(action="ping"))["type"] == "pong"  # and nothing came before


async def test_a_message_to_one_client_reaches_only_that_one(hub: LiveHub) -> None:
    """A point-to-point message goes to its client alone, and to an unknown id nobody answers."""
    async with hub.client("alice") as alice, hub.client("bob") as bob:
        message = {"type": "note", "data": {"n": 1}}
        assert await hub.hub.manager.send_to_client("alice", message) == 1
        assert await hub.hub.manager.send_to_client("nobody", message) == 0
        got = await alice.receive()
        assert TIME.fullmatch(got.pop("timestamp"))
        assert got == message == {"type": "note", "data": {"n": 1}}
        assert (await bob.ask(action="ping"))["type"] == "pong"


async def test_broadcast_returns_how_many_got_it(hub: LiveHub) -> None:
    """The count is that of the clients that really get it; the caller's dictionary stays as it was, and its own
    timestamp is kept."""
    message = {"type": "alert", "data": {"n": 1}, "timestamp": "2020-02-02T02:02:02Z"}
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(hub.client(f"c{n}")) for n in range(5)]
        for client in clients[:3]:
            await client.ask(action="subscribe", channel="system_alerts")
        assert await hub.hub.manager.broadcast("system_alerts", message) == 3
        assert message == {"type": "alert", "data": {"n": 1}, "timestamp": "2020-02-02T02:02:02Z"}
        for client in clients[:3]:
            assert (await client.receive())["timestamp"] == "2020-02-02T02:02:02Z"
        for client in clients:
            assert (await client.ask(action="ping"))["type"] == "pong"


async def test_subscribing_twice_is_subscribing_once(hub: LiveHub) -> None:
    """A second subscribe is answered and changes nothing; after unsubscribe nothing more of the channel arrives."""
    async with hub.client("one") as client, hub.client("witness") as witness:
        await witness.ask(action="subscribe", channel="ai_analysis")
        for _ in range(2):
            assert (await client.ask(action="subscribe", channel="ai_analysis"))["subscribers"] == 2
        await hub.publish("ai_analysis", "t", 1)
        assert (await client.receive())["data"] == 1
        await client.ask(action="unsubscribe", channel="ai_analysis")
        await hub.publish("ai_analysis", "t", 2)
        assert [(await witness.receive())["data"] for _ in range(2)] == [1, 2]
        assert (await client.ask(action="ping"))["type"] == "pong"


async def test_stats_equal_an_independent_count(chatting: LiveHub) -> None:
    """After clients have come, gone, subscribed and published, the six numbers are those that the test has counted."""
    subscribers: Counter[str] = Counter()
    sent = 0
    async with AsyncExitStack() as stack:
        clients: list[Client] = []
        for number in range(30):
            async with AsyncExitStack() as short:
                client = await short.enter_async_context(chatting.client(f"c{number}"))
                channels = [
                    name for name, every in (("chat", 2), ("news", 3), ("ai_analysis", 5)) if not number % every
                ]
                for channel in channels:
                    await client.ask(action="subscribe", channel=channel)
                if number % 4:
                    clients.append(client)
                    subscribers.update(channels)
                    stack.push_async_exit(short.pop_all())
        await until(lambda: len(chatting.hub.connections) == len(clients))
        for channel in ("chat", "news", "ai_analysis", "chat"):
            assert (await chatting.publish(channel, "t", 1)).subscribers == subscribers[channel]
            sent += subscribers[channel]
        stats = await _stats(clients[0])
        assert stats == {
            "total_clients": len(clients),
            "total_channels": len(subscribers),
            "total_messages_sent": sent,
            "total_connections_ever": 30,
            "channel_stats": dict(subscribers),
            "active_channels": stats["active_channels"],
        }
        assert sorted(stats["active_channels"]) == sorted(subscribers)
    await until(lambda: not chatting.hub.connections)
    assert chatting.hub.manager.get_stats() == {
        "total_clients": 0,
        "total_channels": 0,
        "total_messages_sent": sent,
        "total_connections_ever": 30,
        "channel_stats": {},
        "active_channels": [],
    }


async def _stats(client: Client) -> dict[str, Any]:
    await client.send({"action": "stats"})
    while (message := await client.receive())["type"] != "stats":
        assert "data" in message, json.dumps(message)
    data: dict[str, Any] = message["data"]
    return data
