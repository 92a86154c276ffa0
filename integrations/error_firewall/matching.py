"""Finding what is known about a call: exact records first, then rules, then likeness."""

from __future__ import annotations

from dataclasses import dataclass, field

from integrations.error_firewall.call import Call
from integrations.error_firewall.confidence import confidence
from integrations.error_firewall.environment import Environment
from integrations.error_firewall.knowledge import Knowledge
from integrations.error_firewall.model import Decision, Entry, FailMode, MatchKind, Record, Status
from integrations.error_firewall.rules import InvalidRule


@dataclass(slots=True)
class Finding:
    """What a search found.

    Attributes:
        decision: what the entry says by itself, before dry runs and overrides.
        problems: what could not be evaluated; the verdict is degraded then.
        stale: resources that should be asked before this is relied on.
        ended: entries that say nothing any more, because the environment has what they missed.
    """

    decision: Decision = Decision.ALLOW
    entry: Entry | None = None
    kind: MatchKind | None = None
    score: float = 1.0
    problems: list[str] = field(default_factory=list)
    stale: set[str] = field(default_factory=set)
    ended: list[str] = field(default_factory=list)

    def offer(self, decision: Decision, entry: Entry, kind: MatchKind, score: float = 1.0) -> None:
        """Take an entry if it says more than what was found before."""
        if _RANK[decision] > _RANK[self.decision]:
            self.decision, self.entry, self.kind, self.score = decision, entry, kind, score

    def doubt(self, mode: FailMode, problem: str, entry: Entry, kind: MatchKind) -> None:
        """Take what the fail mode says of an entry that can't be evaluated."""
        self.problems.append(problem)
        self.offer(Decision.BLOCK if mode is FailMode.CLOSED else Decision.WARN, entry, kind)


_RANK = {Decision.ALLOW: 0, Decision.WARN: 1, Decision.BLOCK: 2}


class Matcher:
    """Looks a call up in what is known. Callable from any thread.

    Args:
        quiet_below: confidence under which an entry that isn't confirmed no longer warns.
        observed_for: seconds after its last sighting at which a record that is only observed says nothing any more.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        environment: Environment,
        fail_mode: FailMode,
        quiet_below: float = 0.25,
        observed_for: float = float("inf"),
    ) -> None:
        self._index = knowledge.index
        self._similarity = knowledge.similarity
        self._recent = knowledge.recent
        self._environment = environment
        self._fail_mode = fail_mode
        self._quiet_below = quiet_below
        self._observed_for = observed_for

    def find(self, call: Call, now: float) -> Finding:
        """Find what says most about a call. Nothing here waits."""
        finding = Finding()
        for record in self._index.exact(call):
            self._consider(finding, record, MatchKind.EXACT, call, now)
        if finding.decision is not Decision.BLOCK:
            self._ask_rules(finding, call, now)
        if finding.decision is Decision.ALLOW and not finding.ended and not self._is_known_good(call):
            self._look_alike(finding, call, now)
        return finding

    def _is_known_good(self, call: Call) -> bool:
        """Tell whether a call is a solution itself, or has lately succeeded: then likeness means nothing."""
        return call in self._recent or bool(self._index.solved_by(call))

    def _ask_rules(self, finding: Finding, call: Call, now: float) -> None:
        for compiled in self._index.rules(call):
            if not is_active(compiled.rule, now):
                continue
            try:
                holds = compiled.holds(call)
            except InvalidRule as error:
                mode = compiled.rule.fail_mode or self._fail_mode
                finding.doubt(mode, f"a rule can't be evaluated: {error}", compiled.rule, MatchKind.RULE)
                continue
            if holds:
                self._consider(finding, compiled.rule, MatchKind.RULE, call, now)

    def _look_alike(self, finding: Finding, call: Call, now: float) -> None:
        try:
            found = self._similarity.search(call)
        except Exception as error:  # likeness would only have warned: its absence is told, and stops nobody
            finding.problems.append(f"likeness can't be judged ({type(error).__name__})")
            return
        for name, score in found:
            entry = self._index.get(name)
            if isinstance(entry, Record) and self._speaks(entry, now):
                finding.offer(Decision.WARN, entry, MatchKind.SIMILAR, score)
                return

    def _consider(self, finding: Finding, entry: Entry, kind: MatchKind, call: Call, now: float) -> None:
        if not self._speaks(entry, now):
            return
        requirement = self._environment.requirement_of(entry)
        if requirement is not None:
            if self._environment.is_stale(requirement.resource):
                finding.stale.add(requirement.resource)
            try:
                if self._environment.has(requirement, call):
                    finding.ended.append(entry.id)
                    return
            except LookupError as error:
                mode = entry.fail_mode or self._fail_mode
                decision = self._decision(entry, kind, call)
                if decision is Decision.BLOCK:
                    finding.doubt(mode, f"the environment is unknown: {error}", entry, kind)
                    return
        finding.offer(self._decision(entry, kind, call), entry, kind)

    def _speaks(self, entry: Entry, now: float) -> bool:
        if not is_active(entry, now) or self._is_forgotten(entry, now):
            return False
        return entry.status is Status.CONFIRMED or confidence(entry.evidence).value >= self._quiet_below

    def _is_forgotten(self, entry: Entry, now: float) -> bool:
        return (
            isinstance(entry, Record)
            and entry.status is Status.OBSERVED
            and now - entry.last_seen >= self._observed_for
        )

    def _decision(self, entry: Entry, kind: MatchKind, call: Call) -> Decision:
        """Only what is confirmed blocks, and an exact match only if all parameters could be compared."""
        comparable = kind is MatchKind.RULE or call.is_comparable
        blocks = entry.status is Status.CONFIRMED and entry.action is Decision.BLOCK and comparable
        return Decision.BLOCK if blocks else Decision.WARN


def is_active(entry: Entry, now: float) -> bool:
    """Tell whether an entry is neither retired nor expired."""
    return entry.status is not Status.RETIRED and (entry.expires_at is None or now < entry.expires_at)
