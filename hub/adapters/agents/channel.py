"""The hub's channel `session:ID`: what happens in a chat session, for its owner (`agents.ports.SessionChannel`).

An event is published with its number as the version of what it tells about. So the broker itself takes no number twice
and none below one that it has, whichever process publishes, however late. That needs no memory per event, as keys of
idempotency would, and it holds for as long as the broker knows the channel, not for a window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import orjson

from channels.engine import Engine
from channels.errors import ErrorCode, ReplyError
from channels.model import Draft, Publication
from channels.ports import Broker
from hub.dialects.session import seq_of

CACHED: Final = 1_000
"""Publications that are looked at for what a stream missed; the channel keeps 100 unless it is configured otherwise."""


def channel_of(session: UUID) -> str:
    """Name the channel of a session."""
    return f"session:{session}"


class HubChannel:
    """Publishes events, and reads the newest ones back.

    Args:
        broker: the engine's own.
        watch: has a function told when the broker goes away (`False`, why) and when it is back (`hub.backends`).
    """

    def __init__(
        self, engine: Engine, broker: Broker, watch: Callable[[Callable[[bool, str], None]], None] = lambda _: None
    ) -> None:
        self._engine = engine
        self._broker = broker
        self._away = ""
        watch(self._changed)

    def _changed(self, there: bool, why: str) -> None:
        self._away = "" if there else why or "it is away"

    async def publish(self, session: UUID, seq: int, type: str, data: Mapping[str, Any]) -> None:
        if self._away:
            # It would be queued there, each time that it is tried; the log has it already.
            raise _unavailable(self._away)
        draft = Draft(channel_of(session), type, orjson.dumps(data), data["timestamp"], version=seq)
        done = await self._engine.publish(draft)
        if done.queued:
            raise _unavailable("it went away")

    async def close(self, session: UUID, owner: str) -> None:
        channel = channel_of(session)
        await self._engine.dismiss(channel, owner)
        with suppress(ReplyError):  # it ends by its age, and nobody may read it any more
            await self._broker.forget(channel)

    async def recent(self, session: UUID, after: int) -> list[Publication] | None:
        """Return the events after a number, when the channel still has them all. Costs no query of the database.

        The number must be one that the channel has had, or the one before its oldest; `None` for any other.
        """
        try:
            history = await self._engine.history(channel_of(session), None, None, CACHED)
        except ReplyError:  # no history by configuration, or the broker is away
            return None
        numbers = [seq_of(publication) for publication in history.publications]
        first, last = (numbers[0] or 0, numbers[-1] or 0) if numbers else (0, -1)
        if not first - 1 <= after <= last or numbers != list(range(first, last + 1)):
            return None
        return list(history.publications[after - first + 1 :])


def _unavailable(why: str) -> ReplyError:
    return ReplyError(ErrorCode.UNAVAILABLE, f"the broker can't take a session's events: {why}", retry_after=1)
