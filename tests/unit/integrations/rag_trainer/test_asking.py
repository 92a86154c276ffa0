"""Questions to the library."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

import pytest

from integrations.rag_trainer.answers import Question
from integrations.rag_trainer.asking import Asking, AskLimits, NoAnswer
from integrations.rag_trainer.child import start
from tests.live import until
from tests.rag_jobs import COMMAND, options_in


def asking_in(folder: Path, **limits: float) -> Asking:
    bounds = AskLimits(**limits)  # type: ignore[arg-type]
    return Asking(lambda: options_in(folder, str(folder)), partial(start, COMMAND), bounds, time.monotonic)


async def test_one_process_answers_all(tmp_path: Path) -> None:
    """It is started by the first question, and stays; each gets its own answer."""
    asking = asking_in(tmp_path)
    assert asking.pid is None
    answers = await asyncio.gather(*(asking.ask(Question(text=f"q{number}")) for number in range(5)))
    assert [answer.question for answer in answers] == [f"q{number}" for number in range(5)]
    assert len({answer.notes for answer in answers}) == 1
    assert asking.outcomes["answered"] == 5
    await asking.stop()
    assert asking.pid is None
    with pytest.raises(NoAnswer, match="stopping"):
        await asking.ask(Question(text="late"))


async def test_it_ends_when_nobody_asks(tmp_path: Path) -> None:
    """And another one begins with the next question; that is no restart."""
    asking = asking_in(tmp_path, idle=0.05)
    first = await asking.ask(Question(text="a"))
    await until(lambda: asking.pid is None)
    second = await asking.ask(Question(text="b"))
    assert first.notes != second.notes
    assert asking.restarts == 0
    await asking.stop()


async def test_a_question_that_hangs_is_given_up(tmp_path: Path) -> None:
    """Its process is killed, and the next question is answered by another."""
    asking = asking_in(tmp_path, timeout=1.5)
    with pytest.raises(NoAnswer, match=r"rag_trainer\.query_timeout"):
        await asking.ask(Question(text="hang"))
    assert (await asking.ask(Question(text="a"))).question == "a"
    assert (asking.outcomes["timeout"], asking.restarts) == (1, 1)
    await asking.stop()


async def test_a_question_that_kills_fails_alone(tmp_path: Path) -> None:
    """It is tried once more, and then refused with how the process ended."""
    asking = asking_in(tmp_path)
    with pytest.raises(NoAnswer, match="SIGKILL"):
        await asking.ask(Question(text="die"))
    assert (await asking.ask(Question(text="a"))).question == "a"
    assert asking.outcomes["failed"] == 1
    await asking.stop()


async def test_too_many_are_refused(tmp_path: Path) -> None:
    """Those that wait are bounded."""
    asking = asking_in(tmp_path, queue=1)
    results = await asyncio.gather(*(asking.ask(Question(text="a")) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, NoAnswer) for result in results) >= 1
    assert asking.outcomes["refused"] >= 1
    await asking.stop()
