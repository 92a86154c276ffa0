"""What the error firewall's API answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from hub.descriptions import Described, Timestamp
from integrations.error_firewall.model import Decision, FailMode, MatchKind, OutcomeKind, PredicateKind, Status


def _one_of(*words: str) -> dict[str, Any]:
    return {"enum": list(words)}


DecisionWord = Annotated[str, Field(description="what the check says", json_schema_extra=_one_of(*Decision))]
StatusWord = Annotated[str, Field(description="how far it is in its life", json_schema_extra=_one_of(*Status))]
Share = Annotated[float, Field(ge=0, le=1)]
EntryId = Annotated[str, Field(description="readable id of a record or rule")]
Values = Annotated[dict[str, Any], Field(description="without secrets")]


class ErrorSolution(Described):
    """What to do instead."""

    text: str = Field(description="for people")
    params: dict[str, Any] = Field(description="parameters to use instead, for programs")


class ErrorConfidence(Described):
    """How sure it is: the mean of a Beta posterior of the outcomes, with its counts."""

    value: Share = Field(description="0.5 without any outcome")
    successes: int = Field(ge=0, description="outcomes that speak for it")
    failures: int = Field(ge=0, description="outcomes that speak against it")
    low: Share = Field(description="lower end of the central 90 % interval")
    high: Share = Field(description="upper end of it")


class ErrorMatch(Described):
    """What a check found."""

    kind: Annotated[str, Field(description="how it was found", json_schema_extra=_one_of(*MatchKind))]
    entry_id: EntryId
    error_id: str = Field(description="the record, or the first one of the rule")
    error_type: str
    status: StatusWord
    score: Share = Field(description="similarity; 1 for an exact match or a rule")


class FirewallVerdict(Described):
    """The answer of a check."""

    check_id: str = Field(description="names this check in the audit and in outcomes")
    operation: str
    decision: DecisionWord
    why: str = Field(description="the reason, for people")
    match: ErrorMatch | None = None
    solution: ErrorSolution | None = None
    confidence: ErrorConfidence | None = None
    rule_id: str | None = None
    ms: float = Field(ge=0, description="time the check took, in milliseconds")
    degraded: bool = Field(description="the check could not be made as it should; why tells what was wrong")
    would_block: bool = Field(description="it would be a block, but this is a dry run")
    overridden: bool = Field(description="it would be a block, but somebody let it run")


class ErrorEvidence(Described):
    """Outcomes, counted."""

    worked: int = Field(ge=0)
    did_not: int = Field(ge=0)
    repeated: int = Field(ge=0)
    overridden: int = Field(ge=0)
    false_blocks: int = Field(ge=0)


class ErrorRequirement(Described):
    """What, once the environment has it, makes a block pointless."""

    resource: str = Field(description="name of the resource")
    fields: dict[str, str] = Field(description="field of its items → field of the call")


class ErrorEntry(Described):
    """What records and rules have in common."""

    id: EntryId
    operation: str
    error_type: str
    status: StatusWord
    action: Annotated[str, Field(description="what it says when confirmed", json_schema_extra=_one_of("block", "warn"))]
    solution: ErrorSolution | None = None
    confidence: ErrorConfidence
    evidence: ErrorEvidence
    requirement: ErrorRequirement | None = None
    fail_mode: Annotated[str, Field(json_schema_extra=_one_of(*FailMode))] | None = None
    created_at: Timestamp
    updated_at: Timestamp
    expires_at: Timestamp | None = None
    changed_by: str | None = Field(None, description="who made the last change by hand")
    reason: str | None = Field(None, description="why that change was made")
    version: int = Field(ge=0, description="grows with each change; 0: not stored yet")


class ErrorRecord(ErrorEntry):
    """An error that was seen."""

    message: str = Field(description="text of the error, cut and without secrets")
    params: Values
    context: Values
    frames: list[str] = Field(description="topmost frames of the program's own code")
    occurrences: int = Field(ge=0, description="times seen")
    first_seen: Timestamp
    last_seen: Timestamp
    fingerprint: str = Field(description="its identity")
    family: str = Field(description="identity of the same fault in other calls")


class ErrorRecords(Described):
    """Records, the newest sighting first."""

    records: list[ErrorRecord]
    total: int = Field(ge=0, description="how many there are with these properties")


class AuditedVerdict(Described):
    """A verdict in the books."""

    at: Timestamp
    verdict: FirewallVerdict
    params: Values
    context: Values
    actor: str | None = Field(None, description="who asked, if known")
    node: str | None = Field(None, description="the process that answered")


class AuditedVerdicts(Described):
    """Verdicts, newest first."""

    verdicts: list[AuditedVerdict]


class ErrorOutcome(Described):
    """What became of a block, a warning or a solution."""

    at: Timestamp
    entry_id: EntryId
    kind: Annotated[str, Field(json_schema_extra=_one_of(*OutcomeKind))]
    check_id: str | None = None
    actor: str | None = None
    reason: str | None = None


class ErrorRecordDetails(Described):
    """A record with what is in the books about it, newest first."""

    record: ErrorRecord
    verdicts: list[AuditedVerdict]
    outcomes: list[ErrorOutcome]
    partial: Literal[True] | None = Field(None, description="the books can't be read now")


class RulePredicate(Described):
    """One condition of a rule."""

    kind: Annotated[str, Field(json_schema_extra=_one_of(*PredicateKind))]
    field: str = Field(description="dotted path into the call")
    argument: Any = Field(description="its shape follows from kind")
    ignore_case: bool


class ErrorRule(ErrorEntry):
    """Conditions under which an operation fails."""

    predicates: list[RulePredicate] = Field(description="all must hold")
    record_ids: list[str] = Field(description="the records it was made from")
    title: str = Field(description="one line for people")


class ErrorRules(Described):
    """All rules."""

    rules: list[ErrorRule]


class FirewallStatistics(Described):
    """The firewall's numbers in the process that answers, since its start."""

    checks: int = Field(ge=0)
    passes: int = Field(ge=0)
    warns: int = Field(ge=0)
    blocks: int = Field(ge=0)
    would_block: int = Field(ge=0, description="dry runs that would have blocked")
    overrides: int = Field(ge=0, description="blocks that somebody let run")
    false_blocks: int = Field(ge=0, description="what was blocked, and would have succeeded or did")
    false_warnings: int = Field(ge=0, description="what was warned about, and succeeded")
    false_block_rate: float | None = Field(None, description="false_blocks by all blocks; absent without any")
    degraded_checks: int = Field(ge=0, description="checks that could not be made as they should")
    recorded: int = Field(ge=0, description="errors recorded")
    failed: int = Field(ge=0, description="errors and outcomes that could not be recorded")
    unwritten: int = Field(ge=0, description="verdicts and others that never reached the database")
    entries: int = Field(ge=0, description="records and rules known now")
    records: dict[str, int] = Field(description="records by status")
    rules: dict[str, int] = Field(description="rules by status")
    dry_run: bool
    fail_mode: Annotated[str, Field(json_schema_extra=_one_of(*FailMode))]
    degraded: bool = Field(description="checks can't be made as they should now")
    problem: str | None = Field(None, description="why")


class EnvironmentResource(Described):
    """What the environment really has of one kind."""

    name: str
    items: list[dict[str, Any]]
    covers: dict[str, dict[str, str]] = Field(
        description="operation → field of an item → field of the call: entries of the operation without a requirement "
        "of their own have this one"
    )
    updated_at: Timestamp
    changed_by: str | None = None


class EnvironmentResources(Described):
    """All resources."""

    resources: list[EnvironmentResource]
