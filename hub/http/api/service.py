"""How the hub is: its numbers, and whether it lives and takes connections."""

from __future__ import annotations

from channels.errors import ErrorCode, ReplyError
from hub.descriptions import Statistics
from hub.http.api.answers import Alive, Ready
from hub.http.api.endpoint import Call, Hub


async def get_stats(hub: Hub, call: Call[None, None]) -> Statistics:
    """Return the six numbers. Who is no operator sees the names only of channels that it may subscribe to."""
    numbers = Statistics(**hub.manager.get_stats())
    if call.caller.admin:
        return numbers
    visible = set(hub.engine.policy.visible_to(call.caller))
    counts = {name: count for name, count in numbers.channel_stats.items() if name in visible}
    return numbers.model_copy(update={"channel_stats": counts, "active_channels": list(counts)})


async def get_health(_hub: Hub, _call: Call[None, None]) -> Alive:
    """Answer as long as the loop turns."""
    return Alive(status="alive")


async def get_readiness(hub: Hub, _call: Call[None, None]) -> Ready:
    """Refuse while the hub is stopping, so that a load balancer sends nobody here."""
    if hub.connections.draining:
        raise ReplyError(ErrorCode.UNAVAILABLE, "the hub is stopping")
    return Ready(status="ready")


async def get_metrics(hub: Hub, _call: Call[None, None]) -> bytes:
    """Return all metrics for Prometheus."""
    return hub.metrics.expose()
