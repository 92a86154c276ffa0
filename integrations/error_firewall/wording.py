"""Why a verdict is what it is, for people."""

from __future__ import annotations

from integrations.error_firewall.matching import Finding
from integrations.error_firewall.model import Decision, Entry, MatchKind, Predicate, PredicateKind, Record, Rule, Status

_SHOWN = 200
"""Characters of an error's text that a reason quotes."""


def why(finding: Finding, problems: list[str], *, dry_run: bool, overridden: str | None) -> str:
    """Say why; never empty. `overridden` is the reason that was given for letting it run."""
    parts = [_found(finding)]
    if finding.decision is Decision.BLOCK and overridden is not None:
        parts.insert(0, f"Overridden ({overridden}).")
    elif finding.decision is Decision.BLOCK and dry_run:
        parts.insert(0, "Would be blocked, but this is a dry run.")
    if problems:
        parts.append(f"Degraded: {'; '.join(problems)}.")
    return " ".join(parts)


def _found(finding: Finding) -> str:
    entry = finding.entry
    if entry is None:
        if finding.ended:
            return f"{finding.ended[0]} no longer applies: the environment has what it missed."
        return "Nothing is known against it."
    if finding.kind is MatchKind.SIMILAR:
        return f"It looks like a call that failed with {entry.error_type} (similarity {finding.score:.2f})."
    told = _rule(entry) if isinstance(entry, Rule) else _record(entry)
    return f"{told} {_standing(entry)}"


def _record(entry: Entry) -> str:
    if not isinstance(entry, Record):
        return f"{entry.id} applies."
    times = "once" if entry.occurrences == 1 else f"{entry.occurrences} times"
    text = f": {entry.message[:_SHOWN]}" if entry.message else ""
    return f"The same call failed {times} with {entry.error_type}{text}".rstrip(".") + "."


def _rule(rule: Rule) -> str:
    conditions = ", ".join(condition(predicate) for predicate in rule.predicates[:5])
    return f"{rule.title or rule.error_type}: {conditions}."


def _standing(entry: Entry) -> str:
    if entry.status is Status.CONFIRMED:
        by = f" by {entry.changed_by}" if entry.changed_by else ""
        return f"Confirmed{by}."
    return "Nobody has confirmed that it always does." if entry.status is Status.OBSERVED else "Not confirmed yet."


def condition(predicate: Predicate) -> str:
    """Write one condition."""
    field, argument = predicate.field.removeprefix("params."), predicate.argument
    if predicate.kind is PredicateKind.EQUALS:
        return f"{field} is {str(argument)[:80]}"
    if predicate.kind is PredicateKind.ONE_OF:
        return f"{field} is one of {', '.join(map(str, argument[:5]))[:80]}"
    if predicate.kind is PredicateKind.RANGE:
        low, high = argument
        return f"{field} is between {'any' if low is None else low} and {'any' if high is None else high}"
    return f"{field} {'is version' if predicate.kind is PredicateKind.VERSION else 'matches'} {str(argument)[:80]}"
