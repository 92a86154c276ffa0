"""The words of the plain protocol: what a client may send, checked; what the hub answers, described.

The models are the one source: parsing uses the commands, and the AsyncAPI document is generated from both halves.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from channels.errors import ErrorCode, ReplyError
from hub.chat_descriptions import Content, IfActive, Priority, RunKey, TargetAgent
from hub.descriptions import RequestId

MAX_DEPTH = 100
"""Deepest nesting of JSON that is taken: far above any real message, far below what could exhaust a parser."""

_SHOWN = 64
"""Characters of what a client sent that are repeated in an error."""

ChannelName = Annotated[str, Field(description="name of a channel")]
TypeName = Annotated[str, Field(min_length=1, max_length=128, description="becomes the publication's type")]
Key = Annotated[str, Field(min_length=1, max_length=128)]
ChatId = Annotated[str, Field(max_length=64)]
Version = Annotated[int, Field(ge=1, le=2**53 - 1)]
"""As large as every JSON reader gets right."""


class Command(BaseModel):
    """Base of all commands. An unknown field is refused, so that a misspelt option isn't silently without effect."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: RequestId = Field(None, description="echoed in the answer")


class Since(BaseModel):
    """Position of the last publication that the client has seen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    epoch: str = Field("", max_length=64, description="epoch; without it, offset 0 asks for all that history holds")
    offset: int = Field(ge=0, description="offset")


class Subscribe(Command):
    """Get a channel's publications."""

    action: Literal["subscribe"]
    channel: ChannelName
    since: Since | None = Field(None, description="replay what came after this position")
    presence: bool = Field(False, description="also send join and leave notices")
    interval_ms: int = Field(
        0,
        ge=0,
        le=60_000,
        description="conflated channels: at most one publication per key in this time; 0 or 50 and more",
    )

    @model_validator(mode="after")
    def _interval_is_worth_a_timer(self) -> Subscribe:
        if 0 < self.interval_ms < 50:
            raise ValueError("interval_ms must be 0 or at least 50")
        return self


class Unsubscribe(Command):
    """Stop getting a channel's publications."""

    action: Literal["unsubscribe"]
    channel: ChannelName


class Publish(Command):
    """Publish to one channel or to several."""

    action: Literal["publish"]
    channel: ChannelName | None = None
    channels: Annotated[list[ChannelName], Field(min_length=1, max_length=100)] | None = None
    type: TypeName
    data: Any = Field(description="any JSON")
    key: Key | None = Field(None, description="conflation key, on a channel with conflate: key")
    idempotency_key: Key | None = Field(None, description="publishing again with it within 5 minutes changes nothing")
    version: Version | None = Field(
        None, description="of what is told about; not published unless it is newer than the channel's newest"
    )
    echo: bool = Field(True, description="also send it to this client")

    @model_validator(mode="after")
    def _one_way_to_say_where(self) -> Publish:
        if (self.channel is None) == (self.channels is None):
            raise ValueError("give either channel or channels")
        return self


class ReadHistory(Command):
    """Read a piece of a channel's history."""

    action: Literal["history"]
    channel: ChannelName
    since: Since | None = None
    limit: int = Field(100, ge=0, le=1000, description="publications at most")
    reverse: bool = Field(False, description="newest first")


class ReadPresence(Command):
    """Ask who is on a channel."""

    action: Literal["presence"]
    channel: ChannelName
    members: bool = Field(True, description="false: only the counts")


class Stats(Command):
    """Ask for the hub's numbers."""

    action: Literal["stats", "get_stats"]


class Ping(Command):
    """Ask for a sign of life."""

    action: Literal["ping"]
    data: Any = Field(None, description="comes back in the pong")


class Authenticate(Command):
    """Say who this is, as the first message."""

    action: Literal["authenticate"]
    token: str = Field(max_length=16_384, description="JWT")


class Refresh(Command):
    """Replace the token of a live connection by a newer one of the same user."""

    action: Literal["refresh"]
    token: str = Field(max_length=16_384, description="JWT")


class SendMessage(Command):
    """Send a message to an agent, in a chat session of one's own."""

    action: Literal["send_message"]
    session: ChatId = Field(description="id of the session")
    content: Content
    target_agent: TargetAgent = None
    if_active: IfActive = "queue"
    priority: Priority = 0
    idempotency_key: RunKey = None


class StopRun(Command):
    """Stop a run of one's own."""

    action: Literal["stop_run"]
    run: ChatId = Field(description="id of the run")


class StopSession(Command):
    """Stop all runs of a chat session of one's own."""

    action: Literal["stop_session"]
    session: ChatId = Field(description="id of the session")


Chat = SendMessage | StopRun | StopSession
"""What a hub with agents does."""

AnyCommand = (
    Subscribe | Unsubscribe | Publish | ReadHistory | ReadPresence | Stats | Ping | Authenticate | Refresh | Chat
)

COMMANDS: tuple[type[Command], ...] = get_args(AnyCommand)

ACTIONS: dict[str, type[Command]] = {
    action: command for command in COMMANDS for action in get_args(command.model_fields["action"].annotation)
}

_ADAPTERS: dict[str, TypeAdapter[Any]] = {action: TypeAdapter(command) for action, command in ACTIONS.items()}


class Invalid(ReplyError):
    """A command that can't be run, with what is known of it for the answer."""

    def __init__(self, error: ReplyError, request_id: str | int | None = None, action: str | None = None) -> None:
        super().__init__(error.code, error.message, **error.details)
        self.request_id = request_id
        self.action = action


def parse(text: str | bytes, max_batch: int) -> list[AnyCommand | Invalid]:
    """Read one frame: one command, or a batch of them. Whatever comes in, each command gets a value out.

    Args:
        max_batch: commands in a batch at most; a longer one is one `Invalid`.
    """
    try:
        value = loads(text)
    except ReplyError as error:
        return [Invalid(error)]
    if not isinstance(value, list):
        return [_command(value)]
    if not 1 <= len(value) <= max_batch:
        message = f"expected 1 to {max_batch} commands in a batch, got {len(value)}"
        return [Invalid(ReplyError(ErrorCode.INVALID_COMMAND, message, limit=max_batch))]
    return [_command(item) for item in value]


def loads(text: str | bytes) -> Any:
    """Parse JSON of bounded depth.

    Raises:
        ReplyError: `invalid_json`.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ReplyError(ErrorCode.INVALID_JSON, f"Invalid JSON: {error}") from None
    # Each level needs a bracket: with few of them there is nothing to look at.
    brackets = text.count("[") + text.count("{") if isinstance(text, str) else text.count(b"[") + text.count(b"{")
    if brackets > MAX_DEPTH and _is_deep(value):
        raise ReplyError(ErrorCode.INVALID_JSON, f"Invalid JSON: nested deeper than {MAX_DEPTH} levels")
    return value


def holds_zero(value: object) -> bool:
    """Tell whether a text in parsed JSON has the character 0, which PostgreSQL can't keep."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(holds_zero(part) for item in value.items() for part in item)
    return isinstance(value, list) and any(map(holds_zero, value))


def _is_deep(value: Any) -> bool:
    """Tell whether `value` is nested deeper than allowed, level by level and without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _command(value: Any) -> AnyCommand | Invalid:
    if not isinstance(value, dict):
        got = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}.get(type(value), "a number")
        message = f'expected an object such as {{"action": "subscribe", "channel": "system_alerts"}}, got {got}'
        return Invalid(ReplyError(ErrorCode.INVALID_COMMAND, message))
    request_id = value.get("id")
    if isinstance(request_id, bool) or not isinstance(request_id, str | int) or len(str(request_id)) > 64:
        request_id = None
    action = value.get("action")
    if not isinstance(action, str):
        message = "expected a string in action" if "action" in value else "Missing action parameter"
        return Invalid(ReplyError(ErrorCode.INVALID_COMMAND, message, available_actions=list(ACTIONS)), request_id)
    adapter = _ADAPTERS.get(action)
    if adapter is None:
        error = ReplyError(
            ErrorCode.UNKNOWN_ACTION, f"Unknown action: {action[:_SHOWN]}", available_actions=list(ACTIONS)
        )
        return Invalid(error, request_id)
    try:
        command: AnyCommand = adapter.validate_python(value)
    except ValidationError as error:
        return Invalid(ReplyError(ErrorCode.INVALID_COMMAND, explain(error)), request_id, action)
    return command


def explain(error: ValidationError) -> str:
    """Say in one line what is wrong with which fields, without repeating what was sent."""
    parts = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False)[:5]:
        path = ".".join(str(part) for part in problem["loc"])
        path = path if len(path) <= _SHOWN else f"{path[:_SHOWN]}..."
        match problem["type"]:
            case "missing":
                parts.append(f"Missing {path} parameter")
            case "extra_forbidden":
                parts.append(f"{path}: no such field")
            case _:
                message = problem["msg"].removeprefix("Value error, ")
                parts.append(f"{path}: {message}" if path else message)
    return "; ".join(parts)
