"""Why did a user not get a message? Asked of real hubs, about real sockets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.conformance.raw import PING, PONG, RawClient, dialled, frame, request, text
from tests.integration.api_client import Api, api_of, token_for
from tests.integration.event_stream import streaming
from tests.integration.test_slow_reader import small_socket
from tests.integration.two_hubs import two
from tests.live import Client, LiveHub, running, until, with_keys

NAMED: dict[str, Any] = {
    "news": {"publish": "everyone"},
    "prices": {"publish": "everyone", "conflate": "key"},
    "secret": {"publish": "everyone", "subscribe": "nobody"},
}

SIZE = 50_000


@asynccontextmanager
async def watched(**options: Any) -> AsyncIterator[tuple[LiveHub, Api]]:
    """Run a hub, and ask as its operator."""
    async with (
        running(with_keys(channels__named=NAMED, **options)) as live,
        api_of(live, token_for(live, "op", admin=True)) as api,
    ):
        yield live, api


def bearer(live: LiveHub, user: str = "alice") -> dict[str, str]:
    return {"Authorization": f"Bearer {token_for(live, user)}"}


async def why(api: Api, channel: str, offset: int | None = None, **asked: str) -> Any:
    """Ask about alice, or a session; return the answer about one publication, the newest unless it is named."""
    if offset is not None:
        asked["offset"] = str(offset)
    if "session" not in asked:
        asked["user"] = "alice"
    answer = await api("GET", "/api/deliveries", params={"channel": channel, **asked})
    assert answer.status == 200, answer.json
    return answer.json["deliveries"][-1]


async def verdict(api: Api, channel: str, offset: int | None = None, **asked: str) -> str:
    word: str = (await why(api, channel, offset, **asked))["verdict"]
    return word


async def subscribe(client: Client, channel: str, **fields: Any) -> dict[str, Any]:
    return await client.ask(action="subscribe", channel=channel, **fields)


async def test_a_user_who_comes_and_goes() -> None:
    """Subscribed late, refused, left out, gone, and back with what was missed."""
    async with watched() as (live, api):
        epoch = (await api.publish("news", data="before anyone"))["epoch"]
        assert await verdict(api, "news", 1) == "unknown_user"
        async with live.client("tab", headers=bearer(live)) as client:
            assert await verdict(api, "news", 1) == "not_connected"
            await api.publish("news", data="nobody asked for it")
            assert await verdict(api, "news", 2) == "not_subscribed"
            assert (await subscribe(client, "secret"))["code"] == "permission_denied"
            await api.publish("secret")
            refused = await why(api, "secret")
            assert (refused["verdict"], "data" in refused["publication"]) == ("not_subscribed", False)
            assert "(permission_denied)" in refused["explanation"]
            assert (await subscribe(client, "news"))["status"] == "success"
            late = await why(api, "news", 2)
            assert (late["verdict"], late["publication"]["data"]) == ("not_subscribed", "nobody asked for it")
            assert "subscribed at offset 2" in late["explanation"]
            await api.publish("news")
            assert (await client.receive())["offset"] == 3
            assert await verdict(api, "news") == "delivered"
            await api.publish("news", **{"except": "tab"})
            assert await verdict(api, "news") == "filtered"
            await client.receive()
            await client.ask(action="unsubscribe", channel="news")
        await until(lambda: not len(live.hub.connections))
        await api.publish("news")
        assert await verdict(api, "news") == "not_connected"
        async with live.client("tab", headers=bearer(live)) as client:
            back = await subscribe(client, "news", since={"epoch": epoch, "offset": 4})
            assert (back["recovered"], back["replayed"]) == (True, 1)
            assert await verdict(api, "news", 5) == "replayed"
            assert await verdict(api, "news", 5, session=client.welcome["session"]) == "replayed"
        assert await verdict(api, "news", 6) == "unknown_publication"
        assert await verdict(api, "news", 5, epoch="another") == "unknown_publication"
        newest = (await api("GET", "/api/deliveries?user=alice&channel=news&limit=3")).json["deliveries"]
        assert [each["verdict"] for each in newest] == ["delivered", "filtered", "replayed"]
        assert (await api("GET", "/api/deliveries?channel=news")).code == "invalid_command"


@asynccontextmanager
async def on_news(live: LiveHub, client_id: str) -> AsyncIterator[RawClient]:
    """Subscribe a socket whose every byte the test decides about."""
    async with dialled(sock=small_socket(live.port)) as client:
        command = {"action": "subscribe", "channel": "news"}
        client.send(request(bearer(live), path=f"/ws?client_id={client_id}"), text(json.dumps(command)))
        await client.response()
        await client.receive()
        assert json.loads((await client.receive()).payload)["status"] == "success"
        yield client


async def test_a_socket_that_is_killed() -> None:
    """What the client answered a ping after has arrived; what was written later may have been lost, until it is
    recovered."""
    async with watched(websocket__heartbeat=0.2) as (live, api):
        async with on_news(live, "tab") as client:
            (connection,) = live.hub.connections.of_client("tab")
            epoch = (await api.publish("news"))["epoch"]
            while connection.answered is None:
                if (await client.receive()).opcode == PING:
                    client.send(frame(PONG))
                    await until(lambda: connection.answered is not None)
            await api.publish("news")
            client.writer.transport.abort()
            await until(lambda: not len(live.hub.connections))
        arrived, lost = await why(api, "news", 1), await why(api, "news", 2)
        assert (arrived["verdict"], lost["verdict"]) == ("delivered", "written_then_lost")
        assert "answered a ping" in arrived["explanation"]
        assert "(1006)" in lost["explanation"]
        async with live.client("tab", headers=bearer(live)) as back:
            await subscribe(back, "news", since={"epoch": epoch, "offset": 1})
            recovered = await why(api, "news", 2)
            assert recovered["verdict"] == "replayed"
            assert [each["verdict"] for each in recovered["evidence"]] == ["replayed", "written_then_lost"]
            assert "(1006)" in recovered["explanation"]


async def test_a_client_that_does_not_read() -> None:
    """What waits is said to wait; once it is too much, it is said to be lost, until it is recovered."""
    async with watched(limits__queued_bytes=200_000) as (live, api):
        async with on_news(live, "tab") as client:
            client.pause_reading()
            (connection,) = live.hub.connections.of_client("tab")
            while not connection.queued_bytes:
                await api.publish("news", data="x" * SIZE)
            assert await verdict(api, "news") == "pending"
            while connection.is_open:
                await api.publish("news", data="x" * SIZE)
            assert await verdict(api, "news") == "slow_closed"
            client.writer.transport.abort()
            await until(lambda: not len(live.hub.connections))
        lost = await why(api, "news")
        assert "(4002 slow consumer)" in lost["explanation"]
        async with live.client("tab", headers=bearer(live)) as back:
            since = {"epoch": lost["publication"]["epoch"], "offset": lost["publication"]["offset"] - 1}
            assert (await subscribe(back, "news", since=since))["recovered"] is True
            assert await verdict(api, "news") == "replayed"


async def test_a_client_that_wants_less() -> None:
    """Of one key it gets the newest, once in its interval."""
    async with watched() as (live, api), live.client("tab", headers=bearer(live)) as client:
        await subscribe(client, "prices", interval_ms=60_000)
        for price in range(3):
            await api.publish("prices", data=price, key="gold")
        await api.publish("prices", data=7, key="tin")
        words = [await verdict(api, "prices", offset) for offset in (1, 2, 3, 4)]
        assert words == ["delivered", "filtered", "pending", "delivered"]


async def test_a_stream() -> None:
    """Says nothing, so what was written to it is all that there is to tell."""
    async with watched() as (live, api):
        async with streaming(live.port, "news", headers=bearer(live)) as stream:
            await stream.until("subscribe")
            await api.publish("news")
            assert await verdict(api, "news") == "delivered"
        await until(lambda: not len(live.hub.connections))
        (session,) = (await api("GET", "/api/deliveries?user=alice&channel=news")).json["sessions"]
        assert (session["transport"], [each["event"] for each in session["events"]]) == ("sse", ["subscribed", "left"])


async def test_it_is_asked_of_all_processes() -> None:
    """Lost in one, recovered in the other: whoever is asked knows both."""
    async with (
        two(keys=True) as (_, a, b),
        api_of(b, token_for(b, "op", admin=True)) as api,
        a.client("tab", headers=bearer(a)) as client,
    ):
        epoch = (await subscribe(client, "chat"))["epoch"]
        await api.publish("chat")
        assert (await client.receive())["offset"] == 1
        assert await verdict(api, "chat") == "delivered"
        await client.socket.close()
        await until(lambda: not len(a.hub.connections))
        await api.publish("chat")
        assert await verdict(api, "chat") == "not_connected"
        async with b.client("tab", headers=bearer(b)) as back:
            assert (await subscribe(back, "chat", since={"epoch": epoch, "offset": 1}))["recovered"] is True
            answer = (await api("GET", "/api/deliveries?user=alice&channel=chat")).json
            assert [each["verdict"] for each in answer["deliveries"]] == ["delivered", "replayed"]
            assert [each["node"] for each in answer["sessions"]] == [b.hub.across.node, a.hub.across.node]
