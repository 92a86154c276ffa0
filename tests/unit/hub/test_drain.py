"""Stopping without a storm."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

import pytest

from hub.connections import Connections
from hub.drain import STEP, drain
from hub.fanout import Fanout
from hub.options import LimitOptions
from hub.transports.websocket import WebSocketConnection
from tests.unit.hub.stage import RecordingHost, messages_in
from tests.unit.hub.transports.manual import ManualTransport


class Crowd:
    """Connections that note when they were closed."""

    def __init__(self, size: int) -> None:
        self.connections = Connections(LimitOptions())
        self.fanout = Fanout(asyncio.get_running_loop(), 0.0)
        self.transports: list[ManualTransport] = []
        self.order: list[str] = []
        self.groups: list[int] = []
        host = RecordingHost()
        host.closing = self._closing  # type: ignore[method-assign]
        for number in range(size):
            connection, transport = host.connect(f"c{number}")
            self.connections.add(connection)
            self.transports.append(transport)

    def _closing(self, connection: WebSocketConnection) -> None:
        if not self.order:
            self._began = time.monotonic()
        self.order.append(connection.client_id)
        self.groups.append(round((time.monotonic() - self._began) / STEP))


def farewell(transport: ManualTransport) -> tuple[dict[str, Any], int, str]:
    """Return the notice, and the close frame's code and reason."""
    data = bytes(transport.sent)
    begin = data.index(b"\x88")
    (notice,) = messages_in(data[:begin])
    return notice, int.from_bytes(data[begin + 2 : begin + 4], "big"), data[begin + 4 :].decode()


async def test_everyone_is_told_when_to_come_back() -> None:
    """First the notice, then 1001, whose reason names the same delay; the delays differ, up to the grace period."""
    crowd = Crowd(20)
    await drain(crowd.connections, crowd.fanout, 0.1, random.Random(1))
    delays = []
    for transport in crowd.transports:
        notice, code, reason = farewell(transport)
        assert notice == {"type": "reconnect", "delay_ms": notice["delay_ms"], "reason": "the hub is stopping"}
        assert (code, reason) == (1001, f"the hub is stopping; reconnect in {notice['delay_ms']} ms")
        delays.append(notice["delay_ms"])
    assert all(0 <= delay <= 100 for delay in delays)
    assert len(set(delays)) > 5


async def test_closes_are_spread_over_the_grace_period() -> None:
    """In random order, so many per step that the last ones are closed within the period."""
    crowd = Crowd(10)
    began = time.monotonic()
    await drain(crowd.connections, crowd.fanout, 4 * STEP, random.Random(1))
    assert time.monotonic() - began >= 3 * STEP
    assert len(crowd.order) == 10
    assert crowd.order != sorted(crowd.order)
    assert len(set(crowd.groups)) == 4


@pytest.mark.parametrize("size", [0, 5])
async def test_without_a_grace_period_all_are_closed_at_once(size: int) -> None:
    """Nothing is waited for, not even a turn of the loop."""
    crowd = Crowd(size)
    waiting = drain(crowd.connections, crowd.fanout, 0.0)
    with pytest.raises(StopIteration):
        waiting.send(None)
    assert len(crowd.order) == size


async def test_who_left_meanwhile_is_passed_over() -> None:
    """A connection that ends while it waits for its turn gets nothing."""
    crowd = Crowd(4)
    draining = asyncio.create_task(drain(crowd.connections, crowd.fanout, 4 * STEP, random.Random(1)))
    await asyncio.sleep(0)
    (first,) = crowd.order
    for transport, number in zip(crowd.transports, range(4), strict=True):
        if f"c{number}" != first:
            transport.lose()
    await draining
    assert crowd.order == [first]


async def test_the_order_is_the_dices() -> None:
    """The same seed closes in the same order, another one in another: nothing else decides who goes first."""
    orders = []
    for seed in (1, 1, 2):
        crowd = Crowd(10)
        await drain(crowd.connections, crowd.fanout, 0.0, random.Random(seed))
        orders.append(crowd.order)
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])
