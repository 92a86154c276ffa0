"""Recorded errors over HTTP: find them, take them through their life, and say what came of them."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.errors import ErrorCode, ReplyError
from hub.adapters.error_firewall import Firewall
from hub.http.api.endpoint import Call, Hub
from hub.http.api.firewall.answers import ErrorRecord, ErrorRecordDetails, ErrorRecords
from hub.http.api.firewall.bodies import ChangeBody, ConfirmBody, NewSolutionBody, OutcomeBody, RecordsQuery, StepBody
from hub.http.api.firewall.permission import firewall_for, firewall_of, in_words, name_of
from hub.http.api.firewall.translation import audited_answer, outcome_answer, record_answer
from integrations.error_firewall.model import Entry, OutcomeKind, Record, Verdict
from integrations.error_firewall.ports import StoreUnavailable

MANY = 2_000
"""Entries from which a search is done on a thread: beside the loop, not on it."""
NEWEST = 20
"""Verdicts and outcomes that a record is shown with."""


async def list_records(hub: Hub, call: Call[None, RecordsQuery]) -> ErrorRecords:
    """Find recorded errors, the newest sighting first. For operators, and who may publish on `error_firewall`."""
    firewall, query = await firewall_for(hub, call.caller), call.query
    entries = firewall.firewall.index.entries()
    if len(entries) > MANY:
        found = await asyncio.to_thread(_found, entries, query)
    else:
        found = _found(entries, query)
    page = found[query.offset : query.offset + query.limit]
    return ErrorRecords(records=[record_answer(record) for record in page], total=len(found))


def _found(entries: list[Entry], query: RecordsQuery) -> list[Record]:
    text = (query.text or "").casefold()
    found = [
        entry
        for entry in entries
        if isinstance(entry, Record)
        and query.status in (None, entry.status.value)
        and query.operation in (None, entry.operation)
        and (not text or text in _text_of(entry))
    ]
    found.sort(key=lambda record: (-record.last_seen, record.id))
    return found


def _text_of(record: Record) -> str:
    solution = record.solution.text if record.solution else ""
    return f"{record.id}\n{record.error_type}\n{record.message}\n{solution}".casefold()


async def get_record(hub: Hub, call: Call[None, None]) -> ErrorRecordDetails:
    """Describe a recorded error, with the newest verdicts and outcomes. `partial`: the books can't be read now. For
    operators, and who may publish on `error_firewall`."""
    firewall = await firewall_for(hub, call.caller)
    record = _record(firewall, call.named("record"))
    try:
        verdicts, outcomes = await asyncio.gather(
            firewall.store.verdicts(entry_id=record.id, limit=NEWEST), firewall.store.outcomes(record.id, NEWEST)
        )
    except StoreUnavailable:
        return ErrorRecordDetails(record=record_answer(record), verdicts=[], outcomes=[], partial=True)
    return ErrorRecordDetails(
        record=record_answer(record),
        verdicts=[audited_answer(audited) for audited in verdicts],
        outcomes=[outcome_answer(outcome) for outcome in outcomes],
    )


def _record(firewall: Firewall, id: str) -> Record:
    entry = firewall.firewall.index.get(id)
    if not isinstance(entry, Record):
        raise ReplyError(ErrorCode.NOT_FOUND, "there is no such record; GET /api/firewall/records lists them")
    return entry


def _answer(entry: Entry) -> ErrorRecord:
    if not isinstance(entry, Record):
        raise ReplyError(ErrorCode.NOT_FOUND, f"{entry.id} is a rule; rules are at /api/firewall/rules")
    return record_answer(entry)


def require_no_rule(firewall: Firewall, id: str) -> str:
    """Return the id of a record, also of one that this process may not know yet.

    Raises:
        ReplyError: `not_found`; it is a rule's.
    """
    entry = firewall.firewall.index.get(id)
    if entry is not None:
        _answer(entry)
    return id


async def set_solution(hub: Hub, call: Call[NewSolutionBody, None]) -> ErrorRecord:
    """Say what to do instead. An observed record is suggested then."""
    firewall, body = firewall_of(hub), call.body
    id = require_no_rule(firewall, call.named("record"))
    with in_words():
        return _answer(
            await firewall.firewall.suggest(id, by=name_of(call.caller), reason=body.reason, solution=body.solution)
        )


async def suggest_record(hub: Hub, call: Call[StepBody, None]) -> ErrorRecord:
    """Propose a record for confirmation. It warns, as an observed one does."""
    firewall, body = firewall_of(hub), call.body
    id = require_no_rule(firewall, call.named("record"))
    with in_words():
        return _answer(
            await firewall.firewall.suggest(id, by=name_of(call.caller), reason=body.reason, **changes_of(body))
        )


async def confirm_record(hub: Hub, call: Call[ConfirmBody, None]) -> ErrorRecord:
    """Confirm a record: from now on the same call is blocked, in all processes. It is published as
    `solution_confirmed`."""
    firewall, body = firewall_of(hub), call.body
    id = require_no_rule(firewall, call.named("record"))
    with in_words():
        return _answer(
            await firewall.firewall.confirm(
                id, by=name_of(call.caller), reason=body.reason, force=body.force, **changes_of(body)
            )
        )


def changes_of(body: StepBody) -> dict[str, Any]:
    """Return what a step changes besides."""
    return {} if body.solution is None else {"solution": body.solution.solution}


async def retire_record(hub: Hub, call: Call[ChangeBody, None]) -> ErrorRecord:
    """Retire a record: from now on it says nothing. It stays in the books."""
    firewall = firewall_of(hub)
    id = require_no_rule(firewall, call.named("record"))
    with in_words():
        return _answer(await firewall.firewall.retire(id, by=name_of(call.caller), reason=call.body.reason))


async def report_outcome(hub: Hub, call: Call[OutcomeBody, None]) -> ErrorRecord:
    """Say what came of a block, a warning or a solution. It counts in the confidence; one that falls takes a
    confirmation back. For operators, and who may publish on `error_firewall`."""
    firewall, body = await firewall_for(hub, call.caller), call.body
    record = _record(firewall, call.named("record"))
    target = await _verdict(firewall, record, body.check_id)
    with in_words():
        return _answer(
            firewall.firewall.report_outcome(
                target or record.id, OutcomeKind(body.kind), actor=name_of(call.caller), reason=body.reason
            )
        )


async def _verdict(firewall: Firewall, record: Record, check_id: str | None) -> Verdict | None:
    """Return the verdict that an outcome is about; `None` when there is none, or it isn't in the books yet."""
    if check_id is None:
        return None
    with in_words():
        audited = await firewall.store.verdict(check_id)
    if audited is None:
        return None
    match = audited.verdict.match
    if match is None or match.entry_id != record.id:
        raise ReplyError(ErrorCode.CONFLICT, f"check_id: expected a check that found {record.id}; leave it out")
    return audited.verdict
