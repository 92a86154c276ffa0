"""Numbers, health and metrics."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.http.api.bodies import MetricsQuery
from hub.http.api.service import get_health, get_metrics, get_readiness, get_stats
from tests.kit import RecordingSubscriber
from tests.unit.hub.http.api.calls import call, put_together


async def test_an_operator_gets_the_six_numbers() -> None:
    """Those of `WebSocketManager.get_stats` where the hub is one process, and which process that is."""
    hub = put_together()
    await hub.engine.subscribe(RecordingSubscriber(principal=Principal("alice")), "user:alice")
    stats = (await get_stats(hub, call())).model_dump()
    assert [node["node"] for node in stats.pop("nodes")] == [hub.across.node]
    assert stats == hub.manager.get_stats() | {"partial": None}


async def test_others_see_their_own_channels() -> None:
    """Names of channels that the caller may not subscribe to are left out; the totals are not touched."""
    hub = put_together()
    await hub.engine.subscribe(RecordingSubscriber(principal=Principal("alice")), "user:alice")
    await hub.engine.subscribe(RecordingSubscriber(), "system_alerts")
    stats = await get_stats(hub, call(caller=Principal("bob")))
    assert stats.nodes is None
    assert (stats.total_channels, stats.channel_stats, stats.active_channels) == (
        2,
        {"system_alerts": 1},
        ["system_alerts"],
    )


async def test_alive_and_ready_differ_while_the_hub_stops() -> None:
    """A hub that drains is alive, and takes nobody."""
    hub = put_together()
    assert (await get_readiness(hub, call())).status == "ready"
    hub.connections.draining = True
    assert (await get_health(hub, call())).status == "alive"
    with pytest.raises(ReplyError) as refused:
        await get_readiness(hub, call())
    assert refused.value.code is ErrorCode.UNAVAILABLE


async def test_metrics_are_text() -> None:
    """As Prometheus reads it."""
    for scope in ("hub", "process"):
        query = MetricsQuery.model_validate({"scope": scope})
        assert b"\ntocsin_connections 0.0\n" in await get_metrics(put_together(), call(query=query))
