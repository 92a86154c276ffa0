"""Rules over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from channels.errors import ErrorCode, ReplyError
from hub.adapters.error_firewall import Firewall
from hub.http.api.endpoint import Call, Hub
from hub.http.api.firewall.answers import ErrorRule, ErrorRules
from hub.http.api.firewall.bodies import ChangeBody, ConfirmBody, RuleBody, RuleChangeBody
from hub.http.api.firewall.permission import firewall_for, firewall_of, in_words, name_of
from hub.http.api.firewall.records import changes_of
from hub.http.api.firewall.translation import rule_answer
from integrations.error_firewall.model import Entry, Rule

HEARD_WITHIN: Final = 2.0
"""Seconds that a dropped rule has to leave this process's memory by itself."""


async def list_rules(hub: Hub, call: Call[None, None]) -> ErrorRules:
    """List all rules, those changed last first. For operators, and who may publish on `error_firewall`."""
    firewall = await firewall_for(hub, call.caller)
    rules = [entry for entry in firewall.firewall.index.entries() if isinstance(entry, Rule)]
    rules.sort(key=lambda rule: (-rule.updated_at, rule.id))
    return ErrorRules(rules=[rule_answer(rule) for rule in rules])


async def get_rule(hub: Hub, call: Call[None, None]) -> ErrorRule:
    """Describe a rule. For operators, and who may publish on `error_firewall`."""
    firewall = await firewall_for(hub, call.caller)
    entry = firewall.firewall.index.get(call.named("rule"))
    if entry is None:
        raise ReplyError(ErrorCode.NOT_FOUND, "there is no such rule; GET /api/firewall/rules lists those there are")
    return _answer(entry)


async def make_rule(hub: Hub, call: Call[RuleBody, None]) -> ErrorRule:
    """Make a rule of conditions that must all hold. It warns until it is confirmed. One with the same conditions is
    returned as it is."""
    firewall, body = firewall_of(hub), call.body
    with in_words():
        rule = await firewall.firewall.propose(
            body.operation,
            [predicate.predicate for predicate in body.predicates],
            by=name_of(call.caller),
            error_type=body.error_type,
            solution=None if body.solution is None else body.solution.solution,
            action=body.what_it_says,
            requirement=None if body.requirement is None else body.requirement.requirement,
            fail_mode=body.mode,
            expires_at=None if body.seconds is None else hub.clock.now() + body.seconds,
            record_ids=body.record_ids,
            title=body.title,
            reason=body.reason,
        )
    return rule_answer(rule)


async def change_rule(hub: Hub, call: Call[RuleChangeBody, None]) -> ErrorRule:
    """Change what a rule says; its conditions stay, since they are what it is. Fields that are absent stay too."""
    firewall, body = firewall_of(hub), call.body
    id = _rule_id(firewall, call)
    with in_words():
        return _answer(
            await firewall.firewall.suggest(
                id, by=name_of(call.caller), reason=body.reason, **body.changes(hub.clock.now())
            )
        )


async def delete_rule(hub: Hub, call: Call[None, None]) -> None:
    """Drop a rule with its outcomes. To keep it in the books, retire it."""
    firewall = firewall_of(hub)
    id = _rule_id(firewall, call)
    with in_words():
        await firewall.store.forget([id])
    await _forgotten(firewall, id)


async def _forgotten(firewall: Firewall, id: str) -> None:
    """Wait until this process has heard of it from the database, as the others do.

    Dropped here and now, it could come back for a moment with changes that were read before and are learned after.
    """
    index = firewall.firewall.index
    try:
        async with asyncio.timeout(HEARD_WITHIN):
            while index.get(id) is not None:  # noqa: ASYNC110 - the index tells nobody; it is a matter of milliseconds
                await asyncio.sleep(0.002)
    except TimeoutError:
        index.drop(id)


async def confirm_rule(hub: Hub, call: Call[ConfirmBody, None]) -> ErrorRule:
    """Confirm a rule: from now on it blocks what its conditions hold for, in all processes."""
    firewall, body = firewall_of(hub), call.body
    id = _rule_id(firewall, call)
    with in_words():
        return _answer(
            await firewall.firewall.confirm(
                id, by=name_of(call.caller), reason=body.reason, force=body.force, **changes_of(body)
            )
        )


async def retire_rule(hub: Hub, call: Call[ChangeBody, None]) -> ErrorRule:
    """Retire a rule: from now on it says nothing. It stays in the books."""
    firewall = firewall_of(hub)
    id = _rule_id(firewall, call)
    with in_words():
        return _answer(await firewall.firewall.retire(id, by=name_of(call.caller), reason=call.body.reason))


def _rule_id(firewall: Firewall, call: Call[Any, None]) -> str:
    id = call.named("rule")
    entry = firewall.firewall.index.get(id)
    if entry is not None:
        _answer(entry)
    return id


def _answer(entry: Entry) -> ErrorRule:
    if not isinstance(entry, Rule):
        raise ReplyError(ErrorCode.NOT_FOUND, f"{entry.id} is a record; records are at /api/firewall/records")
    return rule_answer(entry)
