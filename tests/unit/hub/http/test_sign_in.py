"""Who opens a stream: by header, by ticket, by cookie, or without any."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from channels.errors import ErrorCode, ReplyError
from channels.policy import ANONYMOUS, Principal
from hub.auth import Grants, sign
from hub.http.sign_in import LONG_LIVED, set_cookie
from hub.notify import Inbox
from hub.sections.events import EventsOptions
from hub.wiring import Hub, build
from tests.live import settings_for, with_keys


def locked(**options: Any) -> Hub:
    return build(with_keys(**options), inbox=Inbox())


def asked(query: dict[str, str] | None = None, **headers: str) -> web.Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("GET", f"/events?{urlencode(query or {})}", headers=named)


def bearer(hub: Hub, user: str = "alice") -> str:
    return f"Bearer {sign(user, Grants(), options=hub.settings.auth, clock=hub.clock)}"


async def who(hub: Hub, request: web.Request) -> Principal:
    return (await hub.sign_in.stream(request, "tab"))[0].principal


async def refusal(hub: Hub, request: web.Request) -> ErrorCode:
    with pytest.raises(ReplyError) as caught:
        await hub.sign_in.stream(request, "tab")
    return caught.value.code


async def test_each_way() -> None:
    """The same user by each of them."""
    hub = locked()
    token = bearer(hub)
    principal = await who(hub, asked(Authorization=token))
    assert principal.user == "alice"
    ticket, _ = hub.sign_in.tickets.ticket(principal)
    session, _ = hub.sign_in.tickets.session(principal)
    assert (await who(hub, asked({"ticket": ticket}))).user == "alice"
    assert (await who(hub, asked(Cookie=f"tocsin_session={session}"))).user == "alice"


async def test_none() -> None:
    """Nobody, or somebody without a name, or on an open hub the client id."""
    assert await refusal(locked(), asked()) is ErrorCode.UNAUTHENTICATED
    assert await who(locked(auth__anonymous=True), asked()) == ANONYMOUS
    assert await who(build(settings_for(), inbox=Inbox()), asked()) == Principal("tab", admin=True)


async def test_a_header_goes_before_a_cookie() -> None:
    """What a page says goes before what its browser sends along. A bad one is refused all the same."""
    hub = locked()
    bob, _ = hub.sign_in.tickets.session(await who(hub, asked(Authorization=bearer(hub, "bob"))))
    cookie = f"tocsin_session={bob}"
    assert (await who(hub, asked(Authorization=bearer(hub), Cookie=cookie))).user == "alice"
    assert await refusal(hub, asked(Authorization="Bearer x", Cookie=cookie)) is ErrorCode.INVALID_TOKEN
    assert await refusal(hub, asked({"ticket": "x"}, Cookie=cookie)) is ErrorCode.INVALID_TOKEN
    assert await refusal(hub, asked({"ticket": "x"}, Authorization=bearer(hub))) is ErrorCode.INVALID_TOKEN


@pytest.mark.parametrize(
    "cookie", ["tocsin_session=x", "tocsin_session=x.y.z", 'tocsin_session="a', "tocsin_session=é"]
)
async def test_a_bad_cookie_is_refused(cookie: str) -> None:
    """Not taken for none: who is signed out should know."""
    assert await refusal(locked(auth__anonymous=True), asked(Cookie=cookie)) is ErrorCode.INVALID_TOKEN


@pytest.mark.parametrize("cookie", ["", "tocsin_session=", "other=1", ";;;", "\x00"])
async def test_no_cookie(cookie: str) -> None:
    """Others' cookies are not ours."""
    assert await who(locked(auth__anonymous=True), asked(Cookie=cookie)) == ANONYMOUS


async def test_an_open_hub_looks_at_no_cookie() -> None:
    """It may be that of another hub on the same host."""
    assert build(settings_for(), inbox=Inbox()).sign_in.cookie(asked(Cookie="tocsin_session=x")) is None


def test_where_a_cookie_goes() -> None:
    """To this host alone, not to scripts, and not with requests of other sites."""
    header = set_cookie(asked(), EventsOptions(), "name", "a.b-c_d", "/events", 99.9)
    assert header == "name=a.b-c_d; HttpOnly; Max-Age=99; Path=/events; SameSite=Strict"
    assert "Max-Age=0" in set_cookie(asked(), EventsOptions(), "name", "", "/", -5)


def test_when_a_cookie_is_secure() -> None:
    """Where the page, the hub or the configuration has TLS."""
    plain, options = asked(), EventsOptions(cookie_secure=True)
    for request, given in ((asked(Origin="https://a.example"), EventsOptions()), (plain, options)):
        assert "; Secure" in set_cookie(request, given, "name", "x", "/", 1)
    assert "; Secure" not in set_cookie(asked(Origin="http://a.example"), EventsOptions(), "name", "x", "/", 1)


def test_words_for_tokens() -> None:
    """A ticket is none of them."""
    assert "token" in LONG_LIVED
    assert "ticket" not in LONG_LIVED
