"""From a request to a checked body and query, or to a refusal that says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from channels.errors import ErrorCode, ReplyError
from hub.wire import explain, loads

M = TypeVar("M", bound=BaseModel)

JSON = "application/json"


class BrokenBody(ReplyError):
    """A body ended early, or was encoded wrongly. The connection can't be used for another request."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.INVALID_COMMAND, message)


async def read_body(request: web.Request, model: type[M], limit: int) -> M:
    """Read a body, as JSON of a known shape.

    Args:
        limit: longest body in bytes.

    Raises:
        ReplyError: `unsupported_data`, `data_too_large`, `invalid_json` or `invalid_command`.
    """
    value = loads(await read_content(request, limit))
    if not isinstance(value, dict):
        raise ReplyError(ErrorCode.INVALID_COMMAND, "expected a JSON object as the body")
    return _check(model, value)


async def read_content(request: web.Request, limit: int) -> bytes:
    """Read a body of JSON as it came, without looking into it.

    A form or plain text is refused whatever it holds: pages of other sites can send those without asking.

    Args:
        limit: longest body in bytes.

    Raises:
        ReplyError: `unsupported_data`, `data_too_large`, or `invalid_command` when it breaks off.
    """
    if request.content_type != JSON:
        raise ReplyError(ErrorCode.UNSUPPORTED_DATA, f"expected Content-Type: {JSON}, got {request.content_type[:100]}")
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _too_large(limit) from None
    except (web.RequestPayloadError, ConnectionError) as error:
        # Otherwise aiohttp tries to read the rest, and logs that it couldn't, with a traceback.
        request.content.feed_eof()
        raise BrokenBody(f"the body can't be read: {' '.join(str(error).split())}") from None


def read_query(request: web.Request, model: type[M]) -> M:
    """Read the query.

    Raises:
        ReplyError: `invalid_command`; also for a parameter that is there twice.
    """
    query = request.query
    values = dict(query)
    if len(values) != len(query):
        raise ReplyError(ErrorCode.INVALID_COMMAND, "expected each parameter once")
    return _check(model, values)


def _check(model: type[M], value: Mapping[str, object]) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise ReplyError(ErrorCode.INVALID_COMMAND, explain(error)) from None


def _too_large(limit: int) -> ReplyError:
    return ReplyError(ErrorCode.DATA_TOO_LARGE, f"bodies may have {limit} bytes at most", limit=limit)
