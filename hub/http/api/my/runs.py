"""Messages to agents over HTTP, and the runs that answer them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pydantic import ConfigDict, Field, model_validator

from agents.memory.item import SCORE
from agents.sessions.run import Request
from channels.errors import ErrorCode
from hub.chat_descriptions import Content, IfActive, MessageState, Priority, RunKey, RunState, TargetAgent
from hub.descriptions import Described, Id, Timestamp
from hub.http.api.bodies import Body
from hub.http.api.endpoint import Call, Endpoint, Hub, Who
from hub.http.api.my.member import Page, PageQuery, cursor_at, id_of, member, position_of

if TYPE_CHECKING:
    from agents.runs.submission import Submitted
    from agents.store.scope import Scope
    from hub.adapters.agents.parts import Parts

RESPOND_ASYNC: Final = "respond-async"
"""Preference of RFC 7240: answer at once."""


class MessageBody(Body):
    """A message to an agent."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["content"]}, {"required": ["message"]}],
            "examples": [{"content": "Write a haiku", "target_agent": "coder"}, {"content": "@coder hello"}],
        }
    )

    content: Content | None = None
    message: Content | None = Field(None, description="the same as content")
    target_agent: TargetAgent = None
    if_active: IfActive = "queue"
    wait: bool = Field(True, description="answer when the run has ended; false: at once, as `Prefer: respond-async`")
    priority: Priority = 0
    idempotency_key: RunKey = None

    @model_validator(mode="after")
    def _one_text(self) -> MessageBody:
        if (self.content is None) == (self.message is None):
            raise ValueError("give either content or message")
        return self

    def request(self) -> Request:
        """Return what is asked for."""
        text = self.content if self.message is None else self.message
        return Request(text or "", self.target_agent or "", self.if_active, self.priority, self.idempotency_key)


class RunPage(Page[RunState]):
    """Runs of a session, the newest first."""


class Answered(Described):
    """A run that has ended."""

    run: RunState
    message: MessageState = Field(description="the user's")
    reply: MessageState | None = Field(description="the agent's, whole or partial; null: there is no text")


class Accepted(Described):
    """A run that goes on."""

    run: RunState
    message: MessageState = Field(description="the user's")

    @property
    def http_status(self) -> int:
        return 202


class Stopped(Described):
    """What was stopped."""

    stopped: int = Field(ge=0, description="runs that were at work or waited")


class TracedMemory(Described):
    """A memory that was retrieved for a run."""

    number: int = Field(ge=1, description="by which answers refer to it")
    memory_id: Id
    score: float = Field(description=SCORE)
    text: str
    created_at: Timestamp


class TracedMessage(Described):
    """A message of a prompt."""

    role: str
    content: str


class TracedEvent(Described):
    """An event of a run."""

    type: str
    data: dict[str, Any]


class TraceState(Described):
    """What a run was given."""

    retrieved: list[TracedMemory]
    prompt: list[TracedMessage] = Field(description="as it went to the model; empty before the run has begun")
    model: str | None = Field(description="that was asked first")
    answered_by: str | None = Field(description="the model that answered; null: none has, or not yet")
    temperature: float | None = None
    max_tokens: int | None = None
    history_left_out: int | None = Field(None, description="messages of the session that were over the limits")
    warning: str | None = Field(None, description="why memory couldn't be searched")
    events: list[TracedEvent] = Field(description="without the pieces of the answer")


async def send_message(hub: Hub, call: Call[MessageBody, None]) -> Answered | Accepted:
    """Send a message to an agent. The run goes on whatever becomes of this request."""
    parts, scope = await member(hub, call)
    submitted = await parts.runs.runs.submit(scope, id_of(call, "session_id", "session"), call.body.request())
    waits = call.body.wait and RESPOND_ASYNC not in call.request.headers.get("Prefer", "").lower()
    if not waits:
        return await _accepted(parts, scope, submitted)
    sent = submitted.run
    outcome = await parts.runs.runs.wait(scope, sent.id, hub.settings.agents.runs.wait, known=sent)
    if not outcome.run.has_ended:
        return await _accepted(parts, scope, replace(submitted, run=outcome.run))
    message = await parts.runs.runs.message(scope, submitted)
    reply = None if outcome.reply is None else MessageState.of(outcome.reply)
    return Answered(run=RunState.of(outcome.run), message=MessageState.of(message), reply=reply)


async def list_runs(hub: Hub, call: Call[None, PageQuery]) -> RunPage:
    """List the runs of a session."""
    parts, scope = await member(hub, call)
    session = await parts.chat.sessions.get(scope, id_of(call, "session_id", "session"))
    limit = call.query.limit
    runs = await parts.runs.runs.list(scope, session.id, limit + 1, position_of(call.query.cursor))
    shown = runs[:limit]
    more = cursor_at(shown[-1].created_at, shown[-1].id) if len(runs) > limit else None
    return RunPage(items=list(map(RunState.of, shown)), next=more)


async def get_run(hub: Hub, call: Call[None, None]) -> RunState:
    """Return a run."""
    parts, scope = await member(hub, call)
    return RunState.of(await parts.runs.runs.get(scope, id_of(call, "run_id", "run")))


async def get_trace(hub: Hub, call: Call[None, None]) -> TraceState:
    """Return what was retrieved for a run, the prompt as the model got it, and its events."""
    parts, scope = await member(hub, call)
    trace = await parts.runs.runs.trace(scope, id_of(call, "run_id", "run"))
    return TraceState(
        retrieved=[TracedMemory(**memory) for memory in trace.pop("retrieved")],
        prompt=[TracedMessage(**message) for message in trace.pop("prompt")],
        events=[TracedEvent(**event) for event in trace.pop("events")],
        **trace,
    )


async def stop_run(hub: Hub, call: Call[None, None]) -> RunState:
    """Stop a run, from any device: at once where it waits, else within moments. Its partial text is kept. Stopping it
    again changes nothing."""
    parts, scope = await member(hub, call)
    return RunState.of(await parts.runs.runs.stop(scope, id_of(call, "run_id", "run")))


async def stop_session(hub: Hub, call: Call[None, None]) -> Stopped:
    """Stop all that goes on in a session, and what waits there."""
    parts, scope = await member(hub, call)
    return Stopped(stopped=await parts.runs.runs.stop_all(scope, id_of(call, "session_id", "session")))


async def retry_run(hub: Hub, call: Call[None, None]) -> Accepted:
    """Have a message answered anew by the same agent, in a new run. What came after it isn't shown to the model."""
    parts, scope = await member(hub, call)
    return await _accepted(parts, scope, await parts.runs.runs.retry(scope, id_of(call, "run_id", "run")))


async def _accepted(parts: Parts, scope: Scope, submitted: Submitted) -> Accepted:
    message = await parts.runs.runs.message(scope, submitted)
    return Accepted(run=RunState.of(submitted.run), message=MessageState.of(message))


_TAG: Final = "chat"
_RUN: Final = "/my/runs/{run_id}"

ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint(
        "POST",
        "/my/chat/{session_id}/message/",
        "Send a message to an agent",
        send_message,
        Who.MEMBER,
        _TAG,
        answer=Answered,
        more_answers=(Accepted,),
        body=MessageBody,
        errors=(ErrorCode.CONFLICT,),
    ),
    Endpoint(
        "POST",
        "/my/chat/{session_id}/stop",
        "Stop all runs of a session",
        stop_session,
        Who.MEMBER,
        _TAG,
        answer=Stopped,
    ),
    Endpoint(
        "GET",
        "/my/chat/sessions/{session_id}/runs/",
        "List the runs of a session",
        list_runs,
        Who.MEMBER,
        _TAG,
        answer=RunPage,
        query=PageQuery,
    ),
    Endpoint("GET", _RUN, "Return a run", get_run, Who.MEMBER, _TAG, answer=RunState),
    Endpoint("GET", f"{_RUN}/trace", "What a run was given", get_trace, Who.MEMBER, _TAG, answer=TraceState),
    Endpoint("POST", f"{_RUN}/stop", "Stop a run", stop_run, Who.MEMBER, _TAG, answer=RunState),
    Endpoint(
        "POST",
        f"{_RUN}/retry",
        "Answer a message anew",
        retry_run,
        Who.MEMBER,
        _TAG,
        answer=Accepted,
        errors=(ErrorCode.CONFLICT,),
    ),
)
