"""Making silences, and lifting them."""

from __future__ import annotations

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from hub.adapters.alert_board import AlertBoard
from integrations.system_monitor.book import Book
from integrations.system_monitor.silences import Silence


class Silencing:
    """Changes silences in all processes."""

    def __init__(self, book: Book, board: AlertBoard, clock: Clock) -> None:
        self._book = book
        self._board = board
        self._clock = clock

    def in_force(self) -> list[Silence]:
        """Return the silences of now, those of the configuration too."""
        return self._book.silences(self._clock.now())

    async def make(self, silence: Silence) -> None:
        """Put a silence in force.

        Raises:
            ReplyError: `unavailable`, `data_too_large`, or `conflict` when there are too many.
        """
        assert silence.until is not None, "a silence without an end stands in the configuration"
        await self._board.silence(silence, silence.until)
        if silence not in self.in_force():
            raise ReplyError(ErrorCode.CONFLICT, "there are as many silences as alerts.limit allows; lift some")

    async def lift(self, silence_id: str) -> None:
        """End a silence before its time.

        Raises:
            ReplyError: `not_found`; `conflict` for one that stands in the configuration; `unavailable`.
        """
        silence = next((silence for silence in self.in_force() if silence.id == silence_id), None)
        if silence is None:
            raise ReplyError(ErrorCode.NOT_FOUND, f"no silence has the id {silence_id[:128]}")
        if silence.until is None:
            raise ReplyError(ErrorCode.CONFLICT, f"{silence_id[:128]} stands in the configuration; take it out there")
        await self._board.lift(silence_id, silence.until)
