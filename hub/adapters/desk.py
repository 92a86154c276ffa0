"""Jobs of all processes of a hub: each process tells of its own, and asks the others for what it doesn't know."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from hub.peers import Answerer, Answers, Peers, Question


class Desk:
    """Asks this process and the others the same questions.

    Args:
        answerers: what this process answers, also to the others; `None` is that it doesn't know.
    """

    def __init__(self, peers: Peers, answerers: Mapping[str, Answerer]) -> None:
        self._peers = peers
        self._answerers = answerers
        for question, answerer in answerers.items():
            peers.answer(question, answerer)

    async def all(self, question: str) -> tuple[list[dict[str, Any]], Answers]:
        """Put together the lists of jobs of all processes, the newest first, and say who was asked."""
        answers = await self._peers.ask(question, {})
        own = await self._answerers[question]({})
        jobs = own + [job for piece in answers.by_node.values() for job in piece]
        jobs.sort(key=lambda job: (job["created"], job["id"]), reverse=True)
        return jobs, answers

    async def find(self, question: str, about: Question) -> tuple[Any, Answers]:
        """Ask this process, and then, if it doesn't know, the others; say who was asked.

        Who asks may go away: what this process began is done all the same.
        """
        own = await asyncio.shield(asyncio.ensure_future(self._answerers[question](about)))
        if own is not None:
            return own, Answers({})
        answers = await self._peers.ask(question, about)
        return next((answer for answer in answers.by_node.values() if answer is not None), None), answers
