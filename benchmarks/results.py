"""What a measurement gave. Everything here goes into the JSON file as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.load import Run


@dataclass(frozen=True, slots=True)
class FanOut:
    """One run of messages to all subscribers. `server_cpu` is in seconds."""

    scenario: str
    peer: str
    round: int
    server_cpu: float
    run: Run

    @property
    def per_cpu(self) -> float:
        """Deliveries per CPU-second of the server."""
        return self.run.delivered / self.server_cpu if self.server_cpu else 0.0


@dataclass(frozen=True, slots=True)
class Idle:
    """Idle subscribed connections. Memory is resident bytes for each; `connect_cpu` is the server's, in seconds."""

    peer: str
    round: int
    connections: int
    bytes_each: float
    connect_seconds: float
    connect_cpu: float
    held: int
    held_bytes_each: float
    fault: str

    @property
    def connects_per_second(self) -> float:
        """Connections that were subscribed, per second of time."""
        return self.connections / self.connect_seconds

    @property
    def connects_per_cpu(self) -> float:
        """Connections that were subscribed, per CPU-second of the server."""
        return self.connections / self.connect_cpu if self.connect_cpu else 0.0


@dataclass(frozen=True, slots=True)
class Stuck:
    """The same paced run without and with one client that reads nothing."""

    peer: str
    round: int
    without: Run
    with_stuck: Run


@dataclass(frozen=True, slots=True)
class Notify:
    """Calls of `notify_channel` from a thread: many at once, and single ones that have to wake the hub's loop."""

    round: int
    calls: int
    burst_us: float
    burst_p99_us: float
    single_us: float
    single_p99_us: float


@dataclass(slots=True)
class Results:
    """All measurements of a run of the suite, and what stood in the way of others."""

    versions: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    fan_out: list[FanOut] = field(default_factory=list)
    idle: list[Idle] = field(default_factory=list)
    stuck: list[Stuck] = field(default_factory=list)
    notify: list[Notify] = field(default_factory=list)

    def label(self, peer: str) -> str:
        """The peer's title, with its version in place."""
        title = self.titles.get(peer, peer).replace("{version}", self.versions.get(peer, ""))
        return " ".join(title.split())

    def rounds(self, scenario: str, value: Callable[[FanOut], float]) -> dict[str, dict[int, float]]:
        """Peer to round to one value of its fan-out runs; runs that didn't deliver everything are left out."""
        found: dict[str, dict[int, float]] = {}
        for sample in self.fan_out:
            if sample.scenario == scenario and not sample.run.fault:
                found.setdefault(sample.peer, {})[sample.round] = value(sample)
        return found

    def as_json(self) -> dict[str, Any]:
        """The whole as JSON types."""
        return asdict(self)


def peers_in(samples: Iterable[FanOut | Idle | Stuck]) -> list[str]:
    """The peers that have samples, in the order of their first one."""
    return list(dict.fromkeys(sample.peer for sample in samples))
