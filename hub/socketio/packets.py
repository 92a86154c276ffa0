"""Packets of Socket.IO 5: reading what a client sends.

`<type>[<attachments>-][<namespace>,][<ack id>][<JSON>]`, as the protocol's document has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import orjson

_HEAD: Final = re.compile(rb"([0-6])(?:(\d{1,4})-)?(?:(/[^,]{0,128})(?:,|\Z))?(\d{1,15})?", re.DOTALL)
_MAIN: Final = "/"


class Kind(IntEnum):
    """What a packet is."""

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


class Malformed(ValueError):
    """The bytes are no packet."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet.

    Attributes:
        namespace: `/` unless it says another.
        ack: id under which an answer is expected.
        data: the JSON; `None` when there is none.
        attachments: binary messages that follow and belong to it.
    """

    kind: Kind
    namespace: str = _MAIN
    ack: int | None = None
    data: Any = None
    attachments: int = 0

    @property
    def event(self) -> tuple[str, list[Any]]:
        """An event's name and arguments."""
        name, *arguments = self.data
        return name, arguments


def read(text: bytes) -> Packet:
    """Read one packet.

    Raises:
        Malformed: the bytes are none, saying what was expected.
    """
    match = _HEAD.match(text)
    if match is None:
        raise Malformed("expected a packet's type, 0 to 6")
    kind, attachments, namespace, ack = match.groups()
    packet = Packet(
        Kind(int(kind)),
        namespace.decode("utf-8", "replace").partition("?")[0] if namespace else _MAIN,
        int(ack) if ack else None,
        _json(text[match.end() :]),
        int(attachments or 0),
    )
    _check(packet)
    return packet


def _json(text: bytes) -> Any:
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Malformed("expected JSON behind a packet's head") from None


def _check(packet: Packet) -> None:
    data = packet.data
    if packet.kind in (Kind.EVENT, Kind.BINARY_EVENT):
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            raise Malformed("expected an event as a list that begins with its name")
    elif packet.kind is Kind.CONNECT:
        if not isinstance(data, dict | None):
            raise Malformed("expected an object to connect with")
    elif packet.kind is Kind.DISCONNECT and data is not None:
        raise Malformed("expected nothing to disconnect with")
