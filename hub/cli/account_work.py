"""What `tocsin account` does: in the database's tables, and at a running hub for what that alone can end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from channels.clock import SystemClock
from channels.errors import ErrorCode, ReplyError
from hub.adapters.agents.administration import Administration, NoAccounts, administration
from hub.auth import Grants, sign
from hub.cli.endpoint import Endpoint
from hub.cli.exits import Exit, Failure
from hub.cli.request import request
from hub.options import Settings

TIMEOUT: Final = 5.0
LIFETIME: Final = 15.0
"""Seconds that a hub has to answer, and that the operator's token for this one request is good."""

_OPERATOR: Final = "tocsin-account"
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - where to connect, not to listen

T = TypeVar("T")


def on_accounts(settings: Settings, work: Callable[[Administration], Awaitable[T]]) -> T:
    """Work on the accounts of the configured database.

    Raises:
        Failure: they can't be reached, or it is refused.
    """
    if not settings.agents.enabled:
        raise Failure(Exit.USAGE, "agents.enabled: is false, so this hub has no accounts; name its --config")

    async def run() -> T:
        async with administration(settings) as accounts:
            return await work(accounts)

    try:
        return asyncio.run(run())
    except NoAccounts as error:
        raise Failure(Exit.UNREACHABLE, str(error), temporary=True) from None
    except ReplyError as error:
        code = Exit.UNREACHABLE if error.code is ErrorCode.UNAVAILABLE else Exit.REFUSED
        raise Failure(code, f"{error.message} ({error.code.word})", error.code.temporary) from None


def end_tokens(settings: Settings, endpoint: Endpoint, subject: str) -> None:
    """Have a running hub refuse the access tokens of a user, and close the connections that came with them.

    It is asked as operators ask it, with a token signed by the configured key; an open hub needs none.

    Raises:
        Failure: it isn't there, or refuses.
    """
    token = None
    if settings.auth.keys:
        clock = SystemClock()
        token = sign(_OPERATOR, Grants(admin=True), options=settings.auth, clock=clock, lifetime=LIFETIME)
    body = {"user": subject}
    asyncio.run(request(endpoint, token, "POST", "/api/revocations", timeout=TIMEOUT, body=body))


def address_of(settings: Settings) -> str:
    """Return where a hub with these settings is reached from this machine."""
    server = settings.server
    host = _ANY.get(server.host, f"[{server.host}]" if ":" in server.host else server.host)
    return f"http{'s' if server.tls_certificate else ''}://{host}:{server.port}"
