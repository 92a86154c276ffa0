"""An answer on its way into the log, piece by piece, as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

import structlog

from agents.runs.pen import RETRY, Lost, Pen
from agents.sessions.entry import DELTA, Entry, storable
from agents.sessions.run import reply_id
from agents.store.tables import session_events
from channels.errors import ErrorCode, ReplyError

log = structlog.get_logger(__name__)

LAST: Final = 0.1
"""Most seconds that the rest of an answer which is whole waits for the run's end, which takes it along: a write less,
of an answer that is short. With the interval and the write itself it is below what a kill may lose."""

Note = Callable[[Entry], Awaitable[object]]
"""Writes something else of a run. It may be called again, when its transaction failed."""


class Deltas:
    """Collects an answer and what else is told of its run, and writes it down on the side, in the order in which it
    came.

    One write is under way at a time; what comes meanwhile goes with the next one. So an answer is written token by
    token while the database keeps up, and in larger pieces when it doesn't. A kill loses what came since the last write
    began: the interval, and what a write takes.

    Args:
        interval: seconds between the beginnings of two writes, at least.
        lost: called once when the run turns out to be somebody else's.
        now: monotonic seconds.
    """

    def __init__(self, pen: Pen, interval: float, lost: Callable[[], object], now: Callable[[], float]) -> None:
        self._pen = pen
        self._agent_id: UUID | None = None
        self._interval = interval
        self._lost = lost
        self._now = now
        self._notes: list[Note] = []
        self._pieces: list[str] = []
        self._characters = 0
        self._written = 0
        self._more = asyncio.Event()
        self._whole = False
        self._closing = False
        self._doubtful = False
        self._resting = False
        self._writer: asyncio.Task[None] | None = None

    @property
    def text(self) -> str:
        """The whole answer until now."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    @property
    def characters(self) -> int:
        """Its length, in code points."""
        return self._characters

    def start(self, agent_id: UUID) -> None:
        """Begin to write."""
        self._agent_id = agent_id
        self._writer = asyncio.create_task(self._write_on(), name="run's deltas")

    def add(self, text: str) -> None:
        """Take the next piece."""
        if text:
            text = storable(text)
            self._pieces.append(text)
            self._characters += len(text)
            self._more.set()

    def note(self, note: Note) -> None:
        """Take something else to write. It comes before the pieces that aren't written yet: there are none before the
        model has said something."""
        self._notes.append(note)
        self._more.set()

    def complete(self) -> None:
        """Know that no more comes, and that the end is near."""
        self._whole = True

    async def close(self) -> None:
        """Write nothing more on the side. A write that is under way is brought to its end."""
        self._closing = True
        self._more.set()
        if self._writer is not None:
            if self._resting:
                self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    async def write_rest(self, entry: Entry) -> None:
        """Append what isn't written yet to a transaction of the run; after `close`."""
        await self._append(entry, self._notes, self._characters)

    async def _write_on(self) -> None:
        delay = RETRY[0]
        while True:
            await self._more.wait()
            if self._whole:
                await self._rest(LAST)
            if self._closing:
                return
            began = self._now()
            self._more.clear()
            try:
                await self._flush()
            except ReplyError as error:
                if error.code is not ErrorCode.UNAVAILABLE:
                    self._lost()  # the session was deleted
                    return
                self._doubtful = True
                self._more.set()
                await self._rest(delay)
                delay = min(RETRY[1], 2 * delay)
            except Lost:
                self._lost()
                return
            except Exception:
                log.exception("a run's answer can't be written")
                self._lost()
                return
            else:
                delay = RETRY[0]
                await self._rest(self._interval - (self._now() - began))

    async def _rest(self, seconds: float) -> None:
        if seconds > 0 and not self._closing:
            self._resting = True
            await asyncio.sleep(seconds)
            self._resting = False

    async def _flush(self) -> None:
        notes, until = self._notes[:], self._characters
        async with self._pen.write() as entry:
            await self._append(entry, notes, until)
        del self._notes[: len(notes)]
        self._written = until
        self._doubtful = False

    async def _append(self, entry: Entry, notes: Sequence[Note], until: int) -> None:
        for note in notes:
            await note(entry)
        start = max(self._written, await self._in_log(entry)) if self._doubtful else self._written
        if until > start:
            data = {"message_id": str(reply_id(self._pen.run_id)), "start": start, "text": self.text[start:until]}
            await entry.append(DELTA, data, self._pen.run_id, self._agent_id)

    async def _in_log(self, entry: Entry) -> int:
        """How much of the answer is written, where a write's outcome was never heard."""
        columns = session_events.c
        newest = await entry.work.one(
            entry.work.select(session_events, columns.data)
            .where(columns.session_id == entry.session_id, columns.task_id == self._pen.run_id, columns.type == DELTA)
            .order_by(columns.seq.desc())
            .limit(1)
        )
        return 0 if newest is None else int(newest["data"]["start"]) + len(newest["data"]["text"])
