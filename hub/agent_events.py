"""The events of chat sessions as the hub describes them: the models that `agents.sessions.events` has, and no others.

It knows the agents' descriptions and none of their work, so that the documents can be made of it.
What the agents may only write as it is, clients may be sent more of later: so nothing here is closed.
"""

from __future__ import annotations

from pydantic import Field

from agents.memory.item import SCORE
from agents.sessions.events import EVENTS, Citation, ContextRetrieved, MessageCreated, Retrieved
from hub.descriptions import Described

__all__ = ["EVENTS", "CitationState", "ContextRetrieved", "MessageCreated", "RetrievedState"]


class CitationState(Citation, Described):
    """A memory that an answer names."""

    score: float = Field(description=SCORE)


class RetrievedState(Retrieved, Described):
    """A memory that was found."""

    score: float = Field(description=SCORE)
