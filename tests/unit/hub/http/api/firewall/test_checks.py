"""Checking, recording and overriding."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.http.api.firewall.bodies import CheckBody, OverrideBody, ReportBody, SolutionBody, VerdictsQuery
from hub.http.api.firewall.checks import (
    check_operation,
    get_firewall_stats,
    list_verdicts,
    override_block,
    record_error,
)
from tests.kit import principal
from tests.unit.hub.http.api.calls import call, put_together
from tests.unit.hub.http.api.firewall.memory_firewall import guarded_hub

REPORT = ReportBody(operation="build", params={"device": "Pixel 9"}, error_type="Broken", message="it broke")
CHECK = CheckBody(operation="build", params={"device": "Pixel 9"})


async def test_a_check_is_answered_and_kept_with_its_caller() -> None:
    """The name is the token's."""
    hub, double = guarded_hub()
    ci = principal("ci", publish=("error_firewall",))
    assert (await check_operation(hub, call(CHECK, caller=ci))).decision == "allow"
    recorded = await record_error(hub, call(REPORT, caller=ci))
    assert (recorded.status, recorded.message, recorded.occurrences) == ("observed", "it broke", 1)
    assert (await check_operation(hub, call(CHECK, caller=ci))).decision == "warn"
    await double.firewall._parts.books.flush()
    books = await list_verdicts(hub, call(query=VerdictsQuery()))
    assert [(one.verdict.decision, one.actor) for one in books.verdicts] == [("warn", "ci"), ("allow", "ci")]
    assert len((await list_verdicts(hub, call(query=VerdictsQuery(decision="warn", limit=1)))).verdicts) == 1


async def test_an_error_may_come_with_its_solution() -> None:
    """It is suggested then."""
    hub, _ = guarded_hub()
    body = REPORT.model_copy(update={"solution": SolutionBody(text="mend it", params={"device": "Pixel 8"})})
    recorded = await record_error(hub, call(body))
    assert recorded.status == "suggested"
    assert recorded.solution is not None
    assert (recorded.solution.text, recorded.solution.params) == ("mend it", {"device": "Pixel 8"})


async def test_an_override_needs_a_permission_and_a_block() -> None:
    """What isn't blocked runs anyway, and nothing is overridden."""
    hub, double = guarded_hub(overriders=("olga",))
    body = OverrideBody(operation="build", params={"device": "Pixel 9"}, reason="I know")
    olga = principal("olga", publish=("error_firewall",))
    assert (await override_block(hub, call(body, caller=olga))).overridden is False
    recorded = await record_error(hub, call(REPORT))
    await double.firewall.confirm(recorded.id, by="x", solution="y")
    allowed = await override_block(hub, call(body, caller=olga))
    assert (allowed.decision, allowed.overridden) == ("allow", True)
    for caller in (Principal("olga"), principal("ci", publish=("error_firewall",))):
        with pytest.raises(ReplyError) as refused:
            await override_block(hub, call(body, caller=caller))
        assert refused.value.code is ErrorCode.PERMISSION_DENIED


async def test_the_numbers_are_those_of_the_firewall() -> None:
    """With what it is set to, and whether it is well."""
    hub, _ = guarded_hub(dry_run=True)
    await check_operation(hub, call(CHECK))
    stats = await get_firewall_stats(hub, call())
    assert (stats.checks, stats.passes, stats.dry_run, stats.degraded, stats.problem) == (1, 1, True, False, None)


async def test_all_of_it_is_off_without_a_firewall() -> None:
    """Each says how to turn it on."""
    hub = put_together()
    for handler, body, query in (
        (check_operation, CHECK, None),
        (override_block, None, None),
        (record_error, REPORT, None),
        (list_verdicts, None, VerdictsQuery()),
        (get_firewall_stats, None, None),
    ):
        with pytest.raises(ReplyError, match=r"error_firewall\.enabled"):
            await handler(hub, call(body, query))
