"""An answer on its way into the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from agents.runs.deltas import Deltas
from agents.runs.pen import Lost, Pen
from agents.sessions.entry import Entry
from channels.errors import ErrorCode, ReplyError

AGENT = uuid4()


class Log:
    """A pen and its log. A write is committed, lost, or fails before or after its commit, as a test has it."""

    run_id = uuid4()

    def __init__(self) -> None:
        self.written: list[tuple[int, str]] = []
        self.outcomes: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.began: list[float] = []
        self.changed = asyncio.Event()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Entry]:
        self.began.append(time.monotonic())
        self.changed.set()
        outcome = self.outcomes.pop(0) if self.outcomes else "committed"
        if outcome == "lost":
            raise Lost
        appended: list[tuple[int, str]] = []

        async def append(type: str, data: Mapping[str, Any], task_id: UUID, agent_id: UUID) -> int:
            assert (type, task_id, agent_id) == ("MESSAGE_DELTA", self.run_id, AGENT)
            appended.append((data["start"], data["text"]))
            return 1

        async def one(_: object) -> Mapping[str, Any] | None:
            start, text = self.written[-1] if self.written else (0, "")
            return {"data": {"start": start, "text": text}} if text else None

        work = SimpleNamespace(one=one, select=lambda table, *columns: select(*columns))
        yield cast(Entry, SimpleNamespace(append=append, work=work, session_id=uuid4()))
        await self.gate.wait()
        if outcome != "before":
            self.written += appended
        self.changed.set()
        if outcome != "committed":
            raise ReplyError(ErrorCode.NOT_FOUND if outcome == "gone" else ErrorCode.UNAVAILABLE, "away")

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.written)

    async def until(self, length: int) -> None:
        async with asyncio.timeout(5):
            while len(self.text) < length:
                self.changed.clear()
                await self.changed.wait()


def deltas_to(log: Log, interval: float = 0.0, lost: Any = lambda: None) -> Deltas:
    deltas = Deltas(cast(Pen, log), interval, lost, time.monotonic)
    deltas.start(AGENT)
    return deltas


async def rest(deltas: Deltas, log: Log) -> None:
    await deltas.close()
    async with log.write() as entry:
        await deltas.write_rest(entry)


async def test_pieces_collect_while_a_write_is_under_way() -> None:
    """The first goes at once, alone; what comes while it is written goes together, and what is left at the end with
    the last transaction."""
    log = Log()
    deltas = deltas_to(log)
    log.gate.clear()
    deltas.add("a")
    while not log.began:  # noqa: ASYNC110 - the loop goes on until it has begun
        await asyncio.sleep(0)
    for piece in "bcd":
        deltas.add(piece)
        await asyncio.sleep(0)
    log.gate.set()
    await log.until(4)
    assert log.written == [(0, "a"), (1, "bcd")]
    deltas.add("")
    deltas.add("e")
    await rest(deltas, log)
    assert (log.written[-1], deltas.text, deltas.characters) == ((4, "e"), "abcde", 5)


async def test_writes_begin_an_interval_apart() -> None:
    """Counted from beginning to beginning; the end doesn't wait for it."""
    log = Log()
    deltas = deltas_to(log, 0.05)
    for length, piece in enumerate("abc", start=1):
        deltas.add(piece)
        await log.until(length)
    pauses = [two - one for one, two in zip(log.began, log.began[1:], strict=False)]
    assert min(pauses) >= 0.049
    deltas.add("d")
    before = time.monotonic()
    await deltas.close()
    assert time.monotonic() - before < 0.04
    assert log.text == "abc"


@pytest.mark.parametrize("outcome", ["before", "after"])
async def test_a_write_whose_outcome_is_unknown(outcome: str) -> None:
    """Is tried again, and nothing stands twice, whether it had been committed or not."""
    log = Log()
    log.outcomes = [outcome, outcome]
    deltas = deltas_to(log)
    deltas.add("ab")
    await asyncio.sleep(0)
    deltas.add("cd")
    await log.until(4)
    await rest(deltas, log)
    assert log.text == "abcd"


async def test_an_outcome_that_is_unknown_at_the_end() -> None:
    """Is looked up in the last transaction."""
    log = Log()
    log.outcomes = ["after"]
    deltas = deltas_to(log)
    deltas.add("ab")
    await log.until(2)
    deltas.add("cd")
    await rest(deltas, log)
    assert log.text == "abcd"


@pytest.mark.parametrize("outcome", ["lost", "gone"])
async def test_a_run_that_is_somebody_elses(outcome: str) -> None:
    """Or whose session is gone: it is told once, and nothing more is written."""
    log, told = Log(), []
    log.outcomes = [outcome]
    deltas = deltas_to(log, lost=lambda: told.append(True))
    deltas.add("ab")
    while not told:  # noqa: ASYNC110 - the same
        await asyncio.sleep(0)
    deltas.add("cd")
    await deltas.close()
    assert (told, len(log.began)) == ([True], 1)


async def test_what_else_is_told_keeps_its_place() -> None:
    """It comes before the pieces after it, and again when its write failed; it isn't written twice."""
    log, told = Log(), []
    log.outcomes = ["before"]
    deltas = deltas_to(log)

    async def note(_: Entry) -> None:
        told.append(len(log.written))

    deltas.note(note)
    deltas.add("ab")
    await log.until(2)
    assert told == [0, 0]
    await rest(deltas, log)
    assert told == [0, 0]


async def test_the_rest_of_a_whole_answer_goes_with_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless that is long in coming: then it is written by itself."""
    log = Log()
    deltas = deltas_to(log)
    deltas.add("ab")
    deltas.complete()
    await asyncio.sleep(0)
    await rest(deltas, log)
    assert (log.written, len(log.began)) == ([(0, "ab")], 1)
    monkeypatch.setattr("agents.runs.deltas.LAST", 0.001)
    late = Log()
    deltas = deltas_to(late)
    deltas.add("ab")
    deltas.complete()
    await late.until(2)
    await deltas.close()
