"""The words that an answer begins with."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What became of a publication. In the order in which they speak for a user with several sessions: one session
    that has it is enough, and otherwise the one that came nearest tells most."""

    DELIVERED = "delivered"
    REPLAYED = "replayed"
    PENDING = "pending"
    SLOW_CLOSED = "slow_closed"
    WRITTEN_THEN_LOST = "written_then_lost"
    FILTERED = "filtered"
    GAP = "gap"
    NOT_SUBSCRIBED = "not_subscribed"
    NOT_CONNECTED = "not_connected"
    TOO_OLD = "too_old"
    UNKNOWN_USER = "unknown_user"
    UNKNOWN_PUBLICATION = "unknown_publication"
