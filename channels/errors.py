"""Reply errors as data: one table, one exception that carries a row of it.

A `ReplyError` is an answer to the one who asked, not a fault of the hub: it is never logged with a traceback. Edges
turn it into their own words (an error frame, an HTTP status) with `ErrorCode.status`.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from channels.model import NAME_MAX


class ErrorCode(Enum):
    """Every reason for which a command may be refused: wire word, HTTP status, whether trying later may help."""

    INVALID_JSON = ("invalid_json", 400, False)
    INVALID_COMMAND = ("invalid_command", 400, False)
    UNKNOWN_ACTION = ("unknown_action", 400, False)
    UNSUPPORTED_DATA = ("unsupported_data", 415, False)
    UNKNOWN_CHANNEL = ("unknown_channel", 404, False)
    NOT_FOUND = ("not_found", 404, False)
    PERMISSION_DENIED = ("permission_denied", 403, False)
    UNAUTHENTICATED = ("unauthenticated", 401, False)
    INVALID_TOKEN = ("invalid_token", 401, False)
    NOT_SUBSCRIBED = ("not_subscribed", 409, False)
    CONFLICT = ("conflict", 409, False)
    INVALID_DATA = ("invalid_data", 422, False)
    DATA_TOO_LARGE = ("data_too_large", 413, False)
    NO_HISTORY = ("no_history", 409, False)
    TOO_MANY_SUBSCRIPTIONS = ("too_many_subscriptions", 409, False)
    TOO_MANY_CHANNELS = ("too_many_channels", 503, True)
    TOO_MANY_CONNECTIONS = ("too_many_connections", 503, True)
    RATE_LIMITED = ("rate_limited", 429, True)
    UNAVAILABLE = ("unavailable", 503, True)
    INTERNAL = ("internal", 500, True)

    def __init__(self, word: str, status: int, temporary: bool) -> None:
        self.word = word
        self.status = status
        self.temporary = temporary


class ReplyError(Exception):
    """A command was refused.

    Args:
        code: row of the table.
        message: what was expected, what came, what to do. Never holds a secret.
        details: further fields of the error message, such as `available_channels` or `path`.
    """

    def __init__(self, code: ErrorCode, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def as_dict(self) -> dict[str, Any]:
        """Return the error's fields as they go on the wire."""
        return {"code": self.code.word, "message": self.message, "temporary": self.code.temporary, **self.details}


def unknown_channel(channel: str, available: list[str]) -> ReplyError:
    """Refuse a channel that doesn't exist, naming those that do."""
    shown = channel if len(channel) <= NAME_MAX else f"{channel[:NAME_MAX]}..."
    return ReplyError(ErrorCode.UNKNOWN_CHANNEL, f"Invalid channel: {shown}", available_channels=available)
