"""Checking, recording and overriding over HTTP, and the books about it."""

from __future__ import annotations

from typing import Final

from channels.errors import ErrorCode, ReplyError
from hub.http.api.endpoint import Call, Hub
from hub.http.api.firewall.answers import AuditedVerdicts, ErrorRecord, FirewallStatistics, FirewallVerdict
from hub.http.api.firewall.bodies import CheckBody, OverrideBody, ReportBody, VerdictsQuery
from hub.http.api.firewall.permission import firewall_for, firewall_of, in_words, name_of, require_override
from hub.http.api.firewall.translation import audited_answer, record_answer, verdict_answer
from integrations.error_firewall.model import Decision
from integrations.error_firewall.overriding import Override

_ROUNDING: Final = 0.75e-6
"""Seconds. Times are told to the microsecond: the verdict whose time is given isn't to come again."""


async def check_operation(hub: Hub, call: Call[CheckBody, None]) -> FirewallVerdict:
    """Ask whether an operation may run. A block is an answer, not an error: its status is 200. For operators, and who
    may publish on `error_firewall`."""
    firewall, body = await firewall_for(hub, call.caller), call.body
    verdict = await firewall.check(body.operation, body.params, body.context, name_of(call.caller))
    return verdict_answer(verdict)


async def override_block(hub: Hub, call: Call[OverrideBody, None]) -> FirewallVerdict:
    """Check an operation that is to run even if it is blocked; who says so, and why, is kept and published. For
    operators, and users named in `error_firewall.overriders` who may publish on `error_firewall`."""
    firewall, body = await firewall_for(hub, call.caller), call.body
    require_override(firewall, call.caller)
    actor = name_of(call.caller)
    override = Override(body.reason, actor)
    return verdict_answer(await firewall.check(body.operation, body.params, body.context, actor, override))


async def record_error(hub: Hub, call: Call[ReportBody, None]) -> ErrorRecord:
    """Record an error that happened. It is known at once, and in the database within a second. For operators, and who
    may publish on `error_firewall`."""
    firewall, body = await firewall_for(hub, call.caller), call.body
    record = firewall.firewall.record(
        body.message,
        body.operation,
        body.params,
        body.context,
        error_type=body.error_type,
        solution=None if body.solution is None else body.solution.solution,
    )
    if record is None:
        message = f"the error could not be recorded; {len(firewall.firewall.index)} entries are known, and "
        raise ReplyError(ErrorCode.UNAVAILABLE, f"{message}error_firewall.entries is {firewall.options.entries}")
    return record_answer(record)


async def list_verdicts(hub: Hub, call: Call[None, VerdictsQuery]) -> AuditedVerdicts:
    """Read the books, newest first: what was answered to whom, and why. For the next page give `before` the last one's
    `at`."""
    query = call.query
    with in_words():
        verdicts = await firewall_of(hub).store.verdicts(
            operation=query.operation,
            entry_id=query.entry,
            decision=None if query.decision is None else Decision(query.decision),
            before=None if query.before is None else query.before.timestamp() - _ROUNDING,
            limit=query.limit,
        )
    return AuditedVerdicts(verdicts=[audited_answer(audited) for audited in verdicts])


async def get_firewall_stats(hub: Hub, call: Call[None, None]) -> FirewallStatistics:
    """Tell how the firewall is, and what it did in this process since its start. For operators, and who may publish on
    `error_firewall`."""
    adapter = await firewall_for(hub, call.caller)
    firewall = adapter.firewall
    numbers, problems = firewall.statistics, firewall.problems
    records, rules = adapter.by_status()
    return FirewallStatistics(
        checks=numbers.checks,
        passes=numbers.passes,
        warns=numbers.warns,
        blocks=numbers.blocks,
        would_block=numbers.would_block,
        overrides=numbers.overrides,
        false_blocks=numbers.false_blocks,
        false_warnings=numbers.false_warnings,
        false_block_rate=numbers.false_block_rate,
        degraded_checks=numbers.degraded,
        recorded=numbers.recorded,
        failed=numbers.failed,
        unwritten=numbers.unwritten,
        entries=numbers.entries,
        records=records,
        rules=rules,
        dry_run=adapter.options.dry_run,
        fail_mode=adapter.options.fail_mode,
        degraded=bool(problems),
        problem="; ".join(problems) or None,
    )
