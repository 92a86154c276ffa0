"""Suggesting, confirming and retiring: changes that somebody makes by hand, and that are stored before they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from integrations.error_firewall.call import name_of
from integrations.error_firewall.fingerprints import rule_id
from integrations.error_firewall.model import (
    Decision,
    Entry,
    FailMode,
    Predicate,
    Record,
    Requirement,
    Rule,
    Solution,
    Status,
)
from integrations.error_firewall.overriding import visible
from integrations.error_firewall.parts import Parts
from integrations.error_firewall.ports import Conflict, UnknownEntry
from integrations.error_firewall.recording import kept_solution
from integrations.error_firewall.redaction import cut, without_secrets
from integrations.error_firewall.rules import InvalidRule, compile_rule
from integrations.error_firewall.specificity import TooBroad, require_specific

MOST_CROWDED: Final = 500
"""Rules that one check may have to ask: with more of them at one place it would no longer take under 1 ms."""


class Contradicted(ValueError):
    """What should block matches calls that lately succeeded. Its text says how many."""


class Curation:
    """Changes entries by hand. On the event loop."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def suggest(self, name: str, by: str, reason: str | None, changes: Mapping[str, Any]) -> Entry:
        """Give a record or rule a solution, a requirement and so on; an observed one is suggested then.

        Raises:
            UnknownEntry: there is none of this id.
            Conflict: somebody else changed it.
            StoreUnavailable: nothing was changed.
        """
        entry = await self._current(name)
        changed = replace(entry, **changes, **self._signed(by, reason))
        if changed.status is Status.OBSERVED:
            changed = replace(changed, status=Status.SUGGESTED)
        if changed.status is Status.CONFIRMED:
            require_specific(changed)
        return await self._parts.books.save(changed)

    async def propose(
        self,
        operation: str,
        predicates: Sequence[Predicate],
        by: str,
        *,
        error_type: str,
        solution: Solution | str | None,
        action: Decision,
        requirement: Requirement | None,
        fail_mode: FailMode | None,
        expires_at: float | None,
        record_ids: Sequence[str],
        title: str,
        reason: str | None,
    ) -> Rule:
        """Make a rule; it warns until it is confirmed. One with the same conditions is returned as it is.

        Raises:
            InvalidRule: a condition can't be read, or too many rules are alike.
            StoreUnavailable: nothing was changed.
        """
        operation, now = name_of(operation), self._parts.clock.now()
        content = sorted([p.kind.value, p.field, p.argument, p.ignore_case] for p in predicates)
        rule = Rule(
            id=rule_id(operation, content),
            operation=operation,
            error_type=visible(error_type) or "Error",
            solution=kept_solution(solution),
            status=Status.SUGGESTED,
            action=action,
            requirement=requirement,
            fail_mode=fail_mode,
            created_at=now,
            expires_at=expires_at,
            predicates=tuple(predicates),
            record_ids=tuple(record_ids)[:100],
            title=cut(without_secrets(title), 500),
            **self._signed(by, reason),
        )
        compile_rule(rule)
        known = self._parts.knowledge.index.get(rule.id)
        if isinstance(known, Rule) and known.status is not Status.RETIRED:
            return known
        self._require_room(rule)
        if known is not None:
            rule = replace(rule, version=known.version, created_at=known.created_at)
        kept = await self._parts.books.save(rule)
        if not isinstance(kept, Rule):
            raise Conflict(f"{rule.id}: expected a rule; the store keeps another kind of entry by this id")
        return kept

    def _require_room(self, rule: Rule) -> None:
        crowd = self._parts.knowledge.index.crowd(rule)
        if crowd >= MOST_CROWDED:
            raise InvalidRule(
                f"{rule.id}: expected a condition that sets it apart; {crowd} rules of {rule.operation!r} are already "
                "found by the same one. Add an equality on a parameter, or join rules by a list of values."
            )

    async def confirm(self, name: str, by: str, reason: str | None, force: bool, changes: Mapping[str, Any]) -> Entry:
        """Let a record or rule block.

        Raises:
            UnknownEntry: there is none of this id.
            TooBroad: it isn't about something in particular.
            Contradicted: it would have blocked calls that succeeded, and `force` is false.
            Conflict: somebody else changed it.
            StoreUnavailable: nothing was changed.
        """
        entry = await self._current(name)
        changed = replace(entry, **changes, **self._signed(by, reason), status=Status.CONFIRMED)
        require_specific(changed)
        if not force:
            self._require_no_contradiction(changed)
        kept = await self._parts.books.save(changed)
        self._parts.announcer.confirmed(kept)
        return kept

    def _require_no_contradiction(self, entry: Entry) -> None:
        if entry.action is not Decision.BLOCK:
            return
        calls = self._parts.knowledge.recent.of(entry.operation)
        if isinstance(entry, Rule):
            compiled = compile_rule(entry)
            wrong = sum(compiled.holds(call) for call in calls)
        elif isinstance(entry, Record):
            wrong = sum(call.fingerprint == entry.fingerprints.call for call in calls)
        else:
            raise TooBroad(f"{entry.id}: expected a record or a rule")
        if wrong:
            raise Contradicted(
                f"{entry.id}: expected to block only calls that fail; {wrong} of the last {len(calls)} different calls "
                f"of {entry.operation!r} that succeeded would have been blocked. Narrow it, or force it."
            )

    async def retire(self, name: str, by: str, reason: str | None) -> Entry:
        """Let a record or rule say nothing any more. It stays in the books.

        Raises:
            UnknownEntry: there is none of this id.
            Conflict: somebody else changed it.
            StoreUnavailable: nothing was changed.
        """
        entry = await self._current(name)
        return await self._parts.books.save(replace(entry, **self._signed(by, reason), status=Status.RETIRED))

    async def _current(self, name: str) -> Entry:
        await self._parts.books.flush()  # what was seen a moment ago has a version afterwards
        entry = self._parts.knowledge.index.get(name)
        if entry is None:
            await self._parts.following.catch_up()  # somebody else may have made it a moment ago
            entry = self._parts.knowledge.index.get(name)
        if entry is None:
            raise UnknownEntry(f"expected a record or rule that the firewall knows; came {name[:80]!r}")
        return entry

    def _signed(self, by: str, reason: str | None) -> dict[str, Any]:
        name = visible(by)
        if not name:
            raise ValueError("expected who makes this change; came no name")
        told = cut(without_secrets(reason), 1_000) if reason else None
        return {"changed_by": name, "reason": told, "updated_at": self._parts.clock.now()}
