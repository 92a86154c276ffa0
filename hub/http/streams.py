"""Event streams, put together: the endpoint, and what keeps an eye on its streams."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hub.connections import Connections
from hub.dialects.ndjson import Ndjson
from hub.dialects.plain import PlainDialect
from hub.dialects.sse import Sse
from hub.fanout import Fanout
from hub.http.access import Access
from hub.http.events import EventsEndpoint
from hub.http.sign_in import SignIn
from hub.http.stream_door import StreamDoor
from hub.origin import OriginCheck
from hub.session import Context
from hub.stream_liveness import StreamLiveness
from hub.transports.stream import StreamConnection
from hub.wheel import Wheel


@dataclass(frozen=True, slots=True)
class Streams:
    """What lets streams in, the endpoint of channels, and the wheel with the deadlines of all streams."""

    door: StreamDoor
    endpoint: EventsEndpoint
    wheel: Wheel[StreamConnection]


class _Host:
    """What streams need of the hub (`hub.transports.stream.StreamHost`)."""

    def __init__(self, context: Context, connections: Connections, wheel: Wheel[StreamConnection]) -> None:
        self.clock = asyncio.get_running_loop().time
        self._engine = context.engine
        self._connections = connections
        self._wheel = wheel

    def closing(self, stream: StreamConnection) -> None:
        self._engine.leave(stream)
        self._wheel.schedule(stream, self.clock())

    def lost(self, stream: StreamConnection) -> None:
        self._engine.leave(stream)
        self._connections.remove(stream)


def make_streams(
    context: Context,
    access: Access,
    sign_in: SignIn,
    origins: OriginCheck,
    connections: Connections,
    fanout: Fanout,
) -> Streams:
    """Put the endpoint together. Called on the loop that will run it."""
    loop = asyncio.get_running_loop()
    settings, engine, dialect = context.settings, context.engine, PlainDialect(context.engine.policy.is_inline)

    def served(stream: StreamConnection) -> float:
        return max(
            (fanout.delivered_at.get(channel, 0.0) for channel in engine.registry.channels_of(stream)), default=0.0
        )

    liveness = StreamLiveness(settings.events, settings.websocket.close_timeout, context.clock, loop.time, served)
    wheel = Wheel(loop, liveness.check)
    host = _Host(context, connections, wheel)
    formats = (Ndjson(dialect), Sse(dialect))
    door = StreamDoor(context, access, sign_in, origins, connections, fanout, host, wheel)
    return Streams(door, EventsEndpoint(door, formats), wheel)
