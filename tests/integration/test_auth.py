"""Who may come in, how long they may stay, and who is thrown out, on real sockets."""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import jwt
import pytest
from structlog.testing import capture_logs

from channels.clock import SystemClock
from hub.auth import Grants, sign
from hub.closing import CloseCode
from hub.options import Settings
from hub.wheel import TICK
from tests.live import SECRET, LiveHub, running, settings_for, until, with_keys

NO_GRANTS = Grants()

SUBSCRIBE: dict[str, Any] = {"action": "subscribe", "channel": "system_alerts"}


@pytest.fixture
def settings() -> Settings:
    """A hub with one key."""
    return with_keys()


@pytest.fixture
async def guarded(settings: Settings) -> AsyncIterator[LiveHub]:
    """A hub that wants tokens."""
    async with running(settings) as live:
        yield live


def issue(settings: Settings, user: str, grants: Grants = NO_GRANTS, **options: Any) -> str:
    """Sign a token as the product does."""
    return sign(user, grants, options=settings.auth, clock=SystemClock(), **options)


def lasting(seconds: float, user: str = "alice", **claims: Any) -> str:
    """Sign a token that ends in a fraction of a second, as `sign` doesn't."""
    now = time.time()
    made = {"sub": user, "aud": "tocsin", "iat": now, "exp": now + seconds, **claims}
    return jwt.encode(made, SECRET, "HS256", {"kid": "k1"})


def unsigned(user: str = "alice") -> str:
    """Make a token that says it needs no signature."""
    header, payload = {"alg": "none", "kid": "k1"}, {"sub": user, "aud": "tocsin", "iat": 1, "exp": 4e9}
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, payload))
    return ".".join((*parts, ""))


BAD_TOKENS: dict[str, Callable[[], str]] = {
    "no token at all": lambda: "gibberish",
    "expired": lambda: lasting(-6.0),
    "not signed": unsigned,
    "signed with another secret": lambda: jwt.encode({"sub": "alice"}, SECRET[::-1], "HS256", {"kid": "k1"}),
    "signed with an unknown key": lambda: jwt.encode({"sub": "alice"}, SECRET, "HS256", {"kid": "k2"}),
    "signed with another algorithm": lambda: jwt.encode({"sub": "alice"}, SECRET * 2, "HS512", {"kid": "k1"}),
    "for another audience": lambda: lasting(60, aud="elsewhere"),
    "not valid yet": lambda: lasting(60, nbf=time.time() + 30),
    "without a user": lambda: lasting(60, sub=None),
    "changed": lambda: lasting(60)[:-4] + "AAAA",
}


async def refused(live: LiveHub, client_id: str = "tester", **options: Any) -> int:
    """Return the HTTP status that an upgrade is refused with."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as error:
        async with live.client(client_id, **options):
            pass
    return error.value.status


def bearer(token: str) -> dict[str, str]:
    """Return the header with a token."""
    return {"Authorization": f"Bearer {token}"}


async def test_without_a_token_only_ping_and_authenticate_work(guarded: LiveHub, settings: Settings) -> None:
    """The first message is the unauthenticated welcome; every command but `ping` is refused and leaves the connection
    open; `authenticate` brings the full welcome, and then everything works."""
    async with guarded.client("tab") as client:
        welcome = client.welcome
        assert set(welcome) == {"type", "status", "client_id", "session", "timestamp"}
        assert (welcome["type"], welcome["status"], welcome["client_id"]) == ("connection", "unauthenticated", "tab")
        assert (await client.ask(action="ping", data=1))["data"] == 1
        for command in (
            SUBSCRIBE,
            {"action": "unsubscribe", "channel": "system_alerts"},
            {"action": "publish", "channel": "system_alerts", "type": "t", "data": 1},
            {"action": "history", "channel": "system_alerts"},
            {"action": "presence", "channel": "system_alerts"},
            {"action": "stats"},
            {"action": "refresh", "token": issue(settings, "alice")},
        ):
            error = await client.ask(**command, id=1)
            assert (error["code"], error["action"], error["id"]) == ("unauthenticated", command["action"], 1)
        full = await client.ask(action="authenticate", token=issue(settings, "alice"), id=2)
        assert (full["status"], full["user"], full["session"], full["id"]) == (
            "connected", "alice", welcome["session"], 2
        )  # fmt: skip
        assert "user:alice" in full["available_channels"]
        assert (await client.ask(**SUBSCRIBE))["status"] == "success"
        again = await client.ask(action="authenticate", token=issue(settings, "alice"))
        assert again["code"] == "invalid_command"


async def test_until_it_has_authenticated_a_connection_gets_nothing(guarded: LiveHub, settings: Settings) -> None:
    """A stranger that claims a client id neither hears what is sent to that client nor keeps its owner out."""
    async with guarded.client("laptop") as stranger:
        async with guarded.client("laptop", headers=bearer(issue(settings, "alice"))) as owner:
            assert await guarded.hub.manager.send_to_client("laptop", {"type": "secret"}) == 1
            assert (await owner.receive())["type"] == "secret"
        assert (await stranger.ask(action="ping"))["type"] == "pong"


@pytest.mark.parametrize("make", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
async def test_a_bad_token_is_refused_wherever_it_stands(guarded: LiveHub, make: Callable[[], str]) -> None:
    """A bad token gets 401 before the upgrade; as the first message it gets `invalid_token`, and then 4500."""
    token = make()
    assert await refused(guarded, headers=bearer(token)) == 401
    assert await refused(guarded, protocols=("tocsin", f"bearer.{token}")) == 401
    async with guarded.client() as client:
        error = await client.ask(action="authenticate", token=token, id=1)
        assert (error["code"], error["id"]) == ("invalid_token", 1)
        assert token not in json.dumps(error)
        assert (await client.closed())[0] == CloseCode.INVALID_TOKEN


async def test_a_browser_gives_its_token_as_a_subprotocol(guarded: LiveHub, settings: Settings) -> None:
    """The hub reads the token from `Sec-WebSocket-Protocol`, and selects `tocsin`, never the token."""
    token = issue(settings, "alice")
    async with guarded.client(protocols=("tocsin", f"bearer.{token}")) as client:
        assert client.socket.protocol == "tocsin"
        assert client.welcome["user"] == "alice"
    assert await refused(guarded, protocols=(f"bearer.{token}",)) == 401


async def test_foreign_pages_are_refused() -> None:
    """A browser's `Origin` must be the hub's own or a configured one; a token doesn't help a foreign page."""
    configured = with_keys(server__origins=["https://app.example.com"])
    async with running(configured) as live:
        headers = bearer(issue(configured, "alice"))
        for origin in (
            "https://evil.example",
            "null",
            "https://app.example.com.evil.example",
            "http://app.example.com",
        ):
            assert await refused(live, headers={**headers, "Origin": origin}) == 403
        for origin in ("https://app.example.com", live.url):
            async with live.client(headers={**headers, "Origin": origin}) as client:
                assert client.welcome["user"] == "alice"


async def test_a_client_id_belongs_to_its_user(guarded: LiveHub, settings: Settings) -> None:
    """While a user's connection has a client id, another user is refused it with 409, or with `conflict` and 4500; two
    tabs of one user may share it; afterwards it is free."""
    alice, bob = (bearer(issue(settings, user)) for user in ("alice", "bob"))
    async with guarded.client("laptop", headers=alice) as first:
        async with guarded.client("laptop", headers=alice) as second:
            assert await refused(guarded, "laptop", headers=bob) == 409
            assert (await second.ask(action="ping"))["type"] == "pong"
        async with guarded.client("laptop") as thief:
            error = await thief.ask(action="authenticate", token=issue(settings, "bob"))
            assert error["code"] == "conflict"
            assert (await thief.closed())[0] == CloseCode.INVALID_TOKEN
        assert (await first.ask(action="ping"))["type"] == "pong"
    await until(lambda: not guarded.hub.connections)
    async with guarded.client("laptop", headers=bob) as owner:
        assert owner.welcome["user"] == "bob"


async def test_no_log_line_has_a_token(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever way a token comes, good or bad, and even where none belongs, no log line of any level has it."""
    settings = with_keys(log__access=True)
    caplog.set_level(logging.DEBUG)
    good, bad = issue(settings, "alice"), lasting(-100)
    with capture_logs() as lines:
        async with running(settings) as live:
            async with live.client("a", headers=bearer(good)) as client:
                await client.ask(action="refresh", token=bad)
                await client.ask(action="refresh", token=good)
                await client.socket.send_str(good)
                await client.receive()
                await client.ask(action=good[:100])
                await client.ask(action="subscribe", channel=bad)
            async with live.client("b", protocols=("tocsin", f"bearer.{good}")):
                pass
            async with live.client("c") as client:
                await client.ask(action="authenticate", token=good)
            async with live.client("d") as client:
                await client.ask(action="authenticate", token=bad)
                await client.closed()
            async with live.client(f"e&token={good}") as client:
                assert client.welcome["status"] == "unauthenticated"
            await refused(live, headers=bearer(bad))
            await refused(live, protocols=("tocsin", f"bearer.{bad}"))
            await refused(live, headers={"Authorization": f"Basic {bad}"})
            async with aiohttp.ClientSession() as session:
                for url in (f"{live.url}/api/stats", f"{live.url}/api/channels?token={good}", f"{live.url}/nowhere"):
                    for token in (good, bad):
                        await (await session.get(url, headers=bearer(token))).read()
            await until(lambda: not live.hub.connections)
    text = f"{lines} {caplog.text}"
    assert [line["event"] for line in lines].count("connection closed") == 5
    assert [line["event"] for line in lines].count("request refused") >= 5
    for token in (good, bad, SECRET):
        for part in (token, *token.split(".")[1:]):
            assert part not in text


async def test_a_token_that_ends_is_announced_and_enforced(guarded: LiveHub) -> None:
    """At half of a short remaining life the client is told; at the end it is closed with 4501."""
    ends = time.time() + 1.0
    async with guarded.client(headers=bearer(lasting(1.0))) as client:
        notice = await client.receive()
        assert notice == {"type": "token_expiring", "seconds": notice["seconds"]}
        assert 0 < notice["seconds"] <= 0.51
        assert (await client.closed())[0] == CloseCode.TOKEN_EXPIRED
        assert -0.1 < time.time() - ends < TICK + 0.5


async def test_a_refresh_keeps_the_connection(guarded: LiveHub) -> None:
    """A new token of the same user, sent in time, prolongs the connection with its subscriptions; the new token's end
    counts from then on."""
    async with guarded.client(headers=bearer(lasting(0.7))) as client:
        await client.ask(**SUBSCRIBE)
        ends = time.time() + 0.7
        assert (await client.receive())["type"] == "token_expiring"
        done = await client.ask(action="refresh", token=lasting(2.0), id=9)
        assert done == {"type": "refresh", "status": "success", "expires_in": done["expires_in"], "id": 9}
        assert 1.5 < done["expires_in"] <= 2.0
        notice = await client.receive()  # of the new token, so nothing happened at the end of the old one
        assert notice["type"] == "token_expiring"
        assert time.time() > ends
        await guarded.publish("system_alerts", "t", 1)
        assert (await client.receive())["type"] == "t"
        assert (await client.closed())[0] == CloseCode.TOKEN_EXPIRED


async def test_a_refresh_with_a_bad_token_changes_nothing(guarded: LiveHub, settings: Settings) -> None:
    """A token of another user, an expired or a revoked one is refused with `invalid_token`; the connection goes on as
    who it was."""
    headers = bearer(issue(settings, "alice"))
    async with guarded.client(headers=headers) as client:
        await guarded.hub.revocations.revoke_token("gone")
        for token in (issue(settings, "bob"), lasting(-10), issue(settings, "alice", token_id="gone"), unsigned()):
            error = await client.ask(action="refresh", token=token, id=1)
            assert (error["code"], error["action"], error["id"]) == ("invalid_token", "refresh", 1)
        assert (await client.ask(action="subscribe", channel="user:alice"))["status"] == "success"
        assert (await client.ask(action="subscribe", channel="user:bob"))["code"] == "permission_denied"


async def test_a_refresh_brings_the_new_tokens_grants(guarded: LiveHub, settings: Settings) -> None:
    """What the client may do follows the token that it showed last."""
    publish = {"action": "publish", "channel": "system_alerts", "type": "t", "data": 1}
    async with guarded.client(headers=bearer(issue(settings, "alice"))) as client:
        assert (await client.ask(**publish))["code"] == "permission_denied"
        await client.ask(action="refresh", token=issue(settings, "alice", Grants(publish=("system_*",))))
        assert (await client.ask(**publish))["status"] == "success"
        await client.ask(action="refresh", token=issue(settings, "alice"))
        assert (await client.ask(**publish))["code"] == "permission_denied"


async def test_revoking_a_token_closes_its_connections(guarded: LiveHub, settings: Settings) -> None:
    """Revocation by `jti` closes with 4502 whoever came with that token, nobody else, and keeps the token out."""
    lost, kept = (bearer(issue(settings, "alice", token_id=token_id)) for token_id in ("t1", "t2"))
    admin = bearer(issue(settings, "root", Grants(admin=True)))
    async with (
        guarded.client("one", headers=lost) as one,
        guarded.client("two", headers=kept) as two,
        aiohttp.ClientSession(guarded.url) as session,
    ):
        await one.ask(**SUBSCRIBE)
        async with session.post("/api/revocations", json={"token_id": "t1"}, headers=admin) as answer:
            assert answer.status == 204
        assert guarded.hub.manager.get_stats()["channel_stats"] == {}
        assert (await one.closed())[0] == CloseCode.TOKEN_REVOKED
        assert (await two.ask(action="ping"))["type"] == "pong"
        assert await refused(guarded, headers=lost) == 401


async def test_revoking_a_user_closes_all_of_its_connections(guarded: LiveHub, settings: Settings) -> None:
    """Revocation by user closes with 4502 all connections with tokens issued so far; a later token is taken."""
    alice, bob = (bearer(issue(settings, user)) for user in ("alice", "bob"))
    async with (
        guarded.client("one", headers=alice) as one,
        guarded.client("two", headers=alice) as two,
        guarded.client("three", headers=bob) as three,
    ):
        await guarded.hub.revocations.revoke_user("alice")
        for client in (one, two):
            assert (await client.closed())[0] == CloseCode.TOKEN_REVOKED
        assert (await three.ask(action="ping"))["type"] == "pong"
        assert await refused(guarded, "four", headers=alice) == 401
        async with guarded.client("four", headers=bearer(lasting(60, iat=time.time() + 0.001))) as client:
            assert client.welcome["user"] == "alice"


async def test_two_keys_are_valid_at_once() -> None:
    """While keys change, tokens of both work, each by its `kid`; a token without one is refused then."""
    keys = [{"id": name, "secret": name * 32} for name in ("old", "new")]
    settings = settings_for(auth__keys=keys)
    async with running(settings) as live:
        for key in ("old", "new"):
            async with live.client(headers=bearer(issue(settings, "alice", key_id=key))) as client:
                assert client.welcome["user"] == "alice"
        claims = {"sub": "alice", "aud": "tocsin", "iat": time.time(), "exp": time.time() + 60}
        assert await refused(live, headers=bearer(jwt.encode(claims, "old" * 32, "HS256"))) == 401
        crossed = jwt.encode(claims, "old" * 32, "HS256", {"kid": "new"})
        assert await refused(live, headers=bearer(crossed)) == 401
