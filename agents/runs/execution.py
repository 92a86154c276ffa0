"""One run at work: memory is searched, the model asked, the answer written down as it comes, and the run ended.

Whatever happens on the way, the run ends, or another process finds that its lease has ended. While the database is away
the answer is kept and written when it is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

import structlog

from agents.memory.episode import Episode
from agents.models.offline import OFFLINE_MODEL
from agents.models.port import Finished, ModelEvent, ModelFailed, Prompt, Retried, TextDelta, ToolCall
from agents.runs.abandoned import give_up
from agents.runs.claim import Claim
from agents.runs.deltas import Deltas
from agents.runs.ending import Due, Ending, Failure, Outcome, finish, give, open_runs
from agents.runs.gate import Gate
from agents.runs.metrics import RunMetrics
from agents.runs.options import RunOptions
from agents.runs.pen import Lost, Pen
from agents.runs.prompt import Built, build, cited
from agents.runs.recollection import Context, Recollection
from agents.runs.trace import trace_of
from agents.runs.unbroken import unbroken
from agents.sessions.entry import Entry
from agents.sessions.log import EventLog
from agents.sessions.run import reply_id
from agents.store.tables import tasks
from channels.clock import iso

log = structlog.get_logger(__name__)

CONTEXT_RETRIEVED: Final = "CONTEXT_RETRIEVED"
MODEL_RETRIED: Final = "MODEL_RETRIED"

SHOWN: Final = 200
"""Characters of a memory that the event of its retrieval shows."""

TOOLS: Final = Failure(
    "tools_unsupported", "the model wants to call a tool, but agents have none; choose another model", False
)
EMPTY: Final = Failure("empty_answer", "the model answered with nothing; try again", True)
BROKEN: Final = Failure("internal", "the hub made a mistake; its log has the reason", True)


class Models(Protocol):
    """What runs need of models (`agents.models.catalogue.Catalogue`)."""

    @property
    def default_model(self) -> str: ...

    def answer(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]: ...


@dataclass(frozen=True, slots=True)
class Means:
    """What runs work with.

    Attributes:
        now: monotonic seconds.
    """

    log: EventLog
    models: Models
    recollection: Recollection
    options: RunOptions
    metrics: RunMetrics
    gate: Gate
    node: str
    now: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Done:
    """What comes of a run.

    Attributes:
        due: the run of the session that is next.
        outcome: of this one; `None`: it was given up.
    """

    due: Due | None
    outcome: Outcome | None = None


class _Refused(Exception):
    """The run ends in a failure."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


class Execution:
    """Works on one run. Cancelling `work` once asks it to end: stopped, if somebody wished that, else interrupted.

    Attributes:
        began: monotonic seconds.
    """

    def __init__(self, means: Means, claim: Claim) -> None:
        self._means = means
        self._claim = claim
        self.began = means.now()
        self._lost = False
        self._recalled: list[str] = []
        self._pen = Pen(means.log, claim.scope, claim.session_id, claim.run_id, means.node, claim.seq)
        self._deltas = Deltas(self._pen, means.options.flush_interval, self._lose, means.now)
        self._is_cancelled = False
        self._answering: asyncio.Task[Ending] | None = None

    def cancel(self) -> None:
        """Ask it to end before it has begun."""
        self._is_cancelled = True

    async def work(self) -> Done:
        """Work until the run has ended.

        Raises:
            Lost: it is no longer this process's.
        """
        ending = await self._outcome()
        await unbroken(self._deltas.close())
        done, _ = await unbroken(self._end(ending))
        return done

    def _lose(self) -> None:
        self._lost = True
        if self._answering is not None:
            self._answering.cancel()

    async def _outcome(self) -> Ending | None:
        """How it went; `None`: it was cancelled."""
        if self._is_cancelled:
            return None
        self._answering = asyncio.ensure_future(self._answer())
        try:
            async with asyncio.timeout(self._means.options.longest):
                return await self._answering
        except asyncio.CancelledError:
            if (caller := asyncio.current_task()) is not None:
                caller.uncancel()
            return None
        except TimeoutError:
            seconds = self._means.options.longest
            return self._failed(Failure("timeout", f"the answer wasn't complete after {seconds:g} s", True))
        except ModelFailed as failed:
            # Not its message: an endpoint's own words may repeat the prompt.
            log.warning("a model failed", code=failed.code, model=self._claim.model)
            return self._failed(Failure(failed.code, failed.message, failed.temporary))
        except _Refused as refused:
            return self._failed(refused.failure)
        except Lost:
            self._lost = True
            return None
        except Exception:
            log.exception("a run broke off")
            return self._failed(BROKEN)

    def _failed(self, failure: Failure) -> Ending:
        return Ending("failed", self._deltas.text, failure)

    async def _answer(self) -> Ending:
        claim, means = self._claim, self._means
        async with means.gate.one():
            context = await means.recollection.recall(claim.scope, claim.agent, claim.asked.content)
        self._recalled = [item.text for item in context.items]
        built = build(claim.agent.config, claim.model, context.items, claim.history, claim.asked.content)
        self._tell_context(context, built)
        self._deltas.start(claim.agent.id)
        means.metrics.overhead.note(means.now() - self.began)
        finished = await self._ask(built.prompt)
        if not self._deltas.text.strip():
            raise _Refused(EMPTY)
        self._deltas.complete()
        model = finished.model or claim.model
        await self._remember(model)
        more: dict[str, Any] = {"finish": finished.reason}
        if context.warning:
            more["warning"] = context.warning
        usage = None if finished.usage is None else asdict(finished.usage)
        citations = cited(self._deltas.text, built.prompt.citations)
        return Ending("completed", self._deltas.text, model=model, usage=usage, citations=citations, more=more)

    def _tell_context(self, context: Context, built: Built) -> None:
        """Write it down while the model is asked."""
        claim = self._claim
        items = [
            {
                "memory_id": str(item.memory_id),
                "score": item.score,
                "text": item.text[:SHOWN],
                "created_at": iso(item.created_at.timestamp()),
            }
            for item in context.items
        ]
        told: dict[str, Any] = {"count": len(items), "items": items}
        if context.warning:
            told["warning"] = context.warning
        trace = trace_of(built, context.items, context.warning)

        async def write(entry: Entry) -> None:
            entry.change(entry.work.update(tasks).where(tasks.c.id == claim.run_id).values(trace=trace))
            await entry.append(CONTEXT_RETRIEVED, told, claim.run_id, claim.agent.id)

        self._deltas.note(write)

    async def _ask(self, prompt: Prompt) -> Finished:
        finished: Finished | None = None
        async with aclosing(self._means.models.answer(prompt)) as events:
            async for event in events:
                match event:
                    case TextDelta():
                        self._take(event.text)
                    case Retried():
                        self._tell_retry(event)
                    case ToolCall():
                        raise _Refused(TOOLS)
                    case Finished():
                        finished = event
        if finished is None:
            raise ModelFailed("invalid_answer", "the model's answer has no end", temporary=True)
        return finished

    def _take(self, text: str) -> None:
        if not self._deltas.characters:
            self._means.metrics.first_token.note(self._means.now() - self.began)
        self._deltas.add(text)
        most = self._means.options.characters
        if self._deltas.characters > most:
            raise _Refused(Failure("answer_too_long", f"the answer is longer than {most} characters", False))

    def _tell_retry(self, event: Retried) -> None:
        log.warning("a model is asked again", code=event.code, model=event.model)
        claim, told = self._claim, {"model": event.model, "reason": event.reason}

        async def write(entry: Entry) -> None:
            await entry.append(MODEL_RETRIED, told, claim.run_id, claim.agent.id)

        self._deltas.note(write)

    async def _remember(self, model: str) -> None:
        claim = self._claim
        episode = Episode(
            said=claim.asked.content,
            # The offline responder says nothing of its own: it quotes, or says that there is nothing to quote.
            answer="" if model == OFFLINE_MODEL else self._deltas.text,
            session_id=claim.session_id,
            message_ids=(claim.asked.id, reply_id(claim.run_id)),
            task_id=claim.run_id,
            recalled=self._recalled,
        )
        async with self._means.gate.one():
            await self._means.recollection.remember(claim.scope, claim.agent, episode)

    async def _end(self, ending: Ending | None) -> Done:
        if self._lost:
            raise Lost
        run_id = self._claim.run_id

        async def write(entry: Entry) -> tuple[Done, str]:
            rows = await open_runs(entry, 2)
            row = next((row for row in rows if row["id"] == run_id and row["status"] == "running"), None)
            if row is None:
                raise Lost
            await self._deltas.write_rest(entry)
            if ending is None:
                due, status = await give_up(entry, row, self._deltas.text, self._means.options.attempts)
                return Done(due), status
            outcome = await finish(entry, row, ending)
            due = await give(entry, rows[1]) if len(rows) > 1 else None
            return Done(due, outcome), ending.status

        async with self._means.gate.one():
            done, status = await self._pen.persist(write)
        self._means.metrics.ended[status] += 1
        self._means.metrics.took.note(self._means.now() - self.began)
        return done
