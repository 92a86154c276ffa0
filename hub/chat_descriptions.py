"""Chat with agents, described: what is the same over HTTP and over a WebSocket."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import Field

from hub.agent_events import CitationState
from hub.descriptions import Described, Id, Reply, Timestamp

CONTENT_MAX: Final = 100_000
"""Characters of a message; limits.message_bytes bounds the request too."""

# What is asked for.

Content = Annotated[
    str, Field(min_length=1, max_length=CONTENT_MAX, pattern=r"\S", description="what to say; `@name` calls an agent")
]
TargetAgent = Annotated[
    Annotated[str, Field(min_length=1, max_length=200)] | None,
    Field(
        description="name or id; without it the first `@name` in the text (outside of code, addresses and links), the "
        "agent of the session's newest run, or the only agent",
    ),
]
IfActive = Annotated[
    Literal["queue", "reject", "steer"],
    Field(
        description="while a run of the session goes on: wait behind it, be refused, or stop it, keep its partial text "
        "and go first",
    ),
]
Priority = Annotated[int, Field(ge=-100, le=100, description="higher comes first among what waits for the agent")]
RunKey = Annotated[
    Annotated[str, Field(min_length=1, max_length=200)] | None,
    Field(description="the same key in the same session is the same run, however often it is sent"),
]

# What there is.


class Shown(Protocol):
    """Something that can be shown to its owner."""

    def as_dict(self) -> dict[str, Any]: ...


class MessageState(Described):
    """A message."""

    id: Id
    seq: int = Field(ge=1, description="of the event that told of it: the order of messages")
    role: Literal["system", "user", "assistant", "tool"]
    content: str
    agent_id: Id | None = Field(description="null: of no agent, or of one that is gone")
    agent_name: str
    run_id: Id | None = Field(description="the run that it belongs to")
    status: Literal["complete", "partial"] = Field(description="partial: the answer was stopped or broke off")
    citations: list[CitationState] = Field(description="memories that the text names")
    usage: dict[str, Any] | None = Field(description="tokens, as the model's provider reported them")
    created_at: Timestamp

    @classmethod
    def of(cls, message: Shown) -> MessageState:
        """Show a message to its owner."""
        fields = message.as_dict()
        citations = [CitationState(**citation) for citation in fields.pop("citations")]
        return cls(**fields, citations=citations)


class RunFailure(Described):
    """Why a run gave no whole answer."""

    code: str
    message: str
    temporary: bool = Field(description="trying later may help")


class RunState(Described):
    """A run: how a message is answered."""

    id: Id
    session_id: Id
    agent_id: Id | None = Field(description="null: the agent is gone")
    agent_name: str = Field(description="of an agent that is gone, what it was called when it was asked")
    message_id: Id = Field(description="the user's message")
    status: Literal["waiting", "queued", "running", "completed", "failed", "cancelled", "interrupted"] = Field(
        description="waiting: for the session's run before it; queued: for its agent"
    )
    created_at: Timestamp
    started_at: Timestamp | None
    completed_at: Timestamp | None
    error: RunFailure | None = Field(description="of a run that failed or was interrupted")
    usage: dict[str, Any] | None = Field(description="tokens, as the model's provider reported them")
    reply_id: Id | None = Field(description="the message that it wrote, whole or partial")

    @classmethod
    def of(cls, run: Shown) -> RunState:
        """Show a run to its owner."""
        fields = run.as_dict()
        error = fields.pop("error")
        return cls(**fields, error=None if error is None else RunFailure(**error))


# Replies over a WebSocket.


class SendMessageReply(Reply):
    """The message was taken, and is answered by a run. What becomes of it comes on the session's channel."""

    type: Literal["send_message"]
    status: Literal["success"]
    run: RunState
    message: MessageState


class StopRunReply(Reply):
    """The run has ended, or ends now."""

    type: Literal["stop_run"]
    status: Literal["success"]
    run: RunState


class StopSessionReply(Reply):
    """What went on in a session was stopped."""

    type: Literal["stop_session"]
    status: Literal["success"]
    stopped: int = Field(ge=0, description="runs that were at work or waited")


CHAT_REPLIES: Final[tuple[type[Described], ...]] = (SendMessageReply, StopRunReply, StopSessionReply)
