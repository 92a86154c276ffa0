"""Connecting, and what is said when that fails."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from contextlib import closing

import pytest

from hub.cli.dial import dial, unreachable
from hub.cli.endpoint import endpoint_of
from hub.cli.exits import Exit, Failure
from tests.unit.hub.cli.scripted_hub import ScriptedHub


def free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def refusal(url: str) -> Failure:
    with pytest.raises(Failure) as caught:
        await dial(endpoint_of(url), "me", None)
    return caught.value


async def test_the_token_is_in_the_header_and_not_in_the_url(scripted: ScriptedHub) -> None:
    """URLs end up in logs."""
    connection = await dial(endpoint_of(scripted.url), "me", "a.b.c")
    await connection.close()
    (request,) = scripted.requests
    assert request.path == "/ws?channels=&client_id=me"
    assert request.headers["Authorization"] == "Bearer a.b.c"


async def test_without_a_token_there_is_no_header(scripted: ScriptedHub) -> None:
    """An empty one would be refused."""
    connection = await dial(endpoint_of(scripted.url), "me", None)
    await connection.close()
    assert "Authorization" not in scripted.requests[0].headers


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_nothing_listens(host: str) -> None:
    """The URL is named, and how to start a hub; also for a name with several addresses."""
    failure = await refusal(f"http://{host}:{free_port()}")
    assert (failure.code, failure.temporary) == (Exit.UNREACHABLE, True)
    assert f"http://{host}:" in failure.lines[0]
    assert "tocsin serve" in failure.lines[0]


@pytest.mark.parametrize(
    ("status", "body", "code", "temporary"),
    [
        (401, b'{"error": {"code": "invalid_token", "message": "expired"}}', Exit.REFUSED, False),
        (409, b'{"error": {"code": "conflict", "message": "in use"}}', Exit.REFUSED, False),
        (
            503,
            b'{"error": {"code": "too_many_connections", "message": "full", "temporary": true}}',
            Exit.UNREACHABLE,
            True,
        ),
        (502, b"<html>", Exit.UNREACHABLE, True),
        (404, b"", Exit.UNREACHABLE, False),
    ],
)
async def test_a_refused_upgrade_is_told_in_the_hubs_words(
    scripted: ScriptedHub, status: int, body: bytes, code: Exit, temporary: bool
) -> None:
    """Whether another attempt may do comes from the hub, too."""
    scripted.answer = (status, body)
    failure = await refusal(scripted.url)
    assert (failure.code, failure.temporary) == (code, temporary)


async def test_something_else_listens() -> None:
    """A server that doesn't speak HTTP."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        failure = await refusal(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert failure.code is Exit.UNREACHABLE
    assert "no hub" in failure.lines[0]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "nothing listens there"),
        (
            OSError("Multiple exceptions: [Errno 111] x, [Errno 111] y".replace("111", str(errno.ECONNREFUSED))),
            "nothing",
        ),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "can't connect: No route to host"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "can't connect: Name or service not known"),
        (TimeoutError("timed out"), "can't connect: no answer within 10 s"),
        (ssl.SSLCertVerificationError("certificate verify failed"), "certificate verify failed"),
        (ConnectionResetError(), "can't connect: ConnectionResetError"),
    ],
)
def test_every_error_is_told(error: OSError, words: str) -> None:
    """With the URL that was tried."""
    failure = unreachable(endpoint_of("https://hub"), error)
    assert failure.lines[0].startswith("https://hub: ")
    assert words in failure.lines[0]
