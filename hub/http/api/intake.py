"""From a request to a checked body and query, or to a refusal that says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from channels.errors import ErrorCode, ReplyError
from hub.http.errors import BrokenBody
from hub.wire import explain, holds_zero, loads

M = TypeVar("M", bound=BaseModel)

JSON = "application/json"

_ZERO = b"\\u0000"
"""The only way to write the character 0 in JSON."""

_NAME_MAX = 100
"""Characters of a field's name that are told."""


async def read_body(request: web.Request, model: type[M], limit: int, *, of_user: bool = False) -> M:
    """Read a body, as JSON of a known shape.

    Args:
        limit: longest body in bytes.
        of_user: it is for an endpoint below `/my` or `/auth`. There JSON of another shape is `invalid_data`, and text
            may not hold the character 0, which PostgreSQL can't keep.

    Raises:
        ReplyError: `unsupported_data`, `data_too_large`, `invalid_json`, and `invalid_command` or `invalid_data`.
    """
    content = await read_content(request, limit)
    value = loads(content)
    if not isinstance(value, dict):
        raise ReplyError(_wrong(of_user), "expected a JSON object as the body")
    if of_user and _ZERO in content and holds_zero(value):
        raise ReplyError(ErrorCode.INVALID_DATA, "expected text without the character 0")
    return checked(model, value, of_user)


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


def read_query(request: web.Request, model: type[M], *, of_user: bool = False) -> M:
    """Read the query. For `of_user` see `read_body`.

    Raises:
        ReplyError: `invalid_command` or `invalid_data`; also for a parameter that is there twice.
    """
    query = request.query
    values = dict(query)
    if len(values) != len(query):
        raise ReplyError(_wrong(of_user), "expected each parameter once")
    if of_user and holds_zero(values):
        raise ReplyError(ErrorCode.INVALID_DATA, "expected parameters without the character 0")
    return checked(model, values, of_user)


def checked(model: type[M], value: Mapping[str, object], of_user: bool) -> M:
    """Check values against a shape. For `of_user` see `read_body`.

    Raises:
        ReplyError: `invalid_command`, or `invalid_data` with the `path` of the first field that is wrong.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        pointer = _pointer(error) if of_user else ""
        details = {"path": pointer} if pointer else {}
        raise ReplyError(_wrong(of_user), explain(error), **details) from None


def _pointer(error: ValidationError) -> str:
    """Where what is wrong first stands, as a JSON pointer (RFC 6901); empty for all of it. A name that the client made
    up is cut."""
    place = error.errors(include_url=False, include_input=False, include_context=False)[0]["loc"]
    return "".join(f"/{str(part)[:_NAME_MAX].replace('~', '~0').replace('/', '~1')}" for part in place)


def _wrong(of_user: bool) -> ErrorCode:
    return ErrorCode.INVALID_DATA if of_user else ErrorCode.INVALID_COMMAND


def _too_large(limit: int) -> ReplyError:
    return ReplyError(ErrorCode.DATA_TOO_LARGE, f"bodies may have {limit} bytes at most", limit=limit)
