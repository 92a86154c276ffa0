"""The types of GraphQL: the answers of `hub.http.api.my` under other names. Resolvers return those answers as they are;
a field is read from the answer's attribute of the same name."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, TypeVar

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from hub.http.api.my import runs, sessions
from hub.http.api.my.graph.asking import Asking
from hub.http.api.my.member import PageQuery

INNER: Final = 10
"""Items of a list within a list, unless another limit is asked for."""

F = TypeVar("F", bound=Callable[..., Any])


def field(description: str) -> Callable[[F], F]:
    """Make a method a field. (`strawberry.field`, which has no type of its own.)"""
    made: Callable[[F], F] = strawberry.field(description=description)
    return made


@strawberry.enum(description="What to do while a run of the session goes on.")
class IfActive(Enum):
    """The words of HTTP."""

    queue = "queue"
    reject = "reject"
    steer = "steer"


@strawberry.type(description="The user who asks.")
class Account:
    """`AccountState`."""

    id: strawberry.ID
    subject: str
    email: str | None
    name: str
    created_at: str


@strawberry.type(description="How an agent answers.")
class AgentConfig:
    """`agents.catalog.agent.AgentConfig`."""

    instructions: str
    description: str
    model: str
    fallback_models: list[str]
    temperature: float | None
    max_tokens: int | None
    history_messages: int
    history_tokens: int
    memory: bool
    recall: int


@strawberry.input(description="What isn't given has its default in a new agent, and stays in one that there is.")
class AgentConfigInput:
    """The same, to be given."""

    instructions: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    model: str | None = strawberry.UNSET
    fallback_models: list[str] | None = strawberry.UNSET
    temperature: float | None = strawberry.UNSET
    max_tokens: int | None = strawberry.UNSET
    history_messages: int | None = strawberry.UNSET
    history_tokens: int | None = strawberry.UNSET
    memory: bool | None = strawberry.UNSET
    recall: int | None = strawberry.UNSET

    def given(self) -> dict[str, object]:
        """Return what a client gave."""
        return {name: value for name, value in vars(self).items() if value is not strawberry.UNSET}


@strawberry.type(description="An agent.")
class Agent:
    """`AgentState`."""

    id: strawberry.ID
    name: str
    config: AgentConfig
    status: str
    version: int
    created_at: str
    updated_at: str


@strawberry.type(description="A page of agents, the oldest first.")
class AgentPage:
    """`next` is the cursor of the next page."""

    items: list[Agent]
    next: str | None


@strawberry.type(description="A message.")
class Message:
    """`MessageState`."""

    id: strawberry.ID
    seq: int
    role: str
    content: str
    agent_id: strawberry.ID | None
    agent_name: str
    run_id: strawberry.ID | None
    status: str
    citations: list[JSON]
    usage: JSON | None
    created_at: str


@strawberry.type(description="A page of messages, oldest first. Without a cursor it has the newest ones.")
class MessagePage:
    """`next` is the cursor of the page with older ones."""

    items: list[Message]
    next: str | None


@strawberry.type(description="Why a run gave no whole answer.")
class RunFailure:
    """`RunFailure` of HTTP."""

    code: str
    message: str
    temporary: bool


@strawberry.type(description="A run: how a message is answered.")
class Run:
    """`RunState`."""

    id: strawberry.ID
    session_id: strawberry.ID
    agent_id: strawberry.ID | None
    agent_name: str
    message_id: strawberry.ID
    status: str
    created_at: str
    started_at: str | None
    completed_at: str | None
    error: RunFailure | None
    usage: JSON | None
    reply_id: strawberry.ID | None


@strawberry.type(description="A page of runs, the newest first.")
class RunPage:
    """`next` is the cursor of the next page."""

    items: list[Run]
    next: str | None


@strawberry.type(description="A message that was taken, and the run that answers it.")
class Sent:
    """`Accepted`."""

    run: Run
    message: Message


@strawberry.type(description="A chat session.")
class Session:
    """`SessionState`, with what is in the session."""

    id: strawberry.ID
    title: str
    last_seq: int
    channel: str
    created_at: str
    updated_at: str
    active_runs: int

    @field("Its messages.")
    async def messages(self, info: Info[Asking, None], limit: int = INNER, cursor: str | None = None) -> MessagePage:
        """Read a page."""
        return await info.context.read(
            MessagePage,
            sessions.list_messages,
            sessions.MessagesQuery,
            session_id=self.id,
            limit=limit,
            cursor=cursor,
        )

    @field("Its runs.")
    async def runs(self, info: Info[Asking, None], limit: int = INNER, cursor: str | None = None) -> RunPage:
        """Read a page."""
        return await info.context.read(
            RunPage, runs.list_runs, PageQuery, session_id=self.id, limit=limit, cursor=cursor
        )


@strawberry.type(description="A page of sessions; those where something happened last first.")
class SessionPage:
    """`next` is the cursor of the next page."""

    items: list[Session]
    next: str | None


@strawberry.type(description="Something that an agent remembers.")
class Memory:
    """`MemoryState`."""

    id: strawberry.ID
    agent_id: strawberry.ID
    kind: str
    text: str
    source: JSON
    importance: float
    pinned: bool
    success: bool | None
    embedding: str
    created_at: str
    updated_at: str
    score: float | None


@strawberry.type(description="A page of memories, the newest first; of a search, the best first, on one page.")
class MemoryPage:
    """`next` is the cursor of the next page."""

    items: list[Memory]
    next: str | None


@strawberry.type(description="A language model that agents can be answered by.")
class Model:
    """`ModelState`."""

    name: str
    provider: str
    offline: bool


@strawberry.type(description="The models, in the order of the configuration.")
class Models:
    """`ModelList`."""

    items: list[Model]
    default: str
