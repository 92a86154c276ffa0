"""Ids of what users have, as clients write them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from channels.errors import ErrorCode, ReplyError

_SHOWN: Final = 64
"""Characters of an id that an error repeats."""


def id_from(text: str, kind: str) -> UUID:
    """Read an id as answers write it: 36 characters, with hyphens.

    Args:
        kind: what has the id, for people, such as `session`.

    Raises:
        ReplyError: `not_found`; what is no id is the id of nothing.
    """
    try:
        id = UUID(text)
    except ValueError:
        raise missing(kind, text) from None
    if str(id) != text.lower():
        raise missing(kind, text)
    return id


def missing(kind: str, id: object) -> ReplyError:
    """Refuse what isn't there, or is somebody else's: nobody can tell which."""
    return ReplyError(ErrorCode.NOT_FOUND, f"no {kind} has the id {str(id)[:_SHOWN]}")
