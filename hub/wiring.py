"""The composition root: settings in, a hub out. The only module that sees every package."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from channels.clock import Clock, SystemClock
from channels.engine import Engine, Ports
from channels.ports import Broker
from hub.account_key import account_key
from hub.across import Across, join
from hub.adapters.adapter import Surroundings
from hub.adapters.adapters import AdapterCollector, Adapters, make_adapters
from hub.adapters.hub_meter import HubMeter
from hub.adapters.vitals import Vitals
from hub.auth import Authenticator
from hub.backends import Backends, backends_for
from hub.commands import Commands
from hub.configuration.adapter_channels import policy_for
from hub.connections import Connections
from hub.deliveries.inquiry import Inquiry
from hub.deliveries.journal import Journal
from hub.dialects.plain import PlainDialect
from hub.drain import drain
from hub.encoding import Encoding, Encodings
from hub.fanout import Fanout
from hub.host import Host
from hub.http.access import Access
from hub.http.middleware import Requests
from hub.http.sign_in import SignIn
from hub.http.socketio import SocketIoEndpoint
from hub.http.statistics import RequestStatistics
from hub.http.streams import Streams, make_streams
from hub.http.websocket import WebSocketEndpoint
from hub.liveness import Liveness
from hub.manager import WebSocketManager
from hub.metrics import BrokerCollector, HubCollector, Metrics
from hub.notices import Notices
from hub.notify import INBOX, Inbox
from hub.options import Settings
from hub.origin import OriginCheck
from hub.revocations import Revocation, Revocations
from hub.session import Context
from hub.session_owners import SessionOwners
from hub.socketio.encoding import SocketIoEncoding
from hub.tasks import Tasks
from hub.tickets import Tickets
from hub.transports.websocket import WebSocketConnection
from hub.wheel import Wheel

log = structlog.get_logger(__name__)

SWEEP = 30.0
"""Seconds between two sweeps of streams and revocations that nobody needs any more."""


@dataclass(slots=True)
class Hub:
    """A hub that is put together, and its life: `start`, then `stop`. Only `settings` changes (`hub.rewiring`)."""

    settings: Settings
    clock: Clock
    backends: Backends
    broker: Broker
    across: Across
    engine: Engine
    fanout: Fanout
    connections: Connections
    inquiry: Inquiry
    manager: WebSocketManager
    authenticator: Authenticator
    revocations: Revocations
    access: Access
    requests: Requests
    endpoint: WebSocketEndpoint
    socketio: SocketIoEndpoint
    sign_in: SignIn
    streams: Streams
    metrics: Metrics
    wheel: Wheel[WebSocketConnection]
    tasks: Tasks
    inbox: Inbox
    adapters: Adapters

    async def start(self) -> None:
        """Begin to publish, to watch deadlines and to measure."""
        self.inbox.attach()
        self.wheel.start()
        self.streams.wheel.start()
        for name, work in self.backends.work:
            self.tasks.spawn(work(), name)
        await self.backends.arrive()
        self.tasks.spawn(self.engine.run(), "departures")
        self.tasks.spawn(self.inbox.run(self.engine), "notifications")
        self.tasks.spawn(self._sweep(), "sweep")
        await self.adapters.start()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            self.backends.sweep()
            self.revocations.sweep()
            self.fanout.forget(self.engine.registry.counts())

    async def drain(self, grace: float | None = None) -> None:
        """Publish what was accepted, and close all connections over the grace period. No further ones are let in.

        Args:
            grace: seconds in place of `server.drain`.
        """
        self.connections.draining = True
        await self.inbox.drain(self.engine)
        self.fanout.flush()
        await drain(self.connections, self.fanout, self.settings.server.drain if grace is None else grace)
        try:
            async with asyncio.timeout(self.settings.websocket.close_timeout):
                await self.connections.empty.wait()
        except TimeoutError:
            pass
        for connection in self.connections:
            connection.abort()

    async def stop(self, grace: float | None = None) -> None:
        """End all tasks. Notifications that come later are counted as dropped once the queue is full.

        Args:
            grace: seconds in place of `server.drain`, for publications that wait for the broker.
        """
        await self.adapters.stop()
        await self.inbox.drain(self.engine)
        unpublished = await self.backends.drain(self.settings.server.drain if grace is None else grace)
        if unpublished:
            log.error("stopping with publications that the broker hasn't taken", publications=unpublished)
        self.fanout.flush()
        self.inbox.detach()
        self.wheel.stop()
        self.streams.wheel.stop()
        self.across.availability.stop()
        await self.backends.go()
        await self.tasks.stop()


def build(
    settings: Settings, *, clock: Clock | None = None, inbox: Inbox = INBOX, backends: Backends | None = None
) -> Hub:
    """Put a hub together. Called on the loop that will run it.

    Args:
        backends: in place of those that the settings ask for.

    Raises:
        hub.settings.SettingsError: the channels' options can't be used.
    """
    loop = asyncio.get_running_loop()
    clock = clock or SystemClock()
    limits = settings.limits
    inbox.limit, inbox.limit_bytes = limits.notify_queue, limits.notify_queue_bytes
    metrics = Metrics()
    fanout = Fanout(loop, settings.websocket.coalesce_max, metrics.publish_to_write.observe)
    backends = backends or backends_for(settings, clock)
    connections = Connections(limits)
    journal = Journal(settings.delivery_records, connections, clock, fanout.delivered_to, settings.heartbeat)
    sessions = SessionOwners(backends.membership)
    ports = Ports(backends.broker, backends.presence, sessions, fanout, clock, journal)
    engine = Engine(policy_for(settings), ports, limits.subscriptions)
    least = settings.websocket.compression_min_bytes
    dialect = PlainDialect(engine.policy.is_inline)
    encodings = Encodings(lambda window: Encoding(dialect, window, least))
    tasks = Tasks()
    notices = Notices(backends.noticeboard)
    revocations = Revocations(settings.auth, clock, notices, limit=limits.revocations)
    across = join(backends.nodes, notices, engine, connections, fanout, clock, tasks, metrics.expose)
    manager = WebSocketManager(
        loop, engine, across.control, across.census, clock, encoding=encodings.get(0), queued_bytes=limits.queued_bytes
    )
    authenticator = Authenticator(settings.auth, revocations, clock, account_key(settings))
    access = Access(authenticator, settings.server.trusted_proxies)
    origins = OriginCheck(settings.server, authenticator.is_open)
    statistics = RequestStatistics()
    spool = settings.redis.spool_publications
    meter = HubMeter(engine, connections, fanout.counters, inbox, metrics, across.availability, across.reports, clock)
    vitals = Vitals(statistics, connections, inbox, across.availability, backends.numbers, spool, clock)
    requests = Requests(
        access,
        origins,
        statistics,
        metrics,
        clock,
        log_each=settings.log.access,
        rate=limits.http_requests_per_second,
    )
    host = Host(loop, engine, connections, limits.message_bytes)

    def served(connection: WebSocketConnection) -> float:
        channels = engine.registry.channels_of(connection)
        return max((fanout.delivered_at.get(channel, 0.0) for channel in channels), default=0.0)

    def lagged(seconds: float) -> None:
        metrics.loop_lag.observe(seconds)
        vitals.lagged(seconds)
        meter.lagged(seconds)

    wheel = Wheel(loop, Liveness(settings.websocket, loop.time, served).check, lagged)
    host.wheel = wheel
    context = Context(
        engine=engine,
        commands=Commands(engine, fanout, clock, across.census.whole),
        settings=settings,
        tokens=authenticator,
        clock=clock,
        spawn=tasks.spawn,
        errors=metrics.count_error,
        claim=lambda outbox, principal: connections.claim(outbox.session, principal.user),
        wake=host.look,
        standing=lambda: across.availability.notice,
    )
    tickets = Tickets(
        lambda: context.settings.auth, revocations, clock, backends.claims, settings.events.ticket_lifetime
    )
    sign_in = SignIn(authenticator, tickets, settings.events)
    endpoint = WebSocketEndpoint(settings, access, sign_in, origins, connections, encodings, context, host, wheel)
    socketio = SocketIoEndpoint(
        settings,
        access,
        sign_in,
        origins,
        connections,
        Encodings(lambda window: SocketIoEncoding(window, least)),
        context,
        host,
        wheel,
    )
    revocations.listen(lambda revocation: _close_revoked(connections, revocation))
    metrics.registry.register(HubCollector(engine, connections, fanout.counters, inbox))
    metrics.registry.register(BrokerCollector(across.availability, backends.numbers))
    backends.watch(across.availability.changed)

    adapters = make_adapters(
        settings,
        Surroundings(
            publish=inbox.put,
            clock=clock,
            tasks=tasks,
            claims=backends.claims,
            notices=notices,
            peers=across.peers,
            node=across.node,
            engine=engine,
            backends=backends,
            authenticator=authenticator,
            revocations=revocations,
            sessions=sessions,
            commands=context.commands,
            numbers=vitals.numbers,
            vitals=vitals.read,
            measure=meter.measure,
        ),
    )
    notices.start()
    metrics.registry.register(AdapterCollector(adapters))

    return Hub(
        settings=settings,
        clock=clock,
        backends=backends,
        broker=backends.broker,
        across=across,
        engine=engine,
        fanout=fanout,
        connections=connections,
        inquiry=Inquiry(engine, journal, across.peers, clock),
        manager=manager,
        authenticator=authenticator,
        revocations=revocations,
        access=access,
        requests=requests,
        endpoint=endpoint,
        socketio=socketio,
        sign_in=sign_in,
        streams=make_streams(context, access, sign_in, origins, connections, fanout),
        metrics=metrics,
        wheel=wheel,
        tasks=tasks,
        inbox=inbox,
        adapters=adapters,
    )


def _close_revoked(connections: Connections, revocation: Revocation) -> None:
    for connection in connections:
        if revocation.covers(connection.principal):
            connection.close(4502, "the token was revoked")
