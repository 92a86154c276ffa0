"""The words of the protocol: parsed JSON to values, and errors to exceptions. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin_client.errors import HubError
from tocsin_client.model import START, History, Joined, Left, Member, Message, Position, PresenceState, Published

Fields = Mapping[str, Any]


def position_of(fields: Fields) -> Position | None:
    """Read `epoch` and `offset`; `None` when they are not there."""
    epoch, offset = fields.get("epoch"), fields.get("offset")
    return Position(epoch, offset) if isinstance(epoch, str) and isinstance(offset, int) else None


def since_of(position: Position) -> dict[str, Any]:
    """Write a position as `since`."""
    return {"offset": 0} if position == START else {"epoch": position.epoch, "offset": position.offset}


def is_publication(fields: Fields) -> bool:
    """Tell by its fields: a publisher may choose any `type`, also one that is a word of the protocol."""
    return "data" in fields and "channel" in fields


def message_of(fields: Fields) -> Message:
    """Read a publication."""
    return Message(
        fields["channel"],
        str(fields.get("type", "")),
        fields["data"],
        str(fields.get("timestamp", "")),
        position_of(fields),
        fields.get("key"),
    )


def member_of(fields: Fields) -> Member:
    """Read who a connection is."""
    since = fields.get("since")
    return Member(
        str(fields.get("client_id", "")),
        fields.get("user"),
        str(fields.get("session", "")),
        None if since is None else str(since),
    )


def presence_of(fields: Fields) -> Joined | Left:
    """Read a presence notice."""
    event = Joined if fields.get("event") == "join" else Left
    return event(str(fields["channel"]), member_of(fields.get("client") or {}), str(fields.get("timestamp", "")))


def published_of(fields: Fields) -> Published:
    """Read one result of a publish.

    Raises:
        HubError: the result is an error.
    """
    if "error" in fields:
        raise error_of(fields["error"])
    return Published(
        str(fields.get("channel", "")),
        position_of(fields),
        int(fields.get("subscribers") or 0),
        fields.get("duplicate") is True,
        fields.get("queued") is True,
        fields.get("superseded") is True,
    )


def history_of(fields: Fields) -> History:
    """Read the reply to `history`."""
    messages = tuple(map(message_of, fields.get("publications", ())))
    return History(messages, position_of(fields) or START, fields.get("recovered"))


def presence_state_of(fields: Fields) -> PresenceState:
    """Read the reply to `presence`."""
    members = fields.get("members")
    people = None if members is None else tuple(map(member_of, members))
    return PresenceState(int(fields.get("clients", 0)), int(fields.get("users", 0)), people)


_NO_DETAILS = {"type", "id", "code", "message", "temporary"}


def error_of(fields: Fields) -> HubError:
    """Read an error: a reply, a result, or what stands under `error` in an HTTP answer."""
    details = {name: value for name, value in fields.items() if name not in _NO_DETAILS}
    return HubError(
        str(fields.get("code", "internal")),
        str(fields.get("message", "the hub gave no reason")),
        temporary=fields.get("temporary") is True,
        details=details,
    )
