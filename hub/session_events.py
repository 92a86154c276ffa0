"""The events of chat sessions, described for the documents: as they come on `session:ID`, in streams and in lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Union

from pydantic import Field, TypeAdapter, create_model

from hub.agent_events import EVENTS, ContextRetrieved, MessageCreated, RetrievedState
from hub.chat_descriptions import MessageState
from hub.descriptions import Described, Id, Publication, Timestamp

_PARTS: Final[Mapping[type, dict[str, Any]]] = {
    MessageCreated: {"message": (MessageState, ...)},
    ContextRetrieved: {"items": (list[RetrievedState], ...)},
}
"""What fields hold that are objects themselves, as it is described elsewhere."""


class EventHead(Described):
    """What all events have."""

    seq: int = Field(ge=1, description="its number in the session: 1, 2, 3... without a gap")
    run_id: Id | None = Field(description="the run that it is about")
    agent_id: Id | None
    timestamp: Timestamp = Field(description="never before that of the event before")


def _described(name: str) -> type[Publication]:
    model = EVENTS[name]
    data: Any = create_model(
        f"{model.__name__}Data", __base__=(model, EventHead), __doc__=model.__doc__, **_PARTS.get(model, {})
    )
    kind: Any = Literal[name]
    made: Any = create_model(
        f"{model.__name__}Event",
        __base__=Publication,
        __doc__=f"On session:ID: {(model.__doc__ or '')[0].lower()}{(model.__doc__ or '')[1:]}",
        type=(kind, ...),
        data=(data, ...),
    )
    event: type[Publication] = made
    return event


SESSION_EVENTS: Final[Mapping[str, type[Publication]]] = {name: _described(name) for name in EVENTS}
"""By name. Over HTTP they have neither `epoch` nor `offset`: their place is `seq`."""

_ANY: Any = Union[tuple(SESSION_EVENTS.values())]  # noqa: UP007 - made of a list

ANY_EVENT: Final = TypeAdapter[Any](_ANY)
"""One of them, told apart by `type`."""
