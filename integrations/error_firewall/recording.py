"""Recording errors that happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from integrations.error_firewall.call import make_call
from integrations.error_firewall.fingerprints import fingerprints, frames_of, record_id
from integrations.error_firewall.model import Record, Solution, Status
from integrations.error_firewall.overriding import visible
from integrations.error_firewall.parts import Parts
from integrations.error_firewall.redaction import cut, keep, without_secrets

_MARK = "_recorded_by_error_firewall"

LONGEST_MESSAGE = 4_000
"""Characters of an error's text that are kept."""


class Recorder:
    """Makes records of errors. Callable from any thread; never raises: what fails is counted."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def record(
        self,
        error: BaseException | str,
        operation: str,
        params: Mapping[str, Any] | None,
        context: Mapping[str, Any] | None,
        error_type: str | None,
        solution: Solution | str | None,
    ) -> Record | None:
        """Record an error; `None` when the firewall knows too many already, or failed itself."""
        try:
            seen = self._sighting(error, operation, params, context, error_type, solution)
            with self._parts.knowledge.lock:  # two threads that see one error make two occurrences of one record
                record = self._put(seen)
            if record is None:
                self._parts.tally.add("failed")
                return None
            self._parts.books.sighting(replace(seen, solution=record.solution, status=record.status))
            self._parts.tally.add("recorded")
            self._parts.announcer.recorded(record)
            if isinstance(error, BaseException):
                setattr(error, _MARK, True)
            return record
        except Exception:
            self._parts.tally.add("failed")
            return None

    def solved(self, name: str, solution: Solution) -> None:
        """Keep what seems to solve a record that has no solution yet. It is only suggested, like any other."""
        knowledge = self._parts.knowledge
        with knowledge.lock:
            known = knowledge.index.get(name)
            if not isinstance(known, Record) or known.solution is not None:
                return
            solved = replace(known, solution=kept_solution(solution))
            knowledge.put(solved)
        self._parts.books.sighting(replace(solved, occurrences=0))

    def _sighting(
        self,
        error: BaseException | str,
        operation: str,
        params: Mapping[str, Any] | None,
        context: Mapping[str, Any] | None,
        error_type: str | None,
        solution: Solution | str | None,
    ) -> Record:
        raised = isinstance(error, BaseException)
        call = make_call(operation, params, context, self._parts.options.volatile)
        type_name = visible(error_type or (type(error).__qualname__ if raised else "")) or "Error"
        message = cut(without_secrets(str(error)[: 2 * LONGEST_MESSAGE]), LONGEST_MESSAGE)
        frames = frames_of(error) if isinstance(error, BaseException) else ()
        marks = fingerprints(call.operation, call.params, type_name, message, frames)
        now = self._parts.clock.now()
        return Record(
            id=record_id(call.operation, type_name, marks.exact),
            operation=call.operation,
            error_type=type_name,
            solution=kept_solution(solution),
            status=Status.SUGGESTED if solution else Status.OBSERVED,
            created_at=now,
            updated_at=now,
            fingerprints=marks,
            message=message,
            params=call.params,
            context=call.context,
            frames=frames,
            first_seen=now,
            last_seen=now,
        )

    def _put(self, seen: Record) -> Record | None:
        knowledge = self._parts.knowledge
        known = knowledge.index.get(seen.id)
        if isinstance(known, Record):
            solution = known.solution or seen.solution
            status = Status.SUGGESTED if solution and known.status is Status.OBSERVED else known.status
            record = replace(
                known,
                occurrences=known.occurrences + 1,
                last_seen=seen.last_seen,
                updated_at=seen.last_seen,
                message=seen.message,
                context=seen.context,
                solution=solution,
                status=status,
            )
        elif len(knowledge.index) >= self._parts.options.most_entries:
            return None
        else:
            record = self._with_family(seen)
        knowledge.put(record)
        return record

    def _with_family(self, seen: Record) -> Record:
        """Suggest what was confirmed for the same fault in another call."""
        if seen.solution is not None:
            return seen
        for relative in self._parts.knowledge.index.family(seen.fingerprints.family):
            solution = relative.solution
            if relative.status is Status.CONFIRMED and solution is not None and relative.operation == seen.operation:
                return replace(seen, solution=Solution(solution.text), status=Status.SUGGESTED)
        return seen


def was_recorded(error: BaseException) -> bool:
    """Tell whether this very exception was recorded before, by a guard, the middleware or another handler."""
    return getattr(error, _MARK, False) is True


def kept_solution(solution: Solution | str | None) -> Solution | None:
    """Return a solution as it may be kept and shown."""
    if not solution:
        return None
    if isinstance(solution, str):
        solution = Solution(solution)
    return Solution(cut(without_secrets(solution.text)), keep(solution.params))
