"""What each command of an authenticated client does: from a checked command to the engine and back to a reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from channels.clock import Clock, iso
from channels.engine import Engine
from channels.errors import ErrorCode, ReplyError
from channels.model import Draft, Position, Published
from channels.policy import Operation, Principal
from channels.ports import PLAIN_SUBSCRIPTION, Subscription
from hub.dialects.plain import publication_fields
from hub.fanout import Fanout
from hub.outbox import Outbox
from hub.wire import (
    AnyCommand,
    Chat,
    Command,
    Ping,
    Publish,
    ReadHistory,
    ReadPresence,
    SendMessage,
    Since,
    Stats,
    StopRun,
    StopSession,
    Subscribe,
    Unsubscribe,
)

Handler = Callable[[Any, Principal], Awaitable[dict[str, Any]]]
"""Runs a command of a client and returns its reply. Raises `ReplyError` for what it refuses."""


class Commands:
    """Runs commands. One per hub; holds no client's state.

    Args:
        statistics: the numbers of row `stats`, over all processes.
    """

    def __init__(
        self, engine: Engine, fanout: Fanout, clock: Clock, statistics: Callable[[], Awaitable[dict[str, Any]]]
    ) -> None:
        self._engine = engine
        self._fanout = fanout
        self._clock = clock
        self._statistics = statistics
        self._handlers: dict[type[Command], Handler] = {}

    def extend(self, handlers: Mapping[type[Command], Handler]) -> None:
        """Have further commands run: those of a part that the configuration asks for."""
        self._handlers.update(handlers)

    async def run(self, command: AnyCommand, outbox: Outbox) -> None:
        """Run a command and send its one reply.

        Raises:
            ReplyError: the command is refused; nothing was sent.
        """
        match command:
            case Subscribe():
                await self._subscribe(command, outbox)
            case Unsubscribe():
                await self._unsubscribe(command, outbox)
            case Publish():
                _reply(outbox, command, await self._publish(command, outbox))
            case ReadHistory():
                _reply(outbox, command, await self._history(command, outbox))
            case ReadPresence():
                _reply(outbox, command, await self._presence(command, outbox))
            case Stats():
                _reply(outbox, command, {"type": "stats", "data": await self._stats(outbox)})
            case Ping():
                pong: dict[str, Any] = {"type": "pong", "timestamp": iso(self._clock.now())}
                _reply(outbox, command, pong if command.data is None else {**pong, "data": command.data})
            case SendMessage() | StopRun() | StopSession():
                _reply(outbox, command, await self._extension(command)(command, outbox.principal))
            case _:
                raise AssertionError(f"{command.action} is the session's own")

    def _extension(self, command: Chat) -> Handler:
        handler = self._handlers.get(type(command))
        if handler is None:
            message = f"{command.action}: agents are off on this hub; set agents.enabled: true"
            raise ReplyError(ErrorCode.UNKNOWN_ACTION, message)
        return handler

    async def _subscribe(self, command: Subscribe, outbox: Outbox) -> None:
        asked = PLAIN_SUBSCRIPTION
        if command.presence or command.interval_ms:
            asked = Subscription(command.presence, command.interval_ms / 1000)
        policy = self._engine.policy
        if command.interval_ms and policy.exists(command.channel) and not policy.options(command.channel).conflate:
            raise ReplyError(ErrorCode.INVALID_COMMAND, f"interval_ms: {command.channel} is not conflated")
        if command.presence:
            await self._engine.gate.require(
                outbox.principal, Operation.SUBSCRIBE, Operation.PRESENCE, channel=command.channel
            )
        done = await self._engine.subscribe(outbox, command.channel, position_of(command.since), asked)
        reply: dict[str, Any] = {
            "type": "subscribe",
            "channel": command.channel,
            "status": "success",
            "subscribers": done.subscribers,
        }
        if done.position is not None:
            reply["epoch"], reply["offset"] = done.position
        if done.recovered is not None:
            reply["recovered"] = done.recovered
        if done.recovered is not None or done.missed:
            reply["replayed"] = len(done.missed)
        _reply(outbox, command, reply)
        if done.missed:
            self._fanout.replay(outbox, done.missed)

    async def _unsubscribe(self, command: Unsubscribe, outbox: Outbox) -> None:
        if not await self._engine.unsubscribe(outbox, command.channel):
            await self._engine.gate.require(outbox.principal, Operation.SUBSCRIBE, channel=command.channel)
            raise ReplyError(ErrorCode.NOT_SUBSCRIBED, f"this connection is not on {command.channel}")
        _reply(outbox, command, {"type": "unsubscribe", "channel": command.channel, "status": "success"})

    async def _publish(self, command: Publish, outbox: Outbox) -> dict[str, Any]:
        data = encode(command.data)
        timestamp = iso(self._clock.now())
        results = []
        for channel in command.channels or [command.channel or ""]:
            draft = Draft(
                channel,
                command.type,
                data,
                timestamp,
                command.key,
                None if command.echo else outbox.client_id,
                command.idempotency_key,
                command.version,
            )
            try:
                results.append(published_fields(channel, await self._engine.publish(draft, outbox.principal)))
            except ReplyError as error:
                if command.channels is None:
                    raise
                results.append({"channel": channel, "error": error.as_dict()})
        return {"type": "publish", "status": "success", "results": results}

    async def _history(self, command: ReadHistory, outbox: Outbox) -> dict[str, Any]:
        since = position_of(command.since)
        found = await self._engine.history(command.channel, outbox.principal, since, command.limit, command.reverse)
        reply: dict[str, Any] = {
            "type": "history",
            "channel": command.channel,
            "publications": [publication_fields(publication) for publication in found.publications],
            "epoch": found.top.epoch,
            "offset": found.top.offset,
        }
        return reply if since is None else {**reply, "recovered": found.recovered}

    async def _presence(self, command: ReadPresence, outbox: Outbox) -> dict[str, Any]:
        state = await self._engine.presence(command.channel, outbox.principal, command.members)
        reply = {"type": "presence_state", "channel": command.channel, "clients": state.clients, "users": state.users}
        return reply if state.members is None else {**reply, "members": state.members}

    async def _stats(self, outbox: Outbox) -> dict[str, Any]:
        """Return the hub's numbers, naming only channels that the client may subscribe to, and processes only to
        operators by a token: on an open hub, where everyone is one, six keys are what clients know."""
        numbers = await self._statistics()
        if not (outbox.principal.admin and outbox.principal.has_token):
            numbers = {name: value for name, value in numbers.items() if name != "nodes"}
        visible = {*self._engine.policy.visible_to(outbox.principal), *self._engine.registry.channels_of(outbox)}
        counts = {name: count for name, count in numbers["channel_stats"].items() if name in visible}
        return {**numbers, "channel_stats": counts, "active_channels": list(counts)}


def position_of(since: Since | None) -> Position | None:
    """Turn the wire's `since` into a position."""
    return None if since is None else Position(since.epoch, since.offset)


def encode(data: Any) -> bytes:
    """Encode parsed JSON.

    Raises:
        ReplyError: `invalid_json`, for what JSON can't hold (lone surrogates).
    """
    try:
        return orjson.dumps(data)
    except TypeError as error:
        raise ReplyError(ErrorCode.INVALID_JSON, f"data can't be written as JSON: {error}") from None


def published_fields(channel: str, published: Published) -> dict[str, Any]:
    """Return the answer to a publish as it stands in JSON."""
    fields: dict[str, Any] = {"channel": channel}
    if published.position is not None:
        fields["epoch"], fields["offset"] = published.position
    fields |= {"subscribers": published.subscribers, "duplicate": published.duplicate}
    if published.superseded:
        fields["superseded"] = True
    if published.queued:
        fields["queued"] = True
    return fields


def _reply(outbox: Outbox, command: AnyCommand, message: dict[str, Any]) -> None:
    if command.id is not None:
        message = {**message, "id": command.id}
    outbox.send(outbox.encoding.message(message))
