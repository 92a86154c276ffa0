"""How many requests a user may make: counted over all processes, told in the headers of every answer."""

from __future__ import annotations

import math

from aiohttp import web

from agents.ports import Allowance
from channels.policy import Principal
from hub.adapters.agents.shared import require
from hub.http.api.endpoint import Hub
from hub.http.middleware import EXTRA_HEADERS


async def count(hub: Hub, request: web.Request, caller: Principal) -> None:
    """Count a request of a user. A stream is one request, however long it lasts.

    While agents are off or not up there is nothing to count: the endpoint itself refuses.

    Raises:
        ReplyError: `rate_limited`, or what finding the user may raise.
    """
    agents = hub.adapters.agents
    if agents is None or not agents.ready or caller.user is None:
        return
    parts = agents.parts
    if parts.limiter is None:
        return
    scope = await parts.members.scope(caller.user)
    allowance = await parts.limiter.take(scope.key)
    request[EXTRA_HEADERS] = headers_of(allowance)
    require(allowance)


def headers_of(allowance: Allowance) -> dict[str, str]:
    """Return the headers that tell a client what is left. Times are whole seconds from now, never too few."""
    return {
        "X-RateLimit-Limit": str(allowance.limit),
        "X-RateLimit-Remaining": str(allowance.remaining),
        "X-RateLimit-Reset": str(math.ceil(allowance.reset)),
    }
