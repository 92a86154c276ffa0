"""The bare subscriber, in this process."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import orjson
import pytest
import redis.asyncio as redis_py

from benchmarks.resilience.bare_subscriber import listen
from benchmarks.resilience.hubs import Valkey, stopping


async def test_it_says_when_it_listens_and_notes_how_late_messages_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    valkey = Valkey(tmp_path)
    with stopping(valkey):
        listening = asyncio.create_task(listen(valkey.port, 2))
        publisher = redis_py.Redis(port=valkey.port)
        while (await publisher.pubsub_numsub("bare"))[0][1] == 0:  # noqa: ASYNC110 - the server tells when asked only
            await asyncio.sleep(0.01)
        for age in (5.0, 10.0):
            await publisher.publish("bare", orjson.dumps({"at": time.time() - age}))
        lateness = await asyncio.wait_for(listening, 20)
        await publisher.aclose()
    assert [round(late / 5) for late in lateness] == [1, 2]
    assert capsys.readouterr().out == "subscribed\n"
