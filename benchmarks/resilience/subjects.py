"""What jitter is done to: Tocsin with one of its faults, and Socket.IO on Node as a comparison."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random

from benchmarks.processes import Command, Failed, Server, free_port
from benchmarks.resilience import jitter
from benchmarks.resilience.client import Client
from benchmarks.resilience.hubs import BACK, BROKER, CHANNEL, WORKER, Hub, stopping, until
from benchmarks.resilience.jitter import Jitter
from benchmarks.resilience.publisher import HubPublisher
from benchmarks.resilience.socketio import SocketIoClient, SocketIoPublisher
from benchmarks.workshop import Workshop

TOCSIN = "Tocsin"

FAULTS = {"calm": "", "worker killed": WORKER, "broker killed": BROKER}
"""What may happen to Tocsin meanwhile: a word of the process that is killed."""

RECOVERY = {"as it comes": "0", "with connectionStateRecovery": "1"}
"""How Socket.IO is set up, and how its server is told. Its recovery in memory supports one process, without faults."""

WORKERS = 2


async def tocsin(
    fault: str, clients: int, rate: float, seconds: float, folder: Path, say: Callable[[str], None]
) -> Jitter:
    """Run two workers on the embedded Valkey, with one kind of fault in the middle.

    Raises:
        Failed: also when what was killed was not replaced: then the fault wasn't the one that it is called.
    """
    hub = Hub(folder, f"jitter-{fault.replace(' ', '-')}", workers=WORKERS)
    with stopping(hub):
        word = FAULTS[fault]
        number = len(hub.members(word)) if word else 0
        killed: list[int] = []

        def strike() -> None:
            if word:
                killed.append(hub.kill(word))
                say(f"  killed process {killed[0]} ({word}), one of {number}")

        crowd = [Client(hub.port, CHANNEL, Random(n)) for n in range(clients)]
        publisher = HubPublisher(hub.port, CHANNEL)
        outcome = await jitter.measure(f"{TOCSIN}, {fault}", crowd, publisher, strike, rate, seconds, say)
        if killed:
            complaint = f"process {killed[0]} ({word}) was not replaced"
            await asyncio.to_thread(until, lambda: hub.replaced(killed[0], word, number), BACK, complaint)
    if fault == "worker killed" and not outcome.drops:
        raise Failed("the worker that was killed served nobody; nothing was measured by it")
    return outcome


async def socket_io(
    kind: str, clients: int, rate: float, seconds: float, workshop: Workshop, say: Callable[[str], None]
) -> Jitter:
    """Run Socket.IO in one process.

    Raises:
        benchmarks.workshop.Absent: Node or its modules aren't here.
    """
    port, node = free_port(), workshop.tool("node")
    argv = [str(node), str(Path(__file__).with_name("socketio_recovery.js")), str(port), RECOVERY[kind]]
    environment = {"NODE_PATH": str(workshop.node() / "node_modules")}
    server = Server(Command(argv, environment), port, workshop.directory / "socket-io.log")
    with stopping(server):
        await asyncio.to_thread(server.wait_ready, (port,))
        crowd = [SocketIoClient(port, Random(n)) for n in range(clients)]
        publisher = SocketIoPublisher(port)
        title = f"Socket.IO {workshop.node_version('socket.io')}, {kind}"
        return await jitter.measure(title, crowd, publisher, lambda: None, rate, seconds, say)
