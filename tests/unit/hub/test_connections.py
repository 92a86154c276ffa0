"""The directory of connections: found, counted, bounded."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from hub.connection import Connection
from hub.connections import Connections
from hub.options import LimitOptions
from hub.transports.websocket import WebSocketConnection
from tests.unit.hub.stage import RecordingHost


class Directory:
    """Connections that come and go."""

    def __init__(self, **limits: int) -> None:
        self.host = RecordingHost()
        self.connections = Connections(LimitOptions.model_validate(limits))

    def open(
        self, client_id: str, user: str | None = None, *, address: str = "10.0.0.1", claimed: bool = True
    ) -> WebSocketConnection:
        """Let a client in; `claimed=False` for one that has yet to authenticate."""
        connection, _ = self.host.connect(client_id, user, address)
        self.connections.add(connection)
        if claimed:
            self.connections.claim(connection.session, user)
        return connection

    def refusal(self, address: str = "10.0.0.1") -> ReplyError:
        with pytest.raises(ReplyError) as caught:
            self.connections.check_room(address)
        return caught.value


@pytest.fixture
async def directory() -> Directory:
    return Directory()


async def test_a_connection_is_found(directory: Directory) -> None:
    """By session, by client id, by user; tabs share a client id."""
    connections = directory.connections
    first, second, other = directory.open("tab", "alice"), directory.open("tab", "alice"), directory.open("x", "bob")
    assert connections.of_session(first.session) is first
    assert connections.of_session("s-none") is None
    assert connections.of_client("tab") == (first, second)
    assert connections.of_client("none") == ()
    assert connections.of_user("alice") == [first, second]
    assert list(connections) == [first, second, other]
    assert (len(connections), connections.ever) == (3, 3)


async def test_a_connection_that_is_gone_is_forgotten(directory: Directory) -> None:
    """From every map; twice is once. Its close code is counted."""
    connections = directory.connections
    first, second = directory.open("tab", "alice"), directory.open("tab", "alice")
    assert not connections.empty.is_set()
    first.close_code = 4001
    gone: list[Connection] = []
    connections.gone = gone.append
    for _ in range(2):
        connections.remove(first)
    assert gone == [first]
    assert connections.of_client("tab") == (second,)
    connections.remove(second)
    assert connections.closed == {4001: 1, 1006: 1}
    assert (len(connections), connections.ever) == (0, 2)
    assert connections.empty.is_set()
    assert (connections._by_client, connections._by_session, dict(connections._by_address)) == ({}, {}, {})


async def test_a_client_id_belongs_to_one_user_at_a_time(directory: Directory) -> None:
    """Others are refused as long as it is in use, and not a moment longer."""
    connections = directory.connections
    mine = directory.open("tab", "alice")
    connections.check_owner("tab", "alice")
    for user in ("bob", None):
        with pytest.raises(ReplyError) as caught:
            connections.check_owner("tab", user)
        assert caught.value.code is ErrorCode.CONFLICT
    connections.remove(mine)
    connections.check_owner("tab", "bob")


async def test_who_has_yet_to_authenticate_has_no_client_id(directory: Directory) -> None:
    """Naming another's client id neither gets its messages nor keeps its owner away."""
    connections = directory.connections
    stranger = directory.open("tab", claimed=False)
    assert connections.of_client("tab") == ()
    connections.check_owner("tab", "alice")
    owner = directory.open("tab", "alice")
    with pytest.raises(ReplyError):
        connections.claim(stranger.session, "mallory")
    assert connections.of_client("tab") == (owner,)
    assert len(connections) == 2
    connections.remove(stranger)
    assert connections.of_client("tab") == (owner,)


async def test_a_connection_may_become_another_users(directory: Directory) -> None:
    """Its own client id isn't in its way, and is entered once; another tab of who it was is."""
    connections = directory.connections
    changing = directory.open("tab", "tab")
    connections.claim(changing.session, "alice")
    assert connections.of_client("tab") == (changing,)
    directory.open("tab", "tab")
    with pytest.raises(ReplyError):
        connections.claim(changing.session, "alice")


async def test_claiming_for_a_connection_that_is_gone_enters_nothing(directory: Directory) -> None:
    """Its authenticate may run after its end."""
    gone = directory.open("tab", claimed=False)
    directory.connections.remove(gone)
    directory.connections.claim(gone.session, "alice")
    assert directory.connections.of_client("tab") == ()


async def test_the_hub_has_a_limit() -> None:
    """The refusal names it, and says that trying later may help."""
    directory = Directory(connections=2)
    kept = directory.open("a")
    directory.connections.check_room("10.0.0.1")
    directory.open("b", address="10.0.0.2")
    error = directory.refusal("10.0.0.3")
    assert error.code is ErrorCode.TOO_MANY_CONNECTIONS
    assert "limits.connections)" in error.message
    assert error.details["retry_after"] > 0
    directory.connections.remove(kept)
    directory.connections.check_room("10.0.0.3")


async def test_an_address_has_a_limit() -> None:
    """Those that have yet to authenticate count."""
    directory = Directory(connections_per_ip=2)
    directory.open("a", claimed=False)
    directory.open("b")
    assert "limits.connections_per_ip" in directory.refusal().message
    directory.connections.check_room("10.0.0.2")


async def test_without_limits_there_is_always_room() -> None:
    """0 is no limit."""
    directory = Directory(connections=0, connections_per_ip=0)
    for number in range(50):
        directory.open(f"c{number}")
    directory.connections.check_room("10.0.0.1")


async def test_a_hub_that_stops_lets_nobody_in(directory: Directory) -> None:
    """Whoever comes by a connection that is open already gets `unavailable`."""
    directory.connections.draining = True
    assert directory.refusal().code is ErrorCode.UNAVAILABLE


async def test_the_directory_may_change_while_it_is_walked(directory: Directory) -> None:
    """Closing all connections strikes them out one by one."""
    for number in range(3):
        directory.open(f"c{number}")
    for connection in directory.connections:
        directory.connections.remove(connection)
    assert len(directory.connections) == 0
