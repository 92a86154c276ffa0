"""From a request to a checked body or query."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request

from channels.errors import ErrorCode, ReplyError
from hub.http.api.bodies import HistoryQuery, SendBody
from hub.http.api.intake import checked, read_body, read_content, read_query
from hub.http.api.my.agents import CreateAgentBody
from hub.http.errors import BrokenBody

BODY = b'{"client_id": "c", "type": "t", "data": 1}'
JSON = "application/json"


def request(
    content: bytes, media: str | None = JSON, *, fault: Exception | None = None, length: int | None = None
) -> web.Request:
    loop = asyncio.get_running_loop()
    payload = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    payload.feed_data(content)
    if fault is None:
        payload.feed_eof()
    else:
        payload.set_exception(fault)
    named = {"Content-Type": media} if media is not None else {}
    if length is not None:
        named["Content-Length"] = str(length)
    return make_mocked_request("POST", "/", headers=named, payload=payload, client_max_size=1024)


async def refusal(asked: web.Request) -> ReplyError:
    with pytest.raises(ReplyError) as refused:
        await read_body(asked, SendBody, 1024)
    return refused.value


async def test_a_body_is_read() -> None:
    """As JSON, whatever parameters the content type has."""
    for media in (JSON, "application/json; charset=utf-8", "Application/JSON"):
        assert await read_body(request(BODY, media), SendBody, 1024) == SendBody(client_id="c", type="t", data=1)


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", None]
)
async def test_other_content_types_are_refused(media: str | None) -> None:
    """What a form of a foreign page can send isn't even read."""
    refused = await refusal(request(BODY, media))
    assert (refused.code, refused.code.status) == (ErrorCode.UNSUPPORTED_DATA, 415)
    assert "application/json" in refused.message


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", ErrorCode.INVALID_JSON),
        (b"{", ErrorCode.INVALID_JSON),
        (b'{"data": NaN}', ErrorCode.INVALID_JSON),
        (b'{"data": "\\ud800"}', ErrorCode.INVALID_JSON),
        (b'{"data": "\xff"}', ErrorCode.INVALID_JSON),
        (b'{"data": 1e400}', ErrorCode.INVALID_JSON),
        (b'{"data": ' + b"[" * 101 + b"]" * 101 + b"}", ErrorCode.INVALID_JSON),
        (b"[]", ErrorCode.INVALID_COMMAND),
        (b"null", ErrorCode.INVALID_COMMAND),
        (b"{}", ErrorCode.INVALID_COMMAND),
    ],
)
async def test_a_wrong_body_is_refused(content: bytes, code: ErrorCode) -> None:
    """By what is wrong with it: no JSON, or not what was asked for."""
    assert (await refusal(request(content))).code is code


async def test_wrong_fields_are_named() -> None:
    """All of them, in one line."""
    refused = await refusal(request(b'{"client_id": 1, "type": "t", "text": "x"}'))
    assert refused.message == "client_id: Input should be a valid string; Missing data parameter; text: no such field"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"name": 1}, "/name"),
        ({}, "/name"),
        ({"name": "coder", "config": {"temperature": 9}}, "/config/temperature"),
        ({"name": "coder", "a~/b" + "x" * 200: 1}, "/a~0~1b" + "x" * 96),
    ],
)
def test_users_are_told_the_path_of_what_is_wrong(value: dict[str, object], path: str) -> None:
    """As a JSON pointer to the first wrong field, so that a form can show the refusal beside it."""
    with pytest.raises(ReplyError) as refused:
        checked(CreateAgentBody, value, of_user=True)
    assert (refused.value.code, refused.value.details) == (ErrorCode.INVALID_DATA, {"path": path})


@pytest.mark.parametrize("length", [1025, None])
async def test_a_long_body_is_refused(length: int | None) -> None:
    """Announced or not; the refusal names the limit."""
    refused = await refusal(request(b'"' + b"x" * 1023 + b'"', length=length))
    assert (refused.code, refused.details) == (ErrorCode.DATA_TOO_LARGE, {"limit": 1024})


async def test_a_body_of_exactly_the_limit_is_read() -> None:
    """The limit itself is allowed."""
    assert (await read_body(request(BODY.ljust(1024)), SendBody, 1024)).type == "t"


@pytest.mark.parametrize("fault", [web.RequestPayloadError("bad\n gzip"), ConnectionResetError("lost")])
async def test_a_broken_body_ends_the_connection(fault: Exception) -> None:
    """The rest isn't waited for."""
    asked = request(gzip.compress(BODY)[:5], fault=fault)
    refused = await refusal(asked)
    assert isinstance(refused, BrokenBody)
    assert "\n" not in refused.message


async def test_content_is_not_looked_into() -> None:
    """A signature is over the bytes as they came: not even JSON is asked for, but its content type and length are."""
    for content in (b"{", b"", b" {} \n", b"\xff"):
        assert await read_content(request(content), 1024) == content
    for asked, code in ((request(b"{}", "text/plain"), 415), (request(b"x" * 1025), 413)):
        with pytest.raises(ReplyError) as refused:
            await read_content(asked, 1024)
        assert refused.value.code.status == code


def test_a_query_is_read() -> None:
    """Text becomes what the model says."""
    assert read_query(make_mocked_request("GET", "/?limit=5&reverse=1"), HistoryQuery) == HistoryQuery(
        limit=5, reverse=True
    )


@pytest.mark.parametrize("query", ["limit=x", "limit=1&limit=2", "lim=1"])
def test_a_wrong_query_is_refused(query: str) -> None:
    """Wrong, repeated and unknown parameters."""
    with pytest.raises(ReplyError) as refused:
        read_query(make_mocked_request("GET", f"/?{query}"), HistoryQuery)
    assert refused.value.code is ErrorCode.INVALID_COMMAND


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[]", ErrorCode.INVALID_DATA),
        (b"{}", ErrorCode.INVALID_DATA),
        (b"{", ErrorCode.INVALID_JSON),
        (BODY.replace(b"1", b'["a", {"b": "\\u0000"}]'), ErrorCode.INVALID_DATA),
        (BODY.replace(b"1", b'{"\\u0000": 1}'), ErrorCode.INVALID_DATA),
    ],
)
async def test_bodies_of_users(content: bytes, code: ErrorCode) -> None:
    """JSON of another shape is data that is wrong; so is the character 0, which PostgreSQL can't keep."""
    with pytest.raises(ReplyError) as refused:
        await read_body(request(content), SendBody, 1024, of_user=True)
    assert refused.value.code is code


async def test_what_only_looks_like_the_character_0() -> None:
    """Is text like any other; and what isn't for the database may hold it."""
    written = BODY.replace(b"1", b'"\\\\u0000"')
    assert (await read_body(request(written), SendBody, 1024, of_user=True)).data == "\\u0000"
    assert (await read_body(request(BODY.replace(b"1", b'"\\u0000"')), SendBody, 1024)).data == "\0"


@pytest.mark.parametrize("query", ["limit=x", "limit=1&limit=2", "lim=1", "since=%00:1"])
def test_queries_of_users(query: str) -> None:
    """Refused as bodies are."""
    with pytest.raises(ReplyError) as refused:
        read_query(make_mocked_request("GET", f"/?{query}"), HistoryQuery, of_user=True)
    assert refused.value.code is ErrorCode.INVALID_DATA
