"""Event streams, put together."""

from __future__ import annotations

from typing import Any

from hub.notify import Inbox
from hub.transports.stream import StreamConnection
from hub.wiring import Hub, build
from tests.live import settings_for
from tests.unit.hub.transports.manual import ManualTransport


def put_together(**options: Any) -> Hub:
    return build(settings_for(**options), inbox=Inbox())


def stream_of(hub: Hub) -> tuple[StreamConnection, ManualTransport]:
    streams = hub.streams
    made = StreamConnection(
        streams.door.host, "tab", "s-1", streams.endpoint.formats[0].open(("system_alerts",), {}, False), 4096
    )
    transport = ManualTransport(made)
    made.connection_made(transport)
    hub.connections.add(made)
    return made, transport


async def test_lines_are_for_who_doesn_t_care() -> None:
    """The first format is the default."""
    formats = put_together().streams.endpoint.formats
    assert [each.media for each in formats] == ["application/x-ndjson", "text/event-stream"]


async def test_a_stream_that_ends_is_watched_and_forgotten() -> None:
    """It leaves its channels when it is closed, the directory when its socket is gone."""
    hub = put_together()
    stream, transport = stream_of(hub)
    await hub.engine.subscribe(stream, "system_alerts")
    stream.close(4003, "over")
    assert hub.engine.registry.counts() == {}
    assert len(hub.connections) == 1
    transport.lose()
    assert len(hub.connections) == 0


async def test_publications_keep_a_stream_in_use() -> None:
    """Where an idle limit is set; a channel's last publication counts for all that are on it."""
    hub = put_together(events__idle_timeout=1000.0, events__heartbeat=0.0)
    stream, _ = stream_of(hub)
    await hub.engine.subscribe(stream, "system_alerts")
    hub.fanout.delivered_at["system_alerts"] = stream.opened + 500
    wheel = hub.streams.wheel
    assert wheel._check(stream) == stream.opened + 1500
