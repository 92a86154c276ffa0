"""From the log to the hub's channel `session:ID`: every event, in the order of the log, also when a process dies.

An event is published when all before it are. Which those are is known of what this process wrote; what others wrote it
reads from the database and publishes itself: they may be slow, or dead. The channel takes no number twice
(`agents.ports.SessionChannel`), so two that help each other do no harm. How far a session's channel has come is kept in
memory, and noted in the session's row with the next event, or when the session is quiet. What a process that was killed
has left is found by a sweep: a row that says less than the log has, and goes on saying it.

While the broker or the database is away it is tried again and again. Nothing is lost meanwhile, since the log has it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog

from agents.ports import SessionChannel
from agents.sessions.event import Event
from agents.sessions.outbox import Outbox
from channels.errors import ReplyError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RelayOptions:
    """How the relay works. Times in seconds.

    Attributes:
        sessions: whose progress is remembered; a further one takes the place of the oldest that is at rest.
        events: that wait in memory, in all; what is beyond is read from the database when its turn comes.
        batch: events that are read at once.
        retry: between two tries, at first and at most. Each time it is twice as long.
        quiet: after which a session's progress is noted though no event came.
        sweep: between two looks for what others have left.
        recent: how long ago a session may have changed to be looked at.
        past: the same for the first look of a process.
        drain: that events have to get to their channels when the process ends.
    """

    sessions: int = 10_000
    events: int = 10_000
    batch: int = 200
    retry: tuple[float, float] = (0.05, 2.0)
    quiet: float = 1.0
    sweep: float = 3.0
    recent: float = 900.0
    past: float = 86_400.0
    drain: float = 2.0


@dataclass(slots=True, eq=False)
class _Line:
    """How far one session has come.

    Attributes:
        published: the channel has all events up to this one.
        target: the log has at least those up to this one.
        noted: what the session's row says, at least.
        waiting: events that were written here, by number.
        heard: when it was last told of events, in the loop's time.
    """

    published: int = 0
    target: int = 0
    noted: int = 0
    waiting: dict[int, Event] = field(default_factory=dict)
    heard: float = 0.0
    task: asyncio.Task[None] | None = None
    progress: asyncio.Event | None = None


class Relay:
    """Publishes what was written, in every process.

    Args:
        choose: a random number from 0 to 1, for the time between tries.

    Attributes:
        published: events that this process has published.
        failures: tries that failed.
    """

    def __init__(
        self,
        outbox: Outbox,
        channel: SessionChannel,
        options: RelayOptions = RelayOptions(),
        choose: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._channel = channel
        self._options = options
        self._choose = choose
        self._lines: dict[UUID, _Line] = {}
        self._unnoted: set[UUID] = set()
        self._stuck: dict[UUID, int] = {}
        self._held = 0
        self._work: list[asyncio.Task[None]] = []
        self.published = 0
        self.failures = 0

    # What writers and readers say.

    def known(self, session_id: UUID) -> int:
        """Up to which number the channel is known here to have a session's events; 0 when it isn't known."""
        return line.published if (line := self._lines.get(session_id)) else 0

    def tell(self, session_id: UUID, published: int, events: list[Event]) -> None:
        """Publish events that were just committed, and all before them. Returns at once.

        Args:
            published: up to which the session's row says that the channel has them.
        """
        line = self._aim(session_id, published, events[-1].seq)
        if line is None:
            return
        line.heard = asyncio.get_running_loop().time()
        line.noted = max(line.noted, published)
        if self._held + len(events) <= self._options.events:
            fresh = {event.seq: event for event in events if event.seq > line.published}
            self._held += len(fresh)
            line.waiting.update(fresh)

    async def reach(self, session_id: UUID, published: int, seq: int) -> None:
        """Wait until the channel has all events up to `seq`, which were committed. Publishes what is missing.

        Returns without it when the session is deleted meanwhile. Wait under a timeout: a broker may be away for long.
        """
        line = self._aim(session_id, published, seq)
        while line is not None and line.published < seq and line.task is not None:
            if line.progress is None:
                line.progress = asyncio.Event()
            await line.progress.wait()

    def forget(self, session_id: UUID) -> None:
        """Drop what is known of a session that was deleted."""
        self._unnoted.discard(session_id)
        if (line := self._lines.pop(session_id, None)) and line.task is not None:
            line.task.cancel()

    def _aim(self, session_id: UUID, published: int, target: int) -> _Line | None:
        line = self._lines.pop(session_id, None) or self._begin()
        if line is None:
            return None  # full of sessions that wait for the broker: the sweep comes back to this one
        self._lines[session_id] = line
        line.published = max(line.published, published)
        line.target = max(line.target, target)
        if line.task is None and line.published < line.target:
            line.task = asyncio.create_task(self._publish_all(session_id, line), name="session's events")
        return line

    def _begin(self) -> _Line | None:
        if len(self._lines) >= self._options.sessions:
            resting = next((id for id, line in self._lines.items() if line.task is None), None)
            if resting is None:
                return None
            del self._lines[resting]
            self._unnoted.discard(resting)
        return _Line()

    # Publishing.

    async def _publish_all(self, session_id: UUID, line: _Line) -> None:
        delay, longest = self._options.retry
        try:
            while line.published < line.target:
                try:
                    if not await self._publish_next(session_id, line):
                        break
                    delay = self._options.retry[0]
                except ReplyError as error:
                    log.debug("a session's events wait", session_id=str(session_id), reason=error.message)
                    await self._pause(delay)
                    delay = min(longest, 2 * delay)
                except Exception:
                    log.exception("a session's events can't be published yet", session_id=str(session_id))
                    await self._pause(longest)
        finally:
            self._held -= len(line.waiting)
            line.waiting.clear()
            line.task = None
            _wake(line)

    async def _pause(self, delay: float) -> None:
        self.failures += 1
        await asyncio.sleep(delay * (0.5 + self._choose()))

    async def _publish_next(self, session_id: UUID, line: _Line) -> bool:
        """Publish what comes next; tell whether there was something."""
        ready = line.waiting.get(line.published + 1)
        events = [ready] if ready else await self._outbox.read(session_id, line.published, self._options.batch)
        for event in events:
            if event.seq > line.published:
                await self._channel.publish(session_id, event.seq, event.type, event.fields)
                self.published += 1
                self._arrived(session_id, line, event.seq)
        return bool(events)

    def _arrived(self, session_id: UUID, line: _Line, seq: int) -> None:
        for number in range(line.published + 1, seq + 1):
            self._held -= line.waiting.pop(number, None) is not None
        line.published = seq
        self._unnoted.add(session_id)
        _wake(line)

    # In the background.

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not stopped."""
        return bool(self._work)

    def start(self) -> None:
        """Begin to note progress, and to look for what others have left."""
        self._work = [
            asyncio.create_task(self._note_quiet_ones(), name="sessions' progress"),
            asyncio.create_task(self._sweep(), name="sessions' sweep"),
        ]

    async def stop(self) -> None:
        """End. What isn't published within `drain` seconds is left to other processes, or to the next start."""
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        self._work = []
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._options.drain)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with suppress(ReplyError, TimeoutError):
            async with asyncio.timeout(self._options.drain):
                await self._note(self._unnoted)

    async def _note_quiet_ones(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._options.quiet)
            since = loop.time() - self._options.quiet
            quiet = {id for id in self._unnoted if (line := self._lines.get(id)) is None or line.heard <= since}
            await self._try_to(self._note(quiet))

    async def _note(self, sessions: set[UUID]) -> None:
        progress = {id: line.published for id in sessions if (line := self._lines.get(id)) is not None}
        new = {id: seq for id, seq in progress.items() if seq > self._lines[id].noted}
        if new:
            await self._outbox.mark(new)
        for id, seq in progress.items():
            line = self._lines.get(id)
            if line is not None:
                line.noted = max(line.noted, seq)
            if line is None or line.published == seq:
                self._unnoted.discard(id)

    async def _sweep(self) -> None:
        await self._try_to(self.sweep(self._options.past, at_once=True))
        while True:
            await asyncio.sleep(self._options.sweep * (0.5 + self._choose()))
            await self._try_to(self.sweep(self._options.recent))

    async def sweep(self, seconds: float, at_once: bool = False) -> None:
        """Look for sessions that changed within `seconds` and whose channel lacks events, and publish them.

        Args:
            at_once: publish what is found; otherwise what was found at the last look, too, and made no progress since:
                a process that is at work isn't disturbed then.

        Raises:
            ReplyError: `unavailable`.
        """
        found = await self._outbox.backlogs(seconds, self._options.sessions)
        for backlog in found:
            stuck = at_once or self._stuck.get(backlog.session_id) == backlog.published
            if stuck and self._aim(backlog.session_id, backlog.published, backlog.last) is not None:
                self._unnoted.add(backlog.session_id)
        self._stuck = {backlog.session_id: backlog.published for backlog in found}

    @staticmethod
    async def _try_to(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except ReplyError as error:
            log.debug("sessions' progress waits", reason=error.message)
        except Exception:
            log.exception("sessions' progress can't be looked after")


def _wake(line: _Line) -> None:
    if line.progress is not None:
        line.progress.set()
        line.progress = None
