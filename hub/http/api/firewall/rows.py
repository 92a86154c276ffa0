"""The error firewall's rows of `hub.http.api.table`."""

from __future__ import annotations

from typing import Any, Final

from channels.errors import ErrorCode
from hub.descriptions import Described
from hub.http.api.bodies import Body, Query
from hub.http.api.endpoint import Endpoint, Who
from hub.http.api.firewall import answers, bodies, checks, environment, records, rules

_BASE: Final = "/api/firewall"
_OFF: Final = (ErrorCode.NOT_FOUND, ErrorCode.UNKNOWN_CHANNEL)
_CHANGE: Final = (ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, ErrorCode.INVALID_DATA, ErrorCode.UNAVAILABLE)


def _row(
    method: str,
    path: str,
    summary: str,
    handler: Any,
    answer: type[Described] | None,
    *,
    who: Who = Who.CALLER,
    body: type[Body] | None = None,
    optional: bool = False,
    query: type[Query] | None = None,
    errors: tuple[ErrorCode, ...] = (),
) -> Endpoint[Any, Any]:
    # What callers may do depends on the channel, so they may be told that there is none.
    refusals = dict.fromkeys((*(_OFF if who is Who.CALLER else (ErrorCode.NOT_FOUND,)), *errors))
    return Endpoint(
        method,
        _BASE + path,
        summary,
        handler,
        who,
        "firewall",
        answer,
        body=body,
        body_optional=optional,
        query=query,
        errors=tuple(refusals),
    )


def _step(path: str, summary: str, handler: Any, answer: type[Described], body: type[Body]) -> Endpoint[Any, Any]:
    """A change of a record or rule, for operators; its body is optional."""
    return _row("POST", path, summary, handler, answer, who=Who.OPERATOR, body=body, optional=True, errors=_CHANGE)


_UNAVAILABLE: Final = (ErrorCode.UNAVAILABLE,)
_RECORD: Final = answers.ErrorRecord
_RULE: Final = answers.ErrorRule

ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    _row(
        "POST",
        "/check",
        "Ask whether an operation may run",
        checks.check_operation,
        answers.FirewallVerdict,
        body=bodies.CheckBody,
    ),
    _row(
        "POST",
        "/override",
        "Let a blocked operation run",
        checks.override_block,
        answers.FirewallVerdict,
        body=bodies.OverrideBody,
    ),
    _row(
        "POST",
        "/records",
        "Record an error",
        checks.record_error,
        _RECORD,
        body=bodies.ReportBody,
        errors=_UNAVAILABLE,
    ),
    _row(
        "GET",
        "/records",
        "Find recorded errors",
        records.list_records,
        answers.ErrorRecords,
        query=bodies.RecordsQuery,
    ),
    _row("GET", "/records/{record}", "Describe a recorded error", records.get_record, answers.ErrorRecordDetails),
    _row(
        "POST",
        "/records/{record}/solution",
        "Say what to do instead",
        records.set_solution,
        _RECORD,
        who=Who.OPERATOR,
        body=bodies.NewSolutionBody,
        errors=_CHANGE,
    ),
    _step(
        "/records/{record}/suggest",
        "Propose a record for confirmation",
        records.suggest_record,
        _RECORD,
        bodies.StepBody,
    ),
    _step(
        "/records/{record}/confirm",
        "Confirm a record: it blocks",
        records.confirm_record,
        _RECORD,
        bodies.ConfirmBody,
    ),
    _step(
        "/records/{record}/retire",
        "Retire a record: it says nothing",
        records.retire_record,
        _RECORD,
        bodies.ChangeBody,
    ),
    _row(
        "POST",
        "/records/{record}/outcomes",
        "Say what came of it",
        records.report_outcome,
        _RECORD,
        body=bodies.OutcomeBody,
        errors=(ErrorCode.CONFLICT, ErrorCode.UNAVAILABLE),
    ),
    _row("GET", "/rules", "List rules", rules.list_rules, answers.ErrorRules),
    _row(
        "POST",
        "/rules",
        "Make a rule",
        rules.make_rule,
        _RULE,
        who=Who.OPERATOR,
        body=bodies.RuleBody,
        errors=_CHANGE,
    ),
    _row("GET", "/rules/{rule}", "Describe a rule", rules.get_rule, _RULE),
    _row(
        "PUT",
        "/rules/{rule}",
        "Change what a rule says",
        rules.change_rule,
        _RULE,
        who=Who.OPERATOR,
        body=bodies.RuleChangeBody,
        errors=_CHANGE,
    ),
    _row("DELETE", "/rules/{rule}", "Drop a rule", rules.delete_rule, None, who=Who.OPERATOR, errors=_UNAVAILABLE),
    _step("/rules/{rule}/confirm", "Confirm a rule: it blocks", rules.confirm_rule, _RULE, bodies.ConfirmBody),
    _step(
        "/rules/{rule}/retire",
        "Retire a rule: it says nothing",
        rules.retire_rule,
        _RULE,
        bodies.ChangeBody,
    ),
    _row(
        "GET",
        "/verdicts",
        "Read the books",
        checks.list_verdicts,
        answers.AuditedVerdicts,
        who=Who.OPERATOR,
        query=bodies.VerdictsQuery,
        errors=_UNAVAILABLE,
    ),
    _row("GET", "/stats", "The firewall's numbers", checks.get_firewall_stats, answers.FirewallStatistics),
    _row(
        "GET",
        "/environment",
        "List what the environment has",
        environment.list_environment,
        answers.EnvironmentResources,
    ),
    _row(
        "GET",
        "/environment/{resource}",
        "Tell what the environment has of one kind",
        environment.get_environment,
        answers.EnvironmentResource,
    ),
    _row(
        "PUT",
        "/environment/{resource}",
        "Report what the environment has of one kind",
        environment.put_environment,
        answers.EnvironmentResource,
        body=bodies.ResourceBody,
        errors=(ErrorCode.CONFLICT, ErrorCode.UNAVAILABLE),
    ),
)
"""The rows of `hub.http.api.table`."""
