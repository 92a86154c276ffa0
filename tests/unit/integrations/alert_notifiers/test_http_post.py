"""A POST to a URL that may be a secret, against a receiver on a real socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from integrations.alert_notifiers.http_post import HttpPost, seconds_in
from integrations.alert_notifiers.notifier import Refused, Unreachable
from tests.unit.integrations.alert_notifiers.receivers import Answer, receiving


@asynccontextmanager
async def posting(url: str) -> AsyncIterator[HttpPost]:
    post = HttpPost(url)
    await post.open()
    try:
        yield post
    finally:
        await post.close()


async def test_it_posts() -> None:
    """Body and headers as they are given; success is silent; the connection serves again."""
    async with receiving() as receiver, posting(receiver.url) as post:
        receiver.answers = [Answer(200), Answer(202), Answer(204)]
        for number in range(3):
            await post.send(b"[%d]" % number, {"X-Number": str(number)})
    assert [(came.path, came.headers["x-number"], came.body) for came in receiver.came] == [
        ("/services/T000/SECRET", str(number), b"[%d]" % number) for number in range(3)
    ]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_what_may_pass(status: int) -> None:
    """Busy or broken receivers are tried again, when they say."""
    async with receiving() as receiver, posting(receiver.url) as post:
        receiver.answers = [Answer(status, {"Retry-After": "7"})]
        with pytest.raises(Unreachable, match=f"^answered {status}$") as failed:
            await post.send(b"", {})
    assert failed.value.retry_after == 7


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_what_will_not_pass(status: int) -> None:
    """The reason has the status, and neither the URL nor what the receiver said."""
    async with receiving() as receiver, posting(receiver.url) as post:
        receiver.answers = [Answer(status)]
        with pytest.raises(Refused, match=f"^answered {status}$"):
            await post.send(b"", {})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    """Whoever can answer for the receiver can't send the alerts elsewhere, such as into our own network."""
    async with receiving() as elsewhere, receiving() as receiver, posting(receiver.url) as post:
        receiver.answers = [Answer(status, {"Location": elsewhere.url})]
        with pytest.raises(Refused, match=f"^answered {status}, and redirects are not followed$"):
            await post.send(b"x", {})
    assert elsewhere.came == []


async def test_nobody_there() -> None:
    """Connection refused, a name that doesn't exist, a server that says nothing of HTTP and hangs up."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        async with posting(f"http://127.0.0.1:{bound.getsockname()[1]}/SECRET") as post:
            with pytest.raises(Unreachable, match=r"^ClientConnectorError$"):
                await post.send(b"", {})
    async with posting("http://nobody.invalid/SECRET") as post:
        with pytest.raises(Unreachable, match=r"^ClientConnectorDNSError$"):
            await post.send(b"", {})

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server, posting(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/SECRET") as post:
        with pytest.raises(Unreachable, match=r"Error$"):
            await post.send(b"", {})


async def test_a_url_that_is_none() -> None:
    """It is not repeated."""
    async with posting("http://:SECRET:/") as post:
        with pytest.raises((Refused, Unreachable)) as failed:
            await post.send(b"", {})
    assert "SECRET" not in str(failed.value)


async def test_a_receiver_that_hangs_can_be_left() -> None:
    """Cancelling leaves nothing behind."""
    async with receiving() as receiver, posting(receiver.url) as post:
        receiver.answers = [Answer(hang=True)]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await post.send(b"", {})
        await post.send(b"again", {})
    assert receiver.came[-1].body == b"again"


async def test_the_url_is_not_shown() -> None:
    """Not before it is open, and not by its `repr`."""
    post = HttpPost("http://hooks.example/SECRET")
    assert "SECRET" not in repr(post)
    with pytest.raises(Unreachable, match="not started"):
        await post.send(b"", {})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("", 0.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("²", 0.0),
        ("9" * 5000, 86_400.0),
        ("Sat, 21 Nov 2026 10:15:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 10:14:30 GMT", 0.0),
        ("Sat, 21 Nov 2099 10:14:30 GMT", 86_400.0),
    ],
)
def test_retry_after(text: str, seconds: float) -> None:
    """Seconds or a date; at most a day; what can't be read is none."""
    assert seconds_in(text, 1_795_256_100.0) == seconds
