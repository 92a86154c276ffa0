"""Opening a WebSocket, or saying why that can't be."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.clients.python.doubles import FAST, Conversation, playing
from tocsin_client.address import Address
from tocsin_client.dial import Refused, dial
from tocsin_client.errors import Unreachable
from tocsin_client.options import Options


async def silent(conversation: Conversation) -> None:
    return


async def test_a_token_goes_into_a_header() -> None:
    """And a name into the query."""
    async with playing(silent) as double:
        socket = await dial(Address.parse(double.url), "me", "a.b.c", FAST)
        assert (double.conversations[0].token, double.conversations[0].path) == ("a.b.c", "/ws?channels=&client_id=me")
        await socket.close()


async def test_a_refusal_has_the_hubs_own_words() -> None:
    """And its header's time, unless the body names one."""
    async with playing(silent) as double:
        error = {"code": "rate_limited", "message": "too fast", "temporary": True}
        double.refusals = [(429, {"Retry-After": "7"}, {"error": error}), (502, {}, "<html>")]
        with pytest.raises(Refused) as caught:
            await dial(Address.parse(double.url), None, None, FAST)
        assert (caught.value.status, caught.value.error.code, caught.value.error.retry_after) == (
            429,
            "rate_limited",
            7,
        )
        with pytest.raises(Refused) as caught:
            await dial(Address.parse(double.url), None, None, FAST)
        assert (caught.value.status, caught.value.error.code) == (502, "unavailable")


async def test_nothing_and_something_else() -> None:
    """No listener, no answer, no HTTP."""
    with pytest.raises(Unreachable, match="9: "):
        await dial(Address.parse("http://127.0.0.1:9"), None, None, FAST)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"220 mail.example.com ESMTP\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        with pytest.raises(Unreachable):
            await dial(Address.parse(url), None, None, Options(attempt_timeout=2.0))
