"""Questions to the library: answered in a process that stays for a while, so that the model is loaded once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError

from integrations.rag_trainer.answers import Answer, Question
from integrations.rag_trainer.child import Child, Gone, StartChild
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.work_messages import Order

log = structlog.get_logger(__name__)


class NoAnswer(Exception):
    """A question has no answer now. The text says why."""


@dataclass(frozen=True, slots=True)
class AskLimits:
    """Bounds.

    Attributes:
        timeout: seconds of one question, once it is its turn; loading the model counts.
        queue: questions that may wait.
        idle: seconds after the last question after which the process ends.
    """

    timeout: float = 60.0
    queue: int = 32
    idle: float = 300.0


class Asking:
    """Asks one question at a time. Used on one loop.

    Args:
        options: of the trainer that is asked.
        clock: seconds, never falling.

    Attributes:
        outcomes: questions by what became of them: `answered`, `refused` (too many wait), `timeout`, `failed`.
        seconds: that answered questions took, from their turn on.
        restarts: processes that were started because one had died, or had been killed for being slow.
    """

    def __init__(
        self, options: Callable[[], TrainerOptions], start: StartChild, limits: AskLimits, clock: Callable[[], float]
    ) -> None:
        self.outcomes: Counter[str] = Counter()
        self.seconds = 0.0
        self.restarts = 0
        self._options = options
        self._start = start
        self._limits = limits
        self._clock = clock
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._number = 0
        self._child: Child | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._lost = False
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """The process that answers, if there is one."""
        return None if self._child is None else self._child.pid

    async def ask(self, question: Question) -> Answer:
        """Have a question answered.

        Raises:
            NoAnswer: too many wait, or it took too long, or it failed.
        """
        if self._stopped or self._waiting >= self._limits.queue:
            self.outcomes["refused"] += 1
            raise NoAnswer(
                "the hub is stopping"
                if self._stopped
                else f"{self._waiting} questions wait already, which is the limit (rag_trainer.query_queue)"
            )
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            return await self._answered(question)
        finally:
            self._turn.release()
            self._rest()

    async def stop(self) -> None:
        """End the process; no question is taken any more."""
        self._stopped = True
        if self._idle is not None:
            self._idle.cancel()
        await self._drop()
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _answered(self, question: Question) -> Answer:
        begun = self._clock()
        if self._idle is not None:
            self._idle.cancel()
        try:
            async with asyncio.timeout(self._limits.timeout):
                answer = await self._asked(question)
        except TimeoutError:
            self.outcomes["timeout"] += 1
            self._lost = True
            await self._drop()  # it may be stuck; the next question gets another one
            raise NoAnswer(f"it took longer than {self._limits.timeout:g} s (rag_trainer.query_timeout)") from None
        except asyncio.CancelledError:
            await self._drop()  # its answer would be taken for that of the next question
            raise
        except NoAnswer:
            self.outcomes["failed"] += 1
            raise
        self.outcomes["answered"] += 1
        self.seconds += self._clock() - begun
        return answer

    async def _asked(self, question: Question) -> Answer:
        """Ask; once more, and another process, when the one there was has ended meanwhile."""
        how = ""
        for _ in range(2):
            child = self._child
            if self._stopped:
                raise NoAnswer("the hub is stopping")
            try:
                if child is None:
                    child = await self._begin()
                self._number += 1
                await child.tell("ask", id=self._number, question=question.model_dump(mode="json"))
                message = await self._reply(child, self._number)
            except Gone as error:
                how = str(error)
            else:
                return _read(message)
            self._lost = True
            await self._drop()
            log.warning("the process that answers questions ended", how=how)
        raise NoAnswer(f"the process that answers ended twice; how: {how}")

    async def _begin(self) -> Child:
        try:
            child = await self._start()
        except OSError as error:
            raise NoAnswer(f"no worker process can be started: {error.strerror or error}") from None
        self._child = child
        self.restarts += self._lost
        self._lost = False
        await child.order(Order(task="answer", options=self._options()))
        return child

    async def _reply(self, child: Child, number: int) -> Mapping[str, Any]:
        async for message in child.messages():
            if message["kind"] == "fault":
                await self._drop()
                raise NoAnswer(str(message["text"]))
            if message.get("id") == number:
                return message
        await child.wait(1.0)
        raise Gone(child.epitaph())

    def _rest(self) -> None:
        """End the process unless somebody asks in time."""
        if self._idle is not None:
            self._idle.cancel()
        if self._child is not None and not self._waiting and not self._stopped:
            self._idle = asyncio.get_running_loop().call_later(self._limits.idle, self._tire)

    def _tire(self) -> None:
        if self._turn.locked():
            return
        task = asyncio.get_running_loop().create_task(self._drop(), name="end of the process that answers")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            with suppress(Gone):
                await asyncio.shield(child.end())


def _read(message: Mapping[str, Any]) -> Answer:
    if message["kind"] == "answer":
        try:
            return Answer.model_validate(message["answer"])
        except ValidationError as error:
            raise NoAnswer(f"the answer can't be read: {error.error_count()} wrong fields") from None
    raise NoAnswer(str(message.get("text", "it failed")))
