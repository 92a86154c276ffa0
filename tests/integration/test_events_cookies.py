"""The session cookie, and the pages whose browsers send it."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest

from tests.integration.api_client import api_of, token_for
from tests.integration.event_stream import streaming
from tests.integration.signing_in import refused, sent, session_for, user_of
from tests.live import LiveHub, running, with_keys

APP = "https://app.example.com"


# The session cookie.


async def test_a_session_opens_streams_and_websockets() -> None:
    """And nothing else: a request that changes something takes no cookie."""
    async with running(with_keys()) as live:
        answer, cookie = await session_for(live, token_for(live, "alice", admin=True, publish=("*",)))
        assert answer.status == 204
        morsel = cookie["tocsin_session"]
        assert (morsel["path"], morsel["samesite"], morsel["httponly"], morsel["secure"]) == ("/", "Strict", True, "")
        for _ in range(2):
            async with streaming(live.port, "user:alice", headers=sent(cookie)) as stream:
                assert await user_of(stream) == "alice"
        async with live.client(headers=sent(cookie)) as client:
            assert client.welcome["user"] == "alice"
            reply = await client.ask(action="publish", channel="system_alerts", type="note", data=1)
            assert reply["status"] == "success"
        async with api_of(live) as api:
            body = {"channel": "system_alerts", "type": "note", "data": 1}
            assert (await api("POST", "/api/publish", body, headers=sent(cookie))).status == 401
            assert (await api("GET", "/api/connections", headers=sent(cookie))).status == 401
        async with api_of(live, morsel.value) as api:
            assert (await api("GET", "/api/stats")).status == 401


async def test_a_session_ends() -> None:
    """`DELETE` removes the cookie from the browser, wherever it is asked from."""
    async with running(with_keys()) as live, api_of(live) as api:
        answer = await api("DELETE", "/api/session")
        assert answer.status == 204
        morsel = SimpleCookie(answer.headers["Set-Cookie"])["tocsin_session"]
        assert (morsel.value, morsel["max-age"]) == ("", "0")
        async with streaming(live.port, headers={"Cookie": "tocsin_session=nonsense"}) as stream:
            await refused(stream)


async def test_cookies_are_marked_secure_where_there_is_tls() -> None:
    """Also if only a proxy has it: by the page's origin, or by configuration."""
    async with running(with_keys(server__origins=[APP], events__cookie="other")) as live:
        _, cookie = await session_for(live, token_for(live, "alice"), Origin=APP)
        assert cookie["other"]["secure"] is True
    async with running(with_keys(events__cookie_secure=True)) as live:
        _, cookie = await session_for(live, token_for(live, "alice"))
        assert cookie["tocsin_session"]["secure"] is True


async def test_a_long_token_fits_no_cookie() -> None:
    """413, saying what to do: no browser would keep it."""
    async with running(with_keys()) as live:
        token = token_for(live, "alice", subscribe=tuple(f"channel-{number}-{'x' * 80}" for number in range(60)))
        async with api_of(live, token) as api:
            assert (await api("POST", "/api/session")).status == 413


# Foreign pages.


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_foreign_pages_stay_outside(hub: LiveHub, headers: dict[str, str]) -> None:
    """403, on an open hub and on one with keys, with or without a cookie."""
    async with streaming(hub.port, headers=headers) as stream:
        await refused(stream, 403)
        assert "access-control-allow-origin" not in stream.headers
    async with running(with_keys()) as live:
        _, cookie = await session_for(live, token_for(live, "alice"))
        async with streaming(live.port, headers=headers | sent(cookie)) as stream:
            await refused(stream, 403)


async def test_pages_of_configured_origins_may_read() -> None:
    """With cookies, if they are of the same site; errors too."""
    async with running(with_keys(server__origins=[APP])) as live:
        _, cookie = await session_for(live, token_for(live, "alice"))
        async with streaming(live.port, headers={"Origin": APP} | sent(cookie)) as stream:
            await user_of(stream)
            assert stream.headers["access-control-allow-origin"] == APP
            assert stream.headers["access-control-allow-credentials"] == "true"
            assert "Origin" in stream.headers["vary"]
        async with streaming(live.port, headers={"Origin": APP}) as stream:
            await refused(stream)
            assert stream.headers["access-control-allow-origin"] == APP
        preflight = {"Origin": APP, "Access-Control-Request-Method": "POST"}
        async with api_of(live) as api:
            for path, credentials in (("/api/session", "true"), ("/api/publish", None)):
                answer = await api("OPTIONS", path, headers=preflight)
                assert answer.headers.get("Access-Control-Allow-Credentials") == credentials
            preflight["Access-Control-Request-Method"] = "GET"
            preflight["Access-Control-Request-Headers"] = "authorization"
            answer = await api("OPTIONS", "/events", headers=preflight)
            assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, APP)
