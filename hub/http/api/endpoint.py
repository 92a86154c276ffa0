"""What an endpoint is: a row of the table in `hub.http.api.table`, and what its handler gets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

from aiohttp import web
from pydantic import BaseModel

from channels.clock import Clock
from channels.engine import Engine
from channels.errors import ErrorCode
from channels.policy import Principal
from channels.ports import Broker
from hub.across import Across
from hub.adapters.adapters import Adapters
from hub.connections import Connections
from hub.deliveries.inquiry import Inquiry
from hub.descriptions import Described
from hub.http.access import Access
from hub.http.sign_in import SignIn
from hub.http.streams import Streams
from hub.manager import WebSocketManager
from hub.metrics import Metrics
from hub.options import Settings
from hub.revocations import Revocations

B = TypeVar("B")
Q = TypeVar("Q")


class Hub(Protocol):
    """What the API needs of a hub (`hub.wiring.Hub`)."""

    @property
    def settings(self) -> Settings: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def broker(self) -> Broker: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def across(self) -> Across: ...

    @property
    def connections(self) -> Connections: ...

    @property
    def inquiry(self) -> Inquiry: ...

    @property
    def manager(self) -> WebSocketManager: ...

    @property
    def revocations(self) -> Revocations: ...

    @property
    def access(self) -> Access: ...

    @property
    def streams(self) -> Streams: ...

    @property
    def sign_in(self) -> SignIn: ...

    @property
    def metrics(self) -> Metrics: ...

    @property
    def adapters(self) -> Adapters: ...


class Who(Enum):
    """Who may call an endpoint. On a hub without keys everyone on this machine is an operator."""

    ANYONE = "anyone"
    CALLER = "anyone whom the hub lets in; what they may do depends on the channel and their token"
    MEMBER = "a user's token; what is there is that user's alone"
    FOLLOWER = "a user's token, or a ticket or a cookie made of one; what is there is that user's alone"
    OPERATOR = "a token with the claim admin: true"
    SCRAPER = "a token with the claim admin: true, or anyone with the option auth.public_metrics"


@dataclass(frozen=True, slots=True)
class Call(Generic[B, Q]):
    """One request, checked. `body` and `query` are `None` where the endpoint takes none."""

    request: web.Request
    caller: Principal
    body: B
    query: Q

    def named(self, name: str) -> str:
        """Return a part of the path, as `{name}` stands in it."""
        return self.request.match_info[name]


@dataclass(frozen=True, slots=True)
class Cookie:
    """An answer that is nothing but a cookie; with no seconds left it removes one. Its value is not in the `repr`."""

    name: str
    value: str
    seconds: float

    def __repr__(self) -> str:
        return f"Cookie(name={self.name!r})"


Answer = Described | bytes | Cookie | web.StreamResponse | None
"""An object for JSON, ready text, a cookie, an answer that the handler gave itself, or nothing (204)."""


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[B, Q]):
    """One row.

    Attributes:
        path: with `{name}` for parts that vary.
        summary: one line for people.
        handler: does the work. Its `ReplyError`s become answers.
        who: who may call it.
        answer: what comes back; `None` when there is nothing to say, or no JSON.
        more_answers: what may come back instead.
        body, query: what it takes.
        raw: it takes a body of JSON as it came, byte for byte, because that is what a signature is over.
        own_body: the handler reads the body itself: JSON of the shape `body`, or files (`multipart/form-data`).
        body_optional: without a body it takes the model's defaults.
        cookies: browsers may send and get cookies with it, also for pages of `server.origins`.
        errors: what it may be refused for, beside what any request may (`hub.http.openapi`).
        media: content type of an answer that is no JSON; several, with commas between them, where the handler answers.
        status: of an answer in JSON when all is well.
        tag: the group that it is listed in.
    """

    method: str
    path: str
    summary: str
    handler: Callable[[Hub, Call[B, Q]], Awaitable[Answer]]
    who: Who
    tag: str
    answer: type[Described] | None = None
    more_answers: tuple[type[Described], ...] = ()
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    body_optional: bool = False
    own_body: bool = False
    raw: bool = False
    cookies: bool = False
    errors: tuple[ErrorCode, ...] = ()
    media: str = ""
    status: int = 200
