"""What may block: a record or rule that is about something in particular.

A rule whose only condition is `operation: build` would stop every build. It is refused when it is confirmed, with what
is missing; as a warning (`action: warn`) it may be as broad as one likes.
"""

from __future__ import annotations

from typing import Any, Final

from integrations.error_firewall.model import Decision, Entry, Predicate, PredicateKind, Record, Rule
from integrations.error_firewall.redaction import has_marker
from integrations.error_firewall.rules import compile_predicate, path_of

ENOUGH: Final = 2
"""Points that a rule needs: one equality on a telling parameter, or two weaker conditions on telling parameters."""

_MANY: Final = 20
"""Choices above which a `one_of` counts as a weak condition."""

_GENERIC_FIELDS: Final = frozenset(
    {
        "action", "arch", "branch", "category", "cmd", "command", "config", "configuration", "debug", "dry_run", "env",
        "environment", "force", "host", "kind", "lang", "language", "method", "mode", "operation", "os", "platform",
        "project", "repo", "repository", "scene", "stage", "target", "task", "type", "user", "verbose",
    }
)  # fmt: skip
"""Parameters that say what kind of thing is done, and nothing of what is wrong with it."""

_GENERIC_WORDS: Final = frozenset(
    {
        "", "*", "all", "any", "build", "debug", "default", "deploy", "dev", "false", "latest", "main", "master", "no",
        "none", "null", "off", "on", "prod", "production", "release", "run", "staging", "start", "test", "true", "yes",
    }
)  # fmt: skip
_PROBES: Final = ("", "a", "0", "build", "hello world", "/usr/bin/x", "Some-Name_42")


class TooBroad(ValueError):
    """A record or rule would block more than the error it was made for. Its text says what to add."""


def require_specific(entry: Entry) -> None:
    """Refuse to let an entry block when it isn't about something in particular.

    Raises:
        TooBroad: what was expected, what it has, what to do.
    """
    if entry.action is not Decision.BLOCK:
        return
    if isinstance(entry, Record):
        _require_specific_record(entry)
    elif isinstance(entry, Rule) and sum(map(points, entry.predicates)) < ENOUGH:
        conditions = ", ".join(f"{p.field} {p.kind} {str(p.argument)[:40]!r}" for p in entry.predicates[:5])
        raise TooBroad(
            f"{entry.id}: expected conditions that tell this error from other calls of {entry.operation!r}; came only "
            f"{conditions}. Add a condition on a parameter that causes the error (such as params.device), or let it "
            "warn instead (action: warn)."
        )


def _require_specific_record(record: Record) -> None:
    if has_marker(record.params):
        raise TooBroad(
            f"{record.id}: expected parameters that can be compared; some are secret or have no stable form. "
            "Make a rule of those that cause the error, and confirm that."
        )
    if not any(_tells(f"params.{name}", value) for name, value in record.params.items()):
        raise TooBroad(
            f"{record.id}: expected a parameter that tells this call from other calls of {record.operation!r}; came "
            f"{', '.join(record.params) or 'none'}. Record the parameters that cause the error, or make a rule of them."
        )


def _tells(field: str, value: Any) -> bool:
    if path_of(field)[-1].casefold() in _GENERIC_FIELDS:
        return False
    if isinstance(value, str):
        return value.strip().casefold() not in _GENERIC_WORDS
    return not (value is None or isinstance(value, bool) or value in (0, 1, {}, []))


def points(predicate: Predicate) -> int:
    """Weigh one condition: 2 for a telling equality, 1 for a weaker condition, 0 for one that means nothing."""
    kind, argument = predicate.kind, predicate.argument
    in_context = path_of(predicate.field)[0] == "context"
    if kind in (PredicateKind.EQUALS, PredicateKind.ONE_OF):
        choices = argument if kind is PredicateKind.ONE_OF else [argument]
        weight = 2 if len(choices) <= _MANY and not in_context else 1
        return weight if all(_tells(predicate.field, choice) for choice in choices) else 0
    if kind is PredicateKind.RANGE:
        return 0 if list(argument) == [None, None] else 1
    if kind is PredicateKind.REGEX:
        test = compile_predicate(predicate).test
        return 0 if test("") or sum(map(test, _PROBES)) > 1 else 1
    return 1
