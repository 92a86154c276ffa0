"""Every event of a session: its name, and the fields that its data has beside `seq`, `run_id`, `agent_id` and
`timestamp`.

Of one run that goes well, in this order: MESSAGE_CREATED (the user's), DIRECT_AGENT_CALL, TASK_STARTED,
CONTEXT_RETRIEVED, MESSAGE_DELTA as often as needed, MESSAGE_CREATED (the assistant's), TASK_COMPLETED.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field


class EventData(BaseModel):
    """What all events have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Citation(EventData):
    """A memory that an answer names."""

    number: int = Field(description="as it stands in the text, in brackets")
    memory_id: str
    text: str
    score: float


class MessageData(EventData):
    """A message."""

    id: str
    seq: int = Field(description="of the event that told of it: the order of messages")
    role: Literal["system", "user", "assistant", "tool"]
    content: str
    agent_id: str | None
    agent_name: str
    run_id: str | None
    status: Literal["complete", "partial"] = Field(description="partial: the answer was stopped or broke off")
    citations: list[Citation]
    usage: dict[str, Any] | None = Field(description="tokens, as the model's provider reported them")
    created_at: str


class SessionCreated(EventData):
    """The session was made."""

    title: str


class SessionChanged(EventData):
    """The session has another title."""

    title: str


class MessageCreated(EventData):
    """A message is there, whole: a user's, or an agent's answer."""

    message: MessageData
    title: str | None = Field(None, description="that the session got from its first message")


class DirectAgentCall(EventData):
    """A user's message goes to one agent."""

    agent: str = Field(description="its name")
    message_id: str


class TaskQueued(EventData):
    """A run waits for its turn."""

    ahead: int = Field(description="that come before it")
    attempt: int | None = Field(None, description="of a run that is begun anew: its process ended before any answer")


class TaskStarted(EventData):
    """A run has begun."""

    agent: str
    model: str


class Retrieved(EventData):
    """A memory that was found."""

    memory_id: str
    score: float
    text: Annotated[str, Field(max_length=200)]
    created_at: str


class ContextRetrieved(EventData):
    """What the agent remembers that may help."""

    count: int
    items: list[Retrieved]
    warning: str | None = Field(None, description="why memory couldn't be searched; the run goes on without it")


class ModelRetried(EventData):
    """A model gave no answer; it, or another one, is asked."""

    model: str
    reason: str


class MessageDelta(EventData):
    """The next piece of an answer."""

    message_id: str = Field(description="that the answer will have")
    start: int = Field(description="characters of the answer before it")
    text: str


class TaskCompleted(EventData):
    """A run has ended well. Nothing of it follows."""

    message_id: str
    model: str = Field(description="that answered: another than was asked first when that one failed")
    usage: dict[str, Any] | None
    seconds: float


class TaskCancelled(EventData):
    """A run was stopped. Nothing of it follows."""

    reason: Literal["stopped", "steered", "agent_removed"] = Field(description="steered: by a newer message")
    message_id: str | None = Field(description="of what it had written until then")


class Error(EventData):
    """A run has failed. Nothing of it follows."""

    code: str
    message: str
    temporary: bool = Field(description="whether trying later may help")
    message_id: str | None = Field(description="of what it had written until then")


EVENTS: Final[dict[str, type[EventData]]] = {
    "SESSION_CREATED": SessionCreated,
    "SESSION_CHANGED": SessionChanged,
    "MESSAGE_CREATED": MessageCreated,
    "DIRECT_AGENT_CALL": DirectAgentCall,
    "TASK_QUEUED": TaskQueued,
    "TASK_STARTED": TaskStarted,
    "CONTEXT_RETRIEVED": ContextRetrieved,
    "MODEL_RETRIED": ModelRetried,
    "MESSAGE_DELTA": MessageDelta,
    "TASK_COMPLETED": TaskCompleted,
    "TASK_CANCELLED": TaskCancelled,
    "ERROR": Error,
}
"""By name, in the order in which they are documented."""

TERMINAL: Final = frozenset({"TASK_COMPLETED", "TASK_CANCELLED", "ERROR"})
"""The last event of a run."""
