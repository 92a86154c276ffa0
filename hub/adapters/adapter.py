"""What an adapter is to the hub, and what it gets of the hub."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from prometheus_client.core import Metric

from channels.clock import Clock
from channels.engine import Engine
from channels.messages import HubStats
from channels.ports import Claims, Publisher
from channels.push import Push
from hub.auth import Authenticator
from hub.backends import Backends
from hub.commands import Commands
from hub.notices import Notices
from hub.peers import Peers
from hub.revocations import Revocations
from hub.session_owners import SessionOwners
from hub.tasks import Tasks
from integrations.system_monitor.stats import ServiceNumbers
from integrations.system_monitor.vitals import HubVitals


class Adapter(Protocol):
    """A source of events that runs in the hub."""

    @property
    def name(self) -> str:
        """The adapter in metrics and logs."""

    @property
    def push(self) -> Push:
        """Its way to the hub."""

    async def start(self) -> None:
        """Begin. Waits for nothing outside this process, and raises for nothing that is away there."""

    async def stop(self) -> None:
        """End; what it holds is let go of."""

    def collect(self) -> Iterator[Metric]:
        """Measure itself for Prometheus."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What adapters get of the hub that they run in.

    Attributes:
        publish: takes publications; never waits, never raises.
        claims: things that may be had once, by any process.
        notices: what all processes must know.
        peers: asks the other processes.
        node: this process's name.
        engine: publishes and waits for the outcome, where an adapter must know it.
        backends: what stands behind the engine, for adapters with queues over all processes.
        authenticator: makes and reads users' tokens.
        revocations: ends them before their time.
        sessions: decides who belongs to chat sessions.
        commands: what clients may ask for over their connections; adapters add to it.
        numbers: the hub's own counts.
        vitals: how the hub is, for alert rules; for one reader.
        measure: how this process is, for operators; for one reader.
    """

    publish: Publisher
    clock: Clock
    tasks: Tasks
    claims: Claims
    notices: Notices
    peers: Peers
    node: str
    engine: Engine
    backends: Backends
    authenticator: Authenticator
    revocations: Revocations
    sessions: SessionOwners
    commands: Commands
    numbers: Callable[[], ServiceNumbers]
    vitals: Callable[[], HubVitals]
    measure: Callable[[], Awaitable[HubStats]]
