"""The list of all connections, a page at a time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.local import LocalNodes
from hub.closing import CloseCode
from hub.connections import Connections
from hub.listing import Filter, Listing, Order, Page, SortBy, _slices
from hub.options import LimitOptions
from hub.peers import Peers
from hub.reports import Reports
from hub.tasks import Tasks
from hub.transports.websocket import WebSocketConnection
from tests.kit import ManualClock
from tests.unit.hub.stage import RecordingHost, Stage

OLDEST = Order()


class Register:
    """One process, with a list."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.host = RecordingHost()
        self.connections = Connections(LimitOptions())
        nodes, clock = LocalNodes("a"), ManualClock()
        peers = Peers(nodes, Reports(nodes, clock), Tasks(), alone=True)
        self.listing = Listing(self.stage.engine, self.connections, peers, clock)

    def connect(self, client_id: str, user: str | None = None, *channels: str) -> WebSocketConnection:
        connection, _ = self.host.connect(client_id, user)
        self.host.now += 1
        self.connections.add(connection)
        self.connections.claim(connection.session, user)
        for channel in channels:
            self.stage.engine.registry.add(connection, channel)
        return connection

    async def clients(self, offset: int = 0, limit: int = 100, order: Order = OLDEST, **wanted: str) -> list[Any]:
        page = await self.listing.page(Filter(**wanted), order, offset, limit)
        return [row["client_id"] for row in page.connections]


async def test_what_is_known_of_a_connection() -> None:
    """As JSON, with its process."""
    register = Register()
    connection = register.connect("tab", "alice", "news", "room:x")
    connection.user_agent = "browser/7"
    (row,) = (await register.listing.page(Filter(), OLDEST, 0, 10)).connections
    assert row["session"].startswith("s-tab-")
    assert row["opened"] >= 0
    assert {key: value for key, value in row.items() if key not in ("session", "opened")} == {
        "client_id": "tab",
        "user": "alice",
        "address": "10.0.0.1",
        "transport": "websocket",
        "node": "a",
        "channels": ["news", "room:x"],
        "queued_bytes": 0,
        "slow": False,
        "latency_ms": None,
        "user_agent": "browser/7",
    }


async def test_who_is_being_closed_is_gone() -> None:
    """A connection that the hub closes isn't listed while its client has yet to answer."""
    register = Register()
    register.connect("tab")
    register.connect("phone").close(CloseCode.DISCONNECTED, "enough")
    assert await register.clients() == ["tab"]


async def test_filters_hold_together() -> None:
    """A connection is listed when it has all properties that are asked for."""
    register = Register()
    register.connect("tab", "alice", "news")
    register.connect("phone", "alice")
    register.connect("desk", "bob", "news")
    assert await register.clients() == ["tab", "phone", "desk"]
    assert await register.clients(user="alice") == ["tab", "phone"]
    assert await register.clients(channel="news") == ["tab", "desk"]
    assert await register.clients(channel="news", user="alice") == ["tab"]
    assert await register.clients(client_id="phone", user="bob") == []
    assert await register.clients(1, 1) == ["phone"]
    assert await register.listing.page(Filter(), OLDEST, 0, 0) == Page([], 3)


@pytest.mark.parametrize(
    ("by", "ascending"),
    [
        ("opened", ["c1", "c2", "c3"]),
        ("queued_bytes", ["c1", "c3", "c2"]),
        ("latency", ["c2", "c1", "c3"]),
        ("channels", ["c3", "c1", "c2"]),
    ],
)
async def test_any_order_goes_both_ways(by: SortBy, ascending: list[str]) -> None:
    """A latency that nobody knows yet comes last in both directions."""
    register = Register()
    first, second, _ = (
        register.connect("c1", None, "news"),
        register.connect("c2", None, "news", "room:x"),
        register.connect("c3"),
    )
    second.pause_writing()
    second.send(b"waits")
    for connection, seconds in ((first, 0.2), (second, 0.05)):
        connection.ping()
        register.host.now += seconds
        connection.data_received(b"\x8a\x80\x00\x00\x00\x00")
    # Of one rank, the older comes first both ways.
    descending = {"queued_bytes": ["c2", "c1", "c3"], "latency": ["c1", "c2", "c3"]}.get(by, ascending[::-1])
    assert await register.clients(order=Order(by)) == ascending
    assert await register.clients(order=Order(by, descending=True)) == descending
    assert await register.clients(1, 1, order=Order(by, descending=True)) == descending[1:2]
    (row,) = (await register.listing.page(Filter(client_id="c1"), OLDEST, 0, 1)).connections
    assert row["latency_ms"] == 200.0


@pytest.mark.parametrize(
    ("part", "found"), [("ab", ["tab"]), ("lic", ["tab", "phone"]), ("10.0", ["tab", "phone", "desk"]), ("zz", [])]
)
async def test_a_part_of_what_names_a_connection_finds_it(part: str, found: list[str]) -> None:
    """Client id, user, address and session, as they are written."""
    register = Register()
    register.connect("tab", "alice")
    session = register.connect("phone", "alice").session
    register.connect("desk")
    assert await register.clients(search=part) == found
    assert await register.clients(search=session) == ["phone"]
    assert await register.clients(search=part.upper()) == (found if part == "10.0" else [])


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.lists(st.integers(0, 9), max_size=7).map(sorted), min_size=1),
    st.integers(0, 30),
    st.integers(0, 12),
)
def test_a_page_is_a_piece_of_the_whole(ranks: dict[str, list[float]], offset: int, limit: int) -> None:
    """Whatever number of connections the processes have, and however they rank."""
    whole = sorted((rank, node, n) for node in ranks for n, rank in enumerate(ranks[node]))
    slices = _slices(ranks, offset, limit)
    page = [(ranks[node][n], node, n) for node in slices for n in range(*slices[node])]
    assert sorted(page) == whole[offset : offset + limit]
