"""Position sets: where a stream of several channels is, as one text.

`channel:epoch:offset` for each channel, joined by commas, in the order of the channels. A name may hold colons, epoch
and offset never do, so an entry is read from its right. A channel without positions is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from channels.errors import ErrorCode, ReplyError
from channels.model import Position

_is_epoch = re.compile(r"[^:,\s]{0,64}").fullmatch
_is_offset = re.compile(r"[0-9]{1,18}", re.ASCII).fullmatch

_SHOWN = 64
"""Characters of a wrong entry that an error repeats."""


def entry(channel: str, position: Position) -> str:
    """Write one channel's position."""
    return f"{channel}:{position.epoch}:{position.offset}"


def position_set(positions: Mapping[str, Position]) -> str:
    """Write the positions of several channels, in their order."""
    return ",".join(entry(channel, position) for channel, position in positions.items())


def read_positions(text: str, channels: Sequence[str], where: str) -> dict[str, Position]:
    """Read a position set; `CHANNEL::0` asks for all that history holds.

    Args:
        channels: that may be in it.
        where: what the text is called in errors.

    Raises:
        ReplyError: `invalid_command`: an entry is malformed, or its channel is none of `channels` or there twice.
    """
    found: dict[str, Position] = {}
    for item in text.split(",") if text else ():
        channel, epoch, offset = _split(item, where)
        if channel not in channels or channel in found:
            problem = "is there twice" if channel in found else "is not among the channels"
            raise ReplyError(ErrorCode.INVALID_COMMAND, f"{where}: {channel[:_SHOWN]} {problem}")
        found[channel] = Position(epoch, offset)
    return found


def _split(item: str, where: str) -> tuple[str, str, int]:
    parts = item.rsplit(":", 2)
    if len(parts) == 3 and parts[0] and _is_epoch(parts[1]) and _is_offset(parts[2]):
        return parts[0], parts[1], int(parts[2])
    shown = item if len(item) <= _SHOWN else f"{item[:_SHOWN]}..."
    raise ReplyError(
        ErrorCode.INVALID_COMMAND, f"{where}: expected CHANNEL:EPOCH:OFFSET, joined by commas, got {shown!r}"
    )
