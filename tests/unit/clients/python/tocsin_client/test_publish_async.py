"""Publishing in a coroutine."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from tests.unit.clients.python.doubles import HttpDouble, Reply
from tocsin_client.errors import HubError
from tocsin_client.notify import configure
from tocsin_client.publish_async import apublish


async def test_the_loop_goes_on() -> None:
    """While the hub takes its time."""
    go_on = threading.Event()

    def answer(*_: Any) -> Reply:
        assert go_on.wait(10)
        return 200, {}, {"channel": "c", "epoch": "e", "offset": 1, "subscribers": 0, "duplicate": False}

    with HttpDouble(answer) as double:
        configure(double.url)
        publishing = asyncio.create_task(apublish("c", "t", 1, key="k"))
        await asyncio.sleep(0)
        go_on.set()
        assert (await publishing).position is not None
        assert double.requests[0][2]["key"] == "k"
        configure(None)
        with pytest.raises(HubError, match="unconfigured"):
            await apublish("c", "t", 1)
