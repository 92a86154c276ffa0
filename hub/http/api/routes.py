"""From the table of endpoints to routes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDict, istr

from channels.policy import ANONYMOUS, Principal
from hub.http.api.answers import encode_answer
from hub.http.api.endpoint import Answer, Call, Cookie, Endpoint, Hub, Who
from hub.http.api.intake import JSON, read_body, read_content, read_query
from hub.http.api.my.allowance import count
from hub.http.api.table import ENDPOINTS
from hub.http.cors import add_cors
from hub.http.errors import tells_problems
from hub.http.sign_in import set_cookie

_HEADERS: Final = CIMultiDict({istr("Content-Type"): JSON, istr("Cache-Control"): "no-store"})

_IDS: Final = re.compile(r"{(\w+_id)}")
_ID: Final = r"{\1:[0-9A-Fa-f-]{36}}"
"""Parts of a path that are UUIDs, and what they match: `/my/agents/starter` is no agent, whatever the method."""


def add_api(app: web.Application, hub: Hub) -> None:
    """Serve all endpoints, for pages of `server.origins` too."""
    resources: dict[str, web.Resource] = {}
    routes: list[web.AbstractRoute] = []
    with_cookies: list[web.AbstractRoute] = []
    for endpoint in ENDPOINTS:
        resource = resources.get(endpoint.path)
        if resource is None:
            resource = resources[endpoint.path] = app.router.add_resource(_IDS.sub(_ID, endpoint.path))
        handler = _handler(hub, endpoint)
        (with_cookies if endpoint.cookies else routes).append(resource.add_route(endpoint.method, handler))
        if endpoint.method == "GET":
            resource.add_route("HEAD", handler)
    add_cors(app, routes, hub.settings.server.origins)
    add_cors(app, with_cookies, hub.settings.server.origins, cookies=True)


def _handler(hub: Hub, endpoint: Endpoint[Any, Any]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        caller = _admit(hub, endpoint.who, request)
        if endpoint.who is Who.MEMBER:
            await count(hub, request, caller)
        call = Call(request, caller, await _body(hub, endpoint, request), _query(endpoint, request))
        return _response(hub, endpoint, request, await endpoint.handler(hub, call))

    return handle


def _admit(hub: Hub, who: Who, request: web.Request) -> Principal:
    """Return who calls.

    Raises:
        ReplyError: `unauthenticated`, `invalid_token` or `permission_denied`.
    """
    if who is Who.CALLER:
        return hub.access.principal(request)
    if who is Who.MEMBER:
        return hub.access.member(request)
    if who is Who.FOLLOWER:
        return ANONYMOUS  # until the handler has seen the ticket or the cookie
    if who is Who.ANYONE or (who is Who.SCRAPER and hub.settings.auth.public_metrics):
        return ANONYMOUS
    return hub.access.operator(request)


async def _body(hub: Hub, endpoint: Endpoint[Any, Any], request: web.Request) -> object:
    limit, model = hub.settings.limits.message_bytes, endpoint.body
    if endpoint.raw:
        return await read_content(request, limit)
    if model is None or endpoint.own_body:
        return None
    if endpoint.body_optional and not request.body_exists:
        return model()
    return await read_body(request, model, limit, of_user=tells_problems(endpoint.path))


def _query(endpoint: Endpoint[Any, Any], request: web.Request) -> object:
    if endpoint.query is None:
        return None
    return read_query(request, endpoint.query, of_user=tells_problems(endpoint.path))


def _response(hub: Hub, endpoint: Endpoint[Any, Any], request: web.Request, answer: Answer) -> web.StreamResponse:
    if answer is None:
        return web.Response(status=204)
    if isinstance(answer, web.StreamResponse):
        return answer
    if isinstance(answer, Cookie):
        header = set_cookie(request, hub.sign_in.options, answer.name, answer.value, "/", answer.seconds)
        return web.Response(status=204, headers={"Set-Cookie": header, "Cache-Control": "no-store"})
    if isinstance(answer, bytes):
        return web.Response(body=answer, headers={"Content-Type": endpoint.media, "Cache-Control": "no-store"})
    status = answer.http_status if answer.http_status != 200 else endpoint.status
    return web.Response(status=status, body=encode_answer(answer), headers=_HEADERS)
