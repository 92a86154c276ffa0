"""What every process must know for a time, by kind: a noticeboard takes one listener, and several parts of the hub have
something to post.

On the board a notice is a JSON array, its kind first: `["token", "8d0f1c"]`.
"""

from __future__ import annotations

from collections.abc import Callable

import orjson
import structlog

from channels.ports import Noticeboard

log = structlog.get_logger(__name__)

Details = tuple[str | float, ...]
Handler = Callable[[Details, float], None]


class Notices:
    """Posts notices, and hands those on the board to whoever asked for their kind.

    Attributes:
        unread: notices that nobody here understands, such as those of a newer version.
    """

    def __init__(self, board: Noticeboard) -> None:
        self.unread = 0
        self._board = board
        self._handlers: dict[str, Handler] = {}

    def listen(self, kind: str, handler: Handler) -> None:
        """Have `handler` called with each notice of this kind: its details, and its end in seconds since 1970."""
        self._handlers[kind] = handler

    def start(self) -> None:
        """Begin to read the board, now that everybody who wants notices has said so."""
        self._board.listen(self._take)

    async def post(self, kind: str, details: Details, until: float) -> None:
        """Put up a notice until `until` (seconds since 1970); the handler here has it when this returns.

        Raises:
            ReplyError: `unavailable`; it is up nowhere then.
        """
        await self._board.post(orjson.dumps((kind, *details)).decode(), until)

    def _take(self, notice: str, until: float) -> None:
        try:
            kind, *details = orjson.loads(notice)
            handler = self._handlers[kind]
        except (ValueError, TypeError, KeyError):
            self.unread += 1
            if self.unread == 1:
                log.warning("a notice of a kind that this version doesn't know", notice=notice[:64])
            return
        handler(tuple(details), until)
