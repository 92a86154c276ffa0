"""Open a WebSocket to a hub, or say why that can't be."""

from __future__ import annotations

import contextlib
import json
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.http11 import Response

from tocsin_client.address import Address
from tocsin_client.errors import HubError, Unreachable
from tocsin_client.options import Options
from tocsin_client.tokens import authorization
from tocsin_client.wire import error_of

FOR_GOOD: Final = frozenset({400, 401, 403, 409})
"""What a hub answers to who needn't try again as it is."""


class Refused(Exception):
    """The answer was HTTP."""

    def __init__(self, status: int, error: HubError) -> None:
        super().__init__(str(error))
        self.status = status
        self.error = error


async def dial(address: Address, client_id: str | None, token: str | None, options: Options) -> ClientConnection:
    """Connect.

    Raises:
        Refused: by something that speaks HTTP.
        Unreachable: by nothing, or something else.
        ValueError: the token can't be sent.
    """
    try:
        return await connect(
            address.websocket(client_id),
            additional_headers=authorization(token),
            open_timeout=options.attempt_timeout,
            close_timeout=options.close_timeout,
            ping_interval=None,  # the link asks in the protocol's own words, which every proxy passes on
            max_size=options.message_bytes,
            max_queue=64,
            proxy=None,
        )
    except InvalidStatus as error:
        raise Refused(error.response.status_code, _error(error.response)) from None
    except TimeoutError:
        raise Unreachable(f"{address.url}: no answer within {options.attempt_timeout:g} s") from None
    except (OSError, InvalidHandshake, EOFError) as error:
        raise Unreachable(f"{address.url}: {str(error) or type(error).__name__}") from None


def _error(response: Response) -> HubError:
    status = response.status_code
    fields: dict[str, object] = {}
    with contextlib.suppress(ValueError, UnicodeDecodeError, AttributeError):
        fields.update(json.loads(bytes(response.body or b"")).get("error") or {})
    fields.setdefault("code", "unavailable" if status >= 500 or status == 429 else "not_found")
    fields.setdefault("message", f"expected a hub's WebSocket, got HTTP {status}")
    after = response.headers.get("Retry-After", "")
    if after.isdecimal():
        fields.setdefault("retry_after", int(after))
    return error_of(fields)
