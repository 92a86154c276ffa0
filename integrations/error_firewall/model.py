"""What the error firewall knows and says: errors seen, rules, verdicts and outcomes.

Everything here is an immutable value that holds JSON and nothing else. Secrets are gone and texts are cut before a
value is made (`integrations.error_firewall.redaction`): what a store or a channel gets can be kept and shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """The life of a record or a rule: forward, and back from confirmed to suggested when outcomes speak against it.

    Only `confirmed` may block. `observed` and `suggested` warn. `retired` does nothing, and is kept for the books.
    """

    OBSERVED = "observed"
    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    RETIRED = "retired"


class Decision(StrEnum):
    """What a check says."""

    ALLOW = "allow"
    WARN = "warn"
    BLOCK = "block"


class MatchKind(StrEnum):
    """How what is known was found. `similar` never blocks."""

    EXACT = "exact"
    RULE = "rule"
    SIMILAR = "similar"


class FailMode(StrEnum):
    """What a check that can't be made says: `open` warns, `closed` blocks. The verdict is `degraded` both times."""

    OPEN = "open"
    CLOSED = "closed"


class OutcomeKind(StrEnum):
    """What became of a block, a warning or a solution.

    `worked`, `did_not`: the solution was used, and the operation succeeded, or failed. `repeated`: it ran nevertheless,
    and failed again. `overridden`: somebody ran it nevertheless; what came of it is an outcome of its own.
    `false_block`: it was blocked or warned about, and would have succeeded, or did.
    """

    WORKED = "worked"
    DID_NOT = "did_not"
    REPEATED = "repeated"
    OVERRIDDEN = "overridden"
    FALSE_BLOCK = "false_block"


class PredicateKind(StrEnum):
    """What a predicate asks of a field; the shape of its argument.

    `equals`: a scalar. `one_of`: a list of scalars. `range`: `[low, high]`, both included, `null` for no bound.
    `version`: constraints such as `">=17,<17.2"`. `regex`: a pattern (no look-around, no back-references).
    """

    EQUALS = "equals"
    ONE_OF = "one_of"
    RANGE = "range"
    VERSION = "version"
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Predicate:
    """One condition of a rule.

    Attributes:
        field: dotted path into the call: `params.device`, `context.branch`. Without a prefix it is a parameter.
        argument: JSON; its shape follows from `kind`.
        ignore_case: compare text without regard to case.
    """

    kind: PredicateKind
    field: str
    argument: Any
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Solution:
    """What to do instead: for people (`iPhone 15 Pro, 17.2`), and as parameters to be merged over those of the call."""

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Outcomes, counted."""

    worked: int = 0
    did_not: int = 0
    repeated: int = 0
    overridden: int = 0
    false_blocks: int = 0


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure it is that the block is right and its solution works: the mean of a Beta posterior, with its counts.

    Attributes:
        value: `(1 + successes) / (2 + successes + failures)`: 0.5 without any outcome.
        successes: outcomes `worked` and `repeated`.
        failures: outcomes `did_not` and `false_block`.
        low, high: ends of the central 90 % interval (approximated).
    """

    value: float
    successes: int
    failures: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """A versioned identity on two levels. Hex digests; comparable within one algorithm only.

    Attributes:
        call: operation and stable parameters: what a check looks up.
        exact: `call` and the type of the error: the identity of a record.
        family: type, normalised message and the topmost frames of the program's own code: the same fault elsewhere.
        algorithm: version of the algorithm that made them.
    """

    call: str
    exact: str
    family: str
    algorithm: int


@dataclass(frozen=True, slots=True)
class Requirement:
    """What, once the environment has it, makes a block pointless.

    Attributes:
        resource: name of a registered resource, such as `ios_simulators`.
        fields: field of the resource's items → field of the call that it must equal (`{"name": "params.device"}`).
    """

    resource: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What records and rules have in common. Times are seconds since 1970.

    Attributes:
        id: readable: `ios-build-devicenotfound-7c1d4e9a`. Unique over records and rules.
        operation: the operation it is about (`error_scene` on the wire).
        error_type: such as `DeviceNotFound`.
        action: what it says when confirmed: block, or warn only.
        requirement: it says nothing while the environment has this.
        fail_mode: overrides the firewall's when this entry can't be evaluated.
        expires_at: from then on it is as if retired; `None`: never.
        changed_by: who made the last change by hand.
        reason: why that change was made.
        version: grows with each change in the store; 0: not stored yet.
    """

    id: str
    operation: str
    error_type: str
    solution: Solution | None = None
    status: Status = Status.OBSERVED
    action: Decision = Decision.BLOCK
    evidence: Evidence = Evidence()
    requirement: Requirement | None = None
    fail_mode: FailMode | None = None
    created_at: float = 0.0
    updated_at: float = 0.0
    expires_at: float | None = None
    changed_by: str | None = None
    reason: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Entry):
    """An error that was seen. Calls with the same stable parameters and the same type of error are one record.

    Attributes:
        message: raw text of the error, cut and without secrets.
        params: stable parameters, without secrets.
        context: of the newest occurrence, without secrets.
        frames: topmost frames of the program's own code, `module:function`, innermost first.
        occurrences: times seen.
    """

    fingerprints: Fingerprints
    message: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    frames: tuple[str, ...] = ()
    occurrences: int = 1
    first_seen: float = 0.0
    last_seen: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Entry):
    """Conditions under which an operation fails.

    Attributes:
        predicates: all must hold.
        record_ids: the records it was made from.
        title: one line for people.
    """

    predicates: tuple[Predicate, ...]
    record_ids: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """What a check found: a record or rule; `error_id` is the record, or a rule's first record if it has one.

    `score` is 1.0 for `exact` and `rule`, else the similarity (0 to 1).
    """

    kind: MatchKind
    entry_id: str
    error_id: str
    error_type: str
    status: Status
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a check.

    Attributes:
        check_id: names this check in the audit and in outcomes.
        why: one or two sentences for people; never empty.
        rule_id: the rule that matched, if it was one.
        ms: time the check took, in milliseconds.
        degraded: the check could not be made as it should; `why` tells what was wrong.
        would_block: it would be a block, but this is a dry run.
        overridden: it would be a block, but somebody with the permission let it run.
    """

    check_id: str
    operation: str
    decision: Decision
    why: str
    match: Match | None = None
    solution: Solution | None = None
    confidence: Confidence | None = None
    rule_id: str | None = None
    ms: float = 0.0
    degraded: bool = False
    would_block: bool = False
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class Audited:
    """A verdict in the books: when (seconds since 1970), the call's stable parameters, who asked, who answered."""

    at: float
    verdict: Verdict
    params: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    actor: str | None = None
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, in the books. `entry_id` is a record or a rule; `check_id` the check, if it is known."""

    at: float
    entry_id: str
    kind: OutcomeKind
    check_id: str | None = None
    actor: str | None = None
    reason: str | None = None
