"""Publishing over HTTP: the busiest endpoint, so it does nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from channels.clock import iso
from channels.errors import ErrorCode, ReplyError
from channels.model import Draft
from channels.policy import Principal
from hub.commands import encode
from hub.descriptions import Described, NotPlaced, Placed, Problem
from hub.http.api.answers import Results
from hub.http.api.bodies import Content, PublishBatchBody, PublishBody
from hub.http.api.endpoint import Call, Hub

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
"""The header that says the same as `idempotency_key`."""

_KEY_MAX: Final = 128


async def publish(hub: Hub, call: Call[PublishBody, None]) -> Described:
    """Publish to one channel, or to several with a result for each."""
    body = call.body
    key = _idempotency_key(call.request, body.idempotency_key)
    data, timestamp = encode(body.data), iso(hub.clock.now())
    if body.channel is not None:
        return await _publish(hub, _draft(body.channel, body, data, timestamp, key), call.caller)
    drafts = [_draft(channel, body, data, timestamp, key) for channel in body.channels or ()]
    return await _publish_all(hub, drafts, call.caller)


async def publish_batch(hub: Hub, call: Call[PublishBatchBody, None]) -> Results:
    """Publish what may be of different types for different channels, in order."""
    items, limit = call.body.publications, hub.settings.limits.batch
    if len(items) > limit:
        message = f"expected at most {limit} publications (limits.batch), got {len(items)}"
        raise ReplyError(ErrorCode.INVALID_COMMAND, message, limit=limit)
    if IDEMPOTENCY_KEY in call.request.headers:
        message = f"expected no header {IDEMPOTENCY_KEY}; give each publication its own idempotency_key"
        raise ReplyError(ErrorCode.INVALID_COMMAND, message)
    timestamp = iso(hub.clock.now())
    drafts = [_draft(item.channel, item, encode(item.data), timestamp, item.idempotency_key) for item in items]
    return await _publish_all(hub, drafts, call.caller)


def _draft(channel: str, content: Content, data: bytes, timestamp: str, key: str | None) -> Draft:
    return Draft(channel, content.type, data, timestamp, content.key, content.except_, key, content.version)


async def _publish(hub: Hub, draft: Draft, caller: Principal) -> Placed:
    published = await hub.engine.publish(draft, caller)
    epoch, offset = published.position or (None, None)
    return Placed(
        channel=draft.channel,
        epoch=epoch,
        offset=offset,
        subscribers=published.subscribers,
        duplicate=published.duplicate,
        superseded=published.superseded or None,
        queued=published.queued or None,
    )


async def _publish_all(hub: Hub, drafts: Sequence[Draft], caller: Principal) -> Results:
    """Publish in order. All are begun before the first is done: a broker elsewhere then takes them in one round trip,
    and it keeps the order in which they were begun."""
    return Results(results=await asyncio.gather(*(_try_to_publish(hub, draft, caller) for draft in drafts)))


async def _try_to_publish(hub: Hub, draft: Draft, caller: Principal) -> Placed | NotPlaced:
    try:
        return await _publish(hub, draft, caller)
    except ReplyError as error:
        return NotPlaced(channel=draft.channel, error=Problem(**error.as_dict()))


def _idempotency_key(request: web.Request, given: str | None) -> str | None:
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return given
    if not 1 <= len(key) <= _KEY_MAX:
        raise ReplyError(ErrorCode.INVALID_COMMAND, f"{IDEMPOTENCY_KEY}: expected 1 to {_KEY_MAX} characters")
    if given is not None and given != key:
        raise ReplyError(ErrorCode.INVALID_COMMAND, f"{IDEMPOTENCY_KEY}: expected the same as idempotency_key")
    return key
