"""How a Socket.IO connection ends, and what its client still hears."""

from __future__ import annotations

import asyncio

import pytest

from hub.closing import CloseCode
from hub.frames import frame as server_frame
from hub.socketio import connection as module
from tests.conformance.raw import text
from tests.live import until
from tests.unit.hub.socketio.test_connection import Books, attach, connection_of, packets
from tests.unit.hub.transports.manual import ManualTransport


@pytest.fixture
def books() -> Books:
    return Books()


async def test_who_is_told_between_two_polls(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetches it with the next one, if that comes in time. What else ends between polls is simply gone."""
    for code, has_words in ((CloseCode.BANNED, True), (CloseCode.SLOW_CONSUMER, False)):
        books.forgotten.clear()
        monkeypatch.setattr(module, "FAREWELL", 0.01)
        connection, _ = connection_of(books, polling=True)
        connection.close(code, "why")
        assert books.forgotten == ([] if has_words else ["secret"])
        if has_words:
            assert connection.has_words
            assert await connection.poll() == b"41"
            assert not connection.has_words
        await until(lambda: books.forgotten == ["secret"])


async def test_a_client_that_closes(books: Books) -> None:
    """By Engine.IO's own packet: its poll is let go with nothing, and nothing waits for it."""
    connection, _ = connection_of(books, polling=True)
    poll = asyncio.create_task(connection.poll())
    await asyncio.sleep(0)
    connection.left()
    connection.left()
    assert await poll == b"6"
    assert (books.gone, books.forgotten, connection.has_words) == ([1000], ["secret"], False)


async def test_a_client_that_leaves_in_the_middle_of_a_poll(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has given up its session unless it comes back: it ends within some seconds, and not only when pings go
    unanswered. Nothing is taken from it meanwhile."""
    monkeypatch.setattr(module, "LOOK", 0.05)
    connection, _ = connection_of(books, polling=True)
    for _ in range(2):
        poll = asyncio.create_task(connection.poll(lambda: False))
        await asyncio.sleep(0)
        connection.send(server_frame(b"4a"))
        assert await poll == b"6"
        assert await connection.poll() == b"4a"
    await asyncio.sleep(0.1)
    assert connection.is_open
    assert await connection.poll(lambda: False) == b"6"
    await until(lambda: not connection.is_open)
    assert (books.gone, books.forgotten) == ([1006], ["secret"])


async def test_a_poll_that_is_sent_again(books: Books) -> None:
    """Gets the same answer: the connection that it was written to may have broken, and nobody but the browser knows."""
    connection, _ = connection_of(books, polling=True)
    connection.send(server_frame(b"4a"))
    assert await connection.poll(attempt="t1") == b"4a"
    connection.send(server_frame(b"4b"))
    assert await connection.poll(attempt="t1") == b"4a"
    assert await connection.poll(attempt="t2") == b"4b"
    first = asyncio.create_task(connection.poll(attempt="t3"))
    await asyncio.sleep(0)
    second = asyncio.create_task(connection.poll(attempt="t3"))
    assert await first == b"6"
    connection.send(server_frame(b"4c"))
    assert await second == b"4c"
    assert connection.is_open


async def test_a_post_that_is_sent_again(books: Books) -> None:
    """Was taken already."""
    connection, listener = connection_of(books, polling=True)
    for attempt in ("t1", "t1", "t2", "", ""):
        connection.take(b"4" + attempt.encode(), attempt)
    assert listener.taken == [b"4t1", b"4t2", b"4", b"4"]


async def test_a_client_that_has_gone_over_polls_no_more(books: Books) -> None:
    """Nor goes over again; its id is forgotten at the end."""
    connection, _ = connection_of(books, polling=True)
    attach(connection)
    connection.data_received(text("2probe"))
    assert connection.has_words
    connection.data_received(text("5"))
    assert (connection.has_words, connection.may_upgrade, books.forgotten) == (False, False, [])
    connection.connection_lost(None)
    assert books.forgotten == ["secret"]


async def test_a_late_poll_takes_nothing_from_the_websocket(books: Books) -> None:
    """What waits for a slow WebSocket is not for polls."""
    connection, _ = connection_of(books, polling=True)
    transport = ManualTransport(connection, room=8)
    connection.connection_made(transport)
    connection.data_received(text("2probe"))
    connection.send(server_frame(b"4a"))
    connection.data_received(text("5"))
    connection.send(server_frame(b"4b"))
    assert await connection.poll() == b"6"
    transport.take(1000)
    assert packets(transport) == [b"3probe", b"4a", b"4b"]
