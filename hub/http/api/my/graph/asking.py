"""What the fields of one query ask the API's handlers, and how much."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from pydantic import BaseModel

from channels.errors import ErrorCode, ReplyError
from hub.adapters.agents.shared import require
from hub.http.api.endpoint import Call, Hub
from hub.http.api.intake import checked
from hub.http.api.my.member import member
from hub.wire import holds_zero

ITEMS: Final = 1_000
"""Items that a query may ask for in all, before it is known how many there are."""

AT_ONCE: Final = 4
"""Fields of a query that are read at the same time: each takes a connection to the database."""

T = TypeVar("T")
Handler = Callable[[Hub, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class FieldCall(Call[Any, Any]):
    """A call of a handler by a field; its ids come from the field's arguments, not from a path."""

    ids: Mapping[str, str] = field(default_factory=dict)

    def named(self, name: str) -> str:
        return self.ids[name]


class Asking:
    """One query: who asks, and what is left of its bounds."""

    def __init__(self, hub: Hub, call: Call[Any, Any]) -> None:
        self._hub = hub
        self._call = call
        self._left = ITEMS
        self._changes = 0
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def read(self, shape: type[T], handler: Handler, model: type[BaseModel] | None = None, **values: Any) -> T:
        """Ask a handler for what has the fields of `shape`.

        Args:
            model: its query, made from the values that it has fields for; the other values are ids.

        Raises:
            ReplyError: what the handler refuses, or `invalid_data` for what is over the bounds.
        """
        query, ids = _parted(model, values)
        self._left -= getattr(query, "limit", 1)
        if self._left < 0:
            raise ReplyError(
                ErrorCode.INVALID_DATA, f"a query may ask for {ITEMS} items at most; ask for smaller pages", limit=ITEMS
            )
        async with self._turns:
            return cast(T, await handler(self._hub, FieldCall(self._call.request, self._call.caller, None, query, ids)))

    async def change(self, shape: type[T], handler: Handler, model: type[BaseModel] | None = None, **values: Any) -> T:
        """Have a handler change something. The first change is the request itself; each further one counts as another.

        Args:
            model: its body, as with `read`.

        Raises:
            ReplyError: what the handler refuses, `rate_limited`, or `invalid_data`.
        """
        body, ids = _parted(model, values)
        self._changes += 1
        if self._changes > 1:
            parts, scope = await member(self._hub, self._call)
            if parts.limiter is not None:
                require(await parts.limiter.take(scope.key))
        return cast(T, await handler(self._hub, FieldCall(self._call.request, self._call.caller, body, None, ids)))


def _parted(model: type[BaseModel] | None, values: Mapping[str, Any]) -> tuple[Any, Mapping[str, str]]:
    """Part a handler's body or query from its ids. What a client left out has the model's default."""
    if holds_zero(dict(values)):
        raise ReplyError(ErrorCode.INVALID_DATA, "expected text without the character 0")
    names = () if model is None else model.model_fields
    given = {name: value for name, value in values.items() if name in names and value is not None}
    ids = {name: str(value) for name, value in values.items() if name not in names}
    return None if model is None else checked(model, given, of_user=True), ids
