"""The list of all connections, a page at a time."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from channels.local import LocalNodes
from hub.connections import Connections
from hub.listing import Filter, Listing, Page, _slices
from hub.options import LimitOptions
from hub.peers import Peers
from hub.reports import Reports
from hub.tasks import Tasks
from tests.kit import ManualClock
from tests.unit.hub.stage import RecordingHost, Stage


class Register:
    """One process, with a list."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.host = RecordingHost()
        self.connections = Connections(LimitOptions())
        nodes = LocalNodes("a")
        peers = Peers(nodes, Reports(nodes, ManualClock()), Tasks(), alone=True)
        self.listing = Listing(self.stage.engine, self.connections, peers)

    def connect(self, client_id: str, user: str | None = None, *channels: str) -> None:
        connection, _ = self.host.connect(client_id, user)
        self.connections.add(connection)
        self.connections.claim(connection.session, user)
        for channel in channels:
            self.stage.engine.registry.add(connection, channel)

    async def clients(self, offset: int = 0, limit: int = 100, **wanted: str) -> list[Any]:
        page = await self.listing.page(Filter(**wanted), offset, limit)
        return [row["client_id"] for row in page.connections]


async def test_what_is_known_of_a_connection() -> None:
    """As JSON, with its process."""
    register = Register()
    register.connect("tab", "alice", "news", "room:x")
    (row,) = (await register.listing.page(Filter(), 0, 10)).connections
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
    }


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
    assert await register.listing.page(Filter(), 0, 0) == Page([], 3)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 7), min_size=1),
    st.integers(0, 30),
    st.integers(0, 12),
)
def test_a_page_is_a_piece_of_the_whole(totals: dict[str, int], offset: int, limit: int) -> None:
    """Whatever number of connections the processes have."""
    whole = [(node, n) for node in sorted(totals) for n in range(totals[node])]
    slices = _slices(totals, offset, limit)
    assert [(node, n) for node in sorted(slices) for n in range(*slices[node])] == whole[offset : offset + limit]
