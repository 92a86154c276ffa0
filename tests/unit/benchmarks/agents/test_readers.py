"""Streams that are read in another process."""

from __future__ import annotations

import aiohttp
import pytest

from benchmarks.agents.clients import enrol
from benchmarks.agents.hub import MeasuredHub
from benchmarks.agents.readers import ReaderProcess, Readers, times_of, told
from benchmarks.processes import Failed


async def test_each_stream_tells_when_it_read_an_event(hub: MeasuredHub) -> None:
    """Also of sessions of one user side by side; times are those of this machine's clock."""
    async with aiohttp.ClientSession() as http:
        client = await enrol(http, hub, "anna")
        other = (await client.post("/my/chat/sessions/"))["id"]
    readers = await ReaderProcess.open(hub.url, await hub.token("anna"), [client.session, client.session, other])
    written = await hub.write("anna", [client.session, other], 4, 0.02)
    times = await readers.close()
    # The last one may still have been on its way.
    assert {event: len(times[event]) for event in [(id, seq) for id, seq, _ in written[:3]]} == {
        (client.session, 2): 2,
        (other, 2): 1,
        (client.session, 3): 2,
    }
    first = written[0]
    assert min(times[first[0], first[1]]) > first[2] - 0.05


async def test_a_stream_that_is_refused_is_a_failure(hub: MeasuredHub) -> None:
    """Nobody waits for it."""
    session = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(Failed, match="can't be opened"):
        await ReaderProcess.open(hub.url, await hub.token("anna"), [session])


def test_times_survive_the_way_between_processes() -> None:
    """As JSON has no pairs for keys."""
    readers = Readers("http://127.0.0.1:1", "")
    readers.times = {("a", 1): [1.5, 2.5], ("b", 1): []}
    assert times_of(told(readers.times)) == readers.times
    readers.close()
