"""`publish` for coroutines: a thread does the waiting."""

from __future__ import annotations

import asyncio
from typing import Any

from tocsin_client.model import Published
from tocsin_client.publisher import TIMEOUT, publish


async def apublish(
    channel: str,
    type: str,
    data: Any,
    *,
    key: str | None = None,
    idempotency_key: str | None = None,
    version: int | None = None,
    timeout: float = TIMEOUT,
) -> Published:
    """Publish to the configured hub, and wait for the position, without holding the loop up. See `publish`.

    A cancelled call may still publish. Who publishes much, or is connected anyway, uses `Hub.publish`.
    """
    return await asyncio.to_thread(
        publish, channel, type, data, key=key, idempotency_key=idempotency_key, version=version, timeout=timeout
    )
