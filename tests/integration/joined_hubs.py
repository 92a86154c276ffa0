"""Several hubs in one test, on real sockets, joined as the processes of one hub are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from channels.clock import SystemClock
from channels.local import LocalClaims
from channels.memory import MemoryBroker, MemoryMembership, MemoryPresence
from hub.backends import Backends
from hub.notify import Inbox
from hub.options import Settings
from hub.server import Server
from hub.wiring import build
from tests.joined import JoinedNodes, JoinedNoticeboard, Junction
from tests.live import LiveHub


class Processes:
    """Hubs that are joined. Each has streams of its own: what is published on one stays there."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self.junction = Junction(self.clock)
        self.membership = MemoryMembership()
        self.nodes: dict[str, JoinedNodes] = {}

    @asynccontextmanager
    async def one(self, node: str) -> AsyncIterator[LiveHub]:
        """Run one more."""
        nodes = self.nodes[node] = JoinedNodes(self.junction, node)
        backends = Backends(
            MemoryBroker(self.clock),
            MemoryPresence(),
            self.membership,
            nodes,
            JoinedNoticeboard(self.junction),
            LocalClaims(self.clock),
        )
        server = Server(build(self.settings, inbox=Inbox(), backends=backends))
        await server.start()
        try:
            yield LiveHub(server)
        finally:
            await server.stop()

    def cut_off(self, node: str) -> None:
        """Let a process get nothing more; it is still in the list of those that live."""
        self.nodes[node].take = lambda topic, text: None  # type: ignore[method-assign]


@asynccontextmanager
async def joined(settings: Settings, number: int = 2) -> AsyncIterator[tuple[Processes, list[LiveHub]]]:
    """Run so many; their names are `a`, `b`, and so on."""
    processes = Processes(settings)
    async with AsyncExitStack() as stack:
        hubs = [await stack.enter_async_context(processes.one("abcdef"[n])) for n in range(number)]
        yield processes, hubs
