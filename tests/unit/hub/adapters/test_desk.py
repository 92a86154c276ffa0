"""Questions about jobs, to this process and to the others."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from hub.adapters.desk import Desk
from hub.peers import Answerer, Answers, Peers, Question


class Others:
    """The other processes: they answer what they are given."""

    def __init__(self, *said: Any) -> None:
        self.known: dict[str, Answerer] = {}
        self.asked: list[str] = []
        self._said = said

    def answer(self, question: str, answerer: Answerer) -> None:
        self.known[question] = answerer

    async def ask(self, question: str, about: Question) -> Answers:
        self.asked.append(question)
        return Answers({f"n{number}": answer for number, answer in enumerate(self._said)}, ("away",), True)


def desk(others: Others, answerer: Answerer) -> Desk:
    return Desk(cast(Peers, others), {"which": answerer})


async def test_lists_are_put_together() -> None:
    """The newest first; of the same age by id. The others are answered the same question."""
    others = Others([{"id": "b", "created": 2}], [{"id": "c", "created": 1}, {"id": "d", "created": 3}])

    async def own(_about: Question) -> list[dict[str, Any]]:
        return [{"id": "a", "created": 2}]

    jobs, answers = await desk(others, own).all("which")
    assert ([job["id"] for job in jobs], answers.missing) == (["d", "b", "a", "c"], ("away",))
    assert others.known == {"which": own}


async def test_the_others_are_asked_for_what_is_not_known_here() -> None:
    """And only for that; an answer that says no is one."""
    others = Others(None, "there")

    async def answerer(about: Question) -> Any:
        return about["own"]

    assert await desk(others, answerer).find("which", {"own": False}) == (False, Answers({}))
    assert others.asked == []
    found, answers = await desk(others, answerer).find("which", {"own": None})
    assert (found, answers.partial, others.asked) == ("there", True, ["which"])


async def test_what_was_begun_is_done_though_nobody_waits() -> None:
    """Who asked went away."""
    may, done = asyncio.Event(), asyncio.Event()

    async def slow(_about: Question) -> bool:
        await may.wait()
        done.set()
        return True

    asking = asyncio.create_task(desk(Others(), slow).find("which", {}))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    may.set()
    await asyncio.wait_for(done.wait(), 5)
