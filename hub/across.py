"""What joins this process to the others of its hub, at the edge: asking, reaching clients, counting, telling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from channels.clock import Clock
from channels.engine import Engine
from channels.local import LocalNodes
from channels.ports import Nodes
from hub.census import Census
from hub.connections import Connections
from hub.control import Control
from hub.degraded import Availability
from hub.exposition import Exposition
from hub.fanout import Fanout
from hub.listing import Listing
from hub.notices import Notices
from hub.peers import Peers
from hub.reports import Reports
from hub.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Across:
    """The parts, put together."""

    node: str
    peers: Peers
    control: Control
    listing: Listing
    census: Census
    reports: Reports
    exposition: Exposition
    availability: Availability


def join(
    nodes: Nodes,
    notices: Notices,
    engine: Engine,
    connections: Connections,
    fanout: Fanout,
    clock: Clock,
    tasks: Tasks,
    expose: Callable[[], bytes],
) -> Across:
    """Put the parts together, and begin to answer and to report to other processes.

    Args:
        notices: not yet started.
        expose: writes this process's metrics.
    """
    reports = Reports(nodes, clock)
    peers = Peers(nodes, reports, tasks, alone=isinstance(nodes, LocalNodes))
    census = Census(engine, connections, fanout.counters, clock, peers, reports)
    nodes.report(census.report)
    return Across(
        node=nodes.node,
        peers=peers,
        control=Control(engine, connections, fanout, clock, peers, notices, tasks),
        listing=Listing(engine, connections, peers, clock),
        census=census,
        reports=reports,
        exposition=Exposition(expose, peers, clock),
        availability=Availability(connections, fanout, clock, tasks),
    )
