"""The error firewall: what failed once is stopped before it fails again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from channels import Clock, SystemClock
from channels.push import Push
from integrations.error_firewall.announcing import Announcer
from integrations.error_firewall.books import Books
from integrations.error_firewall.checking import Checker
from integrations.error_firewall.curation import Curation
from integrations.error_firewall.environment import Environment
from integrations.error_firewall.fixes import Fixes
from integrations.error_firewall.following import Following
from integrations.error_firewall.guard import F, Guard, Guarded
from integrations.error_firewall.index import Index
from integrations.error_firewall.judging import Judge
from integrations.error_firewall.knowledge import Knowledge
from integrations.error_firewall.memory_store import MemoryStore
from integrations.error_firewall.model import (
    Decision,
    Entry,
    FailMode,
    OutcomeKind,
    Predicate,
    Record,
    Requirement,
    Rule,
    Solution,
    Verdict,
)
from integrations.error_firewall.options import Options
from integrations.error_firewall.outcomes import Outcomes
from integrations.error_firewall.overriding import MayOverride, Override, nobody
from integrations.error_firewall.parts import Parts, random_id
from integrations.error_firewall.ports import Store
from integrations.error_firewall.recording import Recorder, kept_solution
from integrations.error_firewall.running import Running
from integrations.error_firewall.similarity import Embedder, Similarity
from integrations.error_firewall.tally import Statistics, Tally

Params = Mapping[str, Any] | None


class ErrorFirewall:
    """Records errors, and says before an operation runs whether it would repeat one.

    `check`, `record`, `report_outcome` and `override` may be called from any thread, before and after `run`; they
    answer from memory and write later. `suggest`, `propose`, `confirm` and `retire` are stored before they return, on
    the loop that `run` runs on.

    Args:
        store: shared by processes; `None`: in memory, until the process ends.
        push: the way to the hub; without one nothing is announced.
        environment: what really exists; see `Environment.register`.
        may_override: tells who may let a blocked operation run; by default nobody.
        embed: makes vectors for likeness instead of the lexical ones.
        ids: makes the random part of a check's id.
    """

    def __init__(
        self,
        store: Store | None = None,
        push: Push | None = None,
        options: Options | None = None,
        clock: Clock | None = None,
        *,
        environment: Environment | None = None,
        may_override: MayOverride = nobody,
        embed: Embedder | None = None,
        ids: Callable[[], str] = random_id,
    ) -> None:
        options, clock = options or Options(), clock or SystemClock()
        kept = MemoryStore() if store is None else store
        similarity = Similarity(options.similarity_threshold, options.most_vectors, embed=embed)
        knowledge = Knowledge(similarity)
        following = Following(kept, knowledge, self._learn)
        if store is None:  # a store that is empty by nature has been read already
            following.loaded, following.problem = True, None
        self.store = kept
        self.environment = environment or Environment(clock)
        self._parts = Parts(
            options=options,
            clock=clock,
            knowledge=knowledge,
            environment=self.environment,
            announcer=Announcer(push or Push(), clock, options.passes_per_second, options.records_per_second),
            books=Books(kept, self._learn, options.most_notes),
            following=following,
            tally=Tally(),
            ids=ids,
        )
        self._recorder = Recorder(self._parts)
        self._outcomes = Outcomes(self._parts, may_override)
        self._judge = Judge(
            Checker(self._parts, may_override),
            self._recorder,
            self._outcomes,
            Fixes(options.fixes_within, clock),
        )
        self._curation = Curation(self._parts)
        self._guard = Guard(self._judge)
        self._running = Running(self._parts, kept)

    @property
    def index(self) -> Index:
        """What is known now, by id, call and operation."""
        return self._parts.knowledge.index

    @property
    def options(self) -> Options:
        """How it behaves."""
        return self._parts.options

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the firewall itself now; empty when nothing is."""
        return tuple(problem for problem in (self._parts.following.problem, self._parts.books.problem) if problem)

    @property
    def statistics(self) -> Statistics:
        """Its own numbers."""
        return self._parts.tally.statistics(self._parts.books.unwritten, len(self._parts.knowledge.index))

    def record(
        self,
        error: BaseException | str,
        operation: str,
        params: Params = None,
        context: Params = None,
        *,
        error_type: str | None = None,
        solution: Solution | str | None = None,
    ) -> Record | None:
        """Record an error that happened. Never raises, never waits.

        Args:
            error: an exception, or its text; then `error_type` says what it was.
            params: of the operation; secrets in them are replaced before anything else happens.
            solution: what to do instead, if that is known.

        Returns:
            The record, new or seen again; `None` when it could not be recorded (counted in the statistics).
        """
        return self._recorder.record(error, operation, params, context, error_type, solution)

    def check(
        self,
        operation: str,
        params: Params = None,
        context: Params = None,
        *,
        actor: str | None = None,
        override: Override | None = None,
    ) -> Verdict:
        """Say whether an operation should run. Never raises; waits only for a resource that has to be asked."""
        return self._judge.judge(operation, params, context, actor, override)[0]

    async def check_async(
        self,
        operation: str,
        params: Params = None,
        context: Params = None,
        *,
        actor: str | None = None,
        override: Override | None = None,
    ) -> Verdict:
        """Do as `check`, without holding up the loop while a resource is asked."""
        return (await self._judge.judge_async(operation, params, context, actor, override))[0]

    def report_outcome(
        self, target: Verdict | str, kind: OutcomeKind, *, actor: str | None = None, reason: str | None = None
    ) -> Entry:
        """Say what came of a verdict, or of the record or rule of an id; return it with its new counts.

        Raises:
            UnknownEntry: there is none.
        """
        return self._outcomes.report(target, kind, actor, reason)

    def override(self, verdict: Verdict, override: Override) -> Verdict:
        """Let a call run that `verdict` blocks; the same can be had with `check(..., override=...)`.

        Raises:
            OverrideRefused: without a reason, a name or the permission.
            ValueError: the verdict is no block.
        """
        return self._outcomes.override(verdict, override)

    async def suggest(self, entry_id: str, *, by: str, reason: str | None = None, **changes: Any) -> Entry:
        """Give a record or rule a `solution`, an `action`, a `requirement`, a `fail_mode` or an `expires_at`.

        Raises:
            UnknownEntry, Conflict, StoreUnavailable: nothing was changed.
            TypeError: another field.
        """
        return await self._curation.suggest(entry_id, by, reason, _changes(changes))

    async def propose(
        self,
        operation: str,
        predicates: Sequence[Predicate],
        *,
        by: str,
        error_type: str = "Error",
        solution: Solution | str | None = None,
        action: Decision = Decision.BLOCK,
        requirement: Requirement | None = None,
        fail_mode: FailMode | None = None,
        expires_at: float | None = None,
        record_ids: Sequence[str] = (),
        title: str = "",
        reason: str | None = None,
    ) -> Rule:
        """Make a rule of conditions that must all hold. It warns until it is confirmed.

        Raises:
            InvalidRule: a condition can't be read.
            Conflict, StoreUnavailable: nothing was changed.
        """
        return await self._curation.propose(
            operation,
            predicates,
            by,
            error_type=error_type,
            solution=solution,
            action=action,
            requirement=requirement,
            fail_mode=fail_mode,
            expires_at=expires_at,
            record_ids=record_ids,
            title=title,
            reason=reason,
        )

    async def confirm(
        self, entry_id: str, *, by: str, reason: str | None = None, force: bool = False, **changes: Any
    ) -> Entry:
        """Let a record or rule block; `changes` as in `suggest`.

        Raises:
            TooBroad: it isn't about something in particular.
            Contradicted: it would have blocked calls that succeeded lately; `force` confirms it all the same.
            UnknownEntry, Conflict, StoreUnavailable: nothing was changed.
        """
        return await self._curation.confirm(entry_id, by, reason, force, _changes(changes))

    async def retire(self, entry_id: str, *, by: str, reason: str | None = None) -> Entry:
        """Let a record or rule say nothing any more.

        Raises:
            UnknownEntry, Conflict, StoreUnavailable: nothing was changed.
        """
        return await self._curation.retire(entry_id, by, reason)

    def guard(self, operation: str, *, select: Iterable[str] | None = None) -> Callable[[F], F]:
        """Guard every call of a function or coroutine function: `@firewall.guard("ios_build")`.

        Args:
            select: names of the arguments that count; `None`: all but `self` and `cls`.
        """
        return lambda function: self._guard.decorate(operation, select, function)

    def guarded(self, operation: str, params: Params = None, *, override: Override | None = None) -> Guarded:
        """Guard a block, with `with` or `async with`. Raises `Blocked` before it runs; yields the verdict."""
        return Guarded(self._guard, operation, params, override)

    async def run(self) -> None:
        """Load, follow and write until cancelled; what is noted then is written still, if the store lets it."""
        await self._running.run()

    def _learn(self, entry: Entry) -> None:
        judged = self._outcomes.judged(entry)
        self._parts.knowledge.put(judged)
        if judged is not entry:
            self._running.demoted(judged)


_CHANGEABLE = frozenset({"solution", "action", "requirement", "fail_mode", "expires_at"})


def _changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    unknown = changes.keys() - _CHANGEABLE
    if unknown:
        raise TypeError(f"expected {', '.join(sorted(_CHANGEABLE))}; came {', '.join(sorted(unknown))}")
    return {name: kept_solution(value) if name == "solution" else value for name, value in changes.items()}
