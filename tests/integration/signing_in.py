"""Signing in to event streams: tokens, tickets and cookies, as pages and browsers use them."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

from tests.integration.api_client import Answer, api_of
from tests.integration.event_stream import Stream
from tests.live import LiveHub


async def ticket_for(live: LiveHub, token: str, body: dict[str, Any] | None = None) -> str:
    async with api_of(live, token) as api:
        answer = await api("POST", "/api/tickets", body)
    assert answer.status == 200, answer.json
    text: str = answer.json["ticket"]
    return text


async def session_for(live: LiveHub, token: str, **headers: str) -> tuple[Answer, SimpleCookie]:
    async with api_of(live, token) as api:
        answer = await api("POST", "/api/session", headers=headers)
    return answer, SimpleCookie(answer.headers.get("Set-Cookie", ""))


def sent(cookie: SimpleCookie) -> dict[str, str]:
    """The header with which a browser gives cookies back."""
    return {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in cookie.items())}


async def user_of(stream: Stream) -> str | None:
    assert stream.status == 200, await stream.error()
    user: str | None = (await stream.message())["user"]
    await stream.until("subscribe")
    return user


async def refused(stream: Stream, status: int = 401) -> str:
    assert stream.status == status
    text: str = (await stream.error())["message"]
    return text
