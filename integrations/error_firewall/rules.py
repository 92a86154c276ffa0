"""Rules made ready to be asked: each predicate becomes a function of a call.

Patterns run on Rust's `regex` (as pydantic has it), whose time is linear in the text whatever the pattern; so
look-around and back-references don't exist. Texts are bounded, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import SchemaError, SchemaValidator, core_schema

from integrations.error_firewall.call import Call
from integrations.error_firewall.model import Predicate, PredicateKind, Rule
from integrations.error_firewall.redaction import LONGEST, has_marker
from integrations.error_firewall.versions import InvalidConstraint, parse_constraint, satisfies

MOST_PREDICATES: Final = 20
MOST_CHOICES: Final = 1_000
"""Values of a `one_of`."""
LONGEST_PATTERN: Final = 500
"""Characters of a regular expression."""

_ABSENT: Final = object()
Test = Callable[[Any], bool]


class InvalidRule(ValueError):
    """A rule can't be read. Its text says which condition, what was expected and what came."""


def scalar_key(value: Any, fold: bool = False) -> Hashable:
    """Tell scalars apart as JSON does: `1`, `true` and `"1"` are three; `1` and `1.0` are one."""
    if isinstance(value, str):
        return ("fold", value.casefold()) if fold else ("text", value)
    if isinstance(value, bool) or value is None:
        return ("word", value)
    return ("number", value)


def path_of(field: str) -> tuple[str, ...]:
    """Split `params.target.os` into its parts; what begins with neither `params` nor `context` is a parameter."""
    parts = tuple(field.split("."))
    return parts if len(parts) > 1 and parts[0] in ("params", "context") else ("params", *parts)


def value_at(call: Call, path: tuple[str, ...]) -> Any:
    """Return what a call has at a path, or an object that equals nothing."""
    value: Any = call.params if path[0] == "params" else call.context
    for part in path[1:]:
        if not isinstance(value, Mapping) or part not in value:
            return _ABSENT
        value = value[part]
    return value


@dataclass(frozen=True, slots=True)
class CompiledPredicate:
    """A predicate that can be asked. `keys` are what equality can be looked up by; empty for all other kinds."""

    path: tuple[str, ...]
    test: Test
    keys: tuple[Hashable, ...] = ()

    def holds(self, call: Call) -> bool:
        """Tell whether the call fulfils it. A field that is absent, or was replaced by a marker, doesn't."""
        value = value_at(call, self.path)
        return value is not _ABSENT and not has_marker(value) and self.test(value)


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule that can be asked."""

    rule: Rule
    predicates: tuple[CompiledPredicate, ...]
    error: str = ""

    def holds(self, call: Call) -> bool:
        """Tell whether all conditions hold.

        Raises:
            InvalidRule: the rule can't be read, and was kept so that this shows.
        """
        if self.error:
            raise InvalidRule(self.error)
        return all(predicate.holds(call) for predicate in self.predicates)


def compile_rule(rule: Rule) -> CompiledRule:
    """Make a rule ready.

    Raises:
        InvalidRule: it has no or too many conditions, or one that can't be read.
    """
    if not 1 <= len(rule.predicates) <= MOST_PREDICATES:
        raise InvalidRule(f"{rule.id}: expected 1 to {MOST_PREDICATES} conditions; came {len(rule.predicates)}")
    return CompiledRule(rule, tuple(compile_predicate(predicate) for predicate in rule.predicates))


def compile_predicate(predicate: Predicate) -> CompiledPredicate:
    """Make one condition ready.

    Raises:
        InvalidRule: naming its field.
    """
    path = path_of(predicate.field)
    if not all(path):
        raise InvalidRule(f"expected a dotted path such as params.device; came {predicate.field[:80]!r}")
    try:
        return _MAKERS[predicate.kind](path, predicate.argument, predicate.ignore_case)
    except (InvalidRule, InvalidConstraint) as error:
        raise InvalidRule(f"{predicate.field[:80]}: {error}") from None


def _equality(path: tuple[str, ...], argument: Any, fold: bool) -> CompiledPredicate:
    return _choice(path, [argument], fold)


def _choice(path: tuple[str, ...], argument: Any, fold: bool) -> CompiledPredicate:
    if not isinstance(argument, list | tuple) or not 1 <= len(argument) <= MOST_CHOICES:
        raise InvalidRule(f"expected a list of 1 to {MOST_CHOICES} values; came {_short(argument)}")
    for value in argument:
        if not (value is None or isinstance(value, str | bool | int | float)):
            raise InvalidRule(f"expected text, a number, true, false or null; came {_short(value)}")
    keys = frozenset(scalar_key(value, fold) for value in argument)

    def test(value: Any) -> bool:
        return not isinstance(value, dict | list) and scalar_key(value, fold) in keys

    return CompiledPredicate(path, test, tuple(keys))


def _range(path: tuple[str, ...], argument: Any, _fold: bool) -> CompiledPredicate:
    if not isinstance(argument, list | tuple) or len(argument) != 2 or not all(map(_is_bound, argument)):
        raise InvalidRule(f"expected [low, high], numbers or null for no bound; came {_short(argument)}")
    low = -math.inf if argument[0] is None else argument[0]
    high = math.inf if argument[1] is None else argument[1]
    if low > high:
        raise InvalidRule(f"expected low not above high; came {_short(argument)}")
    return CompiledPredicate(path, lambda value: _is_number(value) and low <= value <= high)


def _version(path: tuple[str, ...], argument: Any, _fold: bool) -> CompiledPredicate:
    if not isinstance(argument, str):
        raise InvalidRule(f"expected a version constraint such as '>=17,<17.2'; came {_short(argument)}")
    parse_constraint(argument)
    return CompiledPredicate(path, lambda value: _is_version(value) and satisfies(value, argument))


def _regex(path: tuple[str, ...], argument: Any, fold: bool) -> CompiledPredicate:
    if not isinstance(argument, str) or not 1 <= len(argument) <= LONGEST_PATTERN:
        raise InvalidRule(f"expected a pattern of 1 to {LONGEST_PATTERN} characters; came {_short(argument)}")
    pattern = f"(?i){argument}" if fold else argument
    try:
        validator = SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex", strict=True))
    except SchemaError as error:
        told = str(error).splitlines()[-1].removeprefix("error: ").strip()
        raise InvalidRule(f"expected a pattern without look-around and back-references; {told[:200]}") from None
    return CompiledPredicate(
        path, lambda value: isinstance(value, str) and validator.isinstance_python(value[:LONGEST])
    )


_MAKERS: Final[dict[PredicateKind, Callable[[tuple[str, ...], Any, bool], CompiledPredicate]]] = {
    PredicateKind.EQUALS: _equality,
    PredicateKind.ONE_OF: _choice,
    PredicateKind.RANGE: _range,
    PredicateKind.VERSION: _version,
    PredicateKind.REGEX: _regex,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_version(value: Any) -> bool:
    return isinstance(value, str) or _is_number(value)


def _is_bound(value: Any) -> bool:
    return value is None or (_is_number(value) and math.isfinite(value))


def _short(value: Any) -> str:
    shown = repr(value) if isinstance(value, str | int | float | bool | None) else f"a {type(value).__name__}"
    return shown[:80]
