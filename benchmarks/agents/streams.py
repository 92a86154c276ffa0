"""Many streams of one user: what each takes of memory, and how long an event takes from its commit to the last of them.

`one session` has a thousand streams open on it, more than anybody has tabs. `many sessions` have three tabs each, and
50 events a second among them. The hub, and what reads the streams, have a process each; events are written by the hub,
which notes when each was committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp

from benchmarks.agents.clients import PATIENCE, Client, enrol
from benchmarks.agents.figures import Spread
from benchmarks.agents.hub import options_for
from benchmarks.agents.hub_process import Subject, Written, hub_process
from benchmarks.agents.readers import ReaderProcess, Times
from benchmarks.agents.store import postgres
from benchmarks.processes import rss_bytes

NAME: Final = "streams"
BUDGET_MS: Final = 100.0
"""From the commit of an event to its last stream, at the 99th percentile."""

FIRST: Final = 5
"""One of so many streams is opened before memory is looked at."""

SETTLE_SECONDS: Final = 1.0
"""For the last event to be read."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is measured.

    Attributes:
        sessions: of one user.
        tabs: streams of each.
        events: that are written, in all sessions together.
        rate: of them, in a second.
    """

    name: str
    sessions: int
    tabs: int
    events: int
    rate: float


LOADS: Final = (Load("one session", 1, 1_000, 100, 5.0), Load("many sessions", 100, 3, 500, 50.0))


@dataclass(frozen=True, slots=True)
class Delivery:
    """How events came, in milliseconds from their commits.

    Attributes:
        missed: events that a stream didn't get.
        per_second: events, as they were really written.
        p50_ms, p99_ms, max_ms: of the last stream that got it.
        each_p50_ms, each_p99_ms: of all deliveries.
        kilobytes: resident memory of the hub that a stream takes more.
    """

    load: str
    streams: int
    events: int
    per_second: float
    missed: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    each_p50_ms: float
    each_p99_ms: float
    kilobytes: float

    @property
    def within(self) -> bool:
        """Tell whether all came, and in time."""
        return not self.missed and self.p99_ms < BUDGET_MS


async def measure(loads: Sequence[Load] = LOADS) -> list[Delivery]:
    """Measure each load on a hub of its own."""
    found = []
    async with postgres() as dsn:
        for load in loads:
            async with hub_process(options_for(dsn)) as hub:
                found.append(await measured(hub, load))
    return found


async def measured(hub: Subject, load: Load) -> Delivery:
    """Measure a load on a hub."""
    async with aiohttp.ClientSession(timeout=PATIENCE) as http:
        sessions = await sessions_of(http, hub, f"streams-{load.name.replace(' ', '-')}", load.sessions)
    token = await hub.token(sessions.user)
    streams = [id for _ in range(load.tabs) for id in sessions.ids]
    first = max(1, len(streams) // FIRST)
    # The first ones find room that the hub has left from its start; what each takes is seen in the others.
    readers = [await ReaderProcess.open(hub.url, token, streams[:first])]
    try:
        before = rss_bytes(hub.pid)
        readers.append(await ReaderProcess.open(hub.url, token, streams[first:]))
        taken = (rss_bytes(hub.pid) - before) / max(1, len(streams) - first)
        written = await hub.write(sessions.user, sessions.ids, load.events, 1 / load.rate)
        await asyncio.sleep(SETTLE_SECONDS)
    finally:
        times = [await each.close() for each in readers]
    return delivery(load, written, joined(times), taken)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions of one user."""

    user: str
    ids: list[str]


async def sessions_of(http: aiohttp.ClientSession, hub: Subject, user: str, count: int) -> Sessions:
    """Make sessions."""
    client: Client = await enrol(http, hub, user)
    ids = [(await client.post("/my/chat/sessions/"))["id"] for _ in range(count)]
    return Sessions(user, ids)


def joined(several: Sequence[Times]) -> Times:
    """Join what several readers have read."""
    times: Times = {}
    for one in several:
        for event, read in one.items():
            times.setdefault(event, []).extend(read)
    return times


def delivery(load: Load, written: Written, times: Times, taken: float) -> Delivery:
    """Tell how events came.

    Args:
        taken: bytes of memory that a stream takes.
    """
    streams = load.sessions * load.tabs
    each = [read - at for id, seq, at in written for read in times.get((id, seq), ())]
    last = Spread.of(max(times[id, seq]) - at for id, seq, at in written if (id, seq) in times)
    every = Spread.of(each)
    seconds = written[-1][2] - written[0][2] if len(written) > 1 else 0.0
    return Delivery(
        load.name,
        streams,
        len(written),
        round((len(written) - 1) / seconds, 1) if seconds else 0.0,
        load.tabs * len(written) - len(each),
        last.p50,
        last.p99,
        last.most,
        every.p50,
        every.p99,
        round(taken / 1024, 1),
    )
