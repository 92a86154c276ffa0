"""Entries as rows of the table, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from integrations.error_firewall.model import (
    Decision,
    Entry,
    Evidence,
    FailMode,
    Fingerprints,
    Predicate,
    PredicateKind,
    Record,
    Requirement,
    Rule,
    Solution,
    Status,
)
from integrations.error_firewall.postgres.json_text import dumps, loads, plain

COLUMNS: Final = (
    "id",
    "kind",
    "operation",
    "error_type",
    "status",
    "message",
    "solution",
    "context",
    "body",
    "worked",
    "did_not",
    "repeated",
    "overridden",
    "false_blocks",
    "occurrences",
    "created_at",
    "updated_at",
    "first_seen",
    "last_seen",
    "expires_at",
)
"""Those that the program fills, in the order of `row_of`. `change` and `version` are the store's own."""

Row = Mapping[str, Any]


def row_of(entry: Entry) -> tuple[Any, ...]:
    """Write an entry as the values of `COLUMNS`.

    Raises:
        TypeError: it is neither a record nor a rule.
        ValueError: a value in it is not JSON.
    """
    evidence = entry.evidence
    if isinstance(entry, Record):
        kind, message, context, body = "record", entry.message, entry.context, _record_body(entry)
        occurrences, first_seen, last_seen = entry.occurrences, entry.first_seen, entry.last_seen
    elif isinstance(entry, Rule):
        kind, message, context, body = "rule", entry.title, {}, _rule_body(entry)
        occurrences, first_seen, last_seen = 0, entry.created_at, entry.created_at
    else:
        raise TypeError(f"expected a Record or a Rule, got {type(entry).__name__}")
    return (
        plain(entry.id),
        kind,
        plain(entry.operation),
        plain(entry.error_type),
        entry.status.value,
        plain(message),
        _solution_text(entry.solution),
        dumps(dict(context)),
        dumps(body),
        evidence.worked,
        evidence.did_not,
        evidence.repeated,
        evidence.overridden,
        evidence.false_blocks,
        occurrences,
        entry.created_at,
        entry.updated_at,
        first_seen,
        last_seen,
        entry.expires_at,
    )


def entry_of(row: Row) -> Record | Rule:
    """Read an entry."""
    body = loads(row["body"])
    requirement = body.get("requirement")
    fail_mode = body.get("fail_mode")
    shared: dict[str, Any] = {
        "id": row["id"],
        "operation": row["operation"],
        "error_type": row["error_type"],
        "solution": solution_of(None if row["solution"] is None else loads(row["solution"])),
        "status": Status(row["status"]),
        "action": Decision(body["action"]),
        "evidence": Evidence(row["worked"], row["did_not"], row["repeated"], row["overridden"], row["false_blocks"]),
        "requirement": None if requirement is None else Requirement(requirement["resource"], requirement["fields"]),
        "fail_mode": None if fail_mode is None else FailMode(fail_mode),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "expires_at": row["expires_at"],
        "changed_by": body.get("changed_by"),
        "reason": body.get("reason"),
        "version": row["version"],
    }
    if row["kind"] == "rule":
        return Rule(
            **shared,
            predicates=tuple(_predicate_of(predicate) for predicate in body["predicates"]),
            record_ids=tuple(body["record_ids"]),
            title=row["message"],
        )
    return Record(
        **shared,
        fingerprints=Fingerprints(**body["fingerprints"]),
        message=row["message"],
        params=body["params"],
        context=loads(row["context"]),
        frames=tuple(body["frames"]),
        occurrences=row["occurrences"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
    )


def solution_dict(solution: Solution | None) -> dict[str, Any] | None:
    """Write a solution as JSON."""
    return None if solution is None else {"text": solution.text, "params": dict(solution.params)}


def solution_of(value: Mapping[str, Any] | None) -> Solution | None:
    """Read a solution."""
    return None if value is None else Solution(value["text"], value["params"])


def _solution_text(solution: Solution | None) -> str | None:
    return None if solution is None else dumps(solution_dict(solution))


def _shared_body(entry: Entry) -> dict[str, Any]:
    requirement = entry.requirement
    optional = {
        "requirement": requirement and {"resource": requirement.resource, "fields": dict(requirement.fields)},
        "fail_mode": entry.fail_mode and entry.fail_mode.value,
        "changed_by": entry.changed_by,
        "reason": entry.reason,
    }
    return {"action": entry.action.value} | {name: value for name, value in optional.items() if value is not None}


def _record_body(record: Record) -> dict[str, Any]:
    prints = record.fingerprints
    return _shared_body(record) | {
        "fingerprints": {
            "call": prints.call,
            "exact": prints.exact,
            "family": prints.family,
            "algorithm": prints.algorithm,
        },
        "params": dict(record.params),
        "frames": list(record.frames),
    }


def _rule_body(rule: Rule) -> dict[str, Any]:
    return _shared_body(rule) | {
        "predicates": [_predicate_dict(predicate) for predicate in rule.predicates],
        "record_ids": list(rule.record_ids),
    }


def _predicate_dict(predicate: Predicate) -> dict[str, Any]:
    return {
        "kind": predicate.kind.value,
        "field": predicate.field,
        "argument": predicate.argument,
        "ignore_case": predicate.ignore_case,
    }


def _predicate_of(value: Mapping[str, Any]) -> Predicate:
    kind = PredicateKind(value["kind"])
    return Predicate(kind, value["field"], value["argument"], value["ignore_case"])
