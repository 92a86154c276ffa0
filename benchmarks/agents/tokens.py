"""How long a piece of an answer takes from the model to who watches; and what of it a killed hub has lost.

The model's double says 50 pieces a second and notes when it gives each to its socket. Watchers of the session, on a
WebSocket and on the stream of JSON lines, note when they have read it: both share the double's process and clock. On
the way each piece is written into the log and committed before it is shown to anybody.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import aiohttp
from sqlalchemy import func, select

from agents.store.database import Database, DatabaseOptions
from agents.store.tables import session_events
from benchmarks.agents.clients import PATIENCE, Client, enrol
from benchmarks.agents.figures import Spread
from benchmarks.agents.hub import options_for
from benchmarks.agents.hub_process import Subject, hub_process
from benchmarks.agents.model_double import PIECE, ModelDouble, model_double
from benchmarks.agents.store import postgres

NAME: Final = "tokens"
BUDGET_MS: Final = 20.0
"""From the model to the watcher, at the 95th percentile, when one answer is being written."""
LOSS_BUDGET_MS: Final = 250.0
"""What a kill may lose of an answer."""

PIECES: Final = 500
PAUSE: Final = 0.02
"""Seconds between two pieces."""
AT_ONCE: Final = (1, 10)
KILLS: Final = 3
KILL_AFTER: Final = 1.5
"""Seconds after the first piece."""
WAYS: Final = ("WebSocket", "NDJSON")


@dataclass(frozen=True, slots=True)
class Passed:
    """How long pieces take from the model to a watcher, in milliseconds.

    Attributes:
        at_once: answers that are being written, each with its watchers.
        events: in which the pieces came, for each answer.
    """

    way: str
    at_once: int
    pieces: int
    events: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float

    @property
    def within(self) -> bool:
        """Tell whether one answer keeps to the budget; of several nothing is asked."""
        return self.at_once > 1 or self.p95_ms < BUDGET_MS


@dataclass(frozen=True, slots=True)
class Lost:
    """What was lost when the hub's process got SIGKILL in mid-answer.

    Attributes:
        said, stored: pieces, until the kill.
        ms: of the answer that isn't stored: from its first piece to the kill.
    """

    kill: int
    said: int
    stored: int
    ms: float

    @property
    def within(self) -> bool:
        """Tell whether it keeps to the budget."""
        return self.ms <= LOSS_BUDGET_MS


class Watcher:
    """Notes when each piece of the answers in a session was read.

    Attributes:
        read: times by the pieces' numbers.
        events: that had them.
    """

    def __init__(self) -> None:
        self.read: dict[int, float] = {}
        self.events = 0

    def hear(self, line: bytes | str) -> None:
        """Take a message of the hub."""
        now = time.monotonic()
        event = json.loads(line)
        if event.get("type") == "MESSAGE_DELTA":
            data = event["data"]
            self.events += 1
            for number in range(data["start"] // PIECE, (data["start"] + len(data["text"])) // PIECE):
                self.read.setdefault(number, now)

    async def on_websocket(self, http: aiohttp.ClientSession, url: str, client: Client, ready: asyncio.Event) -> None:
        """Watch the session's channel, until cancelled."""
        async with http.ws_connect(f"{url}/ws", headers=client.headers) as socket:
            await socket.send_json({"action": "subscribe", "channel": f"session:{client.session}", "id": 1})
            async for message in socket:
                if not ready.is_set() and json.loads(message.data).get("id") == 1:
                    ready.set()
                self.hear(message.data)

    async def on_lines(self, http: aiohttp.ClientSession, url: str, client: Client, ready: asyncio.Event) -> None:
        """Watch the session's stream, until cancelled."""
        async with http.get(f"{url}/my/sse/{client.session}", headers=client.headers) as response:
            async for line in response.content:
                ready.set()  # a stream begins with a snapshot
                self.hear(line)


async def measure() -> tuple[list[Passed], list[Lost]]:
    """Measure both."""
    async with postgres() as dsn, model_double(PIECES, PAUSE) as double:
        options = options_for(dsn) | double.options()
        async with hub_process(options) as hub:
            passed = await measured(hub, double)
        return passed, [await kill(dsn, options, double, number) for number in range(KILLS)]


async def measured(hub: Subject, double: ModelDouble, at_once: Sequence[int] = AT_ONCE) -> list[Passed]:
    """Measure how long pieces take on a hub."""
    found = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(), read_bufsize=1 << 20) as http:
        for count in at_once:
            clients = [await enrol(http, hub, f"tokens-{count}-{number}") for number in range(count)]
            found += await _watched(http, hub, double, clients)
    return found


async def _watched(
    http: aiohttp.ClientSession, hub: Subject, double: ModelDouble, clients: Sequence[Client]
) -> list[Passed]:
    watchers = {way: [Watcher() for _ in clients] for way in WAYS}
    tasks, ready = [], []
    for way, hears in watchers.items():
        for watcher, client in zip(hears, clients, strict=True):
            ready.append(asyncio.Event())
            watch = watcher.on_websocket if way == WAYS[0] else watcher.on_lines
            tasks.append(asyncio.create_task(watch(http, hub.url, client, ready[-1])))
    try:
        async with asyncio.timeout(60):
            await asyncio.gather(*(event.wait() for event in ready))
        await asyncio.gather(*(client.say(f"Tell me of {client.session}") for client in clients))
        await asyncio.sleep(0.2)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    sent = [double.asked[client.session].sent for client in clients]
    return [passed(way, hears, sent) for way, hears in watchers.items()]


def passed(way: str, watchers: Sequence[Watcher], sent: Sequence[Sequence[float]]) -> Passed:
    """Tell how long the pieces took. One that didn't come took forever."""
    spread = Spread.of(
        watcher.read.get(number, float("inf")) - at
        for watcher, times in zip(watchers, sent, strict=True)
        for number, at in enumerate(times)
    )
    events = sum(watcher.events for watcher in watchers) // len(watchers)
    pieces = sum(map(len, sent))
    return Passed(way, len(watchers), pieces, events, spread.p50, spread.p95, spread.p99, spread.most)


async def kill(dsn: str, options: dict[str, Any], double: ModelDouble, number: int) -> Lost:
    """Kill a hub in mid-answer, and look at what is stored."""
    async with aiohttp.ClientSession(timeout=PATIENCE) as http, hub_process(options) as hub:
        client = await enrol(http, hub, f"kill-{number}")
        await client.post(f"/my/chat/{client.session}/message/", content=f"Tell me of {client.session}", wait=False)
        async with asyncio.timeout(30):
            while client.session not in double.asked or not double.asked[client.session].sent:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.sleep(KILL_AFTER)
        at = time.monotonic()
        hub.kill()
    return lost(number, double.asked[client.session].sent, at, await stored(dsn, client.session))


async def stored(dsn: str, session: str) -> int:
    """Count the pieces of the answer in a session's log."""
    database = Database(DatabaseOptions(dsn))
    text = session_events.c.data["text"].astext
    end = session_events.c.data["start"].as_integer() + func.length(text)
    try:
        async with database.of_system() as connection:
            characters = await connection.scalar(
                select(func.max(end)).where(
                    session_events.c.session_id == UUID(session), session_events.c.type == "MESSAGE_DELTA"
                )
            )
    finally:
        await database.close()
    return int(characters or 0) // PIECE


def lost(kill: int, sent: Sequence[float], at: float, kept: int) -> Lost:
    """Tell what is lost of what was said until a kill."""
    said = [time for time in sent if time <= at]
    missing = said[kept:]
    return Lost(kill + 1, len(said), kept, round(1e3 * (at - missing[0]), 1) if missing else 0.0)
