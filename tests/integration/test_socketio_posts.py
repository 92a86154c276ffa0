"""What polling clients post, at the pace at which the hub can do it: on a real hub, whose commands stand still."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from hub.closing import CloseCode
from hub.outbox import Outbox
from hub.session import INBOX_FULL
from hub.socketio.connection import SocketIoConnection
from hub.wire import AnyCommand
from tests.conformance.packets import Raw, next_packet, raw
from tests.live import LiveHub, running, settings_for, until

MANY = ['42["ping"]'] * (INBOX_FULL + 1)


class Gate:
    """The hub's commands, which wait until it is opened."""

    def __init__(self, run: Callable[[AnyCommand, Outbox], Awaitable[None]]) -> None:
        self.opened = asyncio.Event()
        self._run = run

    async def run(self, command: AnyCommand, outbox: Outbox) -> None:
        await self.opened.wait()
        await self._run(command, outbox)


@asynccontextmanager
async def flooded(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[LiveHub, Raw, Gate]]:
    """A hub without limits of its own, and a client that is connected."""
    settings = settings_for(limits__commands_per_second=0, limits__errors_per_minute=0)
    async with running(settings) as live, raw(live) as client:
        gate = Gate(live.hub.socketio.context.commands.run)
        monkeypatch.setattr(live.hub.socketio.context, "commands", gate)
        await client.open()
        await client.post("40")
        await client.poll()
        yield live, client, gate
        gate.opened.set()


async def filled(live: LiveHub, client: Raw) -> tuple[SocketIoConnection, asyncio.Task[tuple[int, bytes]]]:
    """Post more than should wait."""
    posting = asyncio.create_task(client.ask(f"&transport=polling&sid={client.sid}&t=p1", "POST", packed()))
    [connection] = live.hub.socketio.polling.values()
    await until(lambda: connection.posts.is_full)
    return connection, posting


def packed() -> bytes:
    return "\x1e".join(MANY).encode()


async def test_who_posts_faster_than_the_hub_can_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for its answer: what it has said is bounded, as on a WebSocket that isn't read for a while. So does the
    same request when it is sent again."""
    async with flooded(monkeypatch) as (live, client, gate):
        _, posting = await filled(live, client)
        again = asyncio.create_task(client.ask(f"&transport=polling&sid={client.sid}&t=p1", "POST", packed()))
        done, _ = await asyncio.wait((posting, again), timeout=0.2)
        assert not done
        gate.opened.set()
        assert await posting == await again == (200, b"ok")
        assert sum(packet.startswith('42["pong"') for packet in (await client.poll())[1]) == len(MANY)


async def test_two_posts_at_once_end_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """They could not be kept in order; the protocol wants it so."""
    async with flooded(monkeypatch) as (live, client, _):
        _, posting = await filled(live, client)
        status, body = await client.ask(f"&transport=polling&sid={client.sid}&t=p2", "POST", b'42["ping"]')
        assert (status, json.loads(body)["code"]) == (400, 3)
        await posting
        assert (await client.poll())[0] == 400
        assert live.hub.connections.closed == {CloseCode.PROTOCOL_ERROR: 1}


async def test_who_is_closed_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gets an answer all the same."""
    async with flooded(monkeypatch) as (live, client, _):
        connection, posting = await filled(live, client)
        connection.close(CloseCode.DISCONNECTED, "enough")
        assert await posting == (200, b"ok")


async def test_who_goes_over_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Isn't read from until there is room."""
    async with flooded(monkeypatch) as (live, client, gate):
        connection, posting = await filled(live, client)
        async with client.socket(upgrade=True) as socket:
            await socket.send_str("2probe")
            assert await next_packet(socket) == "3probe"
            await socket.send_str("5")
            await until(lambda: not connection.is_polling)
            assert connection._transport is not None
            assert not connection._transport.is_reading()
            await socket.send_str('427["ping"]')
            gate.opened.set()
            assert (await posting)[0] == 200
            while not (await next_packet(socket)).startswith("437["):
                pass
