"""Starts workers, keeps them alive, and lets them go one after the other. Serves nobody itself."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import Any, Protocol

import structlog

from hub import listening, systemd
from hub.embedded.lending import lent
from hub.logs import configure
from hub.options import Settings
from hub.reload import Reread, reread, tls_context
from hub.tasks import Tasks
from hub.workers.process import Place, Worker
from hub.workers.renewal import reread_all
from hub.workers.slot import Slot

log = structlog.get_logger(__name__)

RELOAD_TIMEOUT = 10.0
"""Seconds that a worker has to take other settings."""
TAKEN = 2.0
"""Seconds for which a port that is in use is tried again: workers whose supervisor was killed are leaving it."""


class Store(Protocol):
    """What workers share, when the supervisor runs it itself."""

    async def start(self) -> str:
        """Start it; return its address as the option `url` of its section has it."""

    async def stop(self) -> None:
        """End it, also when it isn't started yet, or not completely."""


NONE: Mapping[str, Store] = MappingProxyType({})
"""All is elsewhere, or not needed."""


class Supervisor:
    """Runs `count` workers.

    SIGINT and SIGTERM end them, one after the other; a second signal ends all at once. SIGHUP reloads the
    configuration. SIGUSR2 replaces the workers, one after the other, by fresh ones that have the configuration and the
    code as they are by then.

    Args:
        settings: what is in force.
        source: where to read the configuration again from.
        stores: what the workers share, by the section of the configuration that says where it is. They are started
            before the workers and ended after them.
        balanced: the kernel spreads connections over sockets of one port; otherwise workers share one socket.
        clock: seconds that only go forward.

    Attributes:
        settings: what is in force by now.
        ended_by: the signal that cut the end short, if one did.
    """

    def __init__(
        self,
        settings: Settings,
        count: int,
        source: Reread | None = None,
        stores: Mapping[str, Store] = NONE,
        *,
        balanced: bool = listening.CAN_BALANCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self._count = count
        self._source = source
        self._stores = stores
        self._urls: dict[str, str] = {}
        self._balanced = balanced
        self._clock = clock
        self._place = Place(settings.server.port)
        self._slots = [Slot(number, self._launch, clock) for number in range(1, count + 1)]
        self._workers: set[Worker] = set()
        self._stop = asyncio.Event()
        self.ended_by: int | None = None
        self._reloads = 0
        self._renewing = asyncio.Lock()
        self._starting: list[asyncio.Task[dict[str, Any] | None]] = []
        self._tasks = Tasks()

    async def run(self) -> int:
        """Serve until a signal says to stop; return the exit code: 0 when every worker ended well.

        Raises:
            OSError: the address can't be had, or the certificate can't be used.
            hub.workers.slot.WorkerFailed: a worker said that it can't start.
            hub.embedded.folder.StoreFailed: a store can't be started.
        """
        configure(self.settings.log)
        tls_context(self.settings.server)
        self._listen_to_signals()
        reserved: list[socket.socket] = []
        try:
            reserved = await self._reserve()
            for section, store in self._stores.items():
                self._urls[section] = await store.start()
            return await self._serve(reserved)
        finally:
            await self._end_the_rest()
            listening.close(reserved)
            async with AsyncExitStack() as ending:
                for store in self._stores.values():
                    ending.push_async_callback(store.stop)

    # Beginning.

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_stop, number)
        loop.add_signal_handler(signal.SIGHUP, self._on_request, self._reload, "reload")
        loop.add_signal_handler(signal.SIGUSR2, self._on_request, self._roll, "rolling restart")

    async def _reserve(self) -> list[socket.socket]:
        """Bind without listening, so that the port stays ours whoever of the workers lives.

        Sockets that share a port don't mind those of another supervisor. So one that doesn't share is bound first: it
        can't, while anybody listens there.
        """
        server = self.settings.server
        if not self._balanced:
            return await asyncio.to_thread(listening.bind, server.host, server.port)
        until = self._clock() + TAKEN
        while server.port:
            try:
                listening.close(await asyncio.to_thread(listening.bind, server.host, server.port))
                break
            except OSError as error:
                if error.errno != errno.EADDRINUSE or self._clock() >= until:
                    raise
            await asyncio.sleep(0.1)
        return await asyncio.to_thread(listening.bind, server.host, server.port, share_port=True)

    async def _serve(self, reserved: list[socket.socket]) -> int:
        port = int(reserved[0].getsockname()[1])
        self._place = Place(port, () if self._balanced else tuple(each.fileno() for each in reserved))
        self._starting = [asyncio.create_task(slot.start(), name=f"start {slot.number}") for slot in self._slots]
        starting = asyncio.gather(*self._starting)
        stopped = asyncio.create_task(self._stop.wait(), name="stop")
        both: set[asyncio.Future[Any]] = {starting, stopped}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                said = next((each for each in starting.result() if each is not None), {"url": ""})
                listening_on = f"listening on {said.pop('url')}"
                log.info(listening_on, workers=self._count, **said)
                systemd.tell(systemd.READY, os.environ)
            await stopped
        finally:
            stopped.cancel()
        systemd.tell(systemd.STOPPING, os.environ)
        well = await self._drain()
        # What is still on its way up finds that its slot is retired.
        await asyncio.gather(starting, return_exceptions=True)
        return 0 if well else 1

    async def _launch(self, number: int) -> Worker:
        worker = await Worker.start(number, self._for_workers(), self._place)
        self._workers.add(worker)
        worker.ended.add_done_callback(lambda _: self._workers.discard(worker))
        return worker

    def _for_workers(self) -> Settings:
        return lent(self.settings, self._urls)

    # Changing.

    def _on_request(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        self._tasks.spawn(self._one_at_a_time(work), name)

    async def _one_at_a_time(self, work: Callable[[], Awaitable[None]]) -> None:
        async with self._renewing:
            if not self._stop.is_set():
                await work()

    async def _reload(self) -> None:
        if self._source is None:
            return
        planned = await reread(self.settings, self._source)
        if planned is None:
            return
        self.settings = planned.settings
        if "log" in {path.partition(".")[0] for path in planned.taken}:
            configure(self.settings.log)
        self._reloads += 1
        number, settings, workers = self._reloads, self._for_workers(), list(self._workers)
        taken = await asyncio.gather(*(worker.reload(number, settings, RELOAD_TIMEOUT) for worker in workers))
        for worker, well in zip(workers, taken, strict=True):
            if not well and not worker.ended.done():
                log.error("a worker didn't take the configuration", worker=worker.number, pid=worker.pid)
        log.info("configuration reloaded", changed=list(planned.taken), workers=sum(taken))

    async def _roll(self) -> None:
        """Replace every worker by one with the configuration as it is now; what workers must agree on stays."""
        if self._source is not None:
            renewed = await reread_all(self.settings, self._source)
            if renewed is None:
                return
            self.settings = renewed
            configure(self.settings.log)
        log.info("replacing the workers, one after the other", workers=self._count)
        options = self.settings
        for slot in self._slots:
            if self._stop.is_set():
                return
            if not await slot.replace(options.server.drain, options.websocket.close_timeout):
                log.error("the rolling restart ends here", worker=slot.number)
                return
            log.info("a worker was replaced", worker=slot.number)
        log.info("all workers were replaced", workers=self._count)

    # Ending.

    def _on_stop(self, number: int) -> None:
        if self._stop.is_set():
            self.ended_by = number
            # Whoever asks a third time doesn't even wait for the store to end properly.
            loop = asyncio.get_running_loop()
            for each in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(each)
            log.warning("ending at once", signal=signal.Signals(number).name)
            for worker in list(self._workers):
                worker.kill()
        self._stop.set()

    async def _drain(self) -> bool:
        """Let the workers go, one after the other, each over its part of the grace period; tell whether all went
        well."""
        options = self.settings
        grace = options.server.drain / self._count
        log.info("stopping", workers=self._count, grace_seconds=options.server.drain)
        well = True
        for slot in self._slots:
            if self.ended_by is not None:
                break
            log.info("draining a worker", worker=slot.number, grace_seconds=round(grace, 3))
            well = await slot.retire(grace, options.websocket.close_timeout) and well
        return well and self.ended_by is None

    async def _end_the_rest(self) -> None:
        await asyncio.gather(*(slot.close() for slot in self._slots))
        pending = set(self._starting)
        while self._workers or pending:
            for worker in list(self._workers):
                worker.kill()
            # One that is only just being started isn't among them yet.
            await asyncio.wait({*pending, *(worker.ended for worker in self._workers)}, timeout=0.1)
            pending = {each for each in pending if not each.done()}
        await asyncio.gather(*self._starting, return_exceptions=True)
        await self._tasks.stop()


async def supervise(
    settings: Settings, count: int, source: Reread | None = None, stores: Mapping[str, Store] = NONE
) -> int:
    """Run `count` workers until a signal ends them; see `Supervisor`. A second signal ends this process, too."""
    supervisor = Supervisor(settings, count, source, stores)
    code = await supervisor.run()
    if supervisor.ended_by is not None:
        signal.signal(supervisor.ended_by, signal.SIG_DFL)
        signal.raise_signal(supervisor.ended_by)
    return code
