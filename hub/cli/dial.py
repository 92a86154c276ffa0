"""Open a WebSocket to a hub, or say why that can't be."""

from __future__ import annotations

import errno

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus

from hub.cli.endpoint import Endpoint, authorization
from hub.cli.exits import Exit, Failure
from hub.cli.refusal import refused_over_http

OPEN_TIMEOUT = 10.0
"""Seconds from the first packet to the end of the handshake."""
CLOSE_TIMEOUT = 2.0
"""Seconds that the hub has to answer a close: Ctrl+C ends a command within them."""
LARGEST_MESSAGE = 64 << 20
"""Bytes. A hub's limit is for what clients send, and a publication comes with its envelope around it."""


async def dial(endpoint: Endpoint, client_id: str, token: str | None) -> ClientConnection:
    """Connect.

    Raises:
        Failure: temporary when another attempt may do.
    """
    url = endpoint.websocket(client_id)
    try:
        return await connect(
            url,
            additional_headers=authorization(token),
            open_timeout=OPEN_TIMEOUT,
            close_timeout=CLOSE_TIMEOUT,
            max_size=LARGEST_MESSAGE,
            proxy=None,
        )
    except InvalidStatus as error:
        failure = refused_over_http(error.response.status_code, bytes(error.response.body or b""), endpoint.url)
        code = Exit.UNREACHABLE if failure.code is Exit.FAILURE else failure.code
        raise Failure(code, failure.lines, failure.temporary) from None
    except InvalidHandshake as error:
        raise Failure(Exit.UNREACHABLE, f"{endpoint.url}: something listens there, but no hub: {error}", True) from None
    except OSError as error:
        raise unreachable(endpoint, error) from None


def unreachable(endpoint: Endpoint, error: OSError) -> Failure:
    """Say that nothing could be reached, and what to do."""
    if _is_refused(error):
        text = f"{endpoint.url}: nothing listens there; start a hub with `tocsin serve`, or give its address with --url"
    else:
        text = f"{endpoint.url}: can't connect: {_reason(error)}"
    return Failure(Exit.UNREACHABLE, text, True)


def _is_refused(error: OSError) -> bool:
    # A name with several addresses fails with one error that has no number, and the numbers of all in its text.
    return error.errno == errno.ECONNREFUSED or (error.errno is None and f"[Errno {errno.ECONNREFUSED}]" in str(error))


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {OPEN_TIMEOUT:.0f} s"
    return error.strerror or str(error) or type(error).__name__
