"""The HTTP API of an open hub. Who may do what: test_api_access.py."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.http.api.endpoint import Who
from hub.http.api.table import ENDPOINTS
from tests.integration.api_client import Api, api_of
from tests.live import LiveHub, running, settings_for, until

NOTE = {"channel": "system_alerts", "type": "note", "data": {"text": "Hello"}}


@pytest.fixture
async def api(hub: LiveHub) -> AsyncIterator[Api]:
    """A client of an open hub."""
    async with api_of(hub) as client:
        yield client


# Publishing.


async def test_a_publication_reaches_subscribers(hub: LiveHub, api: Api) -> None:
    """The answer tells position and subscribers; the subscriber gets the same position."""
    async with hub.client() as client:
        await client.ask(action="subscribe", channel="system_alerts")
        placed = await api.publish(data={"text": "Grüße \u202e 🔔", "n": [1.5, None]})
        got = await client.receive()
    assert placed["subscribers"] == 1
    assert placed["duplicate"] is False
    assert (got["epoch"], got["offset"]) == (placed["epoch"], placed["offset"]) == (placed["epoch"], 1)
    assert (got["type"], got["data"]) == ("note", {"text": "Grüße \u202e 🔔", "n": [1.5, None]})


async def test_except_leaves_one_client_out(hub: LiveHub, api: Api) -> None:
    """It hears only that the position has moved, and everyone else gets the publication."""
    async with hub.client("author") as author, hub.client("reader") as reader:
        for client in (author, reader):
            await client.ask(action="subscribe", channel="system_alerts")
        placed = await api.publish(**{"except": "author"})
        assert placed["subscribers"] == 1
        position = {"epoch": placed["epoch"], "offset": 1}
        assert await author.receive() == {"type": "position", "channel": "system_alerts"} | position
        assert (await reader.receive())["data"] == {"n": 1}


async def test_publishing_again_with_a_key_changes_nothing(hub: LiveHub, api: Api) -> None:
    """The subscriber gets one publication; the second answer has the first position."""
    async with hub.client() as client:
        await client.ask(action="subscribe", channel="system_alerts")
        first = await api.publish(idempotency_key="k1")
        second = await api("POST", "/api/publish", NOTE, headers={"Idempotency-Key": "k1"})
        await api.publish(data="later")
        assert (await client.receive())["offset"] == 1
        assert (await client.receive())["data"] == "later"
    assert second.json == first | {"duplicate": True, "subscribers": 0}


async def test_several_channels_may_partly_fail(api: Api) -> None:
    """Each has a result of its own, in the order of asking."""
    body = {"channels": ["system_alerts", "nope", "room:ops"], "type": "note", "data": 1}
    results = (await api("POST", "/api/publish", body)).json["results"]
    assert [result["channel"] for result in results] == body["channels"]
    assert ["error" in result for result in results] == [False, True, False]
    assert results[1]["error"]["code"] == "unknown_channel"
    assert "system_alerts" in results[1]["error"]["available_channels"]


async def test_a_batch_has_a_result_for_each(api: Api) -> None:
    """They are published in order, each on its own channel."""
    items = [NOTE, NOTE | {"channel": "nope"}, NOTE | {"type": "other"}]
    results = (await api("POST", "/api/publish/batch", {"publications": items})).json["results"]
    assert [result.get("offset") for result in results] == [1, None, 2]
    refused = await api("POST", "/api/publish/batch", {"publications": [NOTE] * 101})
    assert (refused.status, refused.json["error"]["limit"]) == (400, 100)
    refused = await api("POST", "/api/publish/batch", {"publications": [NOTE, {"channel": "system_alerts"}]})
    assert refused.json["error"]["message"].startswith("Missing publications.1.type parameter")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b'{"channel": "system_alerts", "type": "t", "data": NaN}', "invalid_json"),
        (b'{"channel": "system_alerts", "type": "t", "data": ' + b"[" * 101 + b"]" * 101 + b"}", "invalid_json"),
        (b'{"channel": "system_alerts", "type": "t", "data": ' + b"[" * 5000 + b"]" * 5000 + b"}", "invalid_json"),
        (b'[{"channel": "system_alerts", "type": "t", "data": 1}]', "invalid_command"),
        (b'{"channel": "system_alerts", "type": "t"}', "invalid_command"),
        (b'{"chanel": "system_alerts", "type": "t", "data": 1}', "invalid_command"),
        (b'{"channel": "../etc", "type": "t", "data": 1}', "unknown_channel"),
        (b'{"channel": "System_Alerts", "type": "t", "data": 1}', "unknown_channel"),
    ],
)
async def test_wrong_publications_are_refused(api: Api, body: bytes, code: str) -> None:
    """By what is wrong with them; nothing is published."""
    answer = await api("POST", "/api/publish", data=body, headers={"Content-Type": "application/json"})
    assert answer.code == code
    assert (await api("GET", "/api/channels/system_alerts")).json["offset"] == 0


async def test_the_size_of_a_body_has_a_limit(api: Api) -> None:
    """The limit itself is taken; more is refused with its name, announced or streamed."""
    limit = 1_048_576
    text = json.dumps(NOTE | {"data": ""})
    exact = text.replace('""', f'"{"x" * (limit - len(text))}"').encode()
    assert len(exact) == limit
    headers = {"Content-Type": "application/json"}
    assert (await api("POST", "/api/publish", data=io.BytesIO(exact), headers=headers)).status == 200

    async def streamed() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    for body in (io.BytesIO(exact + b" "), streamed()):
        refused = await api("POST", "/api/publish", data=body, headers=headers)
        assert (refused.status, refused.code, refused.json["error"]["limit"]) == (413, "data_too_large", limit)
    assert (await api("GET", "/health")).status == 200


async def test_a_channel_s_rules_hold() -> None:
    """Schema, size and rate; the refusal says where, how much and how long."""
    strict = {"schema": {"type": "object", "required": ["n"]}, "max_bytes": 20, "max_rate": 1.0}
    async with running(settings_for(channels__named={"strict": strict})) as hub, api_of(hub) as api:
        asked = {"channel": "strict", "type": "t"}
        refused = await api("POST", "/api/publish", asked | {"data": {}})
        assert (refused.status, refused.code, refused.json["error"]["path"]) == (422, "invalid_data", "/")
        refused = await api("POST", "/api/publish", asked | {"data": {"n": "x" * 20}})
        assert (refused.status, refused.code) == (413, "data_too_large")
        await api.publish("strict")
        refused = await api("POST", "/api/publish", asked | {"data": {"n": 1}})
        assert (refused.status, refused.code, refused.headers["Retry-After"]) == (429, "rate_limited", "1")


# Bodies that end badly.


async def raw(hub: LiveHub, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send bytes, as no HTTP client would."""
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    writer.write(request)
    await writer.drain()
    return reader, writer


HEAD = b"POST /api/publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


async def test_a_badly_compressed_body_is_refused(hub: LiveHub, caplog: pytest.LogCaptureFixture) -> None:
    """With 400; the connection is closed, and the log stays quiet."""
    reader, writer = await raw(hub, HEAD + b"Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\ngarbage")
    assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    writer.close()
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_client_that_goes_away_is_no_fault(hub: LiveHub, caplog: pytest.LogCaptureFixture) -> None:
    """A body that ends early leaves no traceback in the log."""
    counted = {"method": "POST", "route": "/api/publish", "status": "400"}
    registry = hub.hub.metrics.registry
    _, writer = await raw(hub, HEAD + b'Content-Length: 1000\r\n\r\n{"a"')
    writer.close()
    await until(lambda: registry.get_sample_value("tocsin_http_request_seconds_count", counted) == 1)
    assert [record for record in caplog.records if record.exc_info] == []


# Channels.


async def test_channels_are_listed(hub: LiveHub, api: Api) -> None:
    """With subscribers, position and options."""
    await api.publish()
    async with hub.client() as client:
        await client.ask(action="subscribe", channel="system_alerts")
        states = {state["channel"]: state for state in (await api("GET", "/api/channels")).json["channels"]}
        one = await api("GET", "/api/channels/system_alerts")
    assert len(states) == 6
    assert one.json == states["system_alerts"]
    assert (one.json["subscribers"], one.json["offset"], one.json["options"]["history_size"]) == (1, 1, 1000)
    assert (await api("GET", "/api/channels/nope")).status == 404


async def test_history_is_read_and_forgotten(api: Api) -> None:
    """A page of it, from a position on, in either order; after forgetting there is a new epoch."""
    path = "/api/channels/system_alerts/history"
    for n in range(5):
        await api.publish(data=n)
    epoch = (await api("GET", "/api/channels/system_alerts")).json["epoch"]

    async def read(query: str) -> tuple[list[int], Any]:
        piece = (await api("GET", f"{path}?{query}")).json
        return [publication["data"] for publication in piece["publications"]], piece.get("recovered")

    assert await read("") == ([0, 1, 2, 3, 4], None)
    assert await read("limit=2") == ([3, 4], None)
    assert await read(f"since={epoch}:3") == ([3, 4], True)
    assert await read(f"since={epoch}:1&limit=2") == ([1, 2], False)
    assert await read("since=:0&reverse=true") == ([4, 3, 2, 1, 0], True)
    assert await read("since=other:1") == ([0, 1, 2, 3, 4], False)
    assert (await api("GET", f"{path}?limit=-1")).code == "invalid_command"
    assert (await api("DELETE", path)).status == 204
    assert await read("") == ([], None)
    assert (await api("GET", "/api/channels/system_alerts")).json["epoch"] != epoch


async def test_presence_is_told(hub: LiveHub, api: Api) -> None:
    """Who is there, or only how many."""
    path = "/api/channels/system_alerts/presence"
    async with hub.client("tab") as client:
        await client.ask(action="subscribe", channel="system_alerts")
        state = (await api("GET", path)).json
        assert [(member["client_id"], member["session"]) for member in state["members"]] == [
            ("tab", client.welcome["session"])
        ]
        state = (await api("GET", f"{path}?members=false")).json
        assert state == {"channel": "system_alerts", "clients": 1, "users": 1}


async def test_members_come_and_go(hub: LiveHub, api: Api) -> None:
    """A member may subscribe; taking the membership away ends the subscription, and says so to the client."""
    members = "/api/channels/room:ops/members"
    async with hub.client("alice") as client:
        assert (await client.ask(action="subscribe", channel="room:ops"))["code"] == "permission_denied"
        assert (await api("PUT", f"{members}/alice")).status == 204
        assert (await client.ask(action="subscribe", channel="room:ops"))["status"] == "success"
        assert (await api("GET", members)).json["members"] == ["alice"]
        assert (await api("DELETE", f"{members}/alice")).json == {"ended": 1}
        notice = await client.receive()
        assert (notice["type"], notice["channel"]) == ("unsubscribed", "room:ops")
        await api.publish("room:ops")
        assert (await client.ask(action="ping"))["type"] == "pong"
    assert (await api("GET", "/api/channels/system_alerts/members")).code == "conflict"
    assert (await api("PUT", "/api/channels/nope/members/alice")).code == "unknown_channel"


# Connections.


async def test_connections_are_listed(hub: LiveHub, api: Api) -> None:
    """All, or those of a user, a client or a channel; a page at a time."""
    async with hub.client("a") as one, hub.client("b"), hub.client("b"):
        await one.ask(action="subscribe", channel="system_alerts")
        everything = (await api("GET", "/api/connections")).json
        assert (everything["total"], [c["client_id"] for c in everything["connections"]]) == (3, ["a", "b", "b"])
        first = everything["connections"][0]
        assert (first["session"], first["user"], first["address"]) == (one.welcome["session"], "a", "127.0.0.1")
        assert (first["channels"], first["queued_bytes"], first["slow"]) == (["system_alerts"], 0, False)
        assert 0 <= first["opened"] < 60
        for query, total in (("user=b", 2), ("client_id=a", 1), ("channel=system_alerts", 1), ("user=c", 0)):
            assert (await api("GET", f"/api/connections?{query}")).json["total"] == total
        page = (await api("GET", "/api/connections?limit=1&offset=1")).json
        assert ([c["client_id"] for c in page["connections"]], page["total"]) == (["b"], 3)
        assert (await api("GET", "/api/connections?limit=1001")).status == 400


async def test_one_connection_is_disconnected(hub: LiveHub, api: Api) -> None:
    """With 4003, after a word on when to come back; a second time there is none."""
    async with hub.client() as client:
        path = f"/api/connections/{client.welcome['session']}"
        assert (await api("DELETE", path)).json == {"disconnected": 1}
        assert (await client.receive())["type"] == "reconnect"
        assert (await client.closed())[0] == 4003
    await until(lambda: not len(hub.hub.connections))
    assert (await api("DELETE", path)).code == "not_found"


@pytest.mark.parametrize("whom", ["client_id", "user", "session"])
async def test_clients_are_banned(hub: LiveHub, api: Api, whom: str) -> None:
    """With 4504, which asks for no new connection; others stay."""
    async with hub.client("bad") as bad, hub.client("good") as good:
        value = bad.welcome["session"] if whom == "session" else "bad"
        assert (await api("POST", "/api/disconnect", {whom: value, "ban": True})).json == {"disconnected": 1}
        assert (await bad.closed())[0] == 4504
        assert (await good.ask(action="ping"))["type"] == "pong"
    assert (await api("POST", "/api/disconnect", {whom: "nobody"})).json == {"disconnected": 0}
    assert (await api("POST", "/api/disconnect", {})).code == "invalid_command"


async def test_a_message_goes_to_one_client(hub: LiveHub, api: Api) -> None:
    """On all its connections and to nobody else; an unknown id is reported."""
    async with hub.client("a") as one, hub.client("a") as tab, hub.client("b") as other:
        answer = await api("POST", "/api/send", {"client_id": "a", "type": "hint", "data": {"n": 1}})
        assert answer.json == {"connections": 2}
        for client in (one, tab):
            message = await client.receive()
            assert (message["type"], message["data"], "channel" in message) == ("hint", {"n": 1}, False)
        assert (await other.ask(action="ping"))["type"] == "pong"
    refused = await api("POST", "/api/send", {"client_id": "nobody", "type": "hint", "data": 1})
    assert (refused.status, refused.code) == (404, "not_found")


# The service.


async def test_the_numbers_are_right(hub: LiveHub, api: Api) -> None:
    """Exactly six and who counted them, and they match what was done."""
    async with hub.client() as client:
        await client.ask(action="subscribe", channel="system_alerts")
        await api.publish()
        stats = (await api("GET", "/api/stats")).json
        assert [node["node"] for node in stats.pop("nodes")] == [hub.hub.across.node]
        assert stats == {
            "total_clients": 1,
            "total_channels": 1,
            "total_messages_sent": 1,
            "total_connections_ever": 1,
            "channel_stats": {"system_alerts": 1},
            "active_channels": ["system_alerts"],
        }


async def test_a_stopping_hub_is_alive_and_not_ready(hub: LiveHub, api: Api) -> None:
    """Who is connected already hears it from /ready, as long as another client keeps the hub; upgrades are refused."""
    async with hub.client():  # it doesn't read, and so doesn't answer the close
        assert (await api("GET", "/ready")).json == {"status": "ready"}
        stopping = asyncio.create_task(hub.server.stop())
        await until(lambda: hub.hub.connections.draining)
        await _check_stopping(api)
        await stopping


async def _check_stopping(api: Api) -> None:
    assert (await api("GET", "/health")).json == {"status": "alive"}
    refused = await api("GET", "/ready")
    assert (refused.status, refused.code, refused.json["error"]["temporary"]) == (503, "unavailable", True)
    assert (await api("GET", "/ws")).status == 503


async def test_metrics_count_requests(api: Api) -> None:
    """In Prometheus's format, by route and not by path."""
    await api("GET", "/api/channels/room:secret/presence")
    text = (await api("GET", "/metrics")).body.decode()
    assert (
        'tocsin_http_request_seconds_count{method="GET",route="/api/channels/{channel}/presence",status="200"}' in text
    )
    assert "room:secret" not in text


@pytest.mark.parametrize(
    ("path", "media", "start"),
    [
        ("/api/openapi.json", "application/json", b"{"),
        ("/asyncapi.json", "application/json", b"{"),
        ("/api/docs", "text/html", b"<!doctype html>"),
        ("/api/docs/start.js", "text/javascript", b'"use strict"'),
        ("/api/docs/swagger-ui.css", "text/css", b"."),
    ],
)
async def test_documents_are_served(api: Api, path: str, media: str, start: bytes) -> None:
    """With the content type that browsers insist on."""
    answer = await api("GET", path)
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, media)
    assert answer.body.startswith(start)


async def test_unknown_paths_and_methods_have_the_same_shape(api: Api) -> None:
    """Of an error; a wrong method is told the right ones."""
    missing = await api("GET", "/api/nope")
    assert (missing.status, missing.code) == (404, "not_found")
    wrong = await api("PATCH", "/api/publish")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "POST")


async def test_every_read_can_be_asked_by_head(api: Api) -> None:
    """The status of GET, without a body. A part of the hub that is off has nothing to read."""
    for row in ENDPOINTS:
        if row.method == "GET" and row.who not in (Who.MEMBER, Who.FOLLOWER):
            path = row.path.replace("{channel}", "room:ops")
            path += "?user=alice&channel=room:ops" if path == "/api/deliveries" else ""
            asked, answer = await api("GET", path), await api("HEAD", path)
            is_on = not path.startswith(("/api/analyses", "/api/firewall", "/train"))
            assert (answer.status, answer.body) == (asked.status, b"") == (200 if is_on else 404, b""), row.path
