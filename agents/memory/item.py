"""What is remembered, and how it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

EPISODE: Final = "episode"
"""An exchange with the agent."""
FACT: Final = "fact"
"""What the user had the agent remember."""
KINDS: Final = (EPISODE, FACT, "preference", "note")

USUAL: Final = 0.5
"""Importance of a memory of which nobody has said more."""

SCORE: Final = "what it is ranked by, from -0.35 to 1.22, best first: to be compared within one answer alone"
"""What a score is, for who describes it. The bounds follow from `agents.memory.ranking.WEIGHTS`."""

EmbeddingState = Literal["none", "pending", "stored"]


@dataclass(frozen=True, slots=True)
class Item:
    """A memory.

    Attributes:
        source: where it comes from: `session_id`, `message_ids`, `task_id` of an exchange, `part` and `parts` of a long
            one.
        importance: from 0 to 1.
        success: whether what it tells of went well; `None`: not known.
        embedding: whether a vector is stored for it, or is still to come; `none`: no model makes any.
    """

    id: UUID
    agent_id: UUID
    kind: str
    text: str
    source: Mapping[str, Any]
    importance: float
    pinned: bool
    success: bool | None
    embedding: EmbeddingState
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memory that fits a question.

    Attributes:
        score: see `SCORE`.
        parts: what the score is made of, see `agents.memory.ranking`.
    """

    memory_id: UUID
    text: str
    kind: str
    score: float
    source: Mapping[str, Any]
    created_at: datetime
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which memories count; `None`: all.

    Attributes:
        since, until: when they were made, both included.
    """

    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    pinned: bool | None = None
    success: bool | None = None

    def __bool__(self) -> bool:
        """Whether it leaves any out."""
        return self != Filter()


@dataclass(frozen=True, slots=True)
class Usage:
    """How full an agent's memory is.

    Attributes:
        limit: most memories that it may have.
        warning: whether it is so full that the oldest go soon.
        full: whether nothing more can be remembered, because nothing may go.
    """

    count: int
    limit: int
    warning: bool
    full: bool
