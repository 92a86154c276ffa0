"""`GET /ws`: from an HTTP request to a live connection."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from channels.errors import ErrorCode, ReplyError
from hub.auth import Grants, sign
from hub.notify import Inbox
from hub.transports.handover import HandedOver
from hub.wiring import Hub, build
from tests.live import running, settings_for, with_keys
from tests.unit.hub.stage import messages_in
from tests.unit.hub.transports.manual import ManualTransport

UPGRADE = {
    "Host": "127.0.0.1:8080",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


class HttpBooks(asyncio.Protocol):
    """What aiohttp keeps of a connection, as far as a hand-over touches it."""

    def __init__(self) -> None:
        self._message_tail = b""
        self.transport: asyncio.Transport | None = None
        self.writer: object = None
        self.ssl_context = None
        self.peername = ("10.0.0.1", 50000)
        self.sockname = ("127.0.0.1", 8080)
        self.ended = False

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True


class Door:
    """The endpoint of a hub that is put together, and not started."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.books = HttpBooks()
        self.transport = ManualTransport(HttpBooks())

    async def knock(self, query: str = "?client_id=tab", **headers: str) -> web.StreamResponse:
        """Ask for an upgrade; underscores in names of headers are hyphens."""
        self.books = HttpBooks()
        self.transport = ManualTransport(self.books)
        named = UPGRADE | {name.replace("_", "-"): value for name, value in headers.items()}
        headers = {name: value for name, value in named.items() if value}
        request = make_mocked_request(
            "GET", f"/ws{query}", headers=headers, protocol=cast(Any, self.books), transport=self.transport
        )
        return await self.hub.endpoint.connect(request)

    async def refusal(self, query: str = "?client_id=tab", **headers: str) -> ReplyError:
        before = self.hub.connections.ever
        with pytest.raises(ReplyError) as caught:
            await self.knock(query, **headers)
        assert self.hub.connections.ever == before
        return caught.value

    @property
    def answer(self) -> tuple[str, dict[str, Any]]:
        """The HTTP answer's head, and the first message behind it."""
        head, _, frames = bytes(self.transport.sent).partition(b"\r\n\r\n")
        (message,) = messages_in(frames)
        return head.decode(), message


def token(user: str, hub: Hub) -> str:
    return sign(user, Grants(), options=hub.settings.auth, clock=hub.clock)


@pytest.fixture
async def open_door() -> Door:
    """The door of an open hub."""
    return Door(build(settings_for(), inbox=Inbox()))


@pytest.fixture
async def kept_door() -> Door:
    """The door of a hub that wants tokens."""
    return Door(build(with_keys(), inbox=Inbox()))


async def test_a_client_comes_in(open_door: Door) -> None:
    """It gets 101 and the welcome, and is in the directory; aiohttp has let go of it."""
    response = await open_door.knock()
    assert isinstance(response, HandedOver)
    head, welcome = open_door.answer
    assert head.startswith("HTTP/1.1 101 ")
    assert (welcome["status"], welcome["client_id"], welcome["user"]) == ("connected", "tab", "tab")
    assert open_door.books.ended
    (connection,) = open_door.hub.connections.of_client("tab")
    assert connection.session == welcome["session"]
    assert connection.address == "10.0.0.1"


async def test_without_a_client_id_the_hub_makes_one(open_door: Door) -> None:
    """A new one each time."""
    names = []
    for _ in range(3):
        await open_door.knock("")
        names.append(open_door.answer[1]["client_id"])
    assert len(set(names)) == 3
    assert all(name.startswith("c-") for name in names)


@pytest.mark.parametrize(
    "query", ["", "a%20b", "%C3%BC", "a/b", "a" * 129, "%E2%80%AEx", "a&client_id=b", "%00", "<b>"]
)
async def test_a_client_id_is_refused_or_kept_as_it_is(open_door: Door, query: str) -> None:
    """Never rewritten."""
    error = await open_door.refusal(f"?client_id={query}")
    assert error.code is ErrorCode.INVALID_COMMAND
    assert error.message.startswith("client_id: expected one name")


async def test_channels_that_a_request_names_come_in_place_of_the_configured() -> None:
    """In their order, each once; with an empty list it is on none. What isn't there is told like any other refusal."""
    async with running(settings_for(websocket__channels=["ai_analysis"])) as live, aiohttp.ClientSession() as http:
        for query, answers in (
            ("", ["ai_analysis"]),
            ("?channels=", []),
            ("?channels=db_pool_stats,nowhere,,db_pool_stats", ["db_pool_stats", "nowhere"]),
            ("?channels=vector_search&channels=ai_analysis", ["vector_search", "ai_analysis"]),
        ):
            async with http.ws_connect(f"{live.url}/ws{query}") as socket:
                await socket.send_json({"action": "ping"})
                seen = []
                while (message := await socket.receive_json())["type"] != "pong":
                    seen.append(message)
            assert [message.get("channel") for message in seen[1:]] == answers
            refused = [message["code"] for message in seen if message["type"] == "error"]
            assert refused == ["unknown_channel"] * ("nowhere" in answers)


@pytest.mark.parametrize(
    ("query", "code"),
    [("a%20b", ErrorCode.INVALID_COMMAND), (",".join(map(str, range(101))), ErrorCode.TOO_MANY_SUBSCRIPTIONS)],
)
async def test_channels_that_cant_be_names_are_refused(query: str, code: ErrorCode) -> None:
    """And more than a connection may be on."""
    door = Door(build(settings_for(limits__subscriptions=100), inbox=Inbox()))
    assert (await door.refusal(f"?channels={query}")).code is code


async def test_foreign_pages_stay_outside(open_door: Door) -> None:
    """By `Origin`."""
    assert (await open_door.refusal(Origin="https://evil.example")).code is ErrorCode.PERMISSION_DENIED
    await open_door.knock(Origin="http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upgrade": ""}, 426),
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Sec_WebSocket_Key": "short"}, 400),
        ({"Sec_WebSocket_Key": ""}, 400),
    ],
)
async def test_what_is_no_upgrade(open_door: Door, headers: dict[str, str], status: int) -> None:
    """It is answered in the shape of every HTTP error, and nothing is left of it."""
    response = await open_door.knock(**headers)
    assert isinstance(response, web.Response)
    assert response.status == status
    assert json.loads(cast(bytes, response.body))["error"]["code"] == "invalid_command"
    assert len(open_door.hub.connections) == 0


async def test_there_must_be_room() -> None:
    """The limit is asked before anything else is done."""
    door = Door(build(settings_for(limits__connections=1), inbox=Inbox()))
    await door.knock()
    error = await door.refusal()
    assert error.code is ErrorCode.TOO_MANY_CONNECTIONS


async def test_a_client_that_is_gone_already_is_not_let_in(open_door: Door) -> None:
    """Nothing is kept of it."""
    books = HttpBooks()
    request = make_mocked_request("GET", "/ws", headers=UPGRADE, protocol=cast(Any, books))
    books.transport = None
    response = await open_door.hub.endpoint.connect(request)
    assert isinstance(response, HandedOver)
    assert len(open_door.hub.connections) == 0
    assert open_door.hub.connections.ever == 0


async def test_with_a_token(kept_door: Door) -> None:
    """In `Authorization`, or as a browser sends it; then `tocsin` is selected."""
    text = token("alice", kept_door.hub)
    await kept_door.knock("?client_id=a", Authorization=f"Bearer {text}")
    assert kept_door.answer[1]["user"] == "alice"
    await kept_door.knock("?client_id=b", Sec_WebSocket_Protocol=f"tocsin, bearer.{text}")
    head, welcome = kept_door.answer
    assert "Sec-WebSocket-Protocol: tocsin\r\n" in f"{head}\r\n"
    assert welcome["user"] == "alice"


async def test_a_bad_token_is_refused_before_the_upgrade(kept_door: Door) -> None:
    """With 401."""
    error = await kept_door.refusal(Authorization="Bearer nonsense")
    assert error.code is ErrorCode.INVALID_TOKEN


async def test_without_a_token_a_client_has_to_authenticate(kept_door: Door) -> None:
    """It is let in to do that; until then it is nobody, and holds no client id."""
    await kept_door.knock()
    assert kept_door.answer[1]["status"] == "unauthenticated"
    hub = kept_door.hub
    assert hub.connections.of_client("tab") == ()
    assert len(hub.connections) == 1


async def test_a_client_id_of_another_user(kept_door: Door) -> None:
    """409; a second tab of the same user is welcome."""
    alice, bob = token("alice", kept_door.hub), token("bob", kept_door.hub)
    for _ in range(2):
        await kept_door.knock(Authorization=f"Bearer {alice}")
    error = await kept_door.refusal(Authorization=f"Bearer {bob}")
    assert error.code is ErrorCode.CONFLICT
    assert len(kept_door.hub.connections.of_client("tab")) == 2


async def test_compression_is_negotiated(open_door: Door) -> None:
    """Where the client offers it and the hub has it."""
    offer = "permessage-deflate; client_max_window_bits"
    await open_door.knock(Sec_WebSocket_Extensions=offer)
    head = bytes(open_door.transport.sent).partition(b"\r\n\r\n")[0].decode()
    assert "server_no_context_takeover" in head
    door = Door(build(settings_for(websocket__compression=False), inbox=Inbox()))
    await door.knock(Sec_WebSocket_Extensions=offer)
    assert "permessage-deflate" not in door.answer[0]


# Refusals, and their order.


async def test_a_rebound_name_stays_outside(open_door: Door) -> None:
    """An open hub answers to loopback names only; and a page whose browser sent no `Origin` is a page all the same."""
    for headers in ({"Host": "evil.example"}, {"Host": ""}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}):
        assert (await open_door.refusal(**headers)).code is ErrorCode.PERMISSION_DENIED


async def test_a_stopping_hub_lets_nobody_in(open_door: Door) -> None:
    """It says when to try again."""
    open_door.hub.connections.draining = True
    error = await open_door.refusal()
    assert (error.code, error.details) == (ErrorCode.UNAVAILABLE, {"retry_after": 5})


async def test_a_proxy_is_not_one_client() -> None:
    """The limit per address counts those behind it."""
    settings = settings_for(limits__connections_per_ip=1, server__trusted_proxies=["10.0.0.0/8"])
    door = Door(build(settings, inbox=Inbox()))
    await door.knock("", X_Forwarded_For="203.0.113.1")
    await door.knock("", X_Forwarded_For="203.0.113.2")
    error = await door.refusal("", X_Forwarded_For="6.6.6.6, 203.0.113.1")
    assert error.code is ErrorCode.TOO_MANY_CONNECTIONS
    assert "limits.connections_per_ip" in error.message


async def test_the_order_of_refusals() -> None:
    """What is cheap and safe to say comes first: origin, room, client id, token, owner, and at last the handshake."""
    door = Door(build(with_keys(limits__connections=2), inbox=Inbox()))
    alice, bob = token("alice", door.hub), token("bob", door.hub)
    await door.knock("?client_id=tab", Authorization=f"Bearer {bob}")
    await door.knock("?client_id=other", Authorization=f"Bearer {bob}")
    query = "?client_id=a%20b"
    headers = {"Origin": "https://evil.example", "Authorization": "Bearer bad", "Upgrade": ""}
    assert (await door.refusal(query, **headers)).code is ErrorCode.PERMISSION_DENIED
    headers["Origin"] = "http://127.0.0.1:8080"
    assert (await door.refusal(query, **headers)).code is ErrorCode.TOO_MANY_CONNECTIONS
    door.hub.connections.remove(door.hub.connections.of_client("other")[0])
    assert (await door.refusal(query, **headers)).code is ErrorCode.INVALID_COMMAND
    query = "?client_id=tab"
    assert (await door.refusal(query, **headers)).code is ErrorCode.INVALID_TOKEN
    headers["Authorization"] = f"Bearer {alice}"
    assert (await door.refusal(query, **headers)).code is ErrorCode.CONFLICT
    query = "?client_id=mine"
    assert (await door.knock(query, **headers)).status == 426
    headers["Upgrade"] = "websocket"
    assert isinstance(await door.knock(query, **headers), HandedOver)


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"Upgrade": ""}, {"Upgrade": "websocket"}),
        ({"Sec_WebSocket_Version": "8"}, {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"}),
    ],
)
async def test_what_a_client_should_send_instead(
    open_door: Door, headers: dict[str, str], answer: dict[str, str]
) -> None:
    """A 426 names it (RFC 6455, 4.4; RFC 9110, 15.5.22)."""
    response = await open_door.knock(**headers)
    assert {name: response.headers[name] for name in answer} == answer


async def test_deadlines_are_watched_from_the_start(kept_door: Door) -> None:
    """Among them that by which a stranger has to authenticate."""
    await kept_door.knock()
    (connection,) = kept_door.hub.connections
    assert any(connection in slot for slot in kept_door.hub.wheel._slots.values())
