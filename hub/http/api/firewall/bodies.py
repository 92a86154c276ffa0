"""What requests to the error firewall's API carry."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from channels.messages.fields import Name as Visible
from channels.messages.fields import Timestamp
from hub.http.api.bodies import Body, Query
from integrations.error_firewall.model import Decision, FailMode, Predicate, PredicateKind, Requirement, Solution

Operation = Annotated[str, Field(min_length=1, max_length=200, description="what runs, such as ios_build")]
Reason = Annotated[str, Field(min_length=1, max_length=1_000, description="why; it is kept")]
Given = dict[str, Any]
Seconds = Annotated[float, Field(gt=0, le=3.2e9, strict=False)]

_CALL: Given = {"operation": "ios_build", "params": {"device": "iPhone 15", "os_version": "17.0"}}


class CheckBody(Body):
    """A call that is about to be made."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CALL]})

    operation: Operation
    params: Given = Field({}, description="parameters; secrets in them are taken out before anything is kept")
    context: Given = Field({}, description="what is known about the call besides, such as the branch")


class OverrideBody(CheckBody):
    """A call that is to be made although it may be blocked."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CALL | {"reason": "the simulator was just installed"}]})

    reason: Reason


class SolutionBody(Body):
    """What to do instead."""

    text: str = Field(min_length=1, max_length=4_000, description="for people")
    params: Given = Field({}, description="parameters to use instead, for programs")

    @property
    def solution(self) -> Solution:
        """As the firewall takes it."""
        return Solution(self.text, self.params)


class ReportBody(CheckBody):
    """An error that happened."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_CALL | {"error_type": "DeviceNotFound", "message": "no simulator iPhone 15 with iOS 17.0"}]
        }
    )

    error_type: str = Field(min_length=1, max_length=200, description="such as DeviceNotFound")
    message: str = Field("", max_length=100_000, description="text of the error; what is too long is cut")
    solution: SolutionBody | None = None


class NewSolutionBody(SolutionBody):
    """A solution, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "iPhone 15 Pro, 17.2", "params": {"device": "iPhone 15 Pro", "os_version": "17.2"}}]
        }
    )

    reason: Reason | None = None


class ChangeBody(Body):
    """Why an entry is changed. All of it is optional, and so is the body."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "seen on three machines"}]})

    reason: Reason | None = None


class StepBody(ChangeBody):
    """Why an entry goes a step further, and its solution if it isn't known yet."""

    solution: SolutionBody | None = None


class ConfirmBody(StepBody):
    """Why an entry is confirmed."""

    force: bool = Field(False, description="also when it would have blocked calls that succeeded lately")


class OutcomeBody(Body):
    """What became of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "worked"}]})

    kind: Literal["worked", "did_not", "repeated", "false_block"] = Field(
        description="worked, did_not: the solution was used, and the operation succeeded or failed; repeated: it ran "
        "nevertheless, and failed again; false_block: it was stopped or warned about, and would have succeeded"
    )
    check_id: Visible | None = Field(None, description="the check that it belongs to")
    reason: Reason | None = None


class PredicateBody(Body):
    """One condition."""

    kind: Literal["equals", "one_of", "range", "version", "regex"]
    field: str = Field(min_length=1, max_length=200, description="dotted path into the call: params.device")
    argument: Any = Field(
        description="equals: a scalar; one_of: a list of scalars; range: [low, high], null for no bound; version: "
        "constraints such as >=17,<17.2; regex: a pattern"
    )
    ignore_case: bool = False

    @property
    def predicate(self) -> Predicate:
        """As the firewall takes it."""
        return Predicate(PredicateKind(self.kind), self.field, self.argument, self.ignore_case)


class RequirementBody(Body):
    """What, once the environment has it, makes a block pointless."""

    resource: Visible
    fields: dict[Visible, Visible] = Field(
        min_length=1, max_length=20, description="field of the resource's items → field of the call"
    )

    @property
    def requirement(self) -> Requirement:
        """As the firewall takes it."""
        return Requirement(self.resource, dict(self.fields))


class RuleBody(Body):
    """A rule. What is left out has its default, also when an existing rule is replaced."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "operation": "ios_build",
                    "error_type": "DeviceNotFound",
                    "title": "iPhone 15 needs iOS 17.2",
                    "predicates": [
                        {"kind": "equals", "field": "params.device", "argument": "iPhone 15"},
                        {"kind": "version", "field": "params.os_version", "argument": ">=17,<17.2"},
                    ],
                    "solution": {"text": "iPhone 15 Pro, 17.2"},
                }
            ]
        }
    )

    operation: Operation
    error_type: str = Field(min_length=1, max_length=200)
    title: str = Field("", max_length=200, description="one line for people")
    predicates: list[PredicateBody] = Field(min_length=1, max_length=20, description="all must hold")
    record_ids: list[Visible] = Field([], max_length=100, description="the records it is made from")
    solution: SolutionBody | None = None
    action: Literal["block", "warn"] = Field("block", description="what it says when confirmed")
    requirement: RequirementBody | None = None
    fail_mode: Literal["open", "closed"] | None = Field(None, description="in place of error_firewall.fail_mode")
    seconds: Seconds | None = Field(None, description="how long it holds; for good without it")
    reason: Reason | None = None

    @property
    def what_it_says(self) -> Decision:
        """The action, as the firewall takes it."""
        return Decision(self.action)

    @property
    def mode(self) -> FailMode | None:
        """The fail mode, as the firewall takes it."""
        return None if self.fail_mode is None else FailMode(self.fail_mode)


class RuleChangeBody(ChangeBody):
    """What a rule is to say. Fields that are absent stay as they are; null takes a field's value away."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"action": "warn", "reason": "too many false blocks"}]})

    solution: SolutionBody | None = None
    action: Literal["block", "warn"] = "block"
    requirement: RequirementBody | None = None
    fail_mode: Literal["open", "closed"] | None = None
    seconds: Seconds | None = Field(None, description="how long it holds from now; for good with null")

    def changes(self, now: float) -> dict[str, Any]:
        """Return what is to change. `now`: seconds since 1970."""
        changes: dict[str, Any] = {
            "solution": self.solution and self.solution.solution,
            "action": Decision(self.action),
            "requirement": self.requirement and self.requirement.requirement,
            "fail_mode": self.fail_mode and FailMode(self.fail_mode),
            "expires_at": self.seconds and now + self.seconds,
        }
        given = {"expires_at" if name == "seconds" else name for name in self.model_fields_set}
        return {name: value for name, value in changes.items() if name in given}


class ResourceBody(Body):
    """What the environment has of one kind, in place of what was reported before."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [{"name": "iPhone 15 Pro", "os": "17.2"}],
                    "covers": {"ios_build": {"name": "params.device", "os": "params.os_version"}},
                }
            ]
        }
    )

    items: list[Given] = Field(max_length=10_000)
    covers: dict[Visible, dict[Visible, Visible]] = Field(
        {}, max_length=100, description="operation → field of an item → field of the call"
    )

    @model_validator(mode="after")
    def _no_empty_cover(self) -> ResourceBody:
        for operation, fields in self.covers.items():
            if not fields:
                raise ValueError(f"covers.{operation}: expected at least one field")
        return self


class RecordsQuery(Query):
    """Which records."""

    status: Literal["observed", "suggested", "confirmed", "retired"] | None = None
    operation: str | None = None
    text: str | None = Field(None, max_length=200, description="in id, type, message or solution, in any case")
    limit: int = Field(100, ge=0, le=1_000, description="records at most")
    offset: int = Field(0, ge=0, description="records to leave out at the beginning")


class VerdictsQuery(Query):
    """Which verdicts."""

    operation: str | None = None
    entry: str | None = Field(None, description="id of the record or rule that matched")
    decision: Literal["allow", "warn", "block"] | None = None
    before: Timestamp | None = Field(None, description="only older ones; UTC, ISO 8601")
    limit: int = Field(100, ge=1, le=1_000, description="verdicts at most")
