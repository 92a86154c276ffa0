"""What a guard needs: checking, recording, and learning what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.error_firewall.call import Call
from integrations.error_firewall.checking import Checker
from integrations.error_firewall.fixes import Fixes
from integrations.error_firewall.model import Verdict
from integrations.error_firewall.outcomes import Outcomes
from integrations.error_firewall.overriding import Override
from integrations.error_firewall.recording import Recorder

Params = Mapping[str, Any] | None


class Judge:
    """Checks calls and learns from them. Callable from any thread; never raises."""

    def __init__(self, checker: Checker, recorder: Recorder, outcomes: Outcomes, fixes: Fixes) -> None:
        self._checker = checker
        self._fixes = fixes
        self._recorder = recorder
        self._outcomes = outcomes

    def judge(
        self,
        operation: str,
        params: Params,
        context: Params = None,
        actor: str | None = None,
        override: Override | None = None,
    ) -> tuple[Verdict, Call | None]:
        """Check a call, and count an override."""
        verdict, call = self._checker.check(operation, params, context, actor, override)
        return self._counted(verdict, override), call

    async def judge_async(
        self,
        operation: str,
        params: Params,
        context: Params = None,
        actor: str | None = None,
        override: Override | None = None,
    ) -> tuple[Verdict, Call | None]:
        """Do so without holding up the loop while a resource is asked."""
        verdict, call = await self._checker.check_async(operation, params, context, actor, override)
        return self._counted(verdict, override), call

    def finished(
        self, operation: str, params: Params, verdict: Verdict, call: Call | None, error: BaseException | None
    ) -> None:
        """Record what a call failed with (`None`: it succeeded), and learn from it."""
        record = None if error is None else self._recorder.record(error, operation, params, None, None, None)
        if call is not None and record is not None:
            self._fixes.failed(record.id, call)
        elif call is not None and error is None:
            for name, solution in self._fixes.succeeded(call):
                self._recorder.solved(name, solution)
        self._outcomes.finished(verdict, call, None if error is None else type(error).__qualname__)

    def _counted(self, verdict: Verdict, override: Override | None) -> Verdict:
        if verdict.overridden and override is not None:
            self._outcomes.note_override(verdict, override.actor, override.reason)
        return verdict
