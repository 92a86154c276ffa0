"""One client's conversation: commands in, replies out, without a socket.

A session gets the text of each frame and sends through its connection's outbox. Commands run one after the other, so
replies come in their order. The work is done by a task that lives only as long as there are commands: an idle
connection has none.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from channels.clock import Clock, iso
from channels.engine import Engine
from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from channels.rate import TokenBucket
from hub.closing import CloseCode
from hub.commands import Commands
from hub.options import Settings
from hub.outbox import Outbox
from hub.welcome import request_for_token, welcome
from hub.wire import AnyCommand, Authenticate, Invalid, Ping, Refresh, Subscribe, parse

log = structlog.get_logger(__name__)

EXPIRY_WARNING = 60.0
"""Seconds before its token ends that a client is told; at half of the remaining life when that is shorter."""

INBOX_FULL = 128
"""Commands that may wait for earlier ones before the hub stops reading from the client."""


class _Leave:
    """Takes its turn among commands: leave all channels."""


class TokenReader(Protocol):
    """Turns a token into a principal; see `hub.auth`."""

    def authenticate(self, token: str) -> Principal: ...

    def refresh(self, current: Principal, token: str) -> Principal: ...


@dataclass(slots=True)
class Context:
    """What all sessions of a hub share. Only `settings` changes, when the configuration is reloaded."""

    engine: Engine
    commands: Commands
    settings: Settings
    tokens: TokenReader
    clock: Clock
    spawn: Callable[[Coroutine[Any, Any, None], str], None]
    errors: Callable[[str], None]
    """Counts a refused command by its code."""
    claim: Callable[[Outbox, Principal], None]
    """Enters a connection under its client id; refuses one that another user has (raises `ReplyError`)."""
    wake: Callable[[Outbox], None]
    """Has a connection's deadlines looked at anew, because they changed."""
    standing: Callable[[], Mapping[str, Any] | None] = lambda: None
    """A notice that every client must have right after its welcome; see `hub.degraded`."""


class Session:
    """The reading half of a conversation.

    Args:
        principal: who it is, or `None` when the client must authenticate first.
        channels: that it is subscribed to as soon as it is known who it is, as if it had asked.
        asked: the client named them, so that it is told of those which it may not be on.
    """

    __slots__ = (
        "_asked",
        "_bucket",
        "_channels",
        "_context",
        "_errors",
        "_inbox",
        "_warn_at",
        "authenticated",
        "outbox",
    )

    def __init__(
        self,
        context: Context,
        outbox: Outbox,
        principal: Principal | None,
        channels: Sequence[str] = (),
        asked: bool = False,
    ) -> None:
        self.outbox = outbox
        self._channels = channels
        self._asked = asked
        self.authenticated = principal is not None
        self._context = context
        self._inbox: deque[AnyCommand | Invalid | _Leave] | None = None
        self._bucket: TokenBucket | None = None
        self._errors: TokenBucket | None = None
        self._warn_at: float | None = None
        if principal is not None:
            self._become(principal)

    # Talking to the client.

    def open(self) -> None:
        """Greet the client."""
        if self.authenticated:
            self._greet(None)
        else:
            self._send(request_for_token(self.outbox, iso(self._context.clock.now())))

    def _greet(self, request_id: str | int | None) -> None:
        policy, now = self._context.engine.policy, self._context.clock.now()
        visible = policy.visible_to(self.outbox.principal)
        self._send(_reply(welcome(self._context.settings, self.outbox, policy.listed(visible), now), request_id))
        if (notice := self._context.standing()) is not None:
            self._send(notice)
        for channel in self._channels:
            if self._asked or channel in visible:
                self._enqueue(Subscribe(action="subscribe", channel=channel))

    def _send(self, message: Mapping[str, Any]) -> None:
        self.outbox.send(self.outbox.encoding.message(message))

    def refuse(self, error: ReplyError, command: AnyCommand | Invalid | None = None) -> None:
        """Answer with an error, and close on a client that makes too many of them."""
        action, request_id = None, None
        if isinstance(command, Invalid):
            action, request_id = command.action, command.request_id
        elif command is not None:
            action, request_id = command.action, command.id
        reply: dict[str, Any] = {"type": "error"}
        if request_id is not None:
            reply["id"] = request_id
        if action is not None:
            reply["action"] = action
        channel = getattr(command, "channel", None)
        if channel is not None and "channel" not in error.details:
            reply["channel"] = channel[:128]
        self._send(reply | error.as_dict())
        self._context.errors(error.code.word)
        self._count_error()

    def _count_error(self) -> None:
        allowed = self._context.settings.limits.errors_per_minute
        now = self._context.clock.monotonic()
        if allowed and self._errors is None:
            self._errors = TokenBucket(allowed / 60, allowed, now)
        if self._errors is not None and self._errors.take(now):
            self.outbox.close(CloseCode.ABUSIVE, f"more than {allowed} refused commands in a minute")
            if self._inbox is not None:
                self._inbox.clear()

    # Commands.

    def receive(self, text: str | bytes) -> None:
        """Take one text frame. Never raises, whatever it holds."""
        limits = self._context.settings.limits
        now = self._context.clock.monotonic()
        for parsed in parse(text, limits.batch):
            if not self.outbox.is_open:
                return
            command = parsed
            if limits.commands_per_second and (wait := self._take(now)):
                message = f"more than {limits.commands_per_second:g} commands per second; try again in {wait:.3f} s"
                # Rounded up: who tries again after that time is let through.
                error = ReplyError(ErrorCode.RATE_LIMITED, message, retry_after=math.ceil(wait * 1000) / 1000)
                command = Invalid(error, getattr(command, "id", None), getattr(command, "action", None))
            self._enqueue(command)

    def receive_binary(self, data: bytes) -> None:
        """Refuse a binary frame."""
        self.refuse(ReplyError(ErrorCode.UNSUPPORTED_DATA, "expected a text frame, got a binary one"))

    def receive_oversized(self) -> None:
        """Say which limit a message broke; the connection closes with 1009."""
        limit = self._context.settings.limits.message_bytes
        self.refuse(ReplyError(ErrorCode.DATA_TOO_LARGE, f"messages may have {limit} bytes at most", limit=limit))

    def leave(self) -> None:
        """Leave all channels, after the commands that have come."""
        self._enqueue(_Leave())

    def _take(self, now: float) -> float:
        if self._bucket is None:
            limits = self._context.settings.limits
            self._bucket = TokenBucket(limits.commands_per_second, limits.command_burst, now)
        return self._bucket.take(now)

    def _enqueue(self, command: AnyCommand | Invalid | _Leave) -> None:
        if self._inbox is not None:
            self._inbox.append(command)
            if len(self._inbox) == INBOX_FULL:
                self.outbox.read_on(False)
        elif isinstance(command, Invalid):
            self.refuse(command, command)
        else:
            self._inbox = deque((command,))
            self._context.spawn(self._work(self._inbox), f"commands of {self.outbox.session}")

    async def _work(self, inbox: deque[AnyCommand | Invalid | _Leave]) -> None:
        while inbox:
            command = inbox.popleft()
            if len(inbox) == INBOX_FULL // 2:
                self.outbox.read_on(True)
            if isinstance(command, _Leave):
                self._context.engine.leave(self.outbox)
                continue
            try:
                if isinstance(command, Invalid):
                    raise command
                await self._run(command)
            except ReplyError as error:
                self.refuse(error, command)
            except Exception:
                log.exception("command failed", session=self.outbox.session, client_id=self.outbox.client_id)
                message = f"a fault in the hub; its log has it under {self.outbox.session}"
                self.refuse(ReplyError(ErrorCode.INTERNAL, message, reference=self.outbox.session), command)
        self._inbox = None

    async def _run(self, command: AnyCommand) -> None:
        match command:
            case Authenticate():
                await self._authenticate(command)
            case Refresh() if self.authenticated:
                self._refresh(command)
            case _ if self.authenticated or isinstance(command, Ping):
                await self._context.commands.run(command, self.outbox)
            case _:
                raise ReplyError(ErrorCode.UNAUTHENTICATED, "expected authenticate with a token first")

    # Tokens.

    async def _authenticate(self, command: Authenticate) -> None:
        if self.outbox.principal.has_token:
            raise ReplyError(
                ErrorCode.INVALID_COMMAND, "this connection is authenticated; send refresh for a new token"
            )
        try:
            principal = self._context.tokens.authenticate(command.token)
            # Who was let in without a token may have been on channels that this user may not: it begins anew.
            for channel in self._context.engine.registry.channels_of(self.outbox):
                await self._context.engine.unsubscribe(self.outbox, channel)
            self._context.claim(self.outbox, principal)
        except ReplyError as error:
            self.refuse(error, command)
            self.outbox.close(CloseCode.INVALID_TOKEN, error.message)
            return
        self.authenticated = True
        self._become(principal)
        self._context.wake(self.outbox)
        self._greet(command.id)

    def _refresh(self, command: Refresh) -> None:
        principal = self._context.tokens.refresh(self.outbox.principal, command.token)
        self._become(principal)
        self._context.wake(self.outbox)
        expires_in = None if principal.expires is None else round(principal.expires - self._context.clock.now(), 3)
        self._send(_reply({"type": "refresh", "status": "success", "expires_in": expires_in}, command.id))

    def _become(self, principal: Principal) -> None:
        self.outbox.principal = principal
        self._warn_at = None
        if principal.expires is not None:
            left = principal.expires - self._context.clock.now()
            self._warn_at = principal.expires - min(EXPIRY_WARNING, left / 2)

    def check_token(self) -> float | None:
        """Warn of, or enforce, the end of the token; return the seconds until the next check, `None` when there is
        nothing to check."""
        expires = self.outbox.principal.expires
        if expires is None or not self.authenticated:
            return None
        now = self._context.clock.now()
        left = expires - now
        if left <= 0:
            self.outbox.close(CloseCode.TOKEN_EXPIRED, "the token has expired; connect with a new one")
            return None
        if self._warn_at is not None and now < self._warn_at:
            return self._warn_at - now
        if self._warn_at is not None:
            self._warn_at = None
            self._send({"type": "token_expiring", "seconds": round(left, 3)})
        return left


def _reply(message: dict[str, Any], request_id: str | int | None) -> dict[str, Any]:
    return message if request_id is None else {**message, "id": request_id}
