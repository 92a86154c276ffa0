"""From the inbox to the engine: notifications become publications, in order."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import NamedTuple

import structlog

from channels.clock import iso
from channels.engine import Engine
from channels.errors import ErrorCode, ReplyError
from channels.model import Draft

log = structlog.get_logger(__name__)


class Notification(NamedTuple):
    """What was accepted; `at` is the time of the call, in seconds since 1970."""

    channel: str
    type: str
    data: bytes
    at: float
    key: str | None


class Delivery:
    """Publishes, and counts what becomes of it.

    While the broker is away nothing is dropped: what it doesn't take comes back to the caller. A broker fails what is
    under way on a broken connection from some publication on, not in the middle, so trying that again keeps the order.

    Args:
        outcomes: of an inbox.
    """

    def __init__(self, outcomes: Counter[str]) -> None:
        self._outcomes = outcomes
        self._together = False

    async def publish(self, engine: Engine, turn: list[Notification]) -> list[Notification]:
        """Publish in order; return what has to wait on.

        In memory a publish never waits, and one after the other is cheapest. Once one was seen to wait, as for a
        server's answer, all of a turn are begun in order and are under way together: the broker keeps the order.
        """
        begun = 0
        if not self._together:
            others: list[bool] = []
            other = asyncio.get_running_loop().call_soon(others.append, True)
            for notification in turn:
                if not await self._publish(engine, notification):
                    other.cancel()
                    return turn[begun:]
                begun += 1
                if others:  # something else of the loop's has run in the meantime
                    self._together = True
                    break
            other.cancel()
        if begun == len(turn):
            return []
        rest = turn[begun:]
        taken = await asyncio.gather(*(self._publish(engine, notification) for notification in rest))
        return [notification for notification, done in zip(rest, taken, strict=True) if not done]

    async def _publish(self, engine: Engine, notification: Notification) -> bool:
        """Publish; tell whether that is done with, one way or the other. `False`: try again later."""
        draft = Draft(
            notification.channel, notification.type, notification.data, iso(notification.at), notification.key
        )
        try:
            await engine.publish(draft)
            self._outcomes["published"] += 1
        except ReplyError as error:
            if error.code is ErrorCode.UNAVAILABLE:
                return False
            self._outcomes["refused"] += 1
            if self._outcomes["refused"] == 1:
                tell("notification refused", channel=draft.channel, code=error.code.word, error=error.message)
        except Exception as error:
            self._outcomes["failed"] += 1
            if self._outcomes["failed"] == 1:
                tell("notification failed", channel=draft.channel, exc_info=error)
        return True


def tell(event: str, channel: object, **fields: object) -> None:
    """Log; but a log that is closed, or a value that can't be written, is no reason to fail."""
    try:
        log.warning(event, channel=ascii(channel)[:128], **fields)
    except Exception:
        return
