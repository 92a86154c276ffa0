"""Recording what handlers of an aiohttp application fail with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from integrations.error_firewall.firewall import ErrorFirewall

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def error_middleware(firewall: ErrorFirewall) -> Middleware:
    """Make a middleware that records exceptions of handlers, and lets them go on as they were.

    The operation is the route, such as `GET /orders/{number}`, and its parameters are those of the path. Answers that
    are raised (`web.HTTPNotFound`) are no errors. Query and body are not looked at: they may hold anything.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:
            firewall.record(error, _operation(request), dict(request.match_info))
            raise

    return middleware


def _operation(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return f"{request.method} {resource.canonical if resource is not None else 'unknown'}"
