"""Who may use the HTTP API: tokens, foreign pages, other origins."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from hub.http.api.endpoint import Who
from hub.http.api.table import ENDPOINTS
from tests.integration.api_client import api_of, token_for
from tests.live import LiveHub, running, with_keys

NOTE = {"channel": "system_alerts", "type": "note", "data": 1}
APP = "https://app.example.com"


@pytest.fixture
async def locked() -> AsyncIterator[LiveHub]:
    """A hub that wants tokens."""
    async with running(with_keys(server__origins=["https://App.example.com:443"])) as live:
        yield live


def requests() -> list[Any]:
    """One request for each endpoint."""
    bodies: dict[str, Any] = {
        "/api/publish": NOTE,
        "/api/publish/batch": {"publications": [NOTE]},
        "/api/disconnect": {"user": "x"},
        "/api/send": {"client_id": "x", "type": "t", "data": 1},
        "/api/revocations": {"user": "x"},
        "/hooks/{source}": {"signed": "by nobody"},
    }
    return [
        pytest.param(row.who, row.method, row.path, body, id=f"{row.method} {row.path}")
        for row in ENDPOINTS
        for body in [bodies.get(row.path) or example_of(row)]
    ]


def example_of(row: Any) -> Any:
    """The body that the documentation of an endpoint shows."""
    extra = row.body.model_config.get("json_schema_extra") if row.body is not None else None
    return extra["examples"][0] if isinstance(extra, dict) and "examples" in extra else None


def filled(path: str) -> str:
    parts = {"channel": "room:ops", "user": "alice", "session": "s-1"}
    asking = {"/api/deliveries": "?user=alice&channel=system_alerts"}
    return re.sub(r"{(\w+)}", lambda part: parts.get(part[1], _id(part[1])), path) + asking.get(path, "")


def _id(name: str) -> str:
    return str(uuid4()) if name.endswith("_id") else "x-1"


@pytest.mark.parametrize(("who", "method", "path", "body"), requests())
async def test_every_endpoint_asks_who_calls(locked: LiveHub, who: Who, method: str, path: str, body: Any) -> None:
    """Without a token 401, with a bad one 401; a user's token is not an operator's; an operator's is. What a user's own
    token opens: tests/integration/test_isolation.py."""
    # 404: what an adapter does that is off, or what isn't there.
    allowed = {200, 204, 404} if who is not Who.CALLER else {200, 204, 403, 404}
    user = token_for(locked, "alice")
    admin = token_for(locked, "root", admin=True)
    async with api_of(locked) as api, api_of(locked, user) as as_user, api_of(locked, admin) as as_admin:
        answer = await api(method, filled(path), body)
        if who is Who.ANYONE:
            assert answer.status in allowed
            return
        if who is Who.FOLLOWER:  # a stream that isn't there on a hub without agents, whoever asks
            assert (answer.status, answer.code) == (404, "not_found")
            return
        assert (answer.status, answer.code) == (401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        bad = await api(method, filled(path), body, headers={"Authorization": f"Bearer {user}x"})
        assert (bad.status, bad.code) == (401, "invalid_token")
        if who is Who.MEMBER:
            return
        answer = await as_user(method, filled(path), body)
        if who is Who.CALLER:
            assert answer.status in allowed
        else:
            assert (answer.status, answer.code) == (403, "permission_denied")
        assert (await as_admin(method, filled(path), body)).status in allowed


async def test_a_token_says_where_its_bearer_may_publish(locked: LiveHub) -> None:
    """By name or pattern; being an operator gives no channel."""
    for grants, status in (({"publish": ("system_*",)}, 200), ({"publish": ("other",)}, 403), ({"admin": True}, 403)):
        async with api_of(locked, token_for(locked, "svc", **grants)) as api:
            assert (await api("POST", "/api/publish", NOTE)).status == status


async def test_a_revoked_token_is_refused(locked: LiveHub) -> None:
    """At once, and its connection is closed with 4502."""
    alice, bob = token_for(locked, "alice", token_id="t1"), token_for(locked, "bob")
    admin = token_for(locked, "root", admin=True)
    async with api_of(locked, admin) as operator, api_of(locked, alice) as api:
        headers = {"Authorization": f"Bearer {alice}"}
        async with locked.client("a", headers=headers) as client:
            assert (await api("GET", "/api/stats")).status == 200
            assert (await operator("POST", "/api/revocations", {"token_id": "t1"})).status == 204
            assert (await client.closed())[0] == 4502
        assert (await api("GET", "/api/stats")).code == "invalid_token"
        assert (await operator("POST", "/api/revocations", {"user": "bob"})).status == 204
        assert (await api("GET", "/api/stats", headers={"Authorization": f"Bearer {bob}"})).status == 401


async def test_a_stranger_learns_nothing_of_a_room(locked: LiveHub) -> None:
    """The same refusal for a room with people and history as for one that never was."""
    member, stranger = token_for(locked, "alice", rooms=("used",)), token_for(locked, "eve")
    async with locked.client("a", headers={"Authorization": f"Bearer {member}"}) as client:
        await client.ask(action="subscribe", channel="room:used")
        await locked.publish("room:used", "note", 1)
        async with api_of(locked, stranger) as api:
            for path in ("", "/history", "/presence"):
                answers = [await api("GET", f"/api/channels/room:{room}{path}") for room in ("used", "void")]
                texts = [answer.body.decode().replace("used", "void") for answer in answers]
                assert texts[0] == texts[1]
                assert answers[0].status == 403
            assert "room:used" not in (await api("GET", "/api/channels")).body.decode()
            stats = (await api("GET", "/api/stats")).json
            assert (stats["total_channels"], stats["channel_stats"]) == (1, {})
        async with api_of(locked, member) as api:
            assert (await api("GET", "/api/channels/room:used/history")).json["offset"] == 1


async def test_anonymous_callers_see_what_is_for_everyone() -> None:
    """With the option `auth.anonymous`; they publish nowhere and govern nothing."""
    async with running(with_keys(auth__anonymous=True)) as live, api_of(live) as api:
        assert len((await api("GET", "/api/channels")).json["channels"]) == 6
        assert (await api("GET", "/api/channels/system_alerts/history")).status == 200
        assert (await api("POST", "/api/publish", NOTE)).code == "permission_denied"
        assert (await api("GET", "/api/connections")).code == "permission_denied"


async def test_metrics_may_be_made_public() -> None:
    """With the option `auth.public_metrics`."""
    async with running(with_keys(auth__public_metrics=True)) as live, api_of(live) as api:
        assert (await api("GET", "/metrics")).status == 200
        assert (await api("GET", "/api/stats")).status == 401


async def test_an_open_hub_reads_no_tokens(hub: LiveHub) -> None:
    """A token there is a mistake, and is told so."""
    async with api_of(hub, "some.token.here") as api:
        answer = await api("GET", "/api/stats")
    assert (answer.status, answer.code) == (401, "invalid_token")


# Foreign pages.


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_form_can_not_publish(hub: LiveHub, media: str) -> None:
    """A browser sends such a body for any page without asking."""
    body = b'{"channel": "system_alerts", "type": "note", "data": 1}'
    async with api_of(hub) as api:
        answer = await api("POST", "/api/publish", data=body, headers={"Content-Type": media})
        assert (answer.status, answer.code) == (415, "unsupported_data")
        assert (await api("GET", "/api/channels/system_alerts")).json["offset"] == 0


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_a_foreign_page_can_change_nothing(hub: LiveHub, headers: dict[str, str]) -> None:
    """Whatever method and body it has."""
    async with api_of(hub) as api:
        for method, path, body in (
            ("POST", "/api/publish", NOTE),
            ("PUT", "/api/channels/room:ops/members/eve", None),
            ("DELETE", "/api/channels/system_alerts/history", None),
        ):
            answer = await api(method, path, body, headers=headers)
            assert (answer.status, answer.code) == (403, "permission_denied")
            assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_rebound_name_reads_nothing(hub: LiveHub) -> None:
    """An open hub answers to loopback names only."""
    async with api_of(hub) as api:
        answer = await api("GET", "/api/connections", headers={"Host": "evil.example"})
    assert (answer.status, answer.code) == (403, "permission_denied")


async def test_the_hub_s_own_page_may_publish(hub: LiveHub) -> None:
    """The console, and the page to try the API."""
    async with api_of(hub) as api:
        assert (await api("POST", "/api/publish", NOTE, headers={"Origin": hub.url})).status == 200


# CORS.


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/publish"), ("PUT", "/api/channels/room:a/members/u"), ("DELETE", "/api/channels/room:a/members/u")],
)
async def test_a_configured_origin_may_ask(locked: LiveHub, method: str, path: str) -> None:
    """A preflight needs no token, and is answered for the method and headers that it names."""
    headers = {
        "Origin": APP,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type, idempotency-key, last-event-id, prefer",
    }
    async with api_of(locked) as api:
        answer = await api("OPTIONS", path, headers=headers)
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert answer.headers["Access-Control-Allow-Methods"] == method
    assert set(answer.headers["Access-Control-Allow-Headers"].lower().split(",")) == {
        "authorization",
        "content-type",
        "idempotency-key",
        "last-event-id",
        "prefer",
    }
    assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_a_configured_origin_may_read(locked: LiveHub) -> None:
    """Answers and refusals alike, with the headers that tell when to try again, what is left of a user's requests, and
    what to ask the operator for."""
    token = token_for(locked, "svc", publish=("system_alerts",))
    async with api_of(locked, token) as api:
        for body, status in ((NOTE, 200), (NOTE | {"channel": "nope"}, 404)):
            answer = await api("POST", "/api/publish", body, headers={"Origin": APP})
            assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, APP)
            exposed = answer.headers["Access-Control-Expose-Headers"].split(",")
            left = {f"X-RateLimit-{name}" for name in ("Limit", "Remaining", "Reset")}
            assert set(exposed) == {"Retry-After", "X-Request-Id"} | left
            assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
        {"Origin": "http://app.example.com", "Access-Control-Request-Method": "POST"},
        {"Origin": f"{APP}.evil.example", "Access-Control-Request-Method": "POST"},
        {"Origin": "null", "Access-Control-Request-Method": "POST"},
        {"Origin": APP, "Access-Control-Request-Method": "DELETE"},
        {"Origin": APP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-other"},
        {"Origin": APP},
    ],
)
async def test_another_preflight_is_refused(locked: LiveHub, headers: dict[str, str]) -> None:
    """Another origin, method or header; nothing is allowed then."""
    async with api_of(locked) as api:
        answer = await api("OPTIONS", "/api/publish", headers=headers)
    assert (answer.status, answer.code) == (403, "permission_denied")
    assert not any(name.startswith("Access-Control") for name in answer.headers)


async def test_a_foreign_page_can_not_read(locked: LiveHub) -> None:
    """A GET is answered, since it changes nothing; the browser keeps the answer from the page."""
    async with api_of(locked) as api:
        answer = await api("GET", "/health", headers={"Origin": "https://evil.example"})
    assert answer.status == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
