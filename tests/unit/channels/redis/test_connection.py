"""One connection: replies in bulk, timeouts that lose nothing, ends, and the introduction."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from channels.redis.config import Address, Redis
from channels.redis.connection import Connection, Lost, open_connection, pack
from channels.redis.refusal import Refused
from tests.redis_process import soon
from tests.unit.channels.redis.scripted_redis import OK, ScriptedRedis, error, scripted_redis


def plain(server: ScriptedRedis, timeout: float = 1.0) -> Redis:
    """Make a configuration without anything special."""
    return Redis((server.address,), timeout=timeout)


def test_commands() -> None:
    """Arguments are bytes or numbers, and may hold anything."""
    assert pack(b"SET", b"k\r\n", -12) == b"*3\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$3\r\n-12\r\n"


def made() -> Connection:
    """Make a connection whose bytes the test hands in."""
    return Connection(Address("h", 1))


async def test_replies_come_in_pieces() -> None:
    """Cut anywhere, they are the same."""
    data = b"$3\r\na\r\n\r\n*2\r\n:1\r\n$-1\r\n-ERR no\r\n"
    connection = made()
    for cut in range(len(data)):
        connection.data_received(data[:cut])
        connection.data_received(data[cut:])
        first, second, third = await connection.take(3)
        assert (first, second) == (b"a\r\n", [1, None])
        assert isinstance(third, Refused)
        assert str(third) == "ERR no"


async def test_a_timeout_loses_no_reply() -> None:
    """Who comes back later finds it, with what came since."""
    connection = made()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await connection.take()
    connection.data_received(b":1\r\n:2\r\n:")
    assert await connection.take() == [1, 2]
    taking = asyncio.create_task(connection.take(2))
    await asyncio.sleep(0)
    connection.data_received(b"3\r\n")
    connection.data_received(b":4\r\n")
    assert await taking == [3, 4]


async def test_the_end_comes_after_what_was_received() -> None:
    """A server may answer and close."""
    connection = made()
    connection.data_received(b"-ERR max number of clients reached\r\n")
    connection.connection_lost(None)
    assert str((await connection.take())[0]) == "ERR max number of clients reached"
    with pytest.raises(Lost, match="h:1: the server has closed the connection"):
        await connection.take()
    with pytest.raises(Lost):
        connection.write(b"x")


async def test_who_waits_is_told_of_the_end() -> None:
    """At once, and with the reason."""
    connection = made()
    taking = asyncio.create_task(connection.take())
    await asyncio.sleep(0)
    connection.connection_lost(ConnectionResetError("reset"))
    with pytest.raises(Lost, match="h:1: connection lost: reset"):
        await taking


async def test_another_protocol() -> None:
    """Something that is no Redis."""
    connection = made()
    connection.data_received(b"HTTP/1.1 400 Bad Request\r\n")
    with pytest.raises(Lost, match="doesn't speak Redis' protocol"):
        await connection.take()


async def test_the_introduction() -> None:
    """User, database and name in one round trip."""
    async with scripted_redis() as server:
        redis = Redis((server.address,), database=3, username="hub", password="p")
        connection = await open_connection(redis, server.address)
        connection.write(pack(b"ECHO"))
        assert await connection.take() == [b"OK"]
        introduction = [[b"AUTH", b"hub", b"p"], [b"SELECT", b"3"], [b"CLIENT", b"SETNAME", b"tocsin"]]
        assert server.commands == [*introduction, [b"ECHO"]]
        await connection.close()
        await connection.close()


async def test_a_name_that_is_refused_is_no_hindrance() -> None:
    """Old servers and strict users."""
    async with scripted_redis(lambda _: error("NOPERM no")) as server:
        await (await open_connection(plain(server), server.address)).close()


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({b"AUTH": "WRONGPASS no"}, r"refuses user and password \(WRONGPASS\)"),
        ({b"AUTH": "ERR unknown command 'AUTH', with args beginning with: 'hunter2'"}, r"refuses .* \(ERR\)"),
        ({b"SELECT": "ERR DB index is out of range"}, "refuses database 3: ERR DB index is out of range"),
        ({b"AUTH": "NOAUTH x", b"CLIENT": "NOAUTH x"}, "refuses user and password"),
    ],
)
async def test_who_is_not_let_in(answers: dict[bytes, str], reason: str) -> None:
    """The reason is said, the password isn't, and the socket is closed."""
    async with scripted_redis(lambda c: error(answers[c[0]]) if c[0] in answers else OK) as server:
        redis = Redis((server.address,), database=3, password="hunter2")
        with pytest.raises(Lost, match=reason) as caught:
            await open_connection(redis, server.address)
        assert "hunter2" not in str(caught.value)


async def test_a_password_is_wanted() -> None:
    """And none is configured."""
    async with scripted_redis(lambda _: error("NOAUTH Authentication required.")) as server:
        with pytest.raises(Lost, match=r"wants a password; set redis\.password"):
            await open_connection(plain(server), server.address)


async def test_nobody_is_there(tmp_path: Path) -> None:
    """Neither at a port nor at a socket nor under a name."""
    async with scripted_redis() as server:
        gone = server.address
    names = [Address("no-such-host.invalid", 1), Address("a" * 70, 1)]
    for address in (gone, Address(str(tmp_path / "no.sock"), 0), *names):
        with pytest.raises(Lost):
            await open_connection(Redis((address,)), address)


async def test_a_server_that_says_nothing() -> None:
    """It has `timeout` seconds."""
    async with scripted_redis(lambda _: b"") as server:
        with pytest.raises(Lost, match=r"no answer within 0\.05 s"):
            await open_connection(plain(server, 0.05), server.address)


async def test_who_gives_up_leaves_nothing_open() -> None:
    """Cancelled in the middle of the introduction."""
    async with scripted_redis(lambda _: b"") as server:
        opening = asyncio.create_task(open_connection(plain(server), server.address))
        await soon(lambda: server.commands != [])
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await soon(lambda: server.open == 0)
