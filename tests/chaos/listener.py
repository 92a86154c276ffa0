"""A client that notes all it gets: it reconnects, subscribes again with its position, and puts nothing right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import orjson

from channels.model import Position
from tests.chaos.events import Cut, Diary, Entered, Got, Told
from tests.chaos.wire import Wire

_CONNECT = 2.0
"""Seconds for a connection to be made."""
_PATIENCE = 12.0
"""Seconds that a subscribe may wait for its answer."""


class Listener:
    """One client of the plain protocol.

    Args:
        port: names the hub's port to connect to at the moment; `None` when there is none.
        allowed: asked at each connection for the bytes after which the client cuts it; `None` is never.

    Attributes:
        diaries: by channel.
        positions: the last publication seen, by channel, as the protocol has it.
        connects: how often it has connected.
        notices: types of other messages, such as `degraded`.
        refusals: codes of refused subscribes.
    """

    def __init__(
        self,
        name: str,
        channels: Sequence[str],
        port: Callable[[], int | None],
        random: Random,
        allowed: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.name = name
        self.diaries = {channel: Diary(name, channel) for channel in channels}
        self.positions: dict[str, Position] = {}
        self.connects = 0
        self.notices: list[str] = []
        self.refusals: list[str] = []
        self._port = port
        self._random = random
        self._allowed = allowed
        self._wire: Wire | None = None
        self._anew: set[str] = set()
        self._entered: set[str] = set()

    @property
    def is_in(self) -> bool:
        """Whether it is subscribed to all its channels."""
        return len(self._entered) == len(self.diaries)

    def cut(self) -> None:
        """Reset the connection."""
        if self._wire is not None:
            self._wire.cut()

    def stall(self) -> None:
        """Stop reading."""
        if self._wire is not None:
            self._wire.stall()

    def go_on(self) -> None:
        """Read again."""
        if self._wire is not None:
            self._wire.go_on()

    def spare(self) -> None:
        """Read again, and cut no further connection by itself."""
        self._allowed = lambda: None
        self.go_on()
        self.cut()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                port = self._port()
                if port is not None:
                    target = f"/ws?client_id={self.name}"
                    wire = Wire(target, self._on_text, self._allowed())
                    try:
                        async with asyncio.timeout(_CONNECT):
                            await loop.create_connection(lambda wire=wire: wire, "127.0.0.1", port)  # type: ignore[misc]
                    except OSError:
                        pass
                    else:
                        self._wire = wire
                        self.connects += 1
                        await wire.ended
                        self._lost(wire.code)
                await asyncio.sleep(self._random.uniform(0.02, 0.2))
        finally:
            if self._wire is not None:
                self._wire.cut()

    def _lost(self, code: int | None) -> None:
        assert code is None or code < 4500, f"{self.name} was closed with {code}, which forbids to come back"
        self._entered.clear()
        self._anew.clear()
        for diary in self.diaries.values():
            diary.events.append(Cut(code))

    def _on_text(self, text: bytes) -> None:
        message: dict[str, Any] = orjson.loads(text)
        match message:
            case {"channel": channel, "data": data, "offset": offset, "epoch": epoch}:
                self._get(channel, Position(epoch, offset), data["id"], message.get("key"))
            case {"type": "connection"}:
                for channel in self.diaries:
                    self._subscribe(channel)
            case {"type": "subscribe", "channel": channel}:
                self._enter(channel, message)
            case {"type": "error", "code": code, "id": channel}:
                self._refused(channel, code, message["temporary"])
            case {"type": "gap", "channel": channel, "epoch": epoch, "offset": offset}:
                self.diaries[channel].events.append(Told(Position(epoch, offset)))
                self._anew.discard(channel)
                self.positions[channel] = Position(epoch, offset)
            case _:
                self.notices.append(message["type"])

    def _subscribe(self, channel: str) -> None:
        command: dict[str, Any] = {"action": "subscribe", "channel": channel, "id": channel}
        position = self.positions.get(channel)
        if position is not None:
            command["since"] = position._asdict()
        if self._wire is not None:
            self._wire.send(orjson.dumps(command))

    def _refused(self, channel: str, code: str, temporary: bool) -> None:
        assert temporary, f"{self.name} was refused {channel} for good: {code}"
        self.refusals.append(code)
        wire = self._wire

        def again() -> None:
            if self._wire is wire:
                self._subscribe(channel)

        asyncio.get_running_loop().call_later(self._random.uniform(0.1, 0.4), again)

    def _enter(self, channel: str, reply: dict[str, Any]) -> None:
        since, top = self.positions.get(channel), Position(reply["epoch"], reply["offset"])
        recovered, replayed = reply.get("recovered"), reply.get("replayed", 0)
        self.diaries[channel].events.append(Entered(since, top, recovered, replayed))
        self._entered.add(channel)
        if since is None or (recovered is False and not replayed):
            self.positions[channel] = top

    def _get(self, channel: str, position: Position, id: str, key: str | None) -> None:
        self.diaries[channel].events.append(Got(position, id, key))
        self.positions[channel] = position
