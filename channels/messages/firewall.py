"""What the error firewall saw, said and learned."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from channels.messages.fields import Amount, Count, Message, Name, Text

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class FirewallMessage(Message):
    """What all of them tell. The first five fields and `status` are always there; null where there is nothing."""

    error_id: Name | None = Field(description="the recorded error, by its readable id; null: none matched")
    error_scene: Name = Field(description="the operation in which it happens")
    error_type: Name | None = Field(description="such as DeviceNotFound; null: none matched")
    solution: Text | None = Field(description="what to do instead; null: none is known")
    confidence: Share | None = Field(description="0 to 1: mean of the posterior of the outcomes; null: none matched")
    operation: Name = Field(description="the operation, as the program names it")
    why: Text = Field(description="the reason, for people")
    match: Literal["exact", "rule", "similar"] | None = Field(None, description="how it was found")
    score: Share | None = Field(None, description="similarity, 0 to 1; 1 for an exact match or a rule")
    rule_id: Name | None = Field(None, description="the rule that matched")
    check_id: Name | None = Field(None, description="the check, as the audit names it")
    stage: Literal["observed", "suggested", "confirmed", "retired"] | None = Field(
        None, description="how far the record or rule is in its life"
    )
    successes: Count | None = Field(None, description="outcomes that speak for it")
    failures: Count | None = Field(None, description="outcomes that speak against it")
    occurrences: Count | None = Field(None, description="times the error was seen")


class CheckMessage(FirewallMessage):
    """What the messages of a check tell besides."""

    ms: Amount | None = Field(None, description="time the check took, in milliseconds")
    degraded: bool = Field(False, description="the check could not be made as it should; why says what was wrong")
    dry_run: bool = Field(False, description="it would have been blocked, were this no dry run")


class ErrorRecorded(FirewallMessage):
    """An error was seen."""

    type: ClassVar[str] = "error_recorded"

    status: Literal["recorded"]
    message: Text | None = Field(None, description="the error's text, cut and without secrets")
    count: Count = Field(1, description="errors since the last such message of the process, this one included")


class ErrorWarned(CheckMessage):
    """An operation goes on, but something like it failed before."""

    type: ClassVar[str] = "error_warned"

    status: Literal["warned"]


class ErrorBlocked(CheckMessage):
    """An operation that is known to fail was stopped before it ran."""

    type: ClassVar[str] = "error_blocked"

    status: Literal["blocked"]


class ErrorPassed(CheckMessage):
    """An operation was checked, and nothing is known against it."""

    type: ClassVar[str] = "error_passed"

    status: Literal["passed"]
    count: Count = Field(1, description="checks that passed since the last such message, this one included")


class ErrorOverridden(CheckMessage):
    """A blocked operation runs, because somebody said so."""

    type: ClassVar[str] = "error_overridden"

    status: Literal["overridden"]
    actor: Name = Field(description="who said so")
    reason: Text = Field(description="and why")


class SolutionConfirmed(FirewallMessage):
    """A record or a rule was confirmed: from now on it blocks."""

    type: ClassVar[str] = "solution_confirmed"

    status: Literal["confirmed"]
    actor: Name = Field(description="who confirmed it")
    reason: Text | None = Field(None, description="and why")
