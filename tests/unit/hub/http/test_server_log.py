"""What aiohttp's server writes down of a connection."""

from __future__ import annotations

import asyncio
import logging

import pytest
from aiohttp import ClientSession

from hub.http.server_log import ServerLog
from tests.live import LiveHub

BAD_GZIP = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"
LONG_URL = b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize("sent", [LONG_URL, BAD_GZIP, b"GET / HTTP/9.9.9\r\n\r\n"], ids=["url", "gzip", "version"])
async def test_bytes_that_are_no_http_make_no_error(
    sent: bytes, hub: LiveHub, caplog: pytest.LogCaptureFixture
) -> None:
    """One line for each, without a trace; and the hub serves on."""
    caplog.set_level(logging.INFO)
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    writer.write(sent)
    async with asyncio.timeout(10):
        await reader.readline()
        writer.write_eof()
        await reader.read()
    writer.close()
    async with ClientSession() as http, http.get(f"{hub.url}/health") as response:
        assert response.status == 200
    told = [record for record in caplog.records if record.name == "aiohttp.server"]
    assert [(record.levelname, record.exc_info) for record in told] == [("INFO", None)]
    assert len(told[0].getMessage()) < 100


def test_the_hub_s_own_faults_are_told_with_their_trace(caplog: pytest.LogCaptureFixture) -> None:
    """As aiohttp does."""
    fault = ValueError("broken")
    ServerLog().exception("Unhandled exception", exc_info=fault)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("ERROR", "Unhandled exception")
    assert record.exc_info is not None
    assert record.exc_info[1] is fault
