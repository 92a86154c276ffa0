"""Questions to the other processes of the hub: all are asked at once, and have until a deadline to answer.

Asking is at most once. Who doesn't answer in time is named as far as it is known, so that an answer says itself whether
it is the whole truth.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import structlog

from channels.errors import ReplyError
from channels.ports import Nodes
from hub.parcels import Parcels, wrap
from hub.reports import Reports
from hub.tasks import Tasks

log = structlog.get_logger(__name__)

DEADLINE: Final = 1.0
"""Seconds that the others have. An answer takes milliseconds; who needs a second is stalled or cut off."""

ASKING_MAX: Final = 1_000
"""Questions under way at once; a further one is not asked, and its answer is partial."""

ANSWERING_MAX: Final = 200
"""Answers in the making at once; a further question is left without one."""

Question = Mapping[str, Any]
Answerer = Callable[[Question], Awaitable[Any]]

_ASK, _ANSWER = "ask", "answer"


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back.

    Attributes:
        by_node: answers (JSON) by the name of the process; without this process's own, which isn't asked.
        missing: names of processes that are known, and did not answer.
        partial: somebody did not answer, or nobody could be asked.
    """

    by_node: Mapping[str, Any]
    missing: tuple[str, ...] = ()
    partial: bool = False


@dataclass(slots=True)
class _Inquiry:
    answers: dict[str, Any] = field(default_factory=dict)
    heard: int = 0
    expected: int | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def look(self) -> None:
        if self.expected is not None and self.heard >= self.expected:
            self.done.set()


class Peers:
    """Asks, and answers.

    Args:
        tasks: run the answers.
        deadline: seconds that the others have.
        alone: there are never others; nothing is asked then.

    Attributes:
        node: this process's name.
        unanswered: questions of others that got none: unknown, too many at once, a fault, or cut off.
    """

    def __init__(
        self, nodes: Nodes, reports: Reports, tasks: Tasks, *, deadline: float = DEADLINE, alone: bool = False
    ) -> None:
        self.node = nodes.node
        self.alone = alone
        self.unanswered = 0
        self._nodes = nodes
        self._reports = reports
        self._tasks = tasks
        self._deadline = deadline
        self._numbers = count(1)
        self._open: dict[int, _Inquiry] = {}
        self._answerers: dict[str, Answerer] = {}
        self._answering = 0
        self._parcels = Parcels()
        nodes.listen(_ASK, self._asked)
        nodes.listen(_ANSWER, self._answered)

    def answer(self, question: str, answerer: Answerer) -> None:
        """Have `answerer` answer a question of this name: it gets what it is about, and returns JSON."""
        self._answerers[question] = answerer

    async def ask(self, question: str, about: Question) -> Answers:
        """Ask all others. Returns when all have answered, at the latest at the deadline. Never fails."""
        if self.alone:
            return Answers({})
        if len(self._open) >= ASKING_MAX:
            return Answers({}, partial=True)
        number = next(self._numbers)
        inquiry = self._open[number] = _Inquiry()
        try:
            async with asyncio.timeout(self._deadline):
                head = {"id": number, "by": self.node, "question": question}
                expected = 0
                for message in wrap(head, about):
                    expected = await self._nodes.tell(_ASK, message)
                inquiry.expected = expected
                inquiry.look()
                await inquiry.done.wait()
        except (ReplyError, TimeoutError):
            pass
        finally:
            del self._open[number]
        return await self._gather(inquiry)

    async def _gather(self, inquiry: _Inquiry) -> Answers:
        known = await self._reports.latest()
        # A process that is cut off isn't told and so not expected, but its last report is there until its lease ends.
        missing = tuple(sorted(known.others.keys() - inquiry.answers.keys()))
        silent = inquiry.expected is None or len(inquiry.answers) < inquiry.expected
        return Answers(inquiry.answers, missing, bool(missing) or silent or not known.current)

    def _asked(self, message: Mapping[str, Any]) -> None:
        about = self._take(("question", message["by"], message["id"]), message)
        if about is None:
            return
        if self._answering >= ANSWERING_MAX:
            self.unanswered += 1
            return
        self._answering += 1
        self._tasks.spawn(self._answer(message, *about), f"answer to {message['question']}")

    def _take(self, key: tuple[str, str, int], message: Mapping[str, Any]) -> tuple[Any] | None:
        try:
            return self._parcels.take(key, message)
        except ValueError as error:
            log.warning("a message of another process can't be read", node=message["by"], error=str(error))
            return None

    async def _answer(self, message: Mapping[str, Any], about: Question) -> None:
        head = {"id": message["id"], "to": message["by"], "by": self.node}
        # Without an answer it still says so: nobody has to wait for the deadline then.
        replies = [{**head, "failed": True}]
        try:
            answerer = self._answerers.get(message["question"])
            if answerer is not None:
                replies = wrap(head, await answerer(about))
        except Exception:
            log.exception("a question of another process failed", question=message["question"])
        self.unanswered += "failed" in replies[0]
        try:
            for reply in replies:
                await self._nodes.tell(_ANSWER, reply)
        except ReplyError:  # cut off now; the one who asks finds out by the deadline
            self.unanswered += 1
        finally:
            self._answering -= 1

    def _answered(self, message: Mapping[str, Any]) -> None:
        inquiry = self._open.get(message["id"]) if message.get("to") == self.node else None
        if inquiry is None:
            return
        if "failed" not in message:
            answer = self._take(("answer", message["by"], message["id"]), message)
            if answer is None:
                return
            inquiry.answers[message["by"]] = answer[0]
        inquiry.heard += 1
        inquiry.look()
