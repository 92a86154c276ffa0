"""Who may open a stream: tokens and tickets; and what ends it. Cookies are in test_events_cookies.py."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie
from typing import Any

import pytest

from hub.tickets import _cookie_name
from hub.tokens import verify
from tests.integration.api_client import api_of, token_for
from tests.integration.event_stream import streaming
from tests.integration.signing_in import refused, sent, session_for, ticket_for, user_of
from tests.live import LiveHub, running, until, with_keys


async def test_without_anything_nobody_comes_in() -> None:
    """401, naming the three ways."""
    async with running(with_keys()) as live, streaming(live.port) as stream:
        message = await refused(stream)
        assert "Authorization" in message
        assert "/api/tickets" in message
        assert "/api/session" in message
        assert stream.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_in_the_header() -> None:
    """Its grants decide, as everywhere."""
    async with running(with_keys()) as live:
        token = {"Authorization": f"Bearer {token_for(live, 'alice', rooms=('ops',))}"}
        async with streaming(live.port, "user:alice,room:ops", headers=token) as stream:
            assert await user_of(stream) == "alice"
        async with streaming(live.port, "system_alerts,user:bob", headers=token) as stream:
            assert "user alice may not subscribe to user:bob" in await refused(stream, 403)
        async with streaming(live.port, headers={"Authorization": "Bearer nonsense"}) as stream:
            await refused(stream)
        await until(lambda: live.hub.engine.registry.counts() == {})


async def test_a_token_in_the_url_is_refused() -> None:
    """With a way out, and without being repeated."""
    async with running(with_keys()) as live:
        text = token_for(live, "alice")
        async with streaming(live.port, token=text) as stream:
            message = await refused(stream, 400)
            assert "expected no token in the URL" in message
            assert text not in message


# Tickets.


async def test_a_ticket_works_once() -> None:
    """As its user; the second time it is 401."""
    async with running(with_keys()) as live:
        ticket = await ticket_for(live, token_for(live, "alice", rooms=("ops",)))
        async with streaming(live.port, "user:alice,room:ops", ticket=ticket) as stream:
            assert await user_of(stream) == "alice"
            async with streaming(live.port, "user:alice", ticket=ticket) as again:
                assert "used before" in await refused(again)
            await live.publish("user:alice", "note", 1)
            assert await stream.publications(1) == [1]


async def test_a_thousand_at_once_with_one_ticket() -> None:
    """One of them gets in."""
    async with running(with_keys()) as live:
        ticket = await ticket_for(live, token_for(live, "alice"))

        async def attempt() -> int:
            async with streaming(live.port, ticket=ticket) as stream:
                return stream.status

        statuses = await asyncio.gather(*(attempt() for _ in range(50)))
        assert sorted(statuses) == [200, *[401] * 49]


async def test_a_ticket_is_late_after_its_seconds() -> None:
    """401, though nobody used it."""
    async with running(with_keys(events__ticket_lifetime=0.05, auth__leeway=0.0)) as live:
        ticket = await ticket_for(live, token_for(live, "alice"))
        await asyncio.sleep(0.1)  # the time that the ticket lives, and more
        async with streaming(live.port, ticket=ticket) as stream:
            assert "the ticket ended" in await refused(stream)


async def test_a_ticket_can_be_narrowed() -> None:
    """To channels, and to fewer seconds. What its token doesn't allow it can't be made for."""
    async with running(with_keys()) as live:
        token = token_for(live, "alice")
        async with api_of(live, token) as api:
            answer = await api("POST", "/api/tickets", {"channels": ["ai_analysis"], "lifetime": 5})
            assert answer.json["expires_in"] == 5
            assert (await api("POST", "/api/tickets", {"lifetime": 5000})).json["expires_in"] == 30
            assert (await api("POST", "/api/tickets")).json["expires_in"] == 30
            assert (await api("POST", "/api/tickets", {"channels": ["user:bob"]})).status == 403
            assert (await api("POST", "/api/tickets", {"channels": ["nope"]})).status == 404
            wrong: list[dict[str, Any]] = [{"channels": []}, {"lifetime": 0}, {"lifetime": "5"}, {"other": 1}]
            for body in wrong:
                assert (await api("POST", "/api/tickets", body)).status == 400
        async with streaming(live.port, "system_alerts", ticket=answer.json["ticket"]) as stream:
            assert "not made for system_alerts" in await refused(stream, 403)
        ticket = await ticket_for(live, token, {"channels": ["ai_analysis"]})
        async with streaming(live.port, "ai_analysis", ticket=ticket) as stream:
            assert await user_of(stream) == "alice"


async def test_who_has_no_token_gets_no_ticket() -> None:
    """Neither without one, nor as nobody in particular; and a ticket makes no ticket."""
    async with running(with_keys(auth__anonymous=True)) as live:
        ticket = await ticket_for(live, token_for(live, "alice"))
        for text in ("", ticket):
            async with api_of(live, text) as api:
                for path in ("/api/tickets", "/api/session"):
                    assert (await api("POST", path)).status == 401
        async with streaming(live.port, headers={"Authorization": f"Bearer {ticket}"}) as stream:
            await refused(stream)
        async with streaming(live.port, ticket=token_for(live, "alice")) as stream:
            assert "audience" in await refused(stream)
        async with streaming(live.port, ticket="nonsense") as stream:
            await refused(stream)
        both = {"Authorization": f"Bearer {token_for(live, 'alice')}"}
        async with streaming(live.port, headers=both, ticket=ticket) as stream:
            assert "got both" in await refused(stream)


async def test_an_open_hub_has_none(hub: LiveHub) -> None:
    """409: whoever reaches it needs none."""
    async with api_of(hub) as api:
        for path in ("/api/tickets", "/api/session"):
            assert ((answer := await api("POST", path)).status, answer.code) == (409, "conflict")
    async with streaming(hub.port, ticket="x.y.z") as stream:
        assert stream.status == 401
    async with streaming(hub.port, headers={"Cookie": "tocsin_session=of-another-hub"}) as stream:
        assert stream.status == 200


async def test_a_browser_comes_back_with_its_used_ticket() -> None:
    """By the cookie that it got with it. The ticket alone opens nothing, nor does the cookie alone."""
    async with running(with_keys()) as live:
        token = token_for(live, "alice", "token-1")
        ticket = await ticket_for(live, token, {"channels": ["user:alice"]})
        async with streaming(live.port, "user:alice", ticket=ticket) as stream:
            assert await user_of(stream) == "alice"
            cookie = SimpleCookie(stream.headers["set-cookie"])
        ((name, morsel),) = cookie.items()
        assert name.startswith("tocsin_stream_")
        assert (morsel["path"], morsel["samesite"], morsel["httponly"]) == ("/events", "Strict", True)
        assert 0 < int(morsel["max-age"]) <= 1800
        for _ in range(3):
            async with streaming(live.port, "user:alice", ticket=ticket, headers=sent(cookie)) as stream:
                assert await user_of(stream) == "alice"
                assert "set-cookie" not in stream.headers
        async with streaming(live.port, "user:alice", headers=sent(cookie)) as stream:
            await refused(stream)
        async with streaming(live.port, "system_alerts", ticket=ticket, headers=sent(cookie)) as stream:
            await refused(stream, 403)
        other = await ticket_for(live, token_for(live, "bob", "token-2"))
        async with streaming(live.port, ticket=other) as stream:
            await user_of(stream)
        forged = {"Cookie": f"{name_for(other, live)}={morsel.value}"}
        async with streaming(live.port, ticket=other, headers=forged) as stream:
            await refused(stream)
        await live.hub.revocations.revoke_token("token-1")
        async with streaming(live.port, "user:alice", ticket=ticket, headers=sent(cookie)) as stream:
            assert "revoked" in await refused(stream)


def name_for(ticket: str, live: LiveHub) -> str:
    """The name of a ticket's cookie, which is no secret."""
    return _cookie_name(verify(ticket, {key.id: key.secret for key in live.hub.settings.auth.keys}))


# The end.


async def test_a_stream_ends_with_its_token() -> None:
    """A warning comes first. What was opened by ticket or cookie ends with the token that it was made of."""
    async with running(with_keys(auth__leeway=0.0)) as live:
        token = token_for(live, "alice", lifetime=2)
        ticket = await ticket_for(live, token)
        _, cookie = await session_for(live, token)
        async with (
            streaming(live.port, headers={"Authorization": f"Bearer {token}"}) as first,
            streaming(live.port, ticket=ticket) as second,
            streaming(live.port, headers=sent(cookie)) as third,
        ):
            for stream in (first, second, third):
                messages = await stream.rest()
                assert [message["type"] for message in messages][-2:] == ["token_expiring", "close"]
                assert (messages[-1]["code"], messages[-1]["reconnect"]) == (4501, False)


@pytest.mark.parametrize("whom", ["token", "user"])
async def test_a_revocation_ends_streams(whom: str) -> None:
    """By token or by user, however the stream was opened; tickets that weren't used are worth nothing then."""
    async with running(with_keys()) as live:
        token = token_for(live, "alice", "token-1")
        ticket, unused = await ticket_for(live, token), await ticket_for(live, token)
        _, cookie = await session_for(live, token)
        async with (
            streaming(live.port, headers={"Authorization": f"Bearer {token}"}) as first,
            streaming(live.port, ticket=ticket) as second,
            streaming(live.port, headers=sent(cookie)) as third,
        ):
            for stream in (first, second, third):
                await user_of(stream)
            if whom == "token":
                await live.hub.revocations.revoke_token("token-1")
            else:
                await live.hub.revocations.revoke_user("alice")
            for stream in (first, second, third):
                assert (await stream.rest())[-1]["code"] == 4502
        async with streaming(live.port, ticket=unused) as stream:
            assert "revoked" in await refused(stream)
        async with streaming(live.port, headers=sent(cookie)) as stream:
            assert "revoked" in await refused(stream)


async def test_losing_a_membership_is_told() -> None:
    """The stream goes on with the other channels."""
    async with running(with_keys()) as live:
        await live.hub.engine.gate.membership.add("room:ops", "alice")
        token = {"Authorization": f"Bearer {token_for(live, 'alice')}"}
        async with streaming(live.port, "room:ops,system_alerts", headers=token) as stream:
            await user_of(stream)
            await stream.until("subscribe")
            await live.hub.engine.expel("room:ops", "alice")
            assert (await stream.until("unsubscribed"))["channel"] == "room:ops"
            await live.publish("room:ops", "note", 1)
            await live.publish("system_alerts", "note", 2)
            assert await stream.publications(1) == [2]
