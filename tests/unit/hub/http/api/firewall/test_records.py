"""Recorded errors."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from hub.http.api.firewall import records
from hub.http.api.firewall.bodies import (
    ChangeBody,
    ConfirmBody,
    NewSolutionBody,
    OutcomeBody,
    RecordsQuery,
    SolutionBody,
    StepBody,
)
from hub.wiring import Hub
from integrations.error_firewall.ports import StoreUnavailable
from tests.unit.hub.http.api.calls import call
from tests.unit.hub.http.api.firewall.memory_firewall import MemoryFirewall, guarded_hub


def with_record() -> tuple[Hub, MemoryFirewall, str]:
    """A hub whose firewall has seen one error."""
    hub, double = guarded_hub()
    record = double.firewall.record("it broke", "build", {"device": "Pixel 9"}, error_type="Broken")
    assert record is not None
    return hub, double, record.id


async def test_a_record_goes_through_its_life() -> None:
    """Each step says who made it and why."""
    hub, _, id = with_record()
    solved = await records.set_solution(hub, call(NewSolutionBody(text="mend", reason="why"), record=id))
    assert (solved.status, solved.solution and solved.solution.text, solved.reason) == ("suggested", "mend", "why")
    suggested = await records.suggest_record(hub, call(StepBody(solution=SolutionBody(text="more")), record=id))
    assert suggested.solution is not None
    assert suggested.solution.text == "more"
    confirmed = await records.confirm_record(hub, call(ConfirmBody(), record=id))
    assert (confirmed.status, confirmed.changed_by) == ("confirmed", "operator")
    retired = await records.retire_record(hub, call(ChangeBody(reason="fixed"), record=id))
    assert (retired.status, retired.reason) == ("retired", "fixed")


async def test_what_succeeded_lately_is_confirmed_only_by_force() -> None:
    """Or it would block what works."""
    hub, double, id = with_record()
    with double.firewall.guarded("build", {"device": "Pixel 9"}):
        pass
    with pytest.raises(ReplyError, match="that succeeded") as refused:
        await records.confirm_record(hub, call(ConfirmBody(), record=id))
    assert refused.value.code is ErrorCode.INVALID_DATA
    assert (await records.confirm_record(hub, call(ConfirmBody(force=True), record=id))).status == "confirmed"


async def test_records_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same on a thread, when there are many."""
    hub, double, id = with_record()
    double.firewall.record("other FAULT", "deploy", {"device": "Pixel 8"}, error_type="Other")
    for many in (records.MANY, 0):
        monkeypatch.setattr(records, "MANY", many)
        found = await records.list_records(hub, call(query=RecordsQuery(text="fault")))
        assert ([one.operation for one in found.records], found.total) == (["deploy"], 1)
        found = await records.list_records(hub, call(query=RecordsQuery(operation="build", status="observed")))
        assert [one.id for one in found.records] == [id]
        found = await records.list_records(hub, call(query=RecordsQuery(limit=1, offset=1)))
        assert ([one.id for one in found.records], found.total) == ([id], 2)


async def test_a_record_is_shown_also_when_the_books_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so then."""
    hub, double, id = with_record()
    whole = await records.get_record(hub, call(record=id))
    assert (whole.record.id, whole.verdicts, whole.partial) == (id, [], None)

    async def fail(*_: object, **__: object) -> list[object]:
        raise StoreUnavailable("away")

    monkeypatch.setattr(double.store, "verdicts", fail)
    assert (await records.get_record(hub, call(record=id))).partial is True


async def test_an_outcome_counts() -> None:
    """For the record, or for one check of it; a check of something else is refused."""
    hub, double, id = with_record()
    verdict = double.firewall.check("build", {"device": "Pixel 9"})
    other = double.firewall.check("deploy")
    await double.firewall._parts.books.flush()
    for check_id, total in ((None, 1), (verdict.check_id, 2), ("not-yet-in-the-books", 3)):
        body = OutcomeBody(kind="worked", check_id=check_id, reason="because")
        assert (await records.report_outcome(hub, call(body, record=id))).evidence.worked == total
    with pytest.raises(ReplyError, match="expected a check that found") as refused:
        await records.report_outcome(hub, call(OutcomeBody(kind="worked", check_id=other.check_id), record=id))
    assert refused.value.code is ErrorCode.CONFLICT


async def test_what_is_not_there_is_not_found() -> None:
    """In every step."""
    hub, _, _ = with_record()
    for handler, body in (
        (records.get_record, None),
        (records.set_solution, NewSolutionBody(text="x")),
        (records.suggest_record, StepBody()),
        (records.confirm_record, ConfirmBody()),
        (records.retire_record, ChangeBody()),
        (records.report_outcome, OutcomeBody(kind="worked")),
    ):
        with pytest.raises(ReplyError) as refused:
            await handler(hub, call(body, record="none"))
        assert refused.value.code is ErrorCode.NOT_FOUND
