"""Every limit on a real socket: who breaks it hears which one it was, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.conformance.raw import RawClient, request, text
from tests.live import Client, LiveHub, running, settings_for, until

MIB = 1 << 20

CHAT: dict[str, Any] = {"chat": {"publish": "everyone", "history_size": 1000}}


async def works(client: Client) -> bool:
    """Tell whether a client's next message is the answer to its ping: it is there, and nothing else was sent to it."""
    return bool((await client.ask(action="ping"))["type"] == "pong")


def garbage(seed: int, count: int) -> list[str]:
    """Make frames of which none is a command."""
    choose = random.Random(seed)
    made = []
    for _ in range(count):
        kind = choose.randrange(4)
        letters = "".join(choose.choices('{}[]",:aeinostu0123456789\\ \u202e\U0001f514', k=choose.randrange(40)))
        made.append([letters + "}", json.dumps(letters), json.dumps({"action": letters}), json.dumps([])][kind])
    return made


async def test_garbage_is_answered_each_time() -> None:
    """1,000 garbage commands get 1,000 errors where no limit is set, and other clients get nothing of it."""
    unlimited = settings_for(limits__errors_per_minute=0, limits__commands_per_second=0.0)
    async with running(unlimited) as live, live.client("noisy") as noisy, live.client("quiet") as quiet:
        for line in garbage(1, 1000):
            await noisy.socket.send_str(line)
        codes = {(await noisy.receive())["code"] for _ in range(1000)}
        assert codes <= {"invalid_json", "invalid_command", "unknown_action"}
        assert await works(noisy)
        assert await works(quiet)


async def test_too_many_errors_close_with_4503() -> None:
    """By default the 301st refused command of a minute ends the connection: it is answered, and then 4503 follows."""
    async with (
        running(settings_for(limits__commands_per_second=0.0)) as live,
        live.client("noisy") as noisy,
        live.client("quiet") as quiet,
    ):
        for line in garbage(2, 1000):
            await noisy.socket.send_str(line)
        errors = 0
        while (message := await noisy.socket.receive(5)).type is aiohttp.WSMsgType.TEXT:
            errors += json.loads(message.data)["type"] == "error"
        assert (errors, noisy.socket.close_code) == (301, 4503)
        assert await works(quiet)


async def test_over_rate_commands_count_as_errors(hub: LiveHub) -> None:
    """Who keeps sending over the rate is answered with `rate_limited`, and closed with 4503 in the end."""
    async with hub.client("fast") as fast, hub.client("quiet") as quiet:
        for _ in range(10):
            await fast.send([{"action": "ping"}] * 100)
        words: list[str] = []
        while (message := await fast.socket.receive(5)).type is aiohttp.WSMsgType.TEXT:
            answer = json.loads(message.data)
            words.append(answer.get("code", answer["type"]))
        assert words.count("rate_limited") >= 300
        assert fast.socket.close_code == 4503
        assert await works(quiet)


async def test_command_rate() -> None:
    """A command over the rate is refused with `rate_limited` and `retry_after`; after that time it is taken."""
    async with (
        running(settings_for(limits__commands_per_second=10.0, limits__command_burst=3)) as live,
        live.client() as client,
    ):
        await client.send([{"action": "ping", "id": number} for number in range(4)])
        answers = [await client.receive() for _ in range(4)]
        assert [answer["type"] for answer in answers] == ["pong", "pong", "pong", "error"]
        refused = answers[3]
        assert (refused["code"], refused["temporary"], refused["id"]) == ("rate_limited", True, 3)
        assert "10 commands per second" in refused["message"]
        assert 0 < refused["retry_after"] <= 0.1
        await asyncio.sleep(refused["retry_after"])
        assert await works(client)


async def test_the_longest_message_is_taken_and_the_next_longer_one_is_not() -> None:
    """1 MiB passes. One byte more gets the error `data_too_large` with the limit, then 1009; nobody else notices."""
    async with (
        running(settings_for(channels__named=CHAT)) as live,
        live.client("big", max_msg_size=2 * MIB) as big,
        live.client("quiet") as quiet,
    ):
        frame = json.dumps({"action": "publish", "channel": "chat", "type": "t", "data": ""})
        await big.socket.send_str(frame.replace('""', f'"{"x" * (MIB - len(frame))}"'))
        assert (await big.receive())["status"] == "success"
        history = await big.ask(action="history", channel="chat")
        assert len(history["publications"][0]["data"]) == MIB - len(frame)

        await big.socket.send_str(frame.replace('""', f'"{"x" * (MIB + 1 - len(frame))}"'))
        error = await big.receive()
        assert (error["code"], error["limit"]) == ("data_too_large", MIB)
        assert (await big.closed())[0] == 1009
        assert await works(quiet)


async def test_a_compressed_message_counts_as_long_as_it_is() -> None:
    """A small frame that inflates to more than the limit is refused like a long one."""
    async with (
        running(settings_for(limits__message_bytes=4096)) as live,
        live.client(compress=15) as client,
    ):
        await client.socket.send_str(json.dumps({"action": "ping", "data": "x" * 100_000}))
        assert (await client.receive())["code"] == "data_too_large"
        assert (await client.closed())[0] == 1009


async def test_subscriptions() -> None:
    """The error names the limit of subscriptions; after an unsubscribe there is room again."""
    async with running(settings_for(limits__subscriptions=2)) as live, live.client() as client:
        for channel in ("ai_analysis", "system_alerts"):
            await client.ask(action="subscribe", channel=channel)
        error = await client.ask(action="subscribe", channel="vector_search")
        assert (error["code"], error["limit"]) == ("too_many_subscriptions", 2)
        assert "2 channels" in error["message"]
        await client.ask(action="unsubscribe", channel="ai_analysis")
        assert (await client.ask(action="subscribe", channel="vector_search"))["status"] == "success"


@pytest.mark.parametrize("limit", ["connections", "connections_per_ip"])
async def test_connections(limit: str) -> None:
    """The connection over the limit is refused with 503, `Retry-After` and the limit's name; when one ends there is
    room again."""
    async with running(settings_for(**{f"limits__{limit}": 2})) as live, live.client("one") as one:
        async with live.client("two"), aiohttp.ClientSession() as session:
            status, headers, error = await refusal(session, live)
            assert (status, error["code"], error["temporary"]) == (503, "too_many_connections", True)
            assert f"limits.{limit})" in error["message"]
            assert int(headers["Retry-After"]) == error["retry_after"] == 5
            assert await works(one)
        await until(lambda: len(live.hub.connections) == 1)
        async with live.client("three") as three:
            assert await works(three)


async def refusal(session: aiohttp.ClientSession, live: LiveHub) -> tuple[int, Any, dict[str, Any]]:
    """Ask for an upgrade and return the HTTP answer that comes instead."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    }
    async with session.get(f"{live.url}/ws", headers=headers) as response:
        error: dict[str, Any] = (await response.json())["error"]
        return response.status, response.headers, error


async def test_connections_count_per_address_behind_a_proxy() -> None:
    """Behind a trusted proxy it is the forwarded address that counts, so one client can't use up another's room."""
    settings = settings_for(limits__connections_per_ip=1, server__trusted_proxies=["127.0.0.1"])
    async with running(settings) as live:
        first, second = ({"X-Forwarded-For": address} for address in ("192.0.2.1", "192.0.2.2"))
        async with live.client("a", headers=first), live.client("b", headers=second) as other:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with live.client("c", headers=first):
                    pass
            assert refused.value.status == 503
            assert await works(other)


async def test_batch() -> None:
    """A batch over the limit is refused as a whole, with one error that has the limit."""
    async with running(settings_for(limits__batch=3)) as live, live.client() as client:
        await client.send([{"action": "ping"}] * 4)
        error = await client.receive()
        assert (error["code"], error["limit"]) == ("invalid_command", 3)
        assert "1 to 3 commands" in error["message"]
        await client.send([{"action": "ping"}] * 3)
        assert [(await client.receive())["type"] for _ in range(3)] == ["pong"] * 3


async def test_http_body() -> None:
    """A body over the limit gets 413 with the limit; one of that length passes."""
    async with running(settings_for(limits__message_bytes=4096)) as live, aiohttp.ClientSession() as session:
        answers = []
        for size in (4096, 4097):
            body = json.dumps({"channel": "system_alerts", "type": "t", "data": ""})
            body = body.replace('""', f'"{"x" * (size - len(body))}"')
            headers = {"Content-Type": "application/json"}
            async with session.post(f"{live.url}/api/publish", data=body, headers=headers) as response:
                answers.append((response.status, await response.json()))
        assert [status for status, _ in answers] == [200, 413]
        error = answers[1][1]["error"]
        assert error["code"] == "data_too_large"
        assert "4096" in error["message"]


async def test_http_requests() -> None:
    """Requests over the rate get 429 with `Retry-After`."""
    async with running(settings_for(limits__http_requests_per_second=2.0)) as live, aiohttp.ClientSession() as session:
        answers: list[tuple[int, str | None]] = []
        for _ in range(3):
            async with session.get(f"{live.url}/health") as response:
                answers.append((response.status, response.headers.get("Retry-After")))
        assert answers == [(200, None), (200, None), (429, "1")]


async def test_channel_limits() -> None:
    """A channel's own limits of rate and size are named in its errors."""
    channels = {"small": {"publish": "everyone", "max_bytes": 10}, "slow": {"publish": "everyone", "max_rate": 1.0}}
    async with running(settings_for(channels__named=channels)) as live, live.client() as client:
        large = await client.ask(action="publish", channel="small", type="t", data="x" * 9)
        assert (large["code"], large["limit"], large["channel"]) == ("data_too_large", 10, "small")
        assert (await client.ask(action="publish", channel="small", type="t", data="x" * 8))["status"] == "success"
        assert (await client.ask(action="publish", channel="slow", type="t", data=1))["status"] == "success"
        fast = await client.ask(action="publish", channel="slow", type="t", data=2)
        assert (fast["code"], fast["temporary"]) == ("rate_limited", True)
        assert 0 < fast["retry_after"] <= 1


@asynccontextmanager
async def stuck(live: LiveHub, *commands: dict[str, Any]) -> AsyncIterator[RawClient]:
    """Connect, send commands, and read nothing from then on but what the caller reads."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", live.port))
    reader, writer = await asyncio.open_connection(sock=sock)
    client = RawClient(reader, writer)
    client.send(request(path="/ws?client_id=stuck"))
    await client.response()
    await client.receive()  # the welcome
    for command in commands:
        client.send(text(json.dumps(command)))
        assert json.loads((await client.receive()).payload)["type"] != "error"
    writer.transport.pause_reading()  # type: ignore[attr-defined] # a stream's transport reads, too
    try:
        yield client
    finally:
        writer.transport.abort()


async def test_a_slow_reader_is_closed_with_4002_alone() -> None:
    """A client that doesn't read is closed with 4002 once more than the limit waits for it. Nothing is delayed for the
    others: they get every publication, without a gap."""
    settings = settings_for(limits__queued_bytes=256 * 1024, websocket__close_timeout=0.3)
    subscribe = {"action": "subscribe", "channel": "ai_analysis"}
    async with running(settings) as live, live.client("quick") as quick, stuck(live, subscribe) as slow:
        await quick.ask(**subscribe)
        connection = live.hub.connections.of_client("stuck")[0]
        most = offset = 0
        while connection.is_open:
            assert offset < 500, "32 MB fit into the kernel"
            offset += 1
            await live.publish("ai_analysis", "t", "x" * 64 * 1024)
            assert (await quick.receive())["offset"] == offset
            most = max(most, connection.queued_bytes)
        assert connection.close_code == 4002
        assert 0 < most <= 256 * 1024
        for number in range(offset + 1, offset + 51):
            await live.publish("ai_analysis", "t", number)
            assert (await quick.receive())["offset"] == number
        # It reads on after all: whole messages without a gap, and then the close frame that says why.
        slow.writer.transport.resume_reading()  # type: ignore[attr-defined] # as above
        texts, code = await slow.texts_until_close()
        assert code == 4002
        offsets = [json.loads(item)["offset"] for item in texts]
        assert offsets == list(range(1, len(offsets) + 1))
        await until(lambda: live.hub.manager.get_stats()["total_clients"] == 1)


async def test_a_slow_reader_that_stays_stuck_is_cut() -> None:
    """Who doesn't read the close frame either is gone after the close timeout, memory and all."""
    settings = settings_for(limits__queued_bytes=4096, websocket__close_timeout=0.1)
    async with running(settings) as live, stuck(live, {"action": "subscribe", "channel": "ai_analysis"}):
        for _ in range(500):
            if not live.hub.connections.of_client("stuck")[0].is_open:
                break
            await live.publish("ai_analysis", "t", "x" * 64 * 1024)
            live.hub.fanout.flush()
        await until(lambda: not live.hub.connections)
        assert live.hub.connections.closed == {4002: 1}


async def test_a_client_that_pings_and_never_reads_is_bounded() -> None:
    """Replies count like publications: who asks without reading the answers is closed with 4002, too."""
    limits = {"queued_bytes": 4096, "commands_per_second": 0.0}
    async with running(settings_for(limits=limits)) as live, stuck(live) as client:
        ping = text(json.dumps({"action": "ping", "data": "x" * 60_000}))
        async with asyncio.timeout(10):
            while not live.hub.connections.closed:
                client.send(ping)
                await asyncio.sleep(0)
        assert live.hub.connections.closed == {4002: 1}
