"""From the table of endpoints to routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDict, istr

from channels.policy import ANONYMOUS, Principal
from hub.descriptions import Described
from hub.http.api.answers import encode_answer
from hub.http.api.cors import add_cors
from hub.http.api.endpoint import Call, Cookie, Endpoint, Hub, Who
from hub.http.api.intake import JSON, BrokenBody, read_body, read_content, read_query
from hub.http.api.table import ENDPOINTS
from hub.http.errors import error_response
from hub.http.sign_in import set_cookie

_HEADERS: Final = CIMultiDict({istr("Content-Type"): JSON, istr("Cache-Control"): "no-store"})


def add_api(app: web.Application, hub: Hub) -> None:
    """Serve all endpoints, for pages of `server.origins` too."""
    resources: dict[str, web.Resource] = {}
    routes: list[web.AbstractRoute] = []
    with_cookies: list[web.AbstractRoute] = []
    for endpoint in ENDPOINTS:
        resource = resources.get(endpoint.path)
        if resource is None:
            resource = resources[endpoint.path] = app.router.add_resource(endpoint.path)
        handler = _handler(hub, endpoint)
        (with_cookies if endpoint.cookies else routes).append(resource.add_route(endpoint.method, handler))
        if endpoint.method == "GET":
            resource.add_route("HEAD", handler)
    add_cors(app, routes, hub.settings.server.origins)
    add_cors(app, with_cookies, hub.settings.server.origins, cookies=True)


def _handler(hub: Hub, endpoint: Endpoint[Any, Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
    limit = hub.settings.limits.message_bytes
    who, body_model, query_model = endpoint.who, None if endpoint.own_body else endpoint.body, endpoint.query
    run, media, optional, raw = endpoint.handler, endpoint.media, endpoint.body_optional, endpoint.raw

    async def handle(request: web.Request) -> web.Response:
        caller = _admit(hub, who, request)
        try:
            body: object = None
            if raw:
                body = await read_content(request, limit)
            elif body_model is not None:
                absent = optional and not request.body_exists
                body = body_model() if absent else await read_body(request, body_model, limit)
        except BrokenBody as error:
            response = error_response(error)
            response.force_close()
            return response
        query = None if query_model is None else read_query(request, query_model)
        answer = await run(hub, Call(request, caller, body, query))
        if isinstance(answer, Cookie):
            header = set_cookie(request, hub.sign_in.options, answer.name, answer.value, "/", answer.seconds)
            return web.Response(status=204, headers={"Set-Cookie": header, "Cache-Control": "no-store"})
        return _response(answer, media)

    return handle


def _admit(hub: Hub, who: Who, request: web.Request) -> Principal:
    """Return who calls.

    Raises:
        ReplyError: `unauthenticated`, `invalid_token` or `permission_denied`.
    """
    if who is Who.CALLER:
        return hub.access.principal(request)
    if who is Who.ANYONE or (who is Who.SCRAPER and hub.settings.auth.public_metrics):
        return ANONYMOUS
    return hub.access.operator(request)


def _response(answer: Described | bytes | None, media: str) -> web.Response:
    if answer is None:
        return web.Response(status=204)
    if isinstance(answer, bytes):
        return web.Response(body=answer, headers={"Content-Type": media, "Cache-Control": "no-store"})
    return web.Response(status=answer.http_status, body=encode_answer(answer), headers=_HEADERS)
