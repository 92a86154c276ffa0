"""Many unchanged clients at once, by every transport, whose links are cut at random."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

from tests.js_client import Program, running_node
from tests.live import running, settings_for, until
from tests.needs import NODE_PROJECT
from tests.proxy import Proxy, proxied, reset

CHANNEL = "ai_analysis"
COUNT = 24
TICKS = 300


async def heard(program: Program) -> list[dict[str, Any]]:
    """Ask what each client has heard so far."""
    before = len(program.all("clients"))
    await program.order()
    latest: list[dict[str, Any]] = (await program.some("clients", before + 1))[-1]
    return latest


def cut_some(proxy: Proxy, choose: random.Random) -> None:
    """Cut a fifth of the links there are."""
    links = sorted(proxy._writers, key=id)
    for link in choose.sample(links, len(links) // 5):
        reset(link.transport)


async def test_nobody_misses_anything(node_path: Path) -> None:
    """However often links are cut, each client hears everything once and in order, and nothing of them is left."""
    choose = random.Random(7)
    named = {CHANNEL: {"history_size": 2 * TICKS}}
    settings = settings_for(websocket__heartbeat=1.0, channels__named=named, socketio__channels=[CHANNEL])
    async with running(settings) as live, proxied(live.port) as proxy:
        arguments = ("socketio_many.mjs", proxy.url, CHANNEL, str(COUNT))
        async with running_node(*arguments, folder=NODE_PROJECT) as program:
            await until(lambda: live.hub.engine.registry.count(CHANNEL) == COUNT)
            for number in range(1, TICKS + 1):
                await live.publish(CHANNEL, "tick", number)
                await asyncio.sleep(0.005)  # the publisher's pace
                if number % 30 == 0:
                    cut_some(proxy, choose)
            clients: list[dict[str, Any]] = []
            async with asyncio.timeout(40):
                while not clients or any(client["last"] != TICKS for client in clients):
                    clients = await heard(program)
            assert [client["wrong"] for client in clients] == [[]] * COUNT
            assert {client["way"] for client in clients if client["drops"]} >= {"websocket", "polling-websocket"}
        await until(lambda: not len(live.hub.connections) and not live.hub.socketio.polling)
