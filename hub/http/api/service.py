"""How the hub is: its numbers, and whether it lives and takes connections."""

from __future__ import annotations

from channels.errors import ErrorCode, ReplyError
from hub.descriptions import NodeStatistics, Statistics
from hub.http.api.answers import Alive, Ready
from hub.http.api.bodies import MetricsQuery
from hub.http.api.endpoint import Call, Hub


async def get_stats(hub: Hub, call: Call[None, None]) -> Statistics:
    """Return the six numbers of the whole hub. Who is no operator sees the names only of channels that it may subscribe
    to, and not the processes."""
    whole = await hub.across.census.whole()
    if call.caller.admin:
        return Statistics(**whole | {"nodes": [NodeStatistics(**node) for node in whole["nodes"]]})
    del whole["nodes"]
    numbers = Statistics(**whole)
    visible = set(hub.engine.policy.visible_to(call.caller))
    counts = {name: count for name, count in numbers.channel_stats.items() if name in visible}
    return numbers.model_copy(update={"channel_stats": counts, "active_channels": list(counts)})


async def get_health(hub: Hub, _call: Call[None, None]) -> Alive:
    """Answer as long as the loop turns."""
    agents = hub.adapters.agents
    if agents is None:
        return Alive(status="alive")
    return Alive(status="alive", agents=True, registration=True if agents.registration else None)


async def get_readiness(hub: Hub, _call: Call[None, None]) -> Ready:
    """Refuse while the hub is stopping, and while agents are on and their database can't be used: a load balancer sends
    nobody here then.

    Without its broker the hub is ready all the same, and says `degraded`: clients can connect and stay, and all
    processes are without it at once, so to send everybody away would only make them come back together. Without the
    agents' database half of the API fails for each who comes, and it may be this process alone that can't reach it.
    Where channels matter more, agents.ready_without_database makes that `degraded` too.
    """
    if hub.connections.draining:
        raise ReplyError(ErrorCode.UNAVAILABLE, "the hub is stopping")
    agents = hub.adapters.agents
    away = agents is not None and not await agents.answers()
    if away and not hub.settings.agents.ready_without_database:
        raise ReplyError(ErrorCode.UNAVAILABLE, "agents are on, and their database can't be used", agents="unavailable")
    return Ready(
        status="ready",
        degraded=True if away or hub.across.availability.degraded else None,
        agents="unavailable" if away else None,
    )


async def get_metrics(hub: Hub, call: Call[None, MetricsQuery]) -> bytes:
    """Return all metrics for Prometheus: those of all processes, told apart by the label `node`, or of one."""
    exposition = hub.across.exposition
    return exposition.of_process() if call.query.scope == "process" else await exposition.of_hub()
