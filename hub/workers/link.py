"""What a supervisor and a worker say to each other: JSON lines over a pair of sockets that nobody else can reach.

The end of the link is a message, too: the other process is gone. Settings go over it with their secrets, so they are
in no argument, no variable and no file.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import SecretStr

from hub.options import Settings

LINE_MAX = 64 << 20
"""Longest message in bytes; settings with many rooms and schemas are long."""


class Link:
    """One end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, end: socket.socket) -> Link:
        """Take a connected socket, which is the link's from now on."""
        reader, writer = await asyncio.open_unix_connection(sock=end, limit=LINE_MAX)
        return cls(reader, writer)

    def send(self, kind: str, **fields: Any) -> None:
        """Send a message. Never waits and never raises: when the other end is gone, its own end tells."""
        if not self._writer.is_closing():
            self._writer.write(orjson.dumps({"kind": kind, **fields}) + b"\n")

    async def receive(self) -> dict[str, Any] | None:
        """Return the next message, `None` when the other end is gone."""
        try:
            line = await self._reader.readline()
        except OSError:
            return None
        # A process that is killed may leave half a message.
        return orjson.loads(line) if line.endswith(b"\n") else None

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            pass


def packed(settings: Settings) -> dict[str, Any]:
    """Return settings as plain data, secrets included. What was not stated stays so: channels inherit by that."""
    plain: dict[str, Any] = _plain(settings.model_dump(by_alias=True, exclude_unset=True))
    return plain


def unpacked(tree: Mapping[str, Any]) -> Settings:
    """Return the settings that `packed` made plain data of."""
    return Settings.model_validate(tree)


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
