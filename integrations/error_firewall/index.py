"""All records and rules in memory, found in constant time.

Readers take no lock: they look names up, and copy the few values behind one before they go through them. Writers take
turns.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from integrations.error_firewall.call import Call
from integrations.error_firewall.fingerprints import ALGORITHM, call_fingerprint
from integrations.error_firewall.model import Entry, Record, Rule
from integrations.error_firewall.rules import CompiledRule, InvalidRule, compile_rule, scalar_key

Key = tuple[tuple[str, ...], Hashable]
MOST_RELATIVES: Final = 50
"""Records of a family that are found by it."""

_NONE: Final[Mapping[str, CompiledRule]] = {}


@dataclass(slots=True)
class _Rules:
    """The rules of one operation: those with an equality under one of its values, the others in a list."""

    keyed: dict[Key, dict[str, CompiledRule]] = field(default_factory=dict)
    scanned: dict[str, CompiledRule] = field(default_factory=dict)
    places: dict[str, tuple[Key, ...]] = field(default_factory=dict)

    def place_for(self, compiled: CompiledRule) -> tuple[Key, ...]:
        """Choose the equality with the fewest rules beside it: a value that all rules share finds none of them."""
        choices = [
            tuple((predicate.path, key) for key in predicate.keys)
            for predicate in compiled.predicates
            if predicate.keys
        ]
        return min(choices, key=self.crowd, default=())

    def crowd(self, place: tuple[Key, ...]) -> int:
        """Count the rules at a place, at its fullest value."""
        return max((len(self.keyed.get(key, _NONE)) for key in place), default=len(self.scanned))

    def put(self, compiled: CompiledRule) -> None:
        name = compiled.rule.id
        place = self.place_for(compiled)
        self.places[name] = place
        for key in place:
            self.keyed.setdefault(key, {})[name] = compiled
        if not place:
            self.scanned[name] = compiled

    def drop(self, name: str) -> None:
        for key in self.places.pop(name, ()):
            rules = self.keyed[key]
            del rules[name]
            if not rules:
                del self.keyed[key]
        self.scanned.pop(name, None)

    def candidates(self, call: Call) -> Iterator[CompiledRule]:
        if self.keyed:
            for root, values in (("params", call.params), ("context", call.context)):
                for key in _keys_of((root,), values):
                    yield from list(self.keyed.get(key, _NONE).values())
        yield from list(self.scanned.values())


def _keys_of(path: tuple[str, ...], values: Mapping[str, Any]) -> Iterator[Key]:
    for name, value in values.items():
        here = (*path, name)
        if isinstance(value, Mapping):
            yield from _keys_of(here, value)
        elif not isinstance(value, list):
            yield here, scalar_key(value)
            if isinstance(value, str):
                yield here, scalar_key(value, fold=True)


class Index:
    """Records by call, by family and by what solves them; rules by operation and equality. Callable from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._calls: dict[str, tuple[str, ...]] = {}
        self._families: dict[str, tuple[str, ...]] = {}
        self._solved: dict[str, tuple[str, ...]] = {}
        self._rules: dict[str, _Rules] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self) -> list[Entry]:
        """Return all entries as of now."""
        with self._lock:
            return list(self._entries.values())

    def get(self, name: str) -> Entry | None:
        """Return an entry by its id."""
        return self._entries.get(name)

    def put(self, entry: Entry) -> None:
        """Add an entry, or replace the one with its id by a newer version. An older version changes nothing."""
        with self._lock:
            known = self._entries.get(entry.id)
            if known is not None:
                if entry.version < known.version:
                    return
                self._drop(known)
            self._entries[entry.id] = entry
            self._add(entry)

    def drop(self, name: str) -> None:
        """Forget an entry; an unknown one is nothing."""
        with self._lock:
            known = self._entries.pop(name, None)
            if known is not None:
                self._drop(known)

    def exact(self, call: Call) -> list[Record]:
        """Return the records of this very call."""
        return [e for e in self._named(self._calls, call.fingerprint) if isinstance(e, Record)]

    def solved_by(self, call: Call) -> list[Entry]:
        """Return the entries whose solution this call is."""
        return self._named(self._solved, call.fingerprint)

    def family(self, fingerprint: str) -> list[Entry]:
        """Return records of the same fault in other calls: the first `MOST_RELATIVES` that became known."""
        return self._named(self._families, fingerprint)

    def rules(self, call: Call) -> Iterator[CompiledRule]:
        """Go through the rules that may hold for a call; the caller asks each."""
        rules = self._rules.get(call.operation)
        return iter(()) if rules is None else rules.candidates(call)

    def crowd(self, rule: Rule) -> int:
        """Count the rules that every check which has to ask `rule` would ask besides.

        Raises:
            InvalidRule: the rule can't be read.
        """
        rules, compiled = self._rules.get(rule.operation) or _Rules(), compile_rule(rule)
        return rules.crowd(rules.place_for(compiled))

    def _named(self, table: Mapping[str, tuple[str, ...]], key: str) -> list[Entry]:
        return [entry for name in table.get(key, ()) if (entry := self._entries.get(name)) is not None]

    def _add(self, entry: Entry) -> None:
        if isinstance(entry, Record):
            if entry.fingerprints.algorithm == ALGORITHM:
                _append(self._calls, entry.fingerprints.call, entry.id)
                if len(self._families.get(entry.fingerprints.family, ())) < MOST_RELATIVES:
                    _append(self._families, entry.fingerprints.family, entry.id)
            for key in _solution_keys(entry):
                _append(self._solved, key, entry.id)
        elif isinstance(entry, Rule):
            self._rules.setdefault(entry.operation, _Rules()).put(_compiled(entry))

    def _drop(self, entry: Entry) -> None:
        if isinstance(entry, Record):
            _remove(self._calls, entry.fingerprints.call, entry.id)
            _remove(self._families, entry.fingerprints.family, entry.id)
            for key in _solution_keys(entry):
                _remove(self._solved, key, entry.id)
        elif entry.operation in self._rules:
            self._rules[entry.operation].drop(entry.id)


def _compiled(rule: Rule) -> CompiledRule:
    """Keep a rule that can't be read so that checks of its operation say so, instead of passing as if it weren't."""
    try:
        return compile_rule(rule)
    except InvalidRule as error:
        return CompiledRule(rule, (), str(error))


def _solution_keys(record: Record) -> list[str]:
    if record.solution is None or not record.solution.params:
        return []
    return [call_fingerprint(record.operation, {**record.params, **record.solution.params})]


def _append(table: dict[str, tuple[str, ...]], key: str, name: str) -> None:
    table[key] = (*table.get(key, ()), name)


def _remove(table: dict[str, tuple[str, ...]], key: str, name: str) -> None:
    left = tuple(other for other in table.get(key, ()) if other != name)
    if left:
        table[key] = left
    else:
        table.pop(key, None)
